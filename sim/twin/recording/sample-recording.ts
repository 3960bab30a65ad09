import type { EventRecord, FunctionResult, Outage, RunResults } from "../results-types.ts";
import type { Scenario } from "../scenario-types.ts";
import type { Topology } from "../topology-types.ts";
import type { Recording, RecordingHead } from "./recording-types.ts";

/**
 * A small recording made by hand, for tests of everything that reads recordings: an AZ loses power at 600 s, the
 * matching task is replaced, order entry and matching recover, market data never breaks.
 */
export function sampleRecording(changes: Partial<RecordingHead> = {}): Recording {
  const head: RecordingHead = {
    programVersion: "0.1.0",
    scenario,
    topology,
    seed: "1",
    digest: "9f2c4e01d7b8a365",
    durationUs: 1_200_000_000,
    frameStepUs: 1_000_000,
    frameCount: 1200,
    zones: [
      { id: "us-east-1a", region: "us-east-1" },
      { id: "us-east-1b", region: "us-east-1" },
    ],
    components: [
      {
        id: "order-queue",
        service: "sqs-fifo",
        title: "Order queue",
        spec: { id: "order-queue", service: "sqs-fifo", zones: ["us-east-1a", "us-east-1b"] },
        parameters: {
          visibilityTimeoutUs: {
            value: 30_000_000,
            unit: "us",
            origin: "override",
            replaced: 20_000_000,
          },
        },
      },
    ],
    channels: [
      { component: "order-queue", name: "visible", unit: "messages", kind: "level" },
      { component: "order-queue", name: "sent", unit: "messages", kind: "count" },
    ],
    edges: [{ path: "place/order-queue", from: "order-service", to: "order-queue", channel: 1 }],
    events,
    results,
    ...changes,
  };
  const frames = head.channels.map(({ kind }) =>
    kind === "count"
      ? Float64Array.from({ length: head.frameCount }, (_, second) => second * 210)
      : Float32Array.from({ length: head.frameCount }, (_, second) =>
          second < 600 ? 3 : second < 700 ? (second - 600) * 21.5 : 4,
        ),
  );
  return { head, frames };
}

/** The same run with another part of its results. */
export function sampleWithResults(changes: Partial<RunResults>): Recording {
  return sampleRecording({ results: { ...results, ...changes } });
}

const scenario: Scenario = {
  id: "az-power-loss",
  title: "An availability zone loses power",
  description: "The zone that holds the matching engine goes dark for ten minutes.",
  topology: "current",
  warmUpSeconds: 300,
  durationSeconds: 1200,
  workload: {
    ratePerSecond: 500,
    mix: { place: 0.6, cancel: 0.3, "query-book": 0.1 },
    userCount: 1000,
    symbolCount: 50,
    symbolSkew: 1,
    selfExcitation: 0.4,
    excitationDecaySeconds: 2,
    client: { retriesMax: 2, backoffMs: 200 },
  },
  faults: [
    {
      id: "power",
      kind: "zone-power-loss",
      atSeconds: 600,
      zone: "us-east-1a",
      durationSeconds: 600,
    },
  ],
  objectives: [
    {
      kind: "service",
      id: "orders-served",
      function: "order-entry",
      goodShareMin: 0.99,
      latencyMsMax: 500,
      holdSeconds: 30,
    },
    { kind: "rto", id: "orders-rto", function: "order-entry", secondsMax: 60 },
    { kind: "rto", id: "matching-rto", function: "matching", secondsMax: 60 },
    { kind: "rpo", id: "nothing-lost", lostMax: 0 },
    { kind: "invariants", id: "invariants" },
  ],
};

const topology: Topology = {
  id: "current",
  title: "Current platform",
  description: "As the strategy describes it.",
  regions: [{ id: "us-east-1", zones: [{ id: "us-east-1a" }, { id: "us-east-1b" }] }],
  acceptance: "queue",
  components: [
    { id: "order-queue", service: "sqs-fifo", zones: ["us-east-1a", "us-east-1b"] },
    { id: "journal", service: "journal", zones: ["us-east-1a"], survivesPowerLoss: true },
  ],
  flows: [
    {
      id: "place-order",
      requests: ["place"],
      function: "order-entry",
      call: { to: "order-queue", operation: "send", timeoutMs: 3000 },
    },
  ],
  actorCalls: [],
};

const events: readonly EventRecord[] = [
  at(600, 0, "fault.zone-power-loss", "fault", {
    zone: "us-east-1a",
    place: "us-east-1a",
    value: 600,
  }),
  ...[1, 2, 3, 4].map((task) =>
    at(600, task, "instance.lost", "info", {
      component: "order-service",
      zone: "us-east-1a",
      place: `order-service task ${task} in us-east-1a`,
      causeSeq: 0,
    }),
  ),
  at(601, 5, "instance.lost", "info", {
    component: "matching",
    zone: "us-east-1a",
    place: "matching task 1 in us-east-1a",
    causeSeq: 0,
  }),
  at(612.4, 6, "health-check.failed", "detect", {
    component: "matching",
    zone: "us-east-1a",
    place: "matching task 1 in us-east-1a",
    causeSeq: 5,
  }),
  at(640, 7, "replacement.launched", "act", {
    component: "matching",
    zone: "us-east-1b",
    place: "matching task 2 in us-east-1b",
    causeSeq: 6,
  }),
  at(671.2, 8, "instance.running", "recover", {
    component: "matching",
    zone: "us-east-1b",
    place: "matching task 2 in us-east-1b",
    causeSeq: 7,
  }),
  at(683, 9, "function.recovered", "recover", { place: "matching", causeSeq: 8, value: 82 }),
];

const matchingOutage: Outage = {
  function: "matching",
  beganUs: 601_000_000,
  endedUs: 683_000_000,
  seconds: 82,
  censored: false,
  parts: { detect: 11.4, decide: 0, act: 27.6, recover: 31.2, drain: 11.8 },
  chain: [0, 5, 6, 7, 8, 9],
};

const untroubled: FunctionResult = {
  function: "market-data",
  outages: [],
  rtoSeconds: 0,
  censored: false,
  goodCount: 59_000,
  badCount: 3,
  beforeFault: { goodCount: 1000, badCount: 1 },
  latencyMsP50: 12.1,
  latencyMsP99: 48.9,
};

const results: RunResults = {
  baseline: { healthy: true, reasons: [], judgedFromUs: 300_000_000, judgedToUs: 600_000_000 },
  functions: [
    {
      ...untroubled,
      function: "order-entry",
      goodCount: 430_000,
      badCount: 5_200,
      beforeFault: { goodCount: 1000, badCount: 1 },
      outages: [
        {
          function: "order-entry",
          beganUs: 600_000_000,
          endedUs: 641_500_000,
          seconds: 41.5,
          censored: false,
          parts: { detect: 10, decide: 20, act: 8.5, recover: 3, drain: 0 },
          chain: [0, 1],
        },
      ],
      rtoSeconds: 41.5,
      latencyMsP50: 31.4,
      latencyMsP99: 402.7,
    },
    { ...untroubled, function: "matching", outages: [matchingOutage], rtoSeconds: 82 },
    untroubled,
  ],
  objectives: [
    {
      id: "orders-served",
      kind: "service",
      met: true,
      unit: "share",
      measured: 0.999,
      limit: 0.99,
      because: "99.9 % of order entries before the fault were good.",
      evidence: [],
    },
    {
      id: "orders-rto",
      kind: "rto",
      met: true,
      unit: "seconds",
      measured: 41.5,
      limit: 60,
      because: "Order entry was back after 41.5 s.",
      evidence: [0, 1],
    },
    {
      id: "matching-rto",
      kind: "rto",
      met: false,
      unit: "seconds",
      measured: 82,
      limit: 60,
      because:
        "Matching stood still for 82.0 s, 22.0 s over its target: 31.2 s of it is the start of the replacement task; a warm standby would remove that.",
      evidence: [0, 5, 6, 7, 8, 9],
    },
    {
      id: "nothing-lost",
      kind: "rpo",
      met: true,
      unit: "orders",
      measured: 0,
      limit: 0,
      because: "Every accepted command is in the recovered books.",
      evidence: [],
    },
    {
      id: "invariants",
      kind: "invariants",
      met: true,
      unit: "violations",
      measured: 0,
      limit: 0,
      because: "No invariant was violated.",
      evidence: [],
    },
  ],
  rpo: [
    rpo("queue", true, { lostCount: 0, lostNotional: 0, oldestLostSeconds: 0 }),
    rpo("journal", false, { lostCount: 0, lostNotional: 0, oldestLostSeconds: 0 }),
  ],
  differences: [],
  inDoubtTookEffect: [1204, 1206],
  market: [
    {
      faultUs: 600_000_000,
      haltedSeconds: 68,
      cancelOnlySeconds: 73,
      auctionSeconds: 103.1,
      continuousSeconds: null,
    },
  ],
  books: {
    symbolsCompared: 50,
    openOrders: 18_201,
    openOrdersReference: 18_201,
    trades: 51_930,
    tradesReference: 51_930,
    differingOrderIds: [],
    equal: true,
  },
  invariants: [
    { name: "quantity is conserved", checks: 435_000, violations: 0 },
    { name: "no order fills beyond its size", checks: 51_930, violations: 0 },
  ],
  timeSpent: [
    { flow: "place-order", component: "order-queue", meanMs: 8.1 },
    { flow: "place-order", component: "order-service", meanMs: 19.4 },
  ],
  totals: {
    requests: 600_000,
    attempts: 612_000,
    commandsAccepted: 435_000,
    commandsInDoubt: 64,
    commandsInDoubtThatTookEffect: 2,
    commandsRefused: 5_136,
    commandsMatched: 434_990,
    commandsTurnedAway: 1_250,
    commandsWaiting: 10,
    trades: 51_930,
    ordersOpen: 18_201,
    staleAnswers: 31,
    redeliveries: 412,
    duplicatesDropped: 20,
    events: 9_400_000,
  },
};

function rpo(
  acceptance: "queue" | "journal",
  declared: boolean,
  lost: { lostCount: number; lostNotional: number; oldestLostSeconds: number },
) {
  const acceptedCount = acceptance === "queue" ? 435_000 : 434_990;
  return {
    acceptance,
    declared,
    acceptedCount,
    doubledCount: 0,
    reorderedCount: 0,
    strandedCount: 0,
    ...lost,
  };
}

function at(
  seconds: number,
  seq: number,
  kind: string,
  stage: EventRecord["stage"],
  rest: Partial<EventRecord> & { readonly place: string },
): EventRecord {
  return {
    atUs: Math.round(seconds * 1e6),
    seq,
    kind,
    stage,
    component: "",
    zone: "",
    causeSeq: -1,
    value: 0,
    ...rest,
  };
}
