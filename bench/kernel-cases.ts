/**
 * The models that bench/kernel.ts measures on our kernel, each in a process of its own: `kernel-cases.ts KERNEL CASE SIZE`
 * prints one number, and of the facility also the mean wait. The kernel is built as it is shipped, and time is the
 * processor's. V8 is left as whoever imports the kernel finds it, but for `tuned-facility`, where it is set as our
 * command line sets it.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { tuneEngine } from "../cli/tune-engine.ts";

const [built = "", name = "", size = ""] = process.argv.slice(2);
if (name.startsWith("tuned-")) tuneEngine();
const { createKernel, Simulation } = (await import(
  built
)) as typeof import("../sim/kernel/index.ts");

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Millions a second of what `run` does `count` times. */
function rateOf(count: number, run: () => void): number {
  const before = processorMs();
  run();
  return count / (processorMs() - before) / 1000;
}

/** One server, load 0.9: the facility with all that it offers, its four statistics included. */
function singleServer() {
  const simulation = new Simulation({ seed: 1, programVersion: "bench" });
  const services = simulation.stream("services");
  const desk = simulation.facility("desk");
  const comes = simulation.step("comes", (customer) => {
    desk.use(customer, Math.floor(services.exponential(900)), {});
  });
  simulation.arrivals("customers", { kind: "poisson", ratePerSecond: 1000 }, comes);
  return { simulation, waitsUs: desk.waitsUs };
}

/** Customers that come before the clock is read, so that V8 has compiled what it will. */
const customersBefore = 500_000;

function facility(customers: number): readonly number[] {
  const { simulation, waitsUs } = singleServer();
  simulation.run({ untilUs: customersBefore * 1000 });
  const untilUs = (customersBefore + customers) * 1000;
  const rate = rateOf(customers * 2, () => simulation.run({ untilUs }));
  return [rate, waitsUs.mean() / 900];
}

/** Remove the earliest, schedule it again after an exponential time, with so many pending. */
function hold(pending: number): number {
  const events = 4_000_000;
  const kernel = createKernel({ seed: 1, programVersion: "bench" });
  const delays = kernel.stream("delays");
  const again = kernel.handler("again", (a) => {
    kernel.schedule(Math.floor(delays.exponential(1e6)), again, a);
  });
  for (let i = 0; i < pending; i += 1) kernel.schedule(Math.floor(delays.exponential(1e6)), again);
  while (kernel.eventCount < pending * 2 || kernel.eventCount < 2_000_000)
    kernel.runEvents(1000, 2 ** 52);
  return rateOf(events, () => kernel.runEvents(events, 2 ** 52));
}

/** Everything at three instants: the opening of a market. */
function burst(events: number): number {
  const kernel = createKernel({ seed: 1, programVersion: "bench" });
  const nothing = kernel.handler("nothing", () => {});
  const round = () => {
    for (let i = 0; i < events; i += 1) kernel.schedule(1_000_000 * (1 + (i % 3)), nothing, i);
    kernel.runUntil(kernel.nowUs + 4_000_000);
  };
  round();
  return rateOf(events, round);
}

/** Megabytes by which the heap and its buffers grow while a facility at constant load runs so many events. */
function growth(events: number): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const bytes = () => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const { simulation } = singleServer();
  simulation.run({ untilUs: 1_000_000_000 });
  const before = bytes();
  simulation.run({ untilUs: 1_000_000_000 + events * 500 });
  return (bytes() - before) / 2 ** 20;
}

/** Milliseconds that a snapshot takes with so many events pending, median of nine. */
function snapshot(pending: number): number {
  const { simulation } = singleServer();
  const { kernel } = simulation;
  simulation.run({ untilUs: 100_000_000 });
  for (let i = 0; i < pending; i += 1) kernel.schedule(1 + ((i * 7919) % 10_000_000), 1, i);
  const times = Array.from({ length: 9 }, () => {
    const before = processorMs();
    simulation.snapshot();
    return processorMs() - before;
  });
  return times.sort((a, b) => a - b)[4] ?? Number.NaN;
}

const cases: Record<string, (size: number) => number | readonly number[]> = {
  facility,
  "tuned-facility": facility,
  hold,
  burst,
  growth,
  snapshot,
};

const run = cases[name];
if (run === undefined)
  throw new Error(`No case "${name}"; there are ${Object.keys(cases).join(", ")}`);
console.log([run(Number(size))].flat().join(" "));
