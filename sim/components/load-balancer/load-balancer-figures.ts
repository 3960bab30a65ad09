import type { Counter } from "../../kernel/containers/counter.ts";
import { type Channel, countChannel, levelChannel } from "../fabric/channel.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { status } from "../fabric/instances.ts";
import { PeriodGains } from "../fabric/period-gains.ts";
import type { DnsView } from "./dns-view.ts";
import { type TargetHealth, view } from "./target-health.ts";
import { type Targets, targetsMax } from "./targets.ts";

/** What figures are read off. */
export interface LoadBalancerFigures {
  readonly id: string;
  readonly index: number;
  readonly targetIds: readonly string[];
  readonly nodes: readonly number[];
  readonly dns: DnsView;
  readonly targets: Targets;
  readonly health: TargetHealth;
  /** Requests that a node has handed to a target and awaits, by node and target. */
  readonly outstanding: Int32Array;
  readonly requests: Counter;
  /** Requests handed to each of the services, health checks apart. */
  readonly serviceRequests: Float64Array;
  readonly noTarget: Counter;
  readonly failedOpen: Counter;
}

/** Channels of a balancer for the recording. */
export function loadBalancerChannels(
  { instances }: Fabric,
  balancer: LoadBalancerFigures,
): readonly Channel[] {
  const { nodes, dns, requests, noTarget, failedOpen } = balancer;
  const count = (name: string, counter: Counter): Channel =>
    countChannel(name, "requests", () => counter.value);
  const isUp = (node: number) => instances.column.status[node] === status.up;
  return [
    // The checkers of a node are inside it too; they are no requests.
    levelChannel("in-flight", "requests", () => inFlight(balancer)),
    levelChannel("nodes-up", "nodes", () => nodes.filter(isUp).length),
    levelChannel("nodes-in-dns", "nodes", () => dns.count),
    levelChannel("targets-healthy", "targets", () => countTargets(balancer, view.healthy)),
    levelChannel("targets-unhealthy", "targets", () => countTargets(balancer, view.unhealthy)),
    count("arrived", requests),
    count("without-target", noTarget),
    count("failed-open", failedOpen),
  ];
}

/** Metrics of a balancer as CloudWatch has them. Assembly only. */
export function publishLoadBalancerMetrics(
  { metrics, kernel }: Fabric,
  balancer: LoadBalancerFigures,
): void {
  const { id, index, targetIds } = balancer;
  const base = { namespace: "AWS/ApplicationELB", component: index, unit: "Count" } as const;
  const requests = new PeriodGains(kernel, `${id}.metric.requests`, 1);
  const refused = new PeriodGains(kernel, `${id}.metric.refused`, 1);
  metrics.add({
    ...base,
    name: "RequestCount",
    sample: () => requests.gain(0, balancer.requests.value),
  });
  const handed = new PeriodGains(kernel, `${id}.metric.service-requests`, targetIds.length);
  for (const [serviceAt, value] of targetIds.entries()) {
    metrics.addUnwatched({
      ...base,
      name: "RequestCount",
      dimension: { name: "TargetGroup", value },
      sample: () => handed.gain(serviceAt, balancer.serviceRequests[serviceAt]!),
    });
  }
  metrics.add({
    ...base,
    name: "HTTPCode_ELB_503_Count",
    sample: () => refused.gain(0, balancer.noTarget.value),
  });
  metrics.add({
    ...base,
    name: "HealthyHostCount",
    isLevel: true,
    sample: () => countTargets(balancer, view.healthy),
  });
  metrics.add({
    ...base,
    name: "UnHealthyHostCount",
    isLevel: true,
    sample: () => countTargets(balancer, view.unhealthy),
  });
}

/** Targets that the balancer as a whole says this of. */
export function countTargets({ targets, health, targetIds }: LoadBalancerFigures, verdict: number) {
  let count = 0;
  for (let serviceAt = 0; serviceAt < targetIds.length; serviceAt += 1) {
    for (let at = 0; at < targets.listedCount[serviceAt]!; at += 1) {
      if (health.verdict[targets.listed[serviceAt * targetsMax + at]!] === verdict) count += 1;
    }
  }
  return count;
}

function inFlight({ targets, nodes, outstanding }: LoadBalancerFigures): number {
  let sum = 0;
  for (let target = 0; target < targetsMax; target += 1) {
    if (targets.isFree(target)) continue;
    for (let node = 0; node < nodes.length; node += 1) {
      sum += outstanding[node * targetsMax + target]!;
    }
  }
  return sum;
}
