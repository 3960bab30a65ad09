/** What `stormbell calibrate` does: exports against a topology, told and written out. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { type Calibration, calibrate } from "../calibration/calibrate/calibrate.ts";
import { diffText } from "../calibration/calibrate/calibrated-topology.ts";
import { parseFitSource } from "../calibration/calibrate/fit-source.ts";
import { hourlyLoadChanges } from "../calibration/calibrate/load-by-hour.ts";
import { loadMetricFiles } from "../calibration/calibrate/load-metric-files.ts";
import {
  calibrationHtml,
  calibrationMarkdown,
  qualityMarkdown,
} from "../calibration/report/calibration-report.ts";
import { requireValid, validateTopologyText } from "../scenarios/validate-text.ts";
import { readTextInput } from "./read-input.ts";
import { loadScenario, topologyFile } from "./scenario-files.ts";
import { print, printJson, printNote } from "./terminal.ts";
import { writeOutput } from "./write-output.ts";

export interface CalibrateFlags {
  readonly metrics?: readonly string[];
  readonly fromCloudwatch?: true;
  readonly last: number;
  readonly period: number;
  readonly region?: string;
  readonly endpoint?: string;
  readonly mapping?: string;
  readonly fit: readonly string[];
  readonly scenario: string;
  readonly out?: string;
  readonly holdout: number;
  readonly seeds: number;
  readonly simulate?: readonly string[];
  readonly simulations: number;
  readonly json?: true;
}

export async function calibrateCommand(topology: string, flags: CalibrateFlags): Promise<void> {
  const file = topologyFile(topology);
  const topologyText = readTextInput(file);
  const fetched = flags.fromCloudwatch ? [await fetchedFile(file, topologyText, flags)] : [];
  const calibration = await calibrate({
    topologyFile: file,
    topologyText,
    metricFiles: [...(flags.metrics ?? []), ...fetched],
    ...(flags.mapping === undefined
      ? {}
      : { mapping: { file: flags.mapping, text: readTextInput(flags.mapping) } }),
    fits: flags.fit.map(parseFitSource),
    workload: loadScenario(flags.scenario).scenario.workload,
    holdout: flags.holdout,
    seeds: flags.seeds,
    ...(flags.simulate === undefined
      ? {}
      : { simulate: { names: flags.simulate, simulationsMax: flags.simulations } }),
  });
  if (flags.out !== undefined) writeAll(flags.out, calibration);
  if (flags.json) printJson(calibrationDocument(calibration));
  else print(calibrationMarkdown(calibration));
}

/** What CloudWatch has now, kept in a file, so that the same calibration can be made again. */
async function fetchedFile(
  file: string,
  topologyText: string,
  flags: CalibrateFlags,
): Promise<string> {
  const toMs = Math.floor(Date.now() / (flags.period * 1000)) * flags.period * 1000;
  const { loadSdk } = await import("../calibration/cloudwatch/sdk.ts");
  const { fetchMetrics } = await import("../calibration/cloudwatch/fetch-metrics.ts");
  const text = await fetchMetrics(await loadSdk(), {
    topology: requireValid(validateTopologyText(topologyText, file), file),
    ...(flags.region === undefined ? {} : { region: flags.region }),
    ...(flags.endpoint === undefined ? {} : { endpoint: flags.endpoint }),
    fromMs: toMs - flags.last * 1000,
    toMs,
    periodSeconds: flags.period,
  });
  const folder = flags.out ?? ".";
  mkdirSync(folder, { recursive: true });
  const kept = join(folder, "cloudwatch-metrics.json");
  writeOutput(kept, text);
  printNote(`fetched metrics to ${kept}`);
  return kept;
}

/** What the files are worth; ends with 0 whatever it finds. */
export async function qualityCommand(
  files: readonly string[],
  flags: { readonly json?: true },
): Promise<void> {
  const { quality, findings } = await loadMetricFiles(files);
  const report = { ...quality, findings: [...findings, ...quality.findings] };
  if (flags.json) printJson(report);
  else print(qualityMarkdown(report));
}

/** Everything but the text of the calibrated file, which is a file of its own. */
function calibrationDocument({ calibratedText: _, mappingText: __, ...document }: Calibration) {
  return document;
}

/** The load, and its hours as changes of it where they are known: both in the form that a scenario has them. */
function workloadText({ workload, loadByHour }: Calibration): string {
  const load = stringify({ workload });
  if (loadByHour === null) return load;
  const faults = hourlyLoadChanges(loadByHour, workload.ratePerSecond);
  return `${load}# The load by the hour in UTC, for a scenario that begins at midnight${loadByHour.profile === "time-of-week" ? " of a Monday" : ""}: leave out the hours that it does not reach.
${stringify({ faults })}`;
}

function writeAll(folder: string, calibration: Calibration): void {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, text: string) => writeOutput(join(folder, name), text);
  write("topology.yaml", calibration.calibratedText);
  write("topology.diff", diffText(calibration.topology, calibration.changes));
  write("workload.yaml", workloadText(calibration));
  write("mapping.yaml", calibration.mappingText);
  write("calibration.json", `${JSON.stringify(calibrationDocument(calibration), undefined, 1)}\n`);
  write("report.md", calibrationMarkdown(calibration));
  write("report.html", calibrationHtml(calibration));
  printNote(`wrote topology, evidence and report to ${folder}`);
}
