import type { Command } from "commander";

export function addValidate(program: Command): void {
  program
    .command("validate")
    .description(
      "check scenario, topology, order and recording files, and tell every mistake at once",
    )
    .argument("<files...>", "files to check; what they are is told by their content")
    .option("--json", "print the mistakes as JSON")
    .addHelpText(
      "after",
      `
Examples:
  stormbell validate my-scenario.yaml
  stormbell validate scenarios/*.yaml scenarios/topologies/*.yaml
  stormbell validate orders.csv.gz --json

Each mistake is a line: file:line:column problem - remedy. Ends with 2 when there is any.`,
    )
    .action(async (files, options) => {
      const { validateCommand } = await import("../validate-command.ts");
      validateCommand(files, options);
    });
}
