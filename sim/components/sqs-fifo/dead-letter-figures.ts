import { type Channel, levelChannel } from "../fabric/channel.ts";
import type { Fabric } from "../fabric/fabric.ts";
import type { DeadLetters } from "./dead-letters.ts";

/** What the recording shows of a dead-letter queue. */
export function deadLetterChannels(dead: DeadLetters, unit = "messages"): readonly Channel[] {
  const messages = (name: string, kind: Channel["kind"], read: () => number): Channel => ({
    name,
    unit,
    kind,
    read,
  });
  return [
    messages("in the dead-letter queue", "level", () => dead.count),
    messages("dead-lettered", "count", () => dead.arrivedCount),
    messages("redriven", "count", () => dead.redrivenCount),
    messages("expired in the dead-letter queue", "count", () => dead.expiredCount),
    levelChannel("oldest age in the dead-letter queue", "s", () => dead.oldestAgeUs / 1_000_000),
  ];
}

/** What an alarm can watch: a dead-letter queue is a queue with metrics of its own, told apart by its name here. Assembly only. */
export function publishDeadLetterMetric(
  { metrics }: Fabric,
  component: number,
  dead: DeadLetters,
): void {
  metrics.add({
    namespace: "AWS/SQS",
    component,
    unit: "Count",
    name: "DeadLetterQueue/ApproximateNumberOfMessagesVisible",
    isLevel: true,
    sample: () => dead.count,
  });
}
