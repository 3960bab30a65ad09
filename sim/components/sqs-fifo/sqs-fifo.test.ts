/** The queue at its documented limits: `sqs.fifo.tps`, `sqs.fifo.tps-batched`, `sqs.fifo.per-group-tps` and others. */
import { describe, expect, test } from "vitest";
import { outcome } from "../fabric/outcome.ts";
import { plainService, TestBed } from "../fabric/test-bed.ts";
import { createSqsFifo, type SqsFifo } from "./sqs-fifo.ts";
import type { SqsFifoSpec } from "./sqs-fifo-spec.ts";

const symbolCount = 200;

/** Senders without batches, each message a call. */
const single = { batchMax: 1 };

class QueueBed {
  readonly bed: TestBed;
  readonly queue: SqsFifo;
  readonly #receipts: number[] = [];
  readonly #results: number[] = [];
  #calls = 0;

  constructor(spec: Partial<SqsFifoSpec> = {}) {
    this.bed = new TestBed({
      framesMax: 200_000,
      factories: [
        {
          id: "queue",
          create: (fabric, index) =>
            createSqsFifo(
              fabric,
              index,
              { service: "sqs-fifo", id: "queue", zones: ["a", "b", "c"], ...spec },
              symbolCount,
            ),
        },
        plainService({ id: "sender", zones: ["a"] }),
        plainService({
          id: "consumer",
          zones: ["b"],
          resumed: (_actor, _site, result, receipt) => {
            this.#results.push(result);
            this.#receipts.push(receipt);
          },
        }),
      ],
      flows: [
        {
          name: "send",
          call: {
            to: "sender",
            timeoutMs: 3000,
            calls: [{ to: "queue", operation: "send", timeoutMs: 2000 }],
          },
        },
      ],
      actorCalls: (["receive", "delete"] as const).map((operation) => ({
        component: "consumer",
        name: operation,
        call: { to: "queue", operation, timeoutMs: 25_000 },
      })),
    });
    this.queue = this.bed.fabric.component("queue") as SqsFifo;
  }

  send(symbol: number): number {
    const request = this.bed.request({ symbol });
    this.bed.send("send", request);
    return request;
  }

  /** A steady load; the burst that was saved up is used before anything is counted. Messages taken a second. */
  takenPerSecond(perSecond: number, symbolOf: (at: number) => number): number {
    let at = 0;
    const load = (seconds: number) => {
      for (let step = 0; step < seconds * 100; step += 1) {
        for (let each = 0; each < perSecond / 100; each += 1, at += 1) this.send(symbolOf(at));
        this.bed.runSeconds(0.01);
      }
    };
    load(8);
    const before = this.queue.store.visibleCount;
    load(10);
    return (this.queue.store.visibleCount - before) / 10;
  }

  /** Those of some requests whose senders were refused. */
  refused(requests: readonly number[]): number[] {
    const failed = new Set(
      this.bed.answers.filter(({ result }) => result !== outcome.ok).map(({ data }) => data),
    );
    return requests.filter((request) => failed.has(request));
  }

  /** Requests behind the receipt of a receive, once it is answered. */
  receive(seconds = 1): { receipt: number; requests: number[] } {
    this.#call("receive", -1);
    this.bed.runSeconds(seconds);
    const receipt = this.#receipts.at(-1) ?? -1;
    const count = this.queue.readBatch(receipt);
    return { receipt, requests: [...this.queue.batch.subarray(0, count)] };
  }

  delete(receipt: number): number | undefined {
    this.#call("delete", receipt);
    this.bed.runSeconds(1);
    return this.#results.at(-1);
  }

  #call(name: "receive" | "delete", data: number): void {
    const { fabric } = this.bed;
    const actor = fabric.calls.startActor(this.bed.instances("consumer")[0]!, 0);
    this.#calls += 1;
    fabric.calls.callAsActor(actor, fabric.actorSite("consumer", name), this.#calls, data, 1);
  }
}

describe("the rate of calls", () => {
  test("a plain queue takes 300 calls a second, each with what its sender could batch", () => {
    const spread = (at: number) => at % symbolCount;
    const alone = new QueueBed({ parameters: single });
    expect(alone.takenPerSecond(600, spread)).toBeCloseTo(300, -1);
    const batched = new QueueBed();
    expect(batched.takenPerSecond(6000, spread)).toBeCloseTo(3000, -2);
  });

  test("what is beyond it is throttled, and the sender is told", () => {
    const queue = new QueueBed({ parameters: single });
    for (let at = 0; at < 400; at += 1) queue.send(at % symbolCount);
    queue.bed.runSeconds(0.5);
    expect(queue.bed.answers).toHaveLength(400);
    expect(queue.refused(queue.bed.answers.map(({ data }) => data))).toHaveLength(100);
  });

  test("high-throughput mode gives each partition that rate, and one message group has one partition", () => {
    const all = new QueueBed({ highThroughput: true, parameters: single });
    expect(all.takenPerSecond(8000, (at) => at % symbolCount)).toBeCloseTo(3000, -2);
    const hot = new QueueBed({ highThroughput: true, parameters: single });
    expect(hot.takenPerSecond(600, () => 7)).toBeCloseTo(300, -1);
  });

  test("a batch loses the messages of a partition that has no calls left, and no others", () => {
    const queue = new QueueBed({ highThroughput: true });
    for (let at = 0; at < 4000; at += 1) queue.send(7);
    const others = Array.from({ length: symbolCount }, (_, symbol) => queue.send(symbol));
    queue.bed.runSeconds(1);
    const refused = queue.refused(others);
    expect(refused).toContain(others[7]);
    // About a tenth of the symbols lie in the partition of the hot one.
    expect(refused.length).toBeGreaterThan(symbolCount / 25);
    expect(refused.length).toBeLessThan(symbolCount / 5);
  });

  test("a share of the quota is a share of the calls", () => {
    const cut = new QueueBed({ parameters: single });
    cut.queue.setQuotaShare(0.5);
    expect(cut.takenPerSecond(600, (at) => at % symbolCount)).toBeCloseTo(150, -1);
  });
});

describe("receipts", () => {
  test("a group is blocked while a message of it is in flight, others are not, and it comes again after 30 seconds", () => {
    const queue = new QueueBed();
    const first = queue.send(1);
    queue.bed.runSeconds(1);
    const held = queue.receive();
    expect(held.requests).toEqual([first]);
    const [second, other] = [queue.send(1), queue.send(2)];
    queue.bed.runSeconds(1);
    expect(queue.receive().requests).toEqual([other]);
    queue.bed.runSeconds(26);
    expect(queue.queue.store.visibleCount).toBe(1);
    queue.bed.runSeconds(4);
    expect(queue.receive().requests).toEqual([first, second, other]);
    expect(queue.queue.redeliveredCount).toBe(2);
    expect(queue.delete(held.receipt)).not.toBe(outcome.ok);
  });

  test("what is deleted in time is gone", () => {
    const queue = new QueueBed();
    queue.send(1);
    queue.bed.runSeconds(1);
    expect(queue.delete(queue.receive().receipt)).toBe(outcome.ok);
    expect([queue.queue.store.visibleCount, queue.queue.store.hiddenCount]).toEqual([0, 0]);
  });

  test("at the limit of messages in flight a receive gets nothing, without an error, until something is deleted", () => {
    const queue = new QueueBed({
      parameters: { inFlightMax: 10, visibilityTimeoutUs: 600_000_000 },
    });
    for (let symbol = 0; symbol < 20; symbol += 1) queue.send(symbol);
    queue.bed.runSeconds(1);
    const held = queue.receive();
    expect(held.requests).toHaveLength(10);
    expect(queue.receive(22).requests).toHaveLength(0);
    queue.delete(held.receipt);
    expect(queue.receive().requests).toHaveLength(10);
  });
});

test("the same message sent again within five minutes is swallowed, later it is another one", () => {
  const { bed, queue } = new QueueBed();
  const request = bed.request({ symbol: 1 });
  bed.send("send", request);
  bed.runSeconds(298);
  bed.send("send", request, 1);
  bed.runSeconds(1);
  expect([queue.store.visibleCount, queue.duplicateCount]).toEqual([1, 1]);
  bed.runSeconds(3);
  bed.send("send", request, 2);
  bed.runSeconds(1);
  expect(queue.store.visibleCount).toBe(2);
  expect(bed.answers.map(({ result }) => result)).toEqual([outcome.ok, outcome.ok, outcome.ok]);
});

test("the loss of a zone costs calls until its hosts are left out, and no message", () => {
  const queue = new QueueBed();
  const sent = Array.from({ length: 50 }, (_, at) => queue.send(at));
  queue.bed.runSeconds(1);
  queue.bed.losePower("c");
  const failedAfter = (seconds: number) => {
    queue.bed.runSeconds(seconds);
    const requests = Array.from({ length: 90 }, (_, at) => {
      queue.bed.runSeconds(0.03);
      return queue.send(at);
    });
    queue.bed.runSeconds(3);
    return queue.refused(requests).length;
  };
  const atOnce = failedAfter(0);
  expect(atOnce).toBeGreaterThan(10);
  expect(failedAfter(5)).toBe(0);
  expect(queue.queue.store.visibleCount).toBeGreaterThanOrEqual(sent.length + 90);
});

describe("the dead-letter queue", () => {
  const parameters = { visibilityTimeoutUs: 2_000_000, longPollUs: 500_000 };
  /** A queue whose messages of symbol 1 have been received twice and never deleted. */
  function withDeadLetters(retentionSeconds = 600) {
    const queue = new QueueBed({ parameters, deadLetters: { receivesMax: 2, retentionSeconds } });
    const sent = [1, 1, 2].map((symbol) => queue.send(symbol));
    queue.bed.runSeconds(0.1);
    const received = [queue.receive(3), queue.receive(3)].map(({ requests }) => requests);
    return { ...queue, queue, sent, received, dead: queue.queue.deadLetters! };
  }

  test("takes what was received as often as it may be, once it would be handed out again", () => {
    const { queue, sent, received, dead } = withDeadLetters();
    // Their visibility time-out has passed by the time that the test reads what was behind a receipt.
    expect(received).toEqual([[], []]);
    expect(dead.count).toBe(3);
    expect(queue.receive().requests).toEqual([]);
    expect(queue.queue.store.visibleCount + queue.queue.store.hiddenCount).toBe(0);
    const there: number[] = [];
    queue.queue.forEachDeadLetter((request) => there.push(request));
    expect(there.toSorted((a, b) => a - b)).toEqual(sent);
    expect(queue.bed.events().map(({ kind }) => kind)).toContain("queue.message-dead-lettered");
  });

  test("gives back what people redrive, the oldest first, no faster than they said, as new messages", () => {
    const { queue, dead } = withDeadLetters();
    queue.receive();
    const fresh = queue.send(1);
    expect(queue.queue.redrive(2, -1)).toBe(true);
    expect(queue.queue.redrive(2, -1)).toBe(false);
    queue.bed.runSeconds(0.7);
    expect([dead.count, queue.queue.isRedriving]).toEqual([2, true]);
    queue.bed.runSeconds(1);
    expect([dead.count, queue.queue.isRedriving, dead.redrivenCount]).toEqual([0, false, 3]);
    const { receipt, requests } = queue.receive();
    expect(requests).toHaveLength(4);
    expect(requests.indexOf(fresh)).toBeLessThan(requests.lastIndexOf(0));
    expect(queue.delete(receipt)).toBe(outcome.ok);
    expect(queue.bed.events().filter(({ kind }) => kind === "queue.redrive-done")[0]?.value).toBe(
      3,
    );
  });

  test("forgets what has lain there for the retention, and nothing that was redriven in time", () => {
    const { queue, dead } = withDeadLetters(60);
    queue.receive();
    expect(queue.queue.redrive(1, -1)).toBe(true);
    queue.bed.runSeconds(1.2);
    expect(dead.count).toBe(2);
    queue.bed.runSeconds(5);
    expect([dead.count, dead.expiredCount]).toEqual([0, 0]);
    for (let at = 0; at < 3; at += 1) queue.receive(3);
    queue.receive();
    expect(dead.count).toBe(3);
    queue.bed.runSeconds(61);
    expect([dead.count, dead.expiredCount, dead.oldestAgeUs]).toEqual([0, 3, 0]);
    expect(queue.queue.redrive(500, -1)).toBe(true);
  });

  test("is not there unless a queue is given one", () => {
    const queue = new QueueBed({ parameters });
    queue.send(1);
    queue.bed.runSeconds(0.1);
    for (let at = 0; at < 5; at += 1) queue.receive(3);
    expect(queue.receive().requests).toHaveLength(1);
    expect(queue.queue.redrive(1, -1)).toBe(false);
  });
});
