import type { MatchingEngine } from "../../engine/matching-engine.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { outcome } from "../fabric/outcome.ts";
import type { Journal } from "../journal/journal.ts";
import type { CommandPath } from "./command-path.ts";
import type { CallSitesByName } from "./matching-calls.ts";
import { role, type TaskActivities } from "./task-activities.ts";
import type { VenueSnapshots } from "./venue-snapshots.ts";

const cell = {
  /** The activity that waits for the engine to be idle and the journal to be level, or `none`. */
  waiting: 0,
  /** Snapshots whose instant and position were ever remembered. */
  pastCount: 1,
} as const;

/** Snapshots that are remembered by instant and position, for who has to find the rows of a time. */
const pastMax = 256;

/** What the taking of snapshots needs of the service whose books they are. */
export interface SnapshotTakingHost {
  readonly id: string;
  readonly engine: MatchingEngine;
  readonly snapshots: VenueSnapshots;
  readonly activities: TaskActivities;
  readonly commands: CommandPath;
  readonly intervalSeconds: number;
  /** Microseconds for which matching pauses for each megabyte of the books. */
  readonly pauseUsPerMb: number;
  /** A snapshot has reached durable storage. */
  stored(): void;
}

/** When the owner takes its durable snapshots: an interval after the last was stored, between two turns of the engine. */
export class SnapshotTaking {
  readonly #fabric: Fabric;
  readonly #host: SnapshotTakingHost;
  readonly #cells: Float64Array;
  /** Instant in microseconds and position of the journal, in pairs. */
  readonly #past: Float64Array;
  readonly #intervalUs: number;
  readonly #due: HandlerId;
  readonly #pauseOver: HandlerId;
  #journal!: Journal;
  #site!: CallSitesByName;

  constructor(fabric: Fabric, host: SnapshotTakingHost) {
    const { kernel } = fabric;
    const { id, activities, commands } = host;
    this.#fabric = fabric;
    this.#host = host;
    this.#intervalUs = Math.round(host.intervalSeconds * 1_000_000);
    this.#cells = kernel.float64Array(`${id}.snapshot-taking`, Object.keys(cell).length);
    this.#cells[cell.waiting] = none;
    this.#past = kernel.float64Array(`${id}.past-snapshots`, pastMax * 2);
    this.#due = kernel.handler(`${id}.snapshot-due`, (actor, generation) => {
      if (fabric.calls.generationOf(actor) !== generation) return;
      this.#cells[cell.waiting] = actor;
      this.takeWhenLevel();
    });
    this.#pauseOver = kernel.handler(`${id}.pause-over`, (instance, epoch) => {
      if (activities.isCurrent(instance, epoch)) commands.resumeEngine();
    });
  }

  /** Assembly only. */
  connect(journal: Journal, site: CallSitesByName): void {
    this.#journal = journal;
    this.#site = site;
  }

  /** The task is gone. */
  forget(): void {
    this.#cells[cell.waiting] = none;
  }

  /** A new owner's first snapshot is due an interval from now. */
  begin(): void {
    this.#scheduleNext(this.#host.activities.begin(role.snapshotter));
  }

  /** Whether a snapshot is due and waits until it can be taken. */
  get isWaiting(): boolean {
    return this.#cells[cell.waiting] !== none;
  }

  /** Only what is in the journal may be in a snapshot, so the engine takes no more until nothing is on its way. */
  takeWhenLevel(): void {
    const { engine, snapshots, activities, commands, pauseUsPerMb } = this.#host;
    if (!this.isWaiting || !commands.isLevel) return;
    const { kernel, instances } = this.#fabric;
    const actor = this.#cells[cell.waiting]!;
    const instance = activities.active;
    const megabytes = snapshots.take(engine, this.#journal.end, kernel.nowUs) / 1_000_000;
    this.#cells[cell.waiting] = none;
    commands.pauseEngine();
    const pauseUs = Math.round(megabytes * pauseUsPerMb);
    kernel.schedule(pauseUs, this.#pauseOver, instance, instances.epoch[instance]!);
    activities.call(actor, this.#site.store, none, Math.max(1, Math.ceil(megabytes)));
  }

  storeEnded(actor: number, result: number): void {
    const { snapshots } = this.#host;
    if (result === outcome.ok) {
      snapshots.completed();
      const past = this.#cells[cell.pastCount]! % pastMax;
      this.#past[past * 2] = snapshots.takenUs;
      this.#past[past * 2 + 1] = snapshots.position;
      this.#cells[cell.pastCount] = this.#cells[cell.pastCount]! + 1;
      this.#host.stored();
    }
    this.#scheduleNext(actor);
  }

  /** Position of the last snapshot before an instant, as far as that is remembered; else the journal's first. */
  positionBefore(atUs: number): number {
    let position = this.#journal.begin;
    for (let at = 0; at < pastMax; at += 1) {
      const isBefore = this.#past[at * 2]! <= atUs;
      if (isBefore) position = Math.max(position, this.#past[at * 2 + 1]!);
    }
    return position;
  }

  #scheduleNext(actor: number): void {
    const { kernel, calls } = this.#fabric;
    kernel.schedule(this.#intervalUs, this.#due, actor, calls.generationOf(actor));
  }
}
