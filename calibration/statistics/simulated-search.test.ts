import { expect, test } from "vitest";
import { Stream } from "../../sim/kernel/random/stream.ts";
import { posteriorQuantile, sampleNear } from "./abc-smc.ts";
import { evolve } from "./cma-es.ts";

test("CMA-ES finds the bottom of a bent valley of six parameters, and the same one again", () => {
  const valley = (at: readonly number[]) =>
    at.slice(1).reduce((sum, x, i) => sum + 100 * (x - at[i]! ** 2) ** 2 + (1 - at[i]!) ** 2, 0);
  const search = () =>
    evolve(valley, {
      start: [0, 0, 0, 0, 0, 0],
      step: 0.5,
      evaluationsMax: 8000,
      tolerance: 1e-14,
      seed: "1",
    });
  const { at, value } = search();
  expect(value).toBeLessThan(1e-6);
  for (const x of at) expect(x).toBeCloseTo(1, 2);
  expect(search().at).toEqual(at);
});

test("the posterior of a mean from noisy simulations is where theory has it", () => {
  // Ten values of deviation 0.1 about the parameter: the mean that was seen, 0.6, leaves a posterior of 0.1 / sqrt(10).
  const posterior = sampleNear(
    ([centre], draw) => {
      const stream = new Stream(String(draw), "noise");
      let total = 0;
      for (let i = 0; i < 10; i += 1) total += centre! + 0.1 * stream.normal();
      return Math.abs(total / 10 - 0.6);
    },
    { dimensions: 1, particles: 400, rounds: 6, simulationsMax: 40_000, seed: "1" },
  );
  const deviation = 0.1 / Math.sqrt(10);
  expect(posteriorQuantile(posterior, 0, 0.5)).toBeCloseTo(0.6, 2);
  const half = (posteriorQuantile(posterior, 0, 0.95) - posteriorQuantile(posterior, 0, 0.05)) / 2;
  expect(half / (1.645 * deviation)).toBeGreaterThan(0.8);
  expect(half / (1.645 * deviation)).toBeLessThan(1.25);
});
