/**
 * Promotion of a standby: a handful of runs at most, so the answer is a predictive interval and never a point. Times
 * are Gamma with a shape from a blend of prior and data; the rate has a Gamma prior, which is conjugate.
 */
import { betaPart } from "../../../sim/kernel/math/student.ts";
import { mean, variance } from "../../statistics/descriptive.ts";

export interface PromotionPrior {
  readonly meanSeconds: number;
  /** Spread over mean of single promotions. */
  readonly variation: number;
  /** How many runs the prior weighs. */
  readonly runs: number;
}

/** Assumption: five published Aurora PostgreSQL failovers took 10 to 16 s (zatoima.github.io); weighed as one run. */
export const auroraPromotionPrior: PromotionPrior = { meanSeconds: 12.4, variation: 0.25, runs: 1 };

export interface PromotionFit {
  readonly meanSeconds: number;
  /** 90 % interval of the mean. */
  readonly meanInterval: readonly [number, number];
  /** Where the next promotion falls with 90 %. */
  readonly predictiveInterval: readonly [number, number];
  /** Gamma shape of single promotions. */
  readonly shape: number;
}

export function fitPromotion(seconds: readonly number[], prior: PromotionPrior): PromotionFit {
  const shape = shapeOf(seconds, prior);
  const total = seconds.reduce((sum, each) => sum + each, 0);
  const alpha = shape * (prior.runs + seconds.length);
  const beta = prior.runs * prior.meanSeconds + total;
  // rate ~ Gamma(alpha, shape * beta / shape); mean = shape / rate.
  const meanAt = (p: number) =>
    beta / (prior.runs + seconds.length) / relativeGammaQuantile(alpha, 1 - p);
  const nextAt = (p: number) => beta * betaPrimeQuantile(shape, alpha, p);
  return {
    meanSeconds: beta / (prior.runs + seconds.length),
    meanInterval: [meanAt(0.05), meanAt(0.95)],
    predictiveInterval: [nextAt(0.05), nextAt(0.95)],
    shape,
  };
}

/** One over the squared variation, prior and data weighed by runs; the prior counts as four of them. */
function shapeOf(seconds: readonly number[], prior: PromotionPrior): number {
  const priorWeight = 4;
  const observed =
    seconds.length > 1 ? variance(seconds) / mean(seconds) ** 2 : prior.variation ** 2;
  const weight = Math.max(0, seconds.length - 1);
  return (priorWeight + weight) / (priorWeight * prior.variation ** 2 + weight * observed);
}

/** Quantile of a gamma variable over its mean, by halving on its distribution as a limit of the beta prime. */
function relativeGammaQuantile(shape: number, p: number): number {
  const large = 1e8;
  return (betaPrimeQuantile(shape, large, p) * large) / shape;
}

/** Quantile of X / Y for independent gamma variables of these shapes. */
function betaPrimeQuantile(top: number, bottom: number, p: number): number {
  let low = 0;
  let high = 1;
  for (let step = 0; step < 100; step += 1) {
    const middle = (low + high) / 2;
    if (betaPart(middle, top, bottom) < p) low = middle;
    else high = middle;
  }
  const share = (low + high) / 2;
  return share / (1 - share);
}
