/** How often calibration's 90 % intervals hold the truth: a platform with known parameters, run and calibrated again and again. */
import { recordingCloudWatch } from "../../sim/twin/recording/export/cloudwatch.ts";
import type { Topology } from "../../sim/twin/topology-types.ts";
import { estimateParameters } from "../calibrate/estimate-parameters.ts";
import { observe } from "../calibrate/observations.ts";
import { importMetricData } from "../importers/get-metric-data.ts";
import { proposeMapping } from "../mapping/propose-mapping.ts";
import { runKnownPlatform } from "./known-platform.ts";

/** What all runs say of one parameter. */
export interface CoverageRow {
  readonly parameter: string;
  readonly runs: number;
  /** Runs in which the estimate was identified. */
  readonly identified: number;
  /** Runs with an interval on both or one side, and those of them whose interval holds the truth. */
  readonly judged: number;
  readonly covered: number;
  /** Median of (estimate / truth - 1). */
  readonly medianError: number;
  /** Median of half the interval's width over the truth. */
  readonly medianHalfWidth: number;
}

export interface SelfTestOptions {
  readonly topology: Topology;
  readonly runs: number;
  readonly durationSeconds: number;
  /** First seed; the others count on from it. */
  readonly firstSeed?: number;
  /** Told after each run; `rows` gives the table so far. */
  readonly onRun?: (done: number, rows: () => readonly CoverageRow[]) => void;
}

interface Outcome {
  readonly identified: boolean;
  readonly covered: boolean | undefined;
  readonly error: number;
  readonly halfWidth: number;
}

export function selfTest(options: SelfTestOptions): readonly CoverageRow[] {
  const outcomes = new Map<string, Outcome[]>();
  for (let run = 0; run < options.runs; run += 1) {
    const seed = `known-${(options.firstSeed ?? 1) + run}`;
    for (const [name, outcome] of calibrateOnce(options, seed)) {
      outcomes.set(name, [...(outcomes.get(name) ?? []), outcome]);
    }
    options.onRun?.(run + 1, () => rowsOf(outcomes));
  }
  return rowsOf(outcomes);
}

function rowsOf(outcomes: ReadonlyMap<string, readonly Outcome[]>): readonly CoverageRow[] {
  return [...outcomes].map(([parameter, all]) => {
    const judged = all.filter(({ covered }) => covered !== undefined);
    return {
      parameter,
      runs: all.length,
      identified: all.filter(({ identified }) => identified).length,
      judged: judged.length,
      covered: judged.filter(({ covered }) => covered).length,
      medianError: medianOf(judged.map(({ error }) => error)),
      medianHalfWidth: medianOf(judged.map(({ halfWidth }) => halfWidth)),
    };
  });
}

function calibrateOnce({ topology, durationSeconds }: SelfTestOptions, seed: string) {
  const { recording, workload, truth } = runKnownPlatform(topology, seed, { durationSeconds });
  const document: unknown = JSON.parse(recordingCloudWatch(recording));
  const series = importMetricData([document], document, seed, []);
  const observations = observe(series, proposeMapping(series, topology));
  const parameters = estimateParameters({ topology, workload, observations });
  return Object.entries(truth).map(([name, value]) => {
    const estimate = parameters.find((each) => each.name === name)?.estimate;
    if (estimate === undefined) throw new Error(`calibration says nothing of ${name}`);
    const [low, high] = estimate.interval ?? [null, null];
    const isJudged = low !== null || high !== null;
    const outcome: Outcome = {
      identified: estimate.state === "identified",
      covered: isJudged ? (low ?? -Infinity) <= value && value <= (high ?? Infinity) : undefined,
      error: (estimate.value ?? Number.NaN) / value - 1,
      halfWidth: ((high ?? Number.NaN) - (low ?? Number.NaN)) / 2 / value,
    };
    return [name, outcome] as const;
  });
}

function medianOf(values: readonly number[]): number {
  const known = values.filter(Number.isFinite).sort((a, b) => a - b);
  return known[Math.floor(known.length / 2)] ?? Number.NaN;
}
