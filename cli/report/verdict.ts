/** The verdict of a run, for every kind of report. */
import type { RunSummary } from "../../sim/twin/ensemble/run-summary.ts";
import type { Recording } from "../../sim/twin/recording/recording-types.ts";
import type { ObjectiveResult } from "../../sim/twin/results-types.ts";
import { grouped } from "./clock.ts";

export interface Verdict {
  readonly kind: "met" | "missed" | "baseline-unhealthy";
  readonly metCount: number;
  readonly missed: readonly ObjectiveResult[];
  /** One line. */
  readonly text: string;
}

/** What a verdict needs to know of a run. */
export type JudgedRun = Pick<
  RunSummary,
  "scenario" | "seed" | "baseline" | "objectives" | "scaling"
>;

/** The judged part of a recording. */
export function judgedOf({ head }: Recording): JudgedRun & Pick<RunSummary, "orderFile"> {
  const { baseline, objectives, scaling } = head.results;
  return {
    scenario: head.scenario.id,
    seed: head.seed,
    baseline,
    objectives,
    ...(scaling === undefined ? {} : { scaling }),
    ...(head.orderFile === undefined ? {} : { orderFile: head.orderFile }),
  };
}

export function verdictOf({ scenario, seed, baseline, objectives, scaling }: JudgedRun): Verdict {
  const missed = objectives.filter((objective) => !objective.met);
  const metCount = objectives.length - missed.length;
  const name = `${scenario}, seed ${seed}${scaling === undefined ? "" : `, scaled 1:${scaling.oneOf}`}`;
  if (!baseline.healthy) {
    const reason =
      baseline.reasons[0] ?? "the platform did not hold its objectives before the first fault";
    return {
      kind: "baseline-unhealthy",
      metCount,
      missed,
      text: `${name}: baseline unhealthy: ${reason}`,
    };
  }
  const held = scaling?.notJudged ?? [];
  const withheld = held.length === 0 ? "" : `; not judged, since scaled: ${held.join(", ")}`;
  const score = `${metCount} of ${objectives.length} objectives met${withheld}`;
  if (missed.length === 0) return { kind: "met", metCount, missed, text: `${name}: ${score}` };
  const names = missed.map(({ id }) => id).join(", ");
  return { kind: "missed", metCount, missed, text: `${name}: ${score}; missed: ${names}` };
}

/** `82 against a limit of 60 seconds` */
export function measuredText({ measured, limit, unit }: ObjectiveResult): string {
  if (measured === null) return `not measured, limit ${grouped(limit)} ${unit}`;
  return `${grouped(rounded(measured))} against a limit of ${grouped(limit)} ${unit}`;
}

/** How far beyond its limit, for putting the worst first; a limit of 0 is missed by what was measured. */
export function excessOf({ measured, limit }: ObjectiveResult): number {
  if (measured === null) return Number.POSITIVE_INFINITY;
  return Math.abs(measured - limit) / Math.max(1, Math.abs(limit));
}

/** The command that repeats a run of a shipped scenario or a file of one's own. */
export function replayCommand(
  run: Pick<RunSummary, "seed" | "orderFile" | "scaling">,
  scenarioName: string,
): string {
  const orders = run.orderFile === undefined ? "" : ` --orders ${run.orderFile.name}`;
  const scale = run.scaling === undefined ? "" : ` --scale 1:${run.scaling.oneOf}`;
  return `npx stormbell run ${scenarioName} --seed ${run.seed}${orders}${scale}`;
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
