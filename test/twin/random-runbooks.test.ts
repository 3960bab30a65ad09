import { describe, expect, test } from "vitest";
import { createKernel, type Stream } from "../../sim/kernel/kernel.ts";
import type { FaultSpec } from "../../sim/twin/faults/fault-types.ts";
import type { ActionSpec, RunbookSpec } from "../../sim/twin/runbooks/runbook-types.ts";
import type { Scenario } from "../../sim/twin/scenario-types.ts";
import { assemble, finish, smallScenario } from "./small-drill.ts";

/**
 * People who do anything at any time, in two regions that fail at any time. What they do may help, harm or be refused; there
 * must be one history all the same, and the run must end.
 */
const home = "us-east-1";
const abroad = "eu-west-1";
const durationSeconds = 260;

const actions: readonly ActionSpec[] = [
  { do: "promote-secondary", component: `database-${abroad}` },
  { do: "promote-secondary", component: `database-${home}` },
  { do: "rebuild-books", component: `matching-${abroad}` },
  { do: "rebuild-books", component: `matching-${home}` },
  { do: "re-replicate", component: `matching-${home}` },
  { do: "re-replicate", component: `matching-${abroad}` },
  { do: "re-replicate", component: `database-${home}` },
  { do: "hand-over", component: `matching-${home}` },
  { do: "hand-over", component: `matching-${abroad}` },
  { do: "re-point", fromRegion: home, toRegion: abroad },
  { do: "re-point", fromRegion: abroad, toRegion: home },
  {
    do: "fail-over-dns",
    component: "dns",
    fromRegion: home,
    toRegion: abroad,
    by: "routing-control",
  },
  {
    do: "fail-over-dns",
    component: "dns",
    fromRegion: abroad,
    toRegion: home,
    by: "routing-control",
  },
  { do: "reconcile", component: `matching-${abroad}` },
  { do: "reconcile", component: `matching-${home}` },
  { do: "restart", component: `matching-${home}` },
  { do: "restart", component: `matching-${abroad}` },
  { do: "halt-market", component: `matching-${home}` },
  { do: "cancel-only", component: `matching-${abroad}` },
  { do: "open-market", component: `matching-${home}` },
  { do: "open-market", component: `matching-${abroad}` },
  { do: "cut-load", component: `api-${home}`, share: 0.1 },
  { do: "open-admission-gate", component: `api-${home}` },
  { do: "settle-trades" },
  { do: "rewrite-rows", component: `matching-${home}`, database: `database-${home}` },
];

function randomFault(luck: Stream, at: number): FaultSpec {
  const base = {
    id: `fault-${at}`,
    atSeconds: 20 + luck.int(150),
    durationSeconds: 5 + luck.int(100),
  };
  const region = luck.int(3) === 0 ? abroad : home;
  switch (luck.int(4)) {
    case 0:
      return { ...base, kind: "region-power-loss", region };
    case 1:
      return { ...base, kind: "region-partition", region };
    case 2:
      return { ...base, kind: "zone-power-loss", zone: `${region}a` };
    default:
      return { ...base, kind: "control-plane-freeze" };
  }
}

/** What is copied between the regions is late, or does not leave; drawn apart, so that all else stays as it was. */
function replicationFaults(seed: number): readonly FaultSpec[] {
  const luck = createKernel({ seed: `copies-${seed}`, programVersion: "test" }).stream("luck");
  return Array.from({ length: luck.int(3) }, (_, at): FaultSpec => {
    const isBack = luck.int(4) === 0;
    const addedSeconds = [undefined, 2, 30][luck.int(3)];
    return {
      id: `copies-${at}`,
      kind: "replication-lag",
      atSeconds: 10 + luck.int(150),
      durationSeconds: 5 + luck.int(120),
      fromPlace: isBack ? abroad : home,
      toPlace: isBack ? home : abroad,
      ...(addedSeconds === undefined ? {} : { addedSeconds }),
    };
  });
}

function randomRunbook(luck: Stream, at: number): RunbookSpec {
  const quick = () => ({ medianSeconds: luck.int(6) });
  return {
    id: `book-${at}`,
    onCall: "anyone",
    detection:
      at > 0 && luck.int(2) === 0
        ? [{ source: "runbook", runbook: `book-${at - 1}`, after: quick() }]
        : [
            {
              source: "probe",
              function: luck.int(2) === 0 ? "order-entry" : "matching",
              everySeconds: 2,
              failuresInARow: 1 + luck.int(3),
            },
          ],
    diagnosis: quick(),
    decision: quick(),
    steps: Array.from({ length: 3 + luck.int(8) }, (_, step) => ({
      id: `step-${step}`,
      action: actions[luck.int(actions.length)]!,
      execution: quick(),
      failShare: luck.int(3) === 0 ? 0.3 : 0,
      retriesMax: luck.int(2),
      giveUpAfterSeconds: 2 + luck.int(40),
      optional: luck.int(4) > 0,
    })),
  };
}

function randomScenario(seed: number): Scenario {
  const luck = createKernel({ seed: `people-${seed}`, programVersion: "test" }).stream("luck");
  const scenario = smallScenario({ durationSeconds, ratePerSecond: 25, faults: [] });
  const asks = luck.int(2) === 0;
  return {
    ...scenario,
    topology: "current-warm-standby",
    componentOverrides: { database: { parameters: { volumeGb: 2 } } },
    faults: [
      ...Array.from({ length: 1 + luck.int(3) }, (_, at) => randomFault(luck, at)),
      ...replicationFaults(seed),
    ],
    roles: [{ id: "anyone", count: 3, paging: { medianSeconds: 1 } }],
    runbooks: Array.from({ length: 1 + luck.int(3) }, (_, at) => randomRunbook(luck, at)),
    workload: {
      ...scenario.workload,
      client: {
        ...scenario.workload.client,
        ...(asks ? { reconciliation: { askAfterSeconds: 5, asksMax: 10 } } : {}),
        executionReports: {
          heartbeatSeconds: 5,
          bufferMs: 100,
          resendReportsMax: 20,
          askAgainSeconds: 2,
        },
      },
    },
    lostTrades: {
      policy: (["bust", "honour", "manual"] as const)[seed % 3]!,
      compareEverySeconds: 5,
      review: { medianSeconds: 1 },
    },
  };
}

/** More by hand: RANDOM_RUNBOOKS=200 npx vitest run test/twin/random-runbooks.test.ts */
const count = Number(process.env["RANDOM_RUNBOOKS"] ?? 6);

describe("Whatever people do, in whatever order, while regions fail", () => {
  test.each(Array.from({ length: count }, (_, seed) => seed))(
    "every invariant holds, and the run ends the same each time (seed %i)",
    { timeout: 120_000 },
    (seed) => {
      const scenario = randomScenario(seed);
      const simulation = assemble(scenario, `random-${seed}`);
      const half = Math.round((simulation.durationUs * (1 + (seed % 3))) / 4);
      simulation.kernel.runUntil(half);
      const fresh = assemble(scenario, `random-${seed}`);
      fresh.kernel.restore(simulation.kernel.snapshot(), { random: "same" });
      const { digest, results } = finish(simulation);
      const broken = results.invariants.filter(({ violations }) => violations > 0);
      expect({ seed, broken }).toEqual({ seed, broken: [] });
      expect(results.rpo.find(({ declared }) => declared)!.doubledCount).toBe(0);
      expect(finish(fresh).digest).toBe(digest);
    },
  );
});
