import { copiesOf } from "../platform/copies.ts";
import type { Topology } from "../topology-types.ts";
import type { ComponentLoad } from "./component-loads.ts";
import type { RunSummary } from "./run-summary.ts";

/** A component that shows signs of having reached a limit. */
export interface Suspect {
  /** Id as the topology declares it. */
  readonly component: string;
  readonly service: string;
  /** Greater is worse; orders suspects, and means nothing by itself. */
  readonly pressure: number;
  /** What was seen, the strongest first. */
  readonly signs: readonly string[];
}

/** Mean share of a capacity from which it is called full. */
const fullShare = 0.85;
/** Shares of the load that count as a sign: calls turned away, and growth of a line a second. */
const throttledShareMin = 0.0005;
const growthShareMin = 0.002;
/** Time in a component that counts as grown: against the run that held, and in milliseconds. */
const slowerFactor = 1.5;
const slowerMsMin = 5;

interface Sign {
  readonly component: string;
  readonly pressure: number;
  readonly text: string;
}

/**
 * Components with signs of a limit in the run just above the knee, the worst first. What a caller feels of a full callee
 * is a sign on the caller too, so the order is a suspicion: lifting limits one by one turns it into a finding.
 */
export function suspectsOf(
  topology: Topology,
  above: RunSummary,
  below: RunSummary | undefined,
  ratePerSecond: number,
): readonly Suspect[] {
  const copies = copiesOf(topology);
  const declaredOf = (id: string) => copies.find((copy) => copy.id === id)?.declared.id ?? id;
  const consumerOf = (queue: string) =>
    topology.components.find(
      (spec) => spec.service === "matching-service" && spec.queue === declaredOf(queue),
    )?.id;
  const signs = [
    ...above.loads.flatMap((load) => signsOf(load, ratePerSecond, consumerOf)),
    ...(below === undefined ? [] : slowerSigns(above, below)),
  ];
  const byComponent = new Map<string, Sign[]>();
  for (const sign of signs) {
    const id = declaredOf(sign.component);
    byComponent.set(id, [...(byComponent.get(id) ?? []), sign]);
  }
  return [...byComponent]
    .map(([component, own]): Suspect => {
      const worst = own.toSorted((a, b) => b.pressure - a.pressure);
      return {
        component,
        service: topology.components.find(({ id }) => id === component)?.service ?? "",
        pressure: worst[0]?.pressure ?? 0,
        signs: [...new Set(worst.map(({ text }) => text))].slice(0, 3),
      };
    })
    .sort((a, b) => b.pressure - a.pressure || (a.component < b.component ? -1 : 1));
}

function signsOf(
  load: ComponentLoad,
  ratePerSecond: number,
  consumerOf: (queue: string) => string | undefined,
): readonly Sign[] {
  const { component, throttledPerSecond, utilisation, queues, errorsPerSecond } = load;
  const signs: Sign[] = [];
  const throttledShare = throttledPerSecond / ratePerSecond;
  if (throttledShare >= throttledShareMin) {
    const text = `turned away ${throttledPerSecond.toFixed(1)} calls/s`;
    signs.push({ component, pressure: 2 + Math.min(1, throttledShare), text });
  }
  for (const { what, share } of utilisation) {
    if (share < fullShare) continue;
    signs.push({
      component,
      pressure: 1 + share,
      text: `${what} ${(100 * share).toFixed(0)} % in use`,
    });
  }
  for (const { what, unit, growthPerSecond } of queues) {
    // An age grows by a second a second when nothing is served.
    const share = unit === "s" ? growthPerSecond : growthPerSecond / ratePerSecond;
    if (share < growthShareMin) continue;
    const text = `${what} grew by ${growthPerSecond.toFixed(2)} ${unit} a second`;
    const pressure = 1.5 + Math.min(1, share);
    signs.push({ component, pressure, text });
    // Messages pile up where whoever takes them is too slow.
    const consumer = consumerOf(component);
    if (consumer !== undefined) {
      signs.push({ component: consumer, pressure: pressure + 0.01, text: `${component}: ${text}` });
    }
  }
  if (errorsPerSecond / ratePerSecond >= throttledShareMin) {
    const text = `${errorsPerSecond.toFixed(1)} errors/s of its own`;
    signs.push({ component, pressure: 0.5, text });
  }
  return signs;
}

/** Components in which good requests spent more time than just below the knee. */
function slowerSigns(above: RunSummary, below: RunSummary): readonly Sign[] {
  return above.timeSpent.flatMap(({ flow, component, meanMs }): readonly Sign[] => {
    const before =
      below.timeSpent.find((each) => each.flow === flow && each.component === component)?.meanMs ??
      0;
    if (meanMs < before * slowerFactor || meanMs - before < slowerMsMin) return [];
    const text = `${flow} spent ${meanMs.toFixed(0)} ms in it instead of ${before.toFixed(0)}`;
    return [{ component, pressure: Math.min(0.99, meanMs / 10_000), text }];
  });
}
