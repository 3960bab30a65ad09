import { MatchingEngine } from "../../engine/matching-engine.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { outcome } from "../fabric/outcome.ts";
import type { Journal } from "../journal/journal.ts";
import { executeRequestAgain, executeRequestOnce } from "./execute-request.ts";
import type { CallSitesByName } from "./matching-calls.ts";
import { requestsMax } from "./matching-parameters.ts";
import type { TaskActivities } from "./task-activities.ts";
import type { VenueSnapshots } from "./venue-snapshots.ts";

/** What the task is doing; order matters: each needs the one before. */
const stage = {
  none: 0,
  leasing: 1,
  opening: 2,
  loading: 3,
  reading: 4,
  replaying: 5,
  running: 6,
} as const;

const cell = { stage: 0, ownerEpoch: 1 } as const;

/** What a recovery needs from the service whose books it rebuilds. */
export interface RecoveryHost {
  readonly id: string;
  readonly engine: MatchingEngine;
  readonly snapshots: VenueSnapshots;
  readonly activities: () => TaskActivities;
  readonly replayCommandsPerSecond: number;
  /** Whether what comes twice has one effect; a journal replays as it was executed. */
  readonly hasRequestLog: boolean;
  /** Number of the lease that says who owns these books. */
  readonly lease: number;
  /** The lease has been granted. */
  leased(): void;
  /** A journal that had lost its only copy goes on at a position. */
  historyRestartedAt(position: number): void;
  /** The books are there. */
  recovered(): void;
}

/**
 * How a new owner gets its books: it takes the lease, fences the old owner at the journal, loads the newest snapshot,
 * reads what the journal has after it, and replays that.
 */
export class Recovery {
  readonly #fabric: Fabric;
  readonly #host: RecoveryHost;
  readonly #cells: Float64Array;
  readonly #replayed: HandlerId;
  readonly #kinds;
  #journal!: Journal;
  #site!: CallSitesByName;

  constructor(fabric: Fabric, host: RecoveryHost) {
    const { kernel, log } = fabric;
    this.#fabric = fabric;
    this.#host = host;
    this.#cells = kernel.float64Array(`${host.id}.recovery`, Object.keys(cell).length);
    this.#replayed = kernel.handler(`${host.id}.replayed`, (instance, epoch) => {
      const isWanted = this.stage === stage.replaying;
      if (isWanted && host.activities().isCurrent(instance, epoch)) this.#finish();
    });
    this.#kinds = {
      leased: log.kind("matching.lease-taken", "act"),
      opened: log.kind("matching.journal-fenced", "act"),
      loaded: log.kind("matching.snapshot-loaded", "recover"),
      recovered: log.kind("matching.books-recovered", "recover"),
    };
  }

  /** Assembly only. */
  connect(journal: Journal, site: CallSitesByName): void {
    this.#journal = journal;
    this.#site = site;
  }

  /** 0 for none to 6 for running. */
  get stage(): number {
    return this.#cells[cell.stage]!;
  }

  get isOver(): boolean {
    return this.stage === stage.running;
  }

  /** Epoch of the owner; records are appended in its name. */
  get ownerEpoch(): number {
    return this.#cells[cell.ownerEpoch]!;
  }

  /** The books belong to another service now. */
  abandon(): void {
    this.#cells[cell.stage] = stage.none;
  }

  /** A new task sets out to own the books. */
  begin(): void {
    this.#cells[cell.stage] = stage.leasing;
  }

  /** Makes the call that the present stage asks for. */
  act(actor: number): void {
    const { lease, snapshots } = this.#host;
    const activities = this.#host.activities();
    const at = this.stage;
    if (at === stage.none) {
      this.#fabric.calls.endActor(actor);
      return;
    }
    const snapshotMb = Math.max(1, Math.ceil(snapshots.byteLength / 1_000_000));
    if (at === stage.leasing) activities.call(actor, this.#site.lease, lease, 1);
    else if (at === stage.opening) activities.call(actor, this.#site.open, this.ownerEpoch + 1, 1);
    else if (at === stage.loading) activities.call(actor, this.#site.load, none, snapshotMb);
    else activities.call(actor, this.#site.read, none, Math.max(1, this.#recordsToReplay()));
  }

  callEnded(actor: number, site: number, result: number): void {
    const { kernel, calls, instances } = this.#fabric;
    const { snapshots, replayCommandsPerSecond } = this.#host;
    const activities = this.#host.activities();
    if (this.stage === stage.none) {
      calls.endActor(actor);
      return;
    }
    if (result !== outcome.ok) {
      activities.retryLater(actor);
      return;
    }
    if (site === this.#site.lease) {
      this.#host.leased();
      activities.note(this.#kinds.leased, 0);
      this.#cells[cell.stage] = stage.opening;
    } else if (site === this.#site.open) {
      this.#cells[cell.ownerEpoch] = this.ownerEpoch + 1;
      activities.note(this.#kinds.opened, this.ownerEpoch);
      this.#cells[cell.stage] = stage.loading;
    } else if (site === this.#site.load) {
      activities.note(this.#kinds.loaded, (kernel.nowUs - snapshots.takenUs) / 1_000_000);
      this.#cells[cell.stage] = stage.reading;
    } else {
      this.#cells[cell.stage] = stage.replaying;
      const instance = activities.active;
      const replayUs = (this.#recordsToReplay() * 1_000_000) / replayCommandsPerSecond;
      kernel.schedule(Math.round(replayUs), this.#replayed, instance, instances.epoch[instance]!);
      calls.endActor(actor);
      return;
    }
    this.act(actor);
  }

  /** What a recovery would rebuild now; `undefined` while the journal can't be read. */
  recoverableBooks(): MatchingEngine | undefined {
    if (!this.#journal.isReachable) return undefined;
    const engine = newBooks(this.#host.engine.symbolCount);
    this.#host.snapshots.restoreInto(engine);
    this.#replayInto(engine);
    return engine;
  }

  #finish(): void {
    const { engine, snapshots } = this.#host;
    const from = snapshots.position;
    this.#resetEngine();
    if (this.#journal.wasLost) {
      this.#journal.restartAt(from);
      this.#host.historyRestartedAt(from);
    }
    this.#replayInto(engine);
    this.#cells[cell.stage] = stage.running;
    this.#host.activities().note(this.#kinds.recovered, this.#journal.end - from);
    this.#host.recovered();
  }

  #recordsToReplay(): number {
    return Math.max(0, this.#journal.end - this.#host.snapshots.position);
  }

  #replayInto(engine: MatchingEngine): void {
    const { requests } = this.#fabric;
    const execute = this.#host.hasRequestLog ? executeRequestOnce : executeRequestAgain;
    for (let at = this.#host.snapshots.position; at < this.#journal.end; at += 1) {
      execute(engine, requests, this.#journal.requestAt(at));
    }
  }

  /** A fresh engine in the state of the newest snapshot, as a new process has it. */
  #resetEngine(): void {
    const { engine, snapshots } = this.#host;
    const empty = newBooks(engine.symbolCount);
    const bytes = new ArrayBuffer(empty.byteLength());
    empty.write(new DataView(bytes), 0);
    engine.read(new DataView(bytes), 0, bytes.byteLength);
    snapshots.restoreInto(engine);
  }
}

/** Books without orders, by the rules of the venue. */
export function newBooks(symbolCount: number): MatchingEngine {
  return new MatchingEngine({ symbolCount, requestsMax });
}
