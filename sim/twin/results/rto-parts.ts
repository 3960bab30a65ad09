import type { EventStage, LogEntry } from "../../components/fabric/event-log.ts";
import { none } from "../../kernel/none.ts";
import type { RtoParts } from "../results-types.ts";

/** An outage as the parts need it, in microseconds since the run began. */
export interface OutageBounds {
  readonly beganUs: number;
  /** End of the outage, or of the run when it never ended. */
  readonly endedUs: number;
}

export interface RtoBreakdown {
  readonly parts: RtoParts;
  /** Sequence numbers from the fault to the event that let the function recover. */
  readonly chain: readonly number[];
}

/** Stages in the order in which an outage goes through them. */
const order: readonly EventStage[] = ["detect", "decide", "act", "recover"];

/**
 * Splits an outage along the causal chain that ended it: of all chains that start at a fault and reach a component of
 * the function, the one that finished last before the function was back. What is left after the chain is draining.
 * A chain that never got to a stage gives that stage no time.
 */
export function breakDown(
  outage: OutageBounds,
  entries: readonly LogEntry[],
  isOfFunction: (entry: LogEntry) => boolean,
): RtoBreakdown {
  const chain = decisiveChain(outage, entries, isOfFunction);
  const { beganUs, endedUs } = outage;
  const clip = (atUs: number) => Math.min(Math.max(atUs, beganUs), endedUs);
  let reachedUs = beganUs;
  const seconds = { detect: 0, decide: 0, act: 0, recover: 0 };
  order.forEach((stage, rank) => {
    const last = chain.findLast((entry) => order.indexOf(entry.stage) === rank);
    if (last === undefined) return;
    const untilUs = Math.max(reachedUs, clip(last.atUs));
    seconds[stage as keyof typeof seconds] = (untilUs - reachedUs) / 1_000_000;
    reachedUs = untilUs;
  });
  return {
    parts: { ...seconds, drain: (endedUs - reachedUs) / 1_000_000 },
    chain: chain.map((entry) => entry.seq),
  };
}

function decisiveChain(
  outage: OutageBounds,
  entries: readonly LogEntry[],
  isOfFunction: (entry: LogEntry) => boolean,
): readonly LogEntry[] {
  let best: readonly LogEntry[] = [];
  let bestRank = -1;
  for (const entry of entries) {
    if (entry.atUs > outage.endedUs) break;
    const rank = order.indexOf(entry.stage);
    if (rank < 0 || rank < bestRank || !isOfFunction(entry)) continue;
    const chain = causesOf(entry, entries);
    if (chain[0]?.stage !== "fault") continue;
    // A recovery tells more about the end of an outage than a detection does; of equals, the later one.
    best = chain;
    bestRank = rank;
  }
  return best;
}

/** Entries from the first cause to this one. */
export function causesOf(entry: LogEntry, entries: readonly LogEntry[]): readonly LogEntry[] {
  const chain: LogEntry[] = [entry];
  let causeSeq = entry.causeSeq;
  while (causeSeq !== none) {
    const cause = entries[causeSeq];
    if (cause === undefined) break;
    chain.unshift(cause);
    causeSeq = cause.causeSeq;
  }
  return chain;
}
