/**
 * Abrupt shifts of level: medians of neighbouring windows, before and after each point. Where single points scatter by
 * more than the shift, a CUSUM of scores needs months; medians of three weeks see it.
 */
import { median, robustDeviation } from "../../statistics/descriptive.ts";
import type { DriftAlarm } from "./detect-drift.ts";

export interface LevelShiftOptions {
  /** Points of each window. */
  readonly window: number;
  /** Least change of the median, as a share of the one before. */
  readonly effectMin: number;
}

/** Standard errors that the difference of medians must exceed. */
const errorsMin = 3;
/** Deviation of a median of normal values, over that of their mean. */
const medianCost = 1.2533;

export function levelShifts(
  values: Float64Array,
  { window, effectMin }: LevelShiftOptions,
): readonly DriftAlarm[] {
  const candidates: (DriftAlarm & { readonly strength: number })[] = [];
  for (let i = window; i + window <= values.length; i += 1) {
    const left = values.subarray(i - window, i);
    const right = values.subarray(i, i + window);
    const before = median(left);
    const after = median(right);
    const spread = Math.max(
      robustDeviation(left),
      robustDeviation(right),
      Math.abs(before) * 0.01,
      1e-12,
    );
    const strength = Math.abs(after - before) / (medianCost * spread * Math.sqrt(2 / window));
    const size = before === 0 ? 0 : after / before - 1;
    if (strength < errorsMin || Math.abs(size) < effectMin) continue;
    candidates.push({
      alarmAt: i + window - 1,
      onsetAt: i,
      direction: after > before ? "up" : "down",
      before,
      after,
      size,
      strength: strength * Math.abs(size),
    });
  }
  return strongest(candidates, window);
}

/** Of candidates closer than a window the strongest stays. */
function strongest(
  candidates: readonly (DriftAlarm & { readonly strength: number })[],
  window: number,
): readonly DriftAlarm[] {
  const kept: (DriftAlarm & { readonly strength: number })[] = [];
  for (const each of [...candidates].sort((a, b) => b.strength - a.strength)) {
    if (kept.every((other) => Math.abs(other.onsetAt - each.onsetAt) >= window)) kept.push(each);
  }
  return kept
    .sort((a, b) => a.onsetAt - b.onsetAt)
    .map(({ strength: _strength, ...alarm }) => alarm);
}
