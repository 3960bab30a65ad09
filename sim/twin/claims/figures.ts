import { percentileOf } from "../ensemble/order-statistics.ts";
import { isCopyOf } from "../platform/copies.ts";
import type { Figure } from "./claim-types.ts";
import type { ObservedRun } from "./watched-run.ts";

/** Median of what the runs say, with the least and the most. */
export function figureOf(values: readonly number[], unit: string): Figure {
  const sorted = [...values].sort((one, other) => one - other);
  const median = percentileOf(
    values.map((value) => ({ value, censored: false })),
    50,
    0.95,
  ).atLeast;
  return {
    value: median,
    low: sorted[0] ?? median,
    high: sorted[sorted.length - 1] ?? median,
    unit,
    runs: values.length,
  };
}

/** A number that follows from others without chance. */
export function exactFigure(value: number, unit: string): Figure {
  return { value, low: value, high: value, unit, runs: 0 };
}

/** `161 s (150 to 172 over 3 runs)` */
export function figureText({ value, low, high, unit, runs }: Figure): string {
  if (!Number.isFinite(value)) return "longer than the run";
  const range =
    runs > 1 && low !== high
      ? ` (${numberText(low)} to ${numberText(high)} over ${runs} runs)`
      : "";
  return unit === "USD"
    ? `$${numberText(value)}${range}`
    : `${numberText(value)}${unit === "" ? "" : ` ${unit}`}${range}`;
}

/** Three significant digits below a hundred, whole numbers above, thousands set apart. */
export function numberText(value: number): string {
  if (!Number.isFinite(value)) return "no bound";
  const size = value < 0 ? -value : value;
  if (size >= 100) {
    return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
  }
  return String(Number(value.toPrecision(3)));
}

export function percentText(share: number): string {
  return `${numberText(100 * share)} %`;
}

/** Longest recovery of any business function in each run; what the run did not see end counts as no bound. */
export function recoverySeconds(
  runs: readonly ObservedRun[],
  functions?: readonly string[],
): readonly number[] {
  return runs.map(({ summary }) =>
    Math.max(
      0,
      ...summary.functions
        .filter((each) => functions === undefined || functions.includes(each.function))
        .map(({ rtoSeconds, censored }) => (censored ? Number.POSITIVE_INFINITY : rtoSeconds)),
    ),
  );
}

/** The value of a channel at an instant; 0 for one that the run does not have. */
export function levelAt(
  run: ObservedRun,
  component: string,
  name: string,
  atSeconds: number,
): number {
  const values = run.watched.series.find(
    (each) => each.component === component && each.name === name,
  )?.values;
  if (values === undefined) return 0;
  const at = Math.round(atSeconds / run.watched.stepSeconds);
  return values[Math.max(0, Math.min(values.length - 1, at))] ?? 0;
}

/** Mean and peak of a level between two instants; of all its copies, the largest. */
export function levelOver(
  run: ObservedRun,
  component: string,
  name: string,
  [from, to]: readonly [number, number],
): { readonly mean: number; readonly peak: number } {
  const { stepSeconds, series } = run.watched;
  const spans = series
    .filter((each) => isCopyOf(each.component, component) && each.name === name)
    .map(({ values }) =>
      values.slice(Math.floor(from / stepSeconds), Math.ceil(to / stepSeconds) + 1),
    );
  const means = spans.map(
    (span) => span.reduce((sum, value) => sum + value, 0) / Math.max(1, span.length),
  );
  return { mean: Math.max(0, ...means), peak: Math.max(0, ...spans.flat()) };
}

/** By how much a count grew between two instants, its copies together. */
export function grownOver(
  run: ObservedRun,
  component: string,
  name: string,
  [from, to]: readonly [number, number],
): number {
  const ids = new Set(
    run.watched.series
      .filter((each) => isCopyOf(each.component, component) && each.name === name)
      .map((each) => each.component),
  );
  return [...ids].reduce(
    (sum, id) => sum + levelAt(run, id, name, to) - levelAt(run, id, name, from),
    0,
  );
}

/** Ids of a component's copies in regions, with their partitions; the component itself when it stands once. */
export function regionalCopies(run: ObservedRun, component: string): readonly string[] {
  const isCopy = new RegExp(`^${component}(-[a-z]{2}-[a-z]+-\\d(-\\d+)?)?$`);
  const ids = run.watched.series.map((each) => each.component).filter((id) => isCopy.test(id));
  return [...new Set(ids)];
}

export function parameterOf(run: ObservedRun, component: string, name: string): number {
  const value = run.watched.parameters[component]?.[name]?.value;
  if (value === undefined) throw new Error(`The run has no parameter ${component}.${name}`);
  return value;
}

/** The first run; there is one for every scenario that a claim names. */
export function firstOf<Item>(items: readonly Item[]): Item {
  const [first] = items;
  if (first === undefined) throw new Error("A claim without runs");
  return first;
}

/** Instant of the last value of the series; a rate up to the run's end is one up to here. */
export function lastSecond({ watched: { series, stepSeconds } }: ObservedRun): number {
  return (firstOf(series).values.length - 1) * stepSeconds;
}
