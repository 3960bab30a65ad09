/**
 * When a series moved, and by how much. Textbook settings fire far too often on real metrics, so: robust scores
 * against a baseline spell, clipped; a two-sided CUSUM whose threshold is raised until the baseline itself would give
 * at most one false alarm in 90 days; and a least effect in percent, below which a shift is no alarm.
 */
import { Stream } from "../../../sim/kernel/random/stream.ts";
import { blockLength, resampleBlocks } from "../../statistics/bootstrap.ts";
import { median, robustDeviation } from "../../statistics/descriptive.ts";

export interface DriftOptions {
  /** Points of the baseline spell. */
  readonly baseline: number;
  /** Points in 90 days, for the tuning of the threshold. */
  readonly pointsPer90Days: number;
  readonly seed: string;
}

export interface DriftAlarm {
  /** Index of the point at which the alarm was raised, and of the first one after the shift. */
  readonly alarmAt: number;
  readonly onsetAt: number;
  readonly direction: "up" | "down";
  /** Medians before and after. */
  readonly before: number;
  readonly after: number;
  /** after / before - 1. */
  readonly size: number;
}

export interface DriftResult {
  readonly alarms: readonly DriftAlarm[];
  /** Shifts that were found but stayed below the least effect. */
  readonly tooSmall: number;
  readonly threshold: number;
}

/** Slack and first threshold of the CUSUM in deviations; clip of the scores; least effect. */
const slack = 1.5;
const thresholdStart = 15;
const clipAt = 4;
const effectMin = 0.1;
/** Points after an onset that its size is measured on, at most. */
const afterMax = 28;
/** Points after an onset that a shift must last to count. */
const afterMin = 7;

interface Baseline {
  readonly centre: number;
  readonly spread: number;
}

export function detectDrift(values: Float64Array, options: DriftOptions): DriftResult {
  const n = values.length;
  const length = Math.min(options.baseline, Math.floor(n / 2));
  const alarms: DriftAlarm[] = [];
  let tooSmall = 0;
  let start = soundStart(values, 0, length);
  let base = baselineOf(values.subarray(start, start + length));
  const threshold = tunedThreshold(values.subarray(start, start + length), base, options);
  let up = 0;
  let down = 0;
  let upSince = start + length;
  let downSince = start + length;
  for (let i = start + length; i < n; i += 1) {
    const z = scoreOf(values[i]!, base);
    up = Math.max(0, up + z - slack);
    down = Math.max(0, down - z - slack);
    if (up === 0) upSince = i + 1;
    if (down === 0) downSince = i + 1;
    if (Math.max(up, down) <= threshold) continue;
    const onsetAt = up > down ? upSince : downSince;
    // A shift is judged on some time after its onset: spikes come and go.
    if (i - onsetAt + 1 < afterMin && i + 1 < n) continue;
    const alarm = alarmAt(values, onsetAt, i, base.centre);
    if (Math.abs(alarm.size) < effectMin) {
      tooSmall += 1;
      up = 0;
      down = 0;
      upSince = i + 1;
      downSince = i + 1;
      continue;
    }
    alarms.push(alarm);
    if (onsetAt + length > n) break;
    start = soundStart(values, onsetAt, length);
    base = baselineOf(values.subarray(start, start + length));
    i = Math.max(i, start + length - 1);
    up = 0;
    down = 0;
    upSince = i + 1;
    downSince = i + 1;
  }
  return { alarms, tooSmall, threshold };
}

function alarmAt(values: Float64Array, onsetAt: number, i: number, before: number): DriftAlarm {
  const after = median(
    values.subarray(onsetAt, Math.min(values.length, Math.max(i + 1, onsetAt + afterMax))),
  );
  const size = before !== 0 ? after / before - 1 : after === 0 ? 0 : Number.POSITIVE_INFINITY;
  return { alarmAt: i, onsetAt, direction: after >= before ? "up" : "down", before, after, size };
}

function baselineOf(values: Float64Array): Baseline {
  const centre = median(values);
  // A spell without any variation would make every later point an alarm.
  const floor = Math.max(Math.abs(centre) * 0.01, 1e-12);
  return { centre, spread: Math.max(robustDeviation(values), floor) };
}

function scoreOf(value: number, { centre, spread }: Baseline): number {
  return Math.min(clipAt, Math.max(-clipAt, (value - centre) / spread));
}

/** The first spell from here on whose halves agree; the baseline must not itself hold a shift. */
function soundStart(values: Float64Array, from: number, length: number): number {
  for (
    let start = from;
    start + length <= values.length;
    start += Math.max(1, Math.floor(length / 4))
  ) {
    const spell = values.subarray(start, start + length);
    const half = Math.floor(length / 2);
    const early = median(spell.subarray(0, half));
    const late = median(spell.subarray(half));
    const { centre, spread } = baselineOf(spell);
    if (Math.abs(late - early) <= Math.max(2 * spread, effectMin * Math.abs(centre))) return start;
  }
  return from;
}

/** Doubles the threshold until blocks of the baseline, strung together for 90 days, raise at most one alarm. */
function tunedThreshold(
  spell: Float64Array,
  base: Baseline,
  { pointsPer90Days, seed }: DriftOptions,
): number {
  const scores = spell.map((value) => scoreOf(value, base));
  const block = Math.min(spell.length, Math.max(2, blockLength(scores)));
  const length = Math.min(5000, Math.round(pointsPer90Days));
  let threshold = thresholdStart;
  for (let raise = 0; raise < 8; raise += 1) {
    const stream = new Stream(seed, "calibration.drift");
    let falseAlarms = 0;
    const rounds = 20;
    for (let round = 0; round < rounds; round += 1)
      falseAlarms += alarmsIn(scores, stream, block, length, threshold);
    if (falseAlarms <= rounds) break;
    threshold *= 1.5;
  }
  return threshold;
}

function alarmsIn(
  scores: Float64Array,
  stream: Stream,
  block: number,
  length: number,
  threshold: number,
): number {
  let alarms = 0;
  let up = 0;
  let down = 0;
  for (let at = 0; at < length; at += scores.length) {
    for (const row of resampleBlocks(stream, scores.length, block)) {
      up = Math.max(0, up + scores[row]! - slack);
      down = Math.max(0, down - scores[row]! - slack);
      if (Math.max(up, down) > threshold) {
        alarms += 1;
        up = 0;
        down = 0;
      }
    }
  }
  return alarms;
}
