/** Drills for GitHub Actions: annotations, the worst first, and a step summary in Markdown. */
import type { ObjectiveResult } from "../../sim/twin/results-types.ts";
import type { DrillRun } from "./drill-run.ts";
import { excessOf, measuredText, replayCommand, verdictOf } from "./verdict.ts";

/** GitHub shows this many of a kind for a step. */
const annotationsMax = 10;

/** A step summary must stay under 1 MiB. */
const summaryLengthMax = 1_000_000;

interface Finding {
  readonly run: DrillRun;
  readonly title: string;
  readonly message: string;
  readonly excess: number;
}

export function githubAnnotations(runs: readonly DrillRun[]): readonly string[] {
  return runs
    .flatMap(findingsOf)
    .sort((a, b) => b.excess - a.excess)
    .slice(0, annotationsMax)
    .map(
      ({ run, title, message }) =>
        `::error file=${escapedProperty(run.scenarioPath)},line=1,title=${escapedProperty(title)}::${escaped(message)}`,
    );
}

export function githubSummary(runs: readonly DrillRun[]): string {
  const lines = [
    "## Drills",
    "",
    "| scenario | seed | verdict | missed |",
    "| --- | --- | --- | --- |",
    ...runs.map((run) => {
      const { kind, missed } = verdictOf(run.summary);
      const cells = missed.map(
        (objective) => `${objective.id}: ${measuredText(objective)}. ${objective.because}`,
      );
      const { seed } = run.summary;
      return `| ${cell(run.scenarioName)} | ${cell(seed)} | ${kind} | ${cells.map(cell).join("<br>")} |`;
    }),
    "",
  ];
  let text = "";
  for (const line of lines) {
    if (text.length + line.length > summaryLengthMax)
      return `${text}\nThe rest was cut off here.\n`;
    text += `${line}\n`;
  }
  return text;
}

function findingsOf(run: DrillRun): readonly Finding[] {
  const { summary, scenarioName } = run;
  const { baseline } = summary;
  const again = `replay: ${replayCommand(summary, scenarioName)}`;
  if (!baseline.healthy) {
    const message = `${baseline.reasons.join("; ")} (${again})`;
    return [
      {
        run,
        title: `${scenarioName}: baseline unhealthy`,
        message,
        excess: Number.POSITIVE_INFINITY,
      },
    ];
  }
  return verdictOf(summary).missed.map((objective: ObjectiveResult) => ({
    run,
    title: `${scenarioName}: ${objective.id} missed`,
    message: `${measuredText(objective)}. ${objective.because} (${again})`,
    excess: excessOf(objective),
  }));
}

function escaped(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapedProperty(text: string): string {
  return escaped(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
