/** Counters in tables: they only grow, and begin anew with their process. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import type { Finding } from "../fit-report.ts";
import { increasesOf } from "../importers/imported.ts";
import { createSeries, type Series } from "./series.ts";

/** Fewest points by which a series that never falls is told from counts that happen to rise. */
const totalPointsMin = 100;

/** What only grows, but for restarts, over many points: no count of arrivals by the period does that. */
export function isRunningTotal({ values, metric }: Series): boolean {
  if (values.length < (isTotalName(metric) ? 20 : totalPointsMin)) return false;
  let [rises, falls] = [0, 0];
  for (let i = 1; i < values.length; i += 1) {
    if (values[i]! > values[i - 1]!) rises += 1;
    if (values[i]! < values[i - 1]!) {
      // What begins anew begins low.
      if (values[i]! > values[i - 1]! / 2) return false;
      falls += 1;
    }
  }
  return rises * 2 > values.length && falls * 50 <= values.length;
}

/** Whether the name says so: `http_requests_total`. */
export function isTotalName(metric: string): boolean {
  return /(^|_)(total|cumulative|counter)(_|$)/i.test(metric);
}

export function unnamedTotal({ id, values }: Series, file: string): TwinError {
  return new TwinError({
    code: "fit.arrivals-cumulative",
    problem: `${id} only grows, over ${values.length} points: it looks like a running total`,
    remedy:
      "Call the column NAME_total, and it is turned into what it grew by; or give the counts of each period",
    at: file,
  });
}

/** What a running total grew by from point to point. */
export function increasesOfTotal(series: Series, file: string, findings: Finding[]): Series {
  findings.push({
    severity: "note",
    what: `${series.id} only grows: turned into what it grew by from point to point`,
    at: file,
  });
  const points = increasesOf({ timesMs: [...series.timesMs], values: [...series.values] });
  return createSeries(series, { ...points, periodSec: series.periodSec }, file);
}
