/** Whether a series holds counts, rates or something that is neither; counts come out, or a sentence. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import type { Finding } from "../fit-report.ts";
import { increasesOf } from "../importers/imported.ts";
import { number } from "../tables/format.ts";
import { eventsPerSecondOf } from "../tables/rate-unit.ts";
import { createSeries, type Series } from "./series.ts";

/** The series as counts of each period. Throws `fit.arrivals-not-counts` and `fit.arrivals-cumulative`. */
export function asCounts(
  series: Series,
  file: string,
  isTable: boolean,
  findings: Finding[],
): Series {
  const perSecond = eventsPerSecondOf(series.unit) ?? eventsPerSecondOf(series.metric);
  refuseOthers(series, perSecond !== undefined, file);
  if (perSecond !== undefined) {
    findings.push({
      severity: "note",
      what: `${series.id} is a rate: times ${number(perSecond * series.periodSec)} it is the count of a period`,
      at: file,
    });
    return { ...series, values: series.values.map((rate) => rate * perSecond * series.periodSec) };
  }
  if (isRunningTotal(series)) return fromTotals(series, file, findings);
  judgeFractions(series, file, isTable, findings);
  return series;
}

const notCounted = /^(percent|%|ratio|(milli|micro|nano)?seconds|[mun]?s|(kilo|mega|giga)?bytes)$/i;

function refuseOthers({ id, stat, unit }: Series, isRate: boolean, file: string): void {
  const isCounted = stat === "" || stat === "Sum" || stat === "SampleCount";
  const isAmount = notCounted.test(unit) && stat !== "SampleCount";
  if ((isCounted || isRate) && !isAmount) return;
  throw new TwinError({
    code: "fit.arrivals-not-counts",
    problem: isAmount
      ? `${id} is in ${unit}: it counts no arrivals`
      : `The ${stat} of ${id} is no count: one request counts 1, and so does the ${stat} of a thousand`,
    remedy:
      "Export the Sum of a metric that counts requests (RequestCount, Count, IncomingRecords), or the SampleCount of one that times them",
    at: file,
  });
}

/** Fewest points by which a series that never falls is told from counts that happen to rise. */
const totalPointsMin = 100;

/** What only grows, but for restarts, over many points: no count of arrivals by the period does that. */
function isRunningTotal({ values, metric }: Series): boolean {
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

function isTotalName(metric: string): boolean {
  return /(^|_)(total|cumulative|counter)(_|$)/i.test(metric);
}

function fromTotals(series: Series, file: string, findings: Finding[]): Series {
  if (!isTotalName(series.metric)) {
    throw new TwinError({
      code: "fit.arrivals-cumulative",
      problem: `${series.id} only grows, over ${series.values.length} points: it looks like a running total`,
      remedy:
        "Call the column NAME_total, and it is turned into what it grew by; or give the counts of each period",
      at: file,
    });
  }
  findings.push({
    severity: "note",
    what: `${series.id} only grows: turned into what it grew by from point to point`,
    at: file,
  });
  const points = increasesOf({ timesMs: [...series.timesMs], values: [...series.values] });
  return createSeries(series, { ...points, periodSec: series.periodSec }, file);
}

/** Share of the values beyond which fractions are no slip. */
const fractionShare = 0.1;

function judgeFractions(series: Series, file: string, isTable: boolean, findings: Finding[]): void {
  const fractions = series.values.filter((value) => !Number.isInteger(value)).length;
  if (fractions <= fractionShare * series.values.length) return;
  if (!isTable && series.metric === "value") {
    throw new TwinError({
      code: "fit.arrivals-not-counts",
      problem: `${series.id} has no name, as what rate() and increase() make of a counter, and its values are no whole numbers: whether they are rates or counts it does not say`,
      remedy: "Export the counter itself (http_requests_total), without a function around it",
      at: file,
    });
  }
  findings.push({
    severity: "warning",
    what: `${number(fractions, 12)} of ${number(series.values.length, 12)} values are no whole numbers, and were read as counts of a period all the same. Where they are rates, say so in the column's name: requests_per_second`,
    at: file,
  });
}
