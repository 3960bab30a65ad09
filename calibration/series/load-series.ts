/** One series from one file, whatever its form. */
import { readTable } from "../tables/read-table.ts";
import type { Series } from "./series.ts";
import { tableSeries } from "./table-series.ts";

export interface LoadOptions {
  /** Column or metric, where a file holds several. */
  readonly value?: string;
}

export async function loadSeries(file: string, options: LoadOptions): Promise<Series> {
  return tableSeries(await readTable(file), options.value);
}
