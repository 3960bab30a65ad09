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
const [name = "az-power-loss", warmUp = "10", measured = "20"] = process.argv.slice(2);
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
const seconds = (performance.now() - startedMs) / 1000;
const requests = fabric.requests.count - requestsBefore;
console.log(
  JSON.stringify({
    scenario: name,
    timesRealTime: Number((measuredSeconds / seconds).toFixed(2)),
    requestsPerSecond: Math.round(requests / seconds),
    eventsPerRequest: Number(((kernel.eventCount - eventsBefore) / requests).toFixed(2)),
    assemblySeconds: Number(assemblySeconds.toFixed(1)),
    residentMegabytesMost: Math.round(process.resourceUsage().maxRSS / 1000),
  }),
);
