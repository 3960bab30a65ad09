/** What CloudWatch's metrics mean: whether a missing point is a 0 or unknown. */
import type { MissingMeans } from "../series/series.ts";

/** Counts that are published only when something happened: no point means none happened. */
const zeroWhenMissing =
  /^(RequestCount|RequestCountPerTarget|HTTPCode_.*|Count|4XXError|5XXError|Errors|Throttles|Invocations|IncomingRecords|IncomingBytes|NumberOfMessages(Sent|Received|Deleted)|ThrottledRequests|RejectedConnectionCount|TargetConnectionErrorCount|NewConnectionCount|CacheHitCount|CacheMissCount|Requests|UserErrors|SystemErrors)$/;

export function missingMeansOf(metric: string, stat: string): MissingMeans {
  const isCount = stat === "" || stat === "Sum" || stat === "SampleCount";
  return isCount && zeroWhenMissing.test(metric) ? "zero" : "unknown";
}

/** `LoadBalancer=app/orders/1, AvailabilityZone=a`, sorted by name; empty without dimensions. */
export function dimensionText(dimensions: Readonly<Record<string, string>>): string {
  return Object.keys(dimensions)
    .sort()
    .map((name) => `${name}=${dimensions[name]}`)
    .join(", ");
}
