import {
  compileQuantiles,
  type Distribution,
  roundUs,
  Simulation,
} from "../../sim/kernel/index.ts";
import { begin, type Effort, spanUs, unitUs } from "./effort.ts";

/** Two exponential stations with so many places between them, the first never short of work: services a unit of time. */
export function blockedLine(effort: Effort, places: number): number {
  const simulation = begin(effort);
  const works = simulation.stream("works");
  const draw = () => roundUs(works.exponential(unitUs));
  const first = simulation.facility("first");
  const second = simulation.facility("second", { lineMax: places, whenFull: "block" });
  const held = simulation.kernel.float64Array("held", 1);
  const leave = simulation.step("leaves the first", () => {
    first.release(held[0] ?? 0);
    held[0] = first.seize(0, { done: work });
  });
  const onward = simulation.step("goes on", () => second.use(0, draw(), { entered: leave }));
  const work = simulation.step("works at the first", () => simulation.after(draw(), onward));
  held[0] = first.seize(0, { done: work });
  const untilUs = spanUs(effort, 1);
  simulation.run({ untilUs, waitingForever: "allow" });
  return second.staysUs.count / (untilUs / unitUs);
}

/** Machines that break down after exponential times of mean `upMean`, and some menders: mean number broken. */
export function machineShop(
  effort: Effort,
  machines: number,
  menders: number,
  upMean: number,
): number {
  const simulation = begin(effort);
  const times = simulation.stream("times");
  const repair = simulation.facility("menders", { servers: menders });
  const mended = simulation.step("is mended", (machine) => {
    simulation.after(roundUs(times.exponential(upMean * unitUs)), breaks, machine);
  });
  const breaks = simulation.step("breaks", (machine) => {
    repair.use(machine, roundUs(times.exponential(unitUs)), { done: mended });
  });
  for (let machine = 0; machine < machines; machine += 1) simulation.after(0, mended, machine);
  simulation.run({ untilUs: spanUs(effort, machines / (upMean + 1)) });
  return repair.line.mean() + repair.busy.mean();
}

/** So many jobs go round a ring of single servers with these mean works: jobs through the ring a unit of time. */
export function ring(effort: Effort, demands: readonly number[], jobs: number): number {
  const simulation = begin(effort);
  const works = simulation.stream("works");
  const stations = demands.map((_, i) => simulation.facility(`station ${i}`));
  const visits = demands.map((demand, i) =>
    simulation.step(`visits ${i}`, (job) => {
      const done = visits[(i + 1) % demands.length] ?? 0;
      stations[i]?.use(job, roundUs(works.exponential(demand * unitUs)), { done });
    }),
  );
  for (let job = 0; job < jobs; job += 1) simulation.after(0, visits[0] ?? 0, job);
  const untilUs = spanUs(effort, 0.5);
  simulation.run({ untilUs });
  return (stations[0]?.staysUs.count ?? 0) / (untilUs / unitUs);
}

/** Open network: into the first of two stations, from it on with 1/2 to the second and else out, from the second back. */
export function feedbackNetwork(effort: Effort, rate: number): number {
  const simulation = begin(effort);
  const works = simulation.stream("works");
  const choices = simulation.stream("choices");
  const first = simulation.facility("first");
  const second = simulation.facility("second", { servers: 2 });
  const atFirst = simulation.step("at the first", (customer) => {
    first.use(customer, roundUs(works.exponential(unitUs)), { done: leaves });
  });
  const atSecond = simulation.step("at the second", (customer) => {
    second.use(customer, roundUs(works.exponential(2 * unitUs)), { done: atFirst });
  });
  const leaves = simulation.step("leaves the first", (customer) => {
    if (choices.uniform() < 0.5) simulation.after(0, atSecond, customer);
  });
  simulation.arrivals("customers", { kind: "poisson", ratePerSecond: rate }, atFirst);
  simulation.run({ untilUs: spanUs(effort, rate) });
  return first.line.mean() + first.busy.mean() + second.line.mean() + second.busy.mean();
}

/** Every job forks into one task at each of two servers, and is done when both are: mean time. */
export function forkJoin(effort: Effort, rate: number): number {
  const simulation = begin(effort);
  const works = simulation.stream("works");
  const desks = [simulation.facility("left"), simulation.facility("right")];
  const columns = { beganUs: "float64", tasksLeft: "int32" } as const;
  const jobs = simulation.entities("jobs", columns, { entitiesMax: 65_536 });
  const stays = simulation.kernel.tally("stays");
  const join = simulation.step("joins", (job) => {
    const left = (jobs.column.tasksLeft[job] ?? 0) - 1;
    jobs.column.tasksLeft[job] = left;
    if (left > 0) return;
    stays.record(simulation.nowUs - (jobs.column.beganUs[job] ?? 0));
    jobs.remove(job);
  });
  const fork = simulation.step("forks", () => {
    const job = jobs.create();
    jobs.column.beganUs[job] = simulation.nowUs;
    jobs.column.tasksLeft[job] = desks.length;
    for (const desk of desks) desk.use(job, roundUs(works.exponential(unitUs)), { done: join });
  });
  simulation.arrivals("jobs", { kind: "poisson", ratePerSecond: rate }, fork);
  simulation.run({ untilUs: spanUs(effort, rate) });
  return stays.mean() / unitUs;
}

/** Arrivals look at two servers' lines and join the shorter: mean number present. */
export function shorterOfTwo(effort: Effort, rate: number): number {
  const simulation = begin(effort);
  const works = simulation.stream("works");
  const coin = simulation.stream("coin");
  const desks = [simulation.facility("left"), simulation.facility("right")] as const;
  const come = simulation.step("comes", (customer) => {
    const [left, right] = desks;
    const gap = left.line.value + left.busy.value - right.line.value - right.busy.value;
    const choice = gap < 0 || (gap === 0 && coin.uniform() < 0.5) ? left : right;
    choice.use(customer, roundUs(works.exponential(unitUs)), {});
  });
  simulation.arrivals("customers", { kind: "poisson", ratePerSecond: rate }, come);
  simulation.run({ untilUs: spanUs(effort, rate) });
  return desks.reduce((sum, { line, busy }) => sum + line.mean() + busy.mean(), 0);
}

/** Whoever finds the server busy tries again after an exponential time: mean number between two tries. */
export function retrials(effort: Effort, rate: number, pauseMean: number): number {
  const simulation = begin(effort);
  const times = simulation.stream("times");
  const desk = simulation.facility("desk", { lineMax: 0 });
  const orbit = simulation.kernel.level("orbit");
  const away = simulation.step("goes away", (customer) => {
    orbit.add(1);
    simulation.after(roundUs(times.exponential(pauseMean * unitUs)), again, customer);
  });
  const again = simulation.step("tries again", (customer) => {
    orbit.add(-1);
    attempt(customer);
  });
  const come = simulation.step("comes", (customer) => attempt(customer));
  const attempt = (customer: number) => {
    desk.use(customer, roundUs(times.exponential(unitUs)), { refused: away });
  };
  simulation.arrivals("customers", { kind: "poisson", ratePerSecond: rate }, come);
  simulation.run({ untilUs: spanUs(effort, rate) });
  return orbit.mean();
}

/** A server that takes a vacation whenever nobody waits, and another if still nobody does: mean wait of customers. */
export function vacations(effort: Effort, rate: number, vacation: Distribution): number {
  const simulation = begin(effort);
  const works = simulation.stream("works");
  const rests = simulation.stream("rests");
  const table = compileQuantiles(vacation);
  const desk = simulation.facility("desk", { discipline: "priority" });
  const waits = simulation.kernel.tally("waits");
  const askedUs = simulation.kernel.float64Array("asked", 1 << 16);
  const rest = simulation.step("rests", () => {
    desk.use(0, roundUs(rests.draw(table)), { priority: 1, done: rest });
  });
  const begun = simulation.step("begins", (customer) => {
    waits.record(simulation.nowUs - (askedUs[customer & 0xffff] ?? 0));
  });
  const come = simulation.step("comes", (customer) => {
    askedUs[customer & 0xffff] = simulation.nowUs;
    desk.use(customer, roundUs(works.exponential(unitUs)), { begun });
  });
  simulation.after(0, rest);
  simulation.arrivals("customers", { kind: "poisson", ratePerSecond: rate }, come);
  simulation.run({ untilUs: spanUs(effort, rate) });
  return waits.mean() / unitUs;
}

/** One long work of low priority after the other, interrupted by Poisson arrivals of mean service 1: its mean time. */
export function interruptedWork(
  effort: Effort,
  rate: number,
  work: number,
  interrupted: "resume" | "restart",
): number {
  const simulation = begin(effort);
  const works = simulation.stream("works");
  const desk = simulation.facility("desk", {
    discipline: "priority",
    preemptive: true,
    interrupted,
  });
  const rounds = simulation.kernel.counter("rounds");
  const round = simulation.step("begins a round", () => {
    rounds.add(1);
    desk.use(0, work * unitUs, { priority: 1, done: round });
  });
  const come = simulation.step("comes", (customer) => {
    desk.use(customer, roundUs(works.exponential(unitUs)), {});
  });
  simulation.after(0, round);
  simulation.arrivals("customers", { kind: "poisson", ratePerSecond: rate }, come);
  const untilUs = spanUs(effort, rate);
  simulation.run({ untilUs });
  return untilUs / unitUs / (rounds.value - 1);
}

/** Customers gather into batches of a fixed size: mean wait until a batch is complete. */
export function gathering(effort: Effort, rate: number, size: number): number {
  const simulation = begin(effort);
  const raft = simulation.batch("raft", { size });
  const waits = simulation.kernel.tally("waits");
  const askedUs = simulation.kernel.float64Array("asked", 1 << 16);
  const sails = simulation.step("sails", (customer) => {
    waits.record(simulation.nowUs - (askedUs[customer & 0xffff] ?? 0));
  });
  const come = simulation.step("comes", (customer) => {
    askedUs[customer & 0xffff] = simulation.nowUs;
    raft.join(customer, { done: sails });
  });
  simulation.arrivals("customers", { kind: "poisson", ratePerSecond: rate }, come);
  simulation.run({ untilUs: spanUs(effort, rate) });
  return waits.mean() / unitUs;
}

/** Customers are turned back at the door with a chance that grows with the line: mean number present. */
export function discouraged(effort: Effort, rate: number): number {
  const simulation = begin(effort);
  const works = simulation.stream("works");
  const choices = simulation.stream("choices");
  const desk = simulation.facility("desk");
  const come = simulation.step("comes", (customer) => {
    const present = desk.line.value + desk.busy.value;
    if (choices.uniform() * (present + 1) >= 1) return;
    desk.use(customer, roundUs(works.exponential(unitUs)), {});
  });
  simulation.arrivals("customers", { kind: "poisson", ratePerSecond: rate }, come);
  simulation.run({ untilUs: spanUs(effort, rate) });
  return desk.line.mean() + desk.busy.mean();
}

/** Many short runs of M/M/1 from empty: mean number present at an instant. */
export function transient(effort: Effort, rate: number, at: number): number {
  const runs = Math.ceil(effort.customers / (rate * at) / 4);
  let sum = 0;
  for (let run = 0; run < runs; run += 1) {
    const seed = `${effort.seed}-${run}`;
    const options = { seed, programVersion: "theory", traceLast: 0, requestsMax: 256 };
    const simulation = new Simulation(options);
    const works = simulation.stream("works");
    const desk = simulation.facility("desk");
    const come = simulation.step("comes", (customer) => {
      desk.use(customer, roundUs(works.exponential(unitUs)), {});
    });
    simulation.arrivals("customers", { kind: "poisson", ratePerSecond: rate }, come);
    simulation.run({ untilUs: at * unitUs });
    sum += desk.line.value + desk.busy.value;
  }
  return sum / runs;
}
