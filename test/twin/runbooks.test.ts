import { describe, expect, test } from "vitest";
import type { LogEntry } from "../../sim/components/fabric/event-log.ts";
import type { RunbookSpec } from "../../sim/twin/runbooks/runbook-types.ts";
import type { Scenario } from "../../sim/twin/scenario-types.ts";
import { assemble, finish, smallScenario } from "./small-drill.ts";

const roles = [{ id: "on-call", paging: { medianSeconds: 20 } }];

/** A release that needs so long for everything that clients give up. */
const badRelease: Scenario["faults"][number] = {
  id: "bad",
  kind: "bad-deployment",
  component: "order-service",
  slowFactor: 100,
  atSeconds: 30,
  durationSeconds: 10_000,
};

const rollBack: RunbookSpec = {
  id: "roll-back",
  onCall: "on-call",
  detection: [{ source: "probe", function: "order-entry", everySeconds: 5, failuresInARow: 3 }],
  diagnosis: { medianSeconds: 30 },
  decision: { medianSeconds: 10 },
  steps: [
    {
      id: "old-release",
      action: { do: "roll-back", component: "order-service" },
      execution: { medianSeconds: 5 },
    },
  ],
};

function drill(more: Partial<Scenario>, durationSeconds = 420): Scenario {
  return {
    ...smallScenario({ durationSeconds, ratePerSecond: 40, faults: [badRelease] }),
    roles,
    ...more,
  };
}

function run(scenario: Scenario, seed = "runbooks") {
  return finish(assemble(scenario, seed));
}

function atSeconds(entries: readonly LogEntry[], kind: string): number {
  const found = entries.find((entry) => entry.kind === kind);
  return found === undefined ? Number.NaN : found.atUs / 1_000_000;
}

function kindsBack(entries: readonly LogEntry[], kind: string): readonly string[] {
  const chain: string[] = [];
  for (
    let entry = entries.find((each) => each.kind === kind);
    entry !== undefined;
    entry = entry.causeSeq < 0 ? undefined : entries[entry.causeSeq]
  ) {
    chain.unshift(entry.kind);
  }
  return chain;
}

describe("People with a runbook", () => {
  test("roll a bad release back after being paged, thinking and deciding, each for its time", () => {
    const { entries, results } = run(drill({ runbooks: [rollBack] }));
    const detected = atSeconds(entries, "runbook.roll-back.detected");

    expect(detected).toBeGreaterThan(badRelease.atSeconds + 10);
    expect(atSeconds(entries, "runbook.roll-back.somebody-there")).toBe(detected + 20);
    expect(atSeconds(entries, "runbook.roll-back.diagnosed")).toBe(detected + 50);
    expect(atSeconds(entries, "runbook.roll-back.decided")).toBe(detected + 60);
    expect(atSeconds(entries, "runbook.roll-back.old-release.carried-out")).toBe(detected + 65);
    expect(atSeconds(entries, "runbook.roll-back.old-release.effective")).toBeGreaterThan(
      detected + 90,
    );
    expect(results.functions.find((each) => each.function === "order-entry")!.censored).toBe(false);
  });

  test("leave an outage as it is when there is no runbook for it", () => {
    const { results } = run(drill({}));
    expect(results.functions.find((each) => each.function === "order-entry")!.censored).toBe(true);
  });

  test("are found in the chain of causes between the fault and its end", () => {
    const { entries } = run(drill({ runbooks: [rollBack] }));
    const chain = kindsBack(entries, "runbook.roll-back.completed");
    // From the fault itself: what the platform has done about it is no cause of what people find.
    expect(chain).toEqual([
      "deployment.bad-release",
      "runbook.roll-back.detected",
      "runbook.roll-back.somebody-there",
      "runbook.roll-back.diagnosed",
      "runbook.roll-back.decided",
      "runbook.roll-back.old-release.carried-out",
      "runbook.roll-back.old-release.effective",
      "runbook.roll-back.completed",
    ]);
  });

  test("need as many times longer to understand as the blindness factor says", () => {
    const blind = {
      id: "blind",
      kind: "observability-loss",
      atSeconds: 20,
      durationSeconds: 400,
    } as const;
    const { entries } = run(
      drill({ faults: [badRelease, blind], runbooks: [{ ...rollBack, blindFactor: 4 }] }),
    );
    const there = atSeconds(entries, "runbook.roll-back.somebody-there");
    expect(atSeconds(entries, "runbook.roll-back.diagnosed") - there).toBe(120);
  });

  test("ask everyone who must agree, paging each first", () => {
    const { entries } = run(
      drill({
        roles: [...roles, { id: "officer", paging: { medianSeconds: 40 } }],
        runbooks: [{ ...rollBack, approvals: [{ by: "officer", delay: { medianSeconds: 7 } }] }],
      }),
    );
    const decided = atSeconds(entries, "runbook.roll-back.decided");
    expect(atSeconds(entries, "runbook.roll-back.approved")).toBe(decided + 47);
  });

  test("try a step again that failed, and stop when it has failed too often", () => {
    const [step] = rollBack.steps;
    const { entries } = run(
      drill({ runbooks: [{ ...rollBack, steps: [{ ...step!, failShare: 1, retriesMax: 2 }] }] }),
    );
    const failures = entries.filter(({ kind }) => kind === "runbook.roll-back.old-release.failed");
    expect(failures.map(({ value }) => value)).toEqual([1, 2, 3]);
    expect(atSeconds(entries, "runbook.roll-back.stopped")).not.toBeNaN();
    expect(atSeconds(entries, "ecs.deployment-began")).toBe(badRelease.atSeconds);
  });

  test("go on past a step that may fail", () => {
    const [step] = rollBack.steps;
    const optional = { ...step!, id: "tell", failShare: 1, retriesMax: 0, optional: true };
    const { entries } = run(drill({ runbooks: [{ ...rollBack, steps: [optional, step!] }] }));
    expect(atSeconds(entries, "runbook.roll-back.completed")).not.toBeNaN();
  });

  test("make it worse when they do the wrong thing", () => {
    const [step] = rollBack.steps;
    const mistake = {
      share: 1,
      action: { do: "restart", component: "market-data-service" } as const,
    };
    const { entries, results } = run(
      drill({ runbooks: [{ ...rollBack, steps: [{ ...step!, mistake, retriesMax: 0 }] }] }),
    );
    expect(atSeconds(entries, "runbook.roll-back.old-release.done-wrongly")).not.toBeNaN();
    const marketData = results.functions.find((each) => each.function === "market-data")!;
    expect(marketData.rtoSeconds).toBeGreaterThan(5);
  });

  test("follow one runbook at a time when there is one of them", () => {
    const other = { ...rollBack, id: "other" };
    const alone = run(drill({ runbooks: [rollBack, other] })).entries;
    const two = run(drill({ roles: [{ ...roles[0]!, count: 2 }], runbooks: [rollBack, other] }));
    const there = "runbook.other.somebody-there";

    expect(atSeconds(two.entries, there)).toBe(
      atSeconds(two.entries, "runbook.roll-back.somebody-there"),
    );
    expect(atSeconds(alone, there)).toBeGreaterThanOrEqual(
      atSeconds(alone, "runbook.roll-back.completed"),
    );
  });

  test("hear of it from a client when nothing else tells them", () => {
    const called = {
      source: "phone-call",
      function: "order-entry",
      after: { medianSeconds: 90 },
    } as const;
    const gone: Scenario["faults"][number] = {
      id: "gone",
      kind: "service-errors",
      component: "api",
      share: 1,
      atSeconds: 30,
      durationSeconds: 300,
    };
    const detectedAt = (runbook: RunbookSpec) =>
      atSeconds(
        run(drill({ faults: [gone], runbooks: [runbook] }, 150)).entries,
        "runbook.roll-back.detected",
      );
    // The probe has its third failure 10 s after the first, the client calls after 90 s.
    expect(detectedAt({ ...rollBack, detection: [called] }) - detectedAt(rollBack)).toBe(80);
  });

  test("lead the market: halted until they open it, whatever the procedure's own times are", () => {
    const led: RunbookSpec = {
      ...rollBack,
      id: "lead",
      detection: [{ source: "probe", function: "matching", everySeconds: 5, failuresInARow: 2 }],
      steps: (["halt-market", "cancel-only", "open-auction", "open-market"] as const).map(
        (what) => ({
          id: what,
          action: { do: what, component: "matching" },
          execution: { medianSeconds: 25 },
        }),
      ),
    };
    const { entries, results } = run(
      drill({
        faults: [{ id: "dead", kind: "instance-kill", component: "matching", atSeconds: 30 }],
        runbooks: [led],
      }),
    );
    const markets = entries.filter(({ kind }) => kind.startsWith("matching.market-"));
    const opened = atSeconds(entries, "runbook.lead.open-market.effective");
    expect(opened).not.toBeNaN();
    expect(markets.at(-1)!.kind).toBe("matching.market-continuous");
    expect(markets.at(-1)!.atUs / 1_000_000).toBeLessThanOrEqual(opened);
    expect(results.invariants.every(({ violations }) => violations === 0)).toBe(true);
  });
});

test("a run restored in the middle of any phase of a runbook ends as if it had not been interrupted", {
  timeout: 120_000,
}, () => {
  const [step] = rollBack.steps;
  const scenario = drill({
    roles: [{ id: "on-call", paging: { medianSeconds: 20, p95Seconds: 60 } }],
    runbooks: [
      {
        ...rollBack,
        diagnosis: { medianSeconds: 30, p95Seconds: 70 },
        approvals: [{ by: "on-call", delay: { medianSeconds: 10 } }],
        steps: [{ ...step!, failShare: 0.5, retriesMax: 7 }],
      },
    ],
  });
  const whole = run(scenario, "restored");
  const moments = whole.entries.filter(({ kind }) => kind.startsWith("runbook."));
  expect(moments.length).toBeGreaterThan(6);
  const interrupted = assemble(scenario, "restored");
  for (const { atUs } of moments.filter((_, at) => at % 2 === 0)) {
    interrupted.kernel.runUntil(Math.max(interrupted.kernel.nowUs, atUs + 500_000));
    const fresh = assemble(scenario, "restored");
    fresh.kernel.restore(interrupted.kernel.snapshot(), { random: "same" });
    expect(finish(fresh).digest).toBe(whole.digest);
  }
});

test("a client whose order the state of the market turns away hears so, where an order counts when the journal has it", () => {
  const halted: RunbookSpec = {
    ...rollBack,
    id: "halt",
    detection: [{ source: "probe", function: "matching", everySeconds: 5, failuresInARow: 2 }],
    steps: [
      {
        id: "halt",
        action: { do: "halt-market", component: "matching" },
        execution: { medianSeconds: 1 },
      },
    ],
  };
  const scenario = drill(
    {
      faults: [{ id: "dead", kind: "instance-kill", component: "matching", atSeconds: 30 }],
      runbooks: [halted],
    },
    300,
  );
  const told = (acceptance: "queue" | "journal") =>
    run({ ...scenario, acceptance }, "rejected").results.totals;

  expect(told("queue").commandsTurnedAway).toBeGreaterThan(1000);
  expect(told("journal").commandsTurnedAway).toBe(0);
  expect(told("journal").commandsRefused).toBeGreaterThan(1000);
});
