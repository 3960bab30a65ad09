import { gigabyte, type Meter, type MeterSource, monthsPassed, times } from "../fabric/meter.ts";
import type { CloudWatchSpec } from "./cloudwatch-spec.ts";

/** Alarms that target tracking makes for each service it scales: one to scale out, one to scale in. */
const alarmsOfPolicy = 2;

/**
 * Alarms, metrics that AWS does not publish for nothing (its own container insights are charged as custom ones), logs,
 * and traces: the first request of each second and a share of the rest.
 */
export function cloudWatchMeters(source: MeterSource<CloudWatchSpec>): readonly Meter[] {
  const { fabric, component, region, spec, assume } = source;
  const home = fabric.regionOf(component.index);
  const isBeside = (other: number) => home === undefined || fabric.regionOf(other) === home;
  const months = monthsPassed(source);
  const scaled = fabric.components.filter(
    (each) =>
      each.service === "ecs-fargate" &&
      "scaling" in each &&
      each.scaling !== undefined &&
      isBeside(each.index),
  ).length;
  const insights = fabric.metrics.sources.filter(
    (each) => !each.namespace.startsWith("AWS/") && isBeside(each.component),
  );
  // Each region has its own; the requests are shared out evenly.
  const observers = fabric.components.filter((each) => each.service === "cloudwatch").length;
  const requests = () => fabric.requests.count / observers;
  const logGigabytes = () => (requests() * assume.logBytesPerRequest) / gigabyte;
  const seconds = () => fabric.kernel.nowUs / 1_000_000;
  return [
    {
      price: "cloudwatch.alarm-month",
      region,
      what: "alarms",
      follows: "time",
      read: times(spec.alarms.length + scaled * alarmsOfPolicy, months),
    },
    {
      price: "cloudwatch.custom-metric-month",
      region,
      what: "custom metrics",
      follows: "time",
      read: times(insights.length + assume.customMetricCount / observers, months),
    },
    {
      price: "cloudwatch.dashboard-month",
      region,
      what: "dashboards",
      follows: "time",
      read: times(assume.dashboardCount, months),
    },
    {
      price: "cloudwatch.logs-ingested",
      region,
      what: "logs taken in",
      follows: "load",
      read: logGigabytes,
    },
    {
      price: "cloudwatch.logs-stored",
      region,
      what: "logs kept",
      follows: "load",
      read: times(assume.logKeptMonths, logGigabytes),
    },
    {
      price: "xray.trace",
      region,
      what: "traces",
      follows: "load",
      read: () => {
        const first = Math.min(requests(), seconds());
        return first + (requests() - first) * (assume.tracedShare / 100);
      },
    },
  ];
}
