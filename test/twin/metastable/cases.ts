/** The shipped scenarios of metastable behaviour, each with what frees the platform and what would have kept it free. */
import type { Scenario } from "../../../sim/twin/scenario-types.ts";
import type { Arm } from "./arms.ts";

/** Seconds of a run, from and to. */
export type Span = readonly [number, number];

export interface MetastableCase {
  /** The scenario's id. */
  readonly id: string;
  /** Seconds in which the platform is still down, long after what set it off. */
  readonly down: Span;
  /** What is lowered to let it recover, as a share of the usual: the load, or the gate. */
  readonly lowered: (share: number) => Arm;
  /** A share that is low enough, and the seconds in which it is in service again. */
  readonly share: number;
  readonly recovered: Span;
  readonly defences: readonly Defence[];
}

export interface Defence {
  readonly name: string;
  readonly arm: Arm;
  /** In service again from this second to the end of the run. */
  readonly goodFrom: number;
}

/** The load cut to a share of the usual. */
function loadCut(atSeconds: number, seconds: number) {
  return (share: number): Arm => ({
    faults: [
      {
        id: "load-cut",
        kind: "load-change",
        factor: share,
        atSeconds,
        durationSeconds: seconds,
      } satisfies Scenario["faults"][number],
    ],
  });
}

/** The gate lets through a share of its 2,000 requests/s. */
function gateLowered(atSeconds: number, seconds: number) {
  return (share: number): Arm => ({
    faults: [
      {
        id: "gate-lowered",
        kind: "quota-cut",
        component: "gate",
        share,
        atSeconds,
        durationSeconds: seconds,
      },
    ],
  });
}

const coldStart = { factor: 5, requests: 4000 };
const contention = { waits: 0.015 };

export const metastableCases: readonly MetastableCase[] = [
  {
    id: "retry-storm",
    down: [560, 660],
    lowered: loadCut(410, 120),
    share: 0.3,
    recovered: [560, 660],
    defences: [
      {
        name: "a retry budget of one request in ten",
        arm: { client: { retryBudget: { perRequest: 0.1 } } },
        goodFrom: 410,
      },
      {
        name: "a bound on the line",
        arm: { overrides: { service: { threadsMax: 500, serving: { waitingMax: 40 } } } },
        goodFrom: 410,
      },
    ],
  },
  {
    id: "dead-work-in-a-line",
    down: [560, 660],
    lowered: loadCut(410, 200),
    share: 0.5,
    recovered: [610, 660],
    defences: [
      {
        name: "the newest first",
        arm: { overrides: { service: { serving: { order: "lifo" } } } },
        goodFrom: 390,
      },
      {
        name: "a deadline that travels with the call",
        arm: { overrides: { service: { serving: { dropExpired: true } } } },
        goodFrom: 410,
      },
    ],
  },
  {
    id: "cache-loss",
    down: [560, 660],
    lowered: loadCut(410, 180),
    share: 0.08,
    recovered: [590, 660],
    defences: [
      {
        name: "a bound on the database's line",
        arm: { overrides: { database: { serving: { waitingMax: 40 } } } },
        goodFrom: 380,
      },
    ],
  },
  {
    id: "slower-with-a-longer-line",
    down: [560, 660],
    lowered: loadCut(410, 100),
    share: 0.5,
    recovered: [520, 660],
    defences: [
      {
        name: "a limit that follows the time it takes",
        arm: {
          overrides: {
            service: { threadsMax: 100, serving: { contention, adaptiveLimit: { targetMs: 300 } } },
          },
        },
        goodFrom: 380,
      },
    ],
  },
  {
    id: "health-check-eviction",
    down: [560, 860],
    lowered: loadCut(460, 100),
    share: 0.4,
    recovered: [580, 860],
    defences: [
      {
        name: "shedding by the length of the line, checks and cancels first",
        arm: { overrides: { service: { serving: { waitingMax: 60, urgentFirst: true } } } },
        goodFrom: 400,
      },
      {
        name: "failing open as soon as one is unhealthy",
        arm: { overrides: { balancer: { failOpenBelowShare: 1 } } },
        goodFrom: 560,
      },
    ],
  },
  {
    id: "repair-storm",
    down: [560, 660],
    lowered: loadCut(460, 60),
    share: 0.3,
    recovered: [540, 660],
    defences: [
      {
        name: "a quarter of the thread for the copy at the most",
        arm: {
          overrides: {
            cache: { parameters: { copyLoadShare: 0.25 } },
          },
        },
        goodFrom: 380,
      },
    ],
  },
  {
    id: "reconnect-storm",
    down: [510, 660],
    lowered: gateLowered(410, 150),
    share: 0.05,
    recovered: [580, 660],
    defences: [
      {
        name: "back-off to a minute with full jitter",
        arm: { client: { connection: { reconnectMs: 1000, backoff: { msMax: 60_000 } } } },
        goodFrom: 460,
      },
    ],
  },
  {
    id: "cold-restart-loop",
    down: [560, 660],
    lowered: loadCut(410, 330),
    share: 0.15,
    recovered: [640, 740],
    defences: [
      {
        name: "shedding by the length of the line, checks and cancels first",
        arm: {
          overrides: { service: { serving: { coldStart, waitingMax: 8, urgentFirst: true } } },
        },
        goodFrom: 660,
      },
    ],
  },
  {
    id: "slow-tail-of-failover",
    down: [560, 860],
    lowered: loadCut(580, 120),
    share: 0.1,
    recovered: [710, 860],
    defences: [
      {
        name: "a circuit breaker in each task",
        arm: {
          overrides: {
            service: {
              calling: { breaker: { windowSeconds: 10, failureShare: 0.5, openSeconds: 5 } },
            },
          },
        },
        goodFrom: 430,
      },
    ],
  },
];
