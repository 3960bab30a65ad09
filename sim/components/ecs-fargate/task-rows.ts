import type { IntQueue } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { status } from "../fabric/instances.ts";
import type { TaskFleetOptions } from "./task-fleet-options.ts";
import { isActive, stage } from "./task-stage.ts";

/** Cells of `wanted`. */
export const wanted = { desired: 0, causeSeq: 1, surplus: 2, launched: 3, waitSeq: 4 } as const;

/** Cells of `release`. */
export const release = { number: 0, slowFactor: 1, crashAfterUs: 2, causeSeq: 3 } as const;

/** What the control plane knows of a fleet's tasks, position by position, and what it wants of them: the fleet's state. */
export class TaskRows {
  readonly stage: Uint8Array;
  readonly instance: Int32Array;
  /** Handle of the host that each task stands on; `none` on Fargate. */
  readonly host: Int32Array;
  /** Rises with each task in a position, so that events for an earlier one are recognised. */
  readonly tenancy: Int32Array;
  readonly silentSinceUs: Float64Array;
  readonly failedChecks: Int32Array;
  /** Release that a task is of, and microseconds after which it crashes of itself (-1: never). */
  readonly ofRelease: Int32Array;
  readonly crashesAfterUs: Float64Array;
  /** The release that all tasks should be of. */
  readonly release: Float64Array;
  /** Event that says a task is unhealthy, or of another release than it should be; `none` while neither is so. */
  readonly unhealthySeq: Int32Array;
  readonly stopByUs: Float64Array;
  /** Desired count, cause of the last change to it, extra task of a rebalancing, tasks launched so far, and since which event tasks wait for a host. */
  readonly wanted: Int32Array;
  /** Positions of running tasks, in order, and how many. */
  readonly running: Int32Array;
  readonly runningCount: Int32Array;
  /** Causes of the places that became vacant, oldest first. */
  readonly vacancies: IntQueue;
  readonly #fabric: Fabric;
  readonly #options: TaskFleetOptions;

  constructor(fabric: Fabric, options: TaskFleetOptions) {
    const { kernel } = fabric;
    const { id, tasksMax } = options;
    this.#fabric = fabric;
    this.#options = options;
    this.stage = kernel.uint8Array(`${id}.task.stage`, tasksMax);
    this.instance = kernel.int32Array(`${id}.task.instance`, tasksMax).fill(none);
    this.host = kernel.int32Array(`${id}.task.host`, tasksMax).fill(none);
    this.tenancy = kernel.int32Array(`${id}.task.tenancy`, tasksMax);
    this.silentSinceUs = kernel.float64Array(`${id}.task.silent-since-us`, tasksMax);
    this.failedChecks = kernel.int32Array(`${id}.task.failed-checks`, tasksMax);
    this.ofRelease = kernel.int32Array(`${id}.task.release`, tasksMax);
    this.crashesAfterUs = kernel.float64Array(`${id}.task.crashes-after-us`, tasksMax);
    this.release = kernel.float64Array(`${id}.release`, Object.keys(release).length);
    this.release.set([0, 1, -1, none]);
    this.unhealthySeq = kernel.int32Array(`${id}.task.unhealthy-seq`, tasksMax);
    this.stopByUs = kernel.float64Array(`${id}.task.stop-by-us`, tasksMax);
    this.wanted = kernel.int32Array(`${id}.wanted`, Object.keys(wanted).length);
    this.wanted[wanted.desired] = options.taskCount;
    this.wanted[wanted.waitSeq] = none;
    this.wanted[wanted.causeSeq] = none;
    this.running = kernel.int32Array(`${id}.running`, tasksMax);
    this.runningCount = kernel.int32Array(`${id}.running-count`, 1);
    this.vacancies = kernel.queue(`${id}.vacancies`, tasksMax);
  }

  /** Position of an instance, or with `none` the first free position. */
  find(instance: number): number {
    return this.instance.indexOf(instance);
  }

  /** Whether the control plane can talk to where a task stands. */
  isHeard(instance: number): boolean {
    const { zones, instances } = this.#fabric;
    const { column } = instances;
    return column.status[instance] !== status.dark && zones.inMajority(column.zone[instance]!);
  }

  /** Tasks on their way to running. */
  get pendingCount(): number {
    let count = 0;
    for (let at = 0; at < this.stage.length; at += 1) {
      const now = this.stage[at]!;
      if (now >= stage.provisioning && now < stage.running) count += 1;
    }
    return count;
  }

  countActive(): number {
    let count = 0;
    for (const now of this.stage) if (isActive(now)) count += 1;
    return count;
  }

  /** Tasks that may still exist as far as the control plane knows, the lost left out. */
  countOccupied(): number {
    let count = 0;
    for (const now of this.stage) if (now !== stage.free && now !== stage.lost) count += 1;
    return count;
  }

  countInZone(zoneIndex: number): number {
    const zone = this.#options.zones[zoneIndex]!;
    let count = 0;
    for (let at = 0; at < this.#options.tasksMax; at += 1) {
      if (!isActive(this.stage[at]!)) continue;
      if (this.#fabric.instances.column.zone[this.instance[at]!] === zone) count += 1;
    }
    return count;
  }

  rebuildRunning(): void {
    let count = 0;
    for (let at = 0; at < this.#options.tasksMax; at += 1) {
      if (this.stage[at] !== stage.running) continue;
      this.running[count] = at;
      count += 1;
    }
    this.runningCount[0] = count;
  }
}
