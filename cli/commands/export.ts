import type { Command } from "commander";

export function addExport(program: Command): void {
  program
    .command("export")
    .description("turn a recording into a trace, a table or JSON; the page exports the same bytes")
    .argument("<recording>", "a .stormrec file")
    .option("--perfetto", "a Chrome trace that the Perfetto UI opens")
    .option("--csv", "every figure as timeS,component,metric,unit,value")
    .option("--json", "the whole recording; the page opens it again")
    .option("--otlp", "what happened as OTLP spans, lines of JSON")
    .option("--cloudwatch", "the platform's metrics as CloudWatch GetMetricData gives them")
    .option("--out <file>", "where to write; SCENARIO-SEED.ENDING when left out, - for stdout")
    .addHelpText(
      "after",
      `
Examples:
  stormbell export recordings/az-power-loss-1.stormrec --perfetto
  stormbell export recordings/az-power-loss-1.stormrec --csv --out - | head`,
    )
    .action(async (recording, options) => {
      const { exportCommand } = await import("../export-command.ts");
      exportCommand(recording, options);
    });
}
