import type { AssembledFabric } from "../../components/fabric/assemble.ts";
import { status } from "../../components/fabric/instances.ts";
import { none } from "../../kernel/none.ts";
import type { ServiceLevels } from "../service-levels.ts";

/** Seconds over which a function is judged, as its objective is. */
const windowSeconds = 10;

/** Whether a function is out of service, seen from outside: the share of good outcomes in the last window is too low. */
export function isOutOfService(levels: ServiceLevels, level: number, nowUs: number): boolean {
  const until = Math.min(levels.seconds, Math.floor(nowUs / 1_000_000));
  let good = 0;
  let bad = 0;
  for (let second = Math.max(0, until - windowSeconds); second < until; second += 1) {
    good += levels.good[level]![second]!;
    bad += levels.bad[level]![second]!;
  }
  return bad > 0 && good / (good + bad) < levels.objectives[level]!.goodShareMin;
}

/**
 * What an outage of some components goes back to: of the last event that any instance of theirs is in its condition for, and
 * that follows from a fault, the nearest fault (what the platform has done about it since is no cause); else the last fault
 * that began. This is what a diagnosis finds out.
 */
export function causeOfOutage(
  { log, instances }: AssembledFabric,
  isAffected: (component: number) => boolean,
): number {
  let latest = none;
  for (let slot = 0; slot < instances.slotsMax; slot += 1) {
    const { column } = instances;
    if (column.status[slot] === status.gone || !isAffected(column.component[slot]!)) continue;
    const seq = column.causeSeq[slot]!;
    if (seq > latest && followsFromFault(seq)) latest = seq;
  }
  if (latest !== none) return nearestFault(latest);
  for (let seq = log.count - 1; seq >= 0; seq -= 1) {
    const { stage, causeSeq } = log.entry(seq);
    if (stage === "fault" && causeSeq === none) return seq;
  }
  return none;

  function nearestFault(seq: number): number {
    let at = seq;
    while (log.entry(at).stage !== "fault") at = log.entry(at).causeSeq;
    return at;
  }

  function followsFromFault(seq: number): boolean {
    for (let at = seq; at !== none; at = log.entry(at).causeSeq) {
      if (log.entry(at).causeSeq === none) return log.entry(at).stage === "fault";
    }
    return false;
  }
}
