import { lognormalFromQuantiles } from "../../kernel/distributions/lognormal-from-quantiles.ts";
import { compileQuantiles, type QuantileTable } from "../../kernel/distributions/quantile-table.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";
import { causeOfSilence } from "../fabric/cause-of-silence.ts";
import type { Release } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { type FailureManner, status } from "../fabric/instances.ts";
import { TokenBucket } from "../fabric/token-bucket.ts";
import type { HostPool } from "./host-pool.ts";
import type { TaskFleetValues } from "./task-fleet-parameters.ts";

/** What the owner of a fleet is told about its tasks. */
export interface TaskFleetHooks {
  /** A task has started and serves. */
  onRunning(instance: number, causeSeq: number): void;
  /** The control plane has given a task up: it died, or nothing is heard of it. It may still run where it stands. */
  onLost(instance: number, causeSeq: number): void;
  /** A task is about to be stopped in good order. True: the owner drains it and calls `drained` when done. */
  onStopping(instance: number, causeSeq: number): boolean;
  /** The last moment of a task that has run, however it came; its slot is given back afterwards. */
  onEnded?(instance: number, causeSeq: number): void;
}

export interface TaskFleetOptions {
  /** Prefix of the fleet's names in kernel and log: the component's id. */
  readonly id: string;
  readonly component: number;
  /** Zones to spread over, by number. */
  readonly zones: readonly number[];
  /** Tasks wanted at the start; they stand and run when the run begins. */
  readonly taskCount: number;
  /** Most tasks there is room for, those being replaced included. */
  readonly tasksMax: number;
  readonly vcpu: number;
  /** Most frames inside one task. */
  readonly insideMax: number;
  /** Whether containers check themselves; without it a hung task is noticed by a load balancer only. */
  readonly containerHealthCheck: boolean;
  /** Whether an unhealthy task goes on until its replacement runs (maximum 200 %) or goes first (maximum 100 %). */
  readonly replacement: "start-first" | "stop-first";
  /** Whether tasks are moved when a zone holds two more than another. */
  readonly rebalancing: boolean;
  readonly values: TaskFleetValues;
  /** Room that a task takes on a host, where hosts are one's own. */
  readonly memoryGb?: number;
  /** Finds the hosts once all components are assembled; left out on Fargate. */
  readonly hosts?: () => HostPool;
}

/** Where the control plane believes a task to be; ECS names in comments. */
const stage = {
  free: 0,
  /** PROVISIONING: placed, network interface being set up. */
  provisioning: 1,
  /** PENDING: image being pulled, container being started. */
  pending: 2,
  /** ACTIVATING: the program boots and is registered. */
  activating: 3,
  /** RUNNING. */
  running: 4,
  /** RUNNING, unhealthy, kept until its replacement runs. */
  condemned: 5,
  /** DEACTIVATING: connections drain. */
  draining: 6,
  /** STOPPING: told to end; killed when it has not by the stop timeout. */
  stopping: 7,
  /** Given up without having been seen to end: its host is silent. Stopped when it is heard of again. */
  lost: 8,
} as const;

/** How often a stopping task is looked at. Assumption: one second, well below the stop timeout. */
const stopLookUs = 1_000_000;

/**
 * A set of tasks on Fargate and the part of the ECS control plane that keeps it at its desired count.
 *
 *   wanted -> provisioning -> pending -> activating -> running -> draining -> stopping -> free
 *                  |                                     |
 *                  '- placement failed: another zone     '- crashed / unhealthy / silent: lost -> replaced
 *
 * The control plane is regional. It looks at its tasks every few seconds and sees those in zones that talk to the
 * majority of the region: a crash by the agent's report, a hang by the container's own health check (or by what a
 * load balancer says), a dark or cut-off host by its silence. It learns that a zone is bad only from placements that
 * fail there, so the first replacements may be wasted on the zone that has just been lost.
 */
export class TaskFleet {
  readonly #fabric: Fabric;
  readonly #options: TaskFleetOptions;
  readonly #hooks: TaskFleetHooks;
  readonly #stage: Uint8Array;
  readonly #instance: Int32Array;
  /** Handle of the host that each task stands on; `none` on Fargate. */
  readonly #host: Int32Array;
  /** Rises with each task in a position, so that events for an earlier one are recognised. */
  readonly #tenancy: Int32Array;
  readonly #silentSinceUs: Float64Array;
  readonly #failedChecks: Int32Array;
  /** Release that a task is of, and microseconds after which it crashes of itself (-1: never). */
  readonly #taskRelease: Int32Array;
  readonly #taskCrashesAfterUs: Float64Array;
  /** The release that all tasks should be of. */
  readonly #release: Float64Array;
  /** Event that says a task is unhealthy, or of another release than it should be; `none` while neither is so. */
  readonly #unhealthySeq: Int32Array;
  readonly #stopByUs: Float64Array;
  /** Desired count, cause of the last change to it, extra task of a rebalancing, tasks launched so far. */
  readonly #wanted: Int32Array;
  readonly #rebalanceAtUs: Float64Array;
  readonly #zoneAvoidedUntilUs: Float64Array;
  readonly #zoneHasCapacity: Uint8Array;
  readonly #frozen: Uint8Array;
  /** Positions of running tasks, in order, and how many. */
  readonly #running: Int32Array;
  readonly #runningCount: Int32Array;
  /** Causes of the places that became vacant, oldest first. */
  readonly #vacancies;
  readonly #accountLaunches: TokenBucket;
  readonly #serviceLaunches: TokenBucket;
  readonly #startUs: QuantileTable;
  readonly #draw: KeyedStream;
  readonly #look: HandlerId;
  readonly #stageEnds: HandlerId;
  readonly #placementFails: HandlerId;
  readonly #stopLook: HandlerId;
  readonly #containerCheck: HandlerId;
  readonly #containerVerdict: HandlerId;
  readonly #crash: HandlerId;
  readonly #kinds;
  /** Hosts of one's own, and this fleet's number there. Assembly only. */
  #hosts: { readonly pool: HostPool; readonly fleet: number } | undefined;

  constructor(fabric: Fabric, options: TaskFleetOptions, hooks: TaskFleetHooks) {
    const { kernel, log } = fabric;
    const { id, tasksMax, values } = options;
    this.#fabric = fabric;
    this.#options = options;
    this.#hooks = hooks;
    this.#stage = kernel.uint8Array(`${id}.task.stage`, tasksMax);
    this.#instance = kernel.int32Array(`${id}.task.instance`, tasksMax).fill(none);
    this.#host = kernel.int32Array(`${id}.task.host`, tasksMax).fill(none);
    this.#tenancy = kernel.int32Array(`${id}.task.tenancy`, tasksMax);
    this.#silentSinceUs = kernel.float64Array(`${id}.task.silent-since-us`, tasksMax);
    this.#failedChecks = kernel.int32Array(`${id}.task.failed-checks`, tasksMax);
    this.#taskRelease = kernel.int32Array(`${id}.task.release`, tasksMax);
    this.#taskCrashesAfterUs = kernel.float64Array(`${id}.task.crashes-after-us`, tasksMax);
    this.#release = kernel.float64Array(`${id}.release`, 4);
    this.#release.set([0, 1, -1, none]);
    this.#unhealthySeq = kernel.int32Array(`${id}.task.unhealthy-seq`, tasksMax);
    this.#stopByUs = kernel.float64Array(`${id}.task.stop-by-us`, tasksMax);
    this.#wanted = kernel.int32Array(`${id}.wanted`, 4);
    this.#wanted[wanted.desired] = options.taskCount;
    this.#wanted[wanted.causeSeq] = none;
    this.#rebalanceAtUs = kernel.float64Array(`${id}.rebalance-at-us`, 1);
    this.#zoneAvoidedUntilUs = kernel.float64Array(`${id}.zone-avoided-us`, options.zones.length);
    this.#zoneHasCapacity = kernel.uint8Array(`${id}.zone-capacity`, options.zones.length).fill(1);
    this.#frozen = kernel.uint8Array(`${id}.control-plane-frozen`, 1);
    this.#running = kernel.int32Array(`${id}.running`, tasksMax);
    this.#runningCount = kernel.int32Array(`${id}.running-count`, 1);
    this.#vacancies = kernel.queue(`${id}.vacancies`, tasksMax);
    this.#accountLaunches = fabric.accountQuota("fargate.launches", {
      ratePerSecond: values.launchesPerSecond,
      burst: values.launchBurst,
    });
    this.#serviceLaunches = new TokenBucket(kernel, `${id}.launches`, {
      ratePerSecond: values.serviceLaunchesPerMin / 60,
      burst: values.serviceLaunchesPerMin / 60,
    });
    const { startUsP50, startUsP95 } = values;
    this.#startUs = compileQuantiles(
      startUsP95 > startUsP50
        ? lognormalFromQuantiles({ p50: startUsP50, p95: startUsP95 })
        : { kind: "deterministic", value: startUsP50 },
    );
    this.#draw = kernel.keyed(`${id}.fleet`);
    this.#look = kernel.handler(`${id}.scheduler-look`, () => this.#lookAround());
    this.#stageEnds = kernel.handler(`${id}.stage-ends`, (at, tenancy, totalMs) => {
      if (this.#tenancy[at] === tenancy) this.#advance(at, totalMs);
    });
    this.#placementFails = kernel.handler(`${id}.placement-fails`, (at, tenancy) => {
      if (this.#tenancy[at] === tenancy) this.#placementFailed(at);
    });
    this.#stopLook = kernel.handler(`${id}.stop-look`, (at, tenancy) => {
      if (this.#tenancy[at] === tenancy) this.#lookAtStopping(at);
    });
    this.#containerCheck = kernel.handler(`${id}.container-check`, (at, tenancy) => {
      if (this.#tenancy[at] === tenancy) this.#checkContainer(at);
    });
    this.#containerVerdict = kernel.handler(`${id}.container-verdict`, (at, tenancy) => {
      if (this.#tenancy[at] === tenancy) this.#judgeContainer(at);
    });
    this.#crash = kernel.handler(`${id}.task-crashes`, (at, tenancy) => {
      if (this.#tenancy[at] === tenancy) this.#crashByItself(at);
    });
    this.#kinds = {
      deployed: log.kind("ecs.deployment-began", "act"),
      crashed: log.kind("instance.failed-by-crash", "fault"),
      lost: log.kind("ecs.task-lost", "detect"),
      exited: log.kind("ecs.task-exited", "detect"),
      unhealthy: log.kind("ecs.container-unhealthy", "detect"),
      placementFailed: log.kind("ecs.placement-failed", "decide"),
      launched: log.kind("ecs.task-launched", "decide"),
      running: log.kind("ecs.task-running", "act"),
      draining: log.kind("ecs.task-draining", "act"),
      stopped: log.kind("ecs.task-stopped", "info"),
      desiredChanged: log.kind("ecs.desired-count-changed", "act"),
    };
  }

  /** Puts the first tasks in place, running, and begins to look after them. */
  start(): void {
    const { kernel } = this.#fabric;
    const { values, taskCount } = this.#options;
    this.#joinHosts();
    for (let count = 0; count < taskCount; count += 1) {
      // The first tasks stand in the zones in the order in which these are listed.
      const zoneIndex = this.#zoneWithFewest("first-listed");
      if (zoneIndex === none) break;
      const at = this.#place(zoneIndex, none);
      this.#run(at, none);
    }
    const phaseUs = Math.floor(this.#draw.uniform(0, 0, 0) * values.schedulerPeriodUs);
    this.#rebalanceAtUs[0] = values.rebalancePeriodUs;
    kernel.schedule(phaseUs, this.#look);
  }

  #joinHosts(): void {
    const { hosts, vcpu, memoryGb = 0 } = this.#options;
    if (hosts === undefined) return;
    const pool = hosts();
    this.#hosts = { pool, fleet: pool.join(this, { vcpu, memoryGb }) };
  }

  /** The host of some of its tasks has failed: they fail as it does. */
  hostFailed(host: number, manner: FailureManner, causeSeq: number): void {
    const { instances, calls, components } = this.#fabric;
    for (let at = 0; at < this.#options.tasksMax; at += 1) {
      if (this.#stage[at] === stage.free || this.#host[at] !== host) continue;
      const instance = this.#instance[at]!;
      instances.column.causeSeq[instance] = causeSeq;
      calls.failInstance(instance, manner);
      components[this.#options.component]!.instanceFailed(instance, manner, causeSeq);
    }
  }

  get desiredCount(): number {
    return this.#wanted[wanted.desired]!;
  }

  /** Sets how many tasks there should be; the scheduler launches or drains at its next look. */
  setDesiredCount(count: number, causeSeq: number): number {
    const { log } = this.#fabric;
    this.#wanted[wanted.desired] = count;
    const place = { component: this.#options.component };
    const seq = log.append(this.#kinds.desiredChanged, place, causeSeq, count);
    this.#wanted[wanted.causeSeq] = seq;
    return seq;
  }

  /** Tasks that the control plane believes to be running and well. */
  get runningCount(): number {
    return this.#runningCount[0]!;
  }

  /** Instance of a running task, counted from 0 to `runningCount - 1`. */
  runningAt(index: number): number {
    return this.#instance[this.#running[index]!]!;
  }

  /** Tasks on their way to running. */
  get pendingCount(): number {
    let count = 0;
    for (let at = 0; at < this.#stage.length; at += 1) {
      const now = this.#stage[at]!;
      if (now >= stage.provisioning && now < stage.running) count += 1;
    }
    return count;
  }

  /** Freezes or frees the control plane. Frozen, it neither notices, launches nor stops; tasks run on. */
  setFrozen(frozen: boolean): void {
    this.#frozen[0] = frozen ? 1 : 0;
  }

  /** Whether new tasks find capacity in a zone. */
  setCapacity(zone: number, available: boolean): void {
    const index = this.#options.zones.indexOf(zone);
    if (index >= 0) this.#zoneHasCapacity[index] = available ? 1 : 0;
  }

  /**
   * Replaces all tasks by tasks of another release, as an unhealthy task is replaced: the scheduler condemns each that
   * is of another release at its next look. No circuit breaker rolls a deployment back.
   */
  deploy({ slowFactor, crashAfterUs = -1 }: Release, causeSeq: number): void {
    const { log } = this.#fabric;
    const seq = log.append(this.#kinds.deployed, { component: this.#options.component }, causeSeq);
    this.#release.set([this.#release[release.number]! + 1, slowFactor, crashAfterUs, seq]);
  }

  /** Whether as many tasks run as should, all of the release that was deployed last. */
  get isOfOneRelease(): boolean {
    for (let index = 0; index < this.runningCount; index += 1) {
      if (this.#taskRelease[this.#running[index]!] !== this.#release[release.number]) return false;
    }
    return this.runningCount >= this.desiredCount;
  }

  /** Someone who checks tasks (a load balancer) calls one unhealthy; the scheduler replaces it at its next look. */
  reportUnhealthy(instance: number, causeSeq: number): void {
    const at = this.#find(instance);
    if (at !== none && this.#stage[at] === stage.running) this.#unhealthySeq[at] = causeSeq;
  }

  /** The report is taken back; without effect once the scheduler has acted on it. */
  reportHealthy(instance: number): void {
    const at = this.#find(instance);
    if (at !== none) this.#unhealthySeq[at] = none;
  }

  /** The owner has drained a task that is being stopped. */
  drained(instance: number): void {
    const at = this.#find(instance);
    if (at !== none && this.#stage[at] === stage.draining) this.#beginStop(at);
  }

  /**
   * Power is back where a task stood. Fargate does not bring tasks back: the host's agent returns and reports the
   * task as ended, which the scheduler reads at its next look unless it has given the task up before.
   */
  powerRestored(instance: number, causeSeq: number): void {
    const { instances } = this.#fabric;
    const at = this.#find(instance);
    instances.column.status[instance] = status.crashed;
    instances.column.causeSeq[instance] = causeSeq;
    if (at !== none && this.#stage[at] === stage.lost) this.#end(at, causeSeq);
  }

  /** Whether the control plane can talk to where a task stands. */
  #isHeard(instance: number): boolean {
    const { zones, instances } = this.#fabric;
    const { column } = instances;
    return column.status[instance] !== status.dark && zones.inMajority(column.zone[instance]!);
  }

  #lookAround(): void {
    const { kernel } = this.#fabric;
    kernel.schedule(this.#options.values.schedulerPeriodUs, this.#look);
    if (this.#frozen[0] === 1) return;
    for (let at = 0; at < this.#options.tasksMax; at += 1) {
      if (this.#stage[at] !== stage.free) this.#lookAt(at);
    }
    this.#fill();
    this.#trim();
    this.#rebalance();
  }

  #lookAt(at: number): void {
    if (this.#isHeard(this.#instance[at]!)) this.#lookAtHeard(at);
    else this.#lookAtSilent(at);
  }

  #lookAtSilent(at: number): void {
    const { kernel } = this.#fabric;
    const now = this.#stage[at]!;
    // A placement that is still being tried has no agent that could fall silent.
    if (now === stage.lost || now === stage.provisioning) return;
    if (this.#silentSinceUs[at]! < 0) this.#silentSinceUs[at] = kernel.nowUs;
    const silentUs = kernel.nowUs - this.#silentSinceUs[at]!;
    if (silentUs >= this.#options.values.agentLossUs) this.#giveUp(at);
    else if (now === stage.running && this.#unhealthySeq[at] !== none) this.#condemn(at);
  }

  #lookAtHeard(at: number): void {
    const { instances } = this.#fabric;
    const instance = this.#instance[at]!;
    this.#silentSinceUs[at] = -1;
    if (this.#stage[at] === stage.lost) {
      // Heard of again after it was replaced: it is one too many, whatever it has been doing meanwhile.
      this.#end(at, causeOfSilence(this.#fabric, instance));
      return;
    }
    if (instances.column.status[instance] === status.crashed) {
      const seq = this.#note(this.#kinds.exited, instance, instances.column.causeSeq[instance]!);
      this.#loseVacant(at, seq);
      this.#end(at, seq);
      return;
    }
    const isOutdated = this.#taskRelease[at] !== this.#release[release.number];
    if (isOutdated && this.#unhealthySeq[at] === none) {
      this.#unhealthySeq[at] = this.#release[release.causeSeq]!;
    }
    if (this.#stage[at] === stage.running && this.#unhealthySeq[at] !== none) this.#condemn(at);
    if (this.#stage[at] === stage.condemned && this.#options.replacement === "stop-first") {
      this.#beginDrain(at, this.#unhealthySeq[at]!);
    }
  }

  /** Nothing has been heard for too long: the task is counted out, and stopped if it is ever heard of again. */
  #giveUp(at: number): void {
    const instance = this.#instance[at]!;
    const cause = causeOfSilence(this.#fabric, instance);
    const seq = this.#note(this.#kinds.lost, instance, cause);
    this.#loseVacant(at, seq);
    this.#stage[at] = stage.lost;
    this.#rebuildRunning();
  }

  /** Tells the owner of the loss, once, and marks the place as vacant if it was not already. */
  #loseVacant(at: number, seq: number): void {
    const now = this.#stage[at]!;
    if (isActive(now)) this.#vacancies.push(seq);
    if (now >= stage.running && now < stage.stopping) {
      this.#hooks.onLost(this.#instance[at]!, seq);
    }
  }

  /** An unhealthy task no longer counts; its replacement may come before it is stopped, or even be heard of. */
  #condemn(at: number): void {
    this.#vacancies.push(this.#unhealthySeq[at]!);
    this.#stage[at] = stage.condemned;
    this.#rebuildRunning();
  }

  /** Launches what is missing, as fast as the quotas allow. */
  #fill(): void {
    const target = this.desiredCount + this.#wanted[wanted.surplus]!;
    let active = this.#countActive();
    let occupied = this.#options.replacement === "stop-first" ? this.#countOccupied() : active;
    while (active < target && occupied < target) {
      const at = this.#launch(active >= this.desiredCount);
      if (at === none) break;
      active += 1;
      occupied += 1;
    }
    if (active >= target) this.#vacancies.clear();
    this.#hosts?.pool.want(
      this.#hosts.fleet,
      Math.max(0, Math.min(target - active, target - occupied)),
      this.#vacancies.length > 0 ? this.#vacancies.peek() : this.#wanted[wanted.causeSeq]!,
    );
  }

  /** Stops what is too much: first the condemned whose replacements run, then whole tasks from the fullest zone. */
  #trim(): void {
    const desired = this.desiredCount;
    for (let at = 0; at < this.#options.tasksMax && this.runningCount >= desired; at += 1) {
      if (this.#stage[at] !== stage.condemned || !this.#isHeard(this.#instance[at]!)) continue;
      this.#beginDrain(at, this.#unhealthySeq[at]!);
    }
    const surplus = this.#wanted[wanted.surplus]!;
    if (surplus > 0 && this.runningCount > desired) this.#wanted[wanted.surplus] = 0;
    let excess = this.#countActive() - desired - this.#wanted[wanted.surplus]!;
    while (excess > 0) {
      const at = this.#mostDispensable();
      if (at === none) return;
      this.#beginDrain(at, this.#wanted[wanted.causeSeq]!);
      excess -= 1;
    }
  }

  /** When all is settled but lopsided, starts one more where there are fewest; the excess then leaves the fullest. */
  #rebalance(): void {
    const { kernel } = this.#fabric;
    if (!this.#options.rebalancing || kernel.nowUs < this.#rebalanceAtUs[0]!) return;
    this.#rebalanceAtUs[0] = kernel.nowUs + this.#options.values.rebalancePeriodUs;
    const settled =
      this.runningCount === this.desiredCount && this.#countActive() === this.desiredCount;
    if (!settled) return;
    const thin = this.#zoneWithFewest("first-listed");
    if (thin === none) return;
    let most = 0;
    for (let zone = 0; zone < this.#options.zones.length; zone += 1) {
      most = Math.max(most, this.#countInZone(zone));
    }
    if (most - this.#countInZone(thin) >= 2) this.#wanted[wanted.surplus] = 1;
  }

  /** Places a task and starts its stages; `none` when a quota or the room is used up. */
  #launch(isExtra: boolean): number {
    if (this.#find(none) === none) return none;
    const zoneIndex = this.#zoneWithFewest("by-chance");
    if (zoneIndex === none) return none;
    if (!this.#serviceLaunches.take(1)) return none;
    if (this.#hosts === undefined && !this.#accountLaunches.take(1)) return none;
    const demand = isExtra ? none : this.#wanted[wanted.causeSeq]!;
    const cause = this.#vacancies.length > 0 ? this.#vacancies.shift() : demand;
    const at = this.#place(zoneIndex, cause);
    const instance = this.#instance[at]!;
    this.#fabric.instances.column.causeSeq[instance] = this.#note(
      this.#kinds.launched,
      instance,
      cause,
    );
    const number = this.#wanted[wanted.launched]!;
    const totalMs = Math.round(this.#draw.draw(this.#startUs, number, 1, 0) / 1000);
    this.#scheduleStage(at, totalMs, this.#options.values.provisioningShare);
    return at;
  }

  #place(zoneIndex: number, causeSeq: number): number {
    const at = this.#find(none);
    const servers = Math.max(1, Math.round(this.#options.vcpu));
    const instance = this.#fabric.instances.create({
      component: this.#options.component,
      zone: this.#options.zones[zoneIndex]!,
      status: status.starting,
      serverCount: servers,
      insideMax: this.#options.insideMax,
      causeSeq,
    });
    // A share of a vCPU is one server that works as much slower.
    this.#fabric.instances.column.slowFactor[instance] =
      (servers / this.#options.vcpu) * this.#release[release.slowFactor]!;
    this.#taskRelease[at] = this.#release[release.number]!;
    this.#taskCrashesAfterUs[at] = this.#release[release.crashAfterUs]!;
    this.#instance[at] = instance;
    const zone = this.#options.zones[zoneIndex]!;
    this.#host[at] = this.#hosts?.pool.reserve(this.#hosts.fleet, zone) ?? none;
    this.#stage[at] = stage.provisioning;
    this.#tenancy[at] = this.#tenancy[at]! + 1;
    this.#silentSinceUs[at] = -1;
    this.#failedChecks[at] = 0;
    this.#unhealthySeq[at] = none;
    this.#wanted[wanted.launched] = this.#wanted[wanted.launched]! + 1;
    return at;
  }

  #scheduleStage(at: number, totalMs: number, share: number): void {
    const delayUs = Math.round(totalMs * 1000 * share);
    this.#fabric.kernel.schedule(delayUs, this.#stageEnds, at, this.#tenancy[at]!, totalMs);
  }

  /** A stage of the start has taken its time; the next begins if the control plane still reaches the place. */
  #advance(at: number, totalMs: number): void {
    const { instances } = this.#fabric;
    const { provisioningShare, activatingShare, placementFailsAfterUs } = this.#options.values;
    const instance = this.#instance[at]!;
    if (this.#stage[at] === stage.provisioning) {
      const zoneIndex = this.#options.zones.indexOf(instances.column.zone[instance]!);
      const isFull = this.#hosts === undefined && this.#zoneHasCapacity[zoneIndex] === 0;
      if (!this.#isHeard(instance) || isFull) {
        const tenancy = this.#tenancy[at]!;
        this.#fabric.kernel.schedule(placementFailsAfterUs, this.#placementFails, at, tenancy);
        return;
      }
      this.#stage[at] = stage.pending;
      // The pull of the image begins, and with it the bill (fargate.billing.start).
      instances.billFromNow(instance);
      this.#scheduleStage(at, totalMs, 1 - provisioningShare - activatingShare);
    } else if (instances.column.status[instance] !== status.starting) {
      // Its host went dark or the program died while starting: what remains is to notice it.
      return;
    } else if (!this.#isHeard(instance)) {
      // Cut off, it can neither pull its image nor register; it keeps trying until it is given up.
      const againUs = this.#options.values.schedulerPeriodUs;
      this.#fabric.kernel.schedule(againUs, this.#stageEnds, at, this.#tenancy[at]!, totalMs);
    } else if (this.#stage[at] === stage.pending) {
      this.#stage[at] = stage.activating;
      this.#scheduleStage(at, totalMs, activatingShare);
    } else if (this.#stage[at] === stage.activating) {
      this.#run(at, instances.column.causeSeq[instance]!);
    }
  }

  /** A launch found no host: the place is vacant again, and its zone is avoided for a while. */
  #placementFailed(at: number): void {
    const { instances, kernel, zones } = this.#fabric;
    const instance = this.#instance[at]!;
    const zone = instances.column.zone[instance]!;
    const zoneIndex = this.#options.zones.indexOf(zone);
    const launchedSeq = instances.column.causeSeq[instance]!;
    const zoneSeq = zones.causeSeq[zone]!;
    instances.billFromNow(instance);
    const seq = this.#note(
      this.#kinds.placementFailed,
      instance,
      launchedSeq === none ? zoneSeq : launchedSeq,
    );
    this.#zoneAvoidedUntilUs[zoneIndex] = kernel.nowUs + this.#options.values.zoneAvoidedUs;
    // A move for balance's sake is given up; a task that is needed is tried again.
    if (this.#wanted[wanted.surplus] === 1) this.#wanted[wanted.surplus] = 0;
    else this.#vacancies.push(seq);
    this.#end(at, seq);
  }

  #run(at: number, causeSeq: number): void {
    const { instances, kernel } = this.#fabric;
    const { values } = this.#options;
    const instance = this.#instance[at]!;
    this.#stage[at] = stage.running;
    instances.column.status[instance] = status.up;
    const seq = causeSeq === none ? none : this.#note(this.#kinds.running, instance, causeSeq);
    instances.column.causeSeq[instance] = seq;
    this.#rebuildRunning();
    const crashesAfterUs = this.#taskCrashesAfterUs[at]!;
    if (crashesAfterUs >= 0) kernel.schedule(crashesAfterUs, this.#crash, at, this.#tenancy[at]!);
    if (this.#options.containerHealthCheck) {
      // Checks begin with the container; the first tasks of a run have run for a while.
      const spreadS =
        seq === none
          ? this.#draw.uniform(this.#tenancy[at]!, at, 2) * values.containerCheckIntervalS
          : values.containerCheckStartS + values.containerCheckIntervalS;
      const delayUs = Math.round(spreadS * 1_000_000);
      kernel.schedule(delayUs, this.#containerCheck, at, this.#tenancy[at]!);
    }
    this.#hooks.onRunning(instance, seq);
  }

  /** The program of a bad release ends of itself, whatever it is doing. */
  #crashByItself(at: number): void {
    const { instances, calls } = this.#fabric;
    const instance = this.#instance[at]!;
    const now = instances.column.status[instance];
    if (now === status.dark || now === status.crashed) return;
    const seq = this.#note(this.#kinds.crashed, instance, this.#release[release.causeSeq]!);
    instances.column.causeSeq[instance] = seq;
    calls.failInstance(instance, "crash");
  }

  /** The container runs its check command; a hung program lets it run into its timeout. */
  #checkContainer(at: number): void {
    const { instances, kernel } = this.#fabric;
    const { containerCheckIntervalS, containerCheckTimeoutS } = this.#options.values;
    const tenancy = this.#tenancy[at]!;
    kernel.schedule(containerCheckIntervalS * 1_000_000, this.#containerCheck, at, tenancy);
    const now = instances.column.status[this.#instance[at]!]!;
    if (now === status.hung) {
      kernel.schedule(containerCheckTimeoutS * 1_000_000, this.#containerVerdict, at, tenancy);
    } else this.#failedChecks[at] = 0;
  }

  #judgeContainer(at: number): void {
    const { instances } = this.#fabric;
    const instance = this.#instance[at]!;
    if (instances.column.status[instance] !== status.hung) return;
    this.#failedChecks[at] = this.#failedChecks[at]! + 1;
    if (this.#failedChecks[at]! < this.#options.values.containerCheckRetries) return;
    if (this.#unhealthySeq[at] !== none) return;
    const cause = instances.column.causeSeq[instance]!;
    this.#unhealthySeq[at] = this.#note(this.#kinds.unhealthy, instance, cause);
  }

  #beginDrain(at: number, causeSeq: number): void {
    const { instances } = this.#fabric;
    const instance = this.#instance[at]!;
    const wasStarting = this.#stage[at]! < stage.running;
    const seq = this.#note(this.#kinds.draining, instance, causeSeq);
    if (wasStarting) {
      this.#end(at, seq);
      return;
    }
    this.#stage[at] = stage.draining;
    if (instances.column.status[instance] === status.up) {
      instances.column.status[instance] = status.draining;
    }
    instances.column.causeSeq[instance] =
      instances.column.status[instance] === status.hung
        ? instances.column.causeSeq[instance]!
        : seq;
    this.#rebuildRunning();
    if (!this.#hooks.onStopping(instance, seq)) this.#beginStop(at);
  }

  /** The program is told to end; it does when nothing is inside any more, or is killed at the stop timeout. */
  #beginStop(at: number): void {
    const { kernel } = this.#fabric;
    this.#stage[at] = stage.stopping;
    this.#stopByUs[at] = kernel.nowUs + this.#options.values.stopTimeoutUs;
    kernel.schedule(stopLookUs, this.#stopLook, at, this.#tenancy[at]!);
  }

  #lookAtStopping(at: number): void {
    const { kernel, instances } = this.#fabric;
    const instance = this.#instance[at]!;
    if (this.#stage[at] !== stage.stopping) return;
    const isIdle =
      instances.column.insideCount[instance] === 0 &&
      instances.column.status[instance] !== status.hung;
    const reached = this.#isHeard(instance);
    if (reached && (isIdle || kernel.nowUs >= this.#stopByUs[at]!)) {
      this.#end(at, instances.column.causeSeq[instance]!);
    } else kernel.schedule(stopLookUs, this.#stopLook, at, this.#tenancy[at]!);
  }

  #end(at: number, causeSeq: number): void {
    const { instances, calls } = this.#fabric;
    const instance = this.#instance[at]!;
    const seq = this.#note(this.#kinds.stopped, instance, causeSeq);
    if (this.#stage[at]! >= stage.running) this.#hooks.onEnded?.(instance, seq);
    calls.evict(instance, true);
    instances.release(instance);
    if (this.#host[at] !== none) this.#hosts?.pool.free(this.#hosts.fleet, this.#host[at]!);
    this.#host[at] = none;
    this.#stage[at] = stage.free;
    this.#instance[at] = none;
    this.#tenancy[at] = this.#tenancy[at]! + 1;
    this.#rebuildRunning();
  }

  /** Position of an instance, or with `none` the first free position. */
  #find(instance: number): number {
    return this.#instance.indexOf(instance);
  }

  /**
   * Zone (by its index) with the fewest tasks, among those where placements have not just failed; `none` when no host has room. Which of several
   * equally empty zones ECS takes isn't published; by chance, so that no place in a list is luckier than another.
   */
  #zoneWithFewest(tie: "first-listed" | "by-chance"): number {
    const nowUs = this.#fabric.kernel.nowUs;
    const number = this.#wanted[wanted.launched]!;
    let best = none;
    let bestAvoided = true;
    let bestCount = 0;
    let tied = 1;
    for (let zone = 0; zone < this.#options.zones.length; zone += 1) {
      if (!this.#hasRoom(zone)) continue;
      const avoided = this.#zoneAvoidedUntilUs[zone]! > nowUs;
      // Among zones that have all failed lately, the one whose failure lies back longest.
      const count = avoided ? this.#zoneAvoidedUntilUs[zone]! : this.#countInZone(zone);
      const better = avoided === bestAvoided ? count < bestCount : bestAvoided;
      if (best === none || better) {
        best = zone;
        bestAvoided = avoided;
        bestCount = count;
        tied = 1;
      } else if (tie === "by-chance" && avoided === bestAvoided && count === bestCount) {
        tied += 1;
        // The k-th of equals takes the place of the one before it with probability 1/k: all are equally likely.
        if (this.#draw.int(tied, number, zone, 3) === 0) best = zone;
      }
    }
    return best;
  }

  /** Whether a zone can take a task as far as ECS knows: on Fargate it always tries. */
  #hasRoom(zoneIndex: number): boolean {
    const hosts = this.#hosts;
    return hosts === undefined || hosts.pool.hasRoom(hosts.fleet, this.#options.zones[zoneIndex]!);
  }

  /** The youngest task that can be reached in the fullest zone; tasks that have not started yet go first. */
  #mostDispensable(): number {
    const { startedUs, zone } = this.#fabric.instances.column;
    let best = none;
    for (let at = 0; at < this.#options.tasksMax; at += 1) {
      if (!isActive(this.#stage[at]!) || !this.#isHeard(this.#instance[at]!)) continue;
      if (best === none || this.#isMoreDispensable(at, best, startedUs, zone)) best = at;
    }
    return best;
  }

  #isMoreDispensable(at: number, than: number, startedUs: Float64Array, zone: Int32Array): boolean {
    const starting = this.#stage[at]! < stage.running;
    const otherStarting = this.#stage[than]! < stage.running;
    if (starting !== otherStarting) return starting;
    const { zones } = this.#options;
    const here = this.#countInZone(zones.indexOf(zone[this.#instance[at]!]!));
    const there = this.#countInZone(zones.indexOf(zone[this.#instance[than]!]!));
    if (here !== there) return here > there;
    return startedUs[this.#instance[at]!]! > startedUs[this.#instance[than]!]!;
  }

  #countActive(): number {
    let count = 0;
    for (const now of this.#stage) if (isActive(now)) count += 1;
    return count;
  }

  /** Tasks that may still exist as far as the control plane knows, the lost left out. */
  #countOccupied(): number {
    let count = 0;
    for (const now of this.#stage) if (now !== stage.free && now !== stage.lost) count += 1;
    return count;
  }

  #countInZone(zoneIndex: number): number {
    const zone = this.#options.zones[zoneIndex]!;
    let count = 0;
    for (let at = 0; at < this.#options.tasksMax; at += 1) {
      if (!isActive(this.#stage[at]!)) continue;
      if (this.#fabric.instances.column.zone[this.#instance[at]!] === zone) count += 1;
    }
    return count;
  }

  #rebuildRunning(): void {
    let count = 0;
    for (let at = 0; at < this.#options.tasksMax; at += 1) {
      if (this.#stage[at] !== stage.running) continue;
      this.#running[count] = at;
      count += 1;
    }
    this.#runningCount[0] = count;
  }

  #note(kind: number, instance: number, causeSeq: number): number {
    const zone = this.#fabric.instances.column.zone[instance]!;
    const place = { component: this.#options.component, instance, zone };
    return this.#fabric.log.append(kind, place, causeSeq);
  }
}

/** Cells of `#wanted`. */
const wanted = { desired: 0, causeSeq: 1, surplus: 2, launched: 3 } as const;

/** Cells of `#release`. */
const release = { number: 0, slowFactor: 1, crashAfterUs: 2, causeSeq: 3 } as const;

/** Whether a task counts towards the desired count. */
function isActive(now: number): boolean {
  return now >= stage.provisioning && now <= stage.running;
}
