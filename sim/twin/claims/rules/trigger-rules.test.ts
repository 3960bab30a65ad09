import { expect, test } from "vitest";
import { summaryOf } from "../../ensemble/run-summary.ts";
import { sampleRecording } from "../../recording/sample-recording.ts";
import type { TriggerResult } from "../../results-types.ts";
import type { Claim, EvidenceDesk } from "../claim-types.ts";
import type { ObservedRun } from "../watched-run.ts";
import { triggerRules } from "./trigger-rules.ts";

const stage = (seconds: number | null) =>
  seconds === null ? null : { atUs: seconds * 1_000_000, seq: 1 };

interface Stages {
  readonly breached: number;
  readonly alarmed?: number;
  readonly acted?: number;
  readonly effective?: number;
  readonly cleared?: number;
}

/** A fault at 600 s, and what came of an alarm: that on the table unless another claim is judged. */
function judged(stages: Stages, id: "trigger.6" | "trigger.7" = "trigger.6") {
  const trigger: TriggerResult = {
    id: id === "trigger.6" ? "sessions-throttled" : "queue-deep",
    component: "watched",
    metric: "Watched",
    comparison: ">",
    threshold: 1000,
    breachedUs: stages.breached * 1_000_000,
    alarmed: stage(stages.alarmed ?? null),
    acted: stage(stages.acted ?? null),
    effective: stage(stages.effective ?? null),
    cleared: stage(stages.cleared ?? null),
  };
  const run: ObservedRun = {
    summary: { ...summaryOf(sampleRecording()), firstFaultSeconds: 600 },
    watched: {
      events: [],
      workload: { ratePerSecond: 500, userCount: 1 },
      stepSeconds: 1,
      series: [],
      triggers: stages.breached < 0 ? [] : [trigger],
      parameters: {},
    },
  };
  const desk = { runs: () => [run] } as unknown as EvidenceDesk;
  const claim = { id, values: { secondsMax: 30 } } as unknown as Claim;
  return triggerRules[id]!(claim, desk);
}

test("a trigger holds when its action is effective in time after the breach, however late the fault was", () => {
  const inTime = judged({ breached: 660, alarmed: 670, acted: 680, effective: 690 });
  expect(inTime.verdict).toBe("holds");
  expect(inTime.stages).toEqual({ breached: 0, alarmed: 10, acted: 20, effective: 30 });
  const late = judged({ breached: 660, alarmed: 670, acted: 680, effective: 691 });
  expect(late.verdict).toBe("does-not-hold");
});

test("a trigger that tells and brings nothing about does not hold", () => {
  const { verdict, stages, ours } = judged({ breached: 660, alarmed: 670 });
  expect(verdict).toBe("does-not-hold");
  expect(stages).toEqual({ breached: 0, alarmed: 10, acted: null, effective: null });
  expect(ours).toContain("effective never");
});

test("an alarm that stood before anything had happened is said to have told nothing", () => {
  const { why } = judged({ breached: 60, alarmed: 200, acted: 300, effective: 310 });
  expect(why).toContain("it stood before anything had happened");
});

test("a trigger whose metric stays within its bound cannot be tested", () => {
  const { verdict, stages } = judged({ breached: -1 });
  expect([verdict, stages]).toEqual(["cannot-be-tested", undefined]);
});

test("a trigger whose metric was never beyond its bound for as long as the alarm asks cannot be tested", () => {
  const { verdict, stages, ours } = judged({ breached: 660 });
  expect([verdict, stages]).toEqual(["cannot-be-tested", undefined]);
  expect(ours).toContain("never for as long as the alarm asks");
});

test("more concurrency is effective only once the queue is below its bound again", () => {
  const stages = { breached: 660, alarmed: 670, acted: 680, effective: 680 };
  expect(judged(stages, "trigger.7").verdict).toBe("does-not-hold");
  expect(judged({ ...stages, cleared: 689 }, "trigger.7").verdict).toBe("holds");
});
