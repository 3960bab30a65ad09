/** Minute series rebuilt from single requests: what CloudWatch would have shown of an access log or of traces. */
import { requestsOf } from "../estimators/spans/span-tree.ts";
import type { Finding } from "../fit-report.ts";
import { createSeries, type Series } from "../series/series.ts";
import { quantileOfSorted } from "../statistics/descriptive.ts";
import { noRequests, noteDamage, readAccessLog } from "./access-log.ts";
import { importSpans } from "./import-spans.ts";

const periodSeconds = 60;
const percentiles = [50, 90, 99] as const;

interface Minute {
  count: number;
  /** Seconds of the requests that were served. */
  readonly seconds: number[];
}

/** Requests of one balancer or service, by minute. */
class RequestMinutes {
  readonly #groups = new Map<string, Map<number, Minute>>();

  add(group: string, atMs: number, seconds: number | undefined): void {
    const minutes = this.#groups.get(group) ?? new Map<number, Minute>();
    this.#groups.set(group, minutes);
    const mark = Math.floor(atMs / (periodSeconds * 1000));
    const minute = minutes.get(mark) ?? { count: 0, seconds: [] };
    minutes.set(mark, minute);
    minute.count += 1;
    if (seconds !== undefined) minute.seconds.push(seconds);
  }

  get isEmpty(): boolean {
    return this.#groups.size === 0;
  }

  /** A count, and percentiles of the time, for each group. */
  series(latencyMetric: string, file: string): readonly Series[] {
    return [...this.#groups].flatMap(([component, minutes]) => {
      const marks = [...minutes.keys()].sort((a, b) => a - b);
      const one = (metric: string, stat: string, unit: string, of: (minute: Minute) => number) => {
        const values = marks.map((mark) => of(minutes.get(mark)!));
        if (values.every(Number.isNaN)) return [];
        return [
          createSeries(
            {
              id: `${metric} ${stat} ${component}`,
              component,
              metric,
              stat,
              unit,
              missingMeans: stat === "Sum" ? "zero" : "unknown",
            },
            {
              timesMs: marks.map((mark) => mark * periodSeconds * 1000),
              values,
              periodSec: periodSeconds,
            },
            file,
          ),
        ];
      };
      for (const minute of minutes.values()) minute.seconds.sort((a, b) => a - b);
      return [
        ...one("RequestCount", "Sum", "Count", ({ count }) => count),
        ...percentiles.flatMap((p) =>
          one(latencyMetric, `p${p}`, "Seconds", ({ seconds }) =>
            quantileOfSorted(seconds, p / 100),
          ),
        ),
      ];
    });
  }
}

export async function accessLogSeries(
  file: string,
  findings: Finding[],
): Promise<readonly Series[]> {
  const minutes = new RequestMinutes();
  const damaged = { count: 0, firstLine: 0 };
  for await (const entries of readAccessLog(file, damaged)) {
    for (const { balancer, startMs, targetSeconds, type } of entries) {
      const isServed = targetSeconds >= 0 && type !== "ws" && type !== "wss";
      minutes.add(`LoadBalancer=${balancer}`, startMs, isServed ? targetSeconds : undefined);
    }
  }
  noteDamage(damaged, file, findings);
  if (minutes.isEmpty) throw noRequests(file);
  return minutes.series("TargetResponseTime", file);
}

export async function spanSeries(file: string, findings: Finding[]): Promise<readonly Series[]> {
  const { spans } = await importSpans(file, findings);
  const minutes = new RequestMinutes();
  for (const { service, startMs, endMs } of requestsOf(spans)) {
    minutes.add(`service=${service}`, startMs, (endMs - startMs) / 1000);
  }
  findings.push({
    severity: "warning",
    what: "counts are those of the traces: where tracing takes a sample, there were more requests",
    at: file,
  });
  return minutes.series("Latency", file);
}
