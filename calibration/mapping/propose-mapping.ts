/** Which series tells of which component, and what of it: proposed from names, edited by the user, kept in a file. */
import type { ComponentSpec, Topology } from "../../sim/twin/topology-types.ts";
import type { Series } from "../series/series.ts";

/** What a series can tell of a component. */
export const metricRoles = [
  "requests",
  "orders",
  "cpu-percent",
  "task-count",
  "latency-p50",
  "latency-p90",
  "latency-p99",
  "cache-hits",
  "cache-misses",
  "queue-depth",
  "commits",
] as const;

export type MetricRole = (typeof metricRoles)[number];

/** One line of a mapping. */
export interface MappedSeries {
  /** `RequestCount Sum LoadBalancer=orders`: metric, statistic and dimensions as imported. */
  readonly series: string;
  /** Component id of the topology. */
  readonly component: string;
  readonly role: MetricRole;
}

interface Rule {
  readonly service: ComponentSpec["service"];
  readonly metric: string;
  readonly stats: readonly string[];
  readonly role: MetricRole;
}

const rules: readonly Rule[] = [
  { service: "api-gateway", metric: "Count", stats: ["Sum", "SampleCount"], role: "requests" },
  { service: "api-gateway", metric: "Latency", stats: ["p50"], role: "latency-p50" },
  { service: "api-gateway", metric: "Latency", stats: ["p90"], role: "latency-p90" },
  { service: "api-gateway", metric: "Latency", stats: ["p99"], role: "latency-p99" },
  { service: "ecs-fargate", metric: "RequestCount", stats: ["Sum"], role: "requests" },
  { service: "ecs-fargate", metric: "CPUUtilization", stats: ["Average"], role: "cpu-percent" },
  { service: "ecs-fargate", metric: "RunningTaskCount", stats: ["Average"], role: "task-count" },
  { service: "sqs-fifo", metric: "NumberOfMessagesSent", stats: ["Sum"], role: "orders" },
  {
    service: "sqs-fifo",
    metric: "ApproximateNumberOfMessagesVisible",
    stats: ["Average", "Maximum"],
    role: "queue-depth",
  },
  { service: "elasticache", metric: "CacheHits", stats: ["Sum"], role: "cache-hits" },
  { service: "elasticache", metric: "CacheMisses", stats: ["Sum"], role: "cache-misses" },
  { service: "aurora", metric: "CPUUtilization", stats: ["Average"], role: "cpu-percent" },
  { service: "aurora", metric: "CommitThroughput", stats: ["Average"], role: "commits" },
];

/** What a proposal looks at. */
type Named = Pick<Series, "metric" | "stat" | "component">;

/** Metrics that could tell something, with the statistic of each that would. */
export function wantedMetrics(): readonly {
  readonly metric: string;
  readonly stats: readonly string[];
}[] {
  const stats = new Map<string, Set<string>>();
  for (const { metric, stats: of } of rules)
    stats.set(metric, (stats.get(metric) ?? new Set()).add(of[0]!));
  return [...stats].map(([metric, of]) => ({ metric, stats: [...of] }));
}

/** How a mapping names a series. */
export function seriesName({ metric, stat, component }: Named): string {
  return [metric, stat, component].filter((part) => part !== "").join(" ");
}

/** Lines for all series whose dimensions name a component that publishes such a metric. */
export function proposeMapping(
  series: readonly Named[],
  topology: Topology,
): readonly MappedSeries[] {
  return series.flatMap((each) => {
    const component = componentOf(each, topology);
    const rule = rules.find(
      ({ service, metric, stats }) =>
        service === component?.service &&
        metric === each.metric &&
        (each.stat === "" || stats.includes(each.stat)),
    );
    if (component === undefined || rule === undefined) return [];
    return [{ series: seriesName(each), component: component.id, role: rule.role }];
  });
}

/** The target group of a balancer names the service behind it, so the last dimension that fits decides. */
function componentOf({ component: dimensions }: Named, topology: Topology) {
  const values = dimensions.split(", ").map((each) => each.slice(each.indexOf("=") + 1));
  return values
    .map((value) =>
      topology.components.find(({ id }) => value === id || value.split("/").includes(id)),
    )
    .findLast((found) => found !== undefined);
}
