/** What the start page says of a scenario that has been run: its verdict, a sentence, the instant that matters, a line in little. */
import type { Recording } from "../sim/twin/recording/recording-types.ts";

export interface ScenarioVerdict {
  readonly verdict: "met" | "missed" | "unhealthy before";
  readonly sentence: string;
  /** Instant at which the picture is worth opening, seconds: the first fault, else the first outage, else 0. */
  readonly atSeconds: number;
  /** Share of good order entries over the run, 0..1. */
  readonly spark: readonly number[];
}

/** Points of the line in little. */
const sparkPoints = 48;

export function verdictOf({ head, frames }: Recording): ScenarioVerdict {
  const { results } = head;
  const missed = results.objectives.filter(({ met }) => !met);
  const worst = missed.find(({ kind }) => kind === "rpo") ?? missed[0];
  const channel = (name: string) =>
    frames[head.channels.findIndex((each) => each.component === "" && each.name === name)];
  const good = channel("order-entry good");
  const bad = channel("order-entry bad");
  const spark = Array.from({ length: sparkPoints }, (_, at) => {
    const from = Math.floor((at / sparkPoints) * (head.frameCount - 1));
    const to = Math.floor(((at + 1) / sparkPoints) * (head.frameCount - 1));
    const gained = (values: Recording["frames"][number] | undefined) =>
      (values?.[to] ?? 0) - (values?.[from] ?? 0);
    const all = gained(good) + gained(bad);
    return all === 0 ? 0 : Math.round((gained(good) / all) * 100) / 100;
  });
  const verdict = !results.baseline.healthy
    ? "unhealthy before"
    : worst === undefined
      ? "met"
      : "missed";
  const sentence = results.baseline.healthy
    ? (worst?.because ?? "Every objective was met.")
    : (results.baseline.reasons[0] ?? "");
  const faults = head.scenario.faults.map(({ atSeconds }) => atSeconds);
  const outages = results.functions.flatMap((each) =>
    each.outages.map(({ beganUs }) => beganUs / 1e6),
  );
  const instants = faults.length > 0 ? faults : outages;
  return {
    verdict,
    sentence: firstClause(sentence),
    atSeconds: instants.length === 0 ? 0 : Math.floor(Math.min(...instants)),
    spark,
  };
}

function firstClause(sentence: string): string {
  const [first = sentence] = sentence.split(";");
  const capital = first.charAt(0).toUpperCase() + first.slice(1);
  return /[.!]$/.test(capital) ? capital : `${capital}.`;
}
