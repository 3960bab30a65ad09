import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { outcome } from "../fabric/outcome.ts";
import type { Journal } from "../journal/journal.ts";
import type { PutBatches } from "../kinesis/put-batches.ts";
import type { CallSitesByName } from "./matching-calls.ts";
import type { MatchingValues } from "./matching-parameters.ts";
import { role, type TaskActivities } from "./task-activities.ts";

const cell = {
  /** Journal positions up to which the database, and the stream, have everything. */
  persisted: 0,
  published: 1,
  /** Rows of the insert that is under way, and whether a batch is being published; 0 when idle. */
  persisting: 2,
  publishing: 3,
  persister: 4,
  publisher: 5,
  /** Batch that the stream has not taken whole, or `none`, and how many records it had. */
  batch: 6,
  batchCount: 7,
  /** 1 while an insert is under way that began before the rows were set back. */
  stale: 8,
} as const;

/** What the outboxes are between. */
export interface OutboxEnds {
  readonly journal: Journal;
  /** A data stream, a topic or an event bus: only that it takes batches matters here. */
  readonly stream: { readonly batches: PutBatches };
  readonly site: CallSitesByName;
}

/** What follows a durable command: rows for the database and records for the stream, each in the journal's order. */
export class Outboxes {
  readonly #fabric: Fabric;
  readonly #values: MatchingValues;
  readonly #activities: TaskActivities;
  readonly #cells: Float64Array;
  #ends!: OutboxEnds;

  constructor(fabric: Fabric, id: string, values: MatchingValues, activities: TaskActivities) {
    this.#fabric = fabric;
    this.#values = values;
    this.#activities = activities;
    this.#cells = fabric.kernel.float64Array(`${id}.outboxes`, Object.keys(cell).length);
    this.#cells[cell.batch] = none;
  }

  /** Assembly only. */
  connect(ends: OutboxEnds): void {
    this.#ends = ends;
  }

  /** Commands that are durable and not yet in the database. */
  get behind(): number {
    return this.#ends.journal.end - this.#cells[cell.persisted]!;
  }

  /** Whether the database is so far behind that no more commands should be taken. */
  get isFull(): boolean {
    return this.behind > this.#values.outboxMax;
  }

  /** Database and stream have everything up to a position: it was there before the run, or before this service took over. */
  takeAsDelivered(position: number): void {
    this.#cells[cell.persisted] = position;
    this.#cells[cell.published] = position;
  }

  /** What database and stream have beyond a position is of a lost history; the new one follows from there. */
  goBackTo(position: number): void {
    this.#cells[cell.persisted] = Math.min(this.#cells[cell.persisted]!, position);
    this.#cells[cell.published] = Math.min(this.#cells[cell.published]!, position);
  }

  /** Rows from a position on are missing in the database and are written again. */
  rewriteFrom(position: number): void {
    if (position >= this.#cells[cell.persisted]!) return;
    this.#cells[cell.persisted] = position;
    if (this.#cells[cell.persisting]! > 0) this.#cells[cell.stale] = 1;
  }

  /** The task is gone; what it had under way may or may not arrive, and is sent again. */
  forget(): void {
    this.#cells[cell.persisting] = 0;
    this.#cells[cell.stale] = 0;
    this.#cells[cell.publishing] = 0;
    this.#cells[cell.batch] = none;
  }

  /** A new owner's activities. */
  begin(): void {
    this.#cells[cell.persister] = this.#activities.begin(role.persister);
    this.#cells[cell.publisher] = this.#activities.begin(role.publisher);
  }

  /** Something may have become durable. */
  kick(): void {
    if (this.#cells[cell.persisting] === 0) this.persist(this.#cells[cell.persister]!);
    if (this.#cells[cell.publishing] === 0) this.publish(this.#cells[cell.publisher]!);
  }

  persist(actor: number): void {
    const from = this.#cells[cell.persisted]!;
    const count = Math.min(this.behind, this.#values.persistBatchMax);
    this.#cells[cell.persisting] = count;
    if (count > 0) this.#activities.call(actor, this.#ends.site.persist, from, count);
  }

  persistEnded(actor: number, result: number): void {
    if (result !== outcome.ok) {
      this.#activities.retryLater(actor);
      return;
    }
    const rows = this.#cells[cell.stale] === 1 ? 0 : this.#cells[cell.persisting]!;
    this.#cells[cell.stale] = 0;
    this.#cells[cell.persisted] = this.#cells[cell.persisted]! + rows;
    this.persist(actor);
  }

  publish(actor: number): void {
    const open = this.#cells[cell.batch]!;
    const batch = open === none ? this.#openBatch() : open;
    this.#cells[cell.batch] = batch;
    this.#cells[cell.publishing] = batch === none ? 0 : 1;
    if (batch === none) return;
    const { site, stream } = this.#ends;
    this.#activities.call(actor, site.publish, batch, stream.batches.count(batch));
  }

  publishEnded(actor: number, result: number): void {
    const batch = this.#cells[cell.batch]!;
    const { batches } = this.#ends.stream;
    if (batches.answered(batch, result) > 0) {
      this.#activities.retryLater(actor);
      return;
    }
    batches.close(batch);
    this.#cells[cell.batch] = none;
    this.#cells[cell.published] = this.#cells[cell.published]! + this.#cells[cell.batchCount]!;
    this.publish(actor);
  }

  /** A batch of what follows in the journal; `none` when there is nothing, or no room for a batch. */
  #openBatch(): number {
    const { journal, stream } = this.#ends;
    const from = this.#cells[cell.published]!;
    const count = Math.min(journal.end - from, this.#values.publishBatchMax);
    const batch = count > 0 ? stream.batches.open(this.#activities.active) : none;
    if (batch === none) return none;
    const { requests } = this.#fabric;
    let added = 0;
    while (added < count) {
      const request = journal.requestAt(from + added);
      if (!stream.batches.add(batch, request, requests.symbolOf(request))) break;
      added += 1;
    }
    this.#cells[cell.batchCount] = added;
    return batch;
  }
}
