/** A queue, a topic that several engines share, or several queues one behind the other. */
export interface OrderHolder {
  /** When it took a request's message, microseconds; 0 when it never did. */
  sentUs(request: number): number;
  /** Calls `visit` with the request of every message that it holds. */
  forEachRequest(visit: (request: number) => void): void;
  /** Calls `visit` with the request of every message in its dead-letter queue. Left out where there can't be one. */
  forEachDeadLetter?(visit: (request: number) => void): void;
  /** Registers, at assembly, who hears of every request that it takes for the first time. */
  whenTaken(listener: (request: number) => void): void;
  /** Deliveries of messages that had been delivered before. */
  readonly redeliveredCount: number;
  /** Messages that it dropped because it had them already. */
  readonly duplicateCount: number;
}

/** Queues of which the first ones feed the last: an order is taken by a feeder, and waits wherever one of them has it. */
export function chainedQueues(feeders: readonly OrderHolder[], last: OrderHolder): OrderHolder {
  if (feeders.length === 0) return last;
  const all = [...feeders, last];
  return {
    sentUs: (request) =>
      feeders.map((each) => each.sentUs(request)).find((sentUs) => sentUs > 0) ?? 0,
    forEachRequest: (visit) => {
      for (const each of all) each.forEachRequest(visit);
    },
    forEachDeadLetter: (visit) => {
      for (const each of all) each.forEachDeadLetter?.(visit);
    },
    whenTaken: (listener) => {
      for (const each of feeders) each.whenTaken(listener);
    },
    get redeliveredCount() {
      return all.reduce((sum, each) => sum + each.redeliveredCount, 0);
    },
    get duplicateCount() {
      return all.reduce((sum, each) => sum + each.duplicateCount, 0);
    },
  };
}
