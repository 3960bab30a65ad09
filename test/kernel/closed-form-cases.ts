/** More of theory's families, one facility each: other parameters, whole laws, several servers, several classes. */
import type { Distribution, FacilityOptions } from "../../sim/kernel/index.ts";
import { unitUs } from "./effort.ts";
import {
  arrivalRoot,
  birthDeath,
  crommelinWait,
  erlangB,
  erlangC,
  fixedArrivalsWait,
  fixedServiceWaitCdf,
  manyServersLaw,
  meanOver,
  phasedArrivalsWait,
  pollaczek,
  shiftsMean,
  stationary,
} from "./markov.ts";
import type { CustomerClass, QueueResult } from "./queue-model.ts";
import {
  delayOf,
  erlang4,
  exponential,
  fixed,
  lost,
  mixed,
  one,
  poisson,
  present,
  queue,
  stayOf,
  type TheoryCase,
  timedOut,
  twoSizes,
  wait,
  waitSquare,
} from "./theory-case.ts";

const presentIs = (result: QueueResult) => result.presentIsPart;
const longWait = (result: QueueResult) => result.longWaitPart;
const staySquare = (result: QueueResult) => result.staySquare;
const servedPart = (kind: number) => (result: QueueResult) => result.servedParts[kind] ?? 0;

/** Mean square of the wait in M/G/1 in the order of arrival, by the second and third moment of the service. */
const waitSquareMG1 = (rate: number, square: number, cube: number) =>
  2 * pollaczek(rate, 1, square) ** 2 + (rate * cube) / 3 / (1 - rate);

const laws: readonly TheoryCase[] = [
  ...(
    [
      [1, 0.5, 0],
      [1, 0.9, 6],
      [3, 0.8, 2],
      [10, 0.7, 8],
    ] as const
  ).map(([servers, load, number]) =>
    queue(
      `M/M/${servers} P(${number} present), load ${load}`,
      { ...one(load * servers, exponential, { servers }), presentIs: number },
      () => manyServersLaw(load * servers, servers)[number] ?? Number.NaN,
      presentIs,
    ),
  ),
  ...(
    [
      [1, 0.6, 0],
      [3, 0.8, 0],
      [5, 0.9, 1],
      [20, 0.95, 0.5],
    ] as const
  ).map(([servers, load, time]) =>
    queue(
      `M/M/${servers} P(wait > ${time}), load ${load}`,
      { ...one(load * servers, exponential, { servers }), longWait: time },
      () => erlangC(servers, load * servers) * Math.exp(-servers * (1 - load) * time),
      longWait,
    ),
  ),
  queue(
    "M/M/2 P(stay > 3), load 0.7",
    { ...one(1.4, exponential, { servers: 2 }), longStay: 3 },
    () => Math.exp(-3) * (1 + (erlangC(2, 1.4) * (Math.exp(0.4 * 3) - 1)) / 0.4),
    (result) => result.longPart,
  ),
  queue(
    "M/D/1 P(wait > 2), load 0.8 (Erlang)",
    { ...one(0.8, fixed), longWait: 2 },
    () => 1 - fixedServiceWaitCdf(0.8, 2),
    longWait,
  ),
  ...[5, 10].map((servers) =>
    queue(
      `M/D/${servers} wait, load 0.85 (Crommelin)`,
      one(0.85 * servers, fixed, { servers }),
      () => crommelinWait(0.85 * servers, servers),
      wait,
    ),
  ),
  queue("M/M/1 wait, load 0.3", one(0.3, exponential), () => 0.3 / 0.7, wait),
  queue("M/M/1 wait, load 0.9", one(0.9, exponential), () => 9, wait),
];

const squares: readonly TheoryCase[] = (
  [
    ["in order", {}, 1],
    ["LCFS", { discipline: "lcfs" }, 1 / 0.5],
    ["random order", { discipline: "random" }, 2 / 1.5],
  ] as const
).map(([name, facility, factor]) =>
  queue(
    `M/D/1 mean square of wait, ${name}`,
    one(0.5, fixed, facility),
    () => waitSquareMG1(0.5, 1, 1) * factor,
    waitSquare,
  ),
);

/** Those who come last in M/M/c wait as long on average, whatever the order that does not look at the work. */
const orders: readonly TheoryCase[] = (
  [
    ["LCFS", { discipline: "lcfs" }],
    ["random order", { discipline: "random" }],
  ] as const
).map(([name, facility]) =>
  queue(
    `M/M/3 wait, ${name}`,
    one(2.4, exponential, { servers: 3, ...facility }),
    () => erlangC(3, 2.4) / 0.6,
    wait,
  ),
);

const lcfsPreemptive: FacilityOptions = { discipline: "lcfs", preemptive: true };

const finite: readonly TheoryCase[] = [
  queue(
    "M/M/2/6 wait of those who come in",
    one(1.8, exponential, { servers: 2, lineMax: 4 }),
    () => {
      const law = limitedLaw(1.8, 2, 6);
      return meanOver(law, (n) => Math.max(0, n - 2)) / (1.8 * (1 - (law[6] ?? 0)));
    },
    wait,
  ),
  queue("M/M/1/1 loss", one(0.7, exponential, { lineMax: 0 }), () => 0.7 / 1.7, lost),
  queue(
    "M/M/20/20 loss (Erlang B)",
    one(18, exponential, { servers: 20, lineMax: 0 }),
    () => erlangB(20, 18),
    lost,
  ),
  queue(
    "M/M/1/4 overloaded, number",
    one(1.5, exponential, { lineMax: 3 }),
    () => meanOver(limitedLaw(1.5, 1, 4), (n) => n),
    present,
  ),
  queue(
    "M/M/1/4 LCFS pre-emptive, number",
    one(1.5, exponential, { ...lcfsPreemptive, lineMax: 3 }),
    () => meanOver(limitedLaw(1.5, 1, 4), (n) => n),
    present,
  ),
  queue(
    "M/H2/1/5 processor sharing, loss",
    { classes: [{ arrivals: poisson(0.9), service: mixed }], shared: { usersMax: 5 } },
    () => limitedLaw(0.9, 1, 5)[5] ?? Number.NaN,
    lost,
  ),
  ...[0, 1].map((kind) =>
    queue(
      `M/M/1/1 pre-emptive loss, served of class ${kind + 1}`,
      {
        classes: [0.5, 0.4].map((rate, priority) => ({
          arrivals: poisson(rate),
          service: exponential,
          use: { priority },
        })),
        facility: { discipline: "priority", preemptive: true, interrupted: "leave", lineMax: 0 },
      },
      // Class 1 meets only its own; class 2 begins when nobody is there, and ends before class 1 comes.
      () => (kind === 0 ? 1 / 1.5 : (1 / 1.5 / (1 + 0.4 / 1.5)) * (1 / 1.5)),
      servedPart(kind),
    ),
  ),
];

function limitedLaw(rate: number, servers: number, capacity: number): number[] {
  return birthDeath(
    capacity + 1,
    () => rate,
    (n) => Math.min(n, servers),
  );
}

/** M/M/c in which those who wait give up at this rate. */
const impatient = (rate: number, servers: number, giveUp: number) =>
  birthDeath(
    300,
    () => rate,
    (n) => Math.min(n, servers) + giveUp * Math.max(0, n - servers),
  );

/** Part that gives up in M/M/c+D: the virtual wait is exponential up to the patience, and beyond it. */
function fixedPatienceLoss(rate: number, servers: number, patience: number): number {
  const below = Array.from({ length: servers }, () => 1);
  for (let n = 1; n < servers; n += 1) below[n] = ((below[n - 1] ?? 0) * rate) / n;
  const edge = rate * (below[servers - 1] ?? 0);
  const gap = servers - rate;
  const within = (edge * (1 - Math.exp(-gap * patience))) / gap;
  const beyond = (edge * Math.exp(-gap * patience)) / servers;
  return beyond / (below.reduce((a, b) => a + b, 0) + within + beyond);
}

const patience: readonly TheoryCase[] = [
  queue(
    "M/M/5+M overloaded, gives up (Erlang A)",
    {
      classes: [{ arrivals: poisson(6), service: exponential, patienceMean: 1 }],
      facility: { servers: 5 },
    },
    () => meanOver(impatient(6, 5, 1), (n) => Math.max(0, n - 5)) / 6,
    timedOut,
  ),
  queue(
    "M/M/3+D gives up after 0.8",
    {
      classes: [{ arrivals: poisson(2.7), service: exponential, use: { timeoutUs: 0.8 * unitUs } }],
      facility: { servers: 3 },
    },
    () => fixedPatienceLoss(2.7, 3, 0.8),
    timedOut,
  ),
  queue(
    "M/M/1 with a limit of mean 2 on the stay, number",
    {
      classes: [
        {
          arrivals: poisson(0.8),
          service: exponential,
          patienceMean: 2,
          use: { timeoutUntil: "done" },
        },
      ],
    },
    () =>
      meanOver(
        birthDeath(
          200,
          () => 0.8,
          (n) => 1 + n * 0.5,
        ),
        (n) => n,
      ),
    present,
  ),
];

const sharing: readonly TheoryCase[] = [
  queue(
    "M/M/1 processor sharing mean square of stay",
    { classes: [{ arrivals: poisson(0.5), service: exponential }], shared: {} },
    () => 2.5 / (1.5 * 0.25) + 4,
    staySquare,
  ),
  queue(
    "M/D/3 processor sharing stay",
    { classes: [{ arrivals: poisson(2.1), service: fixed }], shared: { servers: 3 } },
    () => 1 + erlangC(3, 2.1) / 0.9,
    stayOf(0),
  ),
  queue(
    "M/H2/1 processor sharing P(3 present)",
    { classes: [{ arrivals: poisson(0.6), service: mixed }], shared: {}, presentIs: 3 },
    () => 0.4 * 0.6 ** 3,
    presentIs,
  ),
  queue(
    "M/M/1 LCFS pre-emptive mean square of stay",
    one(0.4, exponential, lcfsPreemptive),
    () => 2 / 0.6 ** 3,
    staySquare,
  ),
  queue(
    "M/E4/1 LCFS pre-emptive P(2 present)",
    { ...one(0.7, erlang4, lcfsPreemptive), presentIs: 2 },
    () => 0.3 * 0.49,
    presentIs,
  ),
  queue(
    "M/M/2 LCFS pre-emptive stay",
    one(1.4, exponential, { ...lcfsPreemptive, servers: 2 }),
    () => 1 + erlangC(2, 1.4) / 0.6,
    stayOf(0),
  ),
];

/** Two sizes, many ties: an equal remainder does not interrupt. */
const short = { size: 0.5, part: 0.75 };
const long = { size: 2.5, part: 0.25 };
const srptTies = (rate: number) => {
  const shortLoad = rate * short.part * short.size;
  const load = rate;
  const atShort = (rate * short.size ** 2) / 2 / (1 - shortLoad);
  const atLong =
    (rate * (short.part * short.size ** 2 + long.part * long.size ** 2)) /
    2 /
    ((1 - shortLoad) * (1 - load));
  const longStay = atLong + (long.size - short.size) / (1 - shortLoad) + short.size;
  return short.part * (atShort + short.size) + long.part * longStay;
};

const bySize: readonly TheoryCase[] = [
  queue(
    "M/G/1 SRPT stay, two sizes and their ties",
    one(0.7, twoSizes, { discipline: "srpt" }),
    () => srptTies(0.7),
    stayOf(0),
  ),
  queue(
    "M/D/1 SRPT is in order of arrival",
    one(0.7, fixed, { discipline: "srpt" }),
    () => 1 + pollaczek(0.7, 1, 1),
    stayOf(0),
  ),
  queue(
    "M/D/2 SJF is in order of arrival",
    one(1.6, fixed, { discipline: "sjf", servers: 2 }),
    () => crommelinWait(1.6, 2),
    wait,
  ),
];

const threeRates = [0.8, 0.9, 0.7] as const;
const threeClasses = (service: Distribution, rates: readonly number[]): readonly CustomerClass[] =>
  rates.map((rate, priority) => ({ arrivals: poisson(rate), service, use: { priority } }));
const upTo = (rates: readonly number[], kind: number) =>
  rates.slice(0, kind + 1).reduce((sum, rate) => sum + rate, 0);

const priorities: readonly TheoryCase[] = [0, 1, 2].flatMap((kind) => [
  queue(
    `M/M/3 priority wait, class ${kind + 1} (Cobham)`,
    {
      classes: threeClasses(exponential, threeRates),
      facility: { servers: 3, discipline: "priority" },
    },
    () => {
      const free = (k: number) => 1 - (k < 0 ? 0 : upTo(threeRates, k)) / 3;
      return erlangC(3, upTo(threeRates, 2)) / 3 / (free(kind - 1) * free(kind));
    },
    delayOf(kind),
  ),
  queue(
    `M/M/3 pre-emptive priority stay, class ${kind + 1}`,
    {
      classes: threeClasses(exponential, threeRates),
      facility: { servers: 3, discipline: "priority", preemptive: true },
    },
    () => {
      // The first k classes together are M/M/3 without the others.
      const number = (k: number) => {
        const rate = k < 0 ? 0 : upTo(threeRates, k);
        return rate + (erlangC(3, rate) * rate) / (3 - rate);
      };
      return (number(kind) - number(kind - 1)) / (threeRates[kind] ?? 0);
    },
    stayOf(kind),
  ),
  queue(
    `M/D/1 pre-emptive priority stay, class ${kind + 1}`,
    {
      classes: threeClasses(fixed, [0.2, 0.3, 0.25]),
      facility: { discipline: "priority", preemptive: true },
    },
    () => {
      const rates = [0.2, 0.3, 0.25];
      const free = (k: number) => 1 - (k < 0 ? 0 : upTo(rates, k));
      const found = upTo(rates, kind) / 2;
      return 1 / free(kind - 1) + found / (free(kind - 1) * free(kind));
    },
    stayOf(kind),
  ),
]);

const renewal = (gapUs: Distribution) => ({ kind: "renewal", gapUs }) as const;
const gap = (mean: number): Distribution => ({ kind: "erlang", shape: 2, mean: mean * unitUs });
/** Mean 1.25: one of 0.625 in two of three, or 2.5. */
const unevenGaps: Distribution = {
  kind: "hyperexponential",
  means: [0.625 * unitUs, 2.5 * unitUs],
  weights: [2, 1],
};

const otherArrivals: readonly TheoryCase[] = [
  queue(
    "H2/M/1 P(wait > 2), load 0.8",
    { classes: [{ arrivals: renewal(unevenGaps), service: exponential }], longWait: 2 },
    () => {
      const root = arrivalRoot((s) => ((2 / 3) * 1.6) / (1.6 + s) + ((1 / 3) * 0.4) / (0.4 + s));
      return root * Math.exp(-(1 - root) * 2);
    },
    longWait,
  ),
  queue(
    "U/M/1 wait, load 0.7",
    {
      classes: [
        {
          arrivals: renewal({ kind: "uniform", low: 0, high: (2 / 0.7) * unitUs }),
          service: exponential,
        },
      ],
    },
    () => {
      const width = 2 / 0.7;
      const root = arrivalRoot((s) => (1 - Math.exp(-s * width)) / (s * width));
      return root / (1 - root);
    },
    wait,
  ),
  ...[2, 4].map((servers) =>
    queue(
      `D/M/${servers} wait, load 0.85`,
      {
        classes: [
          {
            arrivals: renewal({ kind: "deterministic", value: unitUs / (0.85 * servers) }),
            service: exponential,
          },
        ],
        facility: { servers },
      },
      () => fixedArrivalsWait(0.85 * servers, servers),
      wait,
    ),
  ),
  queue(
    "E2/M/3 wait, load 0.8",
    {
      classes: [{ arrivals: renewal(gap(1 / 2.4)), service: exponential }],
      facility: { servers: 3 },
    },
    () => phasedArrivalsWait(3, 2, [1], [4.8]),
    wait,
  ),
  queue(
    "H2/M/2 wait, load 0.8",
    {
      classes: [
        {
          arrivals: renewal({ ...unevenGaps, means: [0.3125 * unitUs, 1.25 * unitUs] }),
          service: exponential,
        },
      ],
      facility: { servers: 2 },
    },
    () => phasedArrivalsWait(2, 1, [2 / 3, 1 / 3], [3.2, 0.8]),
    wait,
  ),
  queue(
    "M[X]/G/1 wait, batches of 1, 2 or 6",
    {
      classes: [
        {
          arrivals: {
            kind: "batch",
            of: poisson(0.3),
            size: { kind: "discrete", values: [1, 2, 6], weights: [5, 3, 2] },
          },
          service: erlang4,
        },
      ],
    },
    // Batches of mean 2.3 and mean square 8.9.
    () => pollaczek(0.69, 1, 1.25) + (8.9 - 2.3) / (2 * 2.3 * 0.31),
    wait,
  ),
  queue(
    "M[2]/M/2, number present",
    {
      classes: [
        {
          arrivals: { kind: "batch", of: poisson(0.75), size: { kind: "deterministic", value: 2 } },
          service: exponential,
        },
      ],
      facility: { servers: 2 },
    },
    () => {
      const law = stationary(300, (n) => {
        const moves = n > 0 ? [{ to: n - 1, rate: Math.min(n, 2) }] : [];
        return n + 2 < 300 ? [...moves, { to: n + 2, rate: 0.75 }] : moves;
      });
      return meanOver(law, (n) => n);
    },
    present,
  ),
];

const times = (mean: number): Distribution => ({ kind: "exponential", mean: mean * unitUs });

const capacities: readonly TheoryCase[] = [
  queue(
    "M/M/2 with breakdowns, number present",
    one(1, exponential, { servers: 2, breakdowns: { upUs: times(8), downUs: times(2) } }),
    () => {
      const numberMax = 200;
      // State = number * 3 + servers that are up.
      const law = stationary(numberMax * 3, (state) => {
        const number = Math.floor(state / 3);
        const up = state % 3;
        const moves = [];
        if (up > 0) moves.push({ to: state - 1, rate: up / 8 });
        if (up < 2) moves.push({ to: state + 1, rate: (2 - up) / 2 });
        if (number + 1 < numberMax) moves.push({ to: state + 3, rate: 1 });
        if (number > 0 && up > 0) moves.push({ to: state - 3, rate: Math.min(number, up) });
        return moves;
      });
      return meanOver(law, (state) => Math.floor(state / 3));
    },
    present,
  ),
  queue(
    "M/M/1 in shifts of 3 with breaks of 1, number present",
    one(0.5, exponential, {
      closing: "interrupt",
      schedule: {
        periodUs: 4 * unitUs,
        steps: [
          { atUs: 0, servers: 1 },
          { atUs: 3 * unitUs, servers: 0 },
        ],
      },
    }),
    () => shiftsMean(0.5, 3, 1),
    present,
  ),
];

/** Families that one facility can show. */
export const closedFormCases: readonly TheoryCase[] = [
  ...laws,
  ...squares,
  ...orders,
  ...finite,
  ...patience,
  ...sharing,
  ...bySize,
  ...priorities,
  ...otherArrivals,
  ...capacities,
];
