import { type Command, InvalidArgumentError } from "commander";
import type { ClassFile } from "../../calibration/fits/fit-demand-files.ts";
import type { DemandFlags } from "../fit-demand.ts";

/** One estimator at a time, each on files of measurements. */
export function addFit(program: Command): void {
  const fit = program
    .command("fit")
    .description("fit one kind of parameter to measurements, and say what they cannot tell")
    .addHelpText(
      "after",
      `
Every kind prints estimates with interval and state (identified, only a bound, only a combination, not identified),
errors on held-out time where there is time, and what the result may be used for. --json prints one document.

Examples:
  stormbell fit usl throughput.csv
  stormbell fit arrivals requests-per-second.txt.gz --period 1s
  stormbell fit drift cpu.csv --json

Ends with 0 when the fit was made, whatever it found; with 2 when a file or an option has a mistake.`,
    );
  addDemand(fit);
  addUsl(fit);
}

function addDemand(fit: Command): void {
  kind(fit, "demand", "seconds of processor per request, by class or by driver")
    .option("--util <file>", "utilisation over time; with --y and --x the table that holds both")
    .option(
      "--rt <class=file>",
      "one row a request of this class: end, response time",
      collectClass,
      [],
    )
    .option("--predict-rt <class=file>", "requests to predict with the fit", collectClass, [])
    .option("--predict-util <file>", "utilisation to compare that prediction with")
    .option("--y <column>", "busy time to explain, as cpu_time")
    .option("--x <columns>", "counted work that may explain it, as call_rate,txn_rate", commaList)
    .option("--predict <file>", "a further table to predict with the fit")
    .option("--cores <count>", "equal cores of the host", atLeastOne, 1)
    .option(
      "--util-stamp <which>",
      "whether a stamp is the start or the end of its window",
      startOrEnd,
    )
    .option("--holdout <share>", "share of the time, the last, that is held out", share, 0.3)
    .option("--seed <text>", "decides the bootstrap", "1")
    .addHelpText(
      "after",
      examples(
        "stormbell fit demand --rt place=place.csv --rt query=query.csv --util cpu.csv",
        "stormbell fit demand --util host.csv --y cpu_time --x call_rate,lio_rate,txn_rate --predict later.csv",
      ),
    )
    .action(async (options: DemandFlags) => {
      const { demandReport } = await import("../fit-demand.ts");
      await tell(await demandReport(options), options);
    });
}

function addUsl(fit: Command): void {
  kind(fit, "usl", "Universal Scalability Law: throughput against load")
    .argument("<file>", "table with a column of load and one of throughput")
    .option("--pin-scale", "take lambda from the least load measured instead of fitting it")
    .addHelpText("after", examples("stormbell fit usl specsdm91.csv"))
    .action(async (file: string, options: { json?: true; pinScale?: true }) => {
      const { fitUslFile } = await import("../../calibration/fits/fit-usl-file.ts");
      await tell(await fitUslFile(file, { pinScale: options.pinScale === true }), options);
    });
}

function kind(fit: Command, name: string, description: string): Command {
  return fit.command(name).description(description).option("--json", "print one JSON document");
}

async function tell(
  report: import("../../calibration/fit-report.ts").FitReport,
  options: { readonly json?: true },
): Promise<void> {
  const { tellFit } = await import("../fit-command.ts");
  tellFit(report, options);
}

/** Gathers a repeated CLASS=FILE. */
function collectClass(text: string, before: readonly ClassFile[]): readonly ClassFile[] {
  const cut = text.indexOf("=");
  if (cut > 0 && cut < text.length - 1) {
    return [...before, { name: text.slice(0, cut), file: text.slice(cut + 1) }];
  }
  throw new InvalidArgumentError("Give CLASS=FILE, such as place=place.csv.");
}

function commaList(text: string): readonly string[] {
  const names = text
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (names.length > 0) return names;
  throw new InvalidArgumentError("Give one or more names, parted by commas.");
}

function atLeastOne(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= 4096) return value;
  throw new InvalidArgumentError("Give a whole number of 1 or more.");
}

function share(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0.05 && value <= 0.9) return value;
  throw new InvalidArgumentError("Give a share from 0.05 to 0.9.");
}

function startOrEnd(text: string): "start" | "end" {
  if (text === "start" || text === "end") return text;
  throw new InvalidArgumentError("Give start or end.");
}

function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join("\n")}`;
}
