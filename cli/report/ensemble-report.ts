/** One scenario over many seeds, for a terminal. */
import type {
  EnsembleObjective,
  EnsembleResults,
} from "../../sim/twin/ensemble/ensemble-results.ts";
import type { PercentileEstimate } from "../../sim/twin/ensemble/order-statistics.ts";
import type { ShareEstimate } from "../../sim/twin/ensemble/wilson-interval.ts";
import { table, tone, wrap } from "../terminal.ts";
import { grouped } from "./clock.ts";

const widthMax = 100;

export function ensembleReport(results: EnsembleResults, scenarioName: string): readonly string[] {
  const { seedCount, healthy, requests, warmUp } = results;
  return [
    tone(
      "bold",
      `${scenarioName} over ${seedCount} seeds (${grouped(requests)} requests; brackets hold 95 % intervals)`,
    ),
    ...(warmUp === undefined
      ? []
      : wrap(
          `All runs share the warm-up of seed ${warmUp.seed} up to ${warmUp.atSeconds.toFixed(0)} s and differ only in their luck after it.`,
          widthMax,
          "",
        )),
    ...(healthy.hits === seedCount
      ? []
      : [
          tone(
            "red",
            `baseline unhealthy in ${seedCount - healthy.hits} of ${seedCount} runs; recovery times are those of the others`,
          ),
        ]),
    "",
    ...functionTable(results),
    ...(results.rpo.length === 0 ? [] : ["", ...lossTable(results)]),
    "",
    ...table([
      ["  OBJECTIVE", "LIMIT", "RUNS THAT MET IT"],
      ...results.objectives.map(({ id, limit, unit, met }) => [
        `  ${id}`,
        `${grouped(limit)} ${unit}`,
        shareText(met),
      ]),
      ["  all of them", "", shareText(results.allMet)],
    ]),
    ...(results.ensembleObjectives.length === 0
      ? []
      : ["", "  Objectives over the seeds", ...results.ensembleObjectives.flatMap(objectiveLines)]),
    ...(hasOpenEnd(results)
      ? [
          "",
          ...wrap(
            "A - in brackets is an end that these seeds leave open: the further out the percentile, the more of them (--seeds) it takes to bound it.",
            widthMax,
            "",
          ),
        ]
      : []),
  ];
}

function hasOpenEnd({ functions, rpo }: EnsembleResults): boolean {
  const estimates = [
    ...functions.flatMap(({ rtoSeconds }) => rtoSeconds),
    ...rpo.flatMap(({ lostCount }) => lostCount.slice(0, 2)),
  ];
  return estimates.some(({ low, high }) => low === null || high === null);
}

function functionTable({ functions }: EnsembleResults): readonly string[] {
  return table([
    ["  RECOVERY (s)", "P50", "P95", "P99", "UNRECOVERED", "LATENCY P99 (ms)", "GOODPUT (/s)"],
    ...functions.map((each) => [
      `  ${each.function}`,
      ...[0, 1, 2].map((at) => estimateText(each.rtoSeconds[at], 1)),
      String(each.censoredCount),
      each.latencyMsP99.mean < 0
        ? "not judged: scaled"
        : `${each.latencyMsP99.mean.toFixed(0)} +- ${halfWidthText(each.latencyMsP99.halfWidth, 0)}`,
      `${each.goodputPerSecond.mean.toFixed(1)} +- ${halfWidthText(each.goodputPerSecond.halfWidth, 1)}`,
    ]),
  ]);
}

function lossTable({ rpo }: EnsembleResults): readonly string[] {
  return table([
    ["  LOSS (accepted at)", "RUNS WITHOUT", "LOST P50", "P95", "MOST", "DOUBLED", "REORDERED"],
    ...rpo.map((each) => [
      `  ${each.acceptance}${each.declared ? " (declared)" : ""}`,
      shareText(each.lossless),
      estimateText(each.lostCount[0], 0),
      estimateText(each.lostCount[1], 0),
      grouped(each.lostCountMax),
      grouped(each.doubledCountMax),
      grouped(each.reorderedCountMax),
    ]),
  ]);
}

function objectiveLines(objective: EnsembleObjective): readonly string[] {
  const { id, met, percentile, limit, unit, estimate, because } = objective;
  const mark =
    met === undefined
      ? tone("yellow", "not judged")
      : met
        ? tone("green", "met       ")
        : tone("red", "MISSED    ");
  const measured = estimate === undefined ? "-" : estimateText(estimate, 1);
  return [
    `  ${mark}  ${id}: p${percentile} is ${measured} against ${grouped(limit)} ${unit}`,
    ...wrap(because, widthMax, " ".repeat(14)),
  ];
}

/** `82.0 [75.0, 91.0]`; `>` before a lower bound, `-` for an end that nothing bounds. */
export function estimateText(estimate: PercentileEstimate | undefined, digits: number): string {
  if (estimate === undefined) return "-";
  const { atLeast, atMost, low, high } = estimate;
  const text = (value: number | null) => (value === null ? "-" : value.toFixed(digits));
  const value =
    atMost === null
      ? `>${text(atLeast)}`
      : atMost === atLeast
        ? text(atLeast)
        : `${text(atLeast)}..${text(atMost)}`;
  return `${value} [${text(low)}, ${text(high)}]`;
}

/** `19 of 20 [76, 99] %` */
export function shareText({ hits, count, low, high }: ShareEstimate): string {
  return `${hits} of ${count} [${(100 * low).toFixed(0)}, ${(100 * high).toFixed(0)}] %`;
}

function halfWidthText(halfWidth: number, digits: number): string {
  return Number.isFinite(halfWidth) ? halfWidth.toFixed(digits) : "?";
}
