import { expect, test } from "vitest";
import { summaryOf } from "../ensemble/run-summary.ts";
import { sampleRecording } from "../recording/sample-recording.ts";
import type { Claim, EvidenceDesk } from "./claim-types.ts";
import { judgeClaim } from "./judge-claims.ts";
import { watchedRun } from "./watched-run.ts";

const ranges = [{ path: "database.parameters.volumeGb", low: 20, high: 1000, why: "unknown" }];
const claim: Claim = {
  id: "dr.corruption",
  section: "RTO/RPO",
  words: "Corrupt data is restored within an hour",
  values: { rtoS: 3600, rpoS: 300 },
  scenarios: ["dr-corruption"],
  ranges,
};

/** A desk whose only run was out of service for so long, with nothing lost. */
function deskWith(rtoSeconds: number): EvidenceDesk {
  const recording = sampleRecording();
  const summary = summaryOf(recording);
  const run = {
    summary: {
      ...summary,
      functions: summary.functions.map((each) => ({ ...each, rtoSeconds, censored: false })),
    },
    watched: watchedRun(recording),
  };
  return { runs: () => [run] } as unknown as EvidenceDesk;
}

test("a verdict that rests on an assumption stands if both ends of its range bring it too", () => {
  const judged = judgeClaim(claim, deskWith(1800), () => deskWith(3000));
  expect([judged.verdict, judged.sturdiness]).toEqual(["holds", "robust"]);
  expect(judged.settledBy).toBeUndefined();
});

test("if an end brings another verdict the assumption decides, and the claim cannot be tested", () => {
  const judged = judgeClaim(claim, deskWith(1800), (_, value) =>
    deskWith(value === 1000 ? 4000 : 1500),
  );
  expect([judged.verdict, judged.sturdiness]).toEqual(["cannot-be-tested", "fragile"]);
  expect(judged.settledBy).toContain("a timed restore");
  expect(judged.ifRight).toContain("3,600 s");
});

test("without ranges nobody knows what decides", () => {
  const judged = judgeClaim(claim, deskWith(1800), () => undefined);
  expect([judged.verdict, judged.sturdiness]).toEqual(["cannot-be-tested", "unchecked"]);
});
