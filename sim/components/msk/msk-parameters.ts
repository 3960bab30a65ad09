import { assumption, fromFact, usFromFact } from "../../facts/parameter.ts";
import { resolveParameters } from "../fabric/parameters.ts";
import type { MskSpec } from "./msk-spec.ts";

/** Numbers that a cluster works with. */
export function mskParameters(spec: MskSpec) {
  const layout = spec.zones.length >= 3 ? "3az" : "2az";
  const defaults = {
    replicationFactor: fromFact("msk.default.rf", layout),
    minInSyncReplicas: fromFact("msk.default.min-isr", layout),
    brokerDiskMibPerSecond: fromFact("msk.broker-throughput", spec.brokerClass, "ebs"),
    brokerNetworkMibPerSecond: fromFact("msk.broker-throughput", spec.brokerClass, "net"),
    recordBytes: assumption(500, "bytes", "an order or a trade with its headers"),
    sessionUs: usFromFact("msk.kraft.broker-session-s"),
    electionUs: assumption(
      2_000_000,
      "us",
      "'seconds once detected' (msk.leader-election): leaders of a broker's partitions chosen, told to brokers and clients",
    ),
    restartUsLow: usFromFact("msk.broker-restart-min", 0),
    restartUsHigh: usFromFact("msk.broker-restart-min", 1),
    catchUpMibPerSecond: assumption(
      50,
      "MiB/s",
      "what a follower that was away reads beside the load, well below what its disk takes",
    ),
    preferredElectionUs: assumption(
      300_000_000,
      "us",
      "leader.imbalance.check.interval.seconds of Kafka: leaders go back to their preferred brokers",
    ),
    replicaFetchUs: assumption(
      3_000,
      "us",
      "a follower's fetch: a round trip between zones and its broker's turn; what acks=leader leaves at risk",
    ),
    unflushedUs: assumption(
      30_000_000,
      "us",
      "Kafka leaves writing to the disk to the page cache, which Linux writes after 30 s (vm.dirty_expire_centisecs): a broker that loses power forgets what is younger",
    ),
    sendUsP50: assumption(4_000, "us", "a produce request with acks=all over three zones, idle"),
    sendUsP95: assumption(12_000, "us", "as above"),
    leaderSendUsP50: assumption(1_500, "us", "a produce request that the leader alone answers"),
    leaderSendUsP95: assumption(5_000, "us", "as above"),
    fetchUsP50: assumption(1_500, "us", "a fetch for which there are records"),
    fetchUsP95: assumption(5_000, "us", "as above"),
    batchRecordUs: assumption(2, "us", "each further record of a batch"),
    fetchWaitUs: assumption(500_000, "us", "fetch.max.wait.ms of Kafka's consumers"),
    fetchRecordsMax: assumption(500, "records", "max.poll.records of Kafka's consumers"),
    refetchUs: assumption(
      30_000_000,
      "us",
      "request.timeout.ms: what a consumer was sent and has not committed by then is sent again",
    ),
    consumerSessionUs: usFromFact("msk.client.session-timeout-s", 0),
    rebalanceUs: assumption(
      3_000_000,
      "us",
      "members rejoin and partitions are handed out anew (group.initial.rebalance.delay.ms is 3 s)",
    ),
    producerPatienceUs: usFromFact("msk.client.delivery-timeout-s", "min"),
    recordsPerShardMax: assumption(
      16_384,
      "records",
      "bound of the simulation for each partition of trades; the service keeps days",
    ),
    recordsMax: assumption(
      2_000_000,
      "records",
      "bound of the simulation for orders that an engine has yet to commit; the service keeps days",
    ),
  };
  return resolveParameters(spec.id, defaults, spec.parameters);
}

export type MskParameters = ReturnType<typeof mskParameters>;
