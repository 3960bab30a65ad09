import type { Command } from "commander";

export function addUi(program: Command): void {
  program
    .command("ui")
    .description("serve the page that plays recordings and runs scenarios, on this machine only")
    .argument("[file]", "a recording or scenario to open")
    .argument("[other]", "another one to compare it with")
    .option("--port <number>", "where to listen; 0 takes any free port", "4173")
    .option("--host <name>", "address to listen on", "127.0.0.1")
    .addHelpText(
      "after",
      `
Examples:
  stormbell ui
  stormbell ui recordings/az-power-loss-1.stormrec
  stormbell ui ./my-scenario.yaml --port 0
  stormbell ui ./as-it-is.yaml ./as-planned.yaml    # two designs over one time axis

Open the address it prints. Ctrl-C ends it. dist/ui also works as static files on any web server.`,
    )
    .action(async (file, other, options) => {
      const { uiCommand } = await import("../ui-command.ts");
      await uiCommand(
        [file, other].filter((each) => each !== undefined),
        options,
      );
    });
}
