import { assumption, fromFact, usFromFact, valuesOf } from "../../facts/parameter.ts";
import { compileQuantiles } from "../../kernel/distributions/quantile-table.ts";
import { none } from "../../kernel/none.ts";
import { type Channel, countChannel, levelChannel } from "../fabric/channel.ts";
import type { Component } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { status } from "../fabric/instances.ts";
import { outcome } from "../fabric/outcome.ts";
import { resolveParameters } from "../fabric/parameters.ts";
import { PeriodGains } from "../fabric/period-gains.ts";
import { requestKind } from "../fabric/requests.ts";
import { TokenBucket } from "../fabric/token-bucket.ts";
import { outsideZone } from "../fabric/zones.ts";
import type { CloudFrontSpec } from "./cloudfront-spec.ts";

/** Symbols that have a place in the cache; queries for others always go to the origin. */
const symbolsMax = 65_536;

const defaults = {
  requestsPerSecond: fromFact("cloudfront.requests-per-s-per-distribution"),
  errorCachingUs: usFromFact("cloudfront.error-caching-min-ttl-s"),
  edgeUs: assumption(
    500,
    "us",
    "Time inside the edge location: TLS is resumed and headers are forwarded; AWS publishes no figure",
  ),
};

/**
 * CloudFront as one station in the outside world: an edge location near the clients. It never fails with a zone. A
 * distribution is many edge locations with a cache each; one cache for all overstates the hit ratio of rare symbols.
 *
 * How long it waits for the origin is the `timeoutMs` of its call in the flow (30 s by default at AWS); writes are
 * tried once, which is `retriesMax: 0`. Answers to queries are kept by symbol for `cacheTtlMs`, and so are failures
 * of the origin, for 10 s: recovery is seen that much later through a cache.
 */
export function createCloudFront(fabric: Fabric, index: number, spec: CloudFrontSpec): Component {
  const { kernel, instances, metrics, requests } = fabric;
  const parameters = resolveParameters(spec.id, defaults, spec.parameters);
  const { requestsPerSecond, errorCachingUs, edgeUs } = valuesOf(parameters);
  const cacheTtlUs = Math.round((spec.cacheTtlMs ?? 0) * 1000);
  const cachedSymbols = cacheTtlUs > 0 ? symbolsMax : 0;

  const edge = instances.create({
    component: index,
    zone: outsideZone,
    status: status.up,
    serverCount: 0,
    insideMax: 1_000_000,
    causeSeq: none,
  });
  const quota = new TokenBucket(kernel, `${spec.id}.quota`, {
    ratePerSecond: requestsPerSecond,
    burst: requestsPerSecond,
  });
  const freshUntilUs = kernel.float64Array(`${spec.id}.fresh-until-us`, cachedSymbols);
  const failedUntilUs = kernel.float64Array(`${spec.id}.failed-until-us`, cachedSymbols);
  const throttled = kernel.counter(`${spec.id}.throttled`);
  const hits = kernel.counter(`${spec.id}.hits`);
  const misses = kernel.counter(`${spec.id}.misses`);
  const answers4xx = kernel.counter(`${spec.id}.answers-4xx`);
  const answers5xx = kernel.counter(`${spec.id}.answers-5xx`);

  addMetrics();

  /** Symbol whose cached answer could serve the frame, or `none`. */
  function cacheKey(frame: number): number {
    const request = fabric.calls.dataOf(frame);
    if (cacheTtlUs === 0 || requests.column.kind[request] !== requestKind.queryBook) return none;
    const symbol = requests.column.symbol[request]!;
    return symbol < symbolsMax ? symbol : none;
  }

  function worked(frame: number): number {
    const key = cacheKey(frame);
    if (key === none) return outcome.ok;
    if (kernel.nowUs < freshUntilUs[key]!) {
      hits.add(1);
      return outcome.okWithoutCalls;
    }
    if (kernel.nowUs < failedUntilUs[key]!) {
      hits.add(1);
      return outcome.unavailable;
    }
    misses.add(1);
    return outcome.ok;
  }

  /** Every edge answer passes here: errors are counted, and what the origin said is remembered. */
  function answering(frame: number, _instance: number, result: number): void {
    if (isClientError(result)) answers4xx.add(1);
    else if (result !== outcome.ok) answers5xx.add(1);
    const key = cacheKey(frame);
    if (key === none) return;
    const isFresh = kernel.nowUs < freshUntilUs[key]! || kernel.nowUs < failedUntilUs[key]!;
    // An answer out of the cache must not prolong itself.
    if (isFresh) return;
    if (result === outcome.ok) freshUntilUs[key] = kernel.nowUs + cacheTtlUs;
    else if (!isClientError(result)) failedUntilUs[key] = kernel.nowUs + errorCachingUs;
  }

  function addMetrics(): void {
    const base = { namespace: "AWS/CloudFront", component: index } as const;
    const countGains = new PeriodGains(kernel, `${spec.id}.metric.requests`, 1);
    const arrived = () => instances.column.arrivedCount[edge]!;
    metrics.add({
      ...base,
      name: "Requests",
      unit: "Count",
      sample: () => countGains.gain(0, arrived()),
    });
    const share = (name: string, part: () => number, whole: () => number) => {
      const partGains = new PeriodGains(kernel, `${spec.id}.metric.${name}.part`, 1);
      const wholeGains = new PeriodGains(kernel, `${spec.id}.metric.${name}.whole`, 1);
      const sample = () => (100 * partGains.gain(0, part())) / wholeGains.gain(0, whole());
      metrics.add({ ...base, name, unit: "Percent", sample });
    };
    share("4xxErrorRate", () => answers4xx.value + throttled.value, arrived);
    share("5xxErrorRate", () => answers5xx.value, arrived);
    share(
      "CacheHitRate",
      () => hits.value,
      () => hits.value + misses.value,
    );
  }

  function channels(): readonly Channel[] {
    return [
      levelChannel("in-flight", "requests", () => instances.column.insideCount[edge]!),
      countChannel("arrived", "requests", () => instances.column.arrivedCount[edge]!),
      countChannel("cache-hits", "requests", () => hits.value),
      countChannel("throttled", "requests", () => throttled.value),
      countChannel("answers-5xx", "requests", () => answers5xx.value),
    ];
  }

  return {
    id: spec.id,
    service: spec.service,
    passesThrough: true,
    index,
    operations: [
      {
        name: "serve",
        serviceUs: compileQuantiles({ kind: "deterministic", value: edgeUs }),
        decides: true,
      },
    ],
    route: () => edge,
    admit() {
      if (quota.take(1)) return outcome.ok;
      throttled.add(1);
      return outcome.throttled;
    },
    worked,
    answering,
    instanceFailed() {
      // Clients are sent to another edge location; the station stands for all of them, so nothing is left to mend.
    },
    powerRestored(instance, causeSeq) {
      instances.column.status[instance] = status.up;
      instances.column.causeSeq[instance] = causeSeq;
    },
    channels,
    parameters: () => parameters,
    start() {},
  };
}

/** Whether a result is an HTTP 4xx: the request's own fault, or too many of them. */
function isClientError(result: number): boolean {
  return (
    result === outcome.refused ||
    result === outcome.rejected ||
    result === outcome.throttled ||
    result === outcome.blocked
  );
}
