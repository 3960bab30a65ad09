import { type Channel, countChannel, levelChannel } from "../fabric/channel.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { PeriodGains } from "../fabric/period-gains.ts";
import { deadLetterChannels } from "../sqs-fifo/dead-letter-figures.ts";
import type { DeadLetters } from "../sqs-fifo/dead-letters.ts";

/** Counts of a bus, by position. */
export const busCounted = {
  events: 0,
  putsThrottled: 1,
  matched: 2,
  attempts: 3,
  failed: 4,
  delivered: 5,
  dropped: 6,
  deadLettered: 7,
  overtaken: 8,
  delayed: 9,
  deliveredUs: 10,
  archived: 11,
  /** Events that a replay has sent, and those that it left out because they had not reached the archive. */
  replayed: 12,
  replayTooSoon: 13,
  /** Deliveries of events that their target had, and of those that it had not had before a replay. */
  deliveredAgain: 14,
  recovered: 15,
} as const;

/** Metrics of AWS/Events that are sums of a minute, by what they count. */
const summed = {
  Invocations: busCounted.attempts,
  MatchedEvents: busCounted.matched,
  FailedInvocations: busCounted.dropped,
  InvocationsSentToDlq: busCounted.deadLettered,
  RetryInvocationAttempts: busCounted.failed,
  ThrottledRules: busCounted.delayed,
} as const;

/** What figures are read off. */
export interface BusFigures {
  readonly id: string;
  readonly index: number;
  readonly counts: Float64Array;
  readonly waitingCount: number;
  readonly oldestAgeUs: number;
  readonly hostsInService: number;
  /** `undefined` when no target has a dead-letter queue. */
  readonly deadLetters: DeadLetters | undefined;
  /** Whether it has archives. */
  readonly isArchiving: boolean;
}

/** Channels of a bus for the recording. */
export function busChannels(bus: BusFigures): readonly Channel[] {
  const count = (name: string, unit: string, what: number): Channel =>
    countChannel(name, unit, () => bus.counts[what]!);
  return [
    count("events taken", "events", busCounted.events),
    count("puts throttled", "calls", busCounted.putsThrottled),
    count("events matched", "matches", busCounted.matched),
    count("delivered", "deliveries", busCounted.delivered),
    count("attempts failed", "attempts", busCounted.failed),
    count("deliveries delayed by quota", "deliveries", busCounted.delayed),
    count("overtaken by later events", "deliveries", busCounted.overtaken),
    count("dropped", "deliveries", busCounted.dropped),
    ...(bus.deadLetters === undefined
      ? [levelChannel("in the dead-letter queue", "events", () => 0)]
      : deadLetterChannels(bus.deadLetters, "events")),
    ...(bus.isArchiving ? archiveChannels(count) : []),
    levelChannel("waiting", "deliveries", () => bus.waitingCount),
    levelChannel("oldest age", "s", () => bus.oldestAgeUs / 1_000_000),
    levelChannel("hosts in service", "hosts", () => bus.hostsInService),
  ];
}

function archiveChannels(
  count: (name: string, unit: string, what: number) => Channel,
): readonly Channel[] {
  return [
    count("archived", "events", busCounted.archived),
    count("replayed", "events", busCounted.replayed),
    count("not in the archive when replayed", "events", busCounted.replayTooSoon),
    count("delivered by replay for the first time", "deliveries", busCounted.recovered),
    count("delivered again", "deliveries", busCounted.deliveredAgain),
  ];
}

/** Metrics of a bus as CloudWatch has them. Assembly only. */
export function publishBusMetrics({ metrics, kernel }: Fabric, bus: BusFigures): void {
  const names = Object.entries(summed);
  const gains = new PeriodGains(kernel, `${bus.id}.metric-totals`, names.length + 2);
  const source = { namespace: "AWS/Events", component: bus.index, unit: "Count" } as const;
  for (const [position, [name, what]] of names.entries()) {
    metrics.add({ ...source, name, sample: () => gains.gain(position, bus.counts[what]!) });
  }
  metrics.add({
    ...source,
    name: "IngestionToInvocationSuccessLatency",
    unit: "Milliseconds",
    sample: () => {
      const us = gains.gain(names.length, bus.counts[busCounted.deliveredUs]!);
      const delivered = gains.gain(names.length + 1, bus.counts[busCounted.delivered]!);
      return delivered > 0 ? us / delivered / 1000 : Number.NaN;
    },
  });
}
