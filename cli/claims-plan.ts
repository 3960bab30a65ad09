/** What the claims are judged by, as data: scenarios, seeds, searches, ranges, budgets. */
import strategy from "../scenarios/claims/claims.json" with { type: "json" };
import type { AssumptionRange, Claim } from "../sim/twin/claims/claim-types.ts";
import type { TornadoPlan } from "../sim/twin/claims/tornado.ts";

/** The claims, and how much evidence each scenario gives. */
export interface ClaimsPlan {
  readonly claims: readonly Claim[];
  /** Seeds of each scenario; 1 for those that are not named. */
  readonly seeds: Readonly<Record<string, number>>;
  /** Searches for the highest load, by id. */
  readonly capacities: Readonly<Record<string, CapacityPlan>>;
  /** Most requests that may be simulated; published, and held by the audit. */
  readonly budget: { readonly perClaim: number; readonly inAll: number };
  /** Left out when only some claims are asked for. */
  readonly tornado?: TornadoPlan;
  readonly tree?: readonly TreeStepPlan[];
}

export interface CapacityPlan {
  /** Lends workload, objectives and platform. */
  readonly scenario: string;
  /** Whether fleets begin at the size that target tracking would come to, or as declared. */
  readonly fleets: "scaled" | "declared";
  readonly warmUpSeconds: number;
  readonly measureSeconds: number;
  readonly tolerancePercent: number;
  readonly startPerSecond: number;
  readonly maxPerSecond: number;
}

/** A step of the strategy's tree, in its order. */
export interface TreeStepPlan {
  readonly id: string;
  readonly words: string;
  readonly strategyPerSecond: number;
  readonly capacity: string;
}

/** What the strategy claims; the casts say what JSON cannot: `claims.json` is read by the tests of its rules. */
export const strategyClaims: ClaimsPlan = {
  claims: strategy.claims,
  seeds: strategy.seeds,
  capacities: strategy.capacities as ClaimsPlan["capacities"],
  budget: strategy.budget,
  tornado: strategy.tornado as TornadoPlan,
  tree: strategy.tree,
};

/** One end of the range of an assumption. */
export interface Variant {
  readonly range: AssumptionRange;
  readonly value: unknown;
}

/** Both ends of each range. */
export function variantsOf(ranges: readonly AssumptionRange[]): readonly Variant[] {
  return ranges.flatMap((range) =>
    [range.low, range.high].map((value): Variant => ({ range, value })),
  );
}

/** Names a scenario or a search, with one assumption elsewhere in its range. */
export function keyOf(id: string, variant: Variant | undefined): string {
  if (variant === undefined) return id;
  return `${id} ${variant.range.path}=${JSON.stringify(variant.value)}`;
}
