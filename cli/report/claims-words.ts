import type { Verdict } from "../../sim/twin/claims/claim-types.ts";

/** Verdicts as people read them, in the order in which they are counted. */
export const verdictWords: Readonly<Record<Verdict, string>> = {
  holds: "holds",
  "does-not-hold": "does not hold",
  inconsistent: "inconsistent",
  "cannot-be-tested": "cannot be tested",
};

export const verdicts: readonly Verdict[] = [
  "holds",
  "does-not-hold",
  "inconsistent",
  "cannot-be-tested",
];
