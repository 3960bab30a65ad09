import { TwinError } from "../../errors/twin-error.ts";
import {
  assumption,
  fromFact,
  type Parameters,
  usFromFact,
  valuesOf,
} from "../../facts/parameter.ts";
import { lognormalFromQuantiles } from "../../kernel/distributions/lognormal-from-quantiles.ts";
import { compileQuantiles } from "../../kernel/distributions/quantile-table.ts";
import type { Operation } from "../fabric/call-sites.ts";
import { type Channel, countChannel, levelChannel } from "../fabric/channel.ts";
import type { Component } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import type { FailureManner } from "../fabric/instances.ts";
import { outcome } from "../fabric/outcome.ts";
import { resolveParameters } from "../fabric/parameters.ts";
import { PeriodGains } from "../fabric/period-gains.ts";
import { TokenBucket } from "../fabric/token-bucket.ts";
import { ZonalHosts } from "../fabric/zonal-hosts.ts";
import { type OrderSource, readersOf } from "../matching-service/order-source.ts";
import type { KinesisSpec } from "./kinesis-spec.ts";
import { OrderShards } from "./order-shards.ts";
import { PutBatches } from "./put-batches.ts";
import type { RecordStream } from "./record-stream.ts";
import { SentBatches } from "./sent-batches.ts";
import { Shards } from "./shards.ts";

const defaults = {
  shardRecordsPerSecond: fromFact("kinesis.shard.write", "records"),
  shardMegabytesPerSecond: fromFact("kinesis.shard.write", "mbps"),
  onDemandMegabytesPerSecond: fromFact("kinesis.ondemand.initial", "write"),
  readRecordsMax: fromFact("kinesis.shard.read", "recordsPerCall"),
  retentionUs: usFromFact("kinesis.retention-h", "min"),
  propagationUs: usFromFact("kinesis.propagation-ms", "efo"),
  recordBytes: assumption(500, "bytes", "a trade or a book update as JSON"),
  putUsP50: assumption(8_000, "us", "a put that three zones have taken; AWS publishes none"),
  putUsP95: assumption(25_000, "us", "as above"),
  recordUs: assumption(20, "us", "each further record of a put"),
  recordsPerShardMax: assumption(
    65_536,
    "records",
    "bound of the simulation; the service has none",
  ),
  orderReadRecordsMax: assumption(
    500,
    "records",
    "an engine's reader of orders; a batch of 500 takes an engine a fifth of a second",
  ),
  orderReadWaitUs: assumption(
    500_000,
    "us",
    "a reader without orders asks again; what comes meanwhile is pushed to it (enhanced fan-out)",
  ),
  orderReadAgainUs: assumption(
    30_000_000,
    "us",
    "a reader that has not checkpointed what it was given reads it again; as for Kafka",
  ),
  shardLeaseUs: usFromFact("kinesis.kcl-lease-failover-s"),
  ordersMax: assumption(
    1_000_000,
    "records",
    "bound of the simulation for orders that an engine has yet to checkpoint; the service keeps a day",
  ),
  hostEvictionUs: assumption(
    5_000_000,
    "us",
    "until the service's own routing leaves out a silent zone; AWS publishes none",
  ),
} satisfies Parameters;

const operation = { put: 0, putBatch: 1, send: 2, receive: 3, delete: 4 } as const;

const counted = { records: 0, throttled: 1, puts: 2 } as const;

/** Positions of the totals whose gains are published. */
const period = { records: 0, throttled: 1 } as const;

/**
 * Kinesis Data Streams: records by shard, chosen by the symbol, durable in three zones before a put is answered.
 *
 * | operation   | `data`                        | effect                                                        |
 * | ----------- | ----------------------------- | ------------------------------------------------------------- |
 * | `put`       | a request                     | one record: the request's number, keyed by its symbol         |
 * | `put-batch` | a batch of `batches`          | every record of it; `throttled` when some were turned away    |
 * | `send`      | a request                     | an order, in the shard of its symbol that one engine reads    |
 * | `receive`   |                               | orders of the caller's shards, or none after half a second    |
 * | `delete`    | a receipt                     | the reader checkpoints the orders behind it                   |
 *
 * A producer opens a batch, adds records, calls `put-batch` with it, and tells `batches.answered` the result: what is
 * left must be sent again. Consumers read `shards` from a position of their own with `readable`.
 */
export class Kinesis implements Component, OrderSource, RecordStream {
  readonly id: string;
  readonly service = "kinesis";
  readonly index: number;
  readonly operations: readonly Operation[];
  readonly shards: Shards;
  readonly batches: PutBatches;
  readonly #fabric: Fabric;
  readonly #parameters: typeof defaults;
  readonly #values;
  readonly #hosts: ZonalHosts;
  readonly #quotas: readonly TokenBucket[];
  /** Tokens a record costs: its share of whichever limit of a shard is nearer. */
  readonly #recordTokens: number;
  readonly #sent: SentBatches;
  readonly #counts: Float64Array;
  readonly #gains: PeriodGains;
  readonly #takeRecord: (record: number, symbol: number) => boolean;
  /** Made by `start` where engines read their orders from the stream. Assembly only. */
  #orders: OrderShards | undefined;
  /** Assembly only. */
  #heard: ((request: number) => void) | undefined;

  constructor(fabric: Fabric, index: number, spec: KinesisSpec) {
    const { kernel } = fabric;
    this.id = spec.id;
    this.index = index;
    this.#fabric = fabric;
    this.#parameters = resolveParameters(spec.id, defaults, spec.parameters);
    const values = valuesOf(this.#parameters);
    this.#values = values;
    const serviceUs = compileQuantiles(
      lognormalFromQuantiles({ p50: values.putUsP50, p95: values.putUsP95 }),
    );
    this.operations = ["put", "put-batch", "send", "receive", "delete"].map((name) => ({
      name,
      serviceUs,
      perItemUs: values.recordUs,
      decides: true,
    }));
    this.#hosts = new ZonalHosts(fabric, {
      component: index,
      id: spec.id,
      zones: spec.zones.map((zone) => fabric.zone(zone)),
      insideMax: 1_000_000,
      evictAfterUs: values.hostEvictionUs,
      needsMajority: true,
    });
    const onDemand = values.onDemandMegabytesPerSecond / values.shardMegabytesPerSecond;
    const shardCount = spec.shardCount ?? onDemand;
    this.shards = new Shards(kernel, {
      id: spec.id,
      shardCount,
      recordsMax: values.recordsPerShardMax,
      retentionUs: values.retentionUs,
    });
    this.batches = new PutBatches(fabric, spec.id);
    const ratePerSecond = values.shardRecordsPerSecond;
    const bytesPerSecond = values.shardMegabytesPerSecond * 1_000_000;
    this.#recordTokens = Math.max(1, (values.recordBytes * ratePerSecond) / bytesPerSecond);
    this.#quotas = Array.from(
      { length: shardCount },
      (_, shard) =>
        new TokenBucket(kernel, `${spec.id}.shard-${shard}`, {
          ratePerSecond,
          burst: ratePerSecond,
        }),
    );
    this.#sent = new SentBatches(fabric, spec.id, this.batches);
    this.#counts = kernel.float64Array(`${spec.id}.counts`, Object.keys(counted).length);
    this.#gains = new PeriodGains(kernel, `${spec.id}.metric-totals`, Object.keys(period).length);
    this.#takeRecord = (record, symbol) => this.#take(record, symbol);
    this.#publishMetrics();
  }

  start(): void {
    this.#hosts.start();
    this.#sent.start();
    const readers = readersOf(this.#fabric, this.index, operation.receive);
    if (readers.length === 0) return;
    const values = this.#values;
    this.#checkReaders(readers.length);
    this.#orders = new OrderShards(this.#fabric, {
      component: this.index,
      id: `${this.id}.orders`,
      shardCount: this.shards.shardCount,
      readers,
      recordsMax: values.ordersMax,
      readRecordsMax: values.orderReadRecordsMax,
      propagationUs: values.propagationUs,
      readWaitUs: values.orderReadWaitUs,
      readAgainUs: values.orderReadAgainUs,
      leaseUs: values.shardLeaseUs,
    });
    this.#orders.publishMetrics(this.index);
  }

  #checkReaders(readerCount: number): void {
    const { shardCount } = this.shards;
    if (shardCount % readerCount === 0) return;
    throw new TwinError({
      code: "kinesis.shards-uneven",
      problem: `"${this.id}" has ${shardCount} shards for ${readerCount} engines, and an engine must have all of its symbols' shards`,
      remedy: `Use a number of shards that ${readerCount} divides, such as ${Math.ceil(shardCount / readerCount) * readerCount}`,
      at: `/components/${this.id}/shardCount`,
    });
  }

  route(_callerInstance: number, _callerZone: number, frame: number): number {
    return this.#hosts.route(frame);
  }

  admit(frame: number, host: number): number {
    if (!this.#hosts.canServe(host)) return outcome.unavailable;
    if (this.#operationOf(frame) === operation.putBatch) this.#sent.admit(frame);
    return outcome.ok;
  }

  worked(frame: number, host: number): number {
    if (!this.#hosts.canServe(host)) return outcome.unavailable;
    const { calls, requests } = this.#fabric;
    const data = calls.dataOf(frame);
    const asked = this.#operationOf(frame);
    if (asked === operation.receive) return this.#orders!.read(frame);
    if (asked === operation.delete) return this.#orders!.checkpoint(frame);
    this.#count(counted.puts, 1);
    if (asked === operation.send) return this.#takeOrder(data);
    if (asked === operation.put) {
      const isTaken = this.#take(data, requests.symbolOf(data));
      return isTaken ? outcome.ok : outcome.throttled;
    }
    if (!this.#sent.isOpen(frame)) return outcome.refused;
    return this.batches.offer(data, this.#takeRecord) === 0 ? outcome.ok : outcome.throttled;
  }

  instanceFailed(_instance: number, _manner: FailureManner, _causeSeq: number): void {
    // The hosts' own watch notices; what was in flight has gone with the host's frames.
  }

  setQuotaShare(share: number): void {
    for (const quota of this.#quotas) quota.setShare(share);
  }

  powerRestored(host: number, causeSeq: number): void {
    this.#hosts.powerRestored(host, causeSeq);
  }

  /** Records that a consumer at a position can read now: those that have propagated, up to what one read returns. */
  readable(shard: number, position: number): number {
    const limit = Math.min(this.shards.end(shard), position + this.#values.readRecordsMax);
    const visibleUs = this.#fabric.kernel.nowUs - this.#values.propagationUs;
    // Records lie in the order of time: find the first that is too young.
    let low = position;
    let high = limit;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.shards.appendedUs(shard, middle) <= visibleUs) low = middle + 1;
      else high = middle;
    }
    return low - position;
  }

  /** Registers, at assembly, who hears of every order that it takes for the first time. */
  whenTaken(listener: (request: number) => void): void {
    this.#heard = listener;
  }

  /** When an order's record was taken, microseconds; 0 when it never was. */
  sentUs(request: number): number {
    return this.#orders?.takenUs(request) ?? 0;
  }

  /** Calls `visit` with every order that an engine has yet to checkpoint. */
  forEachRequest(visit: (request: number) => void): void {
    this.#orders?.forEachRequest(visit);
  }

  get redeliveredCount(): number {
    return this.#orders?.redeliveredCount ?? 0;
  }

  /** What a producer or a client sends twice is two records. */
  get duplicateCount(): number {
    return 0;
  }

  get batch(): Int32Array {
    return this.#orders!.batch;
  }

  countOf(receipt: number): number {
    return this.#orders!.countOf(receipt);
  }

  readBatch(receipt: number): number {
    return this.#orders!.readBatch(receipt);
  }

  /** Whether the service can be read at all. */
  get isServing(): boolean {
    for (const host of this.#hosts.hosts) if (this.#hosts.canServe(host)) return true;
    return false;
  }

  get recordCount(): number {
    return this.#counts[counted.records]!;
  }

  get throttledCount(): number {
    return this.#counts[counted.throttled]!;
  }

  channels(): readonly Channel[] {
    return [
      countChannel("records taken", "records", () => this.#counts[counted.records]!),
      countChannel("records throttled", "records", () => this.#counts[counted.throttled]!),
      countChannel("puts", "calls", () => this.#counts[counted.puts]!),
      levelChannel("hosts in service", "hosts", () => this.#hosts.inServiceCount),
      ...(this.#orders?.channels() ?? []),
    ];
  }

  parameters(): Parameters {
    return this.#parameters;
  }

  #take(record: number, symbol: number): boolean {
    const shard = this.shards.shardOf(symbol);
    if (!this.#hasQuota(shard)) return false;
    this.shards.append(shard, record, symbol);
    this.#count(counted.records, 1);
    return true;
  }

  #takeOrder(request: number): number {
    const orders = this.#orders!;
    const shard = orders.shardOf(this.#fabric.requests.symbolOf(request));
    if (!this.#hasQuota(shard)) return outcome.throttled;
    if (!orders.take(request, shard)) return outcome.unavailable;
    if (orders.noteTaken(request)) this.#heard?.(request);
    this.#count(counted.records, 1);
    return outcome.ok;
  }

  #hasQuota(shard: number): boolean {
    if (this.#quotas[shard]!.take(this.#recordTokens)) return true;
    this.#count(counted.throttled, 1);
    return false;
  }

  #operationOf(frame: number): number {
    return this.#fabric.sites[this.#fabric.calls.siteOf(frame)]!.operation;
  }

  #count(what: number, by: number): void {
    this.#counts[what] = this.#counts[what]! + by;
  }

  #publishMetrics(): void {
    const { metrics } = this.#fabric;
    const source = { namespace: "AWS/Kinesis", component: this.index, unit: "Count" } as const;
    metrics.add({
      ...source,
      name: "IncomingRecords",
      sample: () => this.#gains.gain(period.records, this.#counts[counted.records]!),
    });
    metrics.add({
      ...source,
      name: "WriteProvisionedThroughputExceeded",
      sample: () => this.#gains.gain(period.throttled, this.#counts[counted.throttled]!),
    });
  }
}

/** A Kinesis data stream. */
export function createKinesis(fabric: Fabric, index: number, spec: KinesisSpec): Kinesis {
  return new Kinesis(fabric, index, spec);
}
