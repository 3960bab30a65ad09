import type { QuantileTable } from "../../kernel/distributions/quantile-table.ts";
import type { HandlerId, Kernel } from "../../kernel/kernel.ts";
import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";
import type { KeySpace } from "./key-space.ts";

export interface ReplicationOptions {
  readonly id: string;
  readonly nodeCount: number;
  /** Writes that the primary keeps for replicas that are behind. */
  readonly backlogMax: number;
  /** Microseconds from a write on the primary to its arrival at the replicas. */
  readonly lagUs: QuantileTable;
  /** Whether a replica takes the stream of the primary at this instant. */
  reaches(replica: number): boolean;
  /** Microseconds by which the stream to a replica is late; infinite while it stands still. */
  lateUs(replica: number): number;
}

/**
 * The stream of writes from the primary to its replicas. The client has its answer before the stream leaves, so
 * what is in the stream when the primary dies never happened for the replica that takes over.
 *
 *   primary:  ... written written written|  offset
 *   replica:  ... applied|                  lag = offset - applied
 */
export class Replication {
  readonly #kernel: Kernel;
  readonly #keys: KeySpace;
  readonly #options: ReplicationOptions;
  readonly #backlogKey: Int32Array;
  readonly #backlogExpiresUs: Float64Array;
  /** Writes so far: by the primary at position 0, applied by node n at position 1 + n. */
  readonly #offsets: Float64Array;
  readonly #pending: Uint8Array;
  readonly #lagDraw: KeyedStream;
  readonly #ship: HandlerId;

  constructor(kernel: Kernel, keys: KeySpace, options: ReplicationOptions) {
    const { id, nodeCount, backlogMax } = options;
    this.#kernel = kernel;
    this.#keys = keys;
    this.#options = options;
    this.#backlogKey = kernel.int32Array(`${id}.backlog-key`, backlogMax);
    this.#backlogExpiresUs = kernel.float64Array(`${id}.backlog-expires-us`, backlogMax);
    this.#offsets = kernel.float64Array(`${id}.offsets`, 1 + nodeCount);
    this.#pending = kernel.uint8Array(`${id}.ship-pending`, 1);
    this.#lagDraw = kernel.keyed(`${id}.replication-lag`);
    this.#ship = kernel.handler(`${id}.ship`, (lateNode, end) => {
      // Arguments are given only for what reaches one node late; node n as n + 1.
      if (lateNode > 0) {
        this.#arriveLate(lateNode - 1, end);
        return;
      }
      this.#pending[0] = 0;
      this.ship();
    });
  }

  /** The primary has written a key. */
  append(key: number, expiresUs: number): void {
    const offset = this.#offsets[0]!;
    const place = offset % this.#options.backlogMax;
    this.#backlogKey[place] = key;
    this.#backlogExpiresUs[place] = expiresUs;
    this.#offsets[0] = offset + 1;
    if (this.#options.nodeCount === 1 || this.#pending[0] === 1) return;
    this.#pending[0] = 1;
    const lagUs = this.#lagDraw.draw(this.#options.lagUs, offset | 0, 0, 0);
    this.#kernel.schedule(Math.round(lagUs), this.#ship);
  }

  /** Sends every replica that can be reached what it has not yet applied. */
  ship(): void {
    for (let node = 0; node < this.#options.nodeCount; node += 1) {
      if (!this.#options.reaches(node) || this.needsCopy(node)) continue;
      const lateUs = this.#options.lateUs(node);
      if (lateUs === 0) this.#apply(node, this.written);
      else if (lateUs !== Number.POSITIVE_INFINITY) {
        this.#kernel.schedule(lateUs, this.#ship, node + 1, this.written | 0);
      }
    }
  }

  /** Writes of the primary so far. */
  get written(): number {
    return this.#offsets[0]!;
  }

  /** Writes of the primary that the node has not applied. */
  lag(node: number): number {
    return this.#offsets[0]! - this.#offsets[1 + node]!;
  }

  /** Whether the node is further behind than the backlog reaches. */
  needsCopy(node: number): boolean {
    return this.lag(node) > this.#options.backlogMax;
  }

  /** The node now holds all that the primary holds. */
  caughtUp(node: number): void {
    this.#offsets[1 + node] = this.#offsets[0]!;
  }

  /** The node becomes the primary: what it has not applied never happened. Returns how many writes that is. */
  promote(node: number): number {
    const lost = this.lag(node);
    this.#offsets[0] = this.#offsets[1 + node]!;
    return lost;
  }

  /** What was on its way when another node became the primary is of a stream that is no more. */
  #arriveLate(node: number, end: number): void {
    const isOfStream = end > this.#offsets[1 + node]! && end <= this.written;
    if (isOfStream && this.#options.reaches(node) && !this.needsCopy(node)) this.#apply(node, end);
  }

  #apply(node: number, end: number): void {
    const { backlogMax } = this.#options;
    for (let offset = this.#offsets[1 + node]!; offset < end; offset += 1) {
      const place = offset % backlogMax;
      this.#keys.put(node, this.#backlogKey[place]!, this.#backlogExpiresUs[place]!);
    }
    this.#offsets[1 + node] = end;
  }
}
