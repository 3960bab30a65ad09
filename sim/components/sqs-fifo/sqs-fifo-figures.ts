import { type Channel, countChannel, levelChannel } from "../fabric/channel.ts";
import type { Fabric } from "../fabric/fabric.ts";
import type { ZonalHosts } from "../fabric/zonal-hosts.ts";
import { deadLetterChannels, publishDeadLetterMetric } from "./dead-letter-figures.ts";
import type { DeadLetters } from "./dead-letters.ts";
import type { MessageStore } from "./message-store.ts";

/** Counts of a queue, by position. */
export const queueCounted = {
  sent: 0,
  received: 1,
  duplicates: 2,
  throttled: 3,
  sendCalls: 4,
} as const;

/** What figures are read off. */
export interface QueueFigures {
  readonly id: string;
  readonly index: number;
  readonly store: MessageStore;
  readonly hosts: ZonalHosts;
  readonly counts: Float64Array;
  readonly deadLetters: DeadLetters | undefined;
}

/** Channels of a queue for the recording. */
export function queueChannels({
  store,
  hosts,
  counts,
  deadLetters,
}: QueueFigures): readonly Channel[] {
  return [
    levelChannel("visible", "messages", () => store.visibleCount),
    levelChannel("hidden", "messages", () => store.hiddenCount),
    levelChannel("oldest age", "s", () => store.oldestAgeUs() / 1_000_000),
    levelChannel("hosts in service", "hosts", () => hosts.inServiceCount),
    countChannel("sent", "messages", () => counts[queueCounted.sent]!),
    countChannel("received", "messages", () => counts[queueCounted.received]!),
    countChannel("send calls", "calls", () => counts[queueCounted.sendCalls]!),
    countChannel("calls throttled", "calls", () => counts[queueCounted.throttled]!),
    ...(deadLetters === undefined ? [] : deadLetterChannels(deadLetters)),
  ];
}

/** Metrics of a queue as CloudWatch has them. Assembly only. */
export function publishQueueMetrics(fabric: Fabric, queue: QueueFigures): void {
  const { metrics, kernel } = fabric;
  const { id, index, store, counts, deadLetters } = queue;
  const previous = kernel.float64Array(`${id}.metric-previous`, 1);
  const source = { namespace: "AWS/SQS", component: index, unit: "Count" } as const;
  metrics.add({
    ...source,
    name: "ApproximateNumberOfMessagesVisible",
    isLevel: true,
    sample: () => store.visibleCount,
  });
  metrics.add({
    ...source,
    name: "ApproximateNumberOfMessagesNotVisible",
    isLevel: true,
    sample: () => store.hiddenCount,
  });
  metrics.add({
    ...source,
    name: "ApproximateAgeOfOldestMessage",
    statistic: "Maximum",
    isLevel: true,
    unit: "Seconds",
    sample: () => Math.floor(store.oldestAgeUs() / 1_000_000),
  });
  metrics.add({
    ...source,
    name: "NumberOfMessagesSent",
    sample: () => {
      const sent = counts[queueCounted.sent]! - previous[0]!;
      previous[0] = counts[queueCounted.sent]!;
      return sent;
    },
  });
  if (deadLetters !== undefined) publishDeadLetterMetric(fabric, index, deadLetters);
}
