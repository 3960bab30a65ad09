/**
 * Levels that creep. The CUSUM hears a slow ramp in pieces and takes a new baseline after each: every piece is small,
 * and together they are not. The end of the series is compared with the level before the first piece.
 */
import { median, quantileOfSorted, sorted } from "../../statistics/descriptive.ts";
import type { DriftAlarm } from "./detect-drift.ts";

export interface CreepOptions {
  /** Points that a level is told from. */
  readonly window: number;
  /** Least change of the median, as a share of the one before. */
  readonly effectMin: number;
}

/** Points of the end that must lie on the new side: all but so many. */
const exceptionsMax = 0.25;

/** `heard` are alarms too small by themselves; `undefined` where they do not add up, or the end is back again. */
export function creepingShift(
  values: Float64Array,
  heard: readonly DriftAlarm[],
  { window, effectMin }: CreepOptions,
): DriftAlarm | undefined {
  const first = heard[0];
  if (first === undefined || first.before === 0 || values.length < window) return undefined;
  const { before } = first;
  const endsAt = (end: number) => {
    const spell = values.subarray(end - window, end);
    const size = median(spell) / before - 1;
    const quartile = quantileOfSorted(sorted(spell), size > 0 ? exceptionsMax : 1 - exceptionsMax);
    const onNewSide = Math.sign(quartile / before - 1) === Math.sign(size);
    return onNewSide && Math.abs(size) >= effectMin ? size : 0;
  };
  const size = endsAt(values.length);
  const direction = size > 0 ? "up" : "down";
  const onset = heard.find((each) => each.direction === direction);
  if (size === 0 || onset === undefined) return undefined;
  let end = Math.max(window, onset.alarmAt + 1);
  while (end < values.length && Math.sign(endsAt(end)) !== Math.sign(size)) end += 1;
  return {
    alarmAt: end - 1,
    onsetAt: onset.onsetAt,
    direction,
    before,
    after: before * (1 + size),
    size,
  };
}
