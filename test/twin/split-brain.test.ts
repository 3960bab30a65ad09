import { expect, test, vi } from "vitest";
import type { Scenario } from "../../sim/twin/scenario-types.ts";
import { quickPeople } from "./quick-people.ts";
import { assemble, finish, shippedScenario, smallScenario } from "./small-drill.ts";

vi.setConfig({ testTimeout: 180_000 });

const zonesOf = (region: string) => ["a", "b", "c"].map((letter) => `${region}${letter}`);

/** No message from either region reaches the other. */
const apart = zonesOf("us-east-1").flatMap((home) =>
  zonesOf("eu-west-1").flatMap((abroad) =>
    [
      [home, abroad],
      [abroad, home],
    ].map(([from, to]) => ({
      id: `${from}-${to}`,
      kind: "link-degradation" as const,
      from: from!,
      to: to!,
      addedLatencyMs: 0,
      lossShare: 1,
      atSeconds: 89,
      durationSeconds: 200,
    })),
  ),
);

/**
 * The two regions lose sight of each other, and the front door of the one that serves shuts for half a minute: people promote
 * the other one. The old engine has not heard of it, and serves again whoever still comes to it until the link is mended.
 */
function splitBrain(policy: NonNullable<Scenario["lostTrades"]>, reconciles: boolean): Scenario {
  const shipped = shippedScenario("dr-region");
  const { workload, ...rest } = smallScenario({
    durationSeconds: 420,
    ratePerSecond: 60,
    faults: [],
  });
  return {
    ...rest,
    topology: shipped.topology,
    workload: {
      ...workload,
      symbolCount: 2,
      client: {
        ...workload.client,
        executionReports: {
          heartbeatSeconds: 10,
          bufferMs: 50,
          resendReportsMax: 50,
          askAgainSeconds: 2,
        },
      },
    },
    ...quickPeople(shipped, ({ steps }) =>
      steps
        .filter(({ id }) => reconciles || (id !== "region-back" && id !== "reconcile"))
        .map((step) =>
          step.action.do === "scale-out"
            ? { ...step, action: { ...step.action, taskCount: 2 } }
            : step,
        ),
    ),
    faults: [
      ...apart,
      {
        id: "door",
        kind: "quota-cut",
        component: "api-us-east-1",
        share: 0,
        atSeconds: 90,
        durationSeconds: 35,
      },
    ],
    lostTrades: policy,
  };
}

function outcomeOf(policy: "bust" | "honour", reconciles: boolean) {
  const scenario = splitBrain({ policy, compareEverySeconds: 10 }, reconciles);
  const { entries, results } = finish(assemble(scenario, "split"));
  const [promoted, superseded] = ["journal.replica-promoted", "journal.superseded"].map(
    (kind) => entries.find((entry) => entry.kind === kind)!.atUs / 1_000_000,
  );
  expect(results.invariants.filter(({ violations }) => violations > 0)).toEqual([]);
  const rpo = results.rpo.find(({ declared }) => declared)!;
  expect(rpo.lostCount + rpo.doubledCount).toBe(0);
  return {
    promoted: promoted!,
    superseded: superseded!,
    rpo,
    settlement: results.tradeSettlement!,
    settledCount: entries.filter(({ kind }) => /^trades.(busted|re-instated)$/.test(kind)).length,
  };
}

test("regions that can't see each other both own the books, until the former owner hears of the other", () => {
  const { promoted, superseded, rpo } = outcomeOf("bust", false);
  expect(superseded - promoted).toBeGreaterThan(30);
  expect(Math.round(superseded)).toBe(289);
  expect(rpo.strandedCount).toBeGreaterThan(1000);
});

test("every trade that only the former owner told is found and called off once, and all accounts agree again", () => {
  const { settlement, settledCount } = outcomeOf("bust", false);
  expect(settlement.found).toBeGreaterThan(300);
  expect(settlement.busted).toBe(settlement.found);
  expect(settledCount).toBe(settlement.found);
  expect([settlement.open, settlement.accountsOff]).toEqual([0, 0]);
});

test("trades that may come back with stranded orders stay open, and are called off where the orders traded otherwise", () => {
  const waiting = outcomeOf("honour", false);
  expect(waiting.settlement.open).toBe(waiting.settlement.found);
  expect(waiting.settlement.accountsOff).toBeGreaterThan(100);
  const entered = outcomeOf("honour", true);
  expect(entered.rpo.strandedCount).toBe(0);
  expect(entered.rpo.reorderedCount).toBeGreaterThan(0);
  expect(entered.settlement.honoured + entered.settlement.busted).toBe(entered.settlement.found);
  expect(entered.settledCount).toBe(entered.settlement.found);
  expect([entered.settlement.open, entered.settlement.accountsOff]).toEqual([0, 0]);
});
