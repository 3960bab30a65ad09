import { beforeAll, describe, expect, test } from "vitest";
import { loadScenario } from "../../cli/scenario-files.ts";
import type { CostResult } from "../../sim/twin/cost/cost-types.ts";
import type { Recording } from "../../sim/twin/recording/recording-types.ts";
import { runScenario } from "../../sim/twin/run-scenario.ts";
import type { Scenario } from "../../sim/twin/scenario-types.ts";

const { scenario, topology } = loadScenario("baseline-500");

function run(changes: Partial<Scenario> = {}): Recording {
  return runScenario({
    scenario: { ...scenario, warmUpSeconds: 20, durationSeconds: 80, ...changes },
    topology,
    seed: "1",
  })!;
}

let recording: Recording;
let cost: CostResult;

beforeAll(() => {
  recording = run();
  cost = recording.head.results.cost!;
}, 120_000);

function frames(name: string, component = ""): Float32Array | Float64Array {
  const { channels } = recording.head;
  const at = channels.findIndex((each) => each.name === name && each.component === component);
  return recording.frames[at]!;
}

/** How often the bills of a run fell from one frame to the next. */
function falls({ head, frames }: Recording): readonly string[] {
  return head.channels.flatMap(({ component, name }, at) => {
    const bill = frames[at]!;
    const fell = bill.some((usd, frame) => frame > 0 && usd < bill[frame - 1]!);
    return /\bbill\b/.test(name) && fell ? [`${component} ${name}`] : [];
  });
}

function quantity(component: string, what: string): number {
  return cost.lines.find((line) => line.component === component && line.what === what)!.runQuantity;
}

describe("a bill adds up", () => {
  test("every component is metered, and the lines make the run's cost", () => {
    expect(cost.unmetered).toEqual([]);
    expect(cost.lines.reduce((sum, line) => sum + line.runUsd, 0)).toBeCloseTo(cost.runUsd, 9);
    expect(cost.lines.reduce((sum, line) => sum + line.monthUsd, 0)).toBeCloseTo(cost.monthUsd, 6);
    expect(cost.runUsd).toBeGreaterThan(0.1);
  });

  test("the bills of the components are the bill so far, at every frame", () => {
    const total = frames("bill so far");
    const { components } = recording.head;
    const parts = [
      frames("bill of data transfer"),
      ...components.map(({ id }) => frames("bill", id)),
    ];
    for (let frame = 0; frame < total.length; frame += 50) {
      const sum = parts.reduce((usd, part) => usd + part[frame]!, 0);
      expect(sum).toBeCloseTo(total[frame]!, 9);
    }
  });

  test("no bill ever falls, though tasks are placed where no host is and their objects arrive late", () => {
    expect(falls(recording)).toEqual([]);
    const short = run({
      faults: [
        { id: "full", kind: "capacity-shortage", atSeconds: 20, durationSeconds: 50 },
        { id: "died", kind: "instance-kill", component: "order-service", count: 3, atSeconds: 21 },
        { id: "gone", kind: "instance-kill", component: "matching", atSeconds: 22 },
      ],
    });
    const failed = short.head.events.filter(({ kind }) => kind === "ecs.placement-failed");
    expect(failed.length).toBeGreaterThan(3);
    expect(falls(short)).toEqual([]);
  });

  test("what the seconds cost adds up to the run, and no second costs less than nothing", () => {
    const total = frames("bill so far");
    const perSecond = 1_000_000 / recording.head.frameStepUs;
    let sum = 0;
    for (let frame = perSecond; frame < total.length; frame += perSecond) {
      const second = total[frame]! - total[frame - perSecond]!;
      expect(second).toBeGreaterThan(0);
      sum += second;
    }
    expect(sum).toBeCloseTo(cost.runUsd, 3);
    expect(total.at(-1)).toBeCloseTo(cost.runUsd, 9);
  });

  test("the cost per hour is the bill's growth over the last minute", () => {
    const total = frames("bill so far");
    const last = total.length - 1;
    const frameOfMinute = 60_000_000 / recording.head.frameStepUs;
    const perHour = (total[last]! - total[last - frameOfMinute]!) * 60;
    expect(frames("cost per hour")[last]).toBeCloseTo(perHour, 3);
    expect(cost.usdPerHour).toBeCloseTo(perHour, 3);
  });

  test("a month is the judged part extended to 730 hours", () => {
    const balancer = cost.lines.find((line) => line.price === "load-balancer.hour")!;
    expect(balancer.monthQuantity).toBeCloseTo(730, 6);
    expect(cost.judgedSeconds).toBeCloseTo(60, 3);
    const api = cost.lines.find((line) => line.price === "api-gateway.rest-request")!;
    const { channels } = recording.head;
    const at = (name: string) =>
      channels.findIndex((each) => each.component === "api" && each.name === name);
    const judged = ["arrived", "throttled"].map((name) => {
      const counts = recording.frames[at(name)]!;
      return counts.at(-1)! - counts[20_000_000 / recording.head.frameStepUs]!;
    });
    expect(api.monthQuantity).toBeCloseTo(((judged[0]! - judged[1]!) / 60) * 2_628_000, 0);
  });
});

describe("consumption is what the simulation did", () => {
  test("tasks, nodes and instances are paid for as long as they stood", () => {
    const hours = 80 / 3600;
    expect(quantity("matching", "vCPU of tasks")).toBeCloseTo(2 * hours, 9);
    expect(quantity("database", "db.r6g.large instances")).toBeCloseTo(3 * hours, 9);
    expect(quantity("cache", "cache.r6g.large nodes")).toBeCloseTo(hours, 9);
    expect(quantity("order-service", "vCPU of tasks")).toBeCloseTo(12 * hours, 9);
  });

  test("a queue's calls are fewer than its messages where sends and receives are batched", () => {
    const sent = frames("sent", "order-queue").at(-1)!;
    const calls = quantity("order-queue", "sends, receives, deletes");
    expect(calls).toBeGreaterThan(0.3 * sent);
    expect(calls).toBeLessThan(3 * sent);
    expect(frames("send calls", "order-queue").at(-1)!).toBeLessThan(sent);
  });

  test("calls to one cache node cross zones as often as their callers stand elsewhere", () => {
    const crossing = quantity("data-transfer", "between zones, both ways");
    expect(crossing).toBeGreaterThan(0);
    expect(quantity("data-transfer", "to other regions")).toBe(0);
  });
});

test("a load a hundred times smaller leaves what stands and little more", () => {
  const quiet = run({ workload: { ...scenario.workload, ratePerSecond: 5 } }).head.results.cost!;
  const standing = (of: CostResult) =>
    of.lines
      .filter(({ follows }) => follows === "time")
      .reduce((usd, each) => usd + each.monthUsd, 0);
  expect(standing(quiet)).toBeCloseTo(standing(cost), 6);
  const moving = (of: CostResult) => of.monthUsd - standing(of);
  expect(moving(quiet)).toBeLessThan(moving(cost) / 5);
}, 60_000);

test("a bound on cost is judged like any other, and an assumption of the scenario changes the bill", () => {
  const { results } = run({
    costAssumptions: { logBytesPerRequest: 6_000 },
    objectives: [
      ...scenario.objectives,
      { kind: "cost", id: "month", per: "month", usdMax: 3830 },
      { kind: "cost", id: "hour", per: "hour", usdMax: 1000 },
    ],
  }).head;
  const verdict = (id: string) => results.objectives.find((each) => each.id === id)!;
  expect(verdict("month").met).toBe(false);
  expect(verdict("hour").met).toBe(true);
  const logs = (of: CostResult) => of.lines.find((each) => each.what === "logs taken in")!.monthUsd;
  expect(logs(results.cost!) / logs(cost)).toBeCloseTo(10, 6);
  expect(() => run({ costAssumptions: { nonsense: 1 } })).toThrow("cost.assumption-unknown");
}, 60_000);
