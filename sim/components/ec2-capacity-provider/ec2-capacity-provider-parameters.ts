import { assumption, fromFact, type Parameters, usFromFact } from "../../facts/parameter.ts";
import type { C7gSize } from "./ec2-capacity-provider-spec.ts";

/** Numbers of a capacity provider whose hosts are of the given size. */
export function ec2CapacityProviderDefaults(size: C7gSize) {
  return {
    hostVcpu: fromFact("ec2.c7g.spec", size, 0),
    hostMemoryGb: fromFact("ec2.c7g.spec", size, 1),
    hostReservedGb: assumption(
      0.6,
      "GB",
      "what the system and the agent of a host keep for themselves, so that its last GB holds no task",
    ),
    targetPercent: fromFact("ecs.capacity-provider.target-percent"),
    launchUsP50: assumption(
      120_000_000,
      "us",
      "60 to 90 s until it runs and 30 to 60 s until its agent is registered (ec2.launch-time says 'a few minutes')",
    ),
    launchUsP95: assumption(180_000_000, "us", "as above"),
    reviewUs: usFromFact("cloudwatch.metric.standard-period-s"),
    warmUpUs: usFromFact("ecs.capacity-provider.instance-warmup-s"),
    scaleInDatapoints: fromFact("ecs.capacity-provider.scale-in-datapoints"),
    statusChecksFailed: assumption(
      2,
      "status checks in a row",
      "a host that is silent at two checks (ec2.status-check.period-s, the period of review) is replaced",
    ),
    spreadMax: fromFact("ec2.placement.spread-max"),
    partitionsMax: fromFact("ec2.placement.partitions-max"),
    racksPerZone: assumption(
      40,
      "racks",
      "over which hosts without a placement group spread; AWS tells nobody on which rack a host stands",
    ),
    hostsPerRack: assumption(
      16,
      "hosts",
      "of a cluster placement group that find room on one rack; AWS publishes none",
    ),
    clusterRacks: assumption(
      2,
      "racks",
      "close enough to each other for one cluster placement group with room left on them; AWS publishes none",
    ),
    zoneAvoidedUs: assumption(
      300_000_000,
      "us",
      "after a launch that found no host in a zone, others are tried for a while; unpublished",
    ),
  } satisfies Parameters;
}
