/** The report of one run for a terminal, from its recording and nothing else. ASCII, at most 100 columns. */
import type { Recording, RecordingHead } from "../../sim/twin/recording/recording-types.ts";
import type { EnsembleSample, ObjectiveResult } from "../../sim/twin/results-types.ts";
import { table, tone, wrap } from "../terminal.ts";
import { clock, clockFrom, grouped } from "./clock.ts";
import { copyLines, invariantLines, orderLines, rpoLines } from "./order-text.ts";
import {
  budgetLines,
  functionLines,
  marketLines,
  timeLines,
  triggerLines,
} from "./service-text.ts";
import { timelineOf } from "./timeline.ts";
import { judgedOf, measuredText, replayCommand, verdictOf } from "./verdict.ts";

const widthMax = 100;
const timelineRowsMax = 40;

export interface ReportOptions {
  /** As the user can give it to `run`. */
  readonly scenarioName: string;
  /** Where the recording lies; undefined when it was not kept. */
  readonly recordingPath: string | undefined;
}

export function textReport(recording: Recording, options: ReportOptions): readonly string[] {
  const { head } = recording;
  return [
    ...headerLines(head),
    ...section("Timeline", timelineLines(head)),
    ...section(
      "Business functions (parts of the longest outage in s, latency in ms)",
      functionLines(head),
    ),
    ...section(
      "Error budgets (wanted good/period; burn: times as fast as evenly)",
      budgetLines(head),
    ),
    ...section("Triggers (time of the run)", triggerLines(head)),
    ...section("Market reopening (time from the fault to each state)", marketLines(head)),
    ...section("Orders", orderLines(head)),
    ...section("Data loss (RPO)", rpoLines(head)),
    ...section("Copies elsewhere (what each had not received)", copyLines(head)),
    ...section("Invariants", invariantLines(head)),
    ...section("Where time went (mean ms of good requests)", timeLines(head)),
    ...section("Objectives", [
      ...head.results.objectives.flatMap(objectiveLines),
      ...(head.results.ensembleSamples ?? []).flatMap((sample) => sampleLines(sample, options)),
    ]),
    ...section("Next", nextLines(recording, options)),
    "",
    `digest ${head.digest}`,
    ...(options.recordingPath === undefined ? [] : [`recording ${options.recordingPath}`]),
    verdictLine(recording),
  ];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0
    ? []
    : ["", tone("bold", title), ...lines.flatMap((line) => broken(line))];
}

/** Lines stay within the width; what must be broken goes on indented, and keeps its columns as far as it can. */
function broken(line: string, hanging = Math.min(indentOf(line), 20) + 4): readonly string[] {
  if (visibleLength(line) <= widthMax) return [line];
  const coloured = line.length - visibleLength(line);
  const at = line.lastIndexOf(" ", widthMax + coloured);
  if (at <= indentOf(line)) return [line];
  return [
    line.slice(0, at).trimEnd(),
    ...broken(" ".repeat(hanging) + line.slice(at + 1), hanging),
  ];
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

function visibleLength(line: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with one.
  return line.replace(/\u001b\[[0-9;]*m/g, "").length;
}

function headerLines(head: RecordingHead): readonly string[] {
  const { scenario, topology } = head;
  const orders =
    head.orderFile === undefined
      ? ""
      : `, orders from ${head.orderFile.name} (${grouped(head.orderFile.commandCount)} commands)`;
  return [
    ...broken(tone("bold", `${scenario.id}: ${scenario.title}`)),
    ...wrap(scenario.description, widthMax, ""),
    ...broken(
      `topology ${topology.id}, ${grouped(scenario.workload.ratePerSecond)} requests/s${orders}, ` +
        `${clock(head.durationUs)} simulated, seed ${head.seed}, stormbell ${head.programVersion}`,
    ),
    ...scalingLines(head),
    ...baselineLines(head),
    ...overriddenLines(head),
  ];
}

/** What a run of one in so many is, and what it says nothing about. */
function scalingLines({ results: { scaling } }: RecordingHead): readonly string[] {
  if (scaling === undefined) return [];
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const stations = scaling.stations.map(
    ({ component, what, from, to }) => `${component} ${what} ${rounded(from)} -> ${rounded(to)}`,
  );
  const left =
    scaling.leftWhole.length === 0 ? "" : `; left whole: ${scaling.leftWhole.join(", ")}`;
  return [
    ...broken(
      tone(
        "red",
        `SCALED 1:${scaling.oneOf}: whole partitions of symbols and users with ${percent(scaling.loadShare)} of the load; tails and losses are not judged`,
      ),
    ),
    ...broken(
      `users' own partitions get ${percent(scaling.userLoad)} of their load; shared: ${stations.join(", ")}${left}`,
    ),
  ];
}

function rounded(value: number): string {
  return grouped(Math.round(value * 100) / 100);
}

function baselineLines({ results: { baseline } }: RecordingHead): readonly string[] {
  const span = `${clock(baseline.judgedFromUs)} to ${clock(baseline.judgedToUs)}`;
  if (baseline.healthy) return [`baseline healthy from ${span}`];
  return [
    tone("red", `BASELINE UNHEALTHY from ${span}: no recovery time can be trusted, because`),
    ...baseline.reasons.flatMap((reason) => broken(`  - ${reason}`)),
  ];
}

/** Numbers that are not the catalogue's; what is the same in several copies is told once. */
function overriddenLines({ components }: RecordingHead): readonly string[] {
  const owners = new Map<string, string[]>();
  for (const { id, parameters } of components) {
    for (const [name, { origin, value, replaced, unit }] of Object.entries(parameters)) {
      if (origin !== "override" || value === replaced) continue;
      const before = replaced === undefined ? "" : ` instead of ${grouped(replaced)}`;
      const change = `.${name} = ${grouped(value)} ${unit}${before}`;
      owners.set(change, [...(owners.get(change) ?? []), id]);
    }
  }
  const changes = [...owners].map(([change, [first = "", ...others]]) =>
    others.length === 0 ? `${first}${change}` : `${first}${change} (and ${others.length} alike)`,
  );
  return changes.length === 0 ? [] : broken(`overridden: ${changes.join("; ")}`);
}

function timelineLines(head: RecordingHead): readonly string[] {
  const { originUs, rows, earlierCount, hiddenCount } = timelineOf(head, timelineRowsMax);
  const cells = rows.map((row) => {
    const until = clockFrom(row.lastUs, originUs);
    const span = until === clockFrom(row.atUs, originUs) ? "" : ` until ${until}`;
    const times = row.count > 1 ? ` x${row.count}${span}` : "";
    return [
      `  ${clockFrom(row.atUs, originUs)}`,
      clock(row.atUs),
      stageText(row.stage),
      `${row.place === "" ? "" : `${row.place}: `}${row.what}${times}`,
    ];
  });
  return [
    ...table(cells),
    ...(earlierCount > 0
      ? [`  (${grouped(earlierCount)} events before the first fault are not shown)`]
      : []),
    ...(hiddenCount > 0 ? [`  (${grouped(hiddenCount)} more events are in the recording)`] : []),
  ];
}

function stageText(stage: string): string {
  if (stage === "fault") return tone("red", stage);
  if (stage === "recover") return tone("green", stage);
  return stage === "info" ? tone("dim", stage) : stage;
}

function objectiveLines(objective: ObjectiveResult): readonly string[] {
  const mark = objective.met ? tone("green", "met   ") : tone("red", "MISSED");
  return [
    `  ${mark}  ${objective.id}: ${measuredText(objective)}`,
    ...wrap(objective.because, widthMax, " ".repeat(10)),
  ];
}

/** An objective that only many runs can judge, with what this one adds to it. */
function sampleLines(sample: EnsembleSample, { scenarioName }: ReportOptions): readonly string[] {
  const { id, measured, censored, unit, limit, over } = sample;
  const here =
    measured === null
      ? "nothing"
      : `${censored ? ">" : ""}${grouped(Math.round(measured * 10) / 10)}`;
  const bound = `p${over.percentile} of ${over.seeds} seeds at most ${grouped(limit)} ${unit}`;
  return [
    `  ${tone("yellow", "not judged")}  ${id}: ${bound}; this run measured ${here}`,
    `          npx stormbell drill ${scenarioName} --seeds ${over.seeds} judges it`,
  ];
}

function nextLines(
  recording: Recording,
  { scenarioName, recordingPath }: ReportOptions,
): readonly string[] {
  const { head } = recording;
  const nextSeed = /^\d{1,9}$/.test(head.seed) ? String(Number(head.seed) + 1) : `${head.seed}-2`;
  const rows = [
    [`  npx stormbell drill ${scenarioName} --seeds 20`, "the verdict over 20 seeds, not one"],
    [`  npx stormbell run ${scenarioName} --seed ${nextSeed}`, "the same fault with other luck"],
    ...(recordingPath === undefined
      ? [[`  ${replayCommand(judgedOf(recording), scenarioName)}`, "this run again"]]
      : [[`  npx stormbell run ${recordingPath}`, "this run again; compares the digests"]]),
  ];
  return table(rows);
}

function verdictLine(recording: Recording): string {
  const { kind, text } = verdictOf(judgedOf(recording));
  return tone(kind === "met" ? "green" : "red", text);
}
