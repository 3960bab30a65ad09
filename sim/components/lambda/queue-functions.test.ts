import { expect, test } from "vitest";
import { none } from "../../kernel/none.ts";
import { outcome } from "../fabric/outcome.ts";
import { plainService, TestBed } from "../fabric/test-bed.ts";
import { createSqsFifo, type SqsFifo } from "../sqs-fifo/sqs-fifo.ts";
import { createLambda, type Lambda } from "./lambda.ts";

interface BedOptions {
  readonly batchSizeMax?: number;
  readonly concurrencyMax?: number;
  readonly timeoutMs?: number;
  readonly targetUs?: number;
  readonly answer?: (count: number) => number;
  /** Receives after which the queue sets a message aside; never when left out. */
  readonly receivesMax?: number;
}

/** A queue whose messages a function turns into calls of a target, one for each message. */
function bedWithQueue(options: BedOptions = {}) {
  const called: number[] = [];
  const callAt: number[] = [];
  const bed = new TestBed({
    factories: [
      {
        id: "functions",
        create: (fabric, index) =>
          createLambda(
            fabric,
            index,
            {
              service: "lambda",
              id: "functions",
              zones: ["a", "b", "c"],
              functions: [
                {
                  id: "work",
                  source: "queue",
                  batchSizeMax: options.batchSizeMax ?? 10,
                  durationMs: { median: 20, sigma: 0 },
                  memoryMb: 256,
                  calls: [{ name: "target", per: "record" }],
                  ...(options.concurrencyMax !== undefined && {
                    concurrencyMax: options.concurrencyMax,
                  }),
                  ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
                },
              ],
            },
            { symbolCount: 50 },
          ),
      },
      {
        id: "queue",
        create: (fabric, index) =>
          createSqsFifo(
            fabric,
            index,
            {
              service: "sqs-fifo",
              id: "queue",
              zones: ["a", "b", "c"],
              highThroughput: true,
              ...(options.receivesMax !== undefined && {
                deadLetters: { receivesMax: options.receivesMax },
              }),
            },
            50,
          ),
      },
      plainService({
        id: "sender",
        zones: ["a"],
        operations: { serve: 0 },
      }),
      plainService({
        id: "target",
        zones: ["a"],
        operations: { serve: options.targetUs ?? 1000 },
        worked: (frame, _instance, fabric) => {
          called.push(fabric.calls.dataOf(frame));
          callAt.push(fabric.kernel.nowUs);
          return options.answer?.(called.length) ?? outcome.ok;
        },
      }),
    ],
    actorCalls: [
      {
        component: "functions",
        name: "receive-work",
        call: { to: "queue", operation: "receive", timeoutMs: 25_000 },
      },
      {
        component: "functions",
        name: "delete-work",
        call: { to: "queue", operation: "delete", timeoutMs: 1000 },
      },
      { component: "functions", name: "target", call: { to: "target", timeoutMs: 60_000 } },
    ],
    flows: [
      {
        name: "send",
        call: {
          to: "sender",
          timeoutMs: 5000,
          calls: [{ to: "queue", operation: "send", timeoutMs: 1000 }],
        },
      },
    ],
  });
  const send = (symbols: readonly number[]) =>
    symbols.map((symbol) => {
      const request = bed.request({ symbol });
      bed.send("send", request);
      return request;
    });
  const lambda = bed.fabric.component("functions") as Lambda;
  return { bed, lambda, queue: bed.fabric.component("queue") as SqsFifo, send, called, callAt };
}

function executing(lambda: Lambda): number {
  return lambda
    .channels()
    .find(({ name }) => name === "executing")!
    .read();
}

test("every message is worked off once, those of a symbol in their order, and deleted", () => {
  const { bed, lambda, queue, send, called } = bedWithQueue();
  bed.runSeconds(2);
  const requests: number[] = [];
  // One after the other: messages that are sent together may be stored in any order.
  for (let round = 0; round < 50; round += 1) {
    requests.push(...send([0, 1, 2, 3]));
    bed.runSeconds(0.2);
  }
  bed.runSeconds(20);
  expect([...called].sort((a, b) => a - b)).toEqual(requests);
  for (const symbol of [0, 1, 2, 3]) {
    const own = requests.filter((_, at) => at % 4 === symbol);
    expect(called.filter((request) => own.includes(request))).toEqual(own);
  }
  expect([queue.store.visibleCount, queue.store.hiddenCount]).toEqual([0, 0]);
  expect(lambda.finishedRecordCount).toBe(200);
});

test("messages of one symbol are worked off by one execution at a time, however many may run", () => {
  const { bed, lambda, send } = bedWithQueue({ concurrencyMax: 50, targetUs: 50_000 });
  bed.runSeconds(2);
  send(Array.from({ length: 200 }, () => 7));
  let most = 0;
  for (let at = 0; at < 50; at += 1) {
    bed.runSeconds(0.1);
    most = Math.max(most, executing(lambda));
  }
  expect(most).toBe(1);
});

test("no more executions run than the function's concurrency, and more once it is raised", () => {
  const { bed, lambda, send } = bedWithQueue({ concurrencyMax: 3, targetUs: 100_000 });
  bed.runSeconds(2);
  send(Array.from({ length: 4000 }, (_, at) => at % 50));
  const mostIn = (seconds: number) => {
    let most = 0;
    for (let at = 0; at < seconds * 10; at += 1) {
      bed.runSeconds(0.1);
      most = Math.max(most, executing(lambda));
    }
    return most;
  };
  expect(mostIn(10)).toBe(3);
  lambda.setQuotaShare(4);
  // Fact: batches of ten fill from several groups, so that fewer than one execution a group runs.
  expect(mostIn(10)).toBeGreaterThan(3);
  lambda.setQuotaShare(1);
  bed.runSeconds(5);
  expect(mostIn(5)).toBeLessThanOrEqual(3);
});

test("an invocation gets no more messages than its function takes at once", () => {
  const inBatches = (batchSizeMax: number) => {
    const { bed, lambda, send, callAt } = bedWithQueue({ batchSizeMax, targetUs: 1000 });
    bed.runSeconds(2);
    send(Array.from({ length: 12 }, () => 7));
    bed.runSeconds(60);
    expect(lambda.finishedRecordCount).toBe(12);
    // Calls of one batch follow each other; between two batches lie a delete, a receive and 20 ms of work.
    return callAt.filter((atUs, at) => at === 0 || atUs - callAt[at - 1]! > 15_000).length;
  };
  expect(inBatches(1)).toBe(12);
  expect(inBatches(4)).toBeLessThan(8);
});

test("a batch that fails comes again when the visibility time-out has passed, before any later message of its symbol", () => {
  const { bed, send, called, callAt } = bedWithQueue({
    answer: (count) => (count === 1 ? outcome.unavailable : outcome.ok),
  });
  bed.runSeconds(2);
  const [first] = send([7]);
  bed.runSeconds(1);
  const [second] = send([7]);
  bed.runSeconds(40);
  expect(called).toEqual([first, first, second]);
  expect((callAt[1]! - callAt[0]!) / 1e6).toBeCloseTo(30, 0);
});

test("an execution that is not through within the time-out is written off, and its batch comes again", () => {
  const { bed, lambda, send, called } = bedWithQueue({ timeoutMs: 2000, targetUs: 5_000_000 });
  bed.runSeconds(2);
  const [first] = send([7]);
  bed.runSeconds(40);
  expect(called.slice(0, 2)).toEqual([first, first]);
  expect(lambda.finishedRecordCount).toBe(0);
});

test("a poisoned message fails its batch and blocks its group alone, until the queue sets it aside after as many receives as it may", () => {
  const { bed, lambda, send, called } = bedWithQueue({ receivesMax: 3, batchSizeMax: 1 });
  bed.runSeconds(2);
  lambda.poison(1, none, "work");
  const [poisoned] = send([7]);
  bed.runSeconds(0.5);
  const sound = send([7, 7, 8]);
  bed.runSeconds(20);
  // The other group was served; the poisoned one waits behind its first message.
  expect(called).toEqual([sound[2]]);
  bed.runSeconds(120);
  expect(bed.events("lambda.failed-at-record")).toHaveLength(3);
  expect(called).toEqual([sound[2], sound[0], sound[1]]);
  expect(called).not.toContain(poisoned);
});
