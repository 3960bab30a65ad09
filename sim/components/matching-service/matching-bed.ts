import { OrderType, Side, TimeInForce } from "../../engine/codes.ts";
import type { CallSpec } from "../fabric/call-sites.ts";
import { outcome } from "../fabric/outcome.ts";
import { requestKind } from "../fabric/requests.ts";
import { plainService, TestBed } from "../fabric/test-bed.ts";
import { createJournal, type Journal } from "../journal/journal.ts";
import type { JournalSpec } from "../journal/journal-spec.ts";
import { createKinesis } from "../kinesis/kinesis.ts";
import { createSqsFifo, type SqsFifo } from "../sqs-fifo/sqs-fifo.ts";
import type { SqsFifoSpec } from "../sqs-fifo/sqs-fifo-spec.ts";
import { createMatchingService, type MatchingService } from "./matching-service.ts";
import type { MatchingServiceSpec } from "./matching-service-spec.ts";

/** What a test may change about the platform. */
export interface MatchingBedOptions {
  readonly queue?: Partial<SqsFifoSpec>;
  readonly journal?: Partial<JournalSpec>;
  readonly matching?: Partial<MatchingServiceSpec>;
  /** What the lease store answers. */
  readonly lease?: () => number;
  /** Microseconds for which it grants the lease; ten seconds when left out. */
  readonly leaseUs?: number;
}

const symbolCount = 4;

/** Trading goes on at once after an outage: for tests that are not about the market's states. */
const reopensDirectly = {
  reopenHaltedSeconds: 0,
  reopenCancelOnlySeconds: 0,
  reopenAuctionSeconds: 0,
};

/** A queue, a journal and a matching service with plain neighbours, fed through one order service instance. */
export class MatchingBed {
  readonly bed: TestBed;
  readonly queue: SqsFifo;
  readonly journal: Journal;
  readonly matching: MatchingService;
  /** Durable requests by position, as the journal told. */
  readonly durable: number[] = [];
  readonly answersByRequest = new Map<number, number>();

  constructor(options: MatchingBedOptions = {}) {
    const zones = ["a", "b", "c"];
    const call = (to: string, operation: string, timeoutMs = 1000): CallSpec => ({
      to,
      operation,
      timeoutMs,
    });
    const lease = options.lease ?? (() => outcome.ok);
    this.bed = new TestBed({
      factories: [
        plainService({ id: "order-service", zones: ["b"] }),
        {
          id: "queue",
          create: (fabric, index) =>
            createSqsFifo(
              fabric,
              index,
              { id: "queue", service: "sqs-fifo", zones, ...options.queue },
              symbolCount,
            ),
        },
        {
          id: "journal",
          create: (fabric, index) =>
            createJournal(
              fabric,
              index,
              {
                id: "journal",
                service: "journal",
                zones,
                survivesPowerLoss: true,
                ...options.journal,
              },
              {
                durable: (request, position) => {
                  this.durable[position] = request;
                },
                truncated: (position) => {
                  this.durable.length = position;
                },
              },
            ),
        },
        {
          id: "leases",
          create: (fabric, index) =>
            Object.assign(
              plainService({
                id: "leases",
                zones: ["b"],
                operations: { lease: 2_000 },
                worked: lease,
              }).create(fabric, index),
              { leaseUs: options.leaseUs ?? 10_000_000 },
            ),
        },
        plainService({
          id: "storage",
          zones: ["b", "c"],
          operations: { get: 100_000, put: 100_000 },
        }),
        plainService({ id: "database", zones: ["b", "c"], operations: { write: 5_000 } }),
        {
          id: "stream",
          create: (fabric, index) =>
            createKinesis(fabric, index, {
              id: "stream",
              service: "kinesis",
              zones,
              shardCount: 1,
            }),
        },
        {
          id: "matching",
          create: (fabric, index) =>
            createMatchingService(
              fabric,
              index,
              {
                id: "matching",
                service: "matching-service",
                zones,
                vcpu: 2,
                memoryGb: 4,
                queue: "queue",
                journal: "journal",
                stream: "stream",
                pollerCount: 4,
                snapshotIntervalSeconds: 60,
                ...options.matching,
                parameters: { ...reopensDirectly, ...options.matching?.parameters },
              },
              {
                symbolCount,
                symbols: [0, 1, 2, 3],
                lease: 0,
                observer: { executed: () => {}, recovered: () => {} },
              },
            ),
        },
      ],
      flows: [
        {
          name: "order",
          call: {
            to: "order-service",
            timeoutMs: 5_000,
            calls: [{ to: "queue", operation: "send", timeoutMs: 2_000 }],
          },
        },
        {
          name: "order-until-durable",
          call: {
            to: "order-service",
            timeoutMs: 5_000,
            calls: [
              { to: "queue", operation: "send", timeoutMs: 2_000 },
              { to: "matching", operation: "await-journal", timeoutMs: 3_000 },
            ],
          },
        },
      ],
      actorCalls: Object.entries({
        lease: call("leases", "lease"),
        open: call("journal", "open"),
        load: call("storage", "get"),
        read: call("journal", "read"),
        receive: call("queue", "receive", 25_000),
        append: call("journal", "append"),
        delete: call("queue", "delete"),
        persist: call("database", "write"),
        publish: call("stream", "put-batch"),
        store: call("storage", "put"),
      }).map(([name, spec]) => ({ component: "matching", name, call: spec })),
    });
    this.queue = this.bed.fabric.component("queue") as SqsFifo;
    this.journal = this.bed.fabric.component("journal") as Journal;
    this.matching = this.bed.fabric.component("matching") as MatchingService;
  }

  /** A request for a limit order; its number is also the order's id. */
  place(fields: { symbol?: number; side?: Side; priceTicks?: number; quantity?: number }): number {
    const request = this.bed.request({ kind: requestKind.placeOrder, symbol: fields.symbol ?? 0 });
    const column = this.bed.fabric.requests.column;
    column.orderId[request] = request;
    column.side[request] = fields.side ?? Side.buy;
    column.orderType[request] = OrderType.limit;
    column.timeInForce[request] = TimeInForce.gtc;
    column.priceTicks[request] = fields.priceTicks ?? 100;
    column.quantity[request] = fields.quantity ?? 10;
    return request;
  }

  /** Sends an order now and returns its request. */
  send(fields: Parameters<MatchingBed["place"]>[0] = {}, flow = "order"): number {
    const request = this.place(fields);
    this.bed.send(flow, request);
    return request;
  }

  /** Sends the cancel of an order now. */
  cancel(order: number): number {
    const symbol = this.bed.fabric.requests.column.symbol[order]!;
    const request = this.bed.request({ kind: requestKind.cancelOrder, symbol });
    this.bed.fabric.requests.column.orderId[request] = order;
    this.bed.send("order", request);
    return request;
  }

  /** Results that the client of a request was given. */
  resultsOf(request: number): number[] {
    return this.bed.answers
      .filter((answer) => answer.data === request)
      .map((answer) => answer.result);
  }

  /** Zone id of the active matching task. */
  get activeZone(): string {
    const { instances, zones } = this.bed.fabric;
    return zones.zones[instances.column.zone[this.matching.active]!]!.id;
  }
}
