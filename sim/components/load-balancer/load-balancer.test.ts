import { describe, expect, test } from "vitest";
import { createEcsFargate, type EcsFargate } from "../ecs-fargate/ecs-fargate.ts";
import type { EcsFargateSpec } from "../ecs-fargate/ecs-fargate-spec.ts";
import { status } from "../fabric/instances.ts";
import { outcome } from "../fabric/outcome.ts";
import { plainService, TestBed } from "../fabric/test-bed.ts";
import { createLoadBalancer, type LoadBalancer } from "./load-balancer.ts";
import type { LoadBalancerSpec } from "./load-balancer-spec.ts";

interface BalancedOptions {
  readonly balancer?: Partial<LoadBalancerSpec>;
  readonly service?: Partial<EcsFargateSpec>;
  readonly seed?: string;
}

/** Clients call a balancer with a node in each of three zones, which forwards to six tasks. */
function balancedBed(options: BalancedOptions = {}) {
  const bed = new TestBed({
    seed: options.seed ?? "alb",
    factories: [
      {
        id: "balancer",
        create: (fabric, index) =>
          createLoadBalancer(fabric, index, {
            id: "balancer",
            service: "load-balancer",
            zones: ["a", "b", "c"],
            targets: ["orders"],
            ...options.balancer,
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
            threadsMax: 20,
            balancer: "balancer",
            operations: [{ name: "place", cpuMs: 5 }],
            ...options.service,
          }),
      },
      plainService({ id: "slow", zones: ["a"], operations: { serve: 2_000_000 } }),
    ],
    flows: [
      {
        name: "stuck",
        call: {
          to: "balancer",
          timeoutMs: 400_000,
          calls: [{ to: "orders", operation: "place", timeoutMs: 400_000 }],
        },
      },
      {
        name: "place",
        call: {
          to: "balancer",
          timeoutMs: 3000,
          calls: [{ to: "orders", operation: "place", timeoutMs: 1000 }],
        },
      },
      {
        name: "slow",
        call: {
          to: "balancer",
          timeoutMs: 30_000,
          calls: [{ to: "orders", operation: "place", timeoutMs: 20_000, calls: [{ to: "slow" }] }],
        },
      },
    ],
  });
  const balancer = bed.fabric.component("balancer") as LoadBalancer;
  const orders = bed.fabric.component("orders") as EcsFargate;
  return { bed, balancer, orders };
}

/** Sends one request each 10 ms for some seconds and says how they ended. */
function drive(bed: TestBed, seconds: number, from = 0) {
  const before = bed.answers.length;
  for (let data = 0; data < seconds * 100; data += 1) {
    bed.send("place", from + data);
    bed.runSeconds(0.01);
  }
  const results = bed.answers.slice(before).map((each) => each.result);
  return {
    ok: results.filter((result) => result === outcome.ok).length,
    failed: results.filter((result) => result !== outcome.ok).length,
  };
}

test("each node takes its turn among the tasks of all zones", () => {
  const { bed } = balancedBed();
  expect(drive(bed, 6)).toMatchObject({ failed: 0 });
  const { arrivedCount } = bed.fabric.instances.column;
  const counts = bed.instances("orders").map((task) => arrivedCount[task]!);
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(6);
});

test("least outstanding requests keeps away from a task that has stopped answering", () => {
  const arrivals = (algorithm: "round-robin" | "least-outstanding-requests") => {
    const { bed } = balancedBed({ balancer: { algorithm }, service: { taskCount: 3 } });
    const [first] = bed.instances("orders");
    bed.fail(first!, "hang");
    drive(bed, 4);
    return bed.fabric.instances.column.arrivedCount[first!]!;
  };
  expect(arrivals("least-outstanding-requests")).toBeLessThan(arrivals("round-robin") * 0.6);
});

describe("health checks", () => {
  test("a dark task is out of use after two checks of 30 s and a time-out of 5 s, for each node in its own time", () => {
    const { bed, balancer, orders } = balancedBed();
    // Otherwise the task may be called lost by its silent agent, and taken out, before the checks are through.
    orders.setControlPlaneFrozen(true);
    bed.runSeconds(100);
    const [task] = bed.instances("orders", "c");
    bed.fail(task!, "power");
    bed.runSeconds(34.9);
    expect(balancer.isUnhealthy(task!)).toBe(false);
    bed.runSeconds(30.2);
    expect(balancer.isUnhealthy(task!)).toBe(true);
    const [event] = bed.events("load-balancer.target-unhealthy");
    expect(bed.causes(event!.seq)).toEqual([
      "instance.failed-by-power",
      "load-balancer.target-unhealthy",
    ]);
    expect(balancer.verdictSeq(task!)).toBe(event!.seq);
  });

  test("tuned checks find it as much sooner", () => {
    const { bed, balancer } = balancedBed({
      balancer: { healthCheck: { intervalSeconds: 5, timeoutSeconds: 2 } },
    });
    bed.runSeconds(100);
    const [task] = bed.instances("orders", "c");
    bed.fail(task!, "hang");
    bed.runSeconds(12.1);
    expect(balancer.isUnhealthy(task!)).toBe(true);
  });

  test("a crashed task refuses requests until the agent's report takes it out", () => {
    const { bed } = balancedBed();
    bed.runSeconds(100);
    bed.fail(bed.instances("orders", "c")[0]!, "crash");
    const during = drive(bed, 5);
    expect(during.failed).toBeGreaterThan(0);
    expect(drive(bed, 5, 1000)).toMatchObject({ failed: 0 });
  });

  test("an unhealthy task needs five passes to be used again, a new one needs one", () => {
    const { bed, balancer, orders } = balancedBed();
    orders.setControlPlaneFrozen(true);
    bed.runSeconds(100);
    // The nodes in a and c can't reach zone b for a while; the node in b can.
    const { zones } = bed.fabric;
    const b = bed.fabric.zone("b");
    for (const other of ["a", "c"]) zones.setLink(bed.fabric.zone(other), b, false);
    bed.runSeconds(70);
    const [task] = bed.instances("orders", "b");
    expect(balancer.isUnhealthy(task!)).toBe(true);
    for (const other of ["a", "c"]) zones.setLink(bed.fabric.zone(other), b, true);
    bed.runSeconds(115);
    expect(balancer.isUnhealthy(task!)).toBe(true);
    bed.runSeconds(40);
    expect(balancer.isUnhealthy(task!)).toBe(false);
  });

  test("an overloaded task, all threads taken, fails its checks like a broken one", () => {
    const { bed, balancer } = balancedBed({
      service: { taskCount: 1, threadsMax: 4, containerHealthCheck: false },
      balancer: { healthCheck: { intervalSeconds: 5, timeoutSeconds: 2 } },
    });
    const [task] = bed.instances("orders");
    for (let half = 0; half < 60; half += 1) {
      for (let each = 0; each < 4; each += 1) bed.send("slow", half * 4 + each);
      bed.runSeconds(0.5);
    }
    expect(bed.events("load-balancer.target-unhealthy").length).toBe(1);
    expect(balancer.verdictSeq(task!)).toBe(bed.events("load-balancer.target-unhealthy")[0]!.seq);
  });

  test("when no target is healthy all of them are used", () => {
    const { bed, orders } = balancedBed({ service: { containerHealthCheck: false } });
    orders.setControlPlaneFrozen(true);
    bed.runSeconds(10);
    const tasks = bed.instances("orders");
    for (const task of tasks) bed.fail(task, "hang");
    bed.runSeconds(80);
    const channel = bed.fabric
      .component("balancer")
      .channels()
      .find((each) => each.name === "failed-open")!;
    const before = bed.fabric.instances.column.arrivedCount[tasks[5]!]!;
    drive(bed, 1);
    bed.runSeconds(0.1);
    expect(channel.read()).toBe(100);
    expect(bed.fabric.instances.column.arrivedCount[tasks[5]!]! - before).toBeGreaterThan(10);
  });
});

describe("a zone that loses power", () => {
  test("costs requests until its tasks fail their checks and its node has left everyone's DNS, and then none", () => {
    const { bed } = balancedBed();
    drive(bed, 2);
    bed.losePower("c");
    const first = drive(bed, 20, 1000);
    expect(first.failed).toBeGreaterThan(first.ok * 0.4);
    bed.runSeconds(80);
    const later = drive(bed, 20, 10_000);
    expect(later.failed).toBe(0);
  });

  test("its node leaves DNS after three checks of 10 s, and callers follow over the TTL of 60 s", () => {
    const { bed } = balancedBed({ service: { taskCount: 2, zones: ["a", "b"] } });
    bed.runSeconds(100);
    bed.losePower("c");
    bed.runSeconds(19.9);
    expect(bed.events("load-balancer.node-left-dns")).toEqual([]);
    bed.runSeconds(10.2);
    const [left] = bed.events("load-balancer.node-left-dns");
    expect(bed.causes(left!.seq)).toEqual([
      "zone.power-lost",
      "instance.failed-by-power",
      "load-balancer.node-left-dns",
    ]);
    // All targets are fine, so what fails is what was sent to the dark node.
    const lostShare = () => {
      const before = bed.answers.length;
      for (let data = 0; data < 600; data += 1) bed.send("place", data);
      bed.runSeconds(0);
      const sinceSent = bed.fabric.instances.column;
      expect(sinceSent.status[bed.instances("balancer", "c")[0]!]).toBe(status.dark);
      bed.runSeconds(4);
      const lost = bed.answers.slice(before).filter((each) => each.result === outcome.timedOut);
      return lost.length / 600;
    };
    const early = lostShare();
    expect(early).toBeGreaterThan(0.2);
    bed.runSeconds(26);
    const half = lostShare();
    expect(half).toBeLessThan(early * 0.75);
    expect(half).toBeGreaterThan(0.05);
    bed.runSeconds(30);
    expect(lostShare()).toBe(0);
  });

  test("the fleet is whole again and the balancer uses the replacements, each after one pass", () => {
    const { bed, balancer, orders } = balancedBed();
    bed.runSeconds(100);
    bed.losePower("c");
    bed.runSeconds(500);
    expect(orders.fleet.runningCount).toBe(6);
    const healthy = balancer.channels().find((each) => each.name === "targets-healthy")!;
    expect(healthy.read()).toBe(6);
    const recovered = bed.events("load-balancer.target-healthy");
    expect(bed.causes(recovered[0]!.seq)[0]).toBe("zone.power-lost");
    bed.restorePower("c");
    bed.runSeconds(31);
    const [back] = bed.events("load-balancer.node-back-in-dns");
    expect(bed.causes(back!.seq)[0]).toBe("zone.power-restored");
  });
});

test("a cut-off node condemns nobody for the others, and keeps to its own zone", () => {
  const { bed, balancer } = balancedBed();
  bed.runSeconds(100);
  bed.isolate("a", true);
  bed.runSeconds(90);
  const unhealthy = bed.events("load-balancer.target-unhealthy");
  const a = bed.fabric.zone("a");
  expect(unhealthy.length).toBe(2);
  expect(unhealthy.every((each) => each.zone === a)).toBe(true);
  for (const zone of ["b", "c"]) {
    for (const task of bed.instances("orders", zone))
      expect(balancer.isUnhealthy(task)).toBe(false);
  }
});

test("one node that cannot reach a target stops using it and does not condemn it", () => {
  const { bed, balancer, orders } = balancedBed();
  bed.runSeconds(100);
  const { zones } = bed.fabric;
  zones.setLink(bed.fabric.zone("a"), bed.fabric.zone("c"), false);
  bed.runSeconds(120);
  expect(bed.events("load-balancer.target-unhealthy")).toEqual([]);
  expect(drive(bed, 5)).toMatchObject({ failed: 0 });
  expect(orders.fleet.runningCount).toBe(6);
  for (const task of bed.instances("orders")) expect(balancer.isUnhealthy(task)).toBe(false);
});

test("a region in pieces condemns nobody: no node can report to a majority", () => {
  const { bed } = balancedBed();
  bed.runSeconds(100);
  bed.isolate("a", true);
  bed.fabric.zones.setLink(bed.fabric.zone("b"), bed.fabric.zone("c"), false);
  bed.runSeconds(300);
  expect(bed.events("load-balancer.target-unhealthy")).toEqual([]);
});

test("a draining task gets nothing new, finishes what it has, and leaves early when it is idle", () => {
  const { bed, orders } = balancedBed({
    service: { taskCount: 2, zones: ["a"], threadsMax: 100 },
  });
  const { column } = bed.fabric.instances;
  bed.runSeconds(10);
  for (let data = 0; data < 10; data += 1) bed.send("slow", data);
  bed.runSeconds(0.2);
  orders.fleet.setDesiredCount(1, -1);
  const isDraining = (task: number) => column.status[task] === status.draining;
  while (!bed.instances("orders").some(isDraining)) {
    bed.send("slow", 10);
    bed.runSeconds(0.2);
  }
  const leaving = bed.instances("orders").find(isDraining)!;
  const before = column.arrivedCount[leaving]!;
  for (let data = 0; data < 20; data += 1) bed.send("place", data);
  bed.runSeconds(0.5);
  // Some may have been under way; health checks may have come.
  expect(column.arrivedCount[leaving]! - before).toBeLessThanOrEqual(3);
  bed.runSeconds(60);
  expect(bed.answers.every((each) => each.result === outcome.ok)).toBe(true);
  expect(bed.instances("orders").length).toBe(1);
});

test("draining ends at the deregistration delay however long requests take", () => {
  const { bed, orders } = balancedBed({
    balancer: { deregistrationDelaySeconds: 20, healthCheck: { intervalSeconds: 300 } },
    service: { taskCount: 2, zones: ["a"], containerHealthCheck: false },
  });
  bed.runSeconds(10);
  const tasks = bed.instances("orders");
  for (const task of tasks) bed.fail(task, "hang");
  for (let data = 0; data < 10; data += 1) bed.send("stuck", data);
  bed.runSeconds(0.2);
  orders.fleet.setDesiredCount(1, -1);
  // A look of the scheduler (5 s), the delay (20 s), the stop timeout (30 s).
  bed.runSeconds(45);
  expect(bed.instances("orders").length).toBe(2);
  bed.runSeconds(15);
  expect(bed.instances("orders").length).toBe(1);
});

test("what the balancer calls unhealthy is replaced, and stays until its replacement runs", () => {
  const { bed, orders } = balancedBed({ service: { containerHealthCheck: false } });
  bed.runSeconds(100);
  const [task] = bed.instances("orders", "c");
  bed.fail(task!, "hang");
  bed.runSeconds(600);
  expect(orders.fleet.runningCount).toBe(6);
  const [running] = bed.events("ecs.task-running");
  const [draining] = bed.events("ecs.task-draining");
  expect(bed.causes(running!.seq)).toEqual([
    "instance.failed-by-hang",
    "load-balancer.target-unhealthy",
    "ecs.task-launched",
    "ecs.task-running",
  ]);
  expect(draining!.atUs).toBeGreaterThan(running!.atUs);
  expect(bed.fabric.instances.column.status[task!]).not.toBe(status.hung);
});

test("a snapshot in the middle of a zone's loss goes on to the same end", () => {
  const first = balancedBed();
  first.bed.runSeconds(100);
  first.bed.losePower("c");
  first.bed.runSeconds(62);
  const snapshot = first.bed.kernel.snapshot();
  first.bed.runSeconds(300);
  const second = balancedBed();
  second.bed.kernel.restore(snapshot, { random: "same" });
  second.bed.runSeconds(300);
  expect(second.bed.kernel.digest()).toBe(first.bed.kernel.digest());
  expect(second.bed.events()).toEqual(first.bed.events());
});

test("frames do not leak: checkers of targets that come and go are ended with them", () => {
  const { bed, orders } = balancedBed();
  bed.runSeconds(100);
  const nodes = 3;
  for (let round = 0; round < 5; round += 1) {
    for (const task of bed.instances("orders")) bed.fail(task, "crash");
    bed.runSeconds(400);
    expect(orders.fleet.runningCount).toBe(6);
  }
  // A checker for each node and target; a check may be under way.
  expect(bed.fabric.calls.openCount).toBeGreaterThanOrEqual(nodes * 6);
  expect(bed.fabric.calls.openCount).toBeLessThanOrEqual(nodes * 6 * 2);
});

describe("a target that has just become healthy", () => {
  /** Requests a second that a replacement gets in its first twenty seconds of health, and two minutes later. */
  function sharesOfReplacement(balancer: Partial<LoadBalancerSpec>) {
    const healthCheck = { intervalSeconds: 5, timeoutSeconds: 2 };
    const { bed, orders } = balancedBed({ balancer: { healthCheck, ...balancer } });
    drive(bed, 5);
    const before = bed.instances("orders");
    const [doomed] = before;
    bed.fail(doomed!, "crash");
    const { column } = bed.fabric.instances;
    const isNew = (instance: number) =>
      instance === doomed || !before.includes(instance) ? column.startedUs[instance]! > 0 : false;
    let replacement = -1;
    for (let second = 0; second < 200 && replacement < 0; second += 1) {
      bed.runSeconds(1);
      for (let at = 0; at < orders.fleet.runningCount; at += 1) {
        if (isNew(orders.fleet.runningAt(at))) replacement = orders.fleet.runningAt(at);
      }
    }
    bed.runSeconds(6);
    const arrivals = (seconds: number) => {
      const from = column.arrivedCount[replacement]!;
      drive(bed, seconds);
      return (column.arrivedCount[replacement]! - from) / seconds;
    };
    const early = arrivals(20);
    bed.runSeconds(120);
    return { early, late: arrivals(20) };
  }

  test("gets its full share at once, or a share that grows with its age", () => {
    const plain = sharesOfReplacement({});
    // A sixth of 100 a second, and the checks of three nodes every five seconds.
    expect(plain.early).toBeGreaterThan(15);
    const slow = sharesOfReplacement({ slowStartSeconds: 100 });
    expect(slow.early).toBeLessThan(plain.early / 2);
    expect(slow.early).toBeGreaterThan(0.6);
    expect(slow.late).toBeGreaterThan(15);
  });
});

test("a node that fails open early uses all targets as soon as too few are healthy in its eyes", () => {
  const healthCheck = { intervalSeconds: 5, timeoutSeconds: 2 };
  const arrivedAt = (failOpenBelowShare: number) => {
    const { bed } = balancedBed({ balancer: { healthCheck, failOpenBelowShare } });
    const [hung] = bed.instances("orders");
    bed.fabric.component("orders").setControlPlaneFrozen?.(true, -1);
    bed.fail(hung!, "hang");
    bed.runSeconds(30);
    const { column } = bed.fabric.instances;
    const before = column.arrivedCount[hung!]!;
    drive(bed, 5);
    return column.arrivedCount[hung!]! - before;
  };
  // Five of six are healthy.
  expect(arrivedAt(0.5)).toBeLessThan(10);
  expect(arrivedAt(0.9)).toBeGreaterThan(15);
});
