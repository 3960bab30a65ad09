/**
 * One platform under its scenario's load with nothing failing: simulated seconds and requests per second of wall time,
 * and memory. `npm run bench:platform -- SCENARIO [warm-up seconds] [measured seconds]`, one process each, so that the
 * memory is its own.
 */
import { loadScenario } from "../cli/scenario-files.ts";
import { tuneEngine } from "../cli/tune-engine.ts";
import { Simulation } from "../sim/twin/simulation.ts";
import { withOverrides } from "../sim/twin/topology-variants.ts";

tuneEngine();
/**
 * Warm-up and measured seconds unless others are asked for: some seconds of wall time each, since V8 compiles for the first
 * one or two, and a run that ends with that measures the compiler. The last is all of its scenario, whose tables grow.
 */
const secondsOf: Record<string, readonly [warmUp: string, measured: string]> = {
  "az-power-loss": ["120", "800"],
  "phase-1-high-throughput": ["60", "120"],
  "phase-2-baseline": ["6", "26"],
};
const [name = "az-power-loss", ...seconds] = process.argv.slice(2);
const usual = secondsOf[name] ?? ["10", "20"];
const [warmUp = usual[0], measured = usual[1]] = seconds;
const warmUpSeconds = Number(warmUp);
const measuredSeconds = Number(measured);
const { scenario, topology } = loadScenario(name);
const assembledFromMs = performance.now();
const { kernel, fabric } = new Simulation({
  scenario: { ...scenario, faults: [] },
  topology: withOverrides(topology, scenario.componentOverrides),
  seed: "1",
});
const assemblySeconds = (performance.now() - assembledFromMs) / 1000;
kernel.runUntil(warmUpSeconds * 1_000_000);
const requestsBefore = fabric.requests.count;
const eventsBefore = kernel.eventCount;
const startedMs = performance.now();
kernel.runUntil((warmUpSeconds + measuredSeconds) * 1_000_000);
const wallSeconds = (performance.now() - startedMs) / 1000;
const requests = fabric.requests.count - requestsBefore;
console.log(
  JSON.stringify({
    scenario: name,
    timesRealTime: Number((measuredSeconds / wallSeconds).toFixed(2)),
    requestsPerSecond: Math.round(requests / wallSeconds),
    eventsPerRequest: Number(((kernel.eventCount - eventsBefore) / requests).toFixed(2)),
    assemblySeconds: Number(assemblySeconds.toFixed(1)),
    residentMegabytesMost: Math.round(process.resourceUsage().maxRSS / 1000),
  }),
);
