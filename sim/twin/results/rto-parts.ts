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

type TimedStage = Exclude<keyof RtoParts, "drain">;

/**
 * Splits an outage along the causal chain that ended it. The time that leads to an event counts for the event's stage;
 * what leads to a fault (power that returns by itself) or to a note counts for the stage that follows. What is left
 * after the chain is draining. A chain that never got to a stage gives that stage no time; when a fault ended by
 * itself and nothing had been noticed, all of it is detection.
 */
export function breakDown(
  outage: OutageBounds,
  entries: readonly LogEntry[],
  isOfFunction: (entry: LogEntry) => boolean,
): RtoBreakdown {
  const chain = decisiveChain(outage, entries, isOfFunction) ?? passingFault(outage, entries);
  const { beganUs, endedUs } = outage;
  const clip = (atUs: number) => Math.min(Math.max(atUs, beganUs), endedUs);
  let reachedUs = beganUs;
  const seconds = { detect: 0, decide: 0, act: 0, recover: 0 };
  chain.forEach((entry, at) => {
    const timed = chain.slice(at).find(({ stage }) => order.includes(stage));
    const stage = (timed?.stage ?? "detect") as TimedStage;
    const untilUs = Math.max(reachedUs, clip(entry.atUs));
    seconds[stage] += (untilUs - reachedUs) / 1_000_000;
    reachedUs = untilUs;
  });
  return {
    parts: { ...seconds, drain: (endedUs - reachedUs) / 1_000_000 },
    chain: chain.map((entry) => entry.seq),
  };
}

/**
 * Of all chains that start at a fault and reach a component of the function before it was back: one that ended during
 * the outage rather than before it, that got furthest, that went through most stages, and of those the last.
 */
function decisiveChain(
  outage: OutageBounds,
  entries: readonly LogEntry[],
  isOfFunction: (entry: LogEntry) => boolean,
): readonly LogEntry[] | undefined {
  let best: { readonly chain: readonly LogEntry[]; readonly merits: readonly number[] } | undefined;
  for (const entry of entries) {
    if (entry.atUs > outage.endedUs) break;
    if (!order.includes(entry.stage) || !isOfFunction(entry)) continue;
    const chain = causesOf(entry, entries);
    if (chain[0]?.stage !== "fault") continue;
    const stages = new Set(chain.map(({ stage }) => stage));
    const merits = [
      entry.atUs >= outage.beganUs ? 1 : 0,
      order.indexOf(entry.stage),
      order.filter((stage) => stages.has(stage)).length,
    ];
    if (best === undefined || compare(merits, best.merits) >= 0) best = { chain, merits };
  }
  return best?.chain;
}

/** Compares two lists of numbers, the first that differ deciding. */
function compare(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < a.length; at += 1) {
    if (a[at] !== b[at]) return a[at]! - b[at]!;
  }
  return 0;
}

/** The last fault that passed by itself before the outage ended, with what began it; empty when none did. */
function passingFault(outage: OutageBounds, entries: readonly LogEntry[]): readonly LogEntry[] {
  const passed = entries.findLast(
    ({ stage, causeSeq, component, atUs }) =>
      stage === "fault" && causeSeq !== none && component === none && atUs <= outage.endedUs,
  );
  return passed === undefined || passed.atUs < outage.beganUs ? [] : causesOf(passed, entries);
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
