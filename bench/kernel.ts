/**
 * How fast the kernel is, as ratios to C++'s bare std::priority_queue taken in turn on the same core: `npx tsx bench/kernel.ts`.
 * Absolute numbers mean little on a shared machine; each case is the best of three, ours and the reference's in turn.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createKernel, none, Simulation } from "../sim/kernel/index.ts";

/** Millions of events a second. */
type Case = () => number;

function timed(kernel: { eventCount: number }, run: () => void): number {
  const eventsBefore = kernel.eventCount;
  const before = performance.now();
  run();
  return (kernel.eventCount - eventsBefore) / (performance.now() - before) / 1000;
}

/** Remove the earliest, schedule it again after an exponential time, with so many pending. */
function hold(pending: number, events: number): Case {
  return () => {
    const kernel = createKernel({ seed: 1, programVersion: "bench" });
    const delays = kernel.stream("delays");
    const again = kernel.handler("again", (a) => {
      kernel.schedule(Math.floor(delays.exponential(1e6)), again, a);
    });
    for (let i = 0; i < pending; i += 1)
      kernel.schedule(Math.floor(delays.exponential(1e6)), again);
    kernel.runUntil(2e6);
    return timed(kernel, () => kernel.runUntil(2e6 + Math.ceil((events / pending) * 1e6)));
  };
}

/** A queue with its line and its statistics. */
function singleServer(customers: number): Case {
  return () => {
    const kernel = createKernel({ seed: 1, programVersion: "bench" });
    const arrivals = kernel.stream("arrivals");
    const services = kernel.stream("services");
    const line = kernel.queue("line", 1_000_000);
    const arrivedUs = kernel.float64Array("arrived", 1 << 16);
    const waits = kernel.tally("waits");
    const inSystem = kernel.level("in system");
    const busy = kernel.int32Array("busy", 1);
    const begin = (customer: number) => {
      waits.record(kernel.nowUs - (arrivedUs[customer & 0xffff] ?? 0));
      kernel.schedule(Math.floor(services.exponential(900)), leave, customer);
    };
    const arrive = kernel.handler("arrive", (customer) => {
      arrivedUs[customer & 0xffff] = kernel.nowUs;
      inSystem.add(1);
      if (busy[0] === 0) {
        busy[0] = 1;
        begin(customer);
      } else line.push(customer);
      kernel.schedule(Math.floor(arrivals.exponential(1000)), arrive, customer + 1);
    });
    const leave = kernel.handler("leave", () => {
      inSystem.add(-1);
      const next = line.shift();
      if (next === none) busy[0] = 0;
      else begin(next);
    });
    kernel.schedule(0, arrive, 0);
    return timed(kernel, () => kernel.runUntil(customers * 1000));
  };
}

/** The same by the public face: a facility with all that it offers. */
function facility(customers: number): Case {
  return () => {
    const simulation = new Simulation({ seed: 1, programVersion: "bench" });
    const services = simulation.stream("services");
    const desk = simulation.facility("desk");
    const comes = simulation.step("comes", (customer) => {
      desk.use(customer, Math.floor(services.exponential(900)), {});
    });
    simulation.arrivals("customers", { kind: "poisson", ratePerSecond: 1000 }, comes);
    return timed(simulation.kernel, () => simulation.run({ untilUs: customers * 1000 }));
  };
}

/** Everything at three instants: the opening of a market. */
function burst(events: number): Case {
  return () => {
    const kernel = createKernel({ seed: 1, programVersion: "bench" });
    const noop = kernel.handler("noop", () => {});
    const before = performance.now();
    for (let i = 0; i < events; i += 1) kernel.scheduleAt(1_000_000 * (1 + (i % 3)), noop, i);
    kernel.runUntil(4_000_000);
    return events / (performance.now() - before) / 1000;
  };
}

function buildReference(): string | undefined {
  const program = join(mkdtempSync(join(tmpdir(), "stormbell-")), "reference");
  const source = new URL("kernel-reference.cpp", import.meta.url).pathname;
  const { status } = spawnSync("g++", ["-O3", "-march=native", "-o", program, source]);
  return status === 0 ? program : undefined;
}

const reference = buildReference();
const cases: [name: string, ours: Case, args: string[] | undefined][] = [
  ["M/M/1 with line and statistics", singleServer(1_000_000), ["mm1", "2000000", "0"]],
  ["M/M/1 with a facility", facility(1_000_000), ["mm1", "2000000", "0"]],
  ["hold 1", hold(1, 2e6), ["hold", "2000000", "1"]],
  ["hold 64", hold(64, 2e6), ["hold", "2000000", "64"]],
  ["hold 1k", hold(1000, 2e6), ["hold", "2000000", "1000"]],
  ["hold 10k", hold(10_000, 2e6), ["hold", "2000000", "10000"]],
  ["hold 100k", hold(100_000, 2e6), ["hold", "2000000", "100000"]],
  ["hold 1M", hold(1_000_000, 2e6), ["hold", "2000000", "1000000"]],
  ["300,000 at three instants", burst(300_000), undefined],
];

console.log("case                              M events/s   C++   ratio");
for (const [name, ours, args] of cases) {
  let best = 0;
  let theirs = 0;
  for (let round = 0; round < 3; round += 1) {
    best = Math.max(best, ours());
    if (reference === undefined || args === undefined) continue;
    const text = execFileSync(reference, args, {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    theirs = Math.max(theirs, Number(text));
  }
  const compared =
    theirs > 0 ? `${theirs.toFixed(1).padStart(6)}  ${(best / theirs).toFixed(2)}` : "";
  console.log(`${name.padEnd(34)}${best.toFixed(1).padStart(8)}   ${compared}`);
}
