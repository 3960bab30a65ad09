import { expect, test } from "vitest";
import { summaryOf } from "../../ensemble/run-summary.ts";
import { sampleRecording } from "../../recording/sample-recording.ts";
import type { Claim, EvidenceDesk } from "../claim-types.ts";
import type { ObservedRun, WatchedAlarm, WatchedEvent } from "../watched-run.ts";
import { triggerRules } from "./trigger-rules.ts";

/** A fault at 600 s, an alarm on the depth of the queue, and what the log and the metric say. */
function judged(depths: WatchedAlarm["values"], events: readonly WatchedEvent[]) {
  const alarm: WatchedAlarm = {
    component: "order-queue",
    metric: "ApproximateNumberOfMessagesVisible",
    comparison: ">",
    threshold: 1000,
    periodSeconds: 60,
    values: depths,
  };
  const run: ObservedRun = {
    summary: { ...summaryOf(sampleRecording()), firstFaultSeconds: 600 },
    watched: {
      events,
      workload: { ratePerSecond: 500, userCount: 1 },
      stepSeconds: 1,
      series: [],
      alarms: [alarm],
      parameters: {},
    },
  };
  const desk = { runs: () => [run] } as unknown as EvidenceDesk;
  const claim = { id: "trigger.7", values: { secondsMax: 30 } } as unknown as Claim;
  return triggerRules["trigger.7"]!(claim, desk);
}

const raised = (atSeconds: number): WatchedEvent => ({
  atSeconds,
  kind: "cloudwatch.alarm-raised",
  stage: "detect",
  component: "order-queue",
  value: 4000,
});

test("a trigger is breached at the end of the first period beyond its bound, and alarmed when CloudWatch says so", () => {
  // What was beyond the bound before the fault is no breach of it.
  const depths = [5000, ...Array.from({ length: 9 }, () => 0), 800, null, 4000, 4000];
  const { stages, verdict } = judged(depths, [raised(870)]);
  expect(stages).toEqual({ breached: 180, alarmed: 270, acted: null, effective: null });
  expect(verdict).toBe("does-not-hold");
});

test("a trigger whose metric stays within its bound reaches no stage", () => {
  const { stages, verdict } = judged([0, 0, 900, 1000], []);
  expect(stages).toEqual({ breached: null, alarmed: null, acted: null, effective: null });
  expect(verdict).toBe("cannot-be-tested");
});
