import { describe, expect, test } from "vitest";
import type { TwinError } from "../../errors/twin-error.ts";
import { factNumberAt } from "../../facts/facts.ts";
import { none } from "../../kernel/none.ts";
import { createEcsFargate, type EcsFargate } from "../ecs-fargate/ecs-fargate.ts";
import type { EcsFargateSpec } from "../ecs-fargate/ecs-fargate-spec.ts";
import { status } from "../fabric/instances.ts";
import { TestBed } from "../fabric/test-bed.ts";
import { createEc2CapacityProvider, type Ec2CapacityProvider } from "./ec2-capacity-provider.ts";
import type { Ec2CapacityProviderSpec } from "./ec2-capacity-provider-spec.ts";

/** A service of tasks of two vCPUs on hosts of four: two tasks a host. */
function hostedBed(
  hosts: Partial<Ec2CapacityProviderSpec> = {},
  service: Partial<EcsFargateSpec> = {},
) {
  const provider: Ec2CapacityProviderSpec = {
    service: "ec2-capacity-provider",
    id: "hosts",
    zones: ["a", "b", "c"],
    instanceType: "c7g.xlarge",
    hostCount: 3,
    hostCountMax: 12,
    ...hosts,
  };
  const tasks: EcsFargateSpec = {
    service: "ecs-fargate",
    id: "orders",
    zones: ["a", "b", "c"],
    taskCount: 6,
    vcpu: 2,
    memoryGb: 3,
    threadsMax: 50,
    capacityProvider: "hosts",
    zoneRebalancing: false,
    operations: [{ name: "place", cpuMs: 1 }],
    ...service,
  };
  const bed = new TestBed({
    factories: [
      { id: "orders", create: (fabric, index) => createEcsFargate(fabric, index, tasks) },
      {
        id: "hosts",
        create: (fabric, index) => createEc2CapacityProvider(fabric, index, provider),
      },
    ],
  });
  const orders = bed.fabric.component("orders") as EcsFargate;
  const pool = bed.fabric.component("hosts") as Ec2CapacityProvider;
  return { bed, orders, pool };
}

test("tasks stand on hosts, and a full cluster takes no more until another host is there", () => {
  const { bed, orders, pool } = hostedBed();
  expect(orders.fleet.runningCount).toBe(6);
  orders.fleet.setDesiredCount(8, none);
  bed.runSeconds(20);
  expect([orders.fleet.runningCount, pool.waitingTaskCount, pool.hostCount]).toEqual([6, 2, 3]);
  // Two tasks of the eight need a fourth host: four of three.
  expect(pool.reservationPercent).toBeCloseTo(133.3, 1);
  bed.runSeconds(600);
  expect([orders.fleet.runningCount, pool.waitingTaskCount, pool.hostCount]).toEqual([8, 0, 4]);
  const launched = bed.events("ec2.host-launched")[0]!;
  const ready = bed.events("ec2.host-ready")[0]!;
  // Up to a minute until managed scaling looks, and some minutes until the agent is registered.
  expect(launched.atUs).toBeLessThanOrEqual(66_000_000);
  expect((ready.atUs - launched.atUs) / 1_000_000).toBeGreaterThan(60);
  expect((ready.atUs - launched.atUs) / 1_000_000).toBeLessThan(260);
  const task = bed.events("ecs.task-launched")[0]!;
  expect(task.atUs).toBeGreaterThan(ready.atUs);
  // The wait is told once, however long it lasts, and is what the host was launched for.
  expect(bed.events("ecs.waits-for-host").map(({ value }) => value)).toEqual([2]);
  expect(bed.causes(launched.seq)).toContain("ecs.waits-for-host");
});

test("after it has added hosts it adds no more while they warm up", () => {
  const { bed, orders } = hostedBed();
  orders.fleet.setDesiredCount(8, none);
  bed.runSeconds(90);
  orders.fleet.setDesiredCount(12, none);
  bed.runSeconds(900);
  const [first, second] = bed.events("ec2.host-launched");
  expect((second!.atUs - first!.atUs) / 1_000_000).toBeGreaterThanOrEqual(300);
  expect(orders.fleet.runningCount).toBe(12);
});

test("a task that may stand in one zone gets a host there, though the group fills others first", () => {
  const quick = { warmUpUs: 10_000_000, launchUsP50: 5_000_000, launchUsP95: 6_000_000 };
  const { bed, orders, pool } = hostedBed(
    { parameters: { ...quick, reviewUs: 5_000_000 } },
    { zones: ["c"], taskCount: 2 },
  );
  orders.fleet.setDesiredCount(4, none);
  bed.runSeconds(200);
  expect(orders.fleet.runningCount).toBe(4);
  expect(pool.waitingTaskCount).toBe(0);
  expect(bed.instances("orders", "c")).toHaveLength(4);
});

test("hosts are spread over the zones again when a zone can have some again", () => {
  const quick = { warmUpUs: 10_000_000, zoneAvoidedUs: 20_000_000, reviewUs: 5_000_000 };
  const { bed, pool } = hostedBed(
    { parameters: { ...quick, launchUsP50: 5_000_000, launchUsP95: 6_000_000 }, hostCount: 6 },
    { taskCount: 0 },
  );
  bed.losePower("b");
  bed.runSeconds(60);
  expect(bed.instances("hosts", "b")).toHaveLength(0);
  expect(pool.hostCount).toBe(6);
  bed.restorePower("b");
  bed.runSeconds(120);
  for (const zone of ["a", "b", "c"]) expect(bed.instances("hosts", zone)).toHaveLength(2);
});

test("a target below a hundred keeps hosts by, and a lost host's tasks find them without a launch", () => {
  const replacedAfter = (targetPercent: number) => {
    const { bed, orders, pool } = hostedBed({ targetPercent, hostCount: 3 });
    bed.runSeconds(900);
    const host = bed.instances("hosts", "b")[0]!;
    const from = bed.kernel.nowUs;
    bed.fail(host, "crash");
    expect(bed.instances("orders", "b").length).toBeGreaterThan(0);
    while (orders.fleet.runningCount < 6 || bed.kernel.nowUs === from) {
      bed.runSeconds(1);
      if (bed.kernel.nowUs - from > 900_000_000) break;
      if (bed.events("ecs.task-exited").length === 0) continue;
    }
    return { seconds: (bed.kernel.nowUs - from) / 1_000_000, hosts: pool.hostCount };
  };
  // Three hosts with tasks are 75 % of four.
  const withSpare = replacedAfter(75);
  const without = replacedAfter(100);
  expect(withSpare.seconds).toBeLessThan(120);
  expect(without.seconds).toBeGreaterThan(150);
});

test("a host takes its tasks along, however it fails, and only its own", () => {
  for (const manner of ["crash", "power"] as const) {
    const { bed } = hostedBed();
    const [host] = bed.instances("hosts", "a");
    bed.fail(host!, manner);
    const { column } = bed.fabric.instances;
    const failed = bed.instances("orders").filter((task) => column.status[task] !== 2);
    expect(failed).toHaveLength(2);
    expect(failed.every((task) => column.zone[task] === bed.fabric.zone("a"))).toBe(true);
  }
});

test("tasks are packed: a host is filled before the next, and the room of ended tasks is used again", () => {
  const { bed, orders, pool } = hostedBed(
    { hostCount: 6, zones: ["a"] },
    { taskCount: 4, zones: ["a"] },
  );
  // Four tasks need two of the six hosts.
  expect(pool.reservationPercent).toBeCloseTo(33.3, 1);
  orders.fleet.setDesiredCount(2, none);
  bed.runSeconds(60);
  orders.fleet.setDesiredCount(4, none);
  bed.runSeconds(200);
  expect(pool.reservationPercent).toBeCloseTo(33.3, 1);
});

test("empty hosts leave after a quarter of an hour, and never below the least", () => {
  const { bed, orders, pool } = hostedBed();
  orders.fleet.setDesiredCount(12, none);
  bed.runSeconds(600);
  expect(pool.hostCount).toBe(6);
  orders.fleet.setDesiredCount(4, none);
  bed.runSeconds(13 * 60);
  expect(pool.hostCount).toBe(6);
  bed.runSeconds(20 * 60);
  expect(pool.hostCount).toBeGreaterThanOrEqual(3);
  expect(pool.hostCount).toBeLessThan(6);
});

describe("loss of a zone", () => {
  test("its hosts are given up after two status checks and launched elsewhere", () => {
    const { bed, orders, pool } = hostedBed();
    bed.losePower("b");
    bed.runSeconds(900);
    expect(bed.events("ec2.host-lost")).toHaveLength(1);
    expect(bed.causes(bed.events("ec2.host-lost")[0]!.seq)).toContain("zone.power-lost");
    expect(orders.fleet.runningCount).toBe(6);
    expect(pool.registeredCount).toBe(3);
    expect(bed.instances("hosts", "b")).toHaveLength(0);
  });

  test("without capacity in EC2 elsewhere, the tasks that a spare host takes are all there are", () => {
    const { bed, orders, pool } = hostedBed({ hostCount: 4 });
    for (const zone of ["a", "b", "c"]) pool.setZoneCapacity(bed.fabric.zone(zone), false);
    bed.losePower("b");
    bed.runSeconds(900);
    expect(orders.fleet.runningCount).toBe(6);
    expect(bed.events("ec2.host-launched")).toHaveLength(0);
    expect(bed.events("ec2.launch-failed").length).toBeGreaterThan(0);
  });
});

test("nothing is launched while the control plane stands", () => {
  const { bed, orders, pool } = hostedBed();
  pool.setControlPlaneFrozen(true);
  orders.fleet.setDesiredCount(12, none);
  bed.runSeconds(900);
  expect(pool.hostCount).toBe(3);
});

test("a service that names something else as its hosts is told so", () => {
  let told: TwinError | undefined;
  try {
    hostedBed({}, { capacityProvider: "orders" });
  } catch (error) {
    told = error as TwinError;
  }
  expect(told?.code).toBe("ecs.capacity-provider-unfit");
});

test("a task that no host could ever hold is refused when the platform is put together, by either measure", () => {
  expect(() => hostedBed({}, { vcpu: 8 })).toThrow(/orders.*8 vCPU.*c7g.xlarge.*4 vCPU/);
  expect(() => hostedBed({}, { memoryGb: 7.5 })).toThrow(/7.5 GB.*7.4 GB for tasks/);
  expect(hostedBed({}, { memoryGb: 7.4, taskCount: 3 }).orders.fleet.runningCount).toBe(3);
});

describe("placement groups", () => {
  /** Hosts on each rack of zone a, the fullest first. */
  function racksIn(bed: TestBed, pool: Ec2CapacityProvider, zone = "a"): number[] {
    const racks = new Map<string, number>();
    for (const host of bed.instances("hosts", zone)) {
      const rack = String(pool.hostsOnRackOf(host));
      racks.set(rack, (racks.get(rack) ?? 0) + 1);
    }
    return [...racks.values()].toSorted((a, b) => b - a);
  }

  test("spread puts each host on a rack of its own, seven in a zone and no more", () => {
    const { bed, pool } = hostedBed({
      zones: ["a"],
      hostCount: 9,
      placement: { strategy: "spread" },
    });
    expect(racksIn(bed, pool)).toEqual(Array(7).fill(1));
    bed.runSeconds(300);
    expect(pool.hostCount).toBe(factNumberAt("ec2.placement.spread-max"));
    expect(bed.events("ec2.launch-failed").length).toBeGreaterThan(0);
  });

  test("partitions share no rack, are seven in a zone, and get hosts evenly", () => {
    const hosts = { zones: ["a"], hostCount: 10 };
    const seven = hostedBed({ ...hosts, placement: { strategy: "partition" } });
    expect(racksIn(seven.bed, seven.pool)).toEqual([2, 2, 2, 1, 1, 1, 1]);
    const three = hostedBed({ ...hosts, placement: { strategy: "partition", partitions: 3 } });
    expect(racksIn(three.bed, three.pool)).toEqual([4, 3, 3]);
  });

  test("a cluster packs hosts on few racks until those are full", () => {
    const { bed, pool } = hostedBed({
      zones: ["a"],
      hostCount: 11,
      placement: { strategy: "cluster" },
      parameters: { hostsPerRack: 5, clusterRacks: 2 },
    });
    expect(racksIn(bed, pool)).toEqual([5, 5]);
    bed.runSeconds(300);
    expect(pool.hostCount).toBe(10);
    expect(bed.events("ec2.launch-failed").length).toBeGreaterThan(0);
  });

  test("a rack without power takes its hosts' tasks, and the other partitions' stay", () => {
    const { bed, orders, pool } = hostedBed(
      { zones: ["a"], hostCount: 3, placement: { strategy: "partition", partitions: 3 } },
      { zones: ["a"] },
    );
    expect(orders.fleet.runningCount).toBe(6);
    const [host] = bed.instances("hosts");
    for (const each of pool.hostsOnRackOf(host!)) bed.fail(each, "power");
    const up = () =>
      bed
        .instances("orders")
        .filter((slot) => bed.fabric.instances.column.status[slot] === status.up).length;
    expect(up()).toBe(4);
    bed.runSeconds(900);
    expect(up()).toBe(6);
    expect(racksIn(bed, pool)).toHaveLength(3);
  });
});
