import { type Command, Option } from "commander";
import {
  poolOptions,
  positiveNumber,
  wholeNumber,
  withPoolOptions,
  withScaleOption,
} from "../seed-options.ts";
import { tuneEngine } from "../tune-engine.ts";

export function addCapacity(program: Command): void {
  const command = program
    .command("capacity")
    .description("find the highest load whose objectives hold, and what gives way first")
    .argument("<topology>", "id of a shipped topology, or a topology file");
  withScaleOption(withPoolOptions(command))
    .option("--seeds <count>", "searches, each with its own luck", wholeNumber(1, 1000), 3)
    .option("--like <scenario>", "take workload and objectives from this scenario")
    .option(
      "--objective <id>",
      "a service objective that must hold; give it again for more; all when left out",
      (text: string, before: readonly string[] | undefined) => [...(before ?? []), text],
    )
    .option("--max <requests>", "try no load above this, per second", positiveNumber, 100_000)
    .option("--tolerance <percent>", "how near to the knee to come", positiveNumber, 5)
    .option("--warm-up <seconds>", "before anything is judged", wholeNumber(0, 36_000), 60)
    .option("--measure <seconds>", "for which the load must hold", wholeNumber(20, 36_000), 120)
    .addOption(
      new Option("--fleets <size>", "where fleets that scale begin")
        .choices(["scaled", "declared"])
        .default("scaled"),
    )
    .option("--no-next", "do not lift the first limit and search again")
    .option("--json", "print the results as JSON")
    .addHelpText(
      "after",
      `
Each seed searches by halving; the knee is the median of what they find, with its interval. The
component that saturates first is the one whose limit, lifted, lets the load above the knee hold;
the search is then repeated with it lifted.

Examples:
  stormbell capacity current
  stormbell capacity current --objective matching-service --seeds 5
  stormbell capacity ./my-topology.yaml --like ./my-scenario.yaml --max 20000 --json

Runs are spread over all cores, and finished ones kept: after Ctrl-C the same command goes on.
More: docs/ensembles.md`,
    )
    .action(async (topology, options) => {
      tuneEngine();
      const { capacityCommand } = await import("../capacity-command.ts");
      const { jobRunner } = await import("../worker/run-jobs.ts");
      await capacityCommand(jobRunner(poolOptions(options)), topology, options);
    });
}
