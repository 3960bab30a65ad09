import type { Table } from "../../kernel/containers/table.ts";
import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { outcome } from "../fabric/outcome.ts";
import type { Brokers } from "./brokers.ts";
import type { LogKeeper } from "./controller.ts";
import type { Fetches } from "./fetches.ts";
import { mskCounted } from "./msk-figures.ts";
import type { OrderLog } from "./order-log.ts";
import type { Replicas } from "./replicas.ts";

const requestColumns = { takenUs: "float64" } as const;

export interface LogKeepingOptions {
  readonly component: number;
  readonly id: string;
  /** Whether a send is answered when all replicas in sync have the record; else when its leader has it. */
  readonly acksAll: boolean;
  /** Fewest replicas in sync with which a partition accepts sends, where all of them must have a record. */
  readonly minInSync: number;
}

/**
 * What stands in the log of orders: what is committed, what waits for a follower, and what is lost when another broker
 * takes the lead. Producers add to it; the controller says who leads and who counts.
 */
export class LogKeeping implements LogKeeper {
  readonly counts: Float64Array;
  readonly #fabric: Fabric;
  readonly #options: LogKeepingOptions;
  readonly #replicas: Replicas;
  readonly #brokers: Brokers;
  readonly #taken: Table<typeof requestColumns>;
  readonly #lostKind: number;
  /** Assembly only. */
  #heard: ((request: number) => void) | undefined;
  /** Made by `start`, when it is known who reads. Assembly only. */
  #log!: OrderLog;
  /** As above. Assembly only. */
  #fetches!: Fetches;

  constructor(fabric: Fabric, options: LogKeepingOptions, replicas: Replicas, brokers: Brokers) {
    const { kernel, log } = fabric;
    const { id } = options;
    this.#fabric = fabric;
    this.#options = options;
    this.#replicas = replicas;
    this.#brokers = brokers;
    this.counts = kernel.float64Array(`${id}.counts`, Object.keys(mskCounted).length);
    this.#taken = kernel.table(`${id}.taken`, requestColumns, {
      rowsInitial: 1024,
      rowsMax: 50_000_000,
    });
    this.#lostKind = log.kind("msk.records-lost", "info");
  }

  start(log: OrderLog, fetches: Fetches): void {
    this.#log = log;
    this.#fetches = fetches;
  }

  /** Registers, at assembly, who hears of every request that it takes for the first time. */
  whenTaken(listener: (request: number) => void): void {
    this.#heard = listener;
  }

  /** When a request's record was taken, microseconds; 0 when it never was. */
  takenUs(request: number): number {
    return request < this.#taken.rowCount ? this.#taken.column.takenUs[request]! : 0;
  }

  count(what: number, by: number): void {
    this.counts[what] = this.counts[what]! + by;
  }

  get recordCount(): number {
    const { counts } = this;
    return counts[mskCounted.orders]! + counts[mskCounted.trades]! + counts[mskCounted.others]!;
  }

  setReadable(partition: number, readable: boolean): void {
    this.#log.setReadable(partition, readable);
    if (readable) this.#fetches.serve(this.#log.consumerOf(partition));
  }

  /** Whether a partition has replicas enough for its sends to count. */
  accepts(partition: number): boolean {
    return (
      !this.#options.acksAll || this.#replicas.inSyncCount(partition) >= this.#options.minInSync
    );
  }

  /** Whether every replica that counts as in sync really follows. */
  isReplicating(partition: number): boolean {
    for (let replica = 0; replica < this.#replicas.factor; replica += 1) {
      const isMissed =
        this.#replicas.isInSync(partition, replica) &&
        !this.#brokers.isAlive(this.#replicas.brokerOf(partition, replica));
      if (isMissed) return false;
    }
    return true;
  }

  /** A record that only its leader had has been fetched by the followers, or has lost its leader. `term`: epoch and partition. */
  replicatedOrNot(request: number, term: number): void {
    const partition = term % this.#replicas.partitionCount;
    const leader = this.#replicas.leader[partition]!;
    const isSameTerm =
      this.#replicas.epoch[partition] === Math.floor(term / this.#replicas.partitionCount);
    if (!isSameTerm) this.#lose(partition, 1, none);
    else if (
      this.#brokers.isAlive(leader) &&
      this.isReplicating(partition) &&
      !this.#log.hasPending(partition)
    ) {
      this.#append(partition, request);
    } else this.#log.addPending(partition, request, none, 0);
  }

  /** A record is on all replicas that count, and the request taken; false when the log is full. */
  commit(partition: number, request: number): boolean {
    if (!this.#append(partition, request)) return false;
    this.noteTaken(request);
    return true;
  }

  #append(partition: number, request: number): boolean {
    if (!this.#log.commit(partition, request)) return false;
    this.#fetches.serve(this.#log.consumerOf(partition));
    return true;
  }

  /** A request has been taken: by its leader, or by all that count. */
  noteTaken(request: number): void {
    while (this.#taken.rowCount <= request) this.#taken.append();
    if (this.#taken.column.takenUs[request] === 0) {
      this.#taken.column.takenUs[request] = this.#fabric.kernel.nowUs;
      this.#heard?.(request);
    }
    this.count(mskCounted.orders, 1);
  }

  #lose(partition: number, count: number, causeSeq: number): void {
    this.count(mskCounted.lost, count);
    const leader = this.#replicas.leader[partition]!;
    const cause =
      causeSeq !== none || leader === none
        ? causeSeq
        : this.#fabric.instances.column.causeSeq[this.#brokers.instances[leader]!]!;
    this.#fabric.log.append(this.#lostKind, { component: this.#options.component }, cause, count);
  }

  /** What waited for a follower is committed, if nobody is missing any more. */
  inSyncShrank(partition: number): void {
    const leader = this.#replicas.leader[partition]!;
    if (leader === none || !this.#brokers.isAlive(leader) || !this.isReplicating(partition)) return;
    const { calls } = this.#fabric;
    const isEnough = this.accepts(partition);
    this.#log.settlePending(partition, (request, frame, generation) => {
      if (frame === none) {
        this.#append(partition, request);
        return;
      }
      // The broker that kept the call may have failed with it.
      if (calls.generationOf(frame) !== generation) return;
      const isKept = isEnough && this.commit(partition, request);
      calls.complete(frame, generation, isKept ? outcome.ok : outcome.unavailable);
    });
  }

  /** A partition has a leader: the same as before, whose own log counts, or another, which never had what was pending. */
  leaderElected(partition: number, keptUs: number, causeSeq: number): void {
    const { calls } = this.#fabric;
    const unheard = this.#log.settlePending(partition, (_request, frame, generation) => {
      if (frame !== none && calls.generationOf(frame) === generation) {
        calls.complete(frame, generation, outcome.unavailable);
      }
    });
    const cut = keptUs < Number.POSITIVE_INFINITY ? this.#log.truncate(partition, keptUs) : 0;
    const lost = unheard + cut;
    if (lost > 0) this.#lose(partition, lost, causeSeq);
    this.#log.setReadable(partition, true);
    this.#fetches.serve(this.#log.consumerOf(partition));
  }
}
