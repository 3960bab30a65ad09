import { type Parameters, valuesOf } from "../../facts/parameter.ts";
import type { Table } from "../../kernel/containers/table.ts";
import { lognormalFromQuantiles } from "../../kernel/distributions/lognormal-from-quantiles.ts";
import { compileQuantiles } from "../../kernel/distributions/quantile-table.ts";
import type { KeyedStream } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { Operation } from "../fabric/call-sites.ts";
import type { Channel } from "../fabric/channel.ts";
import type { Component } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import type { FailureManner } from "../fabric/instances.ts";
import { outcome } from "../fabric/outcome.ts";
import { resolveParameters } from "../fabric/parameters.ts";
import { TimerLane } from "../fabric/timer-lane.ts";
import { ZonalHosts } from "../fabric/zonal-hosts.ts";
import type { OrderSource } from "../matching-service/order-source.ts";
import { CallQuotas } from "./call-quotas.ts";
import { DeadLetters } from "./dead-letters.ts";
import { LongPolls } from "./long-polls.ts";
import { MessageStore, type MessageStoreOptions } from "./message-store.ts";
import { SendBatches } from "./send-batches.ts";
import {
  publishQueueMetrics,
  type QueueFigures,
  queueChannels,
  queueCounted,
} from "./sqs-fifo-figures.ts";
import { queueDefaults } from "./sqs-fifo-parameters.ts";
import type { SqsFifoSpec } from "./sqs-fifo-spec.ts";

const operation = { send: 0, receive: 1, delete: 2 } as const;

/** Most receipts that can be open at once. */
const receiptsMax = 65_536;

const requestColumns = { sentUs: "float64" } as const;

/**
 * SQS FIFO: ordered by message group, at-least-once to the consumer, exactly-once within the de-duplication window
 * by the sender. A message is durable in several zones when `send` is answered, so a zone loss costs calls, not
 * messages. A consumer that dies keeps its groups hidden until the visibility time-out; one that was waiting in a
 * long poll when it died still gets the next messages, because the service can't know.
 */
export class SqsFifo implements Component, OrderSource {
  readonly id: string;
  readonly service = "sqs-fifo";
  readonly index: number;
  readonly operations: readonly Operation[];
  readonly store: MessageStore;
  /** What was received too often; `undefined` without a dead-letter queue. */
  readonly deadLetters: DeadLetters | undefined;
  /** Assembly only. */
  #taken: ((request: number) => void) | undefined;
  /** Requests of the batch that `readBatch` read last. */
  readonly batch: Int32Array;
  readonly #fabric: Fabric;
  readonly #parameters: typeof queueDefaults;
  readonly #values;
  readonly #hosts: ZonalHosts;
  readonly #batches: SendBatches;
  readonly #quotas: CallQuotas;
  readonly #sent: Table<typeof requestColumns>;
  /** Most messages for a receive of a caller that asks for fewer than a batch, by site. Assembly only. */
  readonly #receiveMost = new Map<number, number>();
  readonly #latency;
  readonly #latencyDraw: KeyedStream;
  readonly #polls: LongPolls;
  readonly #reveal: TimerLane;
  readonly #revealed: number;
  readonly #counts: Float64Array;

  constructor(fabric: Fabric, index: number, spec: SqsFifoSpec, symbolCount: number) {
    const { kernel } = fabric;
    this.id = spec.id;
    this.index = index;
    this.#fabric = fabric;
    this.#parameters = resolveParameters(spec.id, queueDefaults, spec.parameters);
    const values = valuesOf(this.#parameters);
    this.#values = values;
    this.#latency = compileQuantiles(
      lognormalFromQuantiles({
        p50: values.apiLatencyMsP50 * 1000,
        p95: values.apiLatencyMsP95 * 1000,
      }),
    );
    this.operations = [
      { name: "send", decides: true },
      { name: "receive", serviceUs: this.#latency, decides: true },
      { name: "delete", serviceUs: this.#latency, decides: true },
    ];
    this.#hosts = new ZonalHosts(fabric, {
      component: index,
      id: spec.id,
      zones: spec.zones.map((zone) => fabric.zone(zone)),
      insideMax: 1_000_000,
      evictAfterUs: values.hostEvictionUs,
      needsMajority: true,
    });
    this.deadLetters = this.#newDeadLetters(spec);
    this.store = new MessageStore(kernel, {
      id: spec.id,
      groupCount: symbolCount,
      messagesMax: values.messagesMax,
      batchMax: values.batchMax,
      ...this.#deadLetterOf(spec),
    });
    this.batch = new Int32Array(values.batchMax);
    this.#batches = new SendBatches(
      fabric,
      { id: spec.id, lingerUs: values.lingerUs, batchMax: values.batchMax },
      (first, callerInstance, serial) => this.#sendBatch(first, callerInstance, serial),
    );
    this.#quotas = new CallQuotas(kernel, {
      id: spec.id,
      callsPerSecond: values.callsPerSecond,
      partitionCount: spec.highThroughput === true ? values.partitionCount : 1,
    });
    this.#sent = kernel.table(`${spec.id}.sent`, requestColumns, {
      rowsInitial: 1024,
      rowsMax: 50_000_000,
    });
    this.#latencyDraw = kernel.keyed(`${spec.id}.send-latency`);
    this.#polls = new LongPolls(fabric, spec.id, values.longPollUs);
    this.#reveal = new TimerLane(
      kernel,
      `${spec.id}.reveal`,
      { lengthUs: values.visibilityTimeoutUs, timersMax: receiptsMax },
      (serial) => this.#visibleAgain(serial),
    );
    this.#revealed = fabric.log.kind("queue.messages-visible-again", "act");
    this.#counts = kernel.float64Array(`${spec.id}.counts`, Object.keys(queueCounted).length);
    publishQueueMetrics(fabric, this.#figures());
  }

  start(): void {
    this.#hosts.start();
  }

  #newDeadLetters(spec: SqsFifoSpec): DeadLetters | undefined {
    if (spec.deadLetters === undefined) return undefined;
    const { messagesMax, retentionSeconds } = this.#values;
    return new DeadLetters(this.#fabric, {
      component: this.index,
      id: spec.id,
      messagesMax,
      retentionSeconds: spec.deadLetters.retentionSeconds ?? retentionSeconds,
      moveBack: (request) => this.#takeBack(request),
    });
  }

  #deadLetterOf({ deadLetters }: SqsFifoSpec): Pick<MessageStoreOptions, "deadLetter"> {
    if (deadLetters === undefined) return {};
    const take = (request: number) => this.deadLetters?.add(request);
    return { deadLetter: { receivesMax: deadLetters.receivesMax, take } };
  }

  route(_callerInstance: number, _callerZone: number, frame: number): number {
    return this.#hosts.route(frame);
  }

  /** Sends go through the caller's batch; everything else is a call of its own. */
  intercept(frame: number, callerInstance: number): boolean {
    const site = this.#fabric.sites[this.#fabric.calls.siteOf(frame)]!;
    if (site.operation !== operation.send || callerInstance === none) return false;
    this.#batches.add(frame, callerInstance);
    return true;
  }

  admit(frame: number, host: number): number {
    if (!this.#hosts.canServe(host)) return outcome.parked;
    const site = this.#fabric.sites[this.#fabric.calls.siteOf(frame)]!;
    if (site.operation === operation.receive) return this.#charge(this.#quotas.takeReceive());
    if (site.operation === operation.delete) return this.#charge(this.#quotas.takeDelete());
    return outcome.ok;
  }

  worked(frame: number, host: number): number {
    if (!this.#hosts.canServe(host)) return outcome.unavailable;
    const { calls } = this.#fabric;
    const site = this.#fabric.sites[calls.siteOf(frame)]!;
    if (site.operation === operation.send) return this.#accept(calls.dataOf(frame));
    if (site.operation === operation.delete) {
      const deleted = this.store.delete(calls.dataOf(frame));
      if (deleted && this.store.hasReady) this.#serve();
      return deleted ? outcome.ok : outcome.refused;
    }
    return this.#poll(frame);
  }

  instanceFailed(_instance: number, _manner: FailureManner, _causeSeq: number): void {
    // The hosts' own watch notices; what was in flight has gone with the host's frames.
  }

  /** Registers, at assembly, that receives of a call site ask for so many messages at most. */
  limitReceives(site: number, most: number): void {
    if (most < this.#values.batchMax) this.#receiveMost.set(site, most);
  }

  setQuotaShare(share: number): void {
    this.#quotas.setShare(share);
  }

  powerRestored(host: number, causeSeq: number): void {
    this.#hosts.powerRestored(host, causeSeq);
  }

  /** When the queue took a request's message, microseconds; 0 when it never did. */
  sentUs(request: number): number {
    return request < this.#sent.rowCount ? this.#sent.column.sentUs[request]! : 0;
  }

  /** Calls `visit` with the request of every message in the queue. */
  forEachRequest(visit: (request: number) => void): void {
    this.store.forEachRequest(visit);
  }

  /** Calls `visit` with the request of every message in the dead-letter queue. */
  forEachDeadLetter(visit: (request: number) => void): void {
    this.deadLetters?.forEachItem(visit);
  }

  /** People move what lies in the dead-letter queue back; false without one, and while another task does. */
  redrive(messagesPerSecond: number | undefined, causeSeq: number): boolean {
    const rate = messagesPerSecond ?? this.#values.redrivePerSecond;
    return this.deadLetters?.redrive(rate, causeSeq) === true;
  }

  get isRedriving(): boolean {
    return this.deadLetters?.isRedriving === true;
  }

  /** Registers, at assembly, who hears of every request that it takes for the first time. */
  whenTaken(listener: (request: number) => void): void {
    this.#taken = listener;
  }

  /** People enter a request again with a tool of theirs; false when the queue is full. */
  enter(request: number): boolean {
    return this.#accept(request) === outcome.ok;
  }

  /** Messages behind a receipt; 0 when it is no longer open. */
  countOf(serial: number): number {
    return this.store.countOf(serial);
  }

  /** Reads the messages behind a receipt into `batch`; returns how many there are, 0 when it is no longer open. */
  readBatch(serial: number): number {
    if (!this.store.isOpen(serial)) return 0;
    const count = this.store.readBatch(serial, this.batch);
    this.#count(queueCounted.received, count);
    return count;
  }

  /** Message groups with something to hand out. */
  get readyGroupCount(): number {
    return this.store.readyGroupCount;
  }

  get redeliveredCount(): number {
    return this.store.redeliveredCount;
  }

  get duplicateCount(): number {
    return this.#counts[queueCounted.duplicates]!;
  }

  channels(): readonly Channel[] {
    return queueChannels(this.#figures());
  }

  parameters(): Parameters {
    return this.#parameters;
  }

  #figures(): QueueFigures {
    return {
      id: this.id,
      index: this.index,
      store: this.store,
      hosts: this.#hosts,
      counts: this.#counts,
      deadLetters: this.deadLetters,
    };
  }

  #accept(request: number): number {
    const { kernel, requests } = this.#fabric;
    while (this.#sent.rowCount <= request) this.#sent.append();
    const sentUs = this.#sent.column.sentUs[request]!;
    if (sentUs > 0 && kernel.nowUs - sentUs < this.#values.deduplicationUs) {
      this.#count(queueCounted.duplicates, 1);
      return outcome.ok;
    }
    if (!this.store.append(request, requests.column.symbol[request]!)) return outcome.unavailable;
    if (sentUs === 0) {
      this.#sent.column.sentUs[request] = kernel.nowUs;
      this.#taken?.(request);
    }
    this.#count(queueCounted.sent, 1);
    if (this.store.hasReady) this.#serve();
    return outcome.ok;
  }

  /** A message comes back from the dead-letter queue: it is a new one at the end of its group. */
  #takeBack(request: number): boolean {
    if (!this.store.append(request, this.#fabric.requests.column.symbol[request]!)) return false;
    if (this.store.hasReady) this.#serve();
    return true;
  }

  #poll(frame: number): number {
    const roomLeft = this.store.hiddenCount + this.#values.batchMax <= this.#values.inFlightMax;
    if (this.store.hasReady && roomLeft) {
      this.#handOut(frame);
      return outcome.ok;
    }
    this.#polls.wait(frame);
    return outcome.parked;
  }

  /** Gives ready messages to the polls that have waited longest. */
  #serve(): void {
    const { calls } = this.#fabric;
    while (this.store.hasReady) {
      const frame = this.#polls.next();
      if (frame === none) return;
      this.#handOut(frame);
      calls.complete(frame, calls.generationOf(frame), outcome.ok);
    }
  }

  #handOut(frame: number): void {
    const { calls } = this.#fabric;
    const serial = this.store.receive(this.#receiveMost.get(calls.siteOf(frame)));
    calls.setData(frame, serial);
    if (serial !== none) this.#reveal.set(serial, 0);
  }

  #visibleAgain(serial: number): void {
    const revealed = this.store.reveal(serial);
    if (revealed === 0) return;
    this.#fabric.log.append(this.#revealed, { component: this.index }, none, revealed);
    this.#serve();
  }

  #sendBatch(first: number, callerInstance: number, serial: number): void {
    const { calls, requests } = this.#fabric;
    const latencyUs = this.#latencyDraw.draw(this.#latency, callerInstance, serial, 0);
    const host = this.#hosts.route(first);
    this.#quotas.beginSend();
    let frame = first;
    while (frame !== none) {
      const next = calls.nextWaitingOf(frame);
      const generation = calls.generationOf(frame);
      const group = requests.column.symbol[calls.dataOf(frame)]!;
      if (!this.#quotas.grantsSend(group))
        calls.failIntercepted(frame, generation, outcome.throttled, latencyUs);
      else if (host === none)
        calls.failIntercepted(frame, generation, outcome.unavailable, latencyUs);
      else calls.deliverIntercepted(frame, generation, host, latencyUs);
      frame = next;
    }
    this.#count(queueCounted.sendCalls, Math.min(1, this.#quotas.countSend(true)));
    this.#count(queueCounted.throttled, this.#quotas.countSend(false));
  }

  #charge(granted: boolean): number {
    if (granted) return outcome.ok;
    this.#count(queueCounted.throttled, 1);
    return outcome.throttled;
  }

  #count(at: number, by: number): void {
    this.#counts[at] = this.#counts[at]! + by;
  }
}

/** An SQS FIFO queue with one message group for each symbol. */
export function createSqsFifo(
  fabric: Fabric,
  index: number,
  spec: SqsFifoSpec,
  symbolCount: number,
): SqsFifo {
  return new SqsFifo(fabric, index, spec, symbolCount);
}
