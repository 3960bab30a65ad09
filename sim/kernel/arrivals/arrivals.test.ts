import { expect, test } from "vitest";
import { createKernel } from "../kernel.ts";
import { KernelError } from "../kernel-error.ts";
import { none } from "../none.ts";
import { Tally } from "../statistics/tally.ts";
import { type ArrivalProcess, meanRatePerSecond } from "./arrival-process.ts";

function sourceOf(process: ArrivalProcess, seed: number | string = 1) {
  return createKernel({ seed, programVersion: "test" }).arrivals("orders", process);
}

function instants(process: ArrivalProcess, count: number, seed = 1): Float64Array {
  const source = sourceOf(process, seed);
  return Float64Array.from({ length: count }, () => source.nextUs());
}

const kinds: Record<string, ArrivalProcess> = {
  poisson: { kind: "poisson", ratePerSecond: 100 },
  stepped: {
    kind: "stepped",
    steps: [
      { atUs: 1_000_000, ratePerSecond: 50 },
      { atUs: 3_000_000, ratePerSecond: 0 },
      { atUs: 4_000_000, ratePerSecond: 200 },
    ],
  },
  periodic: {
    kind: "periodic",
    periodUs: 10_000_000,
    steps: [
      { atUs: 0, ratePerSecond: 10 },
      { atUs: 2_000_000, ratePerSecond: 100 },
      { atUs: 8_000_000, ratePerSecond: 0 },
    ],
  },
  mmpp: { kind: "mmpp", ratesPerSecond: [20, 300], staysUs: [300_000, 100_000] },
  hawkes: { kind: "hawkes", basePerSecond: 40, branching: 0.6, memoryUs: 50_000 },
  renewal: { kind: "renewal", gapUs: { kind: "gamma", shape: 4, scale: 2500 } },
  batch: {
    kind: "batch",
    of: { kind: "poisson", ratePerSecond: 20 },
    size: { kind: "discrete", values: [1, 10], weights: [1, 1] },
  },
  trace: { kind: "trace", atUs: [5, 5, 9, 100] },
  merged: {
    kind: "merged",
    parts: [
      { kind: "poisson", ratePerSecond: 30 },
      { kind: "renewal", gapUs: { kind: "deterministic", value: 20_000 } },
    ],
  },
};

/**
 * Counts in windows have mean rate * window and, for windows long against the memory of the process, variance of
 * dispersion times that. The dispersion is known in closed form for all of these.
 */
test.each<[string, number]>([
  ["poisson", 1],
  // 1 + 2 p q (r0 - r1)^2 / (mean rate (1/stay0 + 1/stay1)), with p, q the parts of time in each phase.
  ["mmpp", 1 + (2 * 0.75 * 0.25 * 280 ** 2) / (90 * (1 / 0.3 + 1 / 0.1))],
  ["hawkes", 1 / (1 - 0.6) ** 2],
  // A renewal process has the squared coefficient of variation of its gaps.
  ["renewal", 1 / 4],
  // Compound Poisson: mean of the squared size over the mean size.
  ["batch", 50.5 / 5.5],
])("%s: counts have the rate and the dispersion of theory", (name, dispersion) => {
  const process = kinds[name]!;
  const windowUs = 20_000_000;
  const windows = 1500;
  const counts = new Float64Array(windows);
  const source = sourceOf(process);
  for (let atUs = source.nextUs(); atUs < windows * windowUs; atUs = source.nextUs()) {
    counts[Math.floor(atUs / windowUs)]! += 1;
  }
  const tally = new Tally();
  for (const count of counts) tally.record(count);
  const expected = meanRatePerSecond(process) * 20;
  const variance = expected * dispersion;
  // |z| < 4.5 fails by chance once in 150,000; the variance's own error is that of a near-normal sample.
  expect(Math.abs(tally.mean() - expected)).toBeLessThan(4.5 * Math.sqrt(variance / windows));
  expect(Math.abs(tally.variance() / variance - 1)).toBeLessThan(
    4.5 * Math.sqrt(2 / windows) + 0.02,
  );
});

/** The area under the rate between arrivals is exponential with mean 1, whatever the process (time rescaling). */
test.each<[string, (atUs: Float64Array) => number[]]>([
  ["poisson", (atUs) => rescaled(atUs, (us) => us * 1e-4)],
  ["stepped", (atUs) => rescaled(atUs, steppedArea)],
  ["periodic", (atUs) => rescaled(atUs, periodicArea)],
  ["hawkes", hawkesAreas],
])("%s: arrivals follow the stated rate at every moment", (name, areasOf) => {
  const areas = Float64Array.from(areasOf(instants(kinds[name]!, 100_000))).sort();
  let worst = 0;
  for (const [i, area] of areas.entries()) {
    worst = Math.max(worst, Math.abs((i + 1) / areas.length - (1 - Math.exp(-area))));
  }
  // Kolmogorov's distance times the root of n exceeds 2.3 by chance once in 20,000; whole microseconds add a little.
  expect(worst * Math.sqrt(areas.length)).toBeLessThan(2.3);
});

function rescaled(atUs: Float64Array, areaUntil: (us: number) => number): number[] {
  return Array.from(atUs, (us, i) => areaUntil(us) - (i === 0 ? 0 : areaUntil(atUs[i - 1]!)));
}

function steppedArea(us: number): number {
  const first = Math.min(Math.max(us - 1e6, 0), 2e6) * 50e-6;
  return first + Math.max(us - 4e6, 0) * 200e-6;
}

function periodicArea(us: number): number {
  const periods = Math.floor(us / 1e7);
  const rest = us - periods * 1e7;
  const within = Math.min(rest, 2e6) * 10e-6 + Math.min(Math.max(rest - 2e6, 0), 6e6) * 100e-6;
  return periods * (20 + 600) + within;
}

function hawkesAreas(atUs: Float64Array): number[] {
  const base = 40e-6;
  let excitement = (base * 0.6) / 0.4;
  let beforeUs = 0;
  return Array.from(atUs, (us) => {
    const gapUs = us - beforeUs;
    const left = excitement * Math.exp(-gapUs / 50_000);
    const area = base * gapUs + (excitement - left) * 50_000;
    excitement = left + 0.6 / 50_000;
    beforeUs = us;
    return area;
  });
}

test("a trace is replayed and then there is no more", () => {
  expect(Array.from(instants(kinds["trace"]!, 6))).toEqual([5, 5, 9, 100, none, none]);
});

test("merged processes come in the order of time, each at its own rate", () => {
  const all = instants(kinds["merged"]!, 10_000);
  expect(all.every((us, i) => i === 0 || us >= all[i - 1]!)).toBe(true);
  expect(all.filter((us) => us % 20_000 === 0).length).toBeGreaterThan(6000);
  expect((10_000 * 1e6) / all[9999]! / meanRatePerSecond(kinds["merged"]!)).toBeCloseTo(1, 1);
});

test.each(Object.entries(kinds))(
  "%s: a restored source goes on as the original does",
  (_, process) => {
    const assemble = () => {
      const kernel = createKernel({ seed: 1, programVersion: "test" });
      return { kernel, source: kernel.arrivals("orders", process) };
    };
    const original = assemble();
    for (let i = 0; i < 137; i += 1) original.source.nextUs();
    const copy = assemble();
    copy.kernel.restore(original.kernel.snapshot(), { random: "same" });
    for (let i = 0; i < 100; i += 1) expect(copy.source.nextUs()).toBe(original.source.nextUs());
  },
);

test("a process that cannot be is refused with every mistake", () => {
  const bad: ArrivalProcess = {
    kind: "merged",
    parts: [
      { kind: "hawkes", basePerSecond: 1, branching: 1, memoryUs: 0 },
      { kind: "trace", atUs: [3, 2] },
    ],
  };
  expect(() => sourceOf(bad)).toThrow(KernelError);
  expect(() => sourceOf(bad)).toThrow(/branching.*memoryUs.*parts\[1\]\.atUs/);
});

test("a rate of 0 for ever brings nothing", () => {
  expect(sourceOf({ kind: "poisson", ratePerSecond: 0 }).nextUs()).toBe(none);
  const over: ArrivalProcess = {
    kind: "stepped",
    steps: [
      { atUs: 0, ratePerSecond: 1000 },
      { atUs: 1_000_000, ratePerSecond: 0 },
    ],
  };
  const source = sourceOf(over);
  let count = 0;
  while (source.nextUs() !== none) count += 1;
  expect(count).toBeGreaterThan(800);
  expect(count).toBeLessThan(1200);
});
