import { claimRules } from "./claim-rules.ts";
import type { AssumptionRange, Claim, EvidenceDesk, Judgement, Verdict } from "./claim-types.ts";

/** How a verdict fares at the ends of one assumption's range. */
export interface RangeCheck {
  readonly range: AssumptionRange;
  readonly atLow: Pick<Judgement, "verdict" | "figure">;
  readonly atHigh: Pick<Judgement, "verdict" | "figure">;
}

/** `exact`: facts and arithmetic only. `robust`: the same at both ends of every range. `unchecked`: no range was tried. */
export type Sturdiness = "exact" | "robust" | "fragile" | "unchecked";

export interface JudgedClaim extends Judgement {
  readonly claim: Claim;
  readonly sturdiness: Sturdiness;
  readonly ranges: readonly RangeCheck[];
}

/** Evidence made with one parameter elsewhere in its range; `undefined` when it was not gathered. */
export type DeskAt = (range: AssumptionRange, value: unknown) => EvidenceDesk | undefined;

export function judgeClaim(claim: Claim, desk: EvidenceDesk, deskAt: DeskAt): JudgedClaim {
  const rule = claimRules[claim.id];
  if (rule === undefined) throw new Error(`Claim ${claim.id} has no rule`);
  const judgement = rule(claim, desk);
  const ranges = (claim.ranges ?? []).flatMap((range): readonly RangeCheck[] => {
    const [low, high] = [deskAt(range, range.low), deskAt(range, range.high)];
    if (low === undefined || high === undefined) return [];
    return [{ range, atLow: shortOf(rule(claim, low)), atHigh: shortOf(rule(claim, high)) }];
  });
  const sturdiness = sturdinessOf(claim, judgement.verdict, ranges);
  const { restsOnAssumption = false, settledBy, ifRight, ...decided } = judgement;
  if (!restsOnAssumption) return { ...judgement, claim, ranges, sturdiness };
  if (sturdiness === "robust") return { ...decided, claim, ranges, sturdiness };
  // The assumption decides: what was found is what follows if it is right.
  return {
    ...decided,
    verdict: "cannot-be-tested",
    ...(settledBy === undefined ? {} : { settledBy }),
    ...(ifRight === undefined ? {} : { ifRight }),
    claim,
    ranges,
    sturdiness,
  };
}

function shortOf({ verdict, figure }: Judgement): RangeCheck["atLow"] {
  return { verdict, ...(figure === undefined ? {} : { figure }) };
}

function sturdinessOf(claim: Claim, verdict: Verdict, ranges: readonly RangeCheck[]): Sturdiness {
  if (claim.scenarios === undefined && claim.capacities === undefined) return "exact";
  if (ranges.length === 0) return "unchecked";
  const isSame = ranges.every(
    ({ atLow, atHigh }) => atLow.verdict === verdict && atHigh.verdict === verdict,
  );
  return isSame ? "robust" : "fragile";
}

/** How many claims came to each verdict. */
export function verdictCounts(judged: readonly Judgement[]): Readonly<Record<Verdict, number>> {
  const count = (verdict: Verdict) => judged.filter((each) => each.verdict === verdict).length;
  return {
    holds: count("holds"),
    "does-not-hold": count("does-not-hold"),
    inconsistent: count("inconsistent"),
    "cannot-be-tested": count("cannot-be-tested"),
  };
}
