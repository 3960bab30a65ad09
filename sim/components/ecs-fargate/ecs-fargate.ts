import { TwinError } from "../../errors/twin-error.ts";
import { assumption, valuesOf } from "../../facts/parameter.ts";
import { compileQuantiles } from "../../kernel/distributions/quantile-table.ts";
import { none } from "../../kernel/none.ts";
import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";
import type { Operation } from "../fabric/call-sites.ts";
import { type Channel, levelChannel } from "../fabric/channel.ts";
import type { Release } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { type FailureManner, status } from "../fabric/instances.ts";
import { resolveParameters } from "../fabric/parameters.ts";
import { LoadBalancer } from "../load-balancer/load-balancer.ts";
import { healthCheckOperation, type TargetService } from "../load-balancer/target-service.ts";
import type { EcsFargateSpec, EcsOperationSpec, EcsScalingSpec } from "./ecs-fargate-spec.ts";
import { hostsOf } from "./hosts-of.ts";
import { TaskFleet } from "./task-fleet.ts";
import { taskFleetDefaults } from "./task-fleet-parameters.ts";

const defaults = {
  ...taskFleetDefaults,
  healthCheckCpuUs: assumption(
    500,
    "us of one vCPU",
    "A health endpoint that answers without calling anything; it waits for a thread and a vCPU like any request",
  ),
  memoryIdlePercent: assumption(
    35,
    "%",
    "Memory of a task without requests: runtime, code and caches of a typical service",
  ),
  memoryBusyPercent: assumption(
    40,
    "%",
    "Memory that requests add when every thread is taken; it grows in proportion to the requests inside",
  ),
};

/** Sigma of the logarithm of CPU time where none is given. Assumption: service times spread by about half. */
const cpuSigma = 0.5;

/**
 * A service of equal tasks on Fargate. A request takes one of the task's threads (`threadsMax`) until it is answered
 * and one of its vCPUs while it computes; when all threads are taken the next request, a health check included, is
 * refused, so that an overloaded task can be taken for an unhealthy one.
 *
 * Calls from the nodes of its load balancer go where the balancer says; other callers spread over the tasks that the
 * service's discovery lists, which are those the control plane believes in.
 */
export class EcsFargate implements TargetService {
  readonly id: string;
  readonly service = "ecs-fargate";
  readonly index: number;
  readonly operations: readonly Operation[];
  readonly fleet: TaskFleet;
  readonly scaling: EcsScalingSpec | undefined;
  /** Of one task. */
  readonly vcpu: number;
  readonly #fabric: Fabric;
  readonly #spec: EcsFargateSpec;
  readonly #parameters;
  readonly #values;
  readonly #spread: KeyedStream;
  /** Found once all components are assembled; it may come later in the topology. Assembly only. */
  #balancerFound: LoadBalancer | undefined;
  /** CPU time of each instance slot at the last sample of the metric. */
  readonly #sampledBusyUs: Float64Array;
  readonly #sampledEpoch: Int32Array;
  readonly #sampledAtUs: Float64Array;

  constructor(fabric: Fabric, index: number, spec: EcsFargateSpec) {
    const { kernel } = fabric;
    this.#fabric = fabric;
    this.#spec = spec;
    this.id = spec.id;
    this.index = index;
    this.scaling = spec.scaling;
    this.vcpu = spec.vcpu;
    this.#parameters = resolveParameters(spec.id, defaults, spec.parameters);
    this.#values = valuesOf(this.#parameters);
    this.operations = [
      ...spec.operations.map(operationOf),
      {
        name: healthCheckOperation,
        urgent: true,
        serviceUs: compileQuantiles({
          kind: "deterministic",
          value: this.#values.healthCheckCpuUs,
        }),
      },
    ];
    this.#spread = kernel.keyed(`${spec.id}.spread`);
    const slots = fabric.instances.slotsMax;
    this.#sampledBusyUs = kernel.float64Array(`${spec.id}.sampled-busy-us`, slots);
    this.#sampledEpoch = kernel.int32Array(`${spec.id}.sampled-epoch`, slots);
    this.#sampledAtUs = kernel.float64Array(`${spec.id}.sampled-at-us`, 1);
    const most = Math.max(spec.taskCount, spec.scaling?.taskCountMax ?? 0);
    this.fleet = new TaskFleet(
      fabric,
      {
        id: spec.id,
        component: index,
        zones: spec.zones.map((zone) => fabric.zone(zone)),
        taskCount: spec.taskCount,
        // Maximum 200 % of the desired count, and as many again of which nothing is heard.
        tasksMax: most * 3 + 8,
        vcpu: spec.vcpu,
        insideMax: spec.threadsMax,
        containerHealthCheck: spec.containerHealthCheck ?? true,
        replacement: "start-first",
        rebalancing: spec.zoneRebalancing ?? true,
        values: this.#values,
        memoryGb: spec.memoryGb,
        ...hostsOf(fabric, spec),
      },
      {
        onRunning: (instance, causeSeq) => {
          this.#balancer()?.register(instance, index, { alreadyHealthy: causeSeq === none });
        },
        onLost: (instance) => this.#balancer()?.deregister(instance),
        onStopping: (instance) => {
          const balancer = this.#balancer();
          balancer?.drain(instance);
          return balancer !== undefined;
        },
        onEnded: (instance) => this.#balancer()?.deregister(instance),
        isInService: (instance) => this.#balancer()?.isRegistering(instance) !== true,
      },
    );
    this.#addMetrics();
  }

  route(callerInstance: number, _callerZone: number, frame: number): number {
    const balancer = this.#balancer();
    if (balancer !== undefined && callerInstance !== none) {
      const caller = this.#fabric.instances.column.component[callerInstance];
      if (caller === balancer.index) return balancer.pickTarget(callerInstance, this.index, frame);
    }
    const count = this.fleet.runningCount;
    if (count === 0) return none;
    const { calls } = this.#fabric;
    const key = calls.keyOf(frame);
    const at = this.#spread.int(count, key, calls.siteOf(frame), calls.attemptOf(frame));
    return this.fleet.runningAt(at);
  }

  targetJudged(instance: number, healthy: boolean, causeSeq: number): void {
    if (healthy) this.fleet.reportHealthy(instance);
    else this.fleet.reportUnhealthy(instance, causeSeq);
  }

  targetDrained(instance: number): void {
    this.fleet.drained(instance);
  }

  instanceFailed(_instance: number, _manner: FailureManner, _causeSeq: number): void {
    // The scheduler looks at its tasks all the time, containers check themselves, and the balancer checks its targets.
  }

  powerRestored(instance: number, causeSeq: number): void {
    this.fleet.powerRestored(instance, causeSeq);
  }

  setControlPlaneFrozen(frozen: boolean): void {
    this.fleet.setFrozen(frozen);
  }

  setZoneCapacity(zone: number, available: boolean): void {
    this.fleet.setCapacity(zone, available);
  }

  deploy(release: Release, causeSeq: number): number {
    return this.fleet.deploy(release, causeSeq);
  }

  get releaseNumber(): number {
    return this.fleet.releaseNumber;
  }

  start(): void {
    if (this.#spec.balancer !== undefined) {
      this.#balancerFound = requireBalancer(this.#fabric, this.id, this.#spec.balancer);
    }
    this.fleet.start();
  }

  parameters() {
    return this.#parameters;
  }

  channels(): readonly Channel[] {
    const { column } = this.#fabric.instances;
    const sum = (values: { readonly [slot: number]: number }) => {
      let total = 0;
      for (let at = 0; at < this.fleet.runningCount; at += 1) {
        total += values[this.fleet.runningAt(at)]!;
      }
      return total;
    };
    return [
      levelChannel("tasks-wanted", "tasks", () => this.fleet.desiredCount),
      levelChannel("tasks-running", "tasks", () => this.fleet.runningCount),
      levelChannel("tasks-starting", "tasks", () => this.fleet.pendingCount),
      levelChannel("tasks-up", "tasks", () => this.#countUp()),
      levelChannel("in-flight", "requests", () => sum(column.insideCount)),
      levelChannel("waiting", "requests", () => sum(column.waitingCount)),
      levelChannel(
        "vCPU",
        "share of capacity",
        () => sum(column.busyCount) / Math.max(1, sum(column.serverCount)),
      ),
    ];
  }

  /** Tasks that really serve, whatever the control plane believes. */
  #countUp(): number {
    const { column } = this.#fabric.instances;
    let count = 0;
    for (let at = 0; at < this.fleet.runningCount; at += 1) {
      if (column.status[this.fleet.runningAt(at)] === status.up) count += 1;
    }
    return count;
  }

  #balancer(): LoadBalancer | undefined {
    return this.#balancerFound;
  }

  #addMetrics(): void {
    const { metrics } = this.#fabric;
    const service = {
      namespace: "AWS/ECS",
      component: this.index,
      unit: "Percent",
      isLevel: true,
    } as const;
    metrics.add({ ...service, name: "CPUUtilization", sample: () => this.#sampleCpuPercent() });
    metrics.add({ ...service, name: "MemoryUtilization", sample: () => this.#sampleMemory() });
    const insights = {
      namespace: "ECS/ContainerInsights",
      component: this.index,
      unit: "Count",
      isLevel: true,
    } as const;
    metrics.add({
      ...insights,
      name: "RunningTaskCount",
      sample: () => this.fleet.runningCount,
    });
    metrics.add({
      ...insights,
      name: "DesiredTaskCount",
      sample: () => this.fleet.desiredCount,
    });
    metrics.add({
      ...insights,
      name: "PendingTaskCount",
      sample: () => this.fleet.pendingCount,
    });
  }

  /** CPU used by the tasks that report, in percent of what they reserved; a silent task reports nothing. */
  #sampleCpuPercent(): number {
    const { instances, kernel } = this.#fabric;
    const spanUs = kernel.nowUs - this.#sampledAtUs[0]!;
    this.#sampledAtUs[0] = kernel.nowUs;
    let usedUs = 0;
    let reporting = 0;
    for (let at = 0; at < this.fleet.runningCount; at += 1) {
      const instance = this.fleet.runningAt(at);
      if (!this.#reports(instance)) continue;
      instances.account(instance);
      const busyUs = instances.column.busyUs[instance]!;
      const startedUs = instances.column.startedUs[instance]!;
      const isKnown = this.#sampledEpoch[instance] === instances.epoch[instance];
      const beforeUs = isKnown ? this.#sampledBusyUs[instance]! : 0;
      const share = Math.min(1, (kernel.nowUs - startedUs) / spanUs);
      usedUs += busyUs - beforeUs;
      reporting += share;
      this.#sampledBusyUs[instance] = busyUs;
      this.#sampledEpoch[instance] = instances.epoch[instance]!;
    }
    const servers = Math.max(1, Math.round(this.#spec.vcpu));
    return (100 * usedUs) / (reporting * servers * spanUs);
  }

  #sampleMemory(): number {
    const { column } = this.#fabric.instances;
    const { memoryIdlePercent, memoryBusyPercent } = this.#values;
    let filled = 0;
    let reporting = 0;
    for (let at = 0; at < this.fleet.runningCount; at += 1) {
      const instance = this.fleet.runningAt(at);
      if (!this.#reports(instance)) continue;
      filled += column.insideCount[instance]! / column.insideMax[instance]!;
      reporting += 1;
    }
    return memoryIdlePercent + (memoryBusyPercent * filled) / reporting;
  }

  #reports(instance: number): boolean {
    const { instances, zones } = this.#fabric;
    const { column } = instances;
    const now = column.status[instance];
    const isAlive = now === status.up || now === status.hung || now === status.draining;
    return isAlive && zones.inMajority(column.zone[instance]!);
  }
}

export function createEcsFargate(fabric: Fabric, index: number, spec: EcsFargateSpec): EcsFargate {
  return new EcsFargate(fabric, index, spec);
}

/** The load balancer that a service names; one that does not know the service is a mistake in the topology. */
function requireBalancer(fabric: Fabric, id: string, balancerId: string): LoadBalancer {
  const balancer = fabric.components.find((component) => component.id === balancerId);
  if (balancer instanceof LoadBalancer && balancer.targetIds.includes(id)) return balancer;
  throw new TwinError({
    code: "ecs-fargate.balancer-unfit",
    problem: `"${balancerId}", the balancer of "${id}", is no load balancer with "${id}" among its targets`,
    remedy: `Name a load-balancer component and list "${id}" in its targets`,
    at: `/components/${id}/balancer`,
  });
}

function operationOf(spec: EcsOperationSpec): Operation {
  const { name, cpuMs } = spec;
  if (typeof cpuMs === "number") {
    const value = cpuMs * 1000;
    return { name, serviceUs: compileQuantiles({ kind: "deterministic", value }) };
  }
  const median = cpuMs.median * 1000;
  const sigma = cpuMs.sigma ?? cpuSigma;
  return { name, serviceUs: compileQuantiles({ kind: "lognormal", median, sigma }) };
}
