import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { expandTopology } from "../sim/twin/platform/expand-topology.ts";
import { topologyLoading } from "./load-topology.ts";
import { type RecoverySpec, withRecoveryRegion } from "./recovery-region.ts";
import { validateTopologyText } from "./validate-text.ts";

const shippedTopology = topologyLoading("a test", (id) => {
  const fileName = `scenarios/topologies/${id}.yaml`;
  return { text: readFileSync(fileName, "utf8"), fileName };
});

const strategies = ["backup-restore", "pilot-light", "warm-standby", "active-active"] as const;

function recovered(id: string, recovery: RecoverySpec) {
  const { topology, findings } = withRecoveryRegion(shippedTopology(id), recovery);
  expect(findings).toEqual([]);
  return expandTopology(topology);
}

/** Fields of a component that is written out. */
function specs(platform: ReturnType<typeof expandTopology>, start: string) {
  return platform.components
    .filter(({ id }) => id.startsWith(start))
    .map((spec) => spec as unknown as Readonly<Record<string, unknown>>);
}

describe.each(strategies)("With %s", (strategy) => {
  test.each(["current", "phase-1"])("every standby of %s has its owner at home", (id) => {
    const platform = recovered(id, { strategy, region: "eu-west-1" });
    const owners = platform.components.flatMap((spec) =>
      ["standbyFor", "replicaOf", "secondaryOf", "backupOf"].flatMap((field) =>
        Object.entries(spec).flatMap(([key, owner]) => (key === field ? [String(owner)] : [])),
      ),
    );
    const ids = platform.components.map((spec) => spec.id);
    expect(owners.length).toBeGreaterThan(2);
    expect(owners.filter((owner) => !ids.includes(owner))).toEqual([]);
    // An engine, a journal or a database has one standby.
    expect(new Set(owners).size).toBe(owners.length);
  });
});

test("a warm standby runs a part of the tasks, rounded up, a pilot light none", () => {
  const counts = (recovery: RecoverySpec) =>
    specs(recovered("phase-1", recovery), "order-service-eu-west-1").map(
      ({ taskCount }) => taskCount,
    );
  expect(counts({ strategy: "warm-standby", region: "eu-west-1" })).toEqual([20]);
  expect(counts({ strategy: "warm-standby", region: "eu-west-1", taskShare: 0.01 })).toEqual([1]);
  expect(counts({ strategy: "pilot-light", region: "eu-west-1" })).toEqual([0]);
});

test("each partition stands by for the partition with its number", () => {
  const platform = recovered("phase-1", { strategy: "warm-standby", region: "eu-west-1" });
  expect(specs(platform, "matching-eu-west-1-").map(({ standbyFor }) => standbyFor)).toEqual(
    [1, 2, 3, 4, 5].map((partition) => `matching-us-east-1-${partition}`),
  );
});

test("where several regions are active, each stands by for the one before it", () => {
  const platform = recovered("phase-2", { strategy: "active-active" });
  const zones = specs(platform, "database-ap-southeast-1-2-standby").map(
    ({ writerZone, secondaryOf }) => ({ writerZone, secondaryOf }),
  );
  expect(zones).toEqual([{ writerZone: "us-east-1a", secondaryOf: "database-ap-southeast-1-2" }]);
});

test.each([
  ["phase-2", { strategy: "warm-standby" }, "topology.recovery-of-several"],
  ["phase-2", { strategy: "active-active", region: "eu-west-1" }, "topology.recovery-of-several"],
  ["current", { strategy: "pilot-light" }, "topology.recovery-region-missing"],
  ["current", { strategy: "pilot-light", region: "us-east-1" }, "topology.recovery-region-missing"],
] as const)("%s with %j is %s", (id, recovery, code) => {
  const { findings } = withRecoveryRegion(shippedTopology(id), recovery);
  expect(findings).toMatchObject([{ code, path: ["disasterRecovery"] }]);
});

test("a share of tasks is a mistake where no tasks or all of them run", () => {
  const { findings } = withRecoveryRegion(shippedTopology("current"), {
    strategy: "pilot-light",
    region: "eu-west-1",
    taskShare: 0.5,
  });
  expect(findings).toMatchObject([
    { code: "topology.recovery-task-share", path: ["disasterRecovery", "taskShare"] },
  ]);
});

test("a mistake of what came out is told at the strategy that made it", () => {
  const text = (region: string) =>
    `id: x\ntitle: X\ndescription: X\nextends: current\ndisasterRecovery: { strategy: pilot-light, region: ${region} }\n`;
  const told = (region: string) => {
    const validated = validateTopologyText(text(region), "x.yaml", {
      loadTopology: shippedTopology,
    });
    return validated.ok ? [] : validated.mistakes.map(({ at, code }) => `${at} ${code}`);
  };
  expect(told("eu-central-1")).toEqual([]);
  expect(told("eu-west-9")).toEqual(["x.yaml:5:19 prices.region-unknown"]);
});

test("zones that are not called after their region have no twins", () => {
  const base = shippedTopology("current");
  const topology = { ...base, regions: [{ id: "us-east-1", zones: [{ id: "hall-1" }] }] };
  const { findings } = withRecoveryRegion(topology, {
    strategy: "pilot-light",
    region: "eu-west-1",
  });
  expect(findings).toMatchObject([{ code: "topology.recovery-zone-name" }]);
});
