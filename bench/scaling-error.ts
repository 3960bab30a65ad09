/**
 * What a run of one in k gets wrong: the same scenario exact and scaled, with the same seed, figure by figure, as the table of
 * docs/model.md. `npm run bench:scaling`, or with scenarios of one's own: `npm run bench:scaling -- SCENARIO:SECONDS:K ...`.
 */
import { loadScenario } from "../cli/scenario-files.ts";
import { tuneEngine } from "../cli/tune-engine.ts";
import { type RunSummary, summaryOf } from "../sim/twin/ensemble/run-summary.ts";
import { runScenario } from "../sim/twin/run-scenario.ts";
import type { Scenario } from "../sim/twin/scenario-types.ts";
import type { Topology } from "../sim/twin/topology-types.ts";

const usual = ["phase-1-high-throughput:90:5", "phase-1-az-power-loss::5"];

tuneEngine();

interface Measured {
  readonly summary: RunSummary;
  readonly wallSeconds: number;
}

function run(scenario: Scenario, topology: Topology): Measured {
  const startedMs = performance.now();
  const recording = runScenario({ scenario, topology, seed: "1" });
  if (recording === undefined) throw new Error("a run ended early though nothing asked it to");
  return { summary: summaryOf(recording), wallSeconds: (performance.now() - startedMs) / 1000 };
}

/** Mean share of a fleet's vCPUs in use while nothing failed, percent. */
function busyPercent({ loads }: RunSummary, component: string): number {
  const found = loads.find((each) => each.component === component);
  return 100 * (found?.utilisation.find(({ what }) => what === "vCPU")?.share ?? 0);
}

function cells(summary: RunSummary): readonly (readonly [name: string, value: string])[] {
  const share = summary.scaling?.loadShare ?? 1;
  return [
    ["order service busy, %", busyPercent(summary, "order-service").toFixed(1)],
    ...summary.functions.flatMap((each): (readonly [string, string])[] => [
      [`${each.function}: good before the fault, %`, (100 * each.steadyGoodShare).toFixed(2)],
      [`${each.function}: median, ms`, each.latencyMsP50.toFixed(1)],
      [`${each.function}: good a second`, (each.goodputPerSecond / share).toFixed(0)],
      [
        `${each.function}: out of service, s`,
        `${each.censored ? ">" : ""}${each.rtoSeconds.toFixed(0)}`,
      ],
    ]),
  ];
}

console.log("| scenario | figure | exact | scaled |");
console.log("| --- | --- | ---: | ---: |");
const wanted = process.argv.slice(2);
for (const each of wanted.length === 0 ? usual : wanted) {
  const [name = "", seconds = "", oneOf = "5"] = each.split(":");
  const { scenario, topology } = loadScenario(name);
  const whole = seconds === "" ? scenario : { ...scenario, durationSeconds: Number(seconds) };
  const exact = run(whole, topology);
  const scaled = run({ ...whole, scale: Number(oneOf) }, topology);
  const after = new Map(cells(scaled.summary));
  for (const [figure, value] of cells(exact.summary)) {
    console.log(`| \`${name}\` | ${figure} | ${value} | ${after.get(figure) ?? "-"} |`);
  }
  const { loadShare = 1, userLoad = 1 } = scaled.summary.scaling ?? {};
  console.log(
    `| \`${name}\` | load kept, %; of users' own, %; seconds to run | 100; 100; ${exact.wallSeconds.toFixed(0)} | ${(100 * loadShare).toFixed(1)}; ${(100 * userLoad).toFixed(1)}; ${scaled.wallSeconds.toFixed(0)} |`,
  );
}
