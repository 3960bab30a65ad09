/** One estimate of each parameter, where metrics and separate measurements both tell of it. */
import type { Estimate } from "../estimate.ts";
import type { Finding } from "../fit-report.ts";
import type { Parameter } from "./parameter.ts";

/** Factor between two estimates of one thing beyond which they are said to contradict each other. */
const contradictionMin = 1.2;

/**
 * What is identified stands before what is not. Of two that are, what production's own metrics say stands before another
 * test, save for bursts, of which times of single arrivals say more than counts do. Estimates that contradict each other
 * are both told.
 */
export function mergeParameters(
  readOff: readonly Parameter[],
  separate: readonly Parameter[],
): { readonly parameters: readonly Parameter[]; readonly findings: readonly Finding[] } {
  const parameters = new Map(readOff.map((each) => [each.name, each]));
  const findings: Finding[] = [];
  for (const fresh of separate) {
    const before = parameters.get(fresh.name);
    if (before !== undefined) findings.push(...contradiction(before, fresh));
    if (before === undefined || isBetter(fresh, before)) parameters.set(fresh.name, fresh);
  }
  return { parameters: [...parameters.values()], findings };
}

const ranks: Readonly<Record<Estimate["state"], number>> = {
  identified: 3,
  "only-a-bound": 2,
  "only-a-combination": 1,
  "not-identified": 0,
};

function isBetter({ name, estimate }: Parameter, { estimate: before }: Parameter): boolean {
  if (ranks[estimate.state] !== ranks[before.state])
    return ranks[estimate.state] > ranks[before.state];
  return before.state !== "identified" || name === "workload.self-excitation";
}

function contradiction(a: Parameter, b: Parameter): readonly Finding[] {
  if (a.estimate.value === null || b.estimate.value === null) return contradictedBound(a, b);
  const areKnown = a.estimate.state === "identified" && b.estimate.state === "identified";
  const factor = b.estimate.value / a.estimate.value;
  if (!areKnown || Math.max(factor, 1 / factor) < contradictionMin || touch(a, b)) return [];
  return [contradictory(a, b)];
}

/** A bound of one that the whole interval of the other lies beyond. */
function contradictedBound(a: Parameter, b: Parameter): readonly Finding[] {
  return a.estimate.interval === null || b.estimate.interval === null || touch(a, b)
    ? []
    : [contradictory(a, b)];
}

function touch({ estimate: a }: Parameter, { estimate: b }: Parameter): boolean {
  const [lowA, highA] = a.interval ?? [null, null];
  const [lowB, highB] = b.interval ?? [null, null];
  const isBelow = (high: number | null, low: number | null) =>
    high !== null && low !== null && high < low;
  return !isBelow(highA, lowB) && !isBelow(highB, lowA);
}

function contradictory(a: Parameter, b: Parameter): Finding {
  const told = ({ estimate: { value, interval, why } }: Parameter) =>
    `${value?.toPrecision(4) ?? interval?.map((each) => each?.toPrecision(4) ?? "?").join(" to ")} (${why})`;
  return {
    severity: "warning",
    what: `${a.name}: two measurements contradict each other, ${told(a)} and ${told(b)}. Find out which of them saw another load, version or number of tasks`,
  };
}
