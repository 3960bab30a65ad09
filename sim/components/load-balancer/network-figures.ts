import type { Counter } from "../../kernel/containers/counter.ts";
import { type Channel, countChannel, levelChannel } from "../fabric/channel.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { PeriodGains } from "../fabric/period-gains.ts";
import { countTargets, type LoadBalancerFigures } from "./load-balancer-figures.ts";
import type { NetworkFlows } from "./network-flows.ts";
import { view } from "./target-health.ts";

/** Channels that only a Network Load Balancer has. */
export function networkBalancerChannels(flows: NetworkFlows): readonly Channel[] {
  const count = (name: string, counter: Counter): Channel =>
    countChannel(name, "connections", () => counter.value);
  return [
    levelChannel("flows-active", "connections", () => flows.table.openCount),
    count("flows-new", flows.newFlows),
    count("resets-by-target", flows.targetResets),
    count("resets-by-client", flows.clientResets),
    count("resets-by-balancer", flows.balancerResets),
  ];
}

/** Metrics of a Network Load Balancer as CloudWatch has them. Assembly only. */
export function publishNetworkBalancerMetrics(
  { metrics, kernel }: Fabric,
  balancer: LoadBalancerFigures,
  flows: NetworkFlows,
): void {
  const base = { namespace: "AWS/NetworkELB", component: balancer.index, unit: "Count" } as const;
  const level = (name: string, sample: () => number) =>
    metrics.add({ ...base, name, isLevel: true, sample });
  level("HealthyHostCount", () => countTargets(balancer, view.healthy));
  level("UnHealthyHostCount", () => countTargets(balancer, view.unhealthy));
  level("ActiveFlowCount", () => flows.table.openCount);
  const counts: readonly (readonly [string, Counter])[] = [
    ["NewFlowCount", flows.newFlows],
    ["TCP_Client_Reset_Count", flows.clientResets],
    ["TCP_ELB_Reset_Count", flows.balancerResets],
    ["TCP_Target_Reset_Count", flows.targetResets],
  ];
  const gains = new PeriodGains(kernel, `${balancer.id}.metric.flows`, counts.length);
  for (const [at, [name, counter]] of counts.entries()) {
    metrics.add({ ...base, name, sample: () => gains.gain(at, counter.value) });
  }
}
