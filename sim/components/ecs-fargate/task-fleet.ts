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
import type { TaskFleetHooks, TaskFleetOptions } from "./task-fleet-options.ts";
import { TaskLifecycle } from "./task-lifecycle.ts";
import { TaskNotes } from "./task-notes.ts";
import { TaskPlacement } from "./task-placement.ts";
import { release, TaskRows, wanted } from "./task-rows.ts";
import { isActive, stage } from "./task-stage.ts";

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
  readonly #rows: TaskRows;
  readonly #placement: TaskPlacement;
  readonly #tasks: TaskLifecycle;
  readonly #notes: TaskNotes;
  readonly #rebalanceAtUs: Float64Array;
  readonly #frozen: Uint8Array;
  readonly #accountLaunches: TokenBucket;
  readonly #serviceLaunches: TokenBucket;
  readonly #startUs: QuantileTable;
  readonly #draw: KeyedStream;
  readonly #look: HandlerId;

  constructor(fabric: Fabric, options: TaskFleetOptions, hooks: TaskFleetHooks) {
    const { kernel } = fabric;
    const { id, values } = options;
    this.#fabric = fabric;
    this.#options = options;
    this.#hooks = hooks;
    this.#rows = new TaskRows(fabric, options);
    this.#rebalanceAtUs = kernel.float64Array(`${id}.rebalance-at-us`, 1);
    this.#frozen = kernel.uint8Array(`${id}.control-plane-frozen`, 1);
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
    this.#placement = new TaskPlacement(fabric, options, this.#rows, this.#draw);
    this.#notes = new TaskNotes(fabric, options.component);
    this.#look = kernel.handler(`${id}.scheduler-look`, () => this.#lookAround());
    this.#tasks = new TaskLifecycle(fabric, {
      options,
      hooks,
      rows: this.#rows,
      placement: this.#placement,
      notes: this.#notes,
      draw: this.#draw,
    });
  }

  /** Puts the first tasks in place, running, and begins to look after them. */
  start(): void {
    const { kernel } = this.#fabric;
    const { values, taskCount } = this.#options;
    this.#joinHosts();
    for (let count = 0; count < taskCount; count += 1) {
      // The first tasks stand in the zones in the order in which these are listed.
      const zoneIndex = this.#placement.zoneWithFewest("first-listed");
      if (zoneIndex === none) break;
      const at = this.#tasks.place(zoneIndex, none);
      this.#tasks.run(at, none);
    }
    const phaseUs = Math.floor(this.#draw.uniform(0, 0, 0) * values.schedulerPeriodUs);
    this.#rebalanceAtUs[0] = values.rebalancePeriodUs;
    kernel.schedule(phaseUs, this.#look);
  }

  #joinHosts(): void {
    const { hosts, vcpu, memoryGb = 0, zones } = this.#options;
    if (hosts === undefined) return;
    const pool = hosts();
    const service = this.#fabric.components[this.#options.component]!.id;
    const fleet = pool.join(this, { service, vcpu, memoryGb, zones });
    this.#placement.useHosts({ pool, fleet });
  }

  /** The host of some of its tasks has failed: they fail as it does. */
  hostFailed(host: number, manner: FailureManner, causeSeq: number): void {
    const { instances, calls, components } = this.#fabric;
    for (let at = 0; at < this.#options.tasksMax; at += 1) {
      if (this.#rows.stage[at] === stage.free || this.#rows.host[at] !== host) continue;
      const instance = this.#rows.instance[at]!;
      instances.column.causeSeq[instance] = causeSeq;
      calls.failInstance(instance, manner);
      components[this.#options.component]!.instanceFailed(instance, manner, causeSeq);
    }
  }

  get desiredCount(): number {
    return this.#rows.wanted[wanted.desired]!;
  }

  /** Sets how many tasks there should be; the scheduler launches or drains at its next look. */
  setDesiredCount(count: number, causeSeq: number): number {
    this.#rows.wanted[wanted.desired] = count;
    const seq = this.#notes.addOfFleet(this.#notes.desiredChanged, causeSeq, count);
    this.#rows.wanted[wanted.causeSeq] = seq;
    return seq;
  }

  /** Tasks that the control plane believes to be running and well. */
  get runningCount(): number {
    return this.#rows.runningCount[0]!;
  }

  /** Instance of a running task, counted from 0 to `runningCount - 1`. */
  runningAt(index: number): number {
    return this.#rows.instance[this.#rows.running[index]!]!;
  }

  /** Tasks on their way to running. */
  get pendingCount(): number {
    return this.#rows.pendingCount;
  }

  /** Freezes or frees the control plane. Frozen, it neither notices, launches nor stops; tasks run on. */
  setFrozen(frozen: boolean): void {
    this.#frozen[0] = frozen ? 1 : 0;
  }

  /** Whether new tasks find capacity in a zone. */
  setCapacity(zone: number, available: boolean): void {
    this.#placement.setCapacity(zone, available);
  }

  /**
   * Replaces all tasks by tasks of another release, as an unhealthy task is replaced: the scheduler condemns each that
   * is of another release at its next look. No circuit breaker rolls a deployment back. Returns the release's number.
   */
  deploy({ slowFactor, crashAfterUs = -1 }: Release, causeSeq: number): number {
    const seq = this.#notes.addOfFleet(this.#notes.deployed, causeSeq);
    const number = this.releaseNumber + 1;
    this.#rows.release.set([number, slowFactor, crashAfterUs, seq]);
    return number;
  }

  /** Number of the release that was deployed last, 0 before any. */
  get releaseNumber(): number {
    return this.#rows.release[release.number]!;
  }

  /** Whether as many tasks run as should, all of the release that was deployed last. */
  get isOfOneRelease(): boolean {
    for (let index = 0; index < this.runningCount; index += 1) {
      if (this.#rows.ofRelease[this.#rows.running[index]!] !== this.#rows.release[release.number])
        return false;
    }
    return this.runningCount >= this.desiredCount;
  }

  /** Someone who checks tasks (a load balancer) calls one unhealthy; the scheduler replaces it at its next look. */
  reportUnhealthy(instance: number, causeSeq: number): void {
    const at = this.#rows.find(instance);
    if (at !== none && this.#rows.stage[at] === stage.running)
      this.#rows.unhealthySeq[at] = causeSeq;
  }

  /** The report is taken back; without effect once the scheduler has acted on it. */
  reportHealthy(instance: number): void {
    const at = this.#rows.find(instance);
    if (at !== none) this.#rows.unhealthySeq[at] = none;
  }

  /** The owner has drained a task that is being stopped. */
  drained(instance: number): void {
    const at = this.#rows.find(instance);
    if (at !== none && this.#rows.stage[at] === stage.draining) this.#tasks.beginStop(at);
  }

  /**
   * Power is back where a task stood. Fargate does not bring tasks back: the host's agent returns and reports the
   * task as ended, which the scheduler reads at its next look unless it has given the task up before.
   */
  powerRestored(instance: number, causeSeq: number): void {
    const { instances } = this.#fabric;
    const at = this.#rows.find(instance);
    instances.column.status[instance] = status.crashed;
    instances.column.causeSeq[instance] = causeSeq;
    if (at !== none && this.#rows.stage[at] === stage.lost) this.#tasks.end(at, causeSeq);
  }

  #lookAround(): void {
    const { kernel } = this.#fabric;
    kernel.schedule(this.#options.values.schedulerPeriodUs, this.#look);
    if (this.#frozen[0] === 1) return;
    for (let at = 0; at < this.#options.tasksMax; at += 1) {
      if (this.#rows.stage[at] !== stage.free) this.#lookAt(at);
    }
    this.#fill();
    this.#trim();
    this.#rebalance();
  }

  #lookAt(at: number): void {
    if (this.#rows.isHeard(this.#rows.instance[at]!)) this.#lookAtHeard(at);
    else this.#lookAtSilent(at);
  }

  #lookAtSilent(at: number): void {
    const { kernel } = this.#fabric;
    const now = this.#rows.stage[at]!;
    // A placement that is still being tried has no agent that could fall silent.
    if (now === stage.lost || now === stage.provisioning) return;
    if (this.#rows.silentSinceUs[at]! < 0) this.#rows.silentSinceUs[at] = kernel.nowUs;
    const silentUs = kernel.nowUs - this.#rows.silentSinceUs[at]!;
    if (silentUs >= this.#options.values.agentLossUs) this.#giveUp(at);
    else if (now === stage.running && this.#rows.unhealthySeq[at] !== none) this.#condemn(at);
  }

  #lookAtHeard(at: number): void {
    const { instances } = this.#fabric;
    const instance = this.#rows.instance[at]!;
    this.#rows.silentSinceUs[at] = -1;
    if (this.#rows.stage[at] === stage.lost) {
      // Heard of again after it was replaced: it is one too many, whatever it has been doing meanwhile.
      this.#tasks.end(at, causeOfSilence(this.#fabric, instance));
      return;
    }
    if (instances.column.status[instance] === status.crashed) {
      const seq = this.#notes.add(
        this.#notes.exited,
        instance,
        instances.column.causeSeq[instance]!,
      );
      this.#loseVacant(at, seq);
      this.#tasks.end(at, seq);
      return;
    }
    const isOutdated = this.#rows.ofRelease[at] !== this.#rows.release[release.number];
    if (isOutdated && this.#rows.unhealthySeq[at] === none) {
      this.#rows.unhealthySeq[at] = this.#rows.release[release.causeSeq]!;
    }
    if (this.#rows.stage[at] === stage.running && this.#rows.unhealthySeq[at] !== none)
      this.#condemn(at);
    if (this.#rows.stage[at] === stage.condemned && this.#options.replacement === "stop-first") {
      this.#tasks.beginDrain(at, this.#rows.unhealthySeq[at]!);
    }
  }

  /** Nothing has been heard for too long: the task is counted out, and stopped if it is ever heard of again. */
  #giveUp(at: number): void {
    const instance = this.#rows.instance[at]!;
    const cause = causeOfSilence(this.#fabric, instance);
    const seq = this.#notes.add(this.#notes.lost, instance, cause);
    this.#loseVacant(at, seq);
    this.#rows.stage[at] = stage.lost;
    this.#rows.rebuildRunning();
  }

  /** Tells the owner of the loss, once, and marks the place as vacant if it was not already. */
  #loseVacant(at: number, seq: number): void {
    const now = this.#rows.stage[at]!;
    if (isActive(now)) this.#rows.vacancies.push(seq);
    if (now >= stage.running && now < stage.stopping) {
      this.#hooks.onLost(this.#rows.instance[at]!, seq);
    }
  }

  /** An unhealthy task no longer counts; its replacement may come before it is stopped, or even be heard of. */
  #condemn(at: number): void {
    this.#rows.vacancies.push(this.#rows.unhealthySeq[at]!);
    this.#rows.stage[at] = stage.condemned;
    this.#rows.rebuildRunning();
  }

  /** Launches what is missing, as fast as the quotas allow. */
  #fill(): void {
    const target = this.desiredCount + this.#rows.wanted[wanted.surplus]!;
    let active = this.#rows.countActive();
    let occupied = this.#options.replacement === "stop-first" ? this.#rows.countOccupied() : active;
    while (active < target && occupied < target) {
      const at = this.#launch(active >= this.desiredCount);
      if (at === none) break;
      active += 1;
      occupied += 1;
    }
    if (active >= target) this.#rows.vacancies.clear();
    this.#wait(Math.max(0, Math.min(target - active, target - occupied)));
  }

  /** Tells the hosts how many tasks find no room on them. */
  #wait(taskCount: number): void {
    const { hosts } = this.#placement;
    if (hosts === undefined) return;
    if (taskCount === 0) this.#rows.wanted[wanted.waitSeq] = none;
    else if (this.#rows.wanted[wanted.waitSeq] === none) {
      const { vacancies } = this.#rows;
      const cause = vacancies.length > 0 ? vacancies.peek() : this.#rows.wanted[wanted.causeSeq]!;
      const seq = this.#notes.addOfFleet(this.#notes.waitsForHost, cause, taskCount);
      this.#rows.wanted[wanted.waitSeq] = seq;
    }
    hosts.pool.want(hosts.fleet, taskCount, this.#rows.wanted[wanted.waitSeq]!);
  }

  /** Stops what is too much: first the condemned whose replacements run, then whole tasks from the fullest zone. */
  #trim(): void {
    const desired = this.desiredCount;
    const inService = this.#countInService();
    for (let at = 0; at < this.#options.tasksMax && inService >= desired; at += 1) {
      if (this.#rows.stage[at] !== stage.condemned || !this.#rows.isHeard(this.#rows.instance[at]!))
        continue;
      this.#tasks.beginDrain(at, this.#rows.unhealthySeq[at]!);
    }
    const surplus = this.#rows.wanted[wanted.surplus]!;
    if (surplus > 0 && inService > desired) this.#rows.wanted[wanted.surplus] = 0;
    let excess = this.#rows.countActive() - desired - this.#rows.wanted[wanted.surplus]!;
    while (excess > 0) {
      const at = this.#placement.mostDispensable();
      if (at === none) return;
      this.#tasks.beginDrain(at, this.#rows.wanted[wanted.causeSeq]!);
      excess -= 1;
    }
  }

  #countInService(): number {
    const { isInService } = this.#hooks;
    if (isInService === undefined) return this.runningCount;
    let count = 0;
    for (let at = 0; at < this.runningCount; at += 1) {
      if (isInService(this.runningAt(at))) count += 1;
    }
    return count;
  }

  /** When all is settled but lopsided, starts one more where there are fewest; the excess then leaves the fullest. */
  #rebalance(): void {
    const { kernel } = this.#fabric;
    if (!this.#options.rebalancing || kernel.nowUs < this.#rebalanceAtUs[0]!) return;
    this.#rebalanceAtUs[0] = kernel.nowUs + this.#options.values.rebalancePeriodUs;
    const settled =
      this.runningCount === this.desiredCount && this.#rows.countActive() === this.desiredCount;
    if (!settled) return;
    const thin = this.#placement.zoneWithFewest("first-listed");
    if (thin === none) return;
    let most = 0;
    for (let zone = 0; zone < this.#options.zones.length; zone += 1) {
      most = Math.max(most, this.#rows.countInZone(zone));
    }
    if (most - this.#rows.countInZone(thin) >= 2) this.#rows.wanted[wanted.surplus] = 1;
  }

  /** Places a task and starts its stages; `none` when a quota or the room is used up. */
  #launch(isExtra: boolean): number {
    if (this.#rows.find(none) === none) return none;
    const zoneIndex = this.#placement.zoneWithFewest("by-chance");
    if (zoneIndex === none) return none;
    if (!this.#serviceLaunches.take(1)) return none;
    if (this.#placement.hosts === undefined && !this.#accountLaunches.take(1)) return none;
    const demand = isExtra ? none : this.#rows.wanted[wanted.causeSeq]!;
    const cause = this.#rows.vacancies.length > 0 ? this.#rows.vacancies.shift() : demand;
    const at = this.#tasks.place(zoneIndex, cause);
    const instance = this.#rows.instance[at]!;
    this.#fabric.instances.column.causeSeq[instance] = this.#notes.add(
      this.#notes.launched,
      instance,
      cause,
    );
    const number = this.#rows.wanted[wanted.launched]!;
    const totalMs = Math.round(this.#draw.draw(this.#startUs, number, 1, 0) / 1000);
    this.#tasks.scheduleStage(at, totalMs, this.#options.values.provisioningShare);
    return at;
  }
}
