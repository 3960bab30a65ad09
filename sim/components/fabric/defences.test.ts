import { describe, expect, test } from "vitest";
import { createKernel } from "../../kernel/kernel.ts";
import type { ComponentFactory } from "./assemble.ts";
import { pauseUs } from "./backoff.ts";
import type { CallSpec } from "./call-sites.ts";
import type { CallingSpec } from "./calling-spec.ts";
import { outcome } from "./outcome.ts";
import { requestKind } from "./requests.ts";
import type { ServingSpec } from "./serving-spec.ts";
import { plainService, TestBed } from "./test-bed.ts";

const noWay = { sameZone: 0, betweenZones: 0, outside: 0 };

/** Clients call a front without a queue, which calls a back of one server. */
function twoTiers(options: {
  calling?: CallingSpec;
  serving?: ServingSpec;
  backUs: number;
  backInside?: number;
  call?: Partial<CallSpec>;
  patienceMs?: number;
  back?: ComponentFactory;
}) {
  const beneath: CallSpec = { to: "back", timeoutMs: 1000, ...options.call };
  const back = plainService({
    id: "back",
    zones: ["a"],
    serverCount: 1,
    insideMax: options.backInside ?? 1000,
    operations: { serve: options.backUs },
  });
  return new TestBed({
    latencyUs: noWay,
    factories: [
      {
        ...plainService({ id: "front", zones: ["a"], operations: { serve: 1 } }),
        calling: options.calling,
      },
      { ...(options.back ?? back), serving: options.serving },
    ],
    flows: [
      {
        name: "order",
        call: { to: "front", timeoutMs: options.patienceMs ?? 60_000, calls: [beneath] },
      },
    ],
  });
}

function sendAll(bed: TestBed, count: number, everyUs = 0): void {
  for (let each = 0; each < count; each += 1) {
    bed.send("order", bed.request({}));
    bed.runSeconds(everyUs / 1_000_000);
  }
}

function callsOfBack(bed: TestBed): number {
  const site = bed.fabric.sites.find(({ path }) => path.endsWith("/back"))!;
  return bed.fabric.calls.siteCalls[site.index]!;
}

describe("pauses", () => {
  const luck = createKernel({ seed: "pauses", programVersion: "test" }).keyed("pauses");
  const pause = (jitter: "full" | "decorrelated" | "none", attempt: number, key: number) =>
    pauseUs({ jitter, msMax: 1000 }, 100_000, attempt, luck, key, 0, 0);

  test("without jitter all that failed together return together, each time twice as late, up to the bound", () => {
    expect([0, 1, 2, 3, 4].map((attempt) => pause("none", attempt, 7))).toEqual([
      100_000, 200_000, 400_000, 800_000, 1_000_000,
    ]);
  });

  test("full jitter spreads them evenly from nothing to the span", () => {
    const pauses = Array.from({ length: 2000 }, (_, key) => pause("full", 2, key));
    const mean = pauses.reduce((sum, each) => sum + each, 0) / pauses.length;
    expect(Math.max(...pauses)).toBeLessThanOrEqual(400_000);
    expect(mean).toBeGreaterThan(190_000);
    expect(mean).toBeLessThan(210_000);
  });

  test("decorrelated jitter is never shorter than the first span nor longer than the bound, and grows", () => {
    const mean = (attempt: number) => {
      const pauses = Array.from({ length: 2000 }, (_, key) => pause("decorrelated", attempt, key));
      expect(Math.min(...pauses)).toBeGreaterThanOrEqual(100_000);
      expect(Math.max(...pauses)).toBeLessThanOrEqual(1_000_000);
      return pauses.reduce((sum, each) => sum + each, 0) / pauses.length;
    };
    // The first lies evenly between one and three times the first span.
    expect(mean(0)).toBeGreaterThan(195_000);
    expect(mean(0)).toBeLessThan(205_000);
    expect(mean(3)).toBeGreaterThan(mean(0) * 1.5);
  });
});

describe("a retry budget", () => {
  const failing = { backUs: 1000, backInside: 0, call: { retriesMax: 3, backoffMs: 1 } };

  test("lets a caller retry while it has tokens, and no more until successes bring them back", () => {
    const retryBudget = { tokens: 20, retryCost: 5, timeoutCost: 10, successReturns: 1 };
    const bed = twoTiers({ ...failing, calling: { retryBudget } });
    sendAll(bed, 10);
    bed.runSeconds(1);
    // Ten calls and four retries, which took all twenty tokens.
    expect(callsOfBack(bed)).toBe(14);
    const [back] = bed.instances("back");
    bed.fabric.instances.column.insideMax[back!] = 1000;
    sendAll(bed, 5, 10_000);
    expect(callsOfBack(bed)).toBe(19);
    bed.fabric.instances.column.insideMax[back!] = 0;
    sendAll(bed, 10);
    bed.runSeconds(1);
    // Five successes paid for one retry.
    expect(callsOfBack(bed)).toBe(30);
  });

  test("a retry after a time-out costs more", () => {
    const retryBudget = { tokens: 20, retryCost: 5, timeoutCost: 10, successReturns: 1 };
    const call = { retriesMax: 3, backoffMs: 1, timeoutMs: 10 };
    const bed = twoTiers({ backUs: 10_000_000, call, calling: { retryBudget } });
    sendAll(bed, 10);
    bed.runSeconds(1);
    expect(callsOfBack(bed)).toBe(12);
  });

  test("without one every failed call is retried as often as declared", () => {
    const bed = twoTiers(failing);
    sendAll(bed, 10);
    bed.runSeconds(1);
    expect(callsOfBack(bed)).toBe(40);
  });

  test("a new instance in a slot begins with a whole bucket", () => {
    const retryBudget = { tokens: 5, retryCost: 5 };
    const bed = twoTiers({ ...failing, calling: { retryBudget } });
    sendAll(bed, 2);
    bed.runSeconds(1);
    expect(callsOfBack(bed)).toBe(3);
    const [front] = bed.instances("front");
    bed.fail(front!, "crash");
    bed.fabric.instances.column.status[front!] = 2;
    sendAll(bed, 2);
    bed.runSeconds(1);
    expect(callsOfBack(bed)).toBe(6);
  });
});

describe("a circuit breaker", () => {
  const breaker = { windowSeconds: 10, failureShare: 0.5, callsMin: 4, openSeconds: 5, probes: 2 };

  test("opens when enough of enough calls failed, sends nothing while open, tries, and closes when the tries succeed", () => {
    const bed = twoTiers({ backUs: 1000, backInside: 0, calling: { breaker } });
    sendAll(bed, 3, 1000);
    expect(callsOfBack(bed)).toBe(3);
    sendAll(bed, 10, 1000);
    // The fourth failure opened it.
    expect(callsOfBack(bed)).toBe(4);
    expect(bed.answers.every(({ result }) => result === outcome.unavailable)).toBe(true);
    bed.runSeconds(5);
    sendAll(bed, 1, 1000);
    // One call was let through, failed, and it is open again.
    expect(callsOfBack(bed)).toBe(5);
    sendAll(bed, 5, 1000);
    expect(callsOfBack(bed)).toBe(5);
    const [back] = bed.instances("back");
    bed.fabric.instances.column.insideMax[back!] = 1000;
    bed.runSeconds(5);
    sendAll(bed, 3);
    bed.runSeconds(0.0005);
    // Of three at once two try; the third is still held back.
    expect(callsOfBack(bed)).toBe(7);
    bed.runSeconds(1);
    sendAll(bed, 10, 2000);
    bed.runSeconds(1);
    expect(callsOfBack(bed)).toBe(17);
    expect(bed.answers.slice(-10).every(({ result }) => result === outcome.ok)).toBe(true);
  });

  test("few failures among many calls leave it closed", () => {
    const isBad = (request: number) => request % 4 === 0;
    const back = plainService({
      id: "back",
      zones: ["a"],
      operations: { serve: 10 },
      admit: (frame, _instance, { calls }) =>
        isBad(calls.dataOf(frame)) ? outcome.unavailable : outcome.ok,
    });
    const bed = twoTiers({ backUs: 10, back, calling: { breaker } });
    sendAll(bed, 100, 1000);
    expect(callsOfBack(bed)).toBe(100);
  });

  test("an open breaker goes to the fallback and is not asked again by a retry", () => {
    const call = { retriesMax: 5, backoffMs: 1, optional: true };
    const bed = twoTiers({ backUs: 1000, backInside: 0, call, calling: { breaker } });
    sendAll(bed, 1);
    bed.runSeconds(1);
    expect(callsOfBack(bed)).toBe(4);
    expect(bed.answers.map(({ result }) => result)).toEqual([outcome.ok]);
  });
});

describe("a line", () => {
  /** Requests that were answered in time, in order of answer. */
  const served = (bed: TestBed) =>
    bed.answers.filter(({ result }) => result === outcome.ok).map(({ data }) => data);

  test("first come, first served, unless the newest goes first", () => {
    const fifo = twoTiers({ backUs: 10_000 });
    sendAll(fifo, 4);
    fifo.runSeconds(1);
    expect(served(fifo)).toEqual([0, 1, 2, 3]);
    const lifo = twoTiers({ backUs: 10_000, serving: { order: "lifo" } });
    sendAll(lifo, 4);
    lifo.runSeconds(1);
    expect(served(lifo)).toEqual([0, 3, 2, 1]);
  });

  test("in a full line the oldest makes way for a newcomer when the newest go first", () => {
    const bed = twoTiers({ backUs: 10_000, serving: { order: "lifo", waitingMax: 2 } });
    sendAll(bed, 5);
    bed.runSeconds(1);
    expect(served(bed)).toEqual([0, 4, 3]);
    expect(bed.fabric.calls.openCount).toBe(0);
    const byRoom = twoTiers({ backUs: 10_000, backInside: 3, serving: { order: "lifo" } });
    sendAll(byRoom, 5);
    byRoom.runSeconds(1);
    expect(served(byRoom)).toEqual([0, 4, 3]);
  });

  test("a bound on those that wait refuses the next at once", () => {
    const bed = twoTiers({ backUs: 10_000, serving: { waitingMax: 2 } });
    sendAll(bed, 5);
    bed.runSeconds(0.001);
    expect(bed.answers.map(({ data, result }) => [data, result])).toEqual([
      [3, outcome.unavailable],
      [4, outcome.unavailable],
    ]);
    bed.runSeconds(1);
    expect(served(bed)).toEqual([0, 1, 2]);
  });

  test("what nobody waits for any more is dropped before service, also when only the client's patience is over", () => {
    // The front waits for a second, its client for 25 ms: the deadline travels with the call.
    const options = { backUs: 10_000, patienceMs: 25 };
    const dropping = twoTiers({ ...options, serving: { dropExpired: true } });
    sendAll(dropping, 10);
    dropping.runSeconds(0.026);
    sendAll(dropping, 1);
    dropping.runSeconds(0.025);
    expect(served(dropping)).toEqual([0, 1, 10]);
    const keeping = twoTiers(options);
    sendAll(keeping, 10);
    keeping.runSeconds(0.026);
    sendAll(keeping, 1);
    keeping.runSeconds(0.025);
    expect(served(keeping)).toEqual([0, 1]);
    dropping.runSeconds(5);
    expect(dropping.fabric.calls.openCount).toBe(0);
  });

  test("cancels are not shed and go to the head of the line", () => {
    const bed = twoTiers({ backUs: 10_000, serving: { waitingMax: 2, urgentFirst: true } });
    sendAll(bed, 5);
    const cancel = bed.request({ kind: requestKind.cancelOrder });
    bed.send("order", cancel);
    bed.runSeconds(1);
    expect(served(bed)).toEqual([0, cancel, 1, 2]);
    const unruled = twoTiers({ backUs: 10_000, serving: { waitingMax: 2 } });
    sendAll(unruled, 5);
    unruled.send("order", unruled.request({ kind: requestKind.cancelOrder }));
    unruled.runSeconds(1);
    expect(served(unruled)).toEqual([0, 1, 2]);
  });
});

test("an adaptive limit shrinks while answers are slow and grows back while they are quick", () => {
  const adaptiveLimit = { targetMs: 50, least: 2 };
  const bed = twoTiers({ backUs: 10_000, serving: { adaptiveLimit } });
  const [back] = bed.instances("back");
  const { column } = bed.fabric.instances;
  // Twice what one server can do, for ten seconds: the line is held near 50 ms, five requests.
  sendAll(bed, 2000, 5000);
  expect(column.insideCount[back!]).toBeLessThanOrEqual(7);
  expect(column.insideCount[back!]).toBeGreaterThanOrEqual(3);
  const latenciesUs = bed.answers
    .filter(({ result }) => result === outcome.ok)
    .map(({ data, atUs }) => atUs - data * 5000);
  expect(latenciesUs.length).toBeGreaterThan(990);
  expect(Math.max(...latenciesUs)).toBeLessThan(80_000);
});

test("contention makes work longer with each other request inside, and more so with each pair", () => {
  const soleUs = (serving: ServingSpec) => {
    const bed = twoTiers({ backUs: 10_000, serving });
    sendAll(bed, 3);
    bed.runSeconds(1);
    return bed.answers.map(({ atUs }, at) => atUs - (bed.answers[at - 1]?.atUs ?? 0));
  };
  // The first begins alone; whoever gives its server to the next is still inside at that instant.
  expect(soleUs({ contention: { waits: 0.5 } })).toEqual([10_001, 20_000, 15_000]);
  expect(soleUs({ contention: { talks: 1 } })).toEqual([10_001, 70_000, 30_000]);
});

test("an instance launched during the run is slow until it has served enough, one that was there is not", () => {
  const bed = twoTiers({ backUs: 10_000, serving: { coldStart: { factor: 3, requests: 4 } } });
  const [back] = bed.instances("back");
  const took = () => {
    const before = bed.kernel.nowUs;
    sendAll(bed, 1);
    bed.runSeconds(0.1);
    return bed.answers.at(-1)!.atUs - before;
  };
  expect(took()).toBe(10_001);
  bed.fabric.instances.column.startedUs[back!] = bed.kernel.nowUs;
  // Three times as long, then 1 + 2 x (3/4), 1 + 2 x (2/4), ...
  expect([took(), took(), took(), took(), took()]).toEqual([
    30_001, 25_001, 20_001, 15_001, 10_001,
  ]);
});
