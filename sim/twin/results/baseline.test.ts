import { expect, test } from "vitest";
import { baselineSeconds, judgeBaseline } from "./baseline.ts";
import type { FunctionObjective } from "./objective-types.ts";

const objective: FunctionObjective = {
  kind: "service",
  id: "order-entry-service",
  function: "order-entry",
  goodShareMin: 0.95,
  latencyMsMax: 1000,
  holdSeconds: 30,
};

function judge(
  badSeconds: readonly number[],
  changes: Partial<Parameters<typeof judgeBaseline>[0]> = {},
) {
  const good = new Float64Array(1000).fill(10);
  const bad = new Float64Array(1000);
  for (const second of badSeconds) bad[second] = 100;
  return judgeBaseline({
    objectives: [objective],
    counts: [{ good, bad }],
    warmUpSeconds: 60,
    untilSecond: 400,
    hasFault: true,
    loads: [],
    throttles: [],
    waits: [],
    ...changes,
  });
}

test("a platform that held its objectives for five minutes before the fault is healthy", () => {
  const baseline = judge([]);
  expect(baseline).toEqual({
    healthy: true,
    reasons: [],
    judgedFromUs: (400 - baselineSeconds) * 1_000_000,
    judgedToUs: 400_000_000,
  });
});

test("what went wrong during warm-up, or after the fault, does not count", () => {
  expect(judge([5, 50, 89, 401, 500]).healthy).toBe(true);
});

test("one bad second in the five minutes makes the baseline unhealthy, and the reason says how much was missed", () => {
  const { healthy, reasons } = judge([200]);
  expect(healthy).toBe(false);
  // The bad second stays in the sliding window for ten of the 300 s.
  expect(reasons).toEqual([
    "order-entry missed 95.0 % within 1000 ms in 3 % of the seconds before the fault",
  ]);
});

test("a fault within the warm-up leaves nothing to judge, and the reason says so", () => {
  const { healthy, reasons, judgedFromUs, judgedToUs } = judge([], { untilSecond: 20 });
  expect(healthy).toBe(false);
  expect(reasons).toEqual([
    "the first fault strikes at 20 s, and the warm-up takes 60 s; 300 s after it are needed to call the platform healthy",
  ]);
  expect([judgedFromUs, judgedToUs]).toEqual([20_000_000, 20_000_000]);
});

test("windows that a thin load leaves empty tell nothing, and an outcome that is bad still does", () => {
  const good = new Float64Array(1000);
  const bad = new Float64Array(1000);
  for (let second = 0; second < 1000; second += 40) good[second] = 1;
  expect(judge([], { counts: [{ good, bad }] }).reasons).toEqual([]);
  bad[215] = 1;
  // Ten windows of the bad outcome, among eighty that hold any.
  expect(judge([], { counts: [{ good, bad }] }).reasons).toEqual([
    "order-entry missed 95.0 % within 1000 ms in 13 % of the seconds before the fault",
  ]);
});

test("an engine without commands is idle only where order entry is known to work or idle, too", () => {
  const idle = { good: new Float64Array(1000), bad: new Float64Array(1000) };
  const matching = { good: new Float64Array(1000).fill(1), bad: new Float64Array(1000) };
  matching.good.fill(0, 200, 230);
  const engine: FunctionObjective = { ...objective, id: "engine", function: "matching" };
  const both = (entry: typeof idle) =>
    judge([], { objectives: [objective, engine], counts: [entry, matching] }).reasons;
  const missed = "matching missed 95.0 % within 1000 ms in 7 % of the seconds before the fault";

  expect(judge([], { objectives: [engine], counts: [matching] }).reasons).toEqual([missed]);
  const working = { good: new Float64Array(1000).fill(1), bad: new Float64Array(1000) };
  expect(both(working)).toEqual([]);
  working.bad.fill(9, 200, 230);
  expect(both(working)).toContain(missed);
  idle.good[110] = 1;
  expect(both(idle)).toEqual([]);
});

test("a function that nobody asks for is not known to work", () => {
  const none = { good: new Float64Array(1000), bad: new Float64Array(1000) };
  expect(judge([], { counts: [none] }).reasons).toEqual([
    "order-entry had nothing to do before the fault: nothing tells whether it works",
  ]);
});

test("the reasons name what was full, the fullest first, and what turned calls away", () => {
  const { reasons } = judge([200], {
    loads: [
      { component: "cache", what: "vCPU", share: 0.4 },
      { component: "order-service", what: "vCPU", share: 0.97 },
      { component: "database", what: "connections", share: 0.991 },
    ],
    throttles: [
      { component: "api", count: 0, isQuota: true },
      { component: "order-queue", count: 412, isQuota: true },
      { component: "firewall", count: 7, isQuota: false },
    ],
  });
  expect(reasons.slice(1)).toEqual([
    "database used 99 % of its connections: give it more, or send it less",
    "order-service used 97 % of its vCPU: give it more, or send it less",
    "order-queue turned away 412 calls: raise its quota, or batch",
    "firewall turned away 7 calls: raise its limit, or send it less",
  ]);
});

test("full components are no reason as long as the objectives hold", () => {
  const full = { component: "order-service", what: "vCPU", share: 0.99 };
  expect(judge([], { loads: [full] }).reasons).toEqual([]);
});

test("a fault soon after the warm-up leaves no baseline to judge", () => {
  const { healthy, reasons } = judge([], { untilSecond: 200 });
  expect(healthy).toBe(false);
  expect(reasons[0]).toBe(
    "the scenario leaves 140 s between warm-up and first fault; 300 s are needed to call the platform healthy",
  );
});

test("without a fault the whole run after the warm-up is the baseline", () => {
  const baseline = judge([90], { hasFault: false, untilSecond: 600 });
  expect(baseline.judgedFromUs).toBe(70_000_000);
  expect(baseline.reasons).toEqual([
    "order-entry missed 95.0 % within 1000 ms in 2 % of the seconds after the warm-up",
  ]);
});

test("tasks that found no host are a reason, and what to do about it is said", () => {
  const { reasons } = judge([200], {
    waits: [
      { component: "hosts", share: 0.09 },
      { component: "engine-hosts", share: 0 },
    ],
  });
  expect(reasons.slice(1)).toEqual([
    "hosts had no room for a task in 9 % of that time: begin with more hosts, or with larger ones",
  ]);
});
