/** 90 % intervals of a two-phase process: runs drawn from the fit, as long as the record, are fitted again. */
import { Stream } from "../../../sim/kernel/random/stream.ts";
import type { EstimateInterval } from "../../estimate.ts";
import { mean, quantileOfSorted, sorted, variance } from "../../statistics/descriptive.ts";
import { fitMmpp, type MmppFit } from "./mmpp.ts";

export interface MmppIntervals {
  readonly ratesPerSecond: readonly [low: EstimateInterval, high: EstimateInterval];
  readonly staysSeconds: readonly [low: EstimateInterval, high: EstimateInterval];
}

export interface MmppRecord {
  readonly lengthSeconds: number;
  readonly windowsSeconds: readonly number[];
  readonly seed: string;
}

const replicates = 99;
/** Seconds of all replicates together: longer records are drawn fewer times. */
const secondsMax = 5_000_000;
const replicatesMin = 19;

/** `undefined` where too few of the runs could be fitted again. */
export function mmppIntervals(fit: MmppFit, record: MmppRecord): MmppIntervals | undefined {
  const stream = new Stream(record.seed, "calibration.mmpp");
  const runs = Math.min(replicates, Math.floor(secondsMax / record.lengthSeconds));
  const again = Array.from({ length: runs }, () => refit(fit, record, stream)).filter(
    (each) => each !== undefined,
  );
  if (again.length < Math.max(replicatesMin, 0.8 * runs)) return undefined;
  const interval = (pick: (each: MmppFit) => number): EstimateInterval => {
    const ascending = sorted(again.map(pick));
    // Basic bootstrap on the logarithm: what the refits are off by, the fit may be off by the other way. Where they all lie
    // on one side of the fit, the interval still holds it.
    const value = pick(fit);
    return [
      Math.min(value, value ** 2 / quantileOfSorted(ascending, 0.95)),
      Math.max(value, value ** 2 / quantileOfSorted(ascending, 0.05)),
    ];
  };
  return {
    ratesPerSecond: [
      interval((each) => each.ratesPerSecond[0]),
      interval((each) => each.ratesPerSecond[1]),
    ],
    staysSeconds: [
      interval((each) => each.staysSeconds[0]),
      interval((each) => each.staysSeconds[1]),
    ],
  };
}

function refit(
  fit: MmppFit,
  { lengthSeconds, windowsSeconds }: MmppRecord,
  stream: Stream,
): MmppFit | undefined {
  const counts = drawCounts(fit, Math.floor(lengthSeconds), stream);
  const dispersion = windowsSeconds.map((windowSeconds) => {
    const totals = Array.from({ length: Math.floor(counts.length / windowSeconds) }, (_, w) =>
      counts
        .subarray(w * windowSeconds, (w + 1) * windowSeconds)
        .reduce((total, each) => total + each, 0),
    );
    return { windowSeconds, windows: totals.length, index: variance(totals) / mean(totals) };
  });
  const empty = counts.filter((count) => count === 0).length / counts.length;
  return fitMmpp(mean(counts), dispersion, empty);
}

/** Arrivals by second. */
function drawCounts(
  { ratesPerSecond, staysSeconds }: MmppFit,
  seconds: number,
  stream: Stream,
): Float64Array {
  const counts = new Float64Array(seconds);
  const highShare = staysSeconds[1] / (staysSeconds[0] + staysSeconds[1]);
  let phase: 0 | 1 = stream.uniform() < highShare ? 1 : 0;
  let at = 0;
  let phaseEnd = stream.exponential(staysSeconds[phase]);
  while (at < seconds) {
    const gap =
      ratesPerSecond[phase] > 0 ? stream.exponential(1 / ratesPerSecond[phase]) : Infinity;
    if (at + gap >= phaseEnd) {
      at = phaseEnd;
      phase = phase === 0 ? 1 : 0;
      phaseEnd = at + stream.exponential(staysSeconds[phase]);
      continue;
    }
    at += gap;
    if (at < seconds) counts[Math.floor(at)]! += 1;
  }
  return counts;
}
