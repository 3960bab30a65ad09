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

/** What is kept of a key on a node, side by side: a read comes to both. */
const field = {
  /** Instant at which the key expires on the node; 0 when the node does not hold it. */
  expiresUs: 0,
  usedUs: 1,
} as const;
const fieldsPerKey = 2;

/**
 * Which keys each node holds, and until when. A node that is full evicts the least recently used of a few keys it
 * looks at, as Redis does; an expired key is gone for readers at once and frees its memory when it is met.
 */
export class KeySpace {
  readonly #kernel: Kernel;
  readonly #options: KeySpaceOptions;
  /** The fields of each key on each node. */
  readonly #keys: Float64Array;
  readonly #bytes: Float64Array;
  readonly #evictions: Float64Array;
  readonly #sample: KeyedStream;
  /** Bytes that a node holds before it evicts, as they stand: a larger node type holds more. */
  readonly #bytesMax: Float64Array;

  constructor(kernel: Kernel, options: KeySpaceOptions) {
    const { id, nodeCount, keysMax } = options;
    this.#kernel = kernel;
    this.#options = options;
    this.#keys = kernel.float64Array(`${id}.keys`, nodeCount * keysMax * fieldsPerKey);
    this.#bytes = kernel.float64Array(`${id}.node-bytes`, nodeCount);
    this.#evictions = kernel.float64Array(`${id}.node-evictions`, nodeCount);
    this.#bytesMax = kernel.float64Array(`${id}.bytes-max`, 1).fill(options.bytesMax);
    this.#sample = kernel.keyed(`${id}.eviction-samples`);
  }

  /** Whether the node holds the key; a hit makes the key recently used. */
  read(node: number, key: number): boolean {
    const at = this.#at(node, key);
    const expiresUs = this.#keys[at + field.expiresUs]!;
    if (expiresUs > this.#kernel.nowUs) {
      this.#keys[at + field.usedUs] = this.#kernel.nowUs;
      return true;
    }
    if (expiresUs > 0) this.#remove(node, key);
    return false;
  }

  /** Stores the key on the node, evicting others when memory is short. */
  put(node: number, key: number, expiresUs: number): void {
    const at = this.#at(node, key);
    if (this.#keys[at + field.expiresUs] === 0) {
      this.#bytes[node] = this.#bytes[node]! + this.#options.bytesOf(key);
    }
    this.#keys[at + field.expiresUs] = expiresUs;
    this.#keys[at + field.usedUs] = this.#kernel.nowUs;
    while (this.#bytes[node]! > this.#bytesMax[0]!) this.#evict(node, key);
  }

  /** Nodes of another type: so many times the memory that was declared. */
  setSize(factor: number): void {
    this.#bytesMax[0] = this.#options.bytesMax * factor;
  }

  /** Forgets everything a node holds. */
  clear(node: number): void {
    this.#keys.fill(0, this.#at(node, 0), this.#at(node + 1, 0));
    this.#bytes[node] = 0;
  }

  /** Makes one node hold what another holds. */
  copy(from: number, to: number): void {
    this.#keys.copyWithin(this.#at(to, 0), this.#at(from, 0), this.#at(from + 1, 0));
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

  /** Where the fields of a key on a node begin. */
  #at(node: number, key: number): number {
    return (node * this.#options.keysMax + key) * fieldsPerKey;
  }

  #remove(node: number, key: number): void {
    this.#keys[this.#at(node, key) + field.expiresUs] = 0;
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
      const at = this.#at(node, key);
      const isHeld = this.#keys[at + field.expiresUs]! > this.#kernel.nowUs;
      const usedUs = isHeld ? this.#keys[at + field.usedUs]! : -1;
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
      if (key !== kept && this.#keys[this.#at(node, key) + field.expiresUs]! > 0) return key;
    }
    return kept;
  }
}
