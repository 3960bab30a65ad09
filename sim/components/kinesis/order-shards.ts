import type { Table } from "../../kernel/containers/table.ts";
import { none } from "../../kernel/none.ts";
import { type Channel, levelChannel } from "../fabric/channel.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { TimerLane } from "../fabric/timer-lane.ts";
import { Fetches } from "../msk/fetches.ts";
import { OrderLog } from "../msk/order-log.ts";

const requestColumns = { takenUs: "float64" } as const;

export interface OrderShardsOptions {
  readonly component: number;
  readonly id: string;
  readonly shardCount: number;
  /** Components that read the orders: the engines. */
  readonly readers: readonly number[];
  readonly recordsMax: number;
  /** Most records that a reader gets at once. */
  readonly readRecordsMax: number;
  /** Microseconds until a record that was taken can be read. */
  readonly propagationUs: number;
  /** Microseconds for which a reader without records waits for some. */
  readonly readWaitUs: number;
  /** Microseconds after which records that a reader has not checkpointed are read again. */
  readonly readAgainUs: number;
  /** Microseconds of silence after which a reader's leases of its shards are another's. */
  readonly leaseUs: number;
}

/**
 * Orders in a data stream: a record is put to the shard of its symbol (by an explicit hash key, so that all symbols of an
 * engine are in shards of its own), can be read once it has propagated, and is read again until its reader has
 * checkpointed it. A reader that takes the place of another gets the shards when the leases have run out.
 *
 *   shard:  [read, not checkpointed ...][readable ...][propagating ...]
 */
export class OrderShards {
  /** Requests of the batch that was read last. */
  readonly batch: Int32Array;
  readonly #fabric: Fabric;
  readonly #recordsMax: number;
  readonly #log: OrderLog;
  readonly #fetches: Fetches;
  readonly #propagating: TimerLane;
  readonly #taken: Table<typeof requestColumns>;

  constructor(fabric: Fabric, options: OrderShardsOptions) {
    const { kernel } = fabric;
    const { component, id, shardCount, readers, recordsMax, readRecordsMax } = options;
    this.#fabric = fabric;
    this.#recordsMax = recordsMax;
    this.batch = new Int32Array(readRecordsMax);
    this.#taken = kernel.table(`${id}.taken`, requestColumns, {
      rowsInitial: 1024,
      rowsMax: 50_000_000,
    });
    this.#log = new OrderLog(kernel, {
      id,
      partitionCount: shardCount,
      consumerCount: readers.length,
      fetchRecordsMax: readRecordsMax,
      recordsMax,
    });
    this.#fetches = new Fetches(fabric, {
      component,
      id,
      isDynamic: true,
      tookOver: "kinesis.shards-leased",
      fetchWaitUs: options.readWaitUs,
      refetchUs: options.readAgainUs,
      consumerSessionUs: options.leaseUs,
      rebalanceUs: 0,
    });
    this.#fetches.start(this.#log, readers);
    this.#propagating = new TimerLane(
      kernel,
      `${id}.propagating`,
      { lengthUs: options.propagationUs, timersMax: recordsMax },
      (shard) => {
        this.#log.commitFirst(shard);
        this.#fetches.serve(this.#log.consumerOf(shard));
      },
    );
  }

  shardOf(symbol: number): number {
    return this.#log.partitionOf(symbol);
  }

  /** A record of a request is durable in its shard; false when the simulation has no room for more. */
  take(request: number, shard: number): boolean {
    if (this.#log.unreadCount + this.#log.pendingCount >= this.#recordsMax) return false;
    if (!this.#log.addPending(shard, request, none, 0)) return false;
    this.#propagating.set(shard, 0);
    return true;
  }

  /** Remembers when a request was first taken; whether this is the first time. */
  noteTaken(request: number): boolean {
    while (this.#taken.rowCount <= request) this.#taken.append();
    if (this.#taken.column.takenUs[request] !== 0) return false;
    this.#taken.column.takenUs[request] = this.#fabric.kernel.nowUs;
    return true;
  }

  /** When a request's record was taken, microseconds; 0 when it never was. */
  takenUs(request: number): number {
    return request < this.#taken.rowCount ? this.#taken.column.takenUs[request]! : 0;
  }

  read(frame: number): number {
    return this.#fetches.fetch(frame);
  }

  checkpoint(frame: number): number {
    return this.#fetches.commitOffsets(frame);
  }

  countOf(receipt: number): number {
    return this.#fetches.countOf(receipt);
  }

  readBatch(receipt: number): number {
    return this.#fetches.readBatch(receipt, this.batch);
  }

  forEachRequest(visit: (request: number) => void): void {
    this.#log.forEachRequest(visit);
  }

  get redeliveredCount(): number {
    return this.#log.redeliveredCount;
  }

  channels(): readonly Channel[] {
    const log = this.#log;
    return [
      levelChannel("orders waiting", "records", () => log.unreadCount + log.pendingCount),
      levelChannel("oldest age", "s", () => log.oldestAgeUs() / 1_000_000),
    ];
  }

  publishMetrics(component: number): void {
    this.#fabric.metrics.add({
      namespace: "AWS/Kinesis",
      component,
      name: "GetRecords.IteratorAgeMilliseconds",
      unit: "Milliseconds",
      isLevel: true,
      sample: () => this.#log.oldestAgeUs() / 1000,
    });
  }
}
