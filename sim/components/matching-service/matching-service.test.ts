import { expect, test } from "vitest";
import { Side } from "../../engine/codes.ts";
import { outcome } from "../fabric/outcome.ts";
import { MatchingBed } from "./matching-bed.ts";

test("an order that the queue took is executed, journalled and deleted from the queue", () => {
  const bed = new MatchingBed();
  bed.bed.runSeconds(1);
  const order = bed.send({ quantity: 7 });
  bed.bed.runSeconds(2);

  expect(bed.resultsOf(order)).toEqual([outcome.ok]);
  expect(bed.durable).toEqual([order]);
  expect(bed.matching.engine.leavesOf(order)).toBe(7);
  expect(bed.queue.store.visibleCount + bed.queue.store.hiddenCount).toBe(0);
});

test("orders of one symbol are executed in the order in which the queue took them", () => {
  const bed = new MatchingBed();
  bed.bed.runSeconds(1);
  const orders: number[] = [];
  for (let round = 0; round < 40; round += 1) {
    orders.push(bed.send({ symbol: 0, priceTicks: 100 + round }));
    bed.bed.runSeconds(0.003);
  }
  bed.bed.runSeconds(5);
  const byArrival = orders.toSorted((a, b) => bed.queue.sentUs(a) - bed.queue.sentUs(b) || a - b);
  expect(bed.durable).toEqual(byArrival);
});

test("a crossing order trades in the real engine", () => {
  const bed = new MatchingBed();
  bed.bed.runSeconds(1);
  const maker = bed.send({ side: Side.sell, priceTicks: 100, quantity: 5 });
  bed.bed.runSeconds(1);
  const taker = bed.send({ side: Side.buy, priceTicks: 101, quantity: 8 });
  bed.bed.runSeconds(1);
  expect(bed.matching.engine.leavesOf(maker)).toBe(0);
  expect(bed.matching.engine.leavesOf(taker)).toBe(3);
});

test("after a power loss a new task in another zone recovers the same books from snapshot and journal", () => {
  const bed = new MatchingBed({ matching: { snapshotIntervalSeconds: 10 } });
  bed.bed.runSeconds(1);
  for (let round = 0; round < 300; round += 1) {
    bed.send({
      symbol: round % 4,
      side: round % 2 === 0 ? Side.buy : Side.sell,
      priceTicks: 95 + (round % 11),
    });
    bed.bed.runSeconds(0.1);
  }
  const before = bed.matching.engine.stateHash();
  const durableBefore = [...bed.durable];
  const firstZone = bed.activeZone;
  bed.bed.runSeconds(5);
  expect(bed.matching.engine.stateHash()).toBe(before);
  bed.bed.losePower(firstZone);
  bed.bed.runSeconds(400);

  expect(bed.matching.isRunning).toBe(true);
  expect(bed.activeZone).not.toBe(firstZone);
  expect(bed.durable).toEqual(durableBefore);
  expect(bed.matching.engine.stateHash()).toBe(before);
  const [recovered] = bed.bed.events("matching.books-recovered").slice(-1);
  expect(bed.bed.causes(recovered!.seq)[0]).toBe("zone.power-lost");
  // The snapshot bounds the replay: a snapshot each ten seconds leaves about a hundred commands.
  expect(recovered!.value).toBeLessThan(150);
});

/** Seconds from the loaded snapshot to the recovered books, and commands replayed, of a task that dies at 39 s. */
function recoveryOf(snapshotIntervalSeconds: number, replayCommandsPerSecond = 50) {
  const bed = new MatchingBed({
    matching: { snapshotIntervalSeconds, parameters: { replayCommandsPerSecond } },
  });
  for (let tenths = 0; tenths < 390; tenths += 1) {
    bed.send({ symbol: tenths % 4, priceTicks: 90 });
    bed.bed.runSeconds(0.1);
  }
  bed.bed.fail(bed.matching.active, "crash");
  bed.bed.runSeconds(300);
  const [loaded] = bed.bed.events("matching.snapshot-loaded").slice(-1);
  const [recovered] = bed.bed.events("matching.books-recovered").slice(-1);
  expect(bed.matching.engine.openOrderCount).toBe(bed.durable.length);
  return {
    seconds: (recovered!.atUs - loaded!.atUs) / 1_000_000,
    replayed: recovered!.value,
    snapshotAgeSeconds: loaded!.value,
  };
}

test("with twice the interval between snapshots there is twice as much to replay, and recovery takes as much longer", () => {
  const short = recoveryOf(20);
  const long = recoveryOf(40);
  // Snapshots are due at 20 s (and 40, too late): 19 s of ten commands a second against 39.
  expect(short.replayed).toBeGreaterThan(170);
  expect(long.replayed / short.replayed).toBeCloseTo(39 / 19, 0);
  expect(long.seconds / short.seconds).toBeCloseTo(long.replayed / short.replayed, 1);
  expect(long.snapshotAgeSeconds).toBeGreaterThan(short.snapshotAgeSeconds + 15);
});

test("an engine that replays twice as fast recovers in half the time", () => {
  expect(recoveryOf(40, 50).seconds / recoveryOf(40, 100).seconds).toBeCloseTo(2, 1);
});

test("messages received by a task that dies come back after the visibility time-out and take effect once", () => {
  const bed = new MatchingBed({ matching: { parameters: { commandUs: 2_000_000 } } });
  bed.bed.runSeconds(1);
  const order = bed.send();
  bed.bed.runSeconds(1);
  expect(bed.queue.store.hiddenCount).toBe(1);
  bed.bed.losePower(bed.activeZone);
  bed.bed.runSeconds(20);
  expect(bed.queue.store.visibleCount).toBe(0);
  bed.bed.runSeconds(400);
  expect(bed.durable).toEqual([order]);
  expect(bed.matching.engine.leavesOf(order)).toBe(10);
  expect(bed.queue.redeliveredCount).toBeGreaterThan(0);
});

test("a command whose acknowledgement was lost comes again and has no second effect", () => {
  const bed = new MatchingBed({ queue: { parameters: { visibilityTimeoutUs: 5_000_000 } } });
  bed.bed.runSeconds(1);
  const order = bed.send();
  // Journalled, but not yet deleted from the queue.
  while (bed.durable.length === 0) bed.bed.runSeconds(0.0005);
  bed.bed.losePower(bed.activeZone);
  bed.bed.runSeconds(400);
  expect(bed.durable).toEqual([order]);
  expect(bed.matching.duplicateCount).toBe(1);
  expect(bed.matching.engine.leavesOf(order)).toBe(10);
});

test("an owner that is cut off steps down, and its successor fences it out of the journal", () => {
  const bed = new MatchingBed();
  bed.bed.runSeconds(1);
  const order = bed.send();
  bed.bed.runSeconds(2);
  const zone = bed.activeZone;
  const first = bed.matching.active;
  bed.bed.isolate(zone, true);
  bed.bed.runSeconds(60);
  expect(bed.bed.events("matching.old-owner-fenced").length).toBeGreaterThan(0);
  bed.bed.runSeconds(300);
  expect(bed.matching.isRunning).toBe(true);
  expect(bed.matching.active).not.toBe(first);
  bed.bed.isolate(zone, false);
  bed.bed.runSeconds(120);
  const next = bed.send();
  bed.bed.runSeconds(5);
  expect(bed.durable).toEqual([order, next]);
});

test.each([6, 20])(
  "an owner cut off from the lease store ends itself after the %i s for which the store grants it",
  (seconds) => {
    let granted = true;
    const bed = new MatchingBed({
      lease: () => (granted ? outcome.ok : outcome.unavailable),
      leaseUs: seconds * 1_000_000,
    });
    bed.bed.runSeconds(30);
    granted = false;
    const refusedUs = bed.bed.kernel.nowUs;
    bed.bed.runSeconds(60);
    const [fenced] = bed.bed.events("matching.old-owner-fenced");
    const heldSeconds = (fenced!.atUs - refusedUs) / 1_000_000;
    // Its last renewal was up to three seconds before.
    expect(heldSeconds).toBeGreaterThan(seconds - 3.1);
    expect(heldSeconds).toBeLessThan(seconds + 0.5);
  },
);

test("with acceptance at the journal the client hears nothing before the record is durable", () => {
  const bed = new MatchingBed({ journal: { parameters: { writeMsP50: 400, writeMsP95: 500 } } });
  bed.bed.runSeconds(1);
  const sentUs = bed.bed.kernel.nowUs;
  const order = bed.send({}, "order-until-durable");
  bed.bed.runSeconds(4);
  expect(bed.resultsOf(order)).toEqual([outcome.ok]);
  const [answer] = bed.bed.answers;
  expect(answer!.atUs - sentUs).toBeGreaterThan(300_000);
  expect(bed.durable).toEqual([order]);
});

test("a client that asks again while its command is on its way to the journal is answered on both, and nothing goes on waiting", () => {
  const bed = new MatchingBed({ journal: { parameters: { writeMsP50: 900, writeMsP95: 1000 } } });
  bed.bed.runSeconds(1);
  const order = bed.send({}, "order-until-durable");
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    bed.bed.runSeconds(0.1);
    bed.bed.send("order-until-durable", order, attempt);
  }
  expect(bed.resultsOf(order)).toEqual([]);
  bed.bed.runSeconds(10);
  expect(bed.resultsOf(order)).toEqual([outcome.ok, outcome.ok, outcome.ok, outcome.ok]);
  const quiet = new MatchingBed();
  quiet.bed.runSeconds(11.3);
  expect(bed.bed.fabric.calls.openCount).toBeLessThanOrEqual(quiet.bed.fabric.calls.openCount + 2);
});

test("a journal with its only copy on a lost task's disk forgets what its snapshot does not cover", () => {
  const bed = new MatchingBed({
    journal: { zones: ["a"], survivesPowerLoss: false },
    matching: { snapshotIntervalSeconds: 10 },
  });
  bed.bed.runSeconds(1);
  for (let round = 0; round < 60; round += 1) {
    bed.send({ symbol: round % 4, priceTicks: 90 });
    bed.bed.runSeconds(0.5);
  }
  bed.bed.runSeconds(1);
  expect(bed.durable.length).toBe(60);
  bed.bed.losePower("a");
  bed.bed.runSeconds(30);
  bed.bed.restorePower("a");
  bed.bed.runSeconds(400);
  expect(bed.matching.isRunning).toBe(true);
  expect(bed.durable.length).toBeLessThan(60);
  expect(bed.durable.length).toBeGreaterThan(30);
  expect(bed.matching.engine.openOrderCount).toBe(bed.durable.length);
});

test("a journal lost before the first snapshot leaves nothing, and the twin is told so", () => {
  const bed = new MatchingBed({
    journal: { zones: ["a"], survivesPowerLoss: false },
    matching: { snapshotIntervalSeconds: 3600 },
  });
  bed.bed.runSeconds(1);
  for (let round = 0; round < 20; round += 1) {
    bed.send({ symbol: round % 4, priceTicks: 90 });
    bed.bed.runSeconds(0.5);
  }
  expect(bed.durable.length).toBe(20);
  bed.bed.losePower("a");
  bed.bed.runSeconds(30);
  bed.bed.restorePower("a");
  bed.bed.runSeconds(400);
  expect(bed.matching.isRunning).toBe(true);
  expect(bed.durable).toEqual([]);
  expect(bed.matching.engine.openOrderCount).toBe(0);
});

test("an engine that outlives its journal is refused by the log that comes back empty, and recovers", () => {
  const bed = new MatchingBed({
    journal: { zones: ["c"], survivesPowerLoss: false },
    matching: { snapshotIntervalSeconds: 10 },
  });
  bed.bed.runSeconds(1);
  expect(bed.activeZone).toBe("a");
  for (let round = 0; round < 60; round += 1) {
    bed.send({ symbol: round % 4, priceTicks: 90 });
    bed.bed.runSeconds(0.5);
  }
  bed.bed.losePower("c");
  const during = bed.send({ symbol: 0, priceTicks: 90 });
  bed.bed.runSeconds(30);
  bed.bed.restorePower("c");
  bed.bed.runSeconds(600);
  expect(bed.bed.events("journal.append-refused").length).toBeGreaterThan(0);
  expect(bed.matching.isRunning).toBe(true);
  expect(bed.durable.length).toBeLessThan(61);
  expect(bed.durable).toContain(during);
  expect(bed.matching.engine.openOrderCount).toBe(bed.durable.length);
});

test("an order that is sent again after the queue has forgotten it is executed once", () => {
  const bed = new MatchingBed();
  bed.bed.runSeconds(1);
  const order = bed.send({ quantity: 7 });
  bed.bed.runSeconds(299);
  bed.bed.send("order", order);
  bed.bed.runSeconds(5);
  // Within its five minutes the queue itself drops the copy; later the engine knows the client's order id.
  expect(bed.queue.duplicateCount).toBe(1);
  bed.bed.runSeconds(60);
  bed.bed.send("order", order);
  bed.bed.runSeconds(5);

  expect(bed.queue.duplicateCount).toBe(1);
  expect(bed.matching.duplicateCount).toBe(1);
  expect(bed.durable).toEqual([order]);
  expect(bed.matching.engine.leavesOf(order)).toBe(7);
  expect(bed.resultsOf(order)).toEqual([outcome.ok, outcome.ok, outcome.ok]);
});
