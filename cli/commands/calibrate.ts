import { type Command, InvalidArgumentError, Option } from "commander";
import type { CalibrateFlags } from "../calibrate-command.ts";
import { wholeNumber } from "../seed-options.ts";

const shares = { least: 0.05, most: 0.9 };
const seedsMost = 100;

export function addCalibrate(program: Command): void {
  const command = program
    .command("calibrate")
    .description("fit a topology to exported metrics, and judge the fit on time it has not seen")
    // What stands after quality or watch is theirs, --json and --seeds above all.
    .enablePositionalOptions()
    .argument("<topology>", "id of a shipped topology, or a topology file")
    .option(
      "--metrics <files...>",
      "exports: CloudWatch (with the requests, if at hand), metric streams, OpenTelemetry, Prometheus, CSV",
    )
    .option(
      "--from-cloudwatch",
      "fetch the metrics from CloudWatch; needs @aws-sdk/client-cloudwatch",
    )
    .addOption(
      new Option("--last <length>", "how much to fetch, such as 3h or 7d, up to now")
        .argParser(lengthSeconds)
        .default(10_800, "3h"),
    )
    .option("--period <seconds>", "period of what is fetched", wholeNumber(1, 86_400), 60)
    .option("--region <name>", "AWS region; left out: as the AWS command line has it")
    .option("--endpoint <url>", "another endpoint than AWS's own, as of a VPC")
    .option("--mapping <file>", "which series tells of which component; proposed when left out")
    .addOption(
      new Option(
        "--fit <kind:component=file>",
        "a measurement besides metrics, such as coldstart:functions=reports.csv; may be repeated",
      )
        .argParser((text: string, before: readonly string[]) => [...before, text])
        .default([], "none"),
    )
    .option("--scenario <name>", "where the load takes what the exports leave open", "baseline-500")
    .option("--out <folder>", "where to write topology, diff, mapping, evidence and reports")
    .option("--holdout <share>", "share of the time, its end, that judges the fit", share, 0.3)
    .option("--seeds <count>", "runs of the twin on the held-out time", seeds, 5)
    .option(
      "--simulate <names>",
      "find what formulas leave open by running the twin: order-service.cpu-sigma,workload.symbol-skew",
      (text: string) => text.split(",").map((name) => name.trim()),
    )
    .option(
      "--simulations <count>",
      "runs of the twin that --simulate may take",
      wholeNumber(1, 10_000),
      200,
    )
    .option("--json", "print the calibration as one JSON document")
    .addHelpText(
      "after",
      `
Examples:
  stormbell calibrate current --metrics week.cloudwatch.json --out calibrated
  stormbell calibrate platform.yaml --from-cloudwatch --last 24h --region eu-west-1 --out calibrated
  stormbell calibrate current --metrics week.json --fit failover:database=failovers.csv --fit spans=traces.json.gz
  stormbell calibrate platform.yaml --metrics *.json --mapping calibrated/mapping.yaml --json
  stormbell calibrate watch calibrated/topology.yaml new.cloudwatch.json --once`,
    )
    .action(async (topology: string, flags: CalibrateFlags) => {
      // Not a required option: those are asked of subcommands too.
      if (!flags.metrics && !flags.fromCloudwatch)
        command.error("error: --metrics names no export, and --from-cloudwatch is not given");
      const { calibrateCommand } = await import("../calibrate-command.ts");
      await calibrateCommand(topology, flags);
    });
  addQuality(command);
  addWatch(command);
}

function addQuality(calibrate: Command): void {
  calibrate
    .command("quality")
    .description("say what exports are worth before anything is fitted to them")
    .argument("<files...>", "exports, as for --metrics")
    .option("--json", "print one JSON document")
    .action(async (files: readonly string[], flags: { json?: true }) => {
      const { qualityCommand } = await import("../calibrate-command.ts");
      await qualityCommand(files, flags);
    });
}

function addWatch(calibrate: Command): void {
  calibrate
    .command("watch")
    .description("compare new exports with a calibration, and name the parameter that has moved")
    .argument("<topology>", "a calibrated topology file, with calibration.json beside it")
    .argument("<path>", "an export, or a folder into which exports arrive")
    .option("--once", "judge what is there and end: 0 nothing has moved, 1 something has")
    .option("--every <seconds>", "how often the folder is looked at", Number, 30)
    .option("--seeds <count>", "runs of the twin on the time of each export", seeds, 3)
    .option("--json", "print one JSON document for each look")
    .action(
      async (
        topology: string,
        path: string,
        flags: { once?: true; every: number; seeds: number; json?: true },
      ) => {
        const { watchCommand } = await import("../calibrate-watch-command.ts");
        await watchCommand(topology, path, flags);
      },
    );
}

function lengthSeconds(text: string): number {
  const found = /^(\d+(?:\.\d+)?)(min|h|d)$/.exec(text.trim());
  const scale = { min: 60, h: 3600, d: 86_400 }[found?.[2] ?? ""] ?? 0;
  const seconds = Number(found?.[1]) * scale;
  if (seconds > 0) return seconds;
  throw new InvalidArgumentError("Give a length of time, such as 90min, 3h or 7d.");
}

function share(text: string): number {
  const value = Number(text);
  if (value >= shares.least && value <= shares.most) return value;
  throw new InvalidArgumentError(`It is a share from ${shares.least} to ${shares.most}.`);
}

function seeds(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 2 && value <= seedsMost) return value;
  throw new InvalidArgumentError(`It is a whole number from 2 to ${seedsMost}.`);
}
