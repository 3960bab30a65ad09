/** All series of all files of a calibration; a request that stands in the same document names them. */
import { readWholeText } from "../files/read-text.ts";
import type { Finding } from "../fit-report.ts";
import { importSeries } from "../importers/import-series.ts";
import { isRecord, parseJson } from "../importers/imported.ts";
import { type Series, seriesFindings } from "../series/series.ts";

export interface LoadedMetrics {
  readonly files: readonly string[];
  readonly series: readonly Series[];
  readonly findings: readonly Finding[];
}

/** Throws the first mistake of any file: nothing is imported by half. */
export async function loadMetricFiles(files: readonly string[]): Promise<LoadedMetrics> {
  const findings: Finding[] = [];
  const series: Series[] = [];
  for (const file of files) {
    const request = await requestWithin(file);
    const imported = await importSeries(file, findings, request);
    for (const each of imported.series) {
      findings.push(...seriesFindings(each, `${file} ${each.id}`));
      series.push(each);
    }
  }
  return { files, series, findings };
}

/** `stormbell export --cloudwatch` puts request and answer into one document. */
async function requestWithin(file: string): Promise<unknown> {
  if (!/\.json(\.gz)?$/.test(file)) return undefined;
  const text = await readWholeText(file);
  if (!text.includes('"MetricDataQueries"')) return undefined;
  const document = parseJson(text, file);
  return isRecord(document) ? document : undefined;
}
