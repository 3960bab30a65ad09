import { MistakeList } from "../../errors/twin-error.ts";
import { assumption, fromFact, usFromFact, valuesOf } from "../../facts/parameter.ts";
import type { Distribution } from "../../kernel/distributions/distribution.ts";
import { compileQuantiles } from "../../kernel/distributions/quantile-table.ts";
import { ln } from "../../kernel/math/ln.ts";
import { normalQuantile } from "../../kernel/math/normal-quantile.ts";
import { type Channel, countChannel, levelChannel } from "../fabric/channel.ts";
import type { Component } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { outcome } from "../fabric/outcome.ts";
import { resolveParameters } from "../fabric/parameters.ts";
import { PeriodGains } from "../fabric/period-gains.ts";
import { TokenBucket } from "../fabric/token-bucket.ts";
import { ZonalHosts } from "../fabric/zonal-hosts.ts";
import type { ApiGatewaySpec } from "./api-gateway-spec.ts";

const shared = {
  ratePerSecond: fromFact("api-gateway.throttle.steady-rps"),
  burst: fromFact("api-gateway.throttle.burst-bucket"),
  evictAfterUs: assumption(
    10_000_000,
    "us",
    "AWS takes a silent zone out of its own regional front ends by health checks; it publishes no time, and ten seconds is three looks of a few seconds each",
  ),
  hostInsideMax: assumption(
    1_000_000,
    "requests",
    "No bound on concurrent requests is documented; the token bucket is the limit that callers meet",
  ),
};

const defaultsByApi = {
  rest: {
    ...shared,
    addedLatencyUsP50: usFromFact("api-gateway.rest.added-latency-ms", 0),
    addedLatencyUsP99: usFromFact("api-gateway.rest.added-latency-ms", 1),
    integrationTimeoutUs: usFromFact("api-gateway.rest.integration-timeout-ms"),
  },
  http: {
    ...shared,
    addedLatencyUsP50: usFromFact("api-gateway.http.added-latency-ms", 0),
    addedLatencyUsP99: usFromFact("api-gateway.http.added-latency-ms", 1),
    integrationTimeoutUs: usFromFact("api-gateway.http.integration-timeout-ms"),
  },
};

/**
 * API Gateway: hosts in every zone behind one regional endpoint, throttled by the account's token bucket. Excess
 * requests get a 429 at once and never reach the backend. The bucket is exact here; AWS calls its own best effort.
 *
 * How long it waits for the backend is the `timeoutMs` of its call in the flow; the service allows
 * `integrationTimeoutUs` at the most, and a flow that asks for more is a mistake.
 */
export function createApiGateway(fabric: Fabric, index: number, spec: ApiGatewaySpec): Component {
  const { kernel, instances, metrics } = fabric;
  const parameters = resolveParameters(spec.id, defaultsByApi[spec.api], spec.parameters);
  const values = valuesOf(parameters);
  const hosts = new ZonalHosts(fabric, {
    component: index,
    id: spec.id,
    zones: spec.zones.map((zone) => fabric.zone(zone)),
    insideMax: values.hostInsideMax,
    evictAfterUs: values.evictAfterUs,
    needsMajority: false,
  });
  const throttle = createThrottle();
  const throttled = kernel.counter(`${spec.id}.throttled`);
  const answers4xx = kernel.counter(`${spec.id}.answers-4xx`);
  const answers5xx = kernel.counter(`${spec.id}.answers-5xx`);
  const latencyUs = kernel.histogram(`${spec.id}.latency-us`, {
    lowest: 100,
    highest: 60_000_000,
  });
  addMetrics();

  function createThrottle(): TokenBucket {
    if (spec.ratePerSecond === undefined && spec.burst === undefined) {
      return fabric.accountQuota("api-gateway.throttle", values);
    }
    const ratePerSecond = spec.ratePerSecond ?? values.ratePerSecond;
    const proportion = values.burst / values.ratePerSecond;
    return new TokenBucket(kernel, `${spec.id}.throttle`, {
      ratePerSecond,
      burst: spec.burst ?? ratePerSecond * proportion,
    });
  }

  function answering(frame: number, instance: number, result: number): void {
    const { calls, zones } = fabric;
    const here = instances.column.zone[instance]!;
    const there = calls.callerZoneOf(frame);
    const waysUs = zones.latencyUs(there, here) + zones.latencyUs(here, there);
    latencyUs.record(Math.max(0, kernel.nowUs - calls.sentUs(frame) - waysUs));
    if (result === outcome.ok) return;
    const is4xx =
      result === outcome.refused ||
      result === outcome.rejected ||
      result === outcome.blocked ||
      result === outcome.throttled;
    (is4xx ? answers4xx : answers5xx).add(1);
  }

  function addMetrics(): void {
    const base = { namespace: "AWS/ApiGateway", component: index } as const;
    const countGains = new PeriodGains(kernel, `${spec.id}.metric.count`, 1);
    metrics.add({
      ...base,
      name: "Count",
      unit: "Count",
      sample: () => countGains.gain(0, sum("arrivedCount")),
    });
    // AWS publishes errors as 0 or 1 for each request; their average is the rate that alarms look at.
    const rate = (name: string, errors: () => number) => {
      const errorGains = new PeriodGains(kernel, `${spec.id}.metric.${name}.errors`, 1);
      const wholeGains = new PeriodGains(kernel, `${spec.id}.metric.${name}.requests`, 1);
      const sample = () =>
        (100 * errorGains.gain(0, errors())) / wholeGains.gain(0, sum("arrivedCount"));
      metrics.add({ ...base, name, statistic: "Average", unit: "Percent", sample });
    };
    rate("4XXError", () => answers4xx.value + throttled.value);
    rate("5XXError", () => answers5xx.value);
    for (const [statistic, share] of [
      ["p50", 0.5],
      ["p90", 0.9],
    ] as const) {
      metrics.addUnwatched({
        ...base,
        name: "Latency",
        statistic,
        unit: "Milliseconds",
        sample: () => latencyUs.quantile(share) / 1000,
      });
    }
    metrics.add({
      ...base,
      name: "Latency",
      statistic: "p99",
      unit: "Milliseconds",
      sample() {
        const p99Us = latencyUs.quantile(0.99);
        latencyUs.reset();
        return p99Us / 1000;
      },
    });
  }

  function sum(column: "arrivedCount" | "insideCount"): number {
    let total = 0;
    for (const host of hosts.hosts) total += instances.column[column][host]!;
    return total;
  }

  function channels(): readonly Channel[] {
    return [
      levelChannel("in-flight", "requests", () => sum("insideCount")),
      levelChannel("hosts-in-service", "hosts", () => hosts.inServiceCount),
      countChannel("arrived", "requests", () => sum("arrivedCount")),
      countChannel("throttled", "requests", () => throttled.value),
      countChannel("answers-5xx", "requests", () => answers5xx.value),
    ];
  }

  function checkTimeouts(): void {
    const mistakes = new MistakeList();
    const limitMs = values.integrationTimeoutUs / 1000;
    for (const { caller, timeoutUs, path } of fabric.sites) {
      if (caller !== index || timeoutUs <= values.integrationTimeoutUs) continue;
      mistakes.add({
        code: "api-gateway.integration-timeout-exceeded",
        problem: `"${spec.id}" would wait ${timeoutUs / 1000} ms for ${path}, and the service allows ${limitMs}`,
        remedy: `Use a timeoutMs of ${limitMs} or less, or set the parameter integrationTimeoutUs if your quota is raised`,
        at: `/components/${spec.id}`,
      });
    }
    mistakes.throwIfAny(`Component "${spec.id}"`);
  }

  return {
    id: spec.id,
    service: spec.service,
    passesThrough: true,
    setQuotaShare: (share) => throttle.setShare(share),
    index,
    operations: [
      {
        name: "serve",
        serviceUs: compileQuantiles(
          lognormalBetween(values.addedLatencyUsP50, values.addedLatencyUsP99),
        ),
      },
    ],
    route: (_callerInstance, _callerZone, frame) => hosts.route(frame),
    admit() {
      if (throttle.take(1)) return outcome.ok;
      throttled.add(1);
      return outcome.throttled;
    },
    answering,
    instanceFailed() {
      // The hosts are watched all the time; see ZonalHosts.
    },
    powerRestored: (instance, causeSeq) => hosts.powerRestored(instance, causeSeq),
    channels,
    parameters: () => parameters,
    start() {
      checkTimeouts();
      hosts.start();
    },
  };
}

/** The lognormal with this median and this 99th percentile; without spread when both are one. */
function lognormalBetween(p50: number, p99: number): Distribution {
  if (p99 <= p50) return { kind: "deterministic", value: p50 };
  return { kind: "lognormal", median: p50, sigma: ln(p99 / p50) / normalQuantile(0.99) };
}
