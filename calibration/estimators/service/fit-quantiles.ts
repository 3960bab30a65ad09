/**
 * A distribution from percentiles alone: at most two parameters, by the least squared logarithm of the ratio of fitted
 * to given quantiles (and mean, where it is given).
 */
import type { Distribution } from "../../../sim/kernel/distributions/distribution.ts";
import { mean } from "../../../sim/kernel/distributions/moments.ts";
import { quantileFunction } from "../../../sim/kernel/distributions/quantile.ts";
import { minimise } from "../../statistics/nelder-mead.ts";
import { families } from "./families.ts";

export interface GivenQuantile {
  /** 0 to 1, exclusive. */
  readonly p: number;
  readonly value: number;
}

export interface QuantileFit {
  readonly family: string;
  readonly distribution: Distribution;
  /** Largest relative error over the given quantiles. */
  readonly errorMax: number;
}

/** Fits of the one- and two-parameter families, best first. */
export function fitQuantiles(
  given: readonly GivenQuantile[],
  givenMean: number | undefined,
): readonly QuantileFit[] {
  const middle = given.reduce((a, b) => (Math.abs(b.p - 0.5) < Math.abs(a.p - 0.5) ? b : a));
  const top = given.reduce((a, b) => (b.p > a.p ? b : a));
  const spread = Math.max(0.05, Math.log(top.value / middle.value) / 2);
  const sample = {
    mean: givenMean ?? middle.value,
    variation: spread,
    median: middle.value,
    logDeviation: spread,
    p90: top.value,
    p95: top.value,
    p10: middle.value / Math.exp(spread),
  };
  const points = given.length + (givenMean === undefined ? 0 : 1);
  return families
    .filter(({ parameters }) => parameters <= Math.min(2, points))
    .map((family): QuantileFit => {
      const errorsAt = (at: readonly number[]) =>
        errorsOf(family.distribution(at), given, givenMean);
      const { at } = minimise(
        (each) => errorsAt(each).reduce((sum, error) => sum + error * error, 0),
        {
          start: family.start(sample),
          steps: new Array<number>(family.parameters).fill(0.3),
          evaluationsMax: 800,
          tolerance: 1e-10,
        },
      );
      const errors = errorsAt(at);
      return {
        family: family.name,
        distribution: family.distribution(at),
        errorMax: Math.max(...errors.map((error) => Math.abs(Math.exp(error) - 1))),
      };
    })
    .sort((a, b) => a.errorMax - b.errorMax);
}

function errorsOf(
  distribution: Distribution,
  given: readonly GivenQuantile[],
  givenMean: number | undefined,
): number[] {
  const quantileAt = quantileFunction(distribution);
  const errors = given.map(({ p, value }) => Math.log(Math.max(1e-300, quantileAt(p)) / value));
  if (givenMean !== undefined) errors.push(Math.log(mean(distribution) / givenMean));
  return errors;
}
