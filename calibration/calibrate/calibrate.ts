/** Exports and a topology in; a calibrated topology with its evidence and its judgement on held-out time out. */
import { requireValid, validateTopologyText } from "../../scenarios/validate-text.ts";
import { TwinError } from "../../sim/errors/twin-error.ts";
import type { WorkloadSpec } from "../../sim/twin/clients/workload-types.ts";
import type { Finding } from "../fit-report.ts";
import { freshMapping, mergeMapping } from "../mapping/mapping-file.ts";
import type { MappedSeries } from "../mapping/propose-mapping.ts";
import type { QualityReport } from "../quality/quality-report.ts";
import { namedLeftovers } from "../simulated/leftover-parameters.ts";
import { fitSimulatedMoments } from "../simulated/simulated-moments.ts";
import {
  type ChangedLine,
  calibratedTopology,
  calibratedTopologyText,
} from "./calibrated-topology.ts";
import { calibratedWorkload } from "./calibrated-workload.ts";
import { componentNumbers } from "./component-numbers.ts";
import { drawnPlatform } from "./drawn-platform.ts";
import { estimateParameters } from "./estimate-parameters.ts";
import type { FitSource } from "./fit-source.ts";
import { coverageMin, type HeldOutFigure, judgeHeldOut } from "./judge-held-out.ts";
import { type LoadByHour, loadByHour } from "./load-by-hour.ts";
import { loadMetricFiles } from "./load-metric-files.ts";
import { mergeParameters } from "./merge-parameters.ts";
import { type Observations, observe, slice } from "./observations.ts";
import type { Parameter } from "./parameter.ts";
import { type PlacedFit, placeFits } from "./place-fits.ts";

export interface CalibrateOptions {
  readonly topologyFile: string;
  readonly topologyText: string;
  readonly metricFiles: readonly string[];
  readonly mapping?: { readonly file: string; readonly text: string };
  /** Measurements besides metrics, each with the fit that reads it. */
  readonly fits?: readonly FitSource[];
  /** What the exports leave open of the load: mix, users, symbols, clients. */
  readonly workload: WorkloadSpec;
  /** Share of the time, its end, that judges. */
  readonly holdout: number;
  readonly seeds: number;
  /** Parameters to find by running the twin, and runs that may take. */
  readonly simulate?: { readonly names: readonly string[]; readonly simulationsMax: number };
}

export interface Calibration {
  readonly topology: string;
  readonly files: readonly string[];
  readonly period: {
    readonly fittedPeriods: number;
    readonly heldOutPeriods: number;
    readonly periodSeconds: number;
  };
  readonly parameters: readonly Parameter[];
  /** What was fitted to separate files, with what of it reached the topology. */
  readonly fits: readonly PlacedFit[];
  /** Smallest and largest requests per second of a fitted period. */
  readonly loadSeen: readonly [number, number] | null;
  readonly workload: WorkloadSpec;
  /** Rates by the clock; `null` for less than two days, or where the hour does not matter. */
  readonly loadByHour: LoadByHour | null;
  readonly changes: readonly ChangedLine[];
  readonly heldOut: readonly HeldOutFigure[] | null;
  readonly findings: readonly Finding[];
  readonly quality: QualityReport;
  readonly mapping: readonly MappedSeries[];
  /** The mapping as a file: the user's own text with what was proposed beside it. */
  readonly mappingText: string;
  readonly calibratedText: string;
}

/** Fewest periods that can be divided into some to fit and some to judge. */
const periodsMin = 5;

/** Throws all that the importers throw, and `calibrate.too-short`. */
export async function calibrate(options: CalibrateOptions): Promise<Calibration> {
  const { topologyFile, topologyText } = options;
  const topology = requireValid(validateTopologyText(topologyText, topologyFile), topologyFile);
  const loaded = await loadMetricFiles(options.metricFiles);
  const given = options.fits ?? [];
  const merged =
    options.mapping === undefined
      ? freshMapping(loaded.series, topology, given)
      : mergeMapping(options.mapping.text, options.mapping.file, loaded.series, topology, given);
  const { mapping } = merged;
  const all = observe(loaded.series, mapping);
  if (all.periods < periodsMin) {
    throw new TwinError({
      code: "calibrate.too-short",
      problem: `The exports cover ${all.periods} periods of ${all.periodSeconds} s`,
      remedy: `Export at least ${periodsMin} periods, better a week: a part of them is held out to judge the fit`,
    });
  }
  const cut = Math.max(
    4,
    Math.min(all.periods - 1, Math.round(all.periods * (1 - options.holdout))),
  );
  const fitted = slice(all, 0, cut);
  const heldOut = slice(all, cut, all.periods);
  const known = { topology, workload: options.workload, observations: fitted };
  const readOff = estimateParameters(known);
  const placed = await placeFits({
    ...known,
    sources: merged.fits,
    holdout: options.holdout,
    namedPaths: merged.namedPaths,
    readOff,
    numberOf: componentNumbers(topology, options.workload),
  });
  const together = mergeParameters(readOff, placed.parameters);
  // Shares by kind say it all, known or not.
  const hasMix = together.parameters.some(({ name }) => name.startsWith("workload.mix."));
  const found = simulatedParameters(options, together.parameters, fitted);
  const parameters = [
    ...together.parameters.filter(
      ({ name }) =>
        !found.some((each) => each.name === name) && !(hasMix && name === "workload.mix"),
    ),
    ...found,
  ];
  const { text: calibratedText, changes } = calibratedTopology(topologyText, parameters);
  const workload = calibratedWorkload(options.workload, parameters);
  const platform = { topologyText: calibratedText, topologyFile, workload, parameters };
  const judged = judgeHeldOut({
    topology: requireValid(validateTopologyText(calibratedText, topologyFile), topologyFile),
    workload,
    heldOut,
    seeds: options.seeds,
    drawn: (seed) => drawnPlatform(platform, seed),
  });
  const gateway = topology.components.find(({ service }) => service === "api-gateway")?.id;
  return {
    topology: topologyFile,
    files: loaded.files,
    period: {
      fittedPeriods: fitted.periods,
      heldOutPeriods: heldOut.periods,
      periodSeconds: all.periodSeconds,
    },
    parameters,
    loadSeen: loadRange(gateway, fitted),
    loadByHour: loadByHour(all, gateway, options.holdout) ?? null,
    workload,
    changes,
    fits: placed.fits,
    heldOut: judged ?? null,
    quality: loaded.quality,
    findings: [
      ...loaded.findings,
      ...loaded.quality.findings,
      ...merged.findings,
      ...placed.findings,
      ...together.findings,
      ...heldOutFindings(judged),
    ],
    mapping,
    mappingText: merged.text,
    calibratedText,
  };
}

/** What formulas leave open, found by running the twin with what they gave. */
function simulatedParameters(
  { simulate, topologyFile, topologyText, workload }: CalibrateOptions,
  readOff: readonly Parameter[],
  fitted: Observations,
): readonly Parameter[] {
  if (simulate === undefined) return [];
  const text = calibratedTopologyText(topologyText, readOff);
  const platform = {
    topology: requireValid(validateTopologyText(text, topologyFile), topologyFile),
    workload: calibratedWorkload(workload, readOff),
  };
  const leftovers = namedLeftovers(platform, simulate.names);
  const fit = fitSimulatedMoments({
    platform,
    parameters: leftovers,
    observations: fitted,
    simulationsMax: simulate.simulationsMax,
  });
  return leftovers.map(({ name, before }) => ({
    name,
    before,
    estimate: fit.estimates.get(name)!,
    usableFor: "figures of the kind that it was fitted to, at the loads seen",
    notUsableFor: "loads above 1.2 times the largest seen, or figures that were not exported",
  }));
}

function loadRange(
  gateway: string | undefined,
  fitted: Observations,
): readonly [number, number] | null {
  const counts = gateway === undefined ? undefined : fitted.of(gateway, "requests");
  const rates = Array.from(counts ?? [], (count) => count / fitted.periodSeconds).filter(
    Number.isFinite,
  );
  return rates.length === 0 ? null : [Math.min(...rates), Math.max(...rates)];
}

function heldOutFindings(judged: readonly HeldOutFigure[] | undefined): readonly Finding[] {
  if (judged === undefined) {
    return [
      {
        severity: "warning",
        what: "the twin was not run on the held-out time: that takes periods of whole minutes and a count of requests at the API",
      },
    ];
  }
  return judged
    .filter(({ coverage90 }) => coverage90 < coverageMin)
    .map(({ component, role, coverage90, errorPercent }) => ({
      severity: "warning" as const,
      what: `${component} ${role}: only ${Math.round(100 * coverage90)} % of the held-out points lie in the twin's 90 % band (mean error ${errorPercent === null ? "unknown" : `${errorPercent.toFixed(1)} %`})`,
    }));
}
