import type { ComponentSpecBase } from "../fabric/component-spec.ts";

export type BrokerClass = "m7g.large" | "m7g.xlarge" | "m7g.2xlarge" | "m7g.4xlarge" | "m5.large";

/** A Kafka cluster: brokers over zones, and topics whose partitions have a leader and followers in other zones. */
export interface MskSpec extends ComponentSpecBase {
  readonly service: "msk";
  /** Zones with brokers; a partition has one replica in each, three at most. */
  readonly zones: readonly string[];
  readonly brokersPerZone: number;
  readonly brokerClass: BrokerClass;
  /** GB of storage of each broker. */
  readonly storageGb: number;
  /** Partitions of every topic. */
  readonly topicPartitions: number;
  /** Topics beside `orders`, which `send` fills, and `trades`, which `put-batch` fills; each has an operation `publish-ID`. */
  readonly furtherTopics?: readonly string[];
  /** Whether a send waits for all in-sync replicas (`all`) or for the leader alone (`leader`). `all` when left out. */
  readonly acks?: "all" | "leader";
  /** Whether a replica that lacks records may lead when no in-sync one is left. As the brokers' default when left out. */
  readonly uncleanElection?: boolean;
  /** How a consumer that was replaced gets its partitions: at once (`static`), or when the old one's session is over. */
  readonly membership?: "static" | "dynamic";
}
