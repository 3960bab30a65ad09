import { expect, test } from "vitest";
import { type RunSummary, summaryOf } from "../sim/twin/ensemble/run-summary.ts";
import { sampleRecording } from "../sim/twin/recording/sample-recording.ts";
import { findCapacity } from "./capacity-search.ts";
import { capacityReport } from "./report/capacity-report.ts";
import { loadScenario } from "./scenario-files.ts";
import type { RunJobs } from "./worker/run-jobs.ts";

const { scenario, topology } = loadScenario("baseline-500");
const sample = summaryOf(sampleRecording());

/** A platform whose queue gives way at `queueRps`, unless it is in high-throughput mode, and whose pollers do at 1,500. */
function runner(queueRps: (seed: number) => number): RunJobs {
  return async (jobs) =>
    jobs.map(({ scenario: asked, seed }) => {
      const load = asked.workload.ratePerSecond;
      const overrides = asked.componentOverrides ?? {};
      const isHigh = overrides["order-queue"]?.["highThroughput"] === true;
      const pollers = Number(overrides["matching"]?.["pollerCount"] ?? 3);
      const isQueueFull = !isHigh && load > queueRps(Number(seed));
      const holds = !isQueueFull && load <= 500 * pollers;
      const quiet = { throttledCount: 0, throttledPerSecond: 0, errorsPerSecond: 0, queues: [] };
      const summary: RunSummary = {
        ...sample,
        seed,
        timeSpent: [],
        baseline: { ...sample.baseline, healthy: holds, reasons: holds ? [] : ["too slow"] },
        objectives: [],
        loads: [
          {
            ...quiet,
            component: "order-service",
            service: "ecs-fargate",
            utilisation: [{ what: "vCPU", share: (0.6 * load) / 500 / 6 }],
          },
          {
            ...quiet,
            component: "order-queue",
            service: "sqs-fifo",
            utilisation: [],
            throttledPerSecond: isQueueFull ? 40 : 0,
            queues: [
              { what: "visible", unit: "messages", mean: 9, growthPerSecond: holds ? 0 : 20 },
            ],
          },
        ],
      };
      return { summary, wallSeconds: 1 };
    });
}

const search = { startPerSecond: 500, maxPerSecond: 10_000, tolerance: 0.05 };
const inputs = {
  scenario,
  topology,
  seedCount: 3,
  search,
  scaledFleets: true,
  wantsBottleneck: true,
  wantsNext: true,
};

test("the knee is the median of the seeds' searches, and what gives way is what helps when lifted", async () => {
  const knees = [700, 900, 1100];
  const results = await findCapacity(
    inputs,
    runner((seed) => knees[seed - 1]!),
    () => {},
  );
  const { first, next } = results;
  for (const [seed, { held, failed }] of first.brackets.entries()) {
    expect(held).toBeLessThanOrEqual(knees[seed]!);
    expect(failed).toBeGreaterThan(knees[seed]!);
  }
  expect(first.ratePerSecond.atLeast).toBe(first.brackets[1]!.held);
  expect(first.bottleneck).toMatchObject({
    component: "order-queue",
    lift: { changes: { highThroughput: true } },
  });
  expect(next?.ratePerSecond.atLeast).toBeGreaterThan(1400);
  expect(next?.bottleneck).toMatchObject({
    component: "matching",
    lift: { changes: { pollerCount: 12 } },
  });
  const text = capacityReport(results, {
    topology: "current",
    like: "baseline-500",
    seedCount: 3,
    measureSeconds: 120,
    objectives: scenario.objectives,
    maxPerSecond: 10_000,
    claim: { ratePerSecond: 2000, words: "~2,000 RPS" },
  });
  expect(text.join("\n")).toContain("Saturates first: order-queue. With high-throughput mode");
  expect(text.at(-1)).toMatch(/the strategy says ~2,000 RPS: not kept$/);
});

test("where no lift helps, the report does not name a culprit", async () => {
  const stubborn: RunJobs = async (jobs) => {
    const runs = await runner(() => 700)(jobs);
    return runs.map((run, at) => {
      const isTooMuch = jobs[at]!.scenario.workload.ratePerSecond > 700;
      const baseline = { ...run.summary.baseline, healthy: !isTooMuch };
      return { ...run, summary: { ...run.summary, baseline } };
    });
  };
  const { first, next } = await findCapacity(inputs, stubborn, () => {});
  expect(first.bottleneck).toBeUndefined();
  expect(first.triedInVain).toContain("order-queue: high-throughput mode");
  expect(next).toBeUndefined();
});

test("a platform that holds all that is tried has no knee, and says so", async () => {
  const endless: RunJobs = async (jobs) =>
    jobs.map(({ seed }) => ({
      summary: { ...sample, seed, objectives: [], loads: [], timeSpent: [] },
      wallSeconds: 1,
    }));
  const { first } = await findCapacity(inputs, endless, () => {});
  expect(first.ratePerSecond).toMatchObject({ atLeast: 10_000, atMost: null });
  expect(first.suspects).toEqual([]);
});

test("fleets that scale begin at the size that their measured load asks for", async () => {
  const sizes = new Map<number, unknown>();
  const seen: RunJobs = (jobs) => {
    for (const { scenario: asked } of jobs) {
      const size = asked.componentOverrides?.["order-service"]?.["taskCount"];
      sizes.set(asked.workload.ratePerSecond, size);
    }
    return runner(() => 5000)(jobs);
  };
  const { tasksPerRps } = await findCapacity({ ...inputs, seedCount: 1 }, seen, () => {});
  // 0.6 of a task's CPU at 500 requests/s, over a target of 70 %.
  expect(tasksPerRps["order-service"]).toBeCloseTo(0.6 / 500 / 0.7, 9);
  expect(sizes.get(125)).toBeUndefined();
  expect(sizes.get(1000)).toBe(6);
});
