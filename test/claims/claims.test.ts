import { expect, test } from "vitest";
import { platformAt } from "../../cli/claims-capacities.ts";
import { keyOf, strategyClaims, variantsOf } from "../../cli/claims-plan.ts";
import { loadScenario } from "../../cli/scenario-files.ts";
import type { Platform } from "../../cli/sweep-designs.ts";
import { checkedScenario } from "../../scenarios/checked-scenario.ts";
import { shippedParts } from "../../scenarios/shipped-parts.ts";
import costTables from "../../scenarios/strategy/cost-tables.json" with { type: "json" };
import { claimRules } from "../../sim/twin/claims/claim-rules.ts";
import type { Claim, EvidenceDesk } from "../../sim/twin/claims/claim-types.ts";
import { judgeClaim } from "../../sim/twin/claims/judge-claims.ts";
import { type ObservedRun, watchedRun } from "../../sim/twin/claims/watched-run.ts";
import type { CostPlan } from "../../sim/twin/cost/plan-types.ts";
import { plannedRequests } from "../../sim/twin/ensemble/planned-requests.ts";
import { summaryOf } from "../../sim/twin/ensemble/run-summary.ts";
import { runScenario } from "../../sim/twin/run-scenario.ts";
import type { Scenario } from "../../sim/twin/scenario-types.ts";

function claimOf(id: string): Claim {
  const claim = strategyClaims.claims.find((each) => each.id === id);
  if (claim === undefined) throw new Error(`no claim ${id}`);
  return claim;
}

function deskOf(changes: Partial<EvidenceDesk> = {}): EvidenceDesk {
  return {
    runs(scenario) {
      throw new Error(`no run of ${scenario} here`);
    },
    knee(topology) {
      throw new Error(`no knee of ${topology} here`);
    },
    shipped: shippedParts(["current", "phase-1"]),
    plan: costTables,
    ...changes,
  };
}

function verdictOf(id: string, desk: EvidenceDesk, claim = claimOf(id)) {
  return judgeClaim(claim, desk, () => undefined);
}

/** A shipped scenario with changes, run once. */
function observe(id: string, change: (scenario: Scenario) => Partial<Scenario>): ObservedRun {
  const { scenario, topology } = loadScenario(id);
  const changed = checkedScenario({ ...scenario, ...change(scenario) }, topology);
  const recording = runScenario({ scenario: changed, topology, seed: "1" });
  if (recording === undefined) throw new Error("the run ended early");
  return { summary: summaryOf(recording), watched: watchedRun(recording) };
}

test("there are 59 claims, and each has a rule", () => {
  const ids = strategyClaims.claims.map(({ id }) => id);
  expect(new Set(ids).size).toBe(59);
  expect([...ids].sort()).toEqual(Object.keys(claimRules).sort());
});

test("every scenario that a claim names is shipped and sound", () => {
  const ids = new Set(strategyClaims.claims.flatMap(({ scenarios }) => scenarios ?? []));
  for (const id of ids) expect(loadScenario(id).scenario.id).toBe(id);
});

test("every assumption of a claim, and of the tornado, can be taken to both ends of its range", () => {
  const { claims, capacities, tornado } = strategyClaims;
  const places = [
    ...claims.map(({ scenarios = [], capacities: own = [], ranges = [] }) => ({
      scenarios: [...scenarios, ...own.map((id) => capacities[id]!.scenario)],
      ranges,
    })),
    ...tornado!.measures.map(({ scenario, capacity }) => ({
      scenarios: [scenario ?? capacities[capacity ?? ""]!.scenario],
      ranges: tornado!.assumptions,
    })),
  ];
  const loaded = new Map<string, Platform>();
  const seen = new Set<string>();
  for (const { scenarios, ranges } of places) {
    for (const id of scenarios) {
      for (const variant of variantsOf(ranges)) {
        const key = keyOf(id, variant);
        if (seen.has(key)) continue;
        seen.add(key);
        const platform = loaded.get(id) ?? loadScenario(id);
        loaded.set(id, platform);
        expect(platformAt(platform, variant).scenario.id, key).toBe(id);
      }
    }
  }
  expect(seen.size).toBeGreaterThan(100);
}, 120_000);

test("every claim that rests on runs or searches has ranges, and none that rests on facts alone", () => {
  for (const { id, scenarios, capacities, ranges = [] } of strategyClaims.claims) {
    expect(ranges.length > 0, id).toBe(scenarios !== undefined || capacities !== undefined);
    for (const { low, high } of ranges) expect(low, id).not.toEqual(high);
  }
});

test("what is planned for a claim stays within the published budget, before its searches", () => {
  const { claims, seeds, budget } = strategyClaims;
  const requestsOf = new Map<string, number>();
  for (const { id: claim, scenarios = [], ranges = [] } of claims) {
    const planned = scenarios.map((id) => {
      const perSeed = requestsOf.get(id) ?? plannedRequests(loadScenario(id).scenario);
      requestsOf.set(id, perSeed);
      return perSeed * ((seeds[id] ?? 1) + 2 * ranges.length);
    });
    expect(
      planned.reduce((sum, each) => sum + each, 0),
      claim,
    ).toBeLessThan(budget.perClaim);
  }
});

test("a total that its rows contradict is inconsistent, and holds once it is put right", () => {
  const wrong = verdictOf("cost.p1.total", deskOf());
  expect(wrong.verdict).toBe("inconsistent");
  expect(wrong.why).toContain("$33,000");
  const plan: CostPlan = {
    ...costTables,
    phases: costTables.phases.map((phase) =>
      phase.id === "phase-1" ? { ...phase, totalUsd: 33_000 } : phase,
    ),
  };
  expect(verdictOf("cost.p1.total", deskOf({ plan })).verdict).toBe("holds");
});

test("a network claim fails against the documented ceiling, and a smaller one holds", () => {
  const claim = claimOf("p2.c7g");
  expect(verdictOf("p2.c7g", deskOf()).verdict).toBe("does-not-hold");
  const modest = { ...claim, values: { gbps: 25 } };
  expect(verdictOf("p2.c7g", deskOf(), modest).verdict).toBe("holds");
});

test("the slower of orders and reads decides the latency claim: it holds for whoever allows that much", () => {
  const answered = (orders: number, reads: number) => {
    const functions = [
      { function: "order-entry", latencyMsP99: orders },
      { function: "market-data", latencyMsP99: reads },
    ];
    return deskOf({ runs: () => [{ summary: { functions } } as unknown as ObservedRun] });
  };
  const patient = { ...claimOf("p2.latency"), values: { p99Ms: 360 } };
  expect(verdictOf("p2.latency", answered(358, 210)).verdict).toBe("does-not-hold");
  expect(verdictOf("p2.latency", answered(358, 210), patient).verdict).toBe("holds");
  expect(verdictOf("p2.latency", answered(358, 361), patient).verdict).toBe("does-not-hold");
});

test("why a claim can't be tested is looked up: the sentence changes when the service goes", () => {
  expect(verdictOf("p2.limitless", deskOf()).why).toContain("the twin runs it");
  const shipped = shippedParts(["current", "phase-1"]);
  const services = shipped.services.filter((service) => service !== "aurora-limitless");
  const without = deskOf({ shipped: { ...shipped, services } });
  expect(verdictOf("p2.limitless", without).why).toContain("can't be Limitless");
});

test("change capture is judged by its lag and by what its copy lacks when the source is lost", () => {
  const captured = (parameters: Readonly<Record<string, number>>) =>
    deskOf({
      runs: () => [
        observe("claim-change-capture", (scenario) => ({
          workload: { ...scenario.workload, ratePerSecond: 400 },
          componentOverrides: { capture: { parameters } },
        })),
      ],
    });
  // By the rule alone: the ends of our assumptions' ranges are runs of their own.
  const [plain, quick] = [{}, { commitTimeoutUs: 100_000, decodeUs: 100_000 }].map((parameters) =>
    claimRules["p2.cdc"]!(claimOf("p2.cdc"), captured(parameters)),
  );
  expect(plain!.verdict).toBe("does-not-hold");
  expect(plain!.figure!.value).toBeGreaterThan(1);
  expect(plain!.figure!.value).toBeLessThan(3);
  // However quick, it is asynchronous: what was under way is not there.
  expect(quick!.figure!.value).toBeLessThan(1);
  expect(quick!.verdict).toBe("does-not-hold");
});

test("the gateway's limit holds as simulated, and not with another limit in the topology", () => {
  const short = { durationSeconds: 16, warmUpSeconds: 2 };
  const [plain, lower, raised] = [
    observe("claim-gateway-overload", () => short),
    observe("claim-gateway-overload", () => ({
      ...short,
      componentOverrides: { api: { ratePerSecond: 8000 } },
    })),
    observe("claim-gateway-raised", () => short),
  ];
  const desk = (overloaded: ObservedRun) =>
    deskOf({ runs: (id) => [id === "claim-gateway-raised" ? raised : overloaded] });
  expect(verdictOf("cap.apigw.soft-limit", desk(plain)).verdict).toBe("holds");
  const other = verdictOf("cap.apigw.soft-limit", desk(lower));
  expect(other.verdict).toBe("does-not-hold");
  expect(other.figure?.value).toBeGreaterThan(7600);
  expect(other.figure?.value).toBeLessThan(8400);
}, 300_000);

test("a verdict that turns at one end of a range is fragile, and robust when it stays", () => {
  const limited = observe("claim-flood", () => ({ durationSeconds: 200 }));
  const free = observe("claim-flood", () => ({ durationSeconds: 200, componentOverrides: {} }));
  const range = {
    path: "firewall.parameters.reactionLagUs",
    low: 1,
    high: 2,
    why: "a test",
  };
  const claim = { ...claimOf("p1.waf.rate"), ranges: [range] };
  const desk = (run: ObservedRun) => deskOf({ runs: () => [run] });
  const fragile = judgeClaim(claim, desk(limited), (_, value) =>
    desk(value === 1 ? limited : free),
  );
  expect(fragile.verdict).toBe("holds");
  expect(fragile.sturdiness).toBe("fragile");
  expect(fragile.ranges[0]?.atHigh.verdict).toBe("does-not-hold");
  const robust = judgeClaim(claim, desk(limited), () => desk(limited));
  expect(robust.sturdiness).toBe("robust");
}, 300_000);
