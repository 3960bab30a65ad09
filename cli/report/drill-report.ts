/** The verdict table of several runs. */
import { table, tone } from "../terminal.ts";
import { grouped, secondsText } from "./clock.ts";
import type { DrillRun } from "./drill-run.ts";
import { soundnessOf, soundnessText } from "./soundness.ts";
import { measuredText, replayCommand, verdictOf } from "./verdict.ts";

/** Runs whose misses are told one by one. */
const toldMax = 10;
/** Runs that have a line of the table: one of each shipped scenario, or the seeds of a few. */
const rowsMax = 200;

export function drillReport(
  runs: readonly DrillRun[],
  missedOverSeeds: readonly string[] = [],
): readonly string[] {
  const isShortened = runs.some(({ timeScale }) => timeScale !== 1);
  const rows = runs.slice(0, rowsMax).map((run) => {
    const { summary } = run;
    const verdict = verdictOf(summary);
    const declared = summary.rpo.find((each) => each.declared);
    return [
      run.scenarioName,
      ...(isShortened ? [run.timeScale === 1 ? "" : `1:${run.timeScale}`] : []),
      summary.seed,
      verdict.kind === "met"
        ? tone("green", "met")
        : tone("red", verdict.kind === "missed" ? "MISSED" : "UNHEALTHY"),
      `${verdict.metCount}/${summary.objectives.length}`,
      worstOutage(run),
      summary.scaling === undefined ? grouped(declared?.lostCount ?? 0) : "-",
      summary.digest,
    ];
  });
  const failed = runs.filter((run) => verdictOf(run.summary).kind !== "met");
  const head = ["SEED", "VERDICT", "MET", "LONGEST OUTAGE", "LOST", "DIGEST"];
  return [
    ...table([["SCENARIO", ...(isShortened ? ["TIME"] : []), ...head], ...rows]),
    ...(runs.length > rowsMax ? [`and ${runs.length - rowsMax} more; --json lists them all`] : []),
    ...failed.slice(0, toldMax).flatMap(missLines),
    ...(failed.length > toldMax
      ? ["", `and ${failed.length - toldMax} more runs that failed; --json tells them all`]
      : []),
    "",
    ...(isShortened
      ? [
          "TIME 1:30: thirty seconds of the incident are one of the run, so that many hours fit; recovery times are of the run.",
        ]
      : []),
    ...scaledText(runs),
    ...soundnessText(soundnessOf(runs)),
    drillVerdict(runs, missedOverSeeds),
  ];
}

/** What a drill on a sample leaves open. */
function scaledText(runs: readonly DrillRun[]): readonly string[] {
  const scaled = runs.find(({ summary }) => summary.scaling !== undefined)?.summary.scaling;
  if (scaled === undefined) return [];
  const open = new Set(runs.flatMap(({ summary }) => summary.scaling?.notJudged ?? []));
  const ids = open.size === 0 ? "" : ` (${[...open].join(", ")})`;
  return [
    `Scaled 1:${scaled.oneOf}: tails and losses are not judged${ids}; run without --scale for those.`,
  ];
}

/** One line: how many runs met all their objectives, and which objectives over the seeds were missed. */
export function drillVerdict(
  runs: readonly DrillRun[],
  missedOverSeeds: readonly string[] = [],
): string {
  const metCount = runs.filter((run) => verdictOf(run.summary).kind === "met").length;
  const over =
    missedOverSeeds.length === 0 ? "" : `; missed over all seeds: ${missedOverSeeds.join(", ")}`;
  const text = `${metCount} of ${runs.length} runs met all their objectives${over}`;
  const isGood = metCount === runs.length && missedOverSeeds.length === 0;
  return tone(isGood ? "green" : "red", text);
}

function missLines(run: DrillRun): readonly string[] {
  const { text, missed, kind } = verdictOf(run.summary);
  const told =
    kind === "missed"
      ? missed.map((each) => `  ${each.id}: ${measuredText(each)}. ${each.because}`)
      : [];
  return ["", text, ...told, `  replay: ${replayCommand(run.summary, run.scenarioName)}`];
}

function worstOutage({ summary }: DrillRun): string {
  const outages = summary.functions.flatMap((result) => result.outages);
  const [worst] = [...outages].sort((a, b) => b.seconds - a.seconds);
  if (worst === undefined) return "none";
  return `${worst.censored ? ">" : ""}${secondsText(worst.seconds)} ${worst.function}`;
}
