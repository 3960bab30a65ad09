import { type Channel, countChannel, levelChannel } from "../fabric/channel.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { PeriodGains } from "../fabric/period-gains.ts";
import type { Brokers } from "./brokers.ts";
import type { Controller } from "./controller.ts";
import type { OrderLog } from "./order-log.ts";
import type { Replicas } from "./replicas.ts";

/** Counts of a cluster, by position. */
export const mskCounted = {
  orders: 0,
  trades: 1,
  others: 2,
  turnedAway: 3,
  lost: 4,
  fetched: 5,
} as const;

/** What figures are read off. */
export interface MskFigures {
  readonly id: string;
  readonly index: number;
  readonly counts: Float64Array;
  readonly replicas: Replicas;
  readonly brokers: Brokers;
  readonly controller: Controller;
  readonly orders: OrderLog;
}

/** Channels of a cluster for the recording. */
export function mskChannels(msk: MskFigures): readonly Channel[] {
  const { counts, replicas } = msk;
  const count = (name: string, at: number): Channel =>
    countChannel(name, "records", () => counts[at]!);
  return [
    levelChannel("unread", "records", () => msk.orders.unreadCount),
    levelChannel("oldest age", "s", () => msk.orders.oldestAgeUs() / 1_000_000),
    levelChannel("not replicated yet", "records", () => msk.orders.pendingCount),
    levelChannel("brokers in service", "brokers", () => msk.controller.inServiceCount),
    levelChannel("under-replicated partitions", "partitions", () => replicas.underReplicatedCount),
    levelChannel("offline partitions", "partitions", () => replicas.offlineCount),
    levelChannel("brokers behind", "s", () => {
      let worst = 0;
      for (let broker = 0; broker < replicas.brokerCount; broker += 1) {
        worst = Math.max(worst, msk.brokers.behindUs(broker));
      }
      return worst / 1_000_000;
    }),
    count("orders taken", mskCounted.orders),
    count("trades taken", mskCounted.trades),
    count("other records taken", mskCounted.others),
    count("records turned away", mskCounted.turnedAway),
    count("records lost", mskCounted.lost),
    count("orders fetched", mskCounted.fetched),
  ];
}

/** Metrics under their CloudWatch names; those of brokers are of the whole cluster here. */
export function publishMskMetrics(fabric: Fabric, msk: MskFigures, recordBytes: number): void {
  const { metrics, kernel } = fabric;
  const gains = new PeriodGains(kernel, `${msk.id}.metric-totals`, 2);
  const source = { namespace: "AWS/Kafka", component: msk.index } as const;
  const taken = () =>
    msk.counts[mskCounted.orders]! +
    msk.counts[mskCounted.trades]! +
    msk.counts[mskCounted.others]!;
  metrics.add({
    ...source,
    name: "MessagesInPerSec",
    unit: "Count",
    sample: () => gains.gain(0, taken()) / 60,
  });
  metrics.add({
    ...source,
    name: "BytesInPerSec",
    unit: "Bytes",
    sample: () => (gains.gain(1, taken()) * recordBytes) / 60,
  });
  metrics.add({
    ...source,
    name: "UnderReplicatedPartitions",
    isLevel: true,
    unit: "Count",
    sample: () => msk.replicas.underReplicatedCount,
  });
  metrics.add({
    ...source,
    name: "OfflinePartitionsCount",
    isLevel: true,
    unit: "Count",
    sample: () => msk.replicas.offlineCount,
  });
  metrics.add({
    ...source,
    name: "SumOffsetLag",
    isLevel: true,
    unit: "Count",
    sample: () => msk.orders.unreadCount,
  });
  metrics.add({
    ...source,
    name: "EstimatedMaxTimeLag",
    isLevel: true,
    unit: "Seconds",
    sample: () => Math.floor(msk.orders.oldestAgeUs() / 1_000_000),
  });
}
