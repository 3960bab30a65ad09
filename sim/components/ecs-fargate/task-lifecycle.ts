import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { status } from "../fabric/instances.ts";
import { ContainerChecks } from "./container-checks.ts";
import type { TaskFleetHooks, TaskFleetOptions } from "./task-fleet-options.ts";
import type { TaskNotes } from "./task-notes.ts";
import type { TaskPlacement } from "./task-placement.ts";
import { release, type TaskRows, wanted } from "./task-rows.ts";
import { stage } from "./task-stage.ts";

/** How often a stopping task is looked at. Assumption: one second, well below the stop timeout. */
const stopLookUs = 1_000_000;

/** What a task's life goes through. */
export interface TaskLifecycleParts {
  readonly options: TaskFleetOptions;
  readonly hooks: TaskFleetHooks;
  readonly rows: TaskRows;
  readonly placement: TaskPlacement;
  readonly notes: TaskNotes;
  readonly draw: KeyedStream;
}

/**
 * The life of one task from its placement to its end, with the time that each stage takes.
 *
 *   provisioning -> pending -> activating -> running -> draining -> stopping -> free
 *        '- placement failed
 */
export class TaskLifecycle {
  readonly #fabric: Fabric;
  readonly #options: TaskFleetOptions;
  readonly #hooks: TaskFleetHooks;
  readonly #rows: TaskRows;
  readonly #placement: TaskPlacement;
  readonly #notes: TaskNotes;
  readonly #draw: KeyedStream;
  readonly #checks: ContainerChecks;
  readonly #stageEnds: HandlerId;
  readonly #placementFails: HandlerId;
  readonly #stopLook: HandlerId;

  constructor(fabric: Fabric, parts: TaskLifecycleParts) {
    const { kernel } = fabric;
    const { options, rows } = parts;
    const { id } = options;
    this.#fabric = fabric;
    this.#options = options;
    this.#hooks = parts.hooks;
    this.#rows = rows;
    this.#placement = parts.placement;
    this.#notes = parts.notes;
    this.#draw = parts.draw;
    this.#stageEnds = kernel.handler(`${id}.stage-ends`, (at, tenancy, totalMs) => {
      if (rows.tenancy[at] === tenancy) this.#advance(at, totalMs);
    });
    this.#placementFails = kernel.handler(`${id}.placement-fails`, (at, tenancy) => {
      if (rows.tenancy[at] === tenancy) this.#placementFailed(at);
    });
    this.#stopLook = kernel.handler(`${id}.stop-look`, (at, tenancy) => {
      if (rows.tenancy[at] === tenancy) this.#lookAtStopping(at);
    });
    this.#checks = new ContainerChecks(fabric, options, rows, parts.notes);
  }

  /** Puts a task into a free position and on its way to a zone; returns the position. */
  place(zoneIndex: number, causeSeq: number): number {
    const at = this.#rows.find(none);
    const servers = Math.max(1, Math.round(this.#options.vcpu));
    const instance = this.#fabric.instances.create({
      component: this.#options.component,
      zone: this.#options.zones[zoneIndex]!,
      status: status.starting,
      serverCount: servers,
      insideMax: this.#options.insideMax,
      causeSeq,
      isFree: true,
    });
    // A share of a vCPU is one server that works as much slower.
    this.#fabric.instances.column.slowFactor[instance] =
      (servers / this.#options.vcpu) * this.#rows.release[release.slowFactor]!;
    this.#rows.ofRelease[at] = this.#rows.release[release.number]!;
    this.#rows.crashesAfterUs[at] = this.#rows.release[release.crashAfterUs]!;
    this.#rows.instance[at] = instance;
    const zone = this.#options.zones[zoneIndex]!;
    const { hosts } = this.#placement;
    this.#rows.host[at] = hosts?.pool.reserve(hosts.fleet, zone) ?? none;
    this.#rows.stage[at] = stage.provisioning;
    this.#rows.tenancy[at] = this.#rows.tenancy[at]! + 1;
    this.#rows.silentSinceUs[at] = -1;
    this.#rows.failedChecks[at] = 0;
    this.#rows.unhealthySeq[at] = none;
    this.#rows.wanted[wanted.launched] = this.#rows.wanted[wanted.launched]! + 1;
    return at;
  }

  /** The present stage of a start takes its share of the whole. */
  scheduleStage(at: number, totalMs: number, share: number): void {
    const delayUs = Math.round(totalMs * 1000 * share);
    this.#fabric.kernel.schedule(delayUs, this.#stageEnds, at, this.#rows.tenancy[at]!, totalMs);
  }

  /** A stage of the start has taken its time; the next begins if the control plane still reaches the place. */
  #advance(at: number, totalMs: number): void {
    const { instances } = this.#fabric;
    const { provisioningShare, activatingShare, placementFailsAfterUs } = this.#options.values;
    const instance = this.#rows.instance[at]!;
    if (this.#rows.stage[at] === stage.provisioning) {
      const isFull = this.#placement.isFull(instances.column.zone[instance]!);
      if (!this.#rows.isHeard(instance) || isFull) {
        const tenancy = this.#rows.tenancy[at]!;
        this.#fabric.kernel.schedule(placementFailsAfterUs, this.#placementFails, at, tenancy);
        return;
      }
      this.#rows.stage[at] = stage.pending;
      // The pull of the image begins, and with it the bill (fargate.billing.start).
      instances.billFromNow(instance);
      this.scheduleStage(at, totalMs, 1 - provisioningShare - activatingShare);
    } else if (instances.column.status[instance] !== status.starting) {
      // Its host went dark or the program died while starting: what remains is to notice it.
      return;
    } else if (!this.#rows.isHeard(instance)) {
      // Cut off, it can neither pull its image nor register; it keeps trying until it is given up.
      const againUs = this.#options.values.schedulerPeriodUs;
      this.#fabric.kernel.schedule(againUs, this.#stageEnds, at, this.#rows.tenancy[at]!, totalMs);
    } else if (this.#rows.stage[at] === stage.pending) {
      this.#rows.stage[at] = stage.activating;
      this.scheduleStage(at, totalMs, activatingShare);
    } else if (this.#rows.stage[at] === stage.activating) {
      this.run(at, instances.column.causeSeq[instance]!);
    }
  }

  /** A launch found no host: the place is vacant again, and its zone is avoided for a while. */
  #placementFailed(at: number): void {
    const { instances, zones } = this.#fabric;
    const instance = this.#rows.instance[at]!;
    const zone = instances.column.zone[instance]!;
    const launchedSeq = instances.column.causeSeq[instance]!;
    const zoneSeq = zones.causeSeq[zone]!;
    const seq = this.#notes.add(
      this.#notes.placementFailed,
      instance,
      launchedSeq === none ? zoneSeq : launchedSeq,
    );
    this.#placement.avoid(zone);
    // A move for balance's sake is given up; a task that is needed is tried again.
    if (this.#rows.wanted[wanted.surplus] === 1) this.#rows.wanted[wanted.surplus] = 0;
    else this.#rows.vacancies.push(seq);
    this.end(at, seq);
  }

  /** A task serves from now on. */
  run(at: number, causeSeq: number): void {
    const { instances } = this.#fabric;
    const { values } = this.#options;
    const instance = this.#rows.instance[at]!;
    this.#rows.stage[at] = stage.running;
    instances.column.status[instance] = status.up;
    instances.billFromNow(instance);
    const seq = causeSeq === none ? none : this.#notes.add(this.#notes.running, instance, causeSeq);
    instances.column.causeSeq[instance] = seq;
    this.#rows.rebuildRunning();
    this.#checks.expectCrash(at);
    if (this.#options.containerHealthCheck) {
      // Checks begin with the container; the first tasks of a run have run for a while.
      const spreadS =
        seq === none
          ? this.#draw.uniform(this.#rows.tenancy[at]!, at, 2) * values.containerCheckIntervalS
          : values.containerCheckStartS + values.containerCheckIntervalS;
      this.#checks.begin(at, Math.round(spreadS * 1_000_000));
    }
    this.#hooks.onRunning(instance, seq);
  }

  /** A task is to go: what has started is drained by its owner first. */
  beginDrain(at: number, causeSeq: number): void {
    const { instances } = this.#fabric;
    const instance = this.#rows.instance[at]!;
    const wasStarting = this.#rows.stage[at]! < stage.running;
    const seq = this.#notes.add(this.#notes.draining, instance, causeSeq);
    if (wasStarting) {
      this.end(at, seq);
      return;
    }
    this.#rows.stage[at] = stage.draining;
    if (instances.column.status[instance] === status.up) {
      instances.column.status[instance] = status.draining;
    }
    instances.column.causeSeq[instance] =
      instances.column.status[instance] === status.hung
        ? instances.column.causeSeq[instance]!
        : seq;
    this.#rows.rebuildRunning();
    if (!this.#hooks.onStopping(instance, seq)) this.beginStop(at);
  }

  /** The program is told to end; it does when nothing is inside any more, or is killed at the stop timeout. */
  beginStop(at: number): void {
    const { kernel } = this.#fabric;
    this.#rows.stage[at] = stage.stopping;
    this.#rows.stopByUs[at] = kernel.nowUs + this.#options.values.stopTimeoutUs;
    kernel.schedule(stopLookUs, this.#stopLook, at, this.#rows.tenancy[at]!);
  }

  #lookAtStopping(at: number): void {
    const { kernel, instances } = this.#fabric;
    const instance = this.#rows.instance[at]!;
    if (this.#rows.stage[at] !== stage.stopping) return;
    const isIdle =
      instances.column.insideCount[instance] === 0 &&
      instances.column.status[instance] !== status.hung;
    const reached = this.#rows.isHeard(instance);
    if (reached && (isIdle || kernel.nowUs >= this.#rows.stopByUs[at]!)) {
      this.end(at, instances.column.causeSeq[instance]!);
    } else kernel.schedule(stopLookUs, this.#stopLook, at, this.#rows.tenancy[at]!);
  }

  /** The task is gone; its position and its room are free. */
  end(at: number, causeSeq: number): void {
    const { instances, calls } = this.#fabric;
    const instance = this.#rows.instance[at]!;
    const seq = this.#notes.add(this.#notes.stopped, instance, causeSeq);
    if (this.#rows.stage[at]! >= stage.running) this.#hooks.onEnded?.(instance, seq);
    calls.evict(instance, true);
    instances.release(instance);
    const { hosts } = this.#placement;
    if (this.#rows.host[at] !== none) hosts?.pool.free(hosts.fleet, this.#rows.host[at]!);
    this.#rows.host[at] = none;
    this.#rows.stage[at] = stage.free;
    this.#rows.instance[at] = none;
    this.#rows.tenancy[at] = this.#rows.tenancy[at]! + 1;
    this.#rows.rebuildRunning();
  }
}
