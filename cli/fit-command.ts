/** What `stormbell fit KIND` does: one estimator on files, told to a person or as one JSON document. */
import { type FitReport, reportDocument } from "../calibration/fit-report.ts";
import { fitText } from "./report/fit-text.ts";
import { print, printJson } from "./terminal.ts";

export function tellFit(report: FitReport, options: { readonly json?: true }): void {
  if (options.json) printJson(reportDocument(report));
  else print(...fitText(report));
}
