import type { Kernel } from "../../kernel/kernel.ts";

/** Changes to the name that are remembered; older ones are expired everywhere by then. */
const changesMax = 16;

/**
 * Which nodes a balancer's name gives, to whom. Every caller asks again when its answer has expired, at its own phase
 * of the TTL, so a change reaches the callers spread evenly over one TTL, without anything being kept for each.
 */
export class DnsView {
  readonly #ttlUs: number;
  readonly #nodeCount: number;
  /** A ring of the last changes: when, and which nodes (as bits) from then on. */
  readonly #changedAtUs: Float64Array;
  readonly #mask: Int32Array;
  /** Changes made so far. */
  readonly #changeCount: Int32Array;

  constructor(kernel: Kernel, id: string, options: { nodeCount: number; ttlUs: number }) {
    this.#ttlUs = options.ttlUs;
    this.#nodeCount = options.nodeCount;
    this.#changedAtUs = kernel.float64Array(`${id}.dns.changed-at-us`, changesMax).fill(-1e15);
    this.#mask = kernel.int32Array(`${id}.dns.mask`, changesMax).fill((1 << options.nodeCount) - 1);
    this.#changeCount = kernel.int32Array(`${id}.dns.changes`, 1);
  }

  /** Whether a node is in the name as the authority has it now. */
  isIn(node: number): boolean {
    return ((this.#latest() >> node) & 1) === 1;
  }

  /** Nodes in the name now. */
  get count(): number {
    let count = 0;
    for (let node = 0; node < this.#nodeCount; node += 1) if (this.isIn(node)) count += 1;
    return count;
  }

  /** Puts a node into the name or takes it out. */
  set(node: number, isIn: boolean, nowUs: number): void {
    const mask = isIn ? this.#latest() | (1 << node) : this.#latest() & ~(1 << node);
    const count = this.#changeCount[0]! + 1;
    this.#changeCount[0] = count;
    this.#mask[count % changesMax] = mask;
    this.#changedAtUs[count % changesMax] = nowUs;
  }

  /** Whether every caller sees what the authority has: the last change is older than the TTL. */
  isSettled(nowUs: number): boolean {
    return nowUs - this.#changedAtUs[this.#changeCount[0]! % changesMax]! > this.#ttlUs;
  }

  /** Nodes, as bits, that a caller with this phase (0..1) of the TTL sees. With no node left it sees all. */
  maskSeenBy(phase: number, nowUs: number): number {
    const phaseUs = phase * this.#ttlUs;
    const askedUs = Math.floor((nowUs - phaseUs) / this.#ttlUs) * this.#ttlUs + phaseUs;
    const last = this.#changeCount[0]!;
    let mask = this.#mask[last % changesMax]!;
    for (let back = 0; back < changesMax; back += 1) {
      const cell = (last - back + changesMax) % changesMax;
      mask = this.#mask[cell]!;
      if (this.#changedAtUs[cell]! <= askedUs) break;
    }
    return mask === 0 ? (1 << this.#nodeCount) - 1 : mask;
  }

  #latest(): number {
    return this.#mask[this.#changeCount[0]! % changesMax]!;
  }
}
