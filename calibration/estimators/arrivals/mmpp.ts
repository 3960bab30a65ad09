/**
 * A Poisson process that switches between two rates. Matched to the mean, to the index of dispersion at several
 * windows (which gives how strong and how long the phases are), and to the share of empty seconds.
 */
import { minimise } from "../../statistics/nelder-mead.ts";
import type { Dispersion } from "./fit-arrivals.ts";

export interface MmppFit {
  readonly ratesPerSecond: readonly [low: number, high: number];
  readonly staysSeconds: readonly [low: number, high: number];
  /** Largest error of the matched indices of dispersion, as a share. */
  readonly errorMax: number;
}

/** IDC(t) = 1 + 2 a (1 - (1 - e^-rt) / rt), where r is the sum of both switching rates. */
function idcAt(strength: number, rate: number, window: number): number {
  const x = rate * window;
  return 1 + 2 * strength * (1 - (1 - Math.exp(-x)) / x);
}

export function fitMmpp(
  meanRate: number,
  dispersion: readonly Pick<Dispersion, "index" | "windowSeconds" | "windows">[],
  emptyShare: number,
): MmppFit | undefined {
  const usable = dispersion.filter((each) => each.index > 1.05 && each.windows >= 20);
  if (usable.length < 2) return undefined;
  const errorsAt = ([a, r]: readonly number[]) =>
    usable.map(({ windowSeconds, index }) =>
      Math.log(idcAt(Math.exp(a!), Math.exp(r!), windowSeconds) / index),
    );
  const { at } = minimise((each) => errorsAt(each).reduce((sum, error) => sum + error * error, 0), {
    start: [Math.log(usable.at(-1)!.index / 2), Math.log(0.1)],
    steps: [0.5, 0.5],
    evaluationsMax: 600,
    tolerance: 1e-12,
  });
  const [strength, rate] = [Math.exp(at[0]!), Math.exp(at[1]!)];
  const found = splitRates(meanRate, strength * meanRate * rate, emptyShare);
  if (found === undefined) return undefined;
  return {
    ratesPerSecond: [found.low, found.high],
    // Time share of the high phase is q: it is left at rate r (1 - q), and entered at r q.
    staysSeconds: [1 / (rate * found.share), 1 / (rate * (1 - found.share))],
    errorMax: Math.max(...errorsAt(at).map((error) => Math.abs(Math.exp(error) - 1))),
  };
}

/** q (1 - q) (high - low)^2 is known; q is chosen so that seconds are empty as often as seen. */
function splitRates(meanRate: number, spread: number, emptyShare: number) {
  let best: { low: number; high: number; share: number } | undefined;
  let bestGap = Number.POSITIVE_INFINITY;
  for (let share = 0.005; share < 0.9; share += 0.005) {
    const step = Math.sqrt(spread / (share * (1 - share)));
    const low = meanRate - share * step;
    if (low < 0) continue;
    const high = low + step;
    const gap = Math.abs(share * Math.exp(-high) + (1 - share) * Math.exp(-low) - emptyShare);
    if (gap < bestGap) {
      best = { low, high, share };
      bestGap = gap;
    }
  }
  return best;
}
