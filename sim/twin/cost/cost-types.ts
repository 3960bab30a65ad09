import type { FactConfidence } from "../../facts/facts.ts";
import type { Parameters } from "../../facts/parameter.ts";

/** One line of a bill: what one component pays for one thing. */
export interface CostLine {
  /** Component id; `data-transfer` for what belongs to no component. */
  readonly component: string;
  readonly service: string;
  readonly region: string;
  /** Key of the price catalogue. */
  readonly price: string;
  readonly what: string;
  readonly unit: string;
  readonly follows: "load" | "time";
  /** Units during the run, warm-up included, and their cost at `runUnitUsd`. */
  readonly runQuantity: number;
  readonly runUsd: number;
  /** US dollars a unit during the run: that of the tier which the month reaches at the load that the scenario states. */
  readonly runUnitUsd: number;
  /** Units of a month that goes on like the judged part of the run, day and night. */
  readonly steadyQuantity: number;
  /** Units of a month that are there however little comes. */
  readonly leastQuantity: number;
  /** Units of a month, the load factor applied to what follows the load. */
  readonly monthQuantity: number;
  /** Tier by tier. */
  readonly monthUsd: number;
  /** Part of the price that is paid after commitments, 0..1. */
  readonly payShare: number;
  /** Whether the price was remembered or scaled, so that nobody should quote the line unchecked. */
  readonly doubtful: boolean;
  readonly confidence: FactConfidence;
  readonly asOf: string;
  readonly source: string;
  /** Kind of commitment that would make it cheaper; empty when none does. */
  readonly commitment: string;
}

/** What a run cost, and what a month of it would. */
export interface CostResult {
  /** Mean load of the month over the load of the judged part of the run, 0..1 and above. */
  readonly monthFactor: number;
  /** Seconds from the end of the warm-up to the end of the run, of which the month is made. */
  readonly judgedSeconds: number;
  readonly runUsd: number;
  readonly monthUsd: number;
  /** Mean over the judged part of the run, at the prices of the run. */
  readonly usdPerHour: number;
  /** Requests a second that clients sent in the judged part. */
  readonly requestsPerSecond: number;
  /** Month's cost by requests a second of the judged part; `null` when there were none. */
  readonly monthUsdPerRps: number | null;
  readonly lines: readonly CostLine[];
  /** Components that nothing meters, so that the bill is without them. */
  readonly unmetered: readonly string[];
  readonly assumptions: Parameters;
}
