import type { EventStage, LogEntry } from "../../components/fabric/event-log.ts";
import { none } from "../../kernel/none.ts";
import type { RtoParts } from "../results-types.ts";
import { windowSeconds } from "./outages.ts";

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
  const worked = bestChain(outage, entries, isOfFunction);
  const chain = passingFault(worked, outage, entries, isOfFunction) ?? worked ?? [];
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

/** What failed last is judged for a window longer, and told when its client has waited; both belong to what mended it. */
const judgedUsMax = (windowSeconds + 5) * 1_000_000;

/**
 * Assumption: what drains when the cause has gone (time-outs, answers of name servers, connections) has done so in this time.
 * A function that is out for longer was waiting for something else that came back.
 */
const drainUsMax = 120_000_000;

/**
 * Of all chains that start at a fault and reach a component of the function before it was back: one that ended during
 * the outage rather than before it, that got furthest, that went through most stages, and of those the last. Where the function
 * recovered so long after it that draining doesn't explain the rest, a later recovery is what it waited for.
 */
function bestChain(
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
    const isLate =
      merits[0] === 1 &&
      entry.stage === "recover" &&
      entry.atUs - (best ?? { chain }).chain.at(-1)!.atUs > drainUsMax;
    if (best === undefined || isLate || compare(merits, best.merits) >= 0) best = { chain, merits };
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

/**
 * What is no end of a fault that kept requests out: faults that only blind or hold up those who mend, and, told with a cause as ends
 * are, what a fault strikes.
 */
const endsNoOutage =
  /^(observability|control-plane|capacity|replication|fault)\.|^instance\.failed-/;

/**
 * The last fault that passed by itself during the outage, with what began it. Without a worked-for chain: one of the whole platform or
 * of the function's own components, or, where there is none, one that starved it. With one: a fault of the function's own that the chain
 * does not begin with and that outlasted it, so that what was mended was not enough.
 */
function passingFault(
  worked: readonly LogEntry[] | undefined,
  outage: OutageBounds,
  entries: readonly LogEntry[],
  isOfFunction: (entry: LogEntry) => boolean,
): readonly LogEntry[] | undefined {
  const mendedUs = Math.max(worked?.at(-1)?.atUs ?? 0, outage.beganUs);
  if (worked !== undefined && outage.endedUs - mendedUs <= judgedUsMax) return undefined;
  const passed = entries.filter(
    ({ stage, causeSeq, kind, atUs }) =>
      stage === "fault" &&
      causeSeq !== none &&
      !endsNoOutage.test(kind) &&
      atUs >= mendedUs &&
      atUs <= outage.endedUs,
  );
  const last =
    worked === undefined
      ? (passed.findLast((entry) => entry.component === none || isOfFunction(entry)) ??
        passed.at(-1))
      : passed.findLast(
          (entry) => isOfFunction(entry) && causesOf(entry, entries)[0] !== worked[0],
        );
  return last && causesOf(last, entries);
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
