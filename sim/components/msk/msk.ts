import { TwinError } from "../../errors/twin-error.ts";
import type { Parameters } from "../../facts/parameter.ts";
import { lognormalFromQuantiles } from "../../kernel/distributions/lognormal-from-quantiles.ts";
import { compileQuantiles } from "../../kernel/distributions/quantile-table.ts";
import { none } from "../../kernel/none.ts";
import type { Operation } from "../fabric/call-sites.ts";
import type { Channel } from "../fabric/channel.ts";
import type { Component } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import type { FailureManner } from "../fabric/instances.ts";
import { outcome } from "../fabric/outcome.ts";
import { PutBatches } from "../kinesis/put-batches.ts";
import type { RecordStream } from "../kinesis/record-stream.ts";
import { Shards } from "../kinesis/shards.ts";
import { type OrderSource, readersOf } from "../matching-service/order-source.ts";
import { Brokers } from "./brokers.ts";
import { Controller } from "./controller.ts";
import { Fetches } from "./fetches.ts";
import { LogKeeping } from "./log-keeping.ts";
import { mskChannels, mskCounted, publishMskMetrics } from "./msk-figures.ts";
import { type MskParameters, mskParameters } from "./msk-parameters.ts";
import type { MskSpec } from "./msk-spec.ts";
import { OrderLog } from "./order-log.ts";
import { operation, Producing } from "./producing.ts";
import { Replicas } from "./replicas.ts";

/**
 * Managed Kafka. Orders are keyed by symbol, and a symbol's partition has one order of records, one leader and one
 * reader. A send is answered when the leader and all replicas in sync have the record (`acks: all`), or when the leader
 * has it (`leader`); a consumer reads what all replicas in sync have.
 *
 * | operation       | `data`     | effect                                                                      |
 * | --------------- | ---------- | --------------------------------------------------------------------------- |
 * | `send`          | a request  | one record of `orders`, in the partition of its symbol                      |
 * | `receive`       |            | a fetch: records of the caller's partitions, or none after half a second    |
 * | `delete`        | a receipt  | the consumer commits its offsets up to there                                |
 * | `put-batch`     | a batch    | records of `trades`; `throttled` when some could not be taken               |
 * | `publish-TOPIC` | a request  | one record of a further topic, which nothing in the twin reads              |
 */
export class Msk implements Component, OrderSource, RecordStream {
  readonly id: string;
  readonly service = "msk";
  readonly index: number;
  readonly operations: readonly Operation[];
  readonly shards: Shards;
  readonly batches: PutBatches;
  readonly batch: Int32Array;
  readonly replicas: Replicas;
  readonly brokers: Brokers;
  readonly controller: Controller;
  readonly counts: Float64Array;
  readonly #fabric: Fabric;
  readonly #spec: MskSpec;
  readonly #parameters: MskParameters;
  readonly #keeping: LogKeeping;
  readonly #producing: Producing;
  readonly #fetches: Fetches;
  /** Made by `start`, when it is known who reads. Assembly only. */
  #log!: OrderLog;

  constructor(fabric: Fabric, index: number, spec: MskSpec) {
    const { kernel } = fabric;
    const { id } = spec;
    this.id = id;
    this.index = index;
    this.#fabric = fabric;
    this.#spec = spec;
    this.#parameters = mskParameters(spec);
    const values = this.#parameters;
    const acksAll = (spec.acks ?? "all") === "all";
    const zones = spec.zones.map((zone) => fabric.zone(zone));
    this.replicas = new Replicas(kernel, {
      id,
      partitionCount: spec.topicPartitions,
      zoneCount: zones.length,
      brokersPerZone: spec.brokersPerZone,
      replicationFactor: values.replicationFactor.value,
    });
    this.brokers = new Brokers(fabric, {
      component: index,
      id,
      zones,
      brokersPerZone: spec.brokersPerZone,
      parameters: values,
    });
    this.#keeping = new LogKeeping(
      fabric,
      { component: index, id, acksAll, minInSync: values.minInSyncReplicas.value },
      this.replicas,
      this.brokers,
    );
    this.counts = this.#keeping.counts;
    this.controller = new Controller(
      fabric,
      {
        component: index,
        id,
        parameters: values,
        uncleanElection: spec.uncleanElection ?? true,
      },
      this.brokers,
      this.replicas,
      this.#keeping,
    );
    this.operations = operationsOf(spec, values, acksAll);
    this.shards = new Shards(kernel, {
      id,
      shardCount: spec.topicPartitions,
      recordsMax: values.recordsPerShardMax.value,
      retentionUs: Number.POSITIVE_INFINITY,
    });
    this.batches = new PutBatches(fabric, id);
    this.batch = new Int32Array(values.fetchRecordsMax.value);
    this.#producing = new Producing(
      fabric,
      { id, acksAll, parameters: values, batches: this.batches, shards: this.shards },
      this.replicas,
      this.brokers,
      this.#keeping,
    );
    this.#fetches = new Fetches(fabric, {
      component: index,
      id,
      isDynamic: spec.membership === "dynamic",
      tookOver: "msk.group-rebalanced",
      fetchWaitUs: values.fetchWaitUs.value,
      refetchUs: values.refetchUs.value,
      consumerSessionUs: values.consumerSessionUs.value,
      rebalanceUs: values.rebalanceUs.value,
    });
    publishMskMetrics(fabric, this, values.recordBytes.value);
  }

  start(): void {
    const values = this.#parameters;
    const readers = readersOf(this.#fabric, this.index, operation.receive);
    const consumerCount = Math.max(1, readers.length);
    this.#checkConsumers(consumerCount);
    this.#log = new OrderLog(this.#fabric.kernel, {
      id: this.id,
      partitionCount: this.#spec.topicPartitions,
      consumerCount,
      fetchRecordsMax: values.fetchRecordsMax.value,
      recordsMax: values.recordsMax.value,
    });
    this.#fetches.start(this.#log, readers);
    this.#keeping.start(this.#log, this.#fetches);
    this.controller.start();
    this.#producing.start(this.#log);
  }

  #checkConsumers(consumerCount: number): void {
    const { topicPartitions } = this.#spec;
    if (topicPartitions % consumerCount === 0) return;
    throw new TwinError({
      code: "msk.partitions-uneven",
      problem: `"${this.id}" has ${topicPartitions} partitions for ${consumerCount} engines, and an engine must have all of its symbols' partitions`,
      remedy: `Use a number of partitions that ${consumerCount} divides, such as ${Math.ceil(topicPartitions / consumerCount) * consumerCount}`,
      at: `/components/${this.id}/topicPartitions`,
    });
  }

  /** A record goes to the leader of its partition; what names no partition goes to a broker that is in service. */
  route(callerInstance: number, _callerZone: number, frame: number): number {
    const asked = this.#producing.operationOf(frame);
    if (asked === operation.send || asked >= operation.publish) {
      const leader = this.replicas.leader[this.#producing.partitionOf(frame)]!;
      return leader === none ? none : this.brokers.instances[leader]!;
    }
    const { calls } = this.#fabric;
    const count = this.replicas.brokerCount;
    const first = Math.abs(calls.keyOf(frame) + callerInstance) % count;
    for (let step = 0; step < count; step += 1) {
      const broker = (first + step) % count;
      if (this.controller.isInService(broker)) return this.brokers.instances[broker]!;
    }
    return none;
  }

  admit(frame: number, _instance: number): number {
    if (this.#producing.operationOf(frame) === operation.putBatch) this.#producing.admit(frame);
    return outcome.ok;
  }

  worked(frame: number, instance: number): number {
    const asked = this.#producing.operationOf(frame);
    const broker = this.brokers.brokerOf(instance);
    if (asked === operation.receive) return this.#fetches.fetch(frame);
    if (asked === operation.delete) return this.#fetches.commitOffsets(frame);
    return this.#producing.worked(frame, broker, asked);
  }

  instanceFailed(instance: number, manner: FailureManner, causeSeq: number): void {
    this.controller.brokerFailed(this.brokers.brokerOf(instance), manner, causeSeq);
  }

  powerRestored(instance: number, causeSeq: number): void {
    this.controller.powerRestored(this.brokers.brokerOf(instance), causeSeq);
  }

  setControlPlaneFrozen(frozen: boolean): void {
    this.controller.setFrozen(frozen);
  }

  /** Registers, at assembly, who hears of every request that it takes for the first time. */
  whenTaken(listener: (request: number) => void): void {
    this.#keeping.whenTaken(listener);
  }

  /** When a request's record was taken, microseconds; 0 when it never was. */
  sentUs(request: number): number {
    return this.#keeping.takenUs(request);
  }

  /** Calls `visit` with every request that an engine has yet to commit its reading of. */
  forEachRequest(visit: (request: number) => void): void {
    this.#log.forEachRequest(visit);
  }

  get redeliveredCount(): number {
    return this.#log.redeliveredCount;
  }

  /** An idempotent producer's own repetitions have one number and leave one record; a client's are records like others. */
  get duplicateCount(): number {
    return 0;
  }

  /** Records of orders that have a reader to commit them, and those that some follower in sync lacks. */
  get orders(): OrderLog {
    return this.#log;
  }

  countOf(receipt: number): number {
    return this.#fetches.countOf(receipt);
  }

  readBatch(receipt: number): number {
    const count = this.#fetches.readBatch(receipt, this.batch);
    this.#keeping.count(mskCounted.fetched, count);
    return count;
  }

  readable(shard: number, position: number): number {
    const leader = this.replicas.leader[shard]!;
    if (leader === none || !this.brokers.isAlive(leader)) return 0;
    return Math.min(this.shards.end(shard) - position, this.#parameters.fetchRecordsMax.value);
  }

  get isServing(): boolean {
    for (let broker = 0; broker < this.replicas.brokerCount; broker += 1) {
      if (this.brokers.isAlive(broker)) return true;
    }
    return false;
  }

  channels(): readonly Channel[] {
    return mskChannels(this);
  }

  parameters(): Parameters {
    return this.#parameters;
  }
}

/** Times of the operations, in the order of `operation`. */
function operationsOf(
  spec: MskSpec,
  values: MskParameters,
  acksAll: boolean,
): readonly Operation[] {
  const between = (p50: number, p95: number) =>
    compileQuantiles(lognormalFromQuantiles({ p50, p95 }));
  const send = acksAll
    ? between(values.sendUsP50.value, values.sendUsP95.value)
    : between(values.leaderSendUsP50.value, values.leaderSendUsP95.value);
  const fetch = between(values.fetchUsP50.value, values.fetchUsP95.value);
  return [
    { name: "send", serviceUs: send, decides: true },
    { name: "receive", serviceUs: fetch, decides: true },
    { name: "delete", serviceUs: fetch, decides: true },
    {
      name: "put-batch",
      serviceUs: send,
      perItemUs: values.batchRecordUs.value,
      decides: true,
    },
    ...(spec.furtherTopics ?? []).map((topic) => ({
      name: `publish-${topic}`,
      serviceUs: send,
      decides: true,
    })),
  ];
}

/** A managed Kafka cluster. */
export function createMsk(fabric: Fabric, index: number, spec: MskSpec): Msk {
  return new Msk(fabric, index, spec);
}
