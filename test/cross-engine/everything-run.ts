import {
  type ArrivalProcess,
  compileQuantiles,
  type Distribution,
  type FacilityOptions,
  noRequest,
  roundUs,
  Simulation,
} from "../../sim/kernel/index.ts";

/** One of every kind, of means about 1000 microseconds. */
const distributions: readonly Distribution[] = [
  { kind: "deterministic", value: 900 },
  { kind: "uniform", low: 100, high: 1800 },
  { kind: "exponential", mean: 1000 },
  { kind: "erlang", shape: 3, mean: 1000 },
  { kind: "gamma", shape: 0.7, scale: 1400 },
  { kind: "lognormal", median: 700, sigma: 0.8 },
  { kind: "weibull", shape: 0.8, scale: 880 },
  { kind: "pareto", shape: 2.2, low: 500, high: Number.POSITIVE_INFINITY },
  { kind: "pareto", shape: 1.2, low: 300, high: 50_000 },
  { kind: "hyperexponential", means: [500, 5500], weights: [9, 1] },
  { kind: "empirical", values: [200, 500, 900, 1000, 1300, 2600] },
  {
    kind: "mixture",
    parts: [
      { weight: 0.7, of: { kind: "lognormal", median: 600, sigma: 0.5 } },
      { weight: 0.3, of: { kind: "weibull", shape: 2, scale: 2000 } },
    ],
  },
  { kind: "zipf", count: 4000, exponent: 0.9 },
  { kind: "discrete", values: [250, 1000, 4000], weights: [4, 4, 1] },
  { kind: "truncated", of: { kind: "gamma", shape: 2, scale: 600 }, low: 200, high: 6000 },
  { kind: "shifted", of: { kind: "exponential", mean: 600 }, by: 400 },
];

/** One of every kind, a thousand a second together or so. */
const processes: readonly ArrivalProcess[] = [
  { kind: "poisson", ratePerSecond: 300 },
  {
    kind: "stepped",
    steps: [
      { atUs: 0, ratePerSecond: 20 },
      { atUs: 500_000, ratePerSecond: 90 },
    ],
  },
  {
    kind: "periodic",
    periodUs: 700_000,
    steps: [
      { atUs: 0, ratePerSecond: 40 },
      { atUs: 300_000, ratePerSecond: 160 },
    ],
  },
  { kind: "mmpp", ratesPerSecond: [30, 200], staysUs: [90_000, 40_000] },
  { kind: "hawkes", basePerSecond: 40, branching: 0.6, memoryUs: 20_000 },
  { kind: "renewal", gapUs: { kind: "weibull", shape: 0.7, scale: 8000 } },
  {
    kind: "batch",
    of: { kind: "poisson", ratePerSecond: 30 },
    size: { kind: "zipf", count: 9, exponent: 1 },
  },
  { kind: "trace", atUs: Array.from({ length: 500 }, (_, i) => i * i * 7) },
  {
    kind: "merged",
    parts: [
      { kind: "poisson", ratePerSecond: 60 },
      { kind: "renewal", gapUs: { kind: "deterministic", value: 12_345 } },
    ],
  },
];

const breakdowns = {
  upUs: { kind: "gamma", shape: 2, scale: 40_000 },
  downUs: { kind: "lognormal", median: 3000, sigma: 1 },
} as const;
const shifts = {
  periodUs: 1_000_000,
  steps: [
    { atUs: 200_000, servers: 1 },
    { atUs: 350_000, servers: 2 },
  ],
} as const;

/** Every discipline, interrupting and not, with lines that lose and that block, breakdowns and shifts. */
const facilities: readonly FacilityOptions[] = [
  { servers: 2, lineMax: 40, whenFull: "block" },
  { servers: 2, discipline: "lcfs", lineMax: 60 },
  { servers: 2, discipline: "lcfs", preemptive: true, lineMax: 30 },
  { servers: 2, discipline: "lcfs", preemptive: true, interrupted: "restart", lineMax: 30 },
  { servers: 2, discipline: "priority", lineMax: 50, breakdowns },
  { servers: 2, discipline: "priority", preemptive: true, interrupted: "leave", lineMax: 50 },
  { servers: 2, discipline: "random", lineMax: 50, breakdowns, interrupted: "restart" },
  { servers: 2, discipline: "sjf", lineMax: 50, schedule: shifts, closing: "interrupt" },
  { servers: 2, discipline: "srpt", lineMax: 50, schedule: shifts },
];

/**
 * A run of everything that the kernel's public face has, for so many events: every distribution, arrival process and
 * discipline, with timeouts, balking, sharing, buffers, stores, signals, batches, held servers and statistics.
 */
export function everythingLine(eventCount: number): string {
  const simulation = new Simulation({
    seed: "everything",
    programVersion: "cross-engine",
    traceLast: 0,
  });
  const { kernel } = simulation;
  const chance = simulation.stream("chance");
  const luck = kernel.keyed("luck");
  const tables = distributions.map((each) => compileQuantiles(each));
  const people = simulation.entities(
    "people",
    { cameUs: "float64", held: "float64", hops: "int32" },
    { entitiesMax: 1 << 14 },
  );
  const stays = kernel.histogram("stays", { lowest: 1, highest: 1e9 });
  const means = kernel.batchMeans("means");
  const rate = kernel.rate("leaving", { windowUs: 1_000_000 });
  const draw = (who: number) => {
    const hops = people.column.hops[who] ?? 0;
    const table = tables[chance.int(tables.length)];
    if (table === undefined) return 0;
    const normal = 1 + 0.01 * chance.normal();
    return roundUs(normal * (hops % 2 === 0 ? chance.draw(table) : luck.draw(table, who, hops, 7)));
  };

  const goesOn = simulation.step("goes on", (who) => {
    const hops = (people.column.hops[who] ?? 0) + 1;
    people.column.hops[who] = hops;
    if (hops > 4) leaves(who);
    else places[chance.int(places.length)]?.(who);
  });
  const gone = simulation.step("is gone", (who) => leaves(who));
  const leaves = (who: number) => {
    const stayUs = kernel.nowUs - (people.column.cameUs[who] ?? 0);
    stays.record(stayUs);
    means.record(stayUs);
    rate.add();
    people.remove(who);
  };
  const outcomes = { done: goesOn, timedOut: gone, refused: gone };
  const patience = () => ({ ...outcomes, timeoutUs: 2000 + chance.int(30_000), balkAt: 45 });

  const desks = facilities.map((options, i) => simulation.facility(`desk ${i}`, options));
  const processor = simulation.sharedFacility("processor", { servers: 2, usersMax: 60 });
  const tank = simulation.buffer("tank", { capacity: 100, initial: 50 });
  const shelf = simulation.store("shelf", { capacity: 40 });
  const alike = shelf.filter((item, wanted) => item % 3 === wanted);
  const bell = simulation.signal("bell");
  const boat = simulation.batch("boat", { size: 5, waitMaxUs: 4000 });
  const room = simulation.facility("room", { servers: 3, breakdowns });
  const leavesRoom = simulation.step("leaves the room", (who, turn) => {
    if (people.column.hops[who] !== turn || !people.exists(who)) return;
    const held = people.column.held[who] ?? noRequest;
    if (!room.holds(held)) return;
    room.release(held);
    simulation.after(0, goesOn, who);
  });
  const hasRoom = simulation.step("has the room", (who) => {
    simulation.after(draw(who), leavesRoom, who, people.column.hops[who] ?? 0);
  });
  const places: readonly ((who: number) => unknown)[] = [
    ...desks.map((desk) => (who: number) => {
      const until = chance.int(4) === 0 ? "done" : "begun";
      const options = { ...patience(), interrupted: desk === desks[5] ? gone : noRequest };
      return desk.use(who, draw(who), {
        ...options,
        priority: chance.int(3),
        timeoutUntil: until,
      });
    }),
    (who) => processor.use(who, draw(who), patience()),
    (who) =>
      chance.int(2) === 0
        ? tank.get(who, 1 + chance.int(9), patience())
        : tank.put(who, 1 + chance.int(9), patience()),
    (who) =>
      chance.int(2) === 0
        ? shelf.get(who, { ...patience(), filter: alike, argument: chance.int(3) })
        : shelf.put(who, chance.int(1000), patience()),
    (who) => {
      if (chance.int(3) > 0) return bell.wait(who, patience());
      bell.fire();
      return simulation.after(0, goesOn, who);
    },
    (who) => boat.join(who, patience()),
    (who) => {
      people.column.held[who] = room.seize(who, { ...patience(), done: hasRoom });
    },
  ];
  const comes = simulation.step("comes", () => {
    const who = people.create();
    people.column.cameUs[who] = kernel.nowUs;
    simulation.after(0, goesOn, who);
  });
  for (const [i, process] of processes.entries()) simulation.arrivals(`kind ${i}`, process, comes);

  kernel.runEvents(eventCount, Number.POSITIVE_INFINITY);
  const { halfWidth } = means.interval({ confidence: 0.95 });
  const waits = desks.reduce((sum, desk) => sum + desk.waitsUs.mean() + desk.line.variance(), 0);
  return `${simulation.digest()} after ${kernel.eventCount} events of everything at ${kernel.nowUs} us, ${waits} ${stays.quantile(0.99)} ${halfWidth} ${rate.perSecond()}`;
}
