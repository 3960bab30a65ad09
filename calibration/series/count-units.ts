/** Whether a series holds counts, rates or something that is neither; counts come out, or a sentence. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import type { Finding } from "../fit-report.ts";
import { number } from "../tables/format.ts";
import { eventsPerSecondOf } from "../tables/rate-unit.ts";
import { increasesOfTotal, isRunningTotal, isTotalName, unnamedTotal } from "./running-total.ts";
import type { Series } from "./series.ts";

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
  if (isRunningTotal(series)) {
    if (isTotalName(series.metric)) return increasesOfTotal(series, file, findings);
    throw unnamedTotal(series, file);
  }
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
