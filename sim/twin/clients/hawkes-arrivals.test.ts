import { expect, test } from "vitest";
import { createKernel } from "../../kernel/kernel.ts";
import { HawkesArrivals } from "./hawkes-arrivals.ts";

/** Arrivals in each whole second. */
function countsPerSecond(seconds: number, selfExcitation: number, seed = "hawkes"): number[] {
  const kernel = createKernel({ seed, programVersion: "test" });
  const arrivals = new HawkesArrivals(kernel, "arrivals", {
    ratePerSecond: 50,
    selfExcitation,
    decaySeconds: 0.5,
  });
  const counts = new Array<number>(seconds).fill(0);
  for (let atUs = arrivals.nextUs(); atUs < seconds * 1_000_000; atUs += arrivals.nextUs()) {
    counts[Math.floor(atUs / 1_000_000)]! += 1;
  }
  return counts;
}

function meanOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0) / counts.length;
}

/** Variance over mean: 1 for a Poisson process. */
function dispersionOf(counts: readonly number[]): number {
  const mean = meanOf(counts);
  return meanOf(counts.map((count) => (count - mean) ** 2)) / mean;
}

// Over 4,000 s the mean of a Poisson process of 50 a second has a standard error of 0.11.
const seconds = 4000;

test("without self-excitation arrivals are Poisson: the stated rate, and a variance equal to the mean", () => {
  const counts = countsPerSecond(seconds, 0);
  expect(Math.abs(meanOf(counts) - 50)).toBeLessThan(0.5);
  // Standard error of the dispersion: sqrt(2 / 4000) = 0.022.
  expect(Math.abs(dispersionOf(counts) - 1)).toBeLessThan(0.08);
});

test("self-excitation keeps the long-run rate and makes bursts", () => {
  const counts = countsPerSecond(seconds, 0.5);
  // With a branching ratio n, counts over long spans vary 1/(1-n)^2 = 4 times as much.
  expect(Math.abs(meanOf(counts) - 50)).toBeLessThan(1);
  expect(dispersionOf(counts)).toBeGreaterThan(1.8);
  const tens = Array.from({ length: seconds / 20 }, (_, at) =>
    counts.slice(at * 20, at * 20 + 20).reduce((sum, count) => sum + count, 0),
  );
  expect(dispersionOf(tens)).toBeGreaterThan(2.8);
  expect(dispersionOf(tens)).toBeLessThan(5.5);
});

test("the more excitement, the burstier", () => {
  const dispersions = [0, 0.3, 0.6, 0.9].map((share) => dispersionOf(countsPerSecond(1000, share)));
  expect(dispersions).toEqual(dispersions.toSorted((a, b) => a - b));
});

test("the process begins at its long-run rate, not from silence", () => {
  const firsts = Array.from(
    { length: 100 },
    (_, seed) => countsPerSecond(1, 0.8, `seed-${seed}`)[0]!,
  );
  expect(meanOf(firsts)).toBeGreaterThan(40);
  expect(meanOf(firsts)).toBeLessThan(60);
});

test.each([0, 0.9])(
  "a changed rate holds from the change on, even for an arrival drawn long before (self-excitation %d)",
  (selfExcitation) => {
    const waits = Array.from({ length: 200 }, (_, seed) => {
      const kernel = createKernel({ seed: `rate-${seed}`, programVersion: "test" });
      const options = { ratePerSecond: 50, selfExcitation, decaySeconds: 0.01 };
      const arrivals = new HawkesArrivals(kernel, "arrivals", options);
      arrivals.setFactor(0.0001, 0);
      // Five seconds without excitement: what is left is the base rate, whole again.
      return arrivals.setFactor(1, 5_000_000) / 1_000_000;
    });
    const baseRate = 50 * (1 - selfExcitation);
    // An exponential's mean over 200 draws has a standard error of 7 %.
    expect(meanOf(waits) * baseRate).toBeGreaterThan(0.75);
    expect(meanOf(waits) * baseRate).toBeLessThan(1.25);
  },
);
