import type { ComponentSpecBase } from "../fabric/component-spec.ts";

export type C7gSize =
  | "medium"
  | "large"
  | "xlarge"
  | "2xlarge"
  | "4xlarge"
  | "8xlarge"
  | "12xlarge"
  | "16xlarge";

/** A placement group: how hosts stand to each other within a zone. */
export interface PlacementSpec {
  /**
   * `cluster`: close together on few racks; `partition`: in partitions that share no rack; `spread`: each on a rack of its own,
   * seven in a zone at most.
   */
  readonly strategy: "cluster" | "partition" | "spread";
  /** Partitions in each zone, seven at most, which is also what there are when it is left out. */
  readonly partitions?: number;
}

/** Hosts on EC2 on which ECS places tasks: an Auto Scaling group with managed scaling. */
export interface Ec2CapacityProviderSpec extends ComponentSpecBase {
  readonly service: "ec2-capacity-provider";
  /** Zones to spread hosts over. */
  readonly zones: readonly string[];
  readonly instanceType: `c7g.${C7gSize}`;
  /** Hosts at the start, which is also the least there are. */
  readonly hostCount: number;
  readonly hostCountMax: number;
  /** Share of the hosts that should have tasks; below 100, some stand by. The fact's 100 when left out. */
  readonly targetPercent?: number;
  /** Placement group of the hosts; wherever there is room when left out. */
  readonly placement?: PlacementSpec;
}
