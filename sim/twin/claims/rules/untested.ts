import type { Judgement } from "../claim-types.ts";

/** A verdict whose deciding input is a number of the strategy's own, an assumption of ours, or something the twin lacks. */
export function undecided(
  parts: Omit<Judgement, "verdict"> & Required<Pick<Judgement, "settledBy">>,
): Judgement {
  return { ...parts, verdict: "cannot-be-tested" };
}
