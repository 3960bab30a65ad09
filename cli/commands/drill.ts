import type { Command } from "commander";
import { tuneEngine } from "../tune-engine.ts";

export function addDrill(program: Command): void {
  program
    .command("drill")
    .description(
      "run scenarios and end by verdict: 0 when every objective was met, 1 when one was missed",
    )
    .argument("[scenarios...]", "ids of shipped scenarios, or scenario files")
    .option("--all", "every shipped scenario")
    .option("--seeds <count>", "run each with the seeds 1 to this", "1")
    .option("--junit <file>", "write the verdicts as JUnit XML")
    .option("--json", "print the verdicts as JSON")
    .addHelpText(
      "after",
      `
Examples:
  stormbell drill az-power-loss
  stormbell drill az-power-loss az-partition --seeds 20
  stormbell drill --all --junit reports/drills.xml
  stormbell drill ./my-scenario.yaml --json

Recordings of runs that missed an objective are kept in recordings/. On GitHub Actions it also
annotates and writes the step summary.`,
    )
    .action(async (scenarios, options) => {
      tuneEngine();
      const { drillCommand } = await import("../drill-command.ts");
      const { runScenario } = await import("../../sim/twin/run-scenario.ts");
      await drillCommand(runScenario, scenarios, options);
    });
}
