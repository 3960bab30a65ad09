import { closedFormCases } from "./closed-form-cases.ts";
import { type Effort, unitUs } from "./effort.ts";
import {
  arrivalRoot,
  birthDeath,
  closedThroughput,
  crommelinWait,
  erlangB,
  erlangC,
  meanOver,
  overExponentialSizes,
  pollaczek,
  stationary,
  transientMean,
} from "./markov.ts";
import * as networks from "./network-models.ts";
import type { CustomerClass } from "./queue-model.ts";
import { stationCases } from "./station-cases.ts";
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

/** Mean square of the wait in M/M/1 in the order of arrival, from which those of other orders follow. */
const waitSquareMM1 = (load: number) => (2 * load) / (1 - load) ** 2;

const twoClasses = (rates: readonly [number, number]): readonly CustomerClass[] => [
  { arrivals: poisson(rates[0]), service: exponential, use: { priority: 0 } },
  { arrivals: poisson(rates[1]), service: twoSizes, use: { priority: 1 } },
];
/** Mean work that a newcomer finds in service, with those two classes at 0.3 and 0.4. */
const residual = (0.3 * 2 + 0.4 * 1.75) / 2;

const manyServers = [2, 5, 20].map((servers) =>
  queue(
    `M/M/${servers} wait, load 0.8`,
    one(0.8 * servers, exponential, { servers }),
    () => erlangC(servers, 0.8 * servers) / (0.2 * servers),
    wait,
  ),
);

const lossSystems = (
  [
    ["M/M/5/5", exponential],
    ["M/D/5/5", fixed],
    ["M/H2/5/5", mixed],
  ] as const
).map(([name, service]) =>
  queue(
    `${name} loss (Erlang B)`,
    one(4, service, { servers: 5, lineMax: 0 }),
    () => erlangB(5, 4),
    lost,
  ),
);

/** M/M/2 in which those who wait give up after exponential times of mean 2. */
const impatientLaw = () =>
  birthDeath(
    200,
    () => 1.9,
    (n) => Math.min(n, 2) + 0.5 * Math.max(0, n - 2),
  );

const patientLimit = 3;
const fixedPatienceLoss = () => {
  const rate = 0.9;
  const edge = Math.exp((rate - 1) * patientLimit);
  const idle = 1 / (1 + (rate * (1 - edge)) / (1 - rate) + rate * edge);
  return idle * rate * edge;
};

const generalServices = (
  [
    ["M/D/1", 0.8, fixed, 1],
    ["M/E4/1", 0.7, erlang4, 1.25],
    ["M/H2/1", 0.6, mixed, 6.5],
  ] as const
).map(([name, rate, service, square]) =>
  queue(`${name} wait`, one(rate, service), () => pollaczek(rate, 1, square), wait),
);

const sharing = (
  [
    ["exponential", exponential],
    ["fixed", fixed],
    ["H2", mixed],
  ] as const
).map(([name, service]) =>
  queue(
    `M/G/1 processor sharing stay, ${name}`,
    { classes: [{ arrivals: poisson(0.7), service }], shared: {} },
    () => 1 / 0.3,
    stayOf(0),
  ),
);

/** M/M/1 whose server breaks down every 10 on average, busy or not, and is mended within 2: number present. */
const brokenLaw = () => {
  const lineMax = 150;
  const law = stationary(2 * lineMax, (state) => {
    const number = state >> 1;
    const isUp = (state & 1) === 0;
    const moves = [{ to: isUp ? state + 1 : state - 1, rate: isUp ? 0.1 : 0.5 }];
    if (number + 1 < lineMax) moves.push({ to: state + 2, rate: 0.6 });
    if (isUp && number > 0) moves.push({ to: state - 2, rate: 1 });
    return moves;
  });
  return meanOver(law, (state) => state >> 1);
};

const shorterOfTwoLaw = () => {
  const side = 30;
  const law = stationary(side * side, (state) => {
    const left = Math.floor(state / side);
    const right = state % side;
    const moves: { to: number; rate: number }[] = [];
    if (left > 0) moves.push({ to: state - side, rate: 1 });
    if (right > 0) moves.push({ to: state - 1, rate: 1 });
    const toLeft = left < right ? 1.4 : left === right ? 0.7 : 0;
    if (toLeft > 0 && left + 1 < side) moves.push({ to: state + side, rate: toLeft });
    if (toLeft < 1.4 && right + 1 < side) moves.push({ to: state + 1, rate: 1.4 - toLeft });
    return moves;
  });
  return meanOver(law, (state) => Math.floor(state / side) + (state % side));
};

/** Schrage and Miller: the mean stay under the shortest remaining work first, exponential works. */
const srptStay = (rate: number) =>
  overExponentialSizes(rate, (size, loadBelow, squareBelow, timeInflated) => {
    const square = squareBelow + size * size * Math.exp(-size);
    return (rate * square) / 2 / (1 - loadBelow) ** 2 + timeInflated;
  });

/** Every family that the public face can express. */
export const theoryCases: readonly TheoryCase[] = [
  queue("M/M/1 wait, load 0.8", one(0.8, exponential), () => 4, wait),
  queue("M/M/1 mean square of wait", one(0.8, exponential), () => waitSquareMM1(0.8), waitSquare),
  ...[2, 10].map((longStay) =>
    queue(
      `M/M/1 P(stay > ${longStay}), load 0.8`,
      { ...one(0.8, exponential), longStay },
      () => Math.exp(-0.2 * longStay),
      (result) => result.longPart,
    ),
  ),
  queue("M/M/1 number present, load 0.8", one(0.8, exponential), () => 4, present),
  ...manyServers,
  ...[2, 10].map((at) => ({
    name: `M/M/1 from empty, number at ${at}, load 0.8`,
    expected: () => transientMean(0.8, at),
    measure: (effort: Effort) => networks.transient(effort, 0.8, at),
  })),
  ...lossSystems,
  queue(
    "M/M/2+M gives up (Erlang A)",
    {
      classes: [{ arrivals: poisson(1.9), service: exponential, patienceMean: 2 }],
      facility: { servers: 2 },
    },
    () => meanOver(impatientLaw(), (n) => 0.5 * Math.max(0, n - 2)) / 1.9,
    timedOut,
  ),
  queue(
    "M/M/2+M number present",
    {
      classes: [{ arrivals: poisson(1.9), service: exponential, patienceMean: 2 }],
      facility: { servers: 2 },
    },
    () => meanOver(impatientLaw(), (n) => n),
    present,
  ),
  queue(
    "M/M/1+D gives up after 3",
    {
      classes: [
        { arrivals: poisson(0.9), service: exponential, use: { timeoutUs: patientLimit * unitUs } },
      ],
    },
    fixedPatienceLoss,
    timedOut,
  ),
  queue(
    "M/M/3/8 loss",
    one(3, exponential, { servers: 3, lineMax: 5 }),
    () =>
      birthDeath(
        9,
        () => 3,
        (n) => Math.min(n, 3),
      )[8] ?? Number.NaN,
    lost,
  ),
  queue(
    "M/M/3 balking at 5 in line, number present",
    {
      classes: [{ arrivals: poisson(3), service: exponential, use: { balkAt: 5 } }],
      facility: { servers: 3 },
    },
    () =>
      meanOver(
        birthDeath(
          9,
          () => 3,
          (n) => Math.min(n, 3),
        ),
        (n) => n,
      ),
    present,
  ),
  {
    name: "M/M/1 balking with chance n/(n+1), number",
    expected: () => 1.5,
    measure: (effort) => networks.discouraged(effort, 1.5),
  },
  ...generalServices,
  queue(
    "M/D/2 wait, load 0.8 (Crommelin)",
    one(1.6, fixed, { servers: 2 }),
    () => crommelinWait(1.6, 2),
    wait,
  ),
  queue(
    "M/M/1 LCFS wait",
    one(0.7, exponential, { discipline: "lcfs" }),
    () => pollaczek(0.7, 1, 2),
    wait,
  ),
  queue(
    "M/M/1 LCFS mean square of wait",
    one(0.5, exponential, { discipline: "lcfs" }),
    () => waitSquareMM1(0.5) / 0.5,
    waitSquare,
  ),
  queue(
    "M/H2/1 LCFS pre-emptive stay",
    one(0.6, mixed, { discipline: "lcfs", preemptive: true }),
    () => 2.5,
    stayOf(0),
  ),
  queue(
    "M/D/1 LCFS pre-emptive stay",
    one(0.6, fixed, { discipline: "lcfs", preemptive: true }),
    () => 2.5,
    stayOf(0),
  ),
  queue(
    "M/M/1 random order wait",
    one(0.7, exponential, { discipline: "random" }),
    () => pollaczek(0.7, 1, 2),
    wait,
  ),
  queue(
    "M/M/1 random order mean square of wait",
    one(0.5, exponential, { discipline: "random" }),
    () => (waitSquareMM1(0.5) * 2) / 1.5,
    waitSquare,
  ),
  ...sharing,
  queue(
    "M/M/2 processor sharing stay",
    { classes: [{ arrivals: poisson(1.4), service: exponential }], shared: { servers: 2 } },
    () => 1 + erlangC(2, 1.4) / 0.6,
    stayOf(0),
  ),
  queue(
    "M/M/1 SJF wait",
    one(0.8, exponential, { discipline: "sjf" }),
    () => overExponentialSizes(0.8, (_, loadBelow) => 0.8 / (1 - loadBelow) ** 2),
    wait,
  ),
  queue(
    "M/G/1 SJF wait, two sizes",
    one(0.8, twoSizes, { discipline: "sjf" }),
    () => {
      const found = (0.8 * 1.75) / 2;
      const short = found / 0.7;
      return 0.75 * short + 0.25 * (short / 0.2);
    },
    wait,
  ),
  queue(
    "M/M/1 SRPT stay",
    one(0.8, exponential, { discipline: "srpt" }),
    () => srptStay(0.8),
    stayOf(0),
  ),
  ...[0, 1].map((kind) =>
    queue(
      `M/G/1 priority wait, class ${kind + 1}`,
      { classes: twoClasses([0.3, 0.4]), facility: { discipline: "priority" } },
      () => residual / 0.7 / (kind === 0 ? 1 : 0.3),
      delayOf(kind),
    ),
  ),
  ...[0, 1].map((kind) =>
    queue(
      `M/G/1 pre-emptive priority stay, class ${kind + 1}`,
      { classes: twoClasses([0.3, 0.4]), facility: { discipline: "priority", preemptive: true } },
      () => (kind === 0 ? 1 / 0.7 : 1 / 0.7 + residual / 0.7 / 0.3),
      stayOf(kind),
    ),
  ),
  {
    name: "interrupted work of 2, resumed",
    expected: () => 2 / 0.7,
    measure: (effort) => networks.interruptedWork(effort, 0.3, 2, "resume"),
  },
  {
    name: "interrupted work of 2, begun again",
    expected: () => (Math.exp(0.6) - 1) * (1 / 0.3 + 1 / 0.7),
    measure: (effort) => networks.interruptedWork(effort, 0.3, 2, "restart"),
  },
  queue(
    "E2/M/1 wait, load 0.8",
    {
      classes: [
        {
          arrivals: { kind: "renewal", gapUs: { kind: "erlang", shape: 2, mean: 1.25 * unitUs } },
          service: exponential,
        },
      ],
    },
    () => {
      const root = arrivalRoot((s) => (1.6 / (1.6 + s)) ** 2);
      return root / (1 - root);
    },
    wait,
  ),
  queue(
    "D/M/1 wait, load 0.8",
    {
      classes: [
        {
          arrivals: { kind: "renewal", gapUs: { kind: "deterministic", value: 1.25 * unitUs } },
          service: exponential,
        },
      ],
    },
    () => {
      const root = arrivalRoot((s) => Math.exp(-1.25 * s));
      return root / (1 - root);
    },
    wait,
  ),
  queue(
    "M[3]/M/1 wait, load 0.75",
    {
      classes: [
        {
          arrivals: { kind: "batch", of: poisson(0.25), size: { kind: "deterministic", value: 3 } },
          service: exponential,
        },
      ],
    },
    () => pollaczek(0.75, 1, 2) + 6 / (2 * 3 * 0.25),
    wait,
  ),
  {
    name: "gathering batches of 4, wait",
    expected: () => 3 / 2,
    measure: (effort) => networks.gathering(effort, 1, 4),
  },
  {
    name: "M/M/1 with vacations of 2, wait",
    expected: () => pollaczek(0.7, 1, 2) + 1,
    measure: (effort) =>
      networks.vacations(effort, 0.7, { kind: "deterministic", value: 2 * unitUs }),
  },
  queue(
    "M/M/1 with breakdowns, number present",
    one(0.6, exponential, {
      breakdowns: {
        upUs: { kind: "exponential", mean: 10 * unitUs },
        downUs: { kind: "exponential", mean: 2 * unitUs },
      },
    }),
    brokenLaw,
    present,
  ),
  {
    name: "M/M/1/1 with retrials, number between tries",
    expected: () => (0.36 / 0.4) * (1 + 2),
    measure: (effort) => networks.retrials(effort, 0.6, 2),
  },
  ...[0, 3].map((places) => ({
    name: `two stations, ${places} places between, throughput`,
    expected: () => (places + 2) / (places + 3),
    measure: (effort: Effort) => networks.blockedLine(effort, places),
  })),
  {
    name: "fork-join of two, load 0.7, stay",
    expected: () => (12 - 0.7) / 8 / 0.3,
    measure: (effort) => networks.forkJoin(effort, 0.7),
  },
  {
    name: "open network with feedback, number",
    expected: () => {
      const first = 0.4 / 0.5;
      const load = 0.4 * 2;
      return first / (1 - first) + load + (erlangC(2, load) * load) / (2 - load);
    },
    measure: (effort) => networks.feedbackNetwork(effort, 0.4),
  },
  {
    name: "closed ring of three, throughput",
    expected: () => closedThroughput([1, 0.5, 1.5], 4),
    measure: (effort) => networks.ring(effort, [1, 0.5, 1.5], 4),
  },
  {
    name: "machine shop, 6 machines, 2 menders, broken",
    expected: () =>
      meanOver(
        birthDeath(
          7,
          (n) => (6 - n) / 4,
          (n) => Math.min(n, 2),
        ),
        (n) => n,
      ),
    measure: (effort) => networks.machineShop(effort, 6, 2, 4),
  },
  {
    name: "shorter of two lines, load 0.7, number",
    expected: shorterOfTwoLaw,
    measure: (effort) => networks.shorterOfTwo(effort, 1.4),
  },
  ...closedFormCases,
  ...stationCases,
];
