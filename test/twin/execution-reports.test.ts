import { describe, expect, test, vi } from "vitest";
import type { Scenario } from "../../sim/twin/scenario-types.ts";
import { assemble, finish, smallScenario } from "./small-drill.ts";

vi.setConfig({ testTimeout: 180_000 });

const executionReports = {
  heartbeatSeconds: 10,
  bufferMs: 200,
  resendReportsMax: 50,
  askAgainSeconds: 2,
};

/** The engine dies: its buffer of reports goes with it. */
const engineDies: Scenario["faults"] = [
  { id: "dies", kind: "instance-kill", component: "matching", atSeconds: 60.15 },
];

function withReports(
  more: Partial<Scenario> = {},
  client: Partial<Scenario["workload"]["client"]> = {},
): Scenario {
  const { workload, ...rest } = smallScenario({
    durationSeconds: 260,
    ratePerSecond: 40,
    faults: engineDies,
  });
  return {
    ...rest,
    workload: {
      ...workload,
      symbolCount: 2,
      client: { ...workload.client, executionReports, ...client },
    },
    ...more,
  };
}

const broken = (results: ReturnType<typeof finish>["results"]) =>
  results.invariants.filter(({ violations }) => violations > 0);

/** The journal's only copy goes with its zone, and the engine starts from a snapshot half a minute old. */
const journalLost: Partial<Scenario> = {
  faults: [
    {
      id: "zone",
      kind: "zone-power-loss",
      zone: "zone-of:journal",
      atSeconds: 80,
      durationSeconds: 20,
    },
  ],
  componentOverrides: {
    journal: { zones: ["us-east-1a"], survivesPowerLoss: false },
    matching: { zones: ["us-east-1b"], snapshotIntervalSeconds: 30 },
  },
};

describe("Execution reports", () => {
  test("all arrive while nothing fails", () => {
    const { results } = finish(assemble(withReports({ faults: [] }), "reports"));
    expect(results.executionReports!.sent).toBeGreaterThan(3000);
    expect(results.executionReports!.missed).toBe(0);
    expect(results.executionReports!.resendRequests).toBe(0);
    expect(broken(results)).toEqual([]);
  });

  test("are missed when they die with the engine, and sent again from the journal to clients who see the gap", () => {
    const { results, entries } = finish(assemble(withReports(), "reports"));
    const { missed, resent, stillMissing, withdrawn, wholeAfterSeconds } =
      results.executionReports!;
    // Two tenths of a second of some forty reports a second.
    expect(missed).toBeGreaterThan(2);
    expect(resent).toBe(missed);
    expect(stillMissing + withdrawn).toBe(0);
    expect(wholeAfterSeconds).toBeGreaterThan(1);
    expect(entries.some(({ kind }) => kind === "reports.lost-with-owner")).toBe(true);
    expect(entries.some(({ kind }) => kind === "reports.clients-whole")).toBe(true);
    expect(broken(results)).toEqual([]);
  });

  test("that nobody can fetch are still missing at the end", () => {
    const { results } = finish(
      assemble(
        withReports({
          faults: [
            ...engineDies,
            {
              id: "gate",
              kind: "quota-cut",
              component: "api",
              share: 0,
              atSeconds: 61,
              durationSeconds: 300,
            },
          ],
        }),
        "reports",
      ),
    );
    const { stillMissing, wholeAfterSeconds, resendsFailed } = results.executionReports!;
    expect(stillMissing).toBeGreaterThan(2);
    expect(resendsFailed).toBeGreaterThan(0);
    expect(wholeAfterSeconds).toBeNull();
    expect(broken(results)).toEqual([]);
  });

  test("a storm of resends is admitted at the journal's rate, and every client is whole later", () => {
    const connection = { reconnectMs: 20_000, backoff: { jitter: "none" as const } };
    const dropped = (resendsPerSecond: number) =>
      finish(
        assemble(
          withReports(
            {
              faults: [{ id: "drop", kind: "connection-drop", share: 1, atSeconds: 60 }],
              componentOverrides: { journal: { parameters: { resendsPerSecond } } },
            },
            { connection },
          ),
          "reports",
        ),
      ).results.executionReports!;
    const wide = dropped(1000);
    const narrow = dropped(2);
    expect(wide.sessionsWithGapMax).toBeGreaterThan(100);
    expect(wide.resent).toBe(wide.missed);
    expect(wide.resendsFailed).toBeLessThan(wide.sessionsWithGapMax * 0.1);
    expect(narrow.resent).toBe(narrow.missed);
    expect(narrow.resendsFailed).toBeGreaterThan(narrow.sessionsWithGapMax * 0.5);
    expect(narrow.wholeAfterSeconds!).toBeGreaterThan(wide.wholeAfterSeconds! + 20);
  });
});

describe("Trades that clients were told of and the history lost", () => {
  const lost = (policy: NonNullable<Scenario["lostTrades"]>, more: Partial<Scenario> = {}) =>
    withReports({ ...journalLost, lostTrades: policy, ...more });

  test("are believed in by both sides for ever where nothing is done", () => {
    const simulation = assemble(withReports(journalLost), "trades");
    const { results } = finish(simulation);
    expect(results.tradeSettlement).toBeUndefined();
    expect(results.differences.some(({ what }) => what === "trade")).toBe(true);
  });

  test("are called off, and every account agrees with the venue again", () => {
    const { results, entries } = finish(
      assemble(lost({ policy: "bust", compareEverySeconds: 10 }), "trades"),
    );
    const settlement = results.tradeSettlement!;
    expect(settlement.found).toBeGreaterThan(20);
    expect(settlement.busted).toBe(settlement.found);
    expect(settlement.bustedNotional).toBe(settlement.foundNotional);
    expect(settlement.open + settlement.honoured).toBe(0);
    expect(settlement.accountsOffMax).toBeGreaterThan(10);
    expect(settlement.accountsOff).toBe(0);
    expect(entries.filter(({ kind }) => kind === "trades.busted")).toHaveLength(settlement.busted);
    expect(broken(results)).toEqual([]);
  });

  test("are re-instated where both orders still have the quantity, which leaves the books", () => {
    const simulation = assemble(lost({ policy: "honour", compareEverySeconds: 10 }), "trades");
    const { results } = finish(simulation);
    const settlement = results.tradeSettlement!;
    expect(settlement.honoured).toBeGreaterThan(5);
    // Some orders were cancelled or filled otherwise before anybody looked.
    expect(settlement.couldNotHonour).toBeGreaterThan(0);
    expect(settlement.busted).toBe(settlement.couldNotHonour);
    expect(settlement.honoured + settlement.busted).toBe(settlement.found);
    expect(settlement.accountsOff).toBe(0);
    const told = (fate: string) => results.differences.filter((each) => each.fate === fate).length;
    expect([told("re-instated"), told("called-off"), told("open")]).toEqual([
      settlement.honoured,
      settlement.busted,
      0,
    ]);
    expect(broken(results)).toEqual([]);
  });

  test("wait for people by the policy manual, who take their time with each", () => {
    const review = { medianSeconds: 1 };
    const { results, entries } = finish(
      assemble(
        lost(
          { policy: "manual", compareEverySeconds: 5, review },
          {
            roles: [{ id: "anyone", paging: { medianSeconds: 1 } }],
            runbooks: [
              {
                id: "settle",
                onCall: "anyone",
                detection: [
                  { source: "probe", function: "matching", everySeconds: 5, failuresInARow: 2 },
                ],
                diagnosis: { medianSeconds: 1 },
                decision: { medianSeconds: 60 },
                steps: [
                  {
                    id: "settle",
                    action: { do: "settle-trades" },
                    execution: { medianSeconds: 1 },
                    giveUpAfterSeconds: 1000,
                  },
                ],
              },
            ],
          },
        ),
        "trades",
      ),
    );
    const settlement = results.tradeSettlement!;
    const settled = entries.filter(({ kind }) =>
      ["trades.busted", "trades.re-instated"].includes(kind),
    );
    const began = entries.find(({ kind }) => kind === "runbook.settle.settle.carried-out")!;
    expect(settled.length).toBeGreaterThan(20);
    expect(settled[0]!.atUs).toBeGreaterThan(began.atUs);
    const spanUs = settled.at(-1)!.atUs - began.atUs;
    expect(spanUs).toBeGreaterThanOrEqual(settled.length * 1_000_000 * 0.9);
    expect(settlement.honoured + settlement.busted + settlement.open).toBe(settlement.found);
    expect(broken(results)).toEqual([]);
  });

  test("are settled alike by a run that goes on from a snapshot in the middle of it", () => {
    const scenario = lost({ policy: "honour", compareEverySeconds: 10 });
    const whole = finish(assemble(scenario, "trades"));
    const interrupted = assemble(scenario, "trades");
    for (const atUs of [79_990_000, 101_000_000, 118_000_000]) {
      interrupted.kernel.runUntil(atUs);
      const later = assemble(scenario, "trades");
      later.kernel.restore(interrupted.kernel.snapshot(), { random: "same" });
      const { digest, results } = finish(later);
      expect(digest).toBe(whole.digest);
      expect(results.tradeSettlement).toEqual(whole.results.tradeSettlement);
      expect(results.executionReports).toEqual(whole.results.executionReports);
    }
  });
});
