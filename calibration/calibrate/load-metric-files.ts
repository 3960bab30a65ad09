/** All series of all files of a calibration; a request that stands in the same document names them. */
import { readWholeText } from "../files/read-text.ts";
import type { Finding } from "../fit-report.ts";
import { importSeries } from "../importers/import-series.ts";
import { isRecord, parseJson } from "../importers/imported.ts";
import { type QualityReport, qualityReport, type ReadSeries } from "../quality/quality-report.ts";
import type { Series } from "../series/series.ts";

export interface LoadedMetrics {
  readonly files: readonly string[];
  readonly series: readonly Series[];
  /** Of the files; those of the series stand in the quality report. */
  readonly findings: readonly Finding[];
  readonly quality: QualityReport;
}

/** Throws the first mistake of any file: nothing is imported by half. */
export async function loadMetricFiles(files: readonly string[]): Promise<LoadedMetrics> {
  const findings: Finding[] = [];
  const read: ReadSeries[] = [];
  for (const file of files) {
    const request = await requestWithin(file);
    const imported = await importSeries(file, findings, request);
    read.push(...imported.series.map((series) => ({ file, series })));
  }
  return {
    files,
    series: read.map(({ series }) => series),
    findings,
    quality: qualityReport(read),
  };
}

/** `stormbell export --cloudwatch` puts request and answer into one document. */
async function requestWithin(file: string): Promise<unknown> {
  if (!/\.json(\.gz)?$/.test(file)) return undefined;
  const text = await readWholeText(file);
  if (!text.includes('"MetricDataQueries"')) return undefined;
  const document = parseJson(text, file);
  return isRecord(document) ? document : undefined;
}
