/** The verdict table of several runs. */
import { table, tone } from "../terminal.ts";
import { grouped, secondsText } from "./clock.ts";
import type { DrillRun } from "./drill-run.ts";
import { measuredText, replayCommand, verdictOf } from "./verdict.ts";

/** Runs whose misses are told one by one; the table has all of them. */
const toldMax = 10;

export function drillReport(runs: readonly DrillRun[]): readonly string[] {
  const rows = runs.map((run) => {
    const { head } = run.recording;
    const verdict = verdictOf(run.recording);
    const declared = head.results.rpo.find((each) => each.declared);
    return [
      run.scenarioName,
      head.seed,
      verdict.kind === "met"
        ? tone("green", "met")
        : tone("red", verdict.kind === "missed" ? "MISSED" : "UNHEALTHY"),
      `${verdict.metCount}/${head.results.objectives.length}`,
      worstOutage(run),
      grouped(declared?.lostCount ?? 0),
      head.digest,
    ];
  });
  const failed = runs.filter((run) => verdictOf(run.recording).kind !== "met");
  return [
    ...table([["SCENARIO", "SEED", "VERDICT", "MET", "LONGEST OUTAGE", "LOST", "DIGEST"], ...rows]),
    ...failed.slice(0, toldMax).flatMap(missLines),
    ...(failed.length > toldMax
      ? ["", `and ${failed.length - toldMax} more runs that failed; --json tells them all`]
      : []),
    "",
    drillVerdict(runs),
  ];
}

/** One line: how many runs met all their objectives. */
export function drillVerdict(runs: readonly DrillRun[]): string {
  const metCount = runs.filter((run) => verdictOf(run.recording).kind === "met").length;
  const text = `${metCount} of ${runs.length} runs met all their objectives`;
  return tone(metCount === runs.length ? "green" : "red", text);
}

function missLines(run: DrillRun): readonly string[] {
  const { text, missed, kind } = verdictOf(run.recording);
  const told =
    kind === "missed"
      ? missed.map((each) => `  ${each.id}: ${measuredText(each)}. ${each.because}`)
      : [];
  return ["", text, ...told, `  replay: ${replayCommand(run.recording, run.scenarioName)}`];
}

function worstOutage({ recording }: DrillRun): string {
  const outages = recording.head.results.functions.flatMap((result) => result.outages);
  const [worst] = [...outages].sort((a, b) => b.seconds - a.seconds);
  if (worst === undefined) return "none";
  return `${worst.censored ? ">" : ""}${secondsText(worst.seconds)} ${worst.function}`;
}
