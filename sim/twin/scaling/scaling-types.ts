import type { ObjectiveSpec } from "../results/objective-types.ts";
import type { BusinessFunction } from "../topology-types.ts";

/** What a run that simulates a sample of its symbols and users says about itself. */
export interface ScalingResult {
  /** One of so many. */
  readonly oneOf: number;
  /** Share of the whole load that the sampled symbols draw, 0..1; shared stations have that share of their servers. */
  readonly loadShare: number;
  /** Load of a sampled user's own partitions against that of an exact run; 1 is as much. */
  readonly userLoad: number;
  readonly stations: readonly ScaledStation[];
  /** Components that are shared and were left as they are, because nothing of theirs can be divided. */
  readonly leftWhole: readonly string[];
  /** Ids of the objectives that no sample can judge: losses, counts, bills, outages of what is divided. */
  readonly notJudged: readonly string[];
}

/** A number of a shared component that was made smaller. */
export interface ScaledStation {
  readonly component: string;
  readonly what: string;
  readonly from: number;
  readonly to: number;
}

/**
 * Whether a sample can judge an objective: shares of good outcomes and how long they are bad can be sampled; what was lost is
 * a count of rare things, and bills and recorded totals are sums over the whole. The outage of a function that rests on
 * divided components (`divided`) is that of its worst partition, which as a rule is not in the sample.
 */
export function isJudgedOnSample(
  objective: ObjectiveSpec,
  divided: ReadonlySet<BusinessFunction>,
): boolean {
  switch (objective.kind) {
    case "rpo":
    case "rpo-age":
    case "measure":
    case "cost":
      return false;
    case "rto":
    case "error-budget":
    case "burn-rate":
      return !divided.has(objective.function);
    default:
      return true;
  }
}
