import { describe, expect, test } from "vitest";
import { createEcsFargate, type EcsFargate } from "../ecs-fargate/ecs-fargate.ts";
import type { EcsFargateSpec } from "../ecs-fargate/ecs-fargate-spec.ts";
import { outcome } from "../fabric/outcome.ts";
import { plainService, TestBed } from "../fabric/test-bed.ts";
import { createLoadBalancer, type LoadBalancer } from "./load-balancer.ts";
import type { LoadBalancerSpec } from "./load-balancer-spec.ts";

interface BedOptions {
  readonly balancer?: Partial<LoadBalancerSpec>;
  readonly service?: Partial<EcsFargateSpec>;
}

/** A gateway in zone a calls a network balancer with a node in each of three zones, before six tasks. */
function networkBed(options: BedOptions = {}) {
  const call = {
    to: "gateway",
    timeoutMs: 3000,
    calls: [
      {
        to: "balancer",
        timeoutMs: 2000,
        calls: [{ to: "orders", operation: "place", timeoutMs: 2000 }],
      },
    ],
  };
  const bed = new TestBed({
    seed: "nlb",
    factories: [
      plainService({ id: "gateway", zones: ["a"], operations: { serve: 0 } }),
      {
        id: "balancer",
        create: (fabric, index) =>
          createLoadBalancer(fabric, index, {
            id: "balancer",
            service: "load-balancer",
            type: "network",
            zones: ["a", "b", "c"],
            targets: ["orders"],
            ...options.balancer,
            parameters: { connectionsPerCaller: 64, ...options.balancer?.parameters },
          }),
      },
      {
        id: "orders",
        create: (fabric, index) =>
          createEcsFargate(fabric, index, {
            id: "orders",
            service: "ecs-fargate",
            zones: ["a", "b", "c"],
            taskCount: 6,
            vcpu: 2,
            memoryGb: 4,
            threadsMax: 64,
            balancer: "balancer",
            operations: [{ name: "place", cpuMs: 5 }],
            containerHealthCheck: false,
            ...options.service,
          }),
      },
    ],
    flows: [{ name: "place", call }],
  });
  const balancer = bed.fabric.component("balancer") as LoadBalancer;
  const orders = bed.fabric.component("orders") as EcsFargate;
  // Otherwise silent and unhealthy tasks are replaced, and their connections end with them.
  orders.setControlPlaneFrozen(true);
  const flows = balancer.network!;
  return { bed, balancer, orders, flows };
}

type Bed = ReturnType<typeof networkBed>["bed"];

/** Calls on one of the gateway's connections; how each ended. */
function callOn(bed: Bed, lane: number, count: number, gapSeconds = 0.1) {
  const before = bed.answers.length;
  for (let at = 0; at < count; at += 1) {
    bed.send("place", lane + 64 * (at + 1));
    bed.runSeconds(gapSeconds);
  }
  return bed.answers.slice(before).map(({ result }) => result);
}

/** One call on each of the gateway's connections. */
function callOnAll(bed: Bed) {
  const before = bed.answers.length;
  for (let lane = 0; lane < 64; lane += 1) bed.send("place", lane);
  bed.runSeconds(3.1);
  return bed.answers.slice(before).map(({ result }) => result);
}

const arrivals = (bed: Bed) =>
  bed.instances("orders").map((task) => bed.fabric.instances.column.arrivedCount[task]!);

/** Row of the connection that the gateway's calls on a lane take. */
function rowOf({ bed, flows }: ReturnType<typeof networkBed>, lane: number) {
  return flows.table.find({ caller: bed.instances("gateway")[0]!, lane, serviceAt: 0 });
}

function taskOf(own: ReturnType<typeof networkBed>, lane: number) {
  return own.balancer.targets.instance[own.flows.table.target[rowOf(own, lane)]!]!;
}

const { ok, connectionRefused, timedOut } = outcome;

test("all calls on a connection go to one task, in the zone of its node", () => {
  const own = networkBed();
  const { bed, flows } = own;
  const before = arrivals(bed);
  expect(callOn(bed, 7, 50)).toEqual(Array(50).fill(ok));
  const gained = arrivals(bed).map((count, at) => count - before[at]!);
  expect(Math.max(...gained)).toBeGreaterThanOrEqual(50);
  expect(flows.newFlows.value).toBe(1);
  const { zone } = bed.fabric.instances.column;
  for (let lane = 0; lane < 64; lane += 1) expect(callOn(bed, lane, 1)).toEqual([ok]);
  for (let lane = 0; lane < 64; lane += 1) {
    expect(rowOf(own, lane)).not.toBe(-1);
    const node = bed.instances("balancer")[flows.table.node[rowOf(own, lane)]!]!;
    expect(zone[taskOf(own, lane)]).toBe(zone[node]);
  }
  expect(flows.table.openCount).toBe(64);
  const tasks = new Set(Array.from({ length: 64 }, (_, lane) => taskOf(own, lane)));
  expect(tasks.size).toBe(6);
});

test("across zones, when asked to, a node uses the tasks of all", () => {
  const own = networkBed({ balancer: { crossZone: true } });
  const { bed, flows } = own;
  for (let lane = 0; lane < 64; lane += 1) callOn(bed, lane, 1, 0.01);
  const { zone } = bed.fabric.instances.column;
  const crossing = Array.from({ length: 64 }, (_, lane) => {
    const node = bed.instances("balancer")[flows.table.node[rowOf(own, lane)]!]!;
    return zone[taskOf(own, lane)] === zone[node] ? 0 : 1;
  }).reduce<number>((sum, each) => sum + each, 0);
  expect(crossing).toBeGreaterThan(30);
});

describe("health checks", () => {
  test("a hung task is unhealthy after two checks of 30 s and a time-out of 10 s, by most of the nodes", () => {
    const { bed, balancer } = networkBed();
    bed.runSeconds(100);
    const [task] = bed.instances("orders", "c");
    bed.fail(task!, "hang");
    // The second of three nodes needs one interval and a time-out at the least, two and one at the most.
    bed.runSeconds(39.9);
    expect(balancer.isUnhealthy(task!)).toBe(false);
    bed.runSeconds(30.2);
    expect(balancer.isUnhealthy(task!)).toBe(true);
  });

  test("connections to a task that becomes unhealthy are reset with their next call, and begin anew elsewhere", () => {
    const own = networkBed();
    const { bed, flows } = own;
    callOnAll(bed);
    const task = taskOf(own, 5);
    bed.fail(task, "hang");
    bed.runSeconds(75);
    expect(callOn(bed, 5, 3)).toEqual([connectionRefused, ok, ok]);
    expect(flows.balancerResets.value).toBe(1);
    expect(taskOf(own, 5)).not.toBe(task);
  });

  test("connections are kept where they are not terminated, until their caller has waited in vain", () => {
    const own = networkBed({ balancer: { terminateUnhealthyConnections: false } });
    const { bed, flows } = own;
    callOnAll(bed);
    bed.fail(taskOf(own, 5), "hang");
    bed.runSeconds(75);
    expect(callOn(bed, 5, 2, 3.1)).toEqual([timedOut, ok]);
    expect(flows.balancerResets.value).toBe(0);
    expect(flows.clientResets.value).toBe(1);
  });

  test("a crashed task resets connections at once, and its host those that come anew", () => {
    const own = networkBed();
    const { bed, flows } = own;
    callOnAll(bed);
    const doomed = bed.instances("orders", "a");
    for (const task of doomed) bed.fail(task, "crash");
    const results = callOnAll(bed);
    expect(results.filter((each) => each === connectionRefused).length).toBe(
      flows.targetResets.value,
    );
    expect(flows.targetResets.value).toBeGreaterThan(5);
    expect(results.filter((each) => each === timedOut)).toEqual([]);
  });
});

describe("a zone without a healthy task", () => {
  /** The tasks of zone c hang. */
  function withoutZoneC(balancer: Partial<LoadBalancerSpec> = {}) {
    const own = networkBed({ balancer });
    own.bed.runSeconds(100);
    for (const task of own.bed.instances("orders", "c")) own.bed.fail(task, "hang");
    return own;
  }

  test("leaves the name within ten seconds of the verdict, for a reason", () => {
    const { bed, balancer } = withoutZoneC();
    bed.runSeconds(85);
    const verdicts = bed.events("load-balancer.target-unhealthy");
    const [left] = bed.events("load-balancer.node-left-dns");
    expect(verdicts.length).toBe(2);
    expect(left!.zone).toBe(bed.fabric.zone("c"));
    expect(left!.atUs - verdicts[1]!.atUs).toBeLessThanOrEqual(10_000_000);
    expect(bed.causes(left!.seq)).toEqual([
      "instance.failed-by-hang",
      "load-balancer.target-unhealthy",
      "load-balancer.node-left-dns",
    ]);
    expect(balancer.dns.count).toBe(2);
    bed.runSeconds(60);
    callOnAll(bed);
    expect(callOnAll(bed)).toEqual(Array(64).fill(ok));
  });

  test("stays in it where nodes use the tasks of all zones", () => {
    const { bed, balancer } = withoutZoneC({ crossZone: true });
    bed.runSeconds(85);
    expect(bed.events("load-balancer.target-unhealthy").length).toBe(2);
    expect(balancer.dns.count).toBe(3);
  });

  test("its node uses all of its tasks while callers still come, and all zones do when none is healthy", () => {
    const { bed, balancer } = withoutZoneC();
    for (const task of bed.instances("orders")) bed.fail(task, "hang");
    bed.runSeconds(90);
    expect(balancer.dns.count).toBe(0);
    const before = arrivals(bed);
    callOnAll(bed);
    const gained = arrivals(bed).map((count, at) => count - before[at]!);
    for (const count of gained) expect(count).toBeGreaterThan(0);
    expect(balancer.failedOpen.value).toBeGreaterThanOrEqual(64);
  });
});

test("with no task at all a call is reset, and not answered by a 503", () => {
  const { bed, balancer, flows } = networkBed({ service: { taskCount: 0 } });
  expect(callOn(bed, 1, 2)).toEqual([connectionRefused, connectionRefused]);
  expect(balancer.noTarget.value).toBe(2);
  expect(flows.balancerResets.value).toBe(2);
});

describe("a connection that is silent", () => {
  test("is closed by its caller after 90 s, and nobody notices", () => {
    const { bed, flows } = networkBed();
    callOn(bed, 1, 1);
    bed.runSeconds(89);
    expect(callOn(bed, 1, 1)).toEqual([ok]);
    expect(flows.newFlows.value).toBe(1);
    bed.runSeconds(101);
    expect(flows.table.openCount).toBe(0);
    expect(callOn(bed, 1, 1)).toEqual([ok]);
    expect(flows.newFlows.value).toBe(2);
  });

  test("that its caller keeps longer is forgotten after 350 s, and reset with the next call", () => {
    const parameters = { callerKeepAliveUs: 3_600_000_000 };
    const { bed, flows } = networkBed({ balancer: { parameters } });
    callOn(bed, 1, 1);
    bed.runSeconds(349.8);
    expect(callOn(bed, 1, 1)).toEqual([ok]);
    bed.runSeconds(350);
    expect(callOn(bed, 1, 2)).toEqual([connectionRefused, ok]);
    expect(flows.balancerResets.value).toBe(1);
  });
});

describe("zonal shift", () => {
  test("keeps new connections away from a zone, and leaves those that stand", () => {
    const own = networkBed();
    const { bed, balancer, flows } = own;
    callOnAll(bed);
    const c = bed.fabric.zone("c");
    const inC = Array.from({ length: 64 }, (_, lane) => lane).filter(
      (lane) => bed.fabric.instances.column.zone[taskOf(own, lane)] === c,
    );
    expect(balancer.shiftZone(c, true, -1)).toBe(true);
    bed.runSeconds(61);
    callOnAll(bed);
    expect(flows.newFlows.value).toBe(64);
    bed.runSeconds(101);
    expect(callOnAll(bed)).toEqual(Array(64).fill(ok));
    expect(flows.newFlows.value).toBe(128);
    expect(inC.length).toBeGreaterThan(5);
    for (let lane = 0; lane < 64; lane += 1) {
      expect(bed.fabric.instances.column.zone[taskOf(own, lane)]).not.toBe(c);
    }
  });

  test("across zones it needs connections to unhealthy targets to be kept, and then spares the zone's tasks too", () => {
    const c = (own: ReturnType<typeof networkBed>) => own.bed.fabric.zone("c");
    const refused = networkBed({ balancer: { crossZone: true } });
    expect(refused.balancer.shiftZone(c(refused), true, -1)).toBe(false);
    const own = networkBed({
      balancer: { crossZone: true, terminateUnhealthyConnections: false },
    });
    expect(own.balancer.shiftZone(c(own), true, -1)).toBe(true);
    own.bed.runSeconds(61);
    callOnAll(own.bed);
    for (let lane = 0; lane < 64; lane += 1) {
      expect(own.bed.fabric.instances.column.zone[taskOf(own, lane)]).not.toBe(c(own));
    }
  });
});

test("a task that drains keeps its connections, gets no new ones, and leaves after the deregistration delay", () => {
  const own = networkBed({
    balancer: { deregistrationDelaySeconds: 60 },
    service: { taskCount: 2, zones: ["a"] },
  });
  const { bed, orders } = own;
  orders.setControlPlaneFrozen(false);
  callOnAll(bed);
  orders.fleet.setDesiredCount(1, -1);
  bed.runSeconds(10);
  const leaving = bed.events("ecs.task-draining")[0]!;
  const lane = Array.from({ length: 64 }, (_, each) => each).find(
    (each) => taskOf(own, each) === leaving.instance,
  )!;
  // The connection goes on being used, so that the task is never idle.
  while (bed.kernel.nowUs < leaving.atUs + 59_000_000) {
    expect(callOn(bed, lane, 1, 1)).toEqual([ok]);
    expect(taskOf(own, lane)).toBe(leaving.instance);
  }
  expect(callOn(bed, lane, 4, 1)).toEqual([ok, ok, ok, ok]);
  expect(taskOf(own, lane)).not.toBe(leaving.instance);
});

test("a new task gets connections only after its registration of two minutes and a passed check", () => {
  const { bed, orders } = networkBed({ service: { taskCount: 2, zones: ["a"] } });
  orders.setControlPlaneFrozen(false);
  bed.runSeconds(1);
  orders.fleet.setDesiredCount(3, -1);
  while (bed.events("ecs.task-running").length === 0) bed.runSeconds(1);
  const running = bed.events("ecs.task-running")[0]!;
  while (bed.events("load-balancer.target-healthy").length === 0) bed.runSeconds(1);
  const healthy = bed.events("load-balancer.target-healthy")[0]!;
  expect(healthy.instance).toBe(running.instance);
  const afterUs = healthy.atUs - running.atUs;
  expect(afterUs).toBeGreaterThanOrEqual(120_000_000);
  expect(afterUs).toBeLessThanOrEqual(151_000_000);
});

test("tasks that are replaced go on until the balancer has taken the new ones into service", () => {
  const { bed, orders } = networkBed();
  orders.setControlPlaneFrozen(false);
  orders.deploy({ slowFactor: 1 }, -1);
  bed.runSeconds(400);
  const timesOf = (kind: string) => bed.events(kind).map(({ atUs }) => atUs);
  const inService = timesOf("load-balancer.target-healthy");
  const stopped = timesOf("ecs.task-draining");
  expect([timesOf("ecs.task-running").length, inService.length, stopped.length]).toEqual([6, 6, 6]);
  expect(Math.min(...stopped)).toBeGreaterThanOrEqual(Math.max(...inService));
});

test("a zone that loses power takes its connections along; callers give them up and come back through the others", () => {
  const { bed, flows } = networkBed();
  callOnAll(bed);
  bed.losePower("c");
  const during = callOnAll(bed);
  expect(during.filter((each) => each === timedOut).length).toBeGreaterThan(8);
  bed.runSeconds(95);
  callOnAll(bed);
  expect(callOnAll(bed)).toEqual(Array(64).fill(ok));
  expect(flows.clientResets.value).toBeGreaterThan(8);
  bed.restorePower("c");
  bed.runSeconds(41);
  expect(bed.events("load-balancer.node-back-in-dns")).toEqual([]);
});

test("CloudWatch's names say what connections there are and who reset them", () => {
  const own = networkBed();
  const { bed } = own;
  callOnAll(bed);
  const sample = (name: string) => {
    const source = bed.fabric.metrics.sources.find(
      (each) => each.namespace === "AWS/NetworkELB" && each.name === name,
    );
    return source!.sample();
  };
  expect(sample("NewFlowCount")).toBe(64);
  expect(sample("NewFlowCount")).toBe(0);
  expect(sample("ActiveFlowCount")).toBe(64);
  expect(sample("HealthyHostCount")).toBe(6);
  expect(sample("UnHealthyHostCount")).toBe(0);
  bed.fail(taskOf(own, 5), "hang");
  bed.runSeconds(75);
  expect(sample("UnHealthyHostCount")).toBe(1);
  expect(sample("TCP_ELB_Reset_Count")).toBe(0);
  callOn(bed, 5, 1);
  expect(sample("TCP_ELB_Reset_Count")).toBe(1);
});

test("what only the other type of balancer has is refused", () => {
  expect(() => networkBed({ balancer: { slowStartSeconds: 30 } })).toThrow("type application");
  expect(() => networkBed({ balancer: { type: "application", crossZone: true } })).toThrow(
    "type network",
  );
});

test("a snapshot in the middle of a zone's loss goes on to the same end", () => {
  const run = ({ bed }: ReturnType<typeof networkBed>) => {
    callOnAll(bed);
    bed.runSeconds(100);
    callOnAll(bed);
  };
  const first = networkBed();
  callOnAll(first.bed);
  first.bed.losePower("c");
  first.bed.runSeconds(30);
  const snapshot = first.bed.kernel.snapshot();
  run(first);
  const second = networkBed();
  second.bed.kernel.restore(snapshot, { random: "same" });
  run(second);
  expect(second.bed.kernel.digest()).toBe(first.bed.kernel.digest());
  expect(second.flows.newFlows.value).toBe(first.flows.newFlows.value);
});
