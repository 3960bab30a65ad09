import { type Interval, pairedInterval } from "../../kernel/statistics/intervals.ts";
import { confidence, type EnsembleResults, ensembleOf } from "./ensemble-results.ts";
import type { RunSummary } from "./run-summary.ts";

/** One design of a sweep over its seeds. */
export interface DesignResults {
  /** Value of each path that varies. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly results: EnsembleResults;
  /** How much it exceeds the first design, seed by seed. */
  readonly overFirst: readonly PairedDifference[];
}

/** What a design changes, from runs that saw the same arrivals and the same luck. */
export interface PairedDifference {
  /** `matching.rtoSeconds`, `queue.lostCount`. */
  readonly quantity: string;
  /** Of this design minus the first; it rests on `count` pairs. */
  readonly difference: Interval;
}

/** Sums up designs that were run with the same seeds; the first is what the others are compared with. */
export function sweepOf(
  designs: readonly {
    readonly values: Readonly<Record<string, unknown>>;
    readonly runs: readonly RunSummary[];
  }[],
): readonly DesignResults[] {
  const first = designs[0]?.runs ?? [];
  return designs.map(({ values, runs }) => ({
    values,
    results: ensembleOf(runs),
    overFirst: quantitiesOf(runs).map((quantity) => ({
      quantity,
      difference: differenceOf(quantity, first, runs),
    })),
  }));
}

/** Names of what is compared, which every run has. */
function quantitiesOf(runs: readonly RunSummary[]): readonly string[] {
  const [run] = runs;
  if (run === undefined) return [];
  return [
    ...run.functions.flatMap((each) => [
      `${each.function}.rtoSeconds`,
      `${each.function}.latencyMsP99`,
      `${each.function}.goodputPerSecond`,
    ]),
    ...run.rpo.map(({ acceptance }) => `${acceptance}.lostCount`),
  ];
}

function differenceOf(
  quantity: string,
  first: readonly RunSummary[],
  runs: readonly RunSummary[],
): Interval {
  const before: number[] = [];
  const after: number[] = [];
  for (const [at, run] of runs.entries()) {
    const one = first[at] === undefined ? undefined : quantityIn(quantity, first[at]);
    const other = quantityIn(quantity, run);
    if (one === undefined || other === undefined) continue;
    before.push(one);
    after.push(other);
  }
  return pairedInterval(before, after, { confidence });
}

/** Undefined where there is no number to subtract: a recovery that never came, or one without a baseline. */
function quantityIn(quantity: string, run: RunSummary): number | undefined {
  const [place = "", what = ""] = quantity.split(".");
  if (what === "lostCount") {
    return run.rpo.find(({ acceptance }) => acceptance === place)?.lostCount;
  }
  const result = run.functions.find((each) => each.function === place);
  if (result === undefined) return undefined;
  switch (what) {
    case "rtoSeconds":
      return result.censored || !run.baseline.healthy ? undefined : result.rtoSeconds;
    case "latencyMsP99":
      return result.latencyMsP99;
    default:
      return result.goodputPerSecond;
  }
}
