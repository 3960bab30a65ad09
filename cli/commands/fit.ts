import { type Command, InvalidArgumentError, Option } from "commander";
import type { CachePolicy } from "../../calibration/estimators/cache/replay-cache.ts";
import type { CacheSize } from "../../calibration/fits/fit-cache-file.ts";
import type { ClassFile } from "../../calibration/fits/fit-demand-files.ts";
import type { DemandFlags } from "../fit-demand.ts";
import { seedText } from "../seed-options.ts";

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
  addArrivals(fit);
  addDemand(fit);
  addService(fit);
  addSpans(fit);
  addUsl(fit);
  addLoad(fit);
  addCache(fit);
  addColdstart(fit);
  addFailover(fit);
  addCapacity(fit);
  addDrift(fit);
}

function addArrivals(fit: Command): void {
  withJudging(
    kind(fit, "arrivals", "arrival rates by time of day, and how much more they vary than chance"),
  )
    .argument(
      "<file>",
      "counts over time, one count a line, an export of a counter, or an access log",
    )
    .option(
      "--period <length>",
      "period of each count, such as 1s or 5min; read off the times where there are any",
      period,
    )
    .option("--value <column>", "which column or metric holds the counts")
    .option(
      "--timestamps <column>",
      "one row an arrival: judge the gaps between the times of this column",
    )
    .addHelpText(
      "after",
      examples(
        "stormbell fit arrivals requests-per-second.txt.gz --period 1s",
        "stormbell fit arrivals elb_request_count.csv --period 5min --holdout 0.3",
        "stormbell fit arrivals calls.csv.gz --timestamps TIMESTAMP",
      ),
    )
    .action(async (file: string, options: ArrivalFlags) => {
      const { fitArrivalsFile } = await import("../../calibration/fits/fit-arrivals-file.ts");
      const { fitGapsFile } = await import("../../calibration/fits/fit-gaps-file.ts");
      const { timestamps, json: _json, ...rest } = options;
      const report = await (timestamps === undefined
        ? fitArrivalsFile({ file, ...rest })
        : fitGapsFile({ file, timestamps, seed: rest.seed, holdout: rest.holdout }));
      await tell(report, options);
    });
}

function addService(fit: Command): void {
  withJudging(kind(fit, "service", "distribution of durations, or of percentiles of them"))
    .argument("<file>", "one row a duration, or one row a set of percentiles (p50_ms, p99_ms, ...)")
    .option("--value <column>", "which column holds the durations")
    .option(
      "--rounding <how>",
      "how durations were rounded: nearest or floor",
      nearestOrFloor,
      "nearest" as const,
    )
    .addHelpText("after", examples("stormbell fit service durations.csv --value duration_ms"))
    .action(async (file: string, options: ServiceFlags) => {
      const { fitServiceFile } = await import("../../calibration/fits/fit-service-file.ts");
      await tell(await fitServiceFile({ file, ...options }), options);
    });
}

function addSpans(fit: Command): void {
  kind(fit, "spans", "traces: who calls whom, and each operation's time in service and waiting")
    .argument(
      "<files...>",
      "X-Ray BatchGetTraces, OpenTelemetry spans, Jaeger, or a table of spans",
    )
    .option("--seed <text>", "decides the bootstrap", seedText, "1")
    .addHelpText("after", examples("stormbell fit spans traces.json.gz --json"))
    .action(async (files: readonly string[], options: { seed: string; json?: true }) => {
      const { fitSpanFiles } = await import("../../calibration/fits/fit-spans-file.ts");
      await tell(await fitSpanFiles({ files, seed: options.seed }), options);
    });
}

function addLoad(fit: Command): void {
  kind(fit, "load", "load tests level by level: Little's law, knee or bound, rows that stand out")
    .argument("<file>", "one row a level: connections (or target rate), throughput, mean latency")
    .addHelpText("after", examples("stormbell fit load wrk2.csv"))
    .action(async (file: string, options: { json?: true }) => {
      const { fitLoadFile } = await import("../../calibration/fits/fit-load-file.ts");
      await tell(await fitLoadFile(file), options);
    });
}

function addCache(fit: Command): void {
  kind(fit, "cache", "miss ratios by size from a trace of keys, or hit ratio from counts")
    .argument(
      "<file>",
      "one row a request with its key (and size), or one row an interval with hits and misses",
    )
    .option(
      "--sizes <sizes>",
      "cache sizes to replay, as 128MiB,1GiB or 10000objects",
      cacheSizes,
      [],
    )
    .option("--policy <name>", "lru, fifo or clock", cachePolicy, "lru" as const)
    .option("--key <column>", "which column holds the keys")
    .option("--object-size <column>", "which column holds the sizes in bytes")
    .option("--seed <text>", "decides the bootstrap", seedText, "1")
    .addHelpText(
      "after",
      examples("stormbell fit cache trace.csv.gz --sizes 128MiB,512MiB,1GiB --policy clock"),
    )
    .action(async (file: string, options: CacheFlags) => {
      const { fitCacheFile } = await import("../../calibration/fits/fit-cache-file.ts");
      await tell(await fitCacheFile({ file, ...options }), options);
    });
}

function addColdstart(fit: Command): void {
  withJudging(
    kind(
      fit,
      "coldstart",
      "initialisation times by function and memory, memory exponent, keep-alive",
    ),
  )
    .argument(
      "<files...>",
      "tables of invocations (initDuration filled when cold), or logs with REPORT lines",
    )
    .addHelpText("after", examples("stormbell fit coldstart report_cold.csv report_warm.csv"))
    .action(async (files: readonly string[], options: JudgingFlags) => {
      const { fitColdstartFiles } = await import("../../calibration/fits/fit-coldstart-files.ts");
      await tell(await fitColdstartFiles({ files, ...options }), options);
    });
}

function addFailover(fit: Command): void {
  kind(fit, "failover", "law of detection from its configuration, or time of promotion")
    .argument(
      "<file>",
      "measured times with their settings (grace, interval, count, timeout, delay), or durations",
    )
    .addHelpText("after", examples("stormbell fit failover detection-times.csv"))
    .action(async (file: string, options: { json?: true }) => {
      const { fitFailoverFile } = await import("../../calibration/fits/fit-failover-file.ts");
      await tell(await fitFailoverFile(file), options);
    });
}

function addCapacity(fit: Command): void {
  withJudging(kind(fit, "capacity", "how one benchmark varies within hosts and between them"))
    .argument("<file>", "one row a run: value, host, time")
    .option("--value <column>", "which column holds the result")
    .option("--by <column>", "which column names the host")
    .addHelpText("after", examples("stormbell fit capacity runs.csv.gz --by VM_id"))
    .action(async (file: string, options: CapacityFlags) => {
      const { fitCapacityFile } = await import("../../calibration/fits/fit-capacity-file.ts");
      await tell(await fitCapacityFile({ file, ...options }), options);
    });
}

function addDrift(fit: Command): void {
  kind(fit, "drift", "when a series moved, by how much and which way")
    .argument("<file>", "values over time")
    .option("--value <column>", "which column or metric to watch")
    .option("--by <columns>", "watch each combination of these columns by itself", commaList)
    .addHelpText(
      "after",
      examples(
        "stormbell fit drift cpu.csv",
        "stormbell fit drift daily_coldstart.csv.gz --value mean_init_ms --by runtime,memory_mb,arch",
      ),
    )
    .action(async (file: string, options: DriftFlags) => {
      const { fitDriftFile } = await import("../../calibration/fits/fit-drift-file.ts");
      await tell(await fitDriftFile({ file, ...options }), options);
    });
}

function addDemand(fit: Command): void {
  kind(fit, "demand", "seconds of processor per request, by class or by driver")
    .option("--util <file>", "utilisation over time; with --y and --x the table that holds both")
    .option("--value <column>", "which column or metric of --util holds the utilisation")
    .option(
      "--rt <class=file>",
      "one row a request of this class: end, response time",
      collectClass,
      [],
    )
    .addOption(
      new Option("--predict-rt <class=file>", "requests to predict with the fit")
        .argParser(collectClass)
        .default([], "none"),
    )
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
    .option("--seed <text>", "decides the bootstrap", seedText, "1")
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

interface JudgingFlags {
  readonly holdout: number;
  readonly seed: string;
  readonly json?: true;
}

interface ArrivalFlags extends JudgingFlags {
  readonly period?: number;
  readonly value?: string;
  readonly timestamps?: string;
}

interface ServiceFlags extends JudgingFlags {
  readonly value?: string;
  readonly rounding: "nearest" | "floor";
}

interface CapacityFlags extends JudgingFlags {
  readonly value?: string;
  readonly by?: string;
}

interface CacheFlags {
  readonly sizes: readonly CacheSize[];
  readonly policy: CachePolicy;
  readonly key?: string;
  readonly objectSize?: string;
  readonly seed: string;
  readonly json?: true;
}

interface DriftFlags {
  readonly value?: string;
  readonly by?: readonly string[];
  readonly json?: true;
}

/** Options of every kind that is judged on held-out time. */
function withJudging(command: Command): Command {
  return command
    .option("--holdout <share>", "share of the time, the last, that is held out", share, 0.3)
    .option("--seed <text>", "decides the bootstrap", seedText, "1");
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

/** Seconds of `1s`, `5min`, `1h`. */
function period(text: string): number {
  const found = /^(\d+(?:\.\d+)?)\s*(ms|s|sec|m|min|h|d)?$/i.exec(text.trim());
  const scale = { ms: 0.001, s: 1, sec: 1, m: 60, min: 60, h: 3600, d: 86_400 };
  const seconds =
    found === null
      ? 0
      : Number(found[1]) * scale[(found[2] ?? "s").toLowerCase() as keyof typeof scale];
  if (seconds > 0) return seconds;
  throw new InvalidArgumentError("Give a length of time, such as 1s, 5min or 1h.");
}

const bytesPerUnit: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  k: 2 ** 10,
  m: 2 ** 20,
  g: 2 ** 30,
  t: 2 ** 40,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** Sizes in bytes; a bare number is bytes too, `10000objects` counts objects. */
function cacheSizes(text: string): readonly CacheSize[] {
  return commaList(text).map((each) => {
    const found = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(each);
    const amount = Number(found?.[1]);
    const unit = (found?.[2] ?? "").toLowerCase();
    const scale = unit === "" ? 1 : bytesPerUnit[unit];
    if (found !== null && amount > 0 && /^(obj(ect)?s?|keys|items)$/.test(unit))
      return { text: each, amount, isBytes: false };
    if (found !== null && amount > 0 && scale !== undefined)
      return { text: each, amount: amount * scale, isBytes: true };
    throw new InvalidArgumentError(`"${each}" is no size; give 128MiB, 1GB or 10000objects.`);
  });
}

function cachePolicy(text: string): CachePolicy {
  const name = text.toLowerCase();
  if (name === "lru" || name === "fifo" || name === "clock") return name;
  throw new InvalidArgumentError("Give lru, fifo or clock.");
}

function nearestOrFloor(text: string): "nearest" | "floor" {
  if (text === "nearest" || text === "floor") return text;
  throw new InvalidArgumentError("Give nearest or floor.");
}

function startOrEnd(text: string): "start" | "end" {
  if (text === "start" || text === "end") return text;
  throw new InvalidArgumentError("Give start or end.");
}

function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join("\n")}`;
}
