import type { Command } from "commander";
import { seedText, withScaleOption } from "../seed-options.ts";
import { tuneEngine } from "../tune-engine.ts";

export function addRun(program: Command): void {
  const command = program
    .command("run")
    .description("run one scenario and say what happened, why, and what was lost")
    .argument("<scenario>", "id of a shipped scenario, a scenario file, or a recording to repeat")
    .option(
      "--seed <text>",
      "decides all chance in the run; 1 when left out, a recording's own when repeating it",
      seedText,
    )
    .option(
      "--orders <file>",
      "replay this order file (LOBSTER messages), with the scenario's load around it",
    )
    .option("--duration <seconds>", "end the run sooner or later than the scenario says")
    .option(
      "--out <file>",
      "where to write the recording; recordings/SCENARIO-SEED.stormrec when left out",
    );
  withScaleOption(command)
    .option("--json", "print the report as JSON")
    .addHelpText(
      "after",
      `
Examples:
  stormbell run az-power-loss
  stormbell run az-power-loss --seed 7 --json
  stormbell run az-power-loss --orders ../shared/data/lob/AAPL_2012-06-21_0930-1030_message_50.csv.gz
  stormbell run ./my-scenario.yaml --out /tmp/mine.stormrec
  stormbell run phase-1-baseline --scale 1:5            a fifth of the symbols and users, whole partitions
  stormbell run recordings/az-power-loss-1.stormrec     runs it again and compares the digests

Ends with 0 when the run was sound, whatever it found; with 3 when an invariant was violated or a
recording did not repeat. Use drill to end by verdict.`,
    )
    .action(async (scenario, options) => {
      tuneEngine();
      const { runCommand } = await import("../run-command.ts");
      const { runScenario } = await import("../../sim/twin/run-scenario.ts");
      runCommand(runScenario, scenario, options);
    });
}
