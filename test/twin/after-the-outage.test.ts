import { describe, expect, test, vi } from "vitest";
import type { Scenario } from "../../sim/twin/scenario-types.ts";
import { assemble, finish, smallScenario } from "./small-drill.ts";

vi.setConfig({ testTimeout: 180_000 });

/** The engine dies: what waits for it to answer waits in vain, and is executed by its successor. */
const engineDies: Scenario["faults"] = [
  { id: "dies", kind: "instance-kill", component: "matching", atSeconds: 60 },
];

const dark: Scenario["faults"] = [
  {
    id: "dark",
    kind: "region-power-loss",
    region: "us-east-1",
    atSeconds: 60,
    durationSeconds: 40,
  },
];

function afterwards(
  client: Partial<Scenario["workload"]["client"]>,
  more: Partial<Scenario> = {},
): Scenario {
  const { workload, ...rest } = smallScenario({
    durationSeconds: 260,
    ratePerSecond: 40,
    faults: dark,
  });
  return {
    ...rest,
    workload: { ...workload, client: { ...workload.client, ...client } },
    ...more,
  };
}

describe("Clients who don't know what became of their orders", () => {
  test("never hear when they don't ask", () => {
    const { results } = finish(assemble(afterwards({}), "ask"));
    expect(results.totals.commandsInDoubt).toBeGreaterThan(100);
    expect(results.clientReconciliation).toBeUndefined();
  });

  test("ask, find what stands confirmed, and send again what does not; none is left in doubt, lost or doubled", () => {
    const silent = finish(assemble(afterwards({}), "ask")).results;
    const { results } = finish(
      assemble(afterwards({ reconciliation: { askAfterSeconds: 10, asksMax: 20 } }), "ask"),
    );
    const { unknown, confirmed, resubmitted } = results.clientReconciliation!;
    const rpo = results.rpo.find(({ declared }) => declared)!;

    expect(unknown).toBe(0);
    expect(resubmitted).toBeGreaterThan(100);
    expect(confirmed + resubmitted).toBeGreaterThan(0.9 * silent.totals.commandsInDoubt);
    expect(results.totals.commandsInDoubt).toBe(0);
    // The queries are requests like any other: their load is there.
    expect(results.totals.requests).toBeGreaterThan(silent.totals.requests + resubmitted);
    expect(rpo.lostCount + rpo.doubledCount + rpo.strandedCount).toBe(0);
    expect(results.invariants.filter(({ violations }) => violations > 0)).toEqual([]);
  });

  test("find their orders confirmed when only the answers were lost", () => {
    const { results } = finish(
      assemble(
        afterwards(
          { retriesMax: 0, reconciliation: { askAfterSeconds: 100, asksMax: 20 } },
          { faults: engineDies, acceptance: "journal", durationSeconds: 330 },
        ),
        "ask",
      ),
    );
    const { unknown, confirmed } = results.clientReconciliation!;
    expect(unknown).toBe(0);
    expect(confirmed).toBeGreaterThan(20);
    expect(results.totals.commandsInDoubt).toBe(0);
  });

  test("give up in the end when the platform stays dark, and are left not knowing", () => {
    const { results } = finish(
      assemble(
        afterwards(
          { reconciliation: { askAfterSeconds: 5, asksMax: 2 } },
          { faults: dark.map((fault) => ({ ...fault, durationSeconds: 1000 })) as never },
        ),
        "ask",
      ),
    );
    expect(results.clientReconciliation!.unknown).toBe(results.totals.commandsInDoubt);
    expect(results.clientReconciliation!.unknown).toBeGreaterThan(100);
  });
});

describe("A client who sends an order again six minutes after it was taken, when the queue has forgotten it", () => {
  const sixMinutes = (requestLog: boolean): Scenario =>
    afterwards(
      { retriesMax: 1, backoffMs: 360_000, backoff: { jitter: "none" } },
      {
        durationSeconds: 480,
        faults: engineDies,
        acceptance: "journal",
        componentOverrides: { matching: { requestLog } },
      },
    );

  test("has it executed once: the engine's log of requests outlives the queue's window", () => {
    const simulation = assemble(sixMinutes(true), "late");
    const { results } = finish(simulation);
    expect(simulation.parts[0]!.matching.duplicateCount).toBeGreaterThan(20);
    expect(results.rpo.find(({ declared }) => declared)!.doubledCount).toBe(0);
    expect(results.invariants.filter(({ violations }) => violations > 0)).toEqual([]);
  });

  test("has it executed twice without that log, and the ledger finds it", () => {
    const { results } = finish(assemble(sixMinutes(false), "late"));
    expect(results.rpo.find(({ declared }) => declared)!.doubledCount).toBeGreaterThan(20);
    expect(results.invariants.some(({ violations }) => violations > 0)).toBe(true);
  });
});

describe("Funds are held for an order from order entry on", () => {
  test("as long as it is open or waits, and no longer", () => {
    const simulation = assemble(afterwards({}, { faults: [] }), "holds");
    const { results } = finish(simulation);
    let value = 0;
    for (let symbol = 0; symbol < simulation.ledger.symbolCount; symbol += 1) {
      simulation.ledger.engine.forEachOpenOrder(symbol, (_orderId, _side, price, leaves) => {
        value += price * leaves;
      });
    }
    const waiting = simulation.ledger.heldOrders - simulation.ledger.engine.openOrderCount;
    expect(waiting).toBeLessThan(20);
    expect(results.holds!.value).toBeGreaterThanOrEqual(value);
    expect(results.holds!.value - value).toBeLessThan(value * 0.05);
    expect(results.holds!.leftOverOrders).toBe(0);
  });

  /** The journal's only copy goes with its zone; people may clear up afterwards. */
  const journalLost = (runbooks: NonNullable<Scenario["runbooks"]>): Scenario =>
    afterwards(
      {},
      {
        faults: [
          {
            id: "zone",
            kind: "zone-power-loss",
            zone: "zone-of:journal",
            atSeconds: 60,
            durationSeconds: 60,
          },
        ],
        componentOverrides: { journal: { zones: ["us-east-1a"], survivesPowerLoss: false } },
        roles: [{ id: "anyone", paging: { medianSeconds: 1 } }],
        runbooks,
      },
    );

  test("and is left over when a journal's only copy is lost, with what was open in it", () => {
    const { results } = finish(assemble(journalLost([]), "holds"));
    const lost = results.differences.filter(
      ({ kind, what }) => kind === "lost" && what === "order",
    );
    expect(lost.length).toBeGreaterThan(0);
    expect(results.holds!.leftOverOrders).toBeGreaterThanOrEqual(lost.length);
    expect(results.holds!.leftOverValue).toBeGreaterThan(0);
  });

  test("until people let go of what stands in no history and waits nowhere", () => {
    const kept = finish(assemble(journalLost([]), "holds")).results.holds!;
    const { holds } = finish(
      assemble(
        journalLost([
          {
            id: "clear-up",
            onCall: "anyone",
            detection: [
              { source: "probe", function: "matching", everySeconds: 5, failuresInARow: 2 },
            ],
            diagnosis: { medianSeconds: 1 },
            decision: { medianSeconds: 120 },
            steps: [
              {
                id: "release",
                action: { do: "release-holds" },
                execution: { medianSeconds: 1 },
              },
            ],
          },
        ]),
        "holds",
      ),
    ).results;
    expect(holds!.leftOverOrders).toBe(0);
    expect(holds!.orders).toBe(kept.orders - kept.leftOverOrders);
    expect(holds!.value).toBe(kept.value - kept.leftOverValue);
  });
});
