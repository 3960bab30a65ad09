/** Little's law on exported metrics: rate times mean time is the mean number inside. Where it is not, the data are wrong. */
import type { Finding } from "../fit-report.ts";
import type { Series } from "../series/series.ts";
import { median } from "../statistics/descriptive.ts";
import { number } from "../tables/format.ts";

export interface LittleCheck {
  readonly component: string;
  /** Median over periods of rate x time / number inside; `null` where a metric is missing. */
  readonly ratio: number | null;
  readonly periods: number;
  /** How the law was checked, or what it would take. */
  readonly why: string;
  readonly finding?: Finding;
}

const rateMetrics = /^(Invocations|RequestCount|Count)$/;
const timeMetrics = /^(Duration|TargetResponseTime|Latency|IntegrationLatency)$/;
const insideMetrics = /^(ConcurrentExecutions|ActiveConnectionCount|InFlightRequests)$/;
const tolerance = 0.2;

/** One line for each component that has a rate. */
export function checkLittle(all: readonly Series[]): readonly LittleCheck[] {
  const rates = all.filter(({ metric, stat }) => rateMetrics.test(metric) && stat === "Sum");
  return rates.map((rate) => {
    const same = all.filter(({ component }) => component === rate.component);
    const time = same.find(
      ({ metric, stat }) => timeMetrics.test(metric) && (stat === "Average" || stat === ""),
    );
    const inside = same.find(
      ({ metric, stat }) => insideMetrics.test(metric) && (stat === "Average" || stat === ""),
    );
    const component = rate.component === "" ? rate.metric : rate.component;
    if (time === undefined || inside === undefined) {
      return {
        component,
        ratio: null,
        periods: 0,
        why: `not checked: it takes ${[
          ...(time === undefined ? ["the Average of its latency"] : []),
          ...(inside === undefined ? ["the Average number of requests inside"] : []),
        ].join(" and ")}`,
      };
    }
    return checkOne(component, rate, time, inside);
  });
}

function checkOne(component: string, rate: Series, time: Series, inside: Series): LittleCheck {
  const at = (series: Series) =>
    new Map(Array.from(series.timesMs, (ms, i) => [ms, series.values[i]!] as const));
  const [times, insides] = [at(time), at(inside)];
  const ratios = Array.from(rate.timesMs, (ms, i) => {
    const seconds = (times.get(ms) ?? Number.NaN) * secondsOf(time.unit);
    return ((rate.values[i]! / rate.periodSec) * seconds) / (insides.get(ms) ?? Number.NaN);
  }).filter(Number.isFinite);
  if (ratios.length < 5)
    return {
      component,
      ratio: null,
      periods: ratios.length,
      why: "fewer than five periods have all three",
    };
  const ratio = median(ratios);
  const why = `rate x time / number inside is ${number(ratio, 3)} in the middle of ${ratios.length} periods; 1 is right`;
  const base = { component, ratio, periods: ratios.length, why };
  if (Math.abs(ratio - 1) <= tolerance) return base;
  return {
    ...base,
    finding: {
      severity: "warning",
      what: `Little's law is off by ${number(Math.abs(ratio - 1) * 100, 2)} %: ${why}. Unit, period or dimensions of one of them are wrong: nothing should be fitted to them`,
      at: component,
    },
  };
}

/** Seconds without a unit are what CloudWatch's load balancers have; Lambda and API Gateway say milliseconds. */
function secondsOf(unit: string): number {
  if (unit === "Milliseconds") return 1e-3;
  return unit === "Microseconds" ? 1e-6 : 1;
}
