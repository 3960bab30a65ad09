/** What `stormbell calibrate` does: exports against a topology, told and written out. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { type Calibration, calibrate } from "../calibration/calibrate/calibrate.ts";
import { diffText } from "../calibration/calibrate/calibrated-topology.ts";
import { mappingText } from "../calibration/mapping/mapping-file.ts";
import { calibrationHtml, calibrationMarkdown } from "../calibration/report/calibration-report.ts";
import { readTextInput } from "./read-input.ts";
import { loadScenario, topologyFile } from "./scenario-files.ts";
import { print, printJson, printNote } from "./terminal.ts";
import { writeOutput } from "./write-output.ts";

export interface CalibrateFlags {
  readonly metrics: readonly string[];
  readonly mapping?: string;
  readonly scenario: string;
  readonly out?: string;
  readonly holdout: number;
  readonly seeds: number;
  readonly json?: true;
}

export async function calibrateCommand(topology: string, flags: CalibrateFlags): Promise<void> {
  const file = topologyFile(topology);
  const calibration = await calibrate({
    topologyFile: file,
    topologyText: readTextInput(file),
    metricFiles: flags.metrics,
    ...(flags.mapping === undefined
      ? {}
      : { mapping: { file: flags.mapping, text: readFileSync(flags.mapping, "utf8") } }),
    workload: loadScenario(flags.scenario).scenario.workload,
    holdout: flags.holdout,
    seeds: flags.seeds,
  });
  if (flags.out !== undefined) writeAll(flags.out, calibration);
  if (flags.json) printJson(calibrationDocument(calibration));
  else print(calibrationMarkdown(calibration));
}

/** Everything but the text of the calibrated file, which is a file of its own. */
function calibrationDocument({ calibratedText: _, ...document }: Calibration) {
  return document;
}

function writeAll(folder: string, calibration: Calibration): void {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, text: string) => writeOutput(join(folder, name), text);
  write("topology.yaml", calibration.calibratedText);
  write("topology.diff", diffText(calibration.topology, calibration.changes));
  write("workload.yaml", stringify({ workload: calibration.workload }));
  write("mapping.yaml", mappingText(calibration.mapping));
  write("calibration.json", `${JSON.stringify(calibrationDocument(calibration), undefined, 1)}\n`);
  write("report.md", calibrationMarkdown(calibration));
  write("report.html", calibrationHtml(calibration));
  printNote(`wrote topology, evidence and report to ${folder}`);
}
