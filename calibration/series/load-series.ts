/** One series from one file, whatever its form. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import type { Finding } from "../fit-report.ts";
import { isConsoleCsv } from "../importers/console-csv.ts";
import { importSeries } from "../importers/import-series.ts";
import { headOf, looksLikeTable } from "../importers/sniff.ts";
import { readTable } from "../tables/read-table.ts";
import type { Series } from "./series.ts";
import { tableSeries } from "./table-series.ts";

export interface LoadOptions {
  /** Column, metric or id, where a file holds several. */
  readonly value?: string;
  /** Of several statistics of one metric, the one to take where none is asked for. */
  readonly stat?: string;
  /** Names by which a column of numbers is preferred to others where none is given. */
  readonly likely?: readonly RegExp[];
}

export async function loadSeries(
  file: string,
  options: LoadOptions,
  findings: Finding[] = [],
): Promise<Series> {
  if ((await looksLikeTable(file)) && !isConsoleCsv(await headOf(file))) {
    return tableSeries(await readTable(file), options.value, options.likely);
  }
  const wanted = options.value;
  const isWanted = ({ id, metric, stat }: Pick<Series, "id" | "metric" | "stat">) =>
    wanted === undefined || [id, metric, `${metric} ${stat}`].includes(wanted);
  const { series } = await importSeries(file, findings, undefined, isWanted);
  const found = onlyOfStatistic(series.filter(isWanted), options.stat);
  const [only, second] = found;
  if (only !== undefined && second === undefined) return only;
  throw new TwinError({
    code: "import.series-unclear",
    problem: `The export holds ${series.length} series${wanted === undefined ? "" : `, and ${found.length} are called "${wanted}"`}: ${series.map((each) => each.id).join(", ")}`,
    remedy: "Say which one with --value ID",
    at: file,
  });
}

/** Of one metric in several statistics the one that is meant; anything else stays as it is. */
function onlyOfStatistic(found: readonly Series[], stat: string | undefined): readonly Series[] {
  const [first] = found;
  const isOneMetric = found.every(
    ({ metric, component }) => metric === first?.metric && component === first.component,
  );
  const meant = found.filter((each) => each.stat === stat);
  return isOneMetric && meant.length === 1 ? meant : found;
}
