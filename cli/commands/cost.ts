import { type Command, Option } from "commander";
import { seedText } from "../seed-options.ts";
import { tuneEngine } from "../tune-engine.ts";

export function addCost(program: Command): void {
  program
    .command("cost")
    .description("simulate a platform at a steady load and bill it, beside what the strategy says")
    .argument("<topology>", "id of a shipped topology, or the path of a topology file")
    .option("--rps <requests>", "requests a second; the strategy's for this topology when left out")
    .option(
      "--month-factor <share>",
      "mean load of the month over that load; 1 when left out: it lasts day and night",
    )
    .option(
      "--with <switches>",
      "optimisations, separated by commas: reserved-1y, savings-plan-1y, http-api, s3-lifecycle...",
    )
    .addOption(
      new Option("--assume <name=value>", "a number in place of ours; may be given again")
        .argParser(collected)
        .default([], "none"),
    )
    .option(
      "--warm-up <seconds>",
      "simulated seconds before the measured ones; those of a million requests when left out, 60 to 600",
    )
    .option(
      "--window <seconds>",
      "simulated seconds that are measured; those of 300,000 requests when left out, 60 to 300",
    )
    .option("--seed <text>", "decides all chance in the run", seedText, "1")
    .option("--json", "print everything as JSON")
    .addHelpText(
      "after",
      `
Examples:
  stormbell cost current --rps 500
  stormbell cost current --rps 500 --month-factor 0.35
  stormbell cost current --with reserved-1y,savings-plan-1y,http-api
  stormbell cost current --assume logBytesPerRequest=200 --json

What is consumed is counted in the simulation; bytes, days kept and the like are assumptions and are listed.
Prices marked ? were remembered or scaled from another region: check them before you quote the line.`,
    )
    .action(async (topology, options) => {
      tuneEngine();
      const { costCommand } = await import("../cost-command.ts");
      const { runScenario } = await import("../../sim/twin/run-scenario.ts");
      costCommand(runScenario, topology, options);
    });
}

function collected(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
