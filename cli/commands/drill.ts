import type { Command } from "commander";
import { poolOptions, positiveNumber, withScaleOption, withSeedOptions } from "../seed-options.ts";
import { tuneEngine } from "../tune-engine.ts";

export function addDrill(program: Command): void {
  const command = program
    .command("drill")
    .description(
      "run scenarios and end by verdict: 0 when every objective was met, 1 when one was missed",
    )
    .argument("[scenarios...]", "ids of shipped scenarios, or scenario files")
    .option("--all", "every shipped scenario");
  withScaleOption(withSeedOptions(command, 1))
    .option(
      "--until-half-width <seconds>",
      "stop before --seeds once recovery times are known to plus or minus this",
      positiveNumber,
    )
    .option(
      "--branch",
      "all seeds share the warm-up of seed 1 and differ only in their luck after it",
    )
    .option("--orders <file>", "replay this order file (LOBSTER messages) in every run")
    .option("--junit <file>", "write the verdicts as JUnit XML")
    .option("--json", "print the verdicts as JSON")
    .addHelpText(
      "after",
      `
Examples:
  stormbell drill az-power-loss
  stormbell drill az-power-loss az-partition --seeds 20
  stormbell drill az-power-loss --seeds 200 --until-half-width 10 --branch
  stormbell drill --all --junit reports/drills.xml
  stormbell drill ./my-scenario.yaml --json

It ends with 0 when every objective of every run was met, with 1 when one was missed or a baseline was
unhealthy, with 2 at a mistake in the input, and with 3 when an invariant was broken or a worker died
(a bug of ours); 130 after Ctrl-C. Incidents of many hours are told shorter than they were: column TIME.

Runs are spread over all cores. A finished run is kept in .stormbell/runs and not made again
while the program and the scenario stay the same: after Ctrl-C the same command goes on.
Recordings of runs that missed an objective are kept in recordings/ for seeds 1 to 5.
On GitHub Actions it also annotates and writes the step summary. More: docs/ensembles.md`,
    )
    .action(async (scenarios, options) => {
      tuneEngine();
      const { drillCommand } = await import("../drill-command.ts");
      const { jobRunner } = await import("../worker/run-jobs.ts");
      await drillCommand(jobRunner(poolOptions(options)), scenarios, options);
    });
}
