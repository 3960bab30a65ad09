import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { outcome } from "../fabric/outcome.ts";
import { TimerLane } from "../fabric/timer-lane.ts";
import type { PutBatches } from "../kinesis/put-batches.ts";
import { SentBatches } from "../kinesis/sent-batches.ts";
import type { Shards } from "../kinesis/shards.ts";
import type { Brokers } from "./brokers.ts";
import type { LogKeeping } from "./log-keeping.ts";
import { mskCounted } from "./msk-figures.ts";
import type { MskParameters } from "./msk-parameters.ts";
import type { OrderLog } from "./order-log.ts";
import type { Replicas } from "./replicas.ts";

/** Operations; those of further topics follow. */
export const operation = { send: 0, receive: 1, delete: 2, putBatch: 3, publish: 4 } as const;

export interface ProducingOptions {
  readonly id: string;
  /** Whether a send is answered when all replicas in sync have the record; else when its leader has it. */
  readonly acksAll: boolean;
  readonly parameters: MskParameters;
  readonly batches: PutBatches;
  readonly shards: Shards;
}

/**
 * The writing side: a record waits for its turn at its leader (and at its followers, where all must have it), and is then
 * taken, kept until the followers have it, or turned away.
 */
export class Producing {
  readonly #fabric: Fabric;
  readonly #options: ProducingOptions;
  readonly #replicas: Replicas;
  readonly #brokers: Brokers;
  readonly #keeping: LogKeeping;
  readonly #batches: PutBatches;
  readonly #shards: Shards;
  readonly #sent: SentBatches;
  readonly #served: HandlerId;
  readonly #replicated: TimerLane;
  /** Made by `start`, when it is known who reads. Assembly only. */
  #log!: OrderLog;

  constructor(
    fabric: Fabric,
    options: ProducingOptions,
    replicas: Replicas,
    brokers: Brokers,
    keeping: LogKeeping,
  ) {
    const { kernel } = fabric;
    const { id, parameters, batches } = options;
    this.#fabric = fabric;
    this.#options = options;
    this.#replicas = replicas;
    this.#brokers = brokers;
    this.#keeping = keeping;
    this.#batches = batches;
    this.#shards = options.shards;
    this.#served = kernel.handler(`${id}.served`, (frame, generation, broker) => {
      if (fabric.calls.generationOf(frame) !== generation) return;
      const result = this.#carryOut(frame, broker);
      if (result !== outcome.parked) fabric.calls.complete(frame, generation, result);
    });
    this.#sent = new SentBatches(fabric, id, batches);
    this.#replicated = new TimerLane(
      kernel,
      `${id}.replicated`,
      { lengthUs: parameters.replicaFetchUs.value, timersMax: parameters.recordsMax.value },
      (request, term) => keeping.replicatedOrNot(request, term),
    );
  }

  start(log: OrderLog): void {
    this.#log = log;
    this.#sent.start();
  }

  /** A call with a batch has come. */
  admit(frame: number): void {
    this.#sent.admit(frame);
  }

  /** The broker's disk and network take records one after the other; a record waits for its turn. */
  worked(frame: number, broker: number, asked: number): number {
    const { calls, kernel } = this.#fabric;
    const isBatch = asked === operation.putBatch;
    const items = isBatch ? calls.itemCountOf(frame) : 1;
    if (this.#brokers.behindUs(broker) > this.#options.parameters.producerPatienceUs.value) {
      this.#keeping.count(mskCounted.turnedAway, items);
      return outcome.throttled;
    }
    const waitUs = isBatch
      ? this.#chargeAll(items)
      : this.#chargeReplicas(this.partitionOf(frame), broker);
    if (waitUs < 1) return this.#carryOut(frame, broker);
    kernel.schedule(Math.round(waitUs), this.#served, frame, calls.generationOf(frame), broker);
    return outcome.parked;
  }

  #chargeReplicas(partition: number, leader: number): number {
    let waitUs = 0;
    for (let replica = 0; replica < this.#replicas.factor; replica += 1) {
      const broker = this.#replicas.brokerOf(partition, replica);
      const ownUs = this.#brokers.take(broker, 1, broker === leader);
      if (broker === leader || this.#options.acksAll) waitUs = Math.max(waitUs, ownUs);
    }
    return waitUs;
  }

  /** The records of a batch are of all partitions: each broker leads its part and follows for the rest. */
  #chargeAll(items: number): number {
    const { brokerCount, factor } = this.#replicas;
    const share = items / brokerCount;
    let waitUs = 0;
    for (let broker = 0; broker < brokerCount; broker += 1) {
      waitUs = Math.max(waitUs, this.#brokers.take(broker, share, true));
      this.#brokers.take(broker, share * (factor - 1), false);
    }
    return waitUs;
  }

  #carryOut(frame: number, broker: number): number {
    const { calls } = this.#fabric;
    const asked = this.operationOf(frame);
    if (asked === operation.putBatch) return this.#takeBatch(frame);
    const partition = this.partitionOf(frame);
    if (this.#replicas.leader[partition] !== broker || !this.#keeping.accepts(partition)) {
      this.#keeping.count(mskCounted.turnedAway, 1);
      return outcome.unavailable;
    }
    if (asked >= operation.publish) {
      this.#keeping.count(mskCounted.others, 1);
      return outcome.ok;
    }
    const request = calls.dataOf(frame);
    if (!this.#options.acksAll) return this.#takeByLeader(partition, request);
    if (this.#keeping.isReplicating(partition) && !this.#log.hasPending(partition)) {
      return this.#keeping.commit(partition, request) ? outcome.ok : outcome.unavailable;
    }
    const generation = calls.generationOf(frame);
    const isKept = this.#log.addPending(partition, request, frame, generation);
    return isKept ? outcome.parked : outcome.unavailable;
  }

  /** The sender is told at once; the record is safe when the followers have fetched it. */
  #takeByLeader(partition: number, request: number): number {
    this.#keeping.noteTaken(request);
    const term = this.#replicas.epoch[partition]! * this.#replicas.partitionCount + partition;
    this.#replicated.set(request, term);
    return outcome.ok;
  }

  #takeBatch(frame: number): number {
    const batch = this.#fabric.calls.dataOf(frame);
    if (!this.#sent.isOpen(frame)) return outcome.refused;
    const turnedAway = this.#batches.offer(batch, this.#takeTrade);
    this.#keeping.count(mskCounted.turnedAway, turnedAway);
    return turnedAway === 0 ? outcome.ok : outcome.throttled;
  }

  readonly #takeTrade = (record: number, symbol: number): boolean => {
    const partition = this.#shards.shardOf(symbol);
    const leader = this.#replicas.leader[partition]!;
    const isTaken =
      leader !== none && this.#keeping.accepts(partition) && this.#keeping.isReplicating(partition);
    if (!isTaken) return false;
    this.#shards.append(partition, record, symbol);
    this.#keeping.count(mskCounted.trades, 1);
    return true;
  };

  partitionOf(frame: number): number {
    const { calls, requests } = this.#fabric;
    return this.#log.partitionOf(requests.symbolOf(calls.dataOf(frame)));
  }

  operationOf(frame: number): number {
    return this.#fabric.sites[this.#fabric.calls.siteOf(frame)]!.operation;
  }
}
