import { type Command, Option } from "commander";
import { poolOptions, withScaleOption, withSeedOptions } from "../seed-options.ts";
import { tuneEngine } from "../tune-engine.ts";

export function addSweep(program: Command): void {
  const command = program
    .command("sweep")
    .description("run a scenario with every combination of some values, and compare the designs")
    .argument("<scenario>", "id of a shipped scenario, or a scenario file")
    .requiredOption(
      "--vary <path=values>",
      "what varies and its values, separated by commas; give it again for another path",
      (text: string, before: readonly string[] | undefined) => [...(before ?? []), text],
    );
  withScaleOption(withSeedOptions(command, 5))
    .option("--csv <file>", "write the table as CSV")
    .option("--parquet <file>", "write the table as Parquet")
    .addOption(
      new Option("--rows <what>", "what a row of these files is")
        .choices(["designs", "runs"])
        .default("designs"),
    )
    .option("--json", "print the results as JSON")
    .addHelpText(
      "after",
      `
Paths begin with a component of the topology, or with a field of the scenario:
  order-service.taskCount=6,9,12            a field of a component
  cache.zones=[us-east-1a],[us-east-1a,us-east-1b]
  order-service.parameters.agentLossUs=30000000,60000000
  workload.ratePerSecond=300,500,700        a field of the scenario
  faults.zone-dark.durationSeconds=60,600   items of lists go by their id or name
  network.interZoneRttMs=0.5,2
  topology=phase-1,phase-1-http-api,./my.yaml   another platform, shipped or a file

Examples:
  stormbell sweep az-power-loss --vary order-service.taskCount=9,12,18 --seeds 10
  stormbell sweep az-power-loss --vary matching.pollerCount=3,8 --vary acceptance=queue,journal \\
    --csv sweep.csv

Runs are spread over all cores, and finished ones kept: after Ctrl-C the same command goes on.
More: docs/ensembles.md`,
    )
    .action(async (scenario, { vary, ...options }) => {
      tuneEngine();
      const { sweepCommand } = await import("../sweep-command.ts");
      const { readVariation } = await import("../sweep-designs.ts");
      const { jobRunner } = await import("../worker/run-jobs.ts");
      await sweepCommand(jobRunner(poolOptions(options)), scenario, {
        ...options,
        vary: (vary as readonly string[]).map(readVariation),
      });
    });
}
