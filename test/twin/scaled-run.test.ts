import { describe, expect, test } from "vitest";
import { loadScenario } from "../../cli/scenario-files.ts";
import { summaryOf } from "../../sim/twin/ensemble/run-summary.ts";
import type { Recording } from "../../sim/twin/recording/recording-types.ts";
import { runScenario } from "../../sim/twin/run-scenario.ts";
import type { Scenario } from "../../sim/twin/scenario-types.ts";

const { scenario, topology } = loadScenario("phase-1-high-throughput");
// Fifteen seconds at 2,000 requests/s, on as many tasks as that load needs: the whole run twice takes seconds.
const short: Scenario = {
  ...scenario,
  warmUpSeconds: 5,
  durationSeconds: 15,
  workload: { ...scenario.workload, ratePerSecond: 2000 },
  componentOverrides: {
    ...scenario.componentOverrides,
    "order-service": {
      taskCount: 25,
      scaling: { targetCpuPercent: 70, taskCountMin: 25, taskCountMax: 400 },
    },
    "market-data-service": {
      taskCount: 15,
      scaling: { targetCpuPercent: 70, taskCountMin: 15, taskCountMax: 200 },
    },
  },
};

function run(each: Scenario): Recording {
  return runScenario({ scenario: each, topology, seed: "1" })!;
}

/** By how much a count grew in the judged part of the run. */
function grown({ head, frames }: Recording, component: string, name: string): number {
  const at = head.channels.findIndex(
    (channel) => channel.component === component && channel.name === name,
  );
  const frame = frames[at]!;
  const from = Math.round((head.scenario.warmUpSeconds * 1e6) / head.frameStepUs);
  return frame[head.frameCount - 1]! - frame[from]!;
}

/** Mean share of the order service's vCPUs in use, in the judged part of the run. */
function busyShare(recording: Recording): number {
  const found = summaryOf(recording).loads.find(({ component }) => component === "order-service");
  return found!.utilisation.find(({ what }) => what === "vCPU")!.share;
}

const engines = [1, 2, 3, 4, 5].map((partition) => `matching-${partition}`);

describe("a run of one in five", () => {
  const exact = run(short);
  const scaled = run({ ...short, scale: 5 });

  test("keeps one engine with exactly its own load, and none of the others'", () => {
    const executed = engines.map((id) => grown(scaled, id, "executed"));
    const kept = executed.findIndex((count) => count > 0);
    expect(executed.filter((count) => count > 0)).toHaveLength(1);
    const whole = grown(exact, engines[kept]!, "executed");
    expect(executed[kept]! / whole).toBeGreaterThan(0.95);
    expect(executed[kept]! / whole).toBeLessThan(1.05);
  });

  test("makes what everybody shares as much smaller as the load: a fleet is as busy as in the whole", () => {
    const fleet = scaled.head.results.scaling!.stations.find(
      ({ component, what }) => component === "order-service" && what === "taskCount",
    );
    expect(fleet?.from).toBe(25);
    expect(fleet?.to).toBe(Math.round(25 * scaled.head.results.scaling!.loadShare));
    const busy = busyShare(scaled) / busyShare(exact);
    expect(busy).toBeGreaterThan(0.9);
    expect(busy).toBeLessThan(1.1);
  });

  test("judges neither losses nor tails, and says so", () => {
    const { results } = scaled.head;
    const notJudged = results.scaling!.notJudged;
    expect(notJudged).toEqual(
      short.objectives
        .filter(({ kind }) => kind === "rpo" || kind === "measure")
        .map(({ id }) => id),
    );
    expect(results.objectives.map(({ id }) => id)).toEqual(
      short.objectives.map(({ id }) => id).filter((id) => !notJudged.includes(id)),
    );
    expect(results.rpo).toEqual([]);
    expect(results.functions.map(({ latencyMsP99 }) => latencyMsP99)).toEqual(
      results.functions.map(() => -1),
    );
  });

  test("is repeated from its recording, which has the whole platform", () => {
    const { head } = scaled;
    expect(head.topology.components.find(({ id }) => id === "order-service")).toMatchObject({
      taskCount: 25,
    });
    const again = runScenario({ scenario: head.scenario, topology: head.topology, seed: "1" });
    expect(again?.head.digest).toBe(head.digest);
  });
});

test("the outage of what is divided is that of its worst partition, which a sample does not judge", () => {
  const rto = (name: "matching" | "log-in") =>
    ({ id: `${name}-rto`, kind: "rto", function: name, secondsMax: 60 }) as const;
  const { head } = run({
    ...short,
    durationSeconds: 8,
    objectives: [...short.objectives, rto("matching"), rto("log-in")],
    scale: 5,
  });
  expect(head.results.scaling!.notJudged).toEqual(["matching-rto"]);
});

test("an engine that all symbols share is no half engine: such a platform is run exactly", () => {
  const current = loadScenario("baseline-500");
  expect(() =>
    runScenario({ ...current, scenario: { ...current.scenario, scale: 5 }, seed: "1" }),
  ).toThrow(/"matching" has one partition, of which a sample of 1:5 would keep parts/);
});

test("a sample that cuts partitions in two is refused, with those that don't", () => {
  expect(() => run({ ...short, scale: 2 })).toThrow(/5 partitions/);
  try {
    run({ ...short, scale: 2 });
  } catch (error) {
    expect(String((error as { remedy?: string }).remedy)).toContain("1:5");
  }
});

test("what cannot be sampled by partition and has servers to share is made smaller instead: shards by user, brokers of a region", () => {
  const whole = loadScenario("phase-2-baseline");
  const scenario = {
    ...whole.scenario,
    workload: { ...whole.scenario.workload, ratePerSecond: 300 },
    warmUpSeconds: 1,
    durationSeconds: 3,
    scale: 5,
  };
  const { scaling } = runScenario({ ...whole, scenario, seed: "1" })!.head.results;
  const of = (component: string) =>
    scaling!.stations.filter((each) => each.component === component);
  // Four, three and three shards: each keeps a fifth of its users and of its eight vCPUs, in whole ones.
  expect(of("database")).toContainEqual({
    component: "database",
    what: "vcpuCount",
    from: 8,
    to: 2,
  });
  expect(of("kafka").length).toBeGreaterThan(0);
  // Engines are kept whole, one of five.
  expect(of("matching")).toEqual([]);
  // Twos would leave half an engine, and two shards of four without users.
  expect(() => runScenario({ ...whole, scenario: { ...scenario, scale: 2 }, seed: "1" })).toThrow(
    /"database" has 4 partitions|"matching" has 5 partitions/,
  );
});

test("a fault that kills one task of a fleet would kill more of a smaller one, and is refused", () => {
  const faults = [
    { id: "kill", kind: "instance-kill", component: "order-service", atSeconds: 8 },
  ] as const;
  expect(() => run({ ...short, faults, scale: 5 })).toThrow(/fault "kill"/);
});

test("queues that meet a limit of calls are refused: their batches would be fuller in a sample", () => {
  const plain = loadScenario("phase-1-baseline");
  expect(() =>
    runScenario({ ...plain, scenario: { ...plain.scenario, scale: 5 }, seed: "1" }),
  ).toThrow(/"order-queue" grants each partition 300 calls a second/);
});
