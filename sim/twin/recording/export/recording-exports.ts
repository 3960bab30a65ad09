import type { Recording } from "../recording-types.ts";
import { recordingCloudWatch } from "./cloudwatch.ts";
import { recordingCsv } from "./csv.ts";
import { recordingJson } from "./json.ts";
import { recordingOtlp } from "./otlp.ts";
import { recordingTrace } from "./perfetto.ts";

/** Forms in which a recording leaves, the same bytes from the page and from the command line. */
export const exportForms = {
  json: { ending: "json", type: "application/json", textOf: recordingJson },
  csv: { ending: "csv", type: "text/csv", textOf: recordingCsv },
  perfetto: { ending: "trace.json", type: "application/json", textOf: recordingTrace },
  otlp: { ending: "otlp.jsonl", type: "application/x-ndjson", textOf: recordingOtlp },
  cloudwatch: {
    ending: "cloudwatch.json",
    type: "application/json",
    textOf: recordingCloudWatch,
  },
} as const;

export type ExportForm = keyof typeof exportForms;

/** `az-power-loss-1.csv` */
export function exportFileName({ head }: Recording, form: ExportForm): string {
  const seed = head.seed.replace(/[^A-Za-z0-9._-]/g, "_");
  return `${head.scenario.id}-${seed}.${exportForms[form].ending}`;
}
