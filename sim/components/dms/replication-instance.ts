import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";
import { causeOfSilence } from "../fabric/cause-of-silence.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { status } from "../fabric/instances.ts";
import type { DmsValues } from "./dms-parameters.ts";

const cell = { active: 0, isTakingOver: 1, isFrozen: 2, draws: 3, cause: 4 } as const;

export interface ReplicationInstanceOptions {
  readonly component: number;
  readonly id: string;
  readonly zones: readonly number[];
  readonly values: DmsValues;
  /** The task begins on an instance, anew or for the first time; `tookOver` when a standby did. */
  readonly started: (tookOver: boolean, causeSeq: number) => void;
}

/**
 * The instance that runs the task, and its standby in another zone. The service looks after it: a standby takes over after a minute or
 * two and resumes the task; without one the task waits until the instance runs again.
 */
export class ReplicationInstance {
  readonly instances: readonly number[];
  readonly #fabric: Fabric;
  readonly #options: ReplicationInstanceOptions;
  readonly #cells: Int32Array;
  readonly #draw: KeyedStream;
  readonly #look: HandlerId;
  readonly #takeOver: HandlerId;
  readonly #booted: HandlerId;
  readonly #kinds;

  constructor(fabric: Fabric, options: ReplicationInstanceOptions) {
    const { kernel, log } = fabric;
    const { id, component } = options;
    this.#fabric = fabric;
    this.#options = options;
    this.instances = options.zones.map((zone) =>
      fabric.instances.create({
        component,
        zone,
        status: status.up,
        serverCount: 0,
        insideMax: 1000,
        causeSeq: none,
      }),
    );
    this.#cells = kernel.int32Array(`${id}.instance`, Object.keys(cell).length);
    this.#draw = kernel.keyed(`${id}.instance`);
    this.#look = kernel.handler(`${id}.look`, () => this.#lookAfter());
    this.#takeOver = kernel.handler(`${id}.take-over`, (to) => this.#takenOver(to));
    this.#booted = kernel.handler(`${id}.booted`, (at, epoch) => this.#isBack(at, epoch));
    this.#kinds = {
      lost: log.kind("dms.instance-lost", "detect"),
      tookOver: log.kind("dms.standby-took-over", "act"),
      back: log.kind("dms.instance-back", "recover"),
    };
  }

  start(): void {
    this.#fabric.kernel.schedule(this.#options.values.lookEveryUs, this.#look);
  }

  /** Instance that has the task. */
  get active(): number {
    return this.instances[this.#cells[cell.active]!]!;
  }

  get zone(): number {
    return this.#options.zones[this.#cells[cell.active]!]!;
  }

  /** Whether the task runs. */
  get isRunning(): boolean {
    return (
      this.#cells[cell.isTakingOver] === 0 &&
      this.#fabric.instances.column.status[this.active] === status.up
    );
  }

  setFrozen(frozen: boolean): void {
    this.#cells[cell.isFrozen] = frozen ? 1 : 0;
  }

  /** The host has power again: instance and program start. */
  hostIsBack(instance: number): void {
    this.#fabric.instances.column.status[instance] = status.starting;
    this.#boot(this.instances.indexOf(instance));
  }

  #lookAfter(): void {
    const { kernel, instances, zones, log, calls } = this.#fabric;
    kernel.schedule(this.#options.values.lookEveryUs, this.#look);
    if (this.#cells[cell.isFrozen] === 1) return;
    for (let at = 0; at < this.instances.length; at += 1) {
      const instance = this.instances[at]!;
      const is = instances.column.status[instance];
      if (is !== status.crashed && is !== status.hung) continue;
      calls.evict(instance, true);
      instances.column.status[instance] = status.starting;
      this.#boot(at);
    }
    if (this.#cells[cell.isTakingOver] === 1) return;
    const isSeen =
      instances.column.status[this.active] === status.up && zones.inMajority(this.zone);
    if (isSeen) return;
    const to = this.#standby();
    if (to === none) return;
    const cause = causeOfSilence(this.#fabric, this.active);
    this.#cells[cell.isTakingOver] = 1;
    this.#cells[cell.cause] = log.append(this.#kinds.lost, this.#place(), cause);
    // What it had under way is not its to finish any more.
    if (instances.column.status[this.active] === status.up) calls.evict(this.active, true);
    const { takeOverUsLow, takeOverUsHigh } = this.#options.values;
    kernel.schedule(this.#between(takeOverUsLow, takeOverUsHigh), this.#takeOver, to);
  }

  #takenOver(to: number): void {
    const { instances, zones, log, kernel } = this.#fabric;
    const isFit =
      instances.column.status[this.instances[to]!] === status.up &&
      zones.inMajority(this.#options.zones[to]!);
    if (!isFit || this.#cells[cell.isFrozen] === 1) {
      kernel.schedule(this.#options.values.lookEveryUs, this.#takeOver, to);
      return;
    }
    this.#cells[cell.active] = to;
    this.#cells[cell.isTakingOver] = 0;
    const seq = log.append(this.#kinds.tookOver, this.#place(), this.#cells[cell.cause]!);
    this.#options.started(true, seq);
  }

  #boot(at: number): void {
    const { bootUsLow, bootUsHigh } = this.#options.values;
    const epoch = this.#fabric.instances.epoch[this.instances[at]!]!;
    this.#fabric.kernel.schedule(this.#between(bootUsLow, bootUsHigh), this.#booted, at, epoch);
  }

  #isBack(at: number, epoch: number): void {
    const { instances, log, kernel } = this.#fabric;
    const instance = this.instances[at]!;
    const isStarting = instances.column.status[instance] === status.starting;
    if (instances.epoch[instance] !== epoch || !isStarting) return;
    instances.column.status[instance] = status.up;
    instances.column.startedUs[instance] = kernel.nowUs;
    if (instance !== this.active || this.#cells[cell.isTakingOver] === 1) return;
    const cause = instances.column.causeSeq[instance]!;
    const seq = log.append(this.#kinds.back, this.#place(), cause);
    this.#options.started(false, seq);
  }

  /** Another instance that runs and is seen, or `none`. */
  #standby(): number {
    const { instances, zones } = this.#fabric;
    for (let at = 0; at < this.instances.length; at += 1) {
      if (at === this.#cells[cell.active]) continue;
      const isUp = instances.column.status[this.instances[at]!] === status.up;
      if (isUp && zones.inMajority(this.#options.zones[at]!)) return at;
    }
    return none;
  }

  #place() {
    return { component: this.#options.component, instance: this.active, zone: this.zone };
  }

  #between(lowUs: number, highUs: number): number {
    this.#cells[cell.draws] = this.#cells[cell.draws]! + 1;
    const u = this.#draw.uniform(this.#cells[cell.draws]!, 0, 0);
    return Math.round(lowUs + u * (highUs - lowUs));
  }
}
