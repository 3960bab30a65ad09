import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { outcome } from "../fabric/outcome.ts";

/** Most records in one PutRecords call. */
export const putRecordsMax = 500;

/** Most batches that producers have open at once, and records in them. */
const batchesMax = 4_096;
const entriesMax = 131_072;

const batchColumns = {
  owner: "int32",
  ownerEpoch: "int32",
  first: "int32",
  last: "int32",
  count: "int32",
} as const;

const entryColumns = {
  record: "int32",
  symbol: "int32",
  next: "int32",
  /** Whether the stream has taken the record in a call whose answer the producer may not have yet. */
  taken: "uint8",
} as const;

/**
 * What producers want to put, batch by batch. A put may take some records and not others; the producer sends the rest
 * again. When it gets no answer it can't know and sends all of them again: the stream then holds them twice.
 */
export class PutBatches {
  readonly #fabric: Fabric;
  readonly #recordsMax: number;
  readonly #batches;
  readonly #entries;

  /** `recordsMax` is what one call of the service takes. */
  constructor(fabric: Fabric, id: string, recordsMax = putRecordsMax) {
    this.#fabric = fabric;
    this.#recordsMax = recordsMax;
    this.#batches = fabric.kernel.pool(`${id}.put-batches`, batchColumns, { slotsMax: batchesMax });
    this.#entries = fabric.kernel.pool(`${id}.put-entries`, entryColumns, { slotsMax: entriesMax });
  }

  /** An empty batch of an instance, or `none` when too many are open. */
  open(owner: number): number {
    const batch = this.#batches.alloc();
    if (batch === none) return none;
    const column = this.#batches.column;
    column.owner[batch] = owner;
    column.ownerEpoch[batch] = this.#fabric.instances.epoch[owner]!;
    column.first[batch] = none;
    column.last[batch] = none;
    column.count[batch] = 0;
    return batch;
  }

  /** Adds a record; false when the batch is full. */
  add(batch: number, record: number, symbol: number): boolean {
    const column = this.#batches.column;
    if (column.count[batch]! >= this.#recordsMax) return false;
    const entry = this.#entries.alloc();
    if (entry === none) return false;
    this.#entries.column.record[entry] = record;
    this.#entries.column.symbol[entry] = symbol;
    this.#entries.column.next[entry] = none;
    this.#entries.column.taken[entry] = 0;
    const last = column.last[batch]!;
    if (last === none) column.first[batch] = entry;
    else this.#entries.column.next[last] = entry;
    column.last[batch] = entry;
    column.count[batch] = column.count[batch]! + 1;
    return true;
  }

  /** Records that the producer has yet to see accepted. */
  count(batch: number): number {
    return this.#batches.column.count[batch]!;
  }

  generation(batch: number): number {
    return this.#batches.generation[batch]!;
  }

  /** Whether a batch that was sent in this generation is still open. */
  isOpen(batch: number, generation: number): boolean {
    return this.#batches.generation[batch] === generation && this.#batches.isUsed(batch);
  }

  /** Offers each record to the stream; returns how many it turned away. */
  offer(batch: number, take: (record: number, symbol: number) => boolean): number {
    const { record, symbol, next, taken } = this.#entries.column;
    let turnedAway = 0;
    for (let entry = this.#batches.column.first[batch]!; entry !== none; entry = next[entry]!) {
      const isTaken = take(record[entry]!, symbol[entry]!);
      taken[entry] = isTaken ? 1 : 0;
      if (!isTaken) turnedAway += 1;
    }
    return turnedAway;
  }

  /** The producer has the answer of a put. Returns how many records it must send again; 0 closes nothing. */
  answered(batch: number, result: number): number {
    if (result === outcome.ok || result === outcome.throttled) this.#dropTaken(batch);
    return this.count(batch);
  }

  /** Forgets a batch, sent or not. */
  close(batch: number): void {
    const { next } = this.#entries.column;
    let entry = this.#batches.column.first[batch]!;
    while (entry !== none) {
      const after = next[entry]!;
      this.#entries.free(entry);
      entry = after;
    }
    this.#batches.free(batch);
  }

  /** Forgets the batches of instances that have failed since they opened them. */
  closeAbandoned(): void {
    const { owner, ownerEpoch } = this.#batches.column;
    for (let batch = 0; batch < batchesMax; batch += 1) {
      if (!this.#batches.isUsed(batch)) continue;
      if (this.#fabric.instances.epoch[owner[batch]!] !== ownerEpoch[batch]) this.close(batch);
    }
  }

  #dropTaken(batch: number): void {
    const column = this.#batches.column;
    const { next, taken } = this.#entries.column;
    let entry = column.first[batch]!;
    let kept: number = none;
    column.first[batch] = none;
    column.last[batch] = none;
    column.count[batch] = 0;
    while (entry !== none) {
      const after = next[entry]!;
      if (taken[entry] === 1) this.#entries.free(entry);
      else {
        if (kept === none) column.first[batch] = entry;
        else next[kept] = entry;
        next[entry] = none;
        column.last[batch] = entry;
        column.count[batch] = column.count[batch]! + 1;
        kept = entry;
      }
      entry = after;
    }
  }
}
