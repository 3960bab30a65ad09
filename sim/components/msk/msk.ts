import { TwinError } from "../../errors/twin-error.ts";
import type { Parameters } from "../../facts/parameter.ts";
import type { Table } from "../../kernel/containers/table.ts";
import { lognormalFromQuantiles } from "../../kernel/distributions/lognormal-from-quantiles.ts";
import { compileQuantiles } from "../../kernel/distributions/quantile-table.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { Operation } from "../fabric/call-sites.ts";
import type { Channel, Component } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { FrameNotes } from "../fabric/frame-notes.ts";
import type { FailureManner } from "../fabric/instances.ts";
import { outcome } from "../fabric/outcome.ts";
import { TimerLane } from "../fabric/timer-lane.ts";
import { PutBatches } from "../kinesis/put-batches.ts";
import type { RecordStream } from "../kinesis/record-stream.ts";
import { Shards } from "../kinesis/shards.ts";
import type { OrderSource } from "../matching-service/order-source.ts";
import { Brokers } from "./brokers.ts";
import { Controller } from "./controller.ts";
import { Fetches } from "./fetches.ts";
import { mskChannels, mskCounted, publishMskMetrics } from "./msk-figures.ts";
import { type MskParameters, mskParameters } from "./msk-parameters.ts";
import type { MskSpec } from "./msk-spec.ts";
import { OrderLog } from "./order-log.ts";
import { Replicas } from "./replicas.ts";

/** Operations; those of further topics follow. */
const operation = { send: 0, receive: 1, delete: 2, putBatch: 3, publish: 4 } as const;

const requestColumns = { takenUs: "float64" } as const;

const abandonedPeriodUs = 60_000_000;

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
  readonly #acksAll: boolean;
  readonly #minInSync: number;
  readonly #taken: Table<typeof requestColumns>;
  /** Assembly only. */
  #heard: ((request: number) => void) | undefined;
  readonly #batchGenerations: FrameNotes;
  readonly #served: HandlerId;
  readonly #tidy: HandlerId;
  readonly #replicated: TimerLane;
  readonly #fetches: Fetches;
  readonly #lostKind: number;
  /** Made by `start`, when it is known who reads. Assembly only. */
  #log!: OrderLog;

  constructor(fabric: Fabric, index: number, spec: MskSpec) {
    const { kernel, log } = fabric;
    const { id } = spec;
    this.id = id;
    this.index = index;
    this.#fabric = fabric;
    this.#spec = spec;
    this.#parameters = mskParameters(spec);
    const values = this.#parameters;
    this.#acksAll = (spec.acks ?? "all") === "all";
    this.#minInSync = values.minInSyncReplicas.value;
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
      this.#logKeeper(),
    );
    this.operations = this.#operationsOf(spec);
    this.shards = new Shards(kernel, {
      id,
      shardCount: spec.topicPartitions,
      recordsMax: values.recordsPerShardMax.value,
      retentionUs: Number.POSITIVE_INFINITY,
    });
    this.batches = new PutBatches(fabric, id);
    this.batch = new Int32Array(values.fetchRecordsMax.value);
    this.counts = kernel.float64Array(`${id}.counts`, Object.keys(mskCounted).length);
    this.#taken = kernel.table(`${id}.taken`, requestColumns, {
      rowsInitial: 1024,
      rowsMax: 50_000_000,
    });
    this.#batchGenerations = new FrameNotes(kernel, `${id}.batch-generations`);
    this.#served = kernel.handler(`${id}.served`, (frame, generation, broker) => {
      if (fabric.calls.generationOf(frame) !== generation) return;
      const result = this.#carryOut(frame, broker);
      if (result !== outcome.parked) fabric.calls.complete(frame, generation, result);
    });
    this.#tidy = kernel.handler(`${id}.close-abandoned`, () => {
      this.batches.closeAbandoned();
      kernel.schedule(abandonedPeriodUs, this.#tidy);
    });
    this.#replicated = new TimerLane(
      kernel,
      `${id}.replicated`,
      { lengthUs: values.replicaFetchUs.value, timersMax: values.recordsMax.value },
      (request, term) => this.#replicatedOrNot(request, term),
    );
    this.#fetches = new Fetches(fabric, {
      component: index,
      id,
      isDynamic: spec.membership === "dynamic",
      parameters: values,
    });
    this.#lostKind = log.kind("msk.records-lost", "info");
    publishMskMetrics(fabric, this, values.recordBytes.value);
  }

  #operationsOf(spec: MskSpec): readonly Operation[] {
    const values = this.#parameters;
    const between = (p50: number, p95: number) =>
      compileQuantiles(lognormalFromQuantiles({ p50, p95 }));
    const send = this.#acksAll
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

  start(): void {
    const { kernel, components, sites } = this.#fabric;
    const values = this.#parameters;
    const readers = components.filter(({ index }) =>
      sites.some(
        ({ caller, component, operation: asked }) =>
          caller === index && component === this.index && asked === operation.receive,
      ),
    );
    const consumerCount = Math.max(1, readers.length);
    this.#checkConsumers(consumerCount);
    this.#log = new OrderLog(kernel, {
      id: this.id,
      partitionCount: this.#spec.topicPartitions,
      consumerCount,
      fetchRecordsMax: values.fetchRecordsMax.value,
      recordsMax: values.recordsMax.value,
    });
    this.#fetches.start(
      this.#log,
      readers.map(({ index }) => index),
    );
    this.controller.start();
    kernel.schedule(abandonedPeriodUs, this.#tidy);
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
    const asked = this.#operationOf(frame);
    if (asked === operation.send || asked >= operation.publish) {
      const leader = this.replicas.leader[this.#partitionOf(frame)]!;
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
    if (this.#operationOf(frame) === operation.putBatch) {
      const batch = this.#fabric.calls.dataOf(frame);
      this.#batchGenerations.set(frame, this.batches.generation(batch));
    }
    return outcome.ok;
  }

  worked(frame: number, instance: number): number {
    const asked = this.#operationOf(frame);
    const broker = this.brokers.brokerOf(instance);
    if (asked === operation.receive) return this.#fetches.fetch(frame);
    if (asked === operation.delete) return this.#fetches.commitOffsets(frame);
    return this.#waitForTurn(frame, broker, asked);
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
    this.#heard = listener;
  }

  /** When a request's record was taken, microseconds; 0 when it never was. */
  sentUs(request: number): number {
    return request < this.#taken.rowCount ? this.#taken.column.takenUs[request]! : 0;
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
    this.#count(mskCounted.fetched, count);
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

  // Producing

  /** The broker's disk and network take records one after the other; a record waits for its turn. */
  #waitForTurn(frame: number, broker: number, asked: number): number {
    const { calls, kernel } = this.#fabric;
    const isBatch = asked === operation.putBatch;
    const items = isBatch ? calls.itemCountOf(frame) : 1;
    if (this.brokers.behindUs(broker) > this.#parameters.producerPatienceUs.value) {
      this.#count(mskCounted.turnedAway, items);
      return outcome.throttled;
    }
    const waitUs = isBatch
      ? this.#chargeAll(items)
      : this.#chargeReplicas(this.#partitionOf(frame), broker);
    if (waitUs < 1) return this.#carryOut(frame, broker);
    kernel.schedule(Math.round(waitUs), this.#served, frame, calls.generationOf(frame), broker);
    return outcome.parked;
  }

  #chargeReplicas(partition: number, leader: number): number {
    let waitUs = 0;
    for (let replica = 0; replica < this.replicas.factor; replica += 1) {
      const broker = this.replicas.brokerOf(partition, replica);
      const ownUs = this.brokers.take(broker, 1, broker === leader);
      if (broker === leader || this.#acksAll) waitUs = Math.max(waitUs, ownUs);
    }
    return waitUs;
  }

  /** The records of a batch are of all partitions: each broker leads its part and follows for the rest. */
  #chargeAll(items: number): number {
    const { brokerCount, factor } = this.replicas;
    const share = items / brokerCount;
    let waitUs = 0;
    for (let broker = 0; broker < brokerCount; broker += 1) {
      waitUs = Math.max(waitUs, this.brokers.take(broker, share, true));
      this.brokers.take(broker, share * (factor - 1), false);
    }
    return waitUs;
  }

  #carryOut(frame: number, broker: number): number {
    const { calls } = this.#fabric;
    const asked = this.#operationOf(frame);
    if (asked === operation.putBatch) return this.#takeBatch(frame);
    const partition = this.#partitionOf(frame);
    if (this.replicas.leader[partition] !== broker || !this.#accepts(partition)) {
      this.#count(mskCounted.turnedAway, 1);
      return outcome.unavailable;
    }
    if (asked >= operation.publish) {
      this.#count(mskCounted.others, 1);
      return outcome.ok;
    }
    const request = calls.dataOf(frame);
    if (!this.#acksAll) return this.#takeByLeader(partition, request);
    if (this.#isReplicating(partition) && !this.#log.hasPending(partition)) {
      return this.#commit(partition, request) ? outcome.ok : outcome.unavailable;
    }
    const generation = calls.generationOf(frame);
    const isKept = this.#log.addPending(partition, request, frame, generation);
    return isKept ? outcome.parked : outcome.unavailable;
  }

  /** Whether a partition has replicas enough for its sends to count. */
  #accepts(partition: number): boolean {
    return !this.#acksAll || this.replicas.inSyncCount(partition) >= this.#minInSync;
  }

  /** Whether every replica that counts as in sync really follows. */
  #isReplicating(partition: number): boolean {
    for (let replica = 0; replica < this.replicas.factor; replica += 1) {
      const isMissed =
        this.replicas.isInSync(partition, replica) &&
        !this.brokers.isAlive(this.replicas.brokerOf(partition, replica));
      if (isMissed) return false;
    }
    return true;
  }

  /** The sender is told at once; the record is safe when the followers have fetched it. */
  #takeByLeader(partition: number, request: number): number {
    this.#noteTaken(request);
    const term = this.replicas.epoch[partition]! * this.replicas.partitionCount + partition;
    this.#replicated.set(request, term);
    return outcome.ok;
  }

  #replicatedOrNot(request: number, term: number): void {
    const partition = term % this.replicas.partitionCount;
    const leader = this.replicas.leader[partition]!;
    const isSameTerm =
      this.replicas.epoch[partition] === Math.floor(term / this.replicas.partitionCount);
    if (!isSameTerm) this.#lose(partition, 1, none);
    else if (
      this.brokers.isAlive(leader) &&
      this.#isReplicating(partition) &&
      !this.#log.hasPending(partition)
    ) {
      this.#append(partition, request);
    } else this.#log.addPending(partition, request, none, 0);
  }

  #commit(partition: number, request: number): boolean {
    if (!this.#append(partition, request)) return false;
    this.#noteTaken(request);
    return true;
  }

  #append(partition: number, request: number): boolean {
    if (!this.#log.commit(partition, request)) return false;
    this.#fetches.serve(this.#log.consumerOf(partition));
    return true;
  }

  #noteTaken(request: number): void {
    while (this.#taken.rowCount <= request) this.#taken.append();
    if (this.#taken.column.takenUs[request] === 0) {
      this.#taken.column.takenUs[request] = this.#fabric.kernel.nowUs;
      this.#heard?.(request);
    }
    this.#count(mskCounted.orders, 1);
  }

  #takeBatch(frame: number): number {
    const batch = this.#fabric.calls.dataOf(frame);
    if (!this.batches.isOpen(batch, this.#batchGenerations.get(frame))) return outcome.refused;
    const turnedAway = this.batches.offer(batch, this.#takeTrade);
    this.#count(mskCounted.turnedAway, turnedAway);
    return turnedAway === 0 ? outcome.ok : outcome.throttled;
  }

  readonly #takeTrade = (record: number, symbol: number): boolean => {
    const partition = this.shards.shardOf(symbol);
    const leader = this.replicas.leader[partition]!;
    const isTaken = leader !== none && this.#accepts(partition) && this.#isReplicating(partition);
    if (!isTaken) return false;
    this.shards.append(partition, record, symbol);
    this.#count(mskCounted.trades, 1);
    return true;
  };

  #lose(partition: number, count: number, causeSeq: number): void {
    this.#count(mskCounted.lost, count);
    const leader = this.replicas.leader[partition]!;
    const cause =
      causeSeq !== none || leader === none
        ? causeSeq
        : this.#fabric.instances.column.causeSeq[this.brokers.instances[leader]!]!;
    this.#fabric.log.append(this.#lostKind, { component: this.index }, cause, count);
  }

  // What the controller does to the log

  #logKeeper() {
    const cluster = this;
    return {
      get recordCount() {
        const { counts } = cluster;
        return counts[mskCounted.orders]! + counts[mskCounted.trades]! + counts[mskCounted.others]!;
      },
      inSyncShrank: (partition: number) => this.#settle(partition),
      setReadable: (partition: number, readable: boolean) => {
        this.#log.setReadable(partition, readable);
        if (readable) this.#fetches.serve(this.#log.consumerOf(partition));
      },
      leaderElected: (partition: number, keptUs: number, causeSeq: number) =>
        this.#lead(partition, keptUs, causeSeq),
    };
  }

  /** What waited for a follower is committed, if nobody is missing any more. */
  #settle(partition: number): void {
    const leader = this.replicas.leader[partition]!;
    if (leader === none || !this.brokers.isAlive(leader) || !this.#isReplicating(partition)) return;
    const { calls } = this.#fabric;
    const isEnough = this.#accepts(partition);
    this.#log.settlePending(partition, (request, frame, generation) => {
      if (frame === none) {
        this.#append(partition, request);
        return;
      }
      // The broker that kept the call may have failed with it.
      if (calls.generationOf(frame) !== generation) return;
      const isKept = isEnough && this.#commit(partition, request);
      calls.complete(frame, generation, isKept ? outcome.ok : outcome.unavailable);
    });
  }

  /** A partition has a leader: the same as before, whose own log counts, or another, which never had what was pending. */
  #lead(partition: number, keptUs: number, causeSeq: number): void {
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

  #partitionOf(frame: number): number {
    const { calls, requests } = this.#fabric;
    return this.#log.partitionOf(requests.symbolOf(calls.dataOf(frame)));
  }

  #operationOf(frame: number): number {
    return this.#fabric.sites[this.#fabric.calls.siteOf(frame)]!.operation;
  }

  #count(what: number, by: number): void {
    this.counts[what] = this.counts[what]! + by;
  }
}

/** A managed Kafka cluster. */
export function createMsk(fabric: Fabric, index: number, spec: MskSpec): Msk {
  return new Msk(fabric, index, spec);
}
