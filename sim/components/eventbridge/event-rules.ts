import type { Fabric } from "../fabric/fabric.ts";
import { isMarketStep, requestKind } from "../fabric/requests.ts";
import type { EventName, EventRuleSpec, EventTargetSpec } from "./eventbridge-spec.ts";

/** A target with the rule that leads to it; deliveries name it by its number. */
export interface NumberedTarget {
  readonly rule: string;
  readonly target: EventTargetSpec;
}

const kindOf: Readonly<Record<Exclude<EventName, "market-step">, number>> = {
  place: requestKind.placeOrder,
  amend: requestKind.amendOrder,
  cancel: requestKind.cancelOrder,
};

interface Pattern {
  readonly kinds: readonly number[] | undefined;
  readonly marketSteps: boolean;
  readonly symbols: ReadonlySet<number> | undefined;
  readonly targets: readonly number[];
}

/** Which targets an event goes to. It has no state. */
export class EventRules {
  readonly targets: readonly NumberedTarget[];
  readonly #fabric: Fabric;
  readonly #patterns: readonly Pattern[];

  constructor(fabric: Fabric, rules: readonly EventRuleSpec[]) {
    this.#fabric = fabric;
    const targets: NumberedTarget[] = [];
    this.#patterns = rules.map(({ id, events, symbols, sendTo }) => ({
      kinds: events?.flatMap((name) => (name === "market-step" ? [] : [kindOf[name]])),
      marketSteps: events?.includes("market-step") ?? true,
      symbols: symbols === undefined ? undefined : new Set(symbols),
      targets: sendTo.map((target) => targets.push({ rule: id, target }) - 1),
    }));
    this.targets = targets;
  }

  /** Calls `visit` with each target that an event goes to; returns how many rules it matched. */
  match(
    record: number,
    serial: number,
    visit: (record: number, target: number, serial: number) => void,
  ): number {
    const { requests } = this.#fabric;
    const symbol = requests.symbolOf(record);
    let matched = 0;
    for (const { kinds, marketSteps, symbols, targets } of this.#patterns) {
      if (symbols !== undefined && !symbols.has(symbol)) continue;
      if (isMarketStep(record)) {
        if (!marketSteps) continue;
      } else if (kinds !== undefined && !kinds.includes(requests.column.kind[record]!)) continue;
      matched += 1;
      for (const target of targets) visit(record, target, serial);
    }
    return matched;
  }
}
