/** What `stormbell calibrate watch` does: looks at exports as they arrive, and ends by verdict when asked to look once. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Calibration } from "../calibration/calibrate/calibrate.ts";
import { drawnPlatform } from "../calibration/calibrate/drawn-platform.ts";
import {
  coverageMin,
  type HeldOutFigure,
  judgeHeldOut,
} from "../calibration/calibrate/judge-held-out.ts";
import { loadMetricFiles } from "../calibration/calibrate/load-metric-files.ts";
import { observe } from "../calibration/calibrate/observations.ts";
import { isRequestName } from "../calibration/importers/request-beside.ts";
import { seriesName } from "../calibration/mapping/propose-mapping.ts";
import type { Series } from "../calibration/series/series.ts";
import { aloneMin, joinExports, periodsOf } from "../calibration/watch/join-exports.ts";
import { judgeNewData, type WatchVerdict } from "../calibration/watch/judge-new-data.ts";
import { requireValid, validateTopologyText } from "../scenarios/validate-text.ts";
import { TwinError } from "../sim/errors/twin-error.ts";
import { exitCode } from "./exit-code.ts";
import { readTextInput } from "./read-input.ts";
import { tellError } from "./tell-error.ts";
import { print, printJson, printNote } from "./terminal.ts";

export interface WatchFlags {
  readonly once?: true;
  readonly every: number;
  readonly seeds: number;
  readonly json?: true;
}

export async function watchCommand(
  topology: string,
  path: string,
  flags: WatchFlags,
): Promise<void> {
  const calibration = readCalibration(join(dirname(topology), "calibration.json"));
  const topologyText = readTextInput(topology);
  const platform = requireValid(validateTopologyText(topologyText, topology), topology);
  const seen = new Set<string>();
  let gathered: readonly Series[] = [];
  const look = async (file: string) => {
    const { series } = await loadMetricFiles([file]);
    const isShort = periodsOf(series) < aloneMin;
    gathered = isShort ? joinExports(gathered, series, file) : [];
    const known = isShort ? gathered : series;
    // Lines that were edited by hand stand only in the calibration's own mapping.
    const names = new Set(known.map(seriesName));
    const observations = observe(
      known,
      calibration.mapping.filter((line) => names.has(line.series)),
    );
    const verdict = judgeNewData(
      platform,
      calibration.workload,
      calibration.parameters,
      observations,
    );
    const figures =
      judgeHeldOut({
        topology: platform,
        workload: calibration.workload,
        heldOut: observations,
        seeds: flags.seeds,
        drawn: (seed) =>
          drawnPlatform({ topologyText, topologyFile: topology, ...calibration }, seed),
      }) ?? null;
    if (flags.json) printJson({ file, ...verdict, figures });
    else print(...verdictLines(file, verdict), ...figureLines(figures));
    if (verdict.moved.length > 0) process.exitCode = exitCode.missed;
  };
  for (;;) {
    const fresh = exportsAt(path).filter((file) => !seen.has(keyOf(file)));
    for (const file of fresh) {
      seen.add(keyOf(file));
      try {
        await look(file);
      } catch (error) {
        // A file that is still being written comes again when it is whole; a look that ends says what is wrong.
        if (flags.once || !(error instanceof TwinError)) throw error;
        printNote(...tellError(error, false).lines);
      }
    }
    if (flags.once) {
      if (fresh.length > 0) return;
      throw new TwinError({
        code: "watch.nothing-there",
        problem: "There is no export to judge",
        remedy:
          "Put an export there (.json, .jsonl, .csv, .log or .bin, each also with .gz), or name another folder",
        at: path,
      });
    }
    await sleep(flags.every * 1000);
  }
}

type StoredCalibration = Pick<Calibration, "parameters" | "workload" | "mapping">;

function readCalibration(file: string): StoredCalibration {
  const refused = (problem: string, cause?: unknown) =>
    new TwinError(
      {
        code: "watch.no-calibration",
        problem,
        remedy: "Calibrate with --out FOLDER, and name FOLDER/topology.yaml",
        at: file,
      },
      { cause },
    );
  let stored: Partial<StoredCalibration> | null;
  try {
    stored = JSON.parse(readFileSync(file, "utf8")) as Partial<StoredCalibration> | null;
  } catch (cause) {
    throw refused("The evidence of the calibration cannot be read", cause);
  }
  const { parameters, workload, mapping } = stored ?? {};
  if (!Array.isArray(parameters) || !Array.isArray(mapping) || typeof workload !== "object")
    throw refused("The file is no evidence of a calibration: parameters, mapping or workload miss");
  return { parameters, workload, mapping };
}

function exportsAt(path: string): readonly string[] {
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path];
  return readdirSync(path)
    .filter((name) => /\.(json|jsonl|csv|log|bin)(\.gz)?$/.test(name) && !isRequestName(name))
    .sort()
    .map((name) => join(path, name));
}

/** A file that is written again is a new one. */
function keyOf(file: string): string {
  return `${file} ${statSync(file, { throwIfNoEntry: false })?.mtimeMs}`;
}

/** What the calibrated twin says of the same time, run at the load of the export. */
function figureLines(figures: readonly HeldOutFigure[] | null): readonly string[] {
  if (figures === null)
    return [
      "    the twin was not run: that takes periods of whole minutes and a count of requests at the API",
    ];
  return figures.map(({ component, role, coverage90, errorPercent, observed }) => {
    const isOutside = coverage90 < coverageMin;
    const error = errorPercent === null ? "" : `, mean error ${errorPercent.toFixed(1)} %`;
    return `  ${isOutside ? "!" : " "} twin, ${component} ${role}: ${Math.round(100 * coverage90)} % of ${observed.length} points in its 90 % band${error}`;
  });
}

function verdictLines(file: string, { moved, parameters, unknown, periods }: WatchVerdict) {
  const percent = (change: number) => `${change >= 0 ? "+" : ""}${(100 * change).toFixed(1)} %`;
  return [
    `${file}: ${periods} periods, ${moved.length === 0 ? "nothing has moved" : `moved: ${moved.join(", ")}`}`,
    ...parameters.map(
      (each) =>
        `  ${each.moved ? "!" : " "} ${each.name}: ${each.calibrated.toPrecision(4)} predicted, ${each.now.toPrecision(4)} observed ${each.unit} (${percent(each.change)})`,
    ),
    ...(unknown.length === 0 ? [] : [`    not to be told from this export: ${unknown.join(", ")}`]),
  ];
}
