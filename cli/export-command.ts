/** What `stormbell export` does: a recording in another form. */
import { TwinError } from "../sim/errors/twin-error.ts";
import {
  type ExportForm,
  exportFileName,
  exportForms,
} from "../sim/twin/recording/export/recording-exports.ts";
import { decodeRecording } from "../sim/twin/recording/recording-file.ts";
import { readInput } from "./read-input.ts";
import { printNote } from "./terminal.ts";
import { writeOutput } from "./write-output.ts";

export interface ExportOptions extends Partial<Record<ExportForm, true>> {
  readonly out?: string;
}

export function exportCommand(path: string, options: ExportOptions): void {
  const forms = (Object.keys(exportForms) as ExportForm[]).filter((form) => options[form] === true);
  const [form, second] = forms;
  if (form === undefined || second !== undefined) {
    throw new TwinError({
      code: "export.form",
      problem: form === undefined ? "No form is named" : "More than one form is named",
      remedy: `Give one of --${Object.keys(exportForms).join(", --")}`,
    });
  }
  const recording = decodeRecording(readInput(path), path);
  const text = exportForms[form].textOf(recording);
  if (options.out === "-") {
    process.stdout.write(text);
    return;
  }
  const out = options.out ?? exportFileName(recording, form);
  writeOutput(out, text);
  printNote(`wrote ${out}`);
}
