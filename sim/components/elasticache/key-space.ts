import type { Kernel } from "../../kernel/kernel.ts";
import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";

export interface KeySpaceOptions {
  readonly id: string;
  readonly nodeCount: number;
  readonly keysMax: number;
  /** Bytes a node can hold before it evicts. */
  readonly bytesMax: number;
  bytesOf(key: number): number;
}

/** Keys that are looked at to find one worth evicting: the default of Redis (`maxmemory-samples`). */
const evictionSamples = 5;

/**
 * Which keys each node holds, and until when. A node that is full evicts the least recently used of a few keys it
 * looks at, as Redis does; an expired key is gone for readers at once and frees its memory when it is met.
 */
export class KeySpace {
  readonly #kernel: Kernel;
  readonly #options: KeySpaceOptions;
  /** Instant at which the key expires on the node; 0 when the node does not hold it. */
  readonly #expiresUs: Float64Array;
  readonly #usedUs: Float64Array;
  readonly #bytes: Float64Array;
  readonly #evictions: Float64Array;
  readonly #sample: KeyedStream;
  /** Bytes that a node holds before it evicts, as they stand: a larger node type holds more. */
  readonly #bytesMax: Float64Array;

  constructor(kernel: Kernel, options: KeySpaceOptions) {
    const { id, nodeCount, keysMax } = options;
    this.#kernel = kernel;
    this.#options = options;
    this.#expiresUs = kernel.float64Array(`${id}.key-expires-us`, nodeCount * keysMax);
    this.#usedUs = kernel.float64Array(`${id}.key-used-us`, nodeCount * keysMax);
    this.#bytes = kernel.float64Array(`${id}.node-bytes`, nodeCount);
    this.#evictions = kernel.float64Array(`${id}.node-evictions`, nodeCount);
    this.#bytesMax = kernel.float64Array(`${id}.bytes-max`, 1).fill(options.bytesMax);
    this.#sample = kernel.keyed(`${id}.eviction-samples`);
  }

  /** Whether the node holds the key; a hit makes the key recently used. */
  read(node: number, key: number): boolean {
    const cell = node * this.#options.keysMax + key;
    const expiresUs = this.#expiresUs[cell]!;
    if (expiresUs > this.#kernel.nowUs) {
      this.#usedUs[cell] = this.#kernel.nowUs;
      return true;
    }
    if (expiresUs > 0) this.#remove(node, key);
    return false;
  }

  /** Stores the key on the node, evicting others when memory is short. */
  put(node: number, key: number, expiresUs: number): void {
    const cell = node * this.#options.keysMax + key;
    if (this.#expiresUs[cell] === 0) {
      this.#bytes[node] = this.#bytes[node]! + this.#options.bytesOf(key);
    }
    this.#expiresUs[cell] = expiresUs;
    this.#usedUs[cell] = this.#kernel.nowUs;
    while (this.#bytes[node]! > this.#bytesMax[0]!) this.#evict(node, key);
  }

  /** Nodes of another type: so many times the memory that was declared. */
  setSize(factor: number): void {
    this.#bytesMax[0] = this.#options.bytesMax * factor;
  }

  /** Forgets everything a node holds. */
  clear(node: number): void {
    const { keysMax } = this.#options;
    this.#expiresUs.fill(0, node * keysMax, (node + 1) * keysMax);
    this.#bytes[node] = 0;
  }

  /** Makes one node hold what another holds. */
  copy(from: number, to: number): void {
    const { keysMax } = this.#options;
    this.#expiresUs.copyWithin(to * keysMax, from * keysMax, (from + 1) * keysMax);
    this.#usedUs.copyWithin(to * keysMax, from * keysMax, (from + 1) * keysMax);
    this.#bytes[to] = this.#bytes[from]!;
  }

  bytes(node: number): number {
    return this.#bytes[node]!;
  }

  /** Keys that all nodes together have evicted. */
  get evictionCount(): number {
    let count = 0;
    for (const evictions of this.#evictions) count += evictions;
    return count;
  }

  #remove(node: number, key: number): void {
    this.#expiresUs[node * this.#options.keysMax + key] = 0;
    this.#bytes[node] = this.#bytes[node]! - this.#options.bytesOf(key);
  }

  /** Removes one key other than `kept`: an expired one if it is met, else the least recently used of the samples. */
  #evict(node: number, kept: number): void {
    const { keysMax } = this.#options;
    const count = this.#evictions[node]! + 1;
    let victim = kept;
    let oldestUs = Number.POSITIVE_INFINITY;
    for (let sample = 0; sample < evictionSamples; sample += 1) {
      const key = this.#nextHeld(node, this.#sample.int(keysMax, count, sample, node), kept);
      const cell = node * keysMax + key;
      const usedUs = this.#expiresUs[cell]! > this.#kernel.nowUs ? this.#usedUs[cell]! : -1;
      if (usedUs < oldestUs) {
        oldestUs = usedUs;
        victim = key;
      }
    }
    this.#remove(node, victim);
    if (oldestUs >= 0) this.#evictions[node] = count;
  }

  /** First key the node holds at or after a place, round the whole space; `kept` only if there is no other. */
  #nextHeld(node: number, from: number, kept: number): number {
    const { keysMax } = this.#options;
    for (let step = 0; step < keysMax; step += 1) {
      const key = (from + step) % keysMax;
      if (key !== kept && this.#expiresUs[node * keysMax + key]! > 0) return key;
    }
    return kept;
  }
}
