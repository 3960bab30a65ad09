import { describe, expect, test } from "vitest";
import type { LogEntry } from "../../components/fabric/event-log.ts";
import type { CostLine, CostResult } from "../cost/cost-types.ts";
import type { Reconciliation } from "../ledger/reconciliation.ts";
import type { FunctionResult, InvariantResult, Outage, RpoResult } from "../results-types.ts";
import type { Scenario } from "../scenario-types.ts";
import type { ObjectiveSpec } from "./objective-types.ts";
import { judgeObjectives, sampleObjectives } from "./objectives.ts";

const service: ObjectiveSpec = {
  kind: "service",
  id: "order-entry-service",
  function: "order-entry",
  goodShareMin: 0.95,
  latencyMsMax: 1000,
  holdSeconds: 30,
};
const rto: ObjectiveSpec = {
  kind: "rto",
  id: "order-entry-rto",
  function: "order-entry",
  secondsMax: 60,
};
const rpo: ObjectiveSpec = { kind: "rpo", id: "rpo", lostMax: 0 };
const invariants: ObjectiveSpec = { kind: "invariants", id: "invariants" };

const kinds = ["zone.power-lost", "ecs.task-lost", "ecs.task-running"];
const entries = kinds.map((kind, seq) => ({ kind, seq }) as LogEntry);

const outage: Outage = {
  function: "order-entry",
  beganUs: 400_000_000,
  endedUs: 496_000_000,
  seconds: 96,
  censored: false,
  parts: { detect: 23, decide: 31, act: 14, recover: 8, drain: 20 },
  chain: [0, 1, 2],
};

const steady: FunctionResult = {
  function: "order-entry",
  outages: [],
  rtoSeconds: 0,
  censored: false,
  goodCount: 990,
  badCount: 10,
  beforeFault: { goodCount: 990, badCount: 10 },
  latencyMsP50: 100,
  latencyMsP99: 300,
};

const kept: RpoResult = {
  acceptance: "queue",
  declared: true,
  acceptedCount: 1000,
  lostCount: 0,
  doubledCount: 0,
  reorderedCount: 0,
  strandedCount: 0,
  lostNotional: 0,
  oldestLostSeconds: 0,
};

const equalBooks = {
  symbolsCompared: 5,
  openOrders: 50,
  openOrdersReference: 50,
  trades: 9,
  tradesReference: 9,
  differingOrderIds: [],
  equal: true,
};

const sound: InvariantResult[] = [
  { name: "nothing is lost", checks: 40, violations: 0 },
  { name: "nothing is doubled", checks: 60, violations: 0 },
];

const cost: CostResult = {
  monthFactor: 1,
  judgedSeconds: 3600,
  runUsd: 5,
  monthUsd: 3650,
  usdPerHour: 5,
  requestsPerSecond: 500,
  monthUsdPerRps: 7.3,
  lines: [
    costLine({ component: "api", what: "REST requests", follows: "load", quantity: 1e9 }),
    costLine({ component: "tasks", what: "vCPU", follows: "time", quantity: 0 }),
  ],
  unmetered: [],
  assumptions: {},
};

function costLine(each: {
  component: string;
  what: string;
  follows: "load" | "time";
  quantity: number;
}): CostLine {
  const { component, what, follows, quantity } = each;
  return {
    component,
    what,
    follows,
    service: component,
    region: "us-east-1",
    price: "api-gateway.rest-request",
    unit: "request",
    runQuantity: 0,
    runUsd: 0,
    runUnitUsd: 0,
    steadyQuantity: quantity,
    leastQuantity: 0,
    monthQuantity: quantity,
    monthUsd: 0,
    payShare: 1,
    doubtful: false,
    confidence: "documented",
    asOf: "2026",
    source: "https://aws.amazon.com",
    commitment: "",
  };
}

interface Changes {
  functions?: readonly FunctionResult[];
  unhealthy?: readonly string[];
  rpo?: Partial<RpoResult>;
  books?: Partial<Reconciliation["books"]>;
  differences?: Reconciliation["differences"];
  invariants?: readonly InvariantResult[];
  cost?: Partial<CostResult>;
}

function evidenceOf(objective: ObjectiveSpec, changes: Changes) {
  const reasons = changes.unhealthy ?? [];
  return {
    scenario: { objectives: [objective] } as unknown as Scenario,
    baseline: { healthy: reasons.length === 0, reasons, judgedFromUs: 0, judgedToUs: 0 },
    functions: changes.functions ?? [steady],
    reconciliation: {
      rpo: [
        { ...kept, ...changes.rpo },
        { ...kept, acceptance: "journal" as const, declared: false, lostCount: 99 },
      ],
      differences: changes.differences ?? [],
      books: { ...equalBooks, ...changes.books },
      inDoubtTookEffect: [],
      waitingCount: 0,
      underWayCount: 0,
    },
    invariants: changes.invariants ?? sound,
    cost: { ...cost, ...changes.cost },
    entries,
    recorded: { channels: [], frameStepUs: 1_000_000, fromUs: 0 },
    notJudged: [],
    outcomesOf: () => ({ counts: noCounts, fromSecond: 0, calmUntilSecond: 0, toSecond: 0 }),
  };
}

const noCounts = { good: new Float64Array(0), bad: new Float64Array(0) };

function judgeOne(objective: ObjectiveSpec, changes: Changes = {}) {
  const [result] = judgeObjectives(evidenceOf(objective, changes));
  return result!;
}

test("a service objective is met by the share of good outcomes, and says so", () => {
  expect(judgeOne(service)).toMatchObject({
    met: true,
    measured: 0.99,
    limit: 0.95,
    because:
      "99.00 % of order-entry outcomes between warm-up and first fault were good within 1000 ms.",
  });
});

test("a service objective that is missed counts the bad outcomes before the fault, not those of an outage", () => {
  const bad = { ...steady, beforeFault: { goodCount: 900, badCount: 100 } };
  const missed = judgeOne(service, { functions: [bad] });
  expect(missed.met).toBe(false);
  expect(missed.because).toContain(
    "100 of 1000 order-entry outcomes between warm-up and first fault failed or took longer than 1000 ms (90.00 % good)",
  );
  const inOutage = { ...steady, goodCount: 500, badCount: 500, outages: [outage] };
  expect(judgeOne(service, { functions: [inOutage] }).met).toBe(true);
});

test("a function without a single outcome has not met its objective", () => {
  const empty = { ...steady, beforeFault: { goodCount: 0, badCount: 0 } };
  const missed = judgeOne(service, { functions: [empty] });
  expect(missed.met).toBe(false);
  expect(missed.because).toContain("No order-entry outcome was counted between warm-up");
});

test("a function that stayed in service has a recovery time of nothing", () => {
  expect(judgeOne(rto)).toMatchObject({
    met: true,
    measured: 0,
    because: "order-entry stayed in service throughout.",
  });
});

test("a missed recovery time names the longest part, what it is made of, and the chain", () => {
  const result = judgeOne(rto, { functions: [{ ...steady, outages: [outage] }] });
  expect(result).toMatchObject({ met: false, measured: 96, limit: 60, evidence: [0, 1, 2] });
  expect(result.because).toBe(
    "order-entry was out for 96 s against 60 s; 31 s of it went into deciding what to do (scheduler looks, failed placements, election); the chain that ended it was zone.power-lost -> ecs.task-lost -> ecs.task-running.",
  );
});

test("the longest outage is judged, and one within the bound is met", () => {
  const short = { ...outage, seconds: 12 };
  const outages = [short, { ...outage, seconds: 59 }, short];
  expect(judgeOne(rto, { functions: [{ ...steady, outages }] })).toMatchObject({
    met: true,
    measured: 59,
  });
});

test("an outage that the run cut short is missed however short it was", () => {
  const open = { ...outage, seconds: 20, censored: true, endedUs: -1, chain: [] };
  const result = judgeOne(rto, { functions: [{ ...steady, outages: [open] }] });
  expect(result.met).toBe(false);
  expect(result.because).toContain(
    "order-entry was still out of service when the run ended, 20 s after it failed",
  );
  expect(result.because).toContain("nothing had begun to mend it");
});

test("an unhealthy baseline quotes no recovery time and gives its reasons", () => {
  const result = judgeOne(rto, {
    functions: [{ ...steady, outages: [outage] }],
    unhealthy: ["order-service used 97 % of its vCPU", "the queue throttled"],
  });
  expect(result.met).toBe(false);
  expect(result.measured).toBeNull();
  expect(result.because).toBe(
    "Baseline unhealthy, so no recovery time is quoted: order-service used 97 % of its vCPU; the queue throttled.",
  );
});

test("a recovery objective for a function that nothing defines says what is missing", () => {
  const result = judgeOne(rto, { functions: [] });
  expect(result.met).toBe(false);
  expect(result.because).toContain("add a service objective for it");
});

test("a data-loss objective counts by the declared point of acceptance alone", () => {
  expect(judgeOne(rpo)).toMatchObject({
    met: true,
    measured: 0,
    because:
      "All 1000 accepted commands are held once and in sequence (accepted at the queue); the recovered books equal the reference engine's.",
  });
});

test("every kind of loss counts, trades included, and the oldest lost has an age", () => {
  const trade = { kind: "lost", what: "trade" } as Reconciliation["differences"][number];
  const lost = { lostCount: 4, doubledCount: 3, reorderedCount: 2, strandedCount: 1 };
  const result = judgeOne(rpo, {
    rpo: { ...lost, oldestLostSeconds: 39.06 },
    differences: [trade, trade],
    books: { equal: false },
  });
  expect(result).toMatchObject({ met: false, measured: 12 });
  expect(result.because).toBe(
    "Of 1000 accepted commands (accepted at the queue): 4 lost, 3 doubled, 2 reordered, 1 stranded, 2 trades missing; the oldest lost was accepted 39.1 s before the fault.",
  );
});

test("what was lost has no age when all of it was accepted after the fault, or nothing was lost", () => {
  expect(judgeOne(rpo, { rpo: { lostCount: 1 } }).because).toContain(
    "none of the lost was accepted before the fault.",
  );
  expect(judgeOne(rpo, { rpo: { doubledCount: 1 } }).because).toMatch(/0 trades missing\.$/);
});

test("a loss within the bound meets the objective", () => {
  const tolerant: ObjectiveSpec = { ...rpo, lostMax: 5 } as ObjectiveSpec;
  expect(judgeOne(tolerant, { rpo: { lostCount: 5 } }).met).toBe(true);
  expect(judgeOne(tolerant, { rpo: { lostCount: 6 } }).met).toBe(false);
});

test("books that differ although every command is held miss the objective", () => {
  const result = judgeOne(rpo, { books: { equal: false, differingOrderIds: [3, 9] } });
  expect(result.met).toBe(false);
  expect(result.because).toContain("differ from the reference engine's in 2 orders");
});

test("invariants are met when all were checked and none was violated", () => {
  expect(judgeOne(invariants)).toMatchObject({
    met: true,
    because: "2 invariants held in 100 checks.",
  });
  expect(judgeOne(invariants, { invariants: [] }).met).toBe(false);
});

test("a violated invariant is named with its first violation", () => {
  const broken = {
    name: "nothing is doubled",
    checks: 5,
    violations: 2,
    firstViolation: "order 7",
  };
  expect(judgeOne(invariants, { invariants: [sound[0]!, broken] })).toMatchObject({
    met: false,
    measured: 2,
    because: '"nothing is doubled" was violated 2 times, first: order 7.',
  });
});

test("loss in time is the age of the oldest command that was lost, and nothing lost is no age", () => {
  const age: ObjectiveSpec = { kind: "rpo-age", id: "rpo-age", secondsMax: 300 };
  expect(judgeOne(age)).toMatchObject({ met: true, measured: 0, limit: 300 });
  const young = judgeOne(age, { rpo: { lostCount: 3, oldestLostSeconds: 299 } });
  expect(young).toMatchObject({ met: true, measured: 299 });
  const old = judgeOne(age, { rpo: { lostCount: 3, oldestLostSeconds: 301 } });
  expect(old.met).toBe(false);
  expect(old.because).toBe(
    "Of 1000 accepted commands 3 were lost; the oldest lost was accepted 301.0 s before the fault.",
  );
});

test("an objective over many seeds is not judged by one run, which says what it adds", () => {
  const over = { seeds: 200, percentile: 95 };
  const many: ObjectiveSpec = { ...rto, over } as ObjectiveSpec;
  const sampleOf = (objective: ObjectiveSpec, changes: Changes = {}) =>
    sampleObjectives(evidenceOf(objective, changes))[0];
  expect(judgeObjectives(evidenceOf(many, {}))).toEqual([]);
  expect(sampleOf(rto)).toBeUndefined();
  expect(sampleOf(many, { functions: [{ ...steady, outages: [outage] }] })).toEqual({
    id: "order-entry-rto",
    kind: "rto",
    unit: "seconds",
    measured: 96,
    censored: false,
    limit: 60,
    over,
  });
  const open = { ...steady, censored: true, outages: [{ ...outage, seconds: 30, censored: true }] };
  expect(sampleOf(many, { functions: [open] })).toMatchObject({ measured: 30, censored: true });
  expect(sampleOf(many, { unhealthy: ["slow"] })).toMatchObject({ measured: null });
  const loss: ObjectiveSpec = { ...rpo, over } as ObjectiveSpec;
  expect(sampleOf(loss, { rpo: { lostCount: 7 } })).toMatchObject({ measured: 7 });
  expect(sampleOf(loss, { books: { equal: false } })).toMatchObject({ measured: null });
});

describe("a bound on cost", () => {
  const hour: ObjectiveSpec = { kind: "cost", id: "hour", per: "hour", usdMax: 5 };
  const month: ObjectiveSpec = { kind: "cost", id: "month", per: "month", usdMax: 3100 };

  test("an hour is what the judged part cost, and the bound itself is met", () => {
    expect(judgeOne(hour)).toMatchObject({
      met: true,
      measured: 5,
      limit: 5,
      unit: "USD per hour",
    });
    expect(judgeOne(hour, { cost: { usdPerHour: 5.01 } }).met).toBe(false);
  });

  test("a month is priced tier by tier, and the verdict names what is dearest", () => {
    const result = judgeOne(month);
    expect(result.measured).toBeCloseTo(333 * 3.5 + 667 * 2.8, 6);
    expect(result.met).toBe(true);
    expect(result.because).toContain("api REST requests 100 %");
    expect(judgeOne({ ...month, usdMax: 3000 } as ObjectiveSpec).met).toBe(false);
  });

  test("a month whose mean load is a third of the run's pays for a third of the requests", () => {
    const result = judgeOne({ ...month, monthFactor: 0.333 } as ObjectiveSpec);
    expect(result.measured).toBeCloseTo(333 * 3.5, 6);
  });

  test("what nothing meters is said, so that the bound is not met in silence", () => {
    expect(judgeOne(month, { cost: { unmetered: ["msk"] } }).because).toContain("without msk");
  });
});
