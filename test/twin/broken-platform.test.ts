/**
 * Components are broken on purpose, one at a time, and the ledger must find what came of it. Every test runs the whole
 * platform on the shipped topology; the unbroken run of the same scenario and seed finds nothing.
 */
import { expect, test, vi } from "vitest";
import { outcome } from "../../sim/components/fabric/outcome.ts";
import { Journal } from "../../sim/components/journal/journal.ts";
import type { SqsFifo } from "../../sim/components/sqs-fifo/sqs-fifo.ts";
import { Side, TimeInForce } from "../../sim/engine/codes.ts";
import { invariant } from "../../sim/twin/ledger/invariants.ts";
import type { RunResults } from "../../sim/twin/results-types.ts";
import type { SimulatedPart, Simulation } from "../../sim/twin/simulation.ts";
import { assemble, finish, smallScenario } from "./small-drill.ts";

const killAtSeconds = 40;
/** By then a new task has recovered the books, reopened the market and worked off what had gathered. */
const afterRecoveryUs = 110_000_000;
const seed = "broken";

/** Two minutes at 60 requests a second, in which the matching task is killed; a new one trades again by the end. */
const scenario = smallScenario({
  durationSeconds: 130,
  ratePerSecond: 60,
  componentOverrides: {
    matching: {
      snapshotIntervalSeconds: 20,
      parameters: { reopenHaltedSeconds: 2, reopenCancelOnlySeconds: 5, reopenAuctionSeconds: 5 },
    },
  },
  faults: [{ id: "kill", kind: "instance-kill", component: "matching", atSeconds: killAtSeconds }],
});

/** What can be broken: the venue's only engine with its queue and journal. */
type Breakable = Omit<SimulatedPart, "queue"> & { queue: SqsFifo } & Pick<Simulation, "kernel">;

function run(breakIt: (platform: Breakable) => void, changes: Partial<typeof scenario> = {}) {
  const simulation = assemble({ ...scenario, ...changes }, seed);
  const part = simulation.parts[0]!;
  breakIt({ ...part, queue: part.queue as SqsFifo, kernel: simulation.kernel });
  const { results } = finish(simulation);
  return { results, simulation, declared: results.rpo.find((each) => each.declared)! };
}

function violationsOf({ invariants }: RunResults, which: number): number {
  return invariants[which]!.violations;
}

function differencesOf({ differences }: RunResults, kind: string, isTrade = false) {
  return differences.filter((each) => each.kind === kind && (each.what === "trade") === isTrade);
}

const nothing = { lostCount: 0, doubledCount: 0, reorderedCount: 0, strandedCount: 0 };

test.each(["queue", "journal"] as const)(
  "the unbroken platform, accepting at the %s, loses and doubles nothing when its engine dies",
  (acceptance) => {
    const { results, declared } = run(() => {}, { acceptance });
    expect(results.totals.commandsMatched).toBeGreaterThan(2000);
    expect(declared).toMatchObject(nothing);
    expect(results.differences).toEqual([]);
    expect(results.books.equal).toBe(true);
    expect(results.market).toHaveLength(1);
    expect(results.market[0]!.continuousSeconds! * 1e6).toBeLessThan(
      afterRecoveryUs - killAtSeconds * 1e6,
    );
    // At the queue a client was told success before the market's state was known; at the journal it hears of the refusal.
    const { commandsTurnedAway, commandsRefused } = results.totals;
    if (acceptance === "queue") expect(commandsTurnedAway).toBeGreaterThan(0);
    else {
      expect(commandsTurnedAway).toBe(0);
      expect(commandsRefused).toBeGreaterThan(0);
    }
    expect(results.invariants.map(({ violations }) => violations)).toEqual(
      results.invariants.map(() => 0),
    );
    expect(results.objectives.find(({ kind }) => kind === "rpo")).toMatchObject({ met: true });
  },
);

test("a queue that forgets one message has lost one accepted command, and the ledger names it", () => {
  let forgotten = -1;
  const { results, simulation, declared } = run(({ queue }) => {
    const append = queue.store.append.bind(queue.store);
    let count = 0;
    queue.store.append = (request, group) => {
      count += 1;
      if (count !== 500) return append(request, group);
      forgotten = request;
      return true;
    };
  });
  expect(declared).toMatchObject({ ...nothing, lostCount: 1 });
  expect(differencesOf(results, "lost")).toMatchObject([
    {
      orderId: simulation.fabric.requests.column.orderId[forgotten],
      lastPlace: "order queue",
    },
  ]);
  expect(results.objectives.find(({ kind }) => kind === "rpo")).toMatchObject({
    met: false,
    measured: 1,
  });
});

test("a consumer that deletes a message it has not executed has lost it", () => {
  let skipped = -1;
  const { results, simulation, declared } = run(({ queue }) => {
    const readBatch = queue.readBatch.bind(queue);
    queue.readBatch = (serial) => {
      const count = readBatch(serial);
      if (skipped >= 0 || count === 0 || simulationSeconds() < 20) return count;
      skipped = queue.batch[count - 1]!;
      return count - 1;
    };
    const simulationSeconds = () => queue.sentUs(queue.batch[0]!) / 1_000_000;
  });
  expect(declared).toMatchObject({ ...nothing, lostCount: 1 });
  expect(differencesOf(results, "lost")[0]!.orderId).toBe(
    simulation.fabric.requests.column.orderId[skipped],
  );
});

test("a queue that delivers a message twice does no harm as long as the engine drops what it has seen", () => {
  const { results, declared, simulation } = run(({ queue }) => duplicateMessage(queue.store, 500));
  expect(simulation.parts[0]!.matching.duplicateCount).toBeGreaterThan(0);
  expect(declared).toMatchObject(nothing);
  expect(results.books.equal).toBe(true);
});

test("with the engine's de-duplication bypassed, the message that came twice is held twice", () => {
  const { results, declared } = run(({ queue, matching }) => {
    duplicateMessage(queue.store, 500);
    forgetRequestIds(matching.engine);
  });
  expect(declared.doubledCount).toBe(1);
  expect(differencesOf(results, "doubled")).toHaveLength(1);
  expect(violationsOf(results, invariant.onePlaceInHistory)).toBe(1);
  expect(results.objectives.find(({ kind }) => kind === "invariants")!.met).toBe(false);
});

test("an engine that enters one order a second time has books that differ in that order", () => {
  const copyId = 50_000;
  const { results } = run(({ matching, kernel }) => {
    const { engine } = matching;
    const place = engine.place.bind(engine);
    let copied = false;
    engine.place = (symbol, orderId, side, type, timeInForce, price, quantity, extras) => {
      const sequence = place(symbol, orderId, side, type, timeInForce, price, quantity, extras);
      if (!copied && kernel.nowUs > afterRecoveryUs) {
        copied = true;
        place(symbol, copyId, Side.buy, type, TimeInForce.gtc, 1, quantity, { reqId: -1 });
      }
      return sequence;
    };
  });
  expect(results.books).toMatchObject({ equal: false, differingOrderIds: [copyId] });
  expect(violationsOf(results, invariant.recoveredBooksEqualHistory)).toBe(1);
  expect(results.objectives.find(({ kind }) => kind === "rpo")!.met).toBe(false);
});

test("what the engine's tier acknowledged before the journal had it is lost when the task dies", () => {
  let acknowledged = 0;
  const { worked } = Journal.prototype;
  // For two seconds before the task dies, its appends are answered and never written.
  const spy = vi.spyOn(Journal.prototype, "worked").mockImplementation(function (
    this: Journal,
    frame,
    host,
  ) {
    if (!isEarly()) return worked.call(this, frame, host);
    acknowledged += 1;
    return outcome.ok;
  });
  let isEarly = () => false;
  const { results, declared } = run(
    ({ kernel }) => {
      isEarly = () =>
        kernel.nowUs > (killAtSeconds - 2) * 1_000_000 && kernel.nowUs < killAtSeconds * 1_000_000;
    },
    { acceptance: "journal" },
  );
  spy.mockRestore();
  expect(acknowledged).toBeGreaterThan(10);
  expect(declared.lostCount).toBeGreaterThan(20);
  expect(results.differences.every(({ kind }) => kind === "lost")).toBe(true);
  const lost = differencesOf(results, "lost");
  const fromUs = (killAtSeconds - 3) * 1_000_000;
  expect(lost.every(({ acceptedUs }) => acceptedUs > fromUs)).toBe(true);
  expect(declared.oldestLostSeconds).toBeGreaterThan(1);
  expect(declared.oldestLostSeconds).toBeLessThan(3);
});

test("a journal that loses the end of its log has lost as many commands, with their trades", () => {
  const dropped = 60;
  const { results, declared } = run(({ journal, kernel }) => {
    atKill(kernel, () => journal.restartAt(journal.end - dropped));
  });
  // Commands of clients in doubt are among the sixty and never count as lost.
  expect(declared.lostCount).toBeLessThanOrEqual(dropped);
  expect(declared.lostCount).toBeGreaterThan(dropped * 0.8);
  expect(differencesOf(results, "lost", true).length).toBeGreaterThan(0);
  expect(results.books).toMatchObject({ equal: false });
  expect(violationsOf(results, invariant.recoveredBooksEqualHistory)).toBe(0);
});

test("a recovery that reads less of the journal than is there leaves books that are not the history's", () => {
  const { results, declared } = run(({ journal, kernel, matching }) => {
    const requestAt = journal.requestAt.bind(journal);
    // While it replays, the owner sees the same record over and over at the end of the log.
    journal.requestAt = (position) => {
      const recovering = kernel.nowUs > killAtSeconds * 1_000_000 && !matching.isRunning;
      return requestAt(recovering ? Math.min(position, journal.end - 40) : position);
    };
  });
  expect(declared).toMatchObject(nothing);
  expect(results.books.equal).toBe(false);
  expect(results.books.differingOrderIds.length).toBeGreaterThan(0);
  expect(violationsOf(results, invariant.recoveredBooksEqualHistory)).toBe(1);
  expect(results.objectives.find(({ kind }) => kind === "rpo")!.met).toBe(false);
});

test("an engine that acknowledges cancels without carrying them out is found by its books", () => {
  const { results, declared } = run(({ matching, kernel }) => {
    const { engine } = matching;
    const cancel = engine.cancel.bind(engine);
    const nobodysOrder = 99_999;
    engine.cancel = (symbol, orderId, reqId) =>
      cancel(symbol, kernel.nowUs > afterRecoveryUs ? nobodysOrder : orderId, reqId);
  });
  expect(declared).toMatchObject(nothing);
  expect(results.books.equal).toBe(false);
  expect(results.books.openOrders).toBeGreaterThan(results.books.openOrdersReference);
  expect(violationsOf(results, invariant.recoveredBooksEqualHistory)).toBe(1);
});

/** Lets the queue store one message, counted from the first, a second time. */
function duplicateMessage(store: Breakable["queue"]["store"], number: number): void {
  const append = store.append.bind(store);
  let count = 0;
  store.append = (request, group) => {
    count += 1;
    if (count === number) append(request, group);
    return append(request, group);
  };
}

/** Every command is new to the engine, whatever its request id. */
function forgetRequestIds(engine: Breakable["matching"]["engine"]): void {
  const place = engine.place.bind(engine);
  const cancel = engine.cancel.bind(engine);
  engine.place = (symbol, orderId, side, type, timeInForce, price, quantity) =>
    place(symbol, orderId, side, type, timeInForce, price, quantity, { reqId: -1 });
  engine.cancel = (symbol, orderId) => cancel(symbol, orderId, -1);
}

/** Does something just after the matching task was killed. */
function atKill(kernel: Simulation["kernel"], act: () => void): void {
  const handler = kernel.handler("test.at-kill", act);
  kernel.scheduleAt(killAtSeconds * 1_000_000 + 1, handler);
}
