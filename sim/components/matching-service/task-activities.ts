import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import { causeOfSilence } from "../fabric/cause-of-silence.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { status } from "../fabric/instances.ts";

/** Roles of the long-lived activities inside the task; pollers follow from `poller` on. */
export const role = {
  recovery: 0,
  writer: 1,
  persister: 2,
  publisher: 3,
  snapshotter: 4,
  keeper: 5,
  market: 6,
  poller: 8,
} as const;

const cell = {
  /** Instance of the task that owns the books, or `none`. */
  active: 0,
  /** Calls made so far; each has a number of its own for its draws. */
  calls: 1,
  /** Log entry that the next one about the recovery follows from. */
  cause: 2,
} as const;

/** The task that owns the books, and what its activities have in common: calling, trying again, telling. */
export class TaskActivities {
  readonly #fabric: Fabric;
  readonly #component: number;
  readonly #retryMs: number;
  readonly #cells: Float64Array;
  readonly #again: HandlerId;
  readonly #fenced: number;

  /** `act` makes the next call of an activity, as its role asks for. */
  constructor(
    fabric: Fabric,
    options: { readonly id: string; readonly component: number; readonly retryMs: number },
    act: (actor: number) => void,
  ) {
    const { kernel } = fabric;
    this.#fabric = fabric;
    this.#component = options.component;
    this.#retryMs = options.retryMs;
    this.#cells = kernel.float64Array(`${options.id}.activities`, Object.keys(cell).length);
    this.#cells[cell.active] = none;
    this.#again = kernel.handler(`${options.id}.again`, (actor, generation) => {
      if (fabric.calls.generationOf(actor) === generation) act(actor);
    });
    this.#fenced = fabric.log.kind("matching.old-owner-fenced", "info");
  }

  /** Instance of the task that owns the books, or `none`. */
  get active(): number {
    return this.#cells[cell.active]!;
  }

  /** A new task is the owner from now on; what it does follows from `causeSeq`. */
  setActive(instance: number, causeSeq: number): void {
    this.#cells[cell.active] = instance;
    this.#cells[cell.cause] = causeSeq;
  }

  /** Begins a long-lived activity of the owner. */
  begin(what: number): number {
    return this.#fabric.calls.startActor(this.active, what);
  }

  call(actor: number, site: number, data: number, itemCount: number): void {
    const key = this.#cells[cell.calls]! + 1;
    this.#cells[cell.calls] = key;
    this.#fabric.calls.callAsActor(actor, site, key | 0, data, itemCount);
  }

  /** Lets an activity make its call once more, after a pause. */
  retryLater(actor: number): void {
    this.wakeAfter(actor, this.#retryMs);
  }

  wakeAfter(actor: number, delayMs: number): void {
    const { kernel, calls } = this.#fabric;
    kernel.schedule(Math.round(delayMs * 1000), this.#again, actor, calls.generationOf(actor));
  }

  /** Whether an event is about the owner as it stands; a hung process does nothing with what it had begun. */
  isCurrent(instance: number, epoch: number): boolean {
    const { instances } = this.#fabric;
    if (instance !== this.active || instances.epoch[instance] !== epoch) return false;
    return instances.column.status[instance] !== status.hung;
  }

  /** An owner that has lost its lease, or is refused by the journal, ends its process: another may own the books. */
  stepDown(instance: number): void {
    const { calls, instances, log } = this.#fabric;
    const place = { component: this.#component, instance, zone: instances.column.zone[instance]! };
    const cause = causeOfSilence(this.#fabric, instance);
    instances.column.causeSeq[instance] = log.append(this.#fenced, place, cause);
    calls.failInstance(instance, "crash");
    if (instance === this.active) this.#cells[cell.active] = none;
  }

  /** The owner's process dies of what it was doing, as `kind` says. */
  die(kind: number, causeSeq: number): void {
    const { calls, instances, log } = this.#fabric;
    const instance = this.active;
    const place = { component: this.#component, instance, zone: instances.column.zone[instance]! };
    instances.column.causeSeq[instance] = log.append(kind, place, causeSeq);
    calls.failInstance(instance, "crash");
  }

  /** What is noted next follows from an event from outside. */
  follow(causeSeq: number): void {
    this.#cells[cell.cause] = causeSeq;
  }

  /** Adds to the event log, as a consequence of what was noted last. */
  note(kind: number, value: number): void {
    const instance = this.active;
    const zone = this.#fabric.instances.column.zone[instance]!;
    this.#cells[cell.cause] = this.#fabric.log.append(
      kind,
      { component: this.#component, instance, zone },
      this.#cells[cell.cause]!,
      value,
    );
  }
}
