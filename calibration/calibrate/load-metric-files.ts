/** All series of all files of a calibration; requests among the files name the series of the others. */
import type { Finding } from "../fit-report.ts";
import { importSeries } from "../importers/import-series.ts";
import { withoutRequests } from "../importers/request-beside.ts";
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
  const { exports, request } = await withoutRequests(files);
  for (const file of exports) {
    const imported = await importSeries(file, findings, request);
    read.push(...imported.series.map((series) => ({ file, series })));
  }
  return {
    files: exports,
    series: read.map(({ series }) => series),
    findings,
    quality: qualityReport(read),
  };
}
