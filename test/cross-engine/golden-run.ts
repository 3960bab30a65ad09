/**
 * What every JavaScript engine must compute alike: `compare.mjs` bundles this file with the default drill, runs it
 * under V8 (twice), SpiderMonkey and JavaScriptCore, and compares the one line that it prints.
 */
import type { Scenario } from "../../sim/twin/scenario-types.ts";
import { Simulation } from "../../sim/twin/simulation.ts";
import type { Topology } from "../../sim/twin/topology-types.ts";
import { withOverrides } from "../../sim/twin/topology-variants.ts";
import { everythingLine } from "./everything-run.ts";
import { kernelLine } from "./kernel-run.ts";

declare const goldenScenario: Scenario;
declare const goldenTopology: Topology;
declare const goldenKernelEvents: number;

function drillLine(): string {
  const simulation = new Simulation({
    scenario: goldenScenario,
    topology: withOverrides(goldenTopology, goldenScenario.componentOverrides),
    seed: "1",
  });
  const { kernel } = simulation;
  kernel.runUntil(simulation.durationUs);
  const { ledger, parts } = simulation;
  return `${goldenScenario.id} ${kernel.digest()} after ${kernel.eventCount} events, ${ledger.historyLength} commands, ${ledger.tradeCount} trades, books ${parts[0]?.matching.engine.stateHash()}`;
}

// SpiderMonkey's and JavaScriptCore's shells have print, Node has console.
const { print } = globalThis as { print?: (line: string) => void };
(print ?? console.log)(`${kernelLine()}; ${everythingLine(goldenKernelEvents)}; ${drillLine()}`);
