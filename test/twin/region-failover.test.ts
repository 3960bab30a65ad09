import { describe, expect, test } from "vitest";
import type { RunbookStepSpec } from "../../sim/twin/runbooks/runbook-types.ts";
import type { Scenario } from "../../sim/twin/scenario-types.ts";
import { quickPeople } from "./quick-people.ts";
import { assemble, finish, shippedScenario, smallScenario } from "./small-drill.ts";

/** Steps that are taken once the region is back. */
const afterwards = ["region-back", "reconcile"];

/** The region that serves loses its power at 90 seconds. */
function darkFor(durationSeconds: number) {
  return {
    id: "dark",
    kind: "region-power-loss",
    region: "us-east-1",
    atSeconds: 90,
    durationSeconds,
  } as const;
}

/** The shipped region failover with people who take no time, few clients, and the test's own steps. */
function failover(
  more: Partial<Scenario> = {},
  steps?: (step: RunbookStepSpec) => boolean,
): Scenario {
  const shipped = shippedScenario("dr-region");
  const quick = { medianSeconds: 1 };
  const [runbook] = shipped.runbooks!;
  return {
    ...smallScenario({ durationSeconds: 420, ratePerSecond: 40, faults: [] }),
    topology: shipped.topology,
    faults: [darkFor(1000)],
    roles: shipped.roles!.map((role) => ({ ...role, paging: quick })),
    runbooks: [
      {
        ...runbook!,
        diagnosis: quick,
        decision: quick,
        approvals: [],
        detection: [
          { source: "probe", function: "order-entry", everySeconds: 5, failuresInARow: 2 },
        ],
        steps: runbook!.steps
          .filter((step) => steps?.(step) ?? !afterwards.includes(step.id))
          .map((step) => ({
            ...step,
            action: step.action.do === "scale-out" ? { ...step.action, taskCount: 2 } : step.action,
            execution: quick,
            failShare: 0,
          })),
      },
    ],
    ...more,
  };
}

describe("When a region is lost", () => {
  test("people take the market to continuous trading in the other one", () => {
    const { entries, results } = finish(assemble(failover(), "region"));
    const kinds = entries.map(({ kind }) => kind);
    const inOrder = [
      "region-failover.detected",
      "region-failover.promote-database.effective",
      "region-failover.rebuild-books.effective",
      "region-failover.lead-users.effective",
      "region-failover.open-market.effective",
      "region-failover.completed",
    ].map((kind) => kinds.indexOf(`runbook.${kind}`));

    expect(inOrder).not.toContain(-1);
    expect(inOrder).toEqual(inOrder.toSorted((a, b) => a - b));
    for (const { function: name, censored } of results.functions) {
      expect({ name, censored }).toEqual({ name, censored: false });
    }
  });

  test("a step on a partitioned engine, journal or database is one on all of its copies", () => {
    const topology = "phase-1-warm-standby";
    const simulation = assemble(failover({ topology }), "region");
    const { entries, results } = finish(simulation);
    const of = (kind: string) => entries.filter((entry) => entry.kind === kind);

    expect(of("journal.replica-promoted")).toHaveLength(5);
    expect(of("runbook.region-failover.completed")).toHaveLength(1);
    const opened = results.market.map(({ continuousSeconds }) => continuousSeconds);
    expect(opened).toHaveLength(5);
    expect(opened).not.toContain(null);
    expect(results.invariants.filter(({ violations }) => violations > 0)).toEqual([]);
  });

  test("what it had not sent away is stranded there, nothing else is missing, and every invariant holds", () => {
    const simulation = assemble(failover(), "region");
    const { entries, results } = finish(simulation);
    const [rpo] = results.rpo.filter(({ declared }) => declared);
    const promoted = entries.find(({ kind }) => kind === "journal.replica-promoted")!;

    // Half a second of a journal that gets some twenty commands a second.
    expect(promoted.value).toBeGreaterThan(0);
    expect(promoted.value).toBeLessThan(80);
    expect(rpo!.strandedCount).toBeGreaterThan(0);
    expect(rpo!.lostCount).toBe(0);
    expect(rpo!.doubledCount + rpo!.reorderedCount).toBe(0);
    expect(results.invariants.filter(({ violations }) => violations > 0)).toEqual([]);
  });

  test("clients stay in the dark when nobody leads them over", () => {
    const { results } = finish(
      assemble(
        failover({}, ({ id }) => id !== "lead-users" && !afterwards.includes(id)),
        "region",
      ),
    );
    expect(results.functions.find((each) => each.function === "order-entry")!.censored).toBe(true);
  });

  test("editing a record does not help while the name service's control plane is dark itself", () => {
    const scenario = failover();
    const [runbook] = scenario.runbooks!;
    const { entries } = finish(
      assemble(
        {
          ...scenario,
          runbooks: [
            {
              ...runbook!,
              steps: runbook!.steps.map((step) =>
                step.action.do === "fail-over-dns"
                  ? { ...step, action: { ...step.action, by: "record-edit" } }
                  : step,
              ),
            },
          ],
        },
        "region",
      ),
    );
    expect(entries.some(({ kind }) => kind === "runbook.region-failover.stopped")).toBe(true);
    expect(entries.some(({ kind }) => kind === "route53.region-changed")).toBe(false);
  });

  test("the old region's engine is fenced when it comes back: no two histories", () => {
    const { entries, results } = finish(assemble(failover({ faults: [darkFor(200)] }), "region"));
    expect(entries.some(({ kind }) => kind === "journal.superseded")).toBe(true);
    expect(results.invariants.filter(({ violations }) => violations > 0)).toEqual([]);
    expect(results.rpo.find(({ declared }) => declared)!.doubledCount).toBe(0);
  });

  test("what was stranded is entered again when the region is back, behind what has happened since", () => {
    const { entries, results } = finish(
      assemble(
        failover({ faults: [darkFor(200)] }, () => true),
        "region",
      ),
    );
    const entered = entries.find(({ kind }) => kind === "matching.stranded-entered-again")!;
    const rpo = results.rpo.find(({ declared }) => declared)!;
    expect(entered.value).toBeGreaterThan(0);
    expect(rpo.strandedCount).toBe(0);
    expect(rpo.lostCount).toBe(0);
    expect(rpo.doubledCount).toBe(0);
    expect(rpo.reorderedCount).toBeGreaterThan(0);
    expect(results.invariants.filter(({ violations }) => violations > 0)).toEqual([]);
  });

  test("what a region goes on doing while it is cut off never becomes part of the history", () => {
    const cut = {
      id: "cut",
      kind: "region-partition",
      region: "us-east-1",
      atSeconds: 90,
      durationSeconds: 200,
    } as const;
    const { results } = finish(assemble(failover({ faults: [cut] }), "region"));
    expect(results.invariants.filter(({ violations }) => violations > 0)).toEqual([]);
    expect(results.rpo.find(({ declared }) => declared)!.doubledCount).toBe(0);
  });
});

/** The shipped way there and back with people who take no time; the region is dark until 290 seconds. */
function thereAndBack(more: Partial<Scenario> = {}): Scenario {
  const shipped = shippedScenario("dr-region-failback");
  return {
    ...smallScenario({ durationSeconds: 560, ratePerSecond: 40, faults: [] }),
    topology: shipped.topology,
    // Five gigabytes, so that the copy takes a quarter of a minute.
    componentOverrides: { database: { parameters: { volumeGb: 5 } } },
    faults: [darkFor(200)],
    ...quickPeople(shipped, ({ steps }) =>
      steps.map((step) => ({
        ...step,
        action: step.action.do === "scale-out" ? { ...step.action, taskCount: 2 } : step.action,
      })),
    ),
    ...more,
  };
}

describe("When people lead everything home again", () => {
  test("the old region owns the books again, nothing is lost or held twice, and every invariant holds", () => {
    const simulation = assemble(thereAndBack(), "home");
    const { entries, results } = finish(simulation);
    const kinds = entries.map(({ kind }) => kind);
    const [there, back] = entries.filter(({ kind }) => kind === "journal.replica-promoted");
    const rpo = results.rpo.find(({ declared }) => declared)!;

    expect(kinds).toContain("runbook.failback.completed");
    expect(there!.value).toBeGreaterThan(0);
    // In good order: nothing was missing when the books were handed over, in the journal or in the database.
    expect(back!.value).toBe(0);
    expect(entries.findLast(({ kind }) => kind === "aurora.secondary-promoted")!.value).toBe(0);
    const [home, standby] = simulation.parts;
    expect(home!.matching.isRunning).toBe(true);
    expect(home!.matching.isOwner).toBe(true);
    expect(standby!.matching.isOwner).toBe(false);
    expect(home!.journal.end).toBe(simulation.ledger.historyLength);
    expect(rpo.lostCount + rpo.doubledCount + rpo.strandedCount).toBe(0);
    expect(results.invariants.filter(({ violations }) => violations > 0)).toEqual([]);
    for (const { function: name, censored } of results.functions) {
      expect({ name, censored }).toEqual({ name, censored: false });
    }
  });

  test("what was stranded is entered at home when nobody entered it abroad", () => {
    const { runbooks, ...scenario } = thereAndBack();
    const steps = runbooks![0]!.steps.filter(({ id }) => id !== "reconcile");
    const { entries, results } = finish(
      assemble({ ...scenario, runbooks: [{ ...runbooks![0]!, steps }, runbooks![1]!] }, "home"),
    );
    const rpo = results.rpo.find(({ declared }) => declared)!;
    expect(
      entries
        .filter(({ kind }) => kind === "matching.stranded-entered-again")
        .map(({ value }) => value > 0),
    ).toEqual([true]);
    expect(rpo.strandedCount).toBe(0);
    expect(rpo.lostCount + rpo.doubledCount).toBe(0);
    expect(results.invariants.filter(({ violations }) => violations > 0)).toEqual([]);
  });

  test("a region that is cut off again in the middle of a hand-over leaves the owner where it was", () => {
    const quiet = thereAndBack();
    const handOver = finish(assemble(quiet, "home")).entries.find(
      ({ kind }) => kind === "runbook.failback.halt.effective",
    )!;
    const cut = {
      id: "cut",
      kind: "region-partition",
      region: "us-east-1",
      atSeconds: handOver.atUs / 1_000_000 + 0.5,
      durationSeconds: 1000,
    } as const;
    const simulation = assemble({ ...quiet, faults: [...quiet.faults, cut] }, "home");
    const { entries, results } = finish(simulation);
    const [home, standby] = simulation.parts;
    expect(entries.some(({ kind }) => kind === "runbook.failback.stopped")).toBe(true);
    expect(standby!.matching.isOwner).toBe(true);
    expect(home!.matching.isOwner).toBe(false);
    expect(results.invariants.filter(({ violations }) => violations > 0)).toEqual([]);
    expect(results.rpo.find(({ declared }) => declared)!.doubledCount).toBe(0);
  });
});

test.each([
  { what: "a region failover", scenario: failover(), runbook: "region-failover" },
  { what: "the way back", scenario: thereAndBack(), runbook: "failback" },
])(
  "a run restored in the middle of $what ends as if it had not been interrupted",
  {
    timeout: 120_000,
  },
  ({ scenario, runbook }) => {
    const whole = finish(assemble(scenario, "restored"));
    const steps = whole.entries.filter(
      ({ kind }) => kind.startsWith(`runbook.${runbook}.`) && kind.endsWith(".carried-out"),
    );
    const interrupted = assemble(scenario, "restored");
    expect(steps.length).toBeGreaterThan(6);
    for (const { atUs } of steps.filter((_, at) => at % 4 === 0)) {
      interrupted.kernel.runUntil(atUs + 300_000);
      const fresh = assemble(scenario, "restored");
      fresh.kernel.restore(interrupted.kernel.snapshot(), { random: "same" });
      expect(finish(fresh).digest).toBe(whole.digest);
    }
  },
);
