import type { Command } from "commander";

export function addDiff(program: Command): void {
  program
    .command("diff")
    .description(
      "say what differs between two topologies: places, components, choices, numbers, calls",
    )
    .argument("<from>", "id of a shipped topology, or the path of a topology file")
    .argument("<to>", "the other one")
    .option("--json", "print the differences as JSON")
    .addHelpText(
      "after",
      `
Examples:
  stormbell diff current phase-1
  stormbell diff phase-1 phase-2 --json
  stormbell diff phase-1 ./my-topology.yaml

Numbers are told with both values and the fact or assumption behind each.`,
    )
    .action(async (from, to, options) => {
      const { diffCommand } = await import("../diff-command.ts");
      diffCommand(from, to, options);
    });
}
