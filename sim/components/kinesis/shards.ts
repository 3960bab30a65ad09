import type { Kernel } from "../../kernel/kernel.ts";

export interface ShardsOptions {
  readonly id: string;
  readonly shardCount: number;
  /** Records that one shard can hold; older ones make room. */
  readonly recordsMax: number;
  /** Microseconds for which a record can be read. */
  readonly retentionUs: number;
}

/**
 * Records by shard, in order. A record is a number of the producer's and the symbol it was keyed by; positions in a
 * shard count from 0 and never come back. What is older than the retention, or has been pushed out, is gone.
 *
 *   shard:   gone ... |horizon ........ end|
 */
export class Shards {
  readonly shardCount: number;
  readonly #kernel: Kernel;
  readonly #options: ShardsOptions;
  readonly #record: Int32Array;
  readonly #symbol: Int32Array;
  readonly #appendedUs: Float64Array;
  readonly #end: Float64Array;
  readonly #horizon: Float64Array;

  constructor(kernel: Kernel, options: ShardsOptions) {
    const { id, shardCount, recordsMax } = options;
    this.shardCount = shardCount;
    this.#kernel = kernel;
    this.#options = options;
    this.#record = kernel.int32Array(`${id}.record`, shardCount * recordsMax);
    this.#symbol = kernel.int32Array(`${id}.record-symbol`, shardCount * recordsMax);
    this.#appendedUs = kernel.float64Array(`${id}.record-appended-us`, shardCount * recordsMax);
    this.#end = kernel.float64Array(`${id}.shard-end`, shardCount);
    this.#horizon = kernel.float64Array(`${id}.shard-horizon`, shardCount);
  }

  /** Shard of a partition key. */
  shardOf(symbol: number): number {
    const mixed = Math.imul(symbol ^ (symbol >>> 16), 0x7feb352d);
    return ((mixed ^ (mixed >>> 15)) >>> 0) % this.shardCount;
  }

  append(shard: number, record: number, symbol: number): void {
    const position = this.#end[shard]!;
    const place = this.#place(shard, position);
    this.#record[place] = record;
    this.#symbol[place] = symbol;
    this.#appendedUs[place] = this.#kernel.nowUs;
    this.#end[shard] = position + 1;
    const first = position + 1 - this.#options.recordsMax;
    if (this.#horizon[shard]! < first) this.#horizon[shard] = first;
  }

  /** Position after the last record. */
  end(shard: number): number {
    return this.#end[shard]!;
  }

  /** Position of the oldest record that can still be read. */
  horizon(shard: number): number {
    const oldestUs = this.#kernel.nowUs - this.#options.retentionUs;
    let position = this.#horizon[shard]!;
    while (position < this.#end[shard]! && this.appendedUs(shard, position) < oldestUs) {
      position += 1;
    }
    this.#horizon[shard] = position;
    return position;
  }

  record(shard: number, position: number): number {
    return this.#record[this.#place(shard, position)]!;
  }

  symbol(shard: number, position: number): number {
    return this.#symbol[this.#place(shard, position)]!;
  }

  appendedUs(shard: number, position: number): number {
    return this.#appendedUs[this.#place(shard, position)]!;
  }

  #place(shard: number, position: number): number {
    return shard * this.#options.recordsMax + (position % this.#options.recordsMax);
  }
}
