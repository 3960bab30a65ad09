import {
  compileQuantiles,
  type Distribution,
  noRequest,
  roundUs,
  Simulation,
} from "../../sim/kernel/index.ts";
import { begin, type Effort, spanUs, unitUs } from "./effort.ts";

/** A server takes up to so many of those who wait at once, whatever their number, for an exponential time: mean waiting. */
export function bulkService(effort: Effort, rate: number, together: number): number {
  const simulation = begin(effort);
  const works = simulation.stream("works");
  const ferry = simulation.batch("ferry", { size: 2 ** 30 });
  const isAway = simulation.kernel.int32Array("is away", 1);
  const waiting = simulation.kernel.level("waiting");
  const boards = simulation.step("boards", () => waiting.add(-1));
  const leave = () => {
    if (isAway[0] === 1 || ferry.send(together) === 0) return;
    isAway[0] = 1;
    simulation.after(roundUs(works.exponential(unitUs)), back);
  };
  const back = simulation.step("is back", () => {
    isAway[0] = 0;
    leave();
  });
  const comes = simulation.step("comes", (customer) => {
    waiting.add(1);
    ferry.join(customer, { done: boards });
    leave();
  });
  simulation.arrivals("customers", { kind: "poisson", ratePerSecond: rate }, comes);
  simulation.run({ untilUs: spanUs(effort, rate), waitingForever: "allow" });
  return waiting.mean();
}

/** Whoever finds all servers busy tries again after an exponential time: mean number between two tries. */
export function retrialsOfMany(
  effort: Effort,
  rate: number,
  servers: number,
  pauseMean: number,
): number {
  const simulation = begin(effort);
  const times = simulation.stream("times");
  const desk = simulation.facility("desk", { servers, lineMax: 0 });
  const orbit = simulation.kernel.level("orbit");
  const tries = simulation.step("tries", (customer) => {
    const workUs = roundUs(times.exponential(unitUs));
    if (desk.use(customer, workUs) !== noRequest) return;
    orbit.add(1);
    simulation.after(roundUs(times.exponential(pauseMean * unitUs)), again, customer);
  });
  const again = simulation.step("tries again", (customer) => {
    orbit.add(-1);
    simulation.after(0, tries, customer);
  });
  simulation.arrivals("customers", { kind: "poisson", ratePerSecond: rate }, tries);
  simulation.run({ untilUs: spanUs(effort, rate) });
  return orbit.mean();
}

/** Customers pass two stations with so many places between; the first is blocked when they are full: mean number in all. */
export function blockedTandem(effort: Effort, rate: number, places: number): number {
  const simulation = begin(effort);
  const works = simulation.stream("works");
  const draw = () => roundUs(works.exponential(unitUs));
  const first = simulation.facility("first");
  const second = simulation.facility("second", { lineMax: places, whenFull: "block" });
  const column = { held: "float64" } as const;
  const customers = simulation.entities("customers", column, { entitiesMax: 1 << 14 });
  const leave = simulation.step("leaves the first", (customer) => {
    first.release(customers.column.held[customer] ?? noRequest);
  });
  const out = simulation.step("leaves", (customer) => customers.remove(customer));
  const onward = simulation.step("goes on", (customer) => {
    second.use(customer, draw(), { entered: leave, done: out });
  });
  const work = simulation.step("works at the first", (customer) => {
    simulation.after(draw(), onward, customer);
  });
  const comes = simulation.step("comes", () => {
    const customer = customers.create();
    customers.column.held[customer] = first.seize(customer, { done: work });
  });
  simulation.arrivals("customers", { kind: "poisson", ratePerSecond: rate }, comes);
  simulation.run({ untilUs: spanUs(effort, rate) });
  return customers.present.mean();
}

/** Three exponential stations, places between them, the first never short of work: services a unit of time. */
export function blockedLineOfThree(
  effort: Effort,
  places: readonly [number, number],
  lastMean: number,
): number {
  const simulation = begin(effort);
  const works = simulation.stream("works");
  const draw = (mean: number) => roundUs(works.exponential(mean * unitUs));
  const blocks = { whenFull: "block" } as const;
  const first = simulation.facility("first");
  const second = simulation.facility("second", { lineMax: places[0], ...blocks });
  const third = simulation.facility("third", { lineMax: places[1], ...blocks });
  const jobs = simulation.entities(
    "jobs",
    { atFirst: "float64", atSecond: "float64" },
    { entitiesMax: 64 },
  );
  const { column } = jobs;
  const served = simulation.kernel.counter("served");
  const out = simulation.step("leaves", (job) => {
    served.add(1);
    jobs.remove(job);
  });
  const leavesSecond = simulation.step("leaves the second", (job) => {
    second.release(column.atSecond[job] ?? noRequest);
  });
  const toThird = simulation.step("to the third", (job) => {
    third.use(job, draw(lastMean), { entered: leavesSecond, done: out });
  });
  const atSecond = simulation.step("at the second", (job) =>
    simulation.after(draw(1), toThird, job),
  );
  const leavesFirst = simulation.step("leaves the first", (job) => {
    first.release(column.atFirst[job] ?? noRequest);
    next();
  });
  const toSecond = simulation.step("to the second", (job) => {
    column.atSecond[job] = second.seize(job, { entered: leavesFirst, done: atSecond });
  });
  const atFirst = simulation.step("at the first", (job) =>
    simulation.after(draw(1), toSecond, job),
  );
  const next = () => {
    const job = jobs.create();
    column.atFirst[job] = first.seize(job, { done: atFirst });
  };
  next();
  const untilUs = spanUs(effort, 0.6);
  simulation.run({ untilUs, waitingForever: "allow" });
  return served.value / (untilUs / unitUs);
}

/** Where customers of a network go: a station's servers and mean work, and the chances of each next station. */
export interface Station {
  readonly servers: number;
  readonly workMean: number;
  /** The rest leaves the network. */
  readonly next: readonly number[];
}

/** A network into which customers come by Poisson processes, or in which `jobs` stay for ever: what `seen` says on average. */
export function network(
  effort: Effort,
  stations: readonly Station[],
  load: { readonly rates: readonly number[] } | { readonly jobs: number },
  seen: (present: readonly number[]) => number,
): number {
  const simulation = begin(effort);
  const works = simulation.stream("works");
  const choices = simulation.stream("choices");
  const desks = stations.map(({ servers }, i) => simulation.facility(`station ${i}`, { servers }));
  const visits = stations.map(({ workMean, next }, i) => {
    const leaves = simulation.step(`leaves ${i}`, (customer) => {
      let chance = choices.uniform();
      for (const [to, part] of next.entries()) {
        chance -= part;
        const visit = visits[to];
        if (chance < 0 && visit !== undefined) {
          simulation.after(0, visit, customer);
          return;
        }
      }
    });
    return simulation.step(`visits ${i}`, (customer) => {
      desks[i]?.use(customer, roundUs(works.exponential(workMean * unitUs)), { done: leaves });
    });
  });
  const looks = simulation.kernel.tally("looks");
  const look = simulation.step("looks", () => {
    looks.record(seen(desks.map((desk) => desk.line.value + desk.busy.value)));
    simulation.after(Math.floor(unitUs / 3), look);
  });
  let rate = 1;
  if ("rates" in load) {
    rate = load.rates.reduce((sum, each) => sum + each, 0);
    for (const [i, ratePerSecond] of load.rates.entries()) {
      if (ratePerSecond === 0) continue;
      simulation.arrivals(`from outside ${i}`, { kind: "poisson", ratePerSecond }, visits[i] ?? 0);
    }
  } else {
    for (let job = 0; job < load.jobs; job += 1) simulation.after(0, visits[0] ?? 0, job);
  }
  simulation.after(20 * unitUs, look);
  simulation.run({ untilUs: spanUs(effort, rate) });
  return looks.mean();
}

/** Arrivals look at two of many servers, and join the shorter line: mean number at a server. */
export function shorterOfTwoSampled(effort: Effort, servers: number, rate: number): number {
  const simulation = begin(effort);
  const works = simulation.stream("works");
  const choices = simulation.stream("choices");
  const desks = Array.from({ length: servers }, (_, i) => simulation.facility(`desk ${i}`));
  const present = simulation.kernel.level("present");
  const done = simulation.step("leaves", () => present.add(-1));
  const comes = simulation.step("comes", (customer) => {
    present.add(1);
    const one = desks[choices.int(servers)];
    let other = one;
    while (other === one) other = desks[choices.int(servers)];
    if (one === undefined || other === undefined) return;
    const gap = one.line.value + one.busy.value - other.line.value - other.busy.value;
    const workUs = roundUs(works.exponential(unitUs));
    (gap <= 0 ? one : other).use(customer, workUs, { done });
  });
  const process = { kind: "poisson", ratePerSecond: rate * servers } as const;
  simulation.arrivals("customers", process, comes);
  const untilUs = spanUs(effort, rate * servers);
  simulation.run({ untilUs: Math.floor(untilUs / 4) });
  present.reset();
  simulation.run({ untilUs });
  return present.mean() / servers;
}

/** A server that takes one vacation whenever it has become idle, and then waits for customers: mean wait. */
export function singleVacations(effort: Effort, rate: number, vacation: Distribution): number {
  const simulation = begin(effort);
  const works = simulation.stream("works");
  const rests = simulation.stream("rests");
  const table = compileQuantiles(vacation);
  const desk = simulation.facility("desk", { discipline: "priority" });
  const waits = simulation.kernel.tally("waits");
  const askedUs = simulation.kernel.float64Array("asked", 1 << 16);
  const begun = simulation.step("begins", (customer) => {
    waits.record(simulation.nowUs - (askedUs[customer & 0xffff] ?? 0));
  });
  const done = simulation.step("is served", () => {
    if (desk.line.value + desk.busy.value > 0) return;
    desk.use(0, roundUs(rests.draw(table)), { priority: 1 });
  });
  const comes = simulation.step("comes", (customer) => {
    askedUs[customer & 0xffff] = simulation.nowUs;
    desk.use(customer, roundUs(works.exponential(unitUs)), { begun, done });
  });
  simulation.arrivals("customers", { kind: "poisson", ratePerSecond: rate }, comes);
  simulation.run({ untilUs: spanUs(effort, rate) });
  return waits.mean() / unitUs;
}

/** Many short runs of M/M/c from empty: mean of what `seen` says of the number present at an instant. */
export function fromEmpty(
  effort: Effort,
  rate: number,
  servers: number,
  at: number,
  seen: (present: number) => number,
): number {
  const runs = Math.ceil(effort.customers / (rate * at) / 4);
  let sum = 0;
  for (let run = 0; run < runs; run += 1) {
    const options = { programVersion: "theory", traceLast: 0, requestsMax: 256 };
    const simulation = new Simulation({ seed: `${effort.seed}-${run}`, ...options });
    const works = simulation.stream("works");
    const desk = simulation.facility("desk", { servers });
    const comes = simulation.step("comes", (customer) => {
      desk.use(customer, roundUs(works.exponential(unitUs)));
    });
    simulation.arrivals("customers", { kind: "poisson", ratePerSecond: rate }, comes);
    simulation.run({ untilUs: at * unitUs });
    sum += seen(desk.line.value + desk.busy.value);
  }
  return sum / runs;
}
