import { expect, test } from "vitest";
import type { LogEntry } from "../../components/fabric/event-log.ts";
import { breachesOf, followTrigger } from "./triggers.ts";

const alarm = {
  id: "cpu-high",
  component: "service",
  metric: "CPUUtilization",
  comparison: ">",
  threshold: 70,
} as const;
const minute = 60_000_000;

/** Events in order: instant in minutes, kind, cause, value. */
function log(...events: readonly (readonly [number, string, number?, number?])[]): LogEntry[] {
  return events.map(
    ([at, kind, causeSeq = -1, value = 0], seq) =>
      ({ seq, atUs: at * minute, kind, causeSeq, value }) as unknown as LogEntry,
  );
}

function followed(entries: LogEntry[], raises: readonly number[], breaches: readonly number[]) {
  const trigger = { spec: alarm, raises, breachesUs: breaches.map((at) => at * minute) };
  const { breachedUs, alarmed, acted, effective, cleared } = followTrigger(trigger, {
    fromUs: 10 * minute,
    entries,
  });
  const minutes = (stage: { readonly atUs: number } | null) =>
    stage === null ? null : stage.atUs / minute;
  return [breachedUs / minute, ...[alarmed, acted, effective, cleared].map(minutes)];
}

test("a scaling policy acts on the alarm that it names as its cause, and a task that follows from it is its effect", () => {
  const entries = log(
    [9, "ecs.task-running"],
    [13, "cloudwatch.alarm-raised"],
    [13, "cloudwatch.alarm-raised"],
    [13, "auto-scaling.scale-out-decided", 2],
    [14, "auto-scaling.scale-out-decided", 1],
    [14, "ecs.desired-count-changed", 4],
    [15, "ecs.task-running", 3],
    [16, "ecs.task-running", 5],
    [30, "cloudwatch.alarm-cleared", 1],
  );
  // The other alarm's task, which runs sooner, is no effect of this one.
  expect(followed(entries, [1], [11])).toEqual([11, 13, 14, 16, 30]);
});

test("people act when they carry a step out, not when they hear of it", () => {
  const entries = log(
    [12, "cloudwatch.alarm-raised"],
    [12, "runbook.help.detected", -1, 0],
    [15, "runbook.help.decided", 1],
    [17, "runbook.other.carried-out"],
    [18, "runbook.help.grow.carried-out", 2],
    [21, "runbook.help.grow.effective", 4],
  );
  expect(followed(entries, [0], [11])).toEqual([11, 12, 18, 21, null]);
});

test("an alarm that is over before the fault is not its; one that stands is, since it began", () => {
  const over = log([5, "cloudwatch.alarm-raised"], [8, "cloudwatch.alarm-cleared", 0]);
  expect(followed(over, [0], [4, 12])).toEqual([12, null, null, null, null]);
  const stands = log([5, "cloudwatch.alarm-raised"], [28, "cloudwatch.alarm-cleared", 0]);
  expect(followed(stands, [0], [4, 12])).toEqual([4, 5, null, null, 28]);
});

test("an alarm that nobody hears is breached and alarmed, and no more", () => {
  expect(followed(log([12, "cloudwatch.alarm-raised"]), [0], [11])).toEqual([
    11,
    12,
    null,
    null,
    null,
  ]);
  expect(followed(log(), [], [])).toEqual([-1 / minute, null, null, null, null]);
});

test("a breach begins at the end of the first period beyond the bound; missing data is none", () => {
  expect(breachesOf(alarm, [60, 80, 90, null, 71, 70, 71], minute)).toEqual([
    2 * minute,
    5 * minute,
    7 * minute,
  ]);
  expect(breachesOf({ ...alarm, comparison: "<=" }, [71, 70], minute)).toEqual([2 * minute]);
});
