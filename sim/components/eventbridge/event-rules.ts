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

/** What an event must be about. It has no state. */
export class EventPattern {
  readonly #fabric: Fabric;
  readonly #kinds: readonly number[] | undefined;
  readonly #marketSteps: boolean;
  readonly #symbols: ReadonlySet<number> | undefined;

  constructor(fabric: Fabric, { events, symbols }: Pick<EventRuleSpec, "events" | "symbols">) {
    this.#fabric = fabric;
    this.#kinds = events?.flatMap((name) => (name === "market-step" ? [] : [kindOf[name]]));
    this.#marketSteps = events?.includes("market-step") ?? true;
    this.#symbols = symbols === undefined ? undefined : new Set(symbols);
  }

  matches(record: number): boolean {
    const { requests } = this.#fabric;
    if (this.#symbols !== undefined && !this.#symbols.has(requests.symbolOf(record))) return false;
    if (isMarketStep(record)) return this.#marketSteps;
    return this.#kinds === undefined || this.#kinds.includes(requests.column.kind[record]!);
  }
}

interface Rule {
  readonly pattern: EventPattern;
  readonly targets: readonly number[];
}

/** Which targets an event goes to. It has no state. */
export class EventRules {
  readonly targets: readonly NumberedTarget[];
  readonly ids: readonly string[];
  readonly #rules: readonly Rule[];

  constructor(fabric: Fabric, rules: readonly EventRuleSpec[]) {
    const targets: NumberedTarget[] = [];
    this.ids = rules.map(({ id }) => id);
    this.#rules = rules.map((rule) => ({
      pattern: new EventPattern(fabric, rule),
      targets: rule.sendTo.map((target) => targets.push({ rule: rule.id, target }) - 1),
    }));
    this.targets = targets;
  }

  /**
   * Calls `visit` with each target that an event goes to; returns how many rules it matched. With `only`, a number for each rule, those
   * with 0 are left out.
   */
  match(
    record: number,
    serial: number,
    visit: (record: number, target: number, serial: number) => void,
    only?: Uint8Array,
  ): number {
    let matched = 0;
    for (let rule = 0; rule < this.#rules.length; rule += 1) {
      const { pattern, targets } = this.#rules[rule]!;
      if (only?.[rule] === 0 || !pattern.matches(record)) continue;
      matched += 1;
      for (const target of targets) visit(record, target, serial);
    }
    return matched;
  }
}
