/**
 * The law in other coordinates, so that an interval can be had for what follows from its three parameters: hold the
 * quantity, and let the others give way.
 */
import { type UslParameters, uslPeakLoad, uslPeakThroughput } from "./usl-curve.ts";

export interface UslCoordinates {
  /** Parameters from the coordinates; the first coordinate is the quantity itself, unless it is one of the three. */
  readonly parameters: (at: readonly number[]) => UslParameters;
  readonly at: (parameters: UslParameters) => number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

const sigmaMax = 1;
const kappaMax = 10;
const unbounded = Number.POSITIVE_INFINITY;

/** Lambda, sigma and kappa themselves. */
export function ownCoordinates(lambdaMax: number): UslCoordinates {
  return {
    parameters: ([lambda, sigma, kappa]) => ({ lambda: lambda!, sigma: sigma!, kappa: kappa! }),
    at: ({ lambda, sigma, kappa }) => [lambda, sigma, kappa],
    low: [0, 0, 0],
    high: [lambdaMax, sigmaMax, kappaMax],
  };
}

/** Lambda over sigma, the throughput that is neared before coherency pulls it down; sigma; kappa. */
export const plateauCoordinates: UslCoordinates = {
  parameters: ([plateau, sigma, kappa]) => ({
    lambda: plateau! * sigma!,
    sigma: sigma!,
    kappa: kappa!,
  }),
  at: ({ lambda, sigma, kappa }) => [lambda / Math.max(sigma, 1e-9), Math.max(sigma, 1e-9), kappa],
  low: [0, 1e-9, 0],
  high: [unbounded, sigmaMax, kappaMax],
};

/** Load of the peak, sigma, lambda. */
export const peakLoadCoordinates: UslCoordinates = {
  parameters: ([peak, sigma, lambda]) => ({
    lambda: lambda!,
    sigma: sigma!,
    kappa: (1 - sigma!) / peak! ** 2,
  }),
  at: (parameters) => [uslPeakLoad(parameters), parameters.sigma, parameters.lambda],
  low: [1, 0, 0],
  high: [unbounded, 1 - 1e-9, unbounded],
};

/** Throughput of the peak, sigma, load of the peak. */
export const peakThroughputCoordinates: UslCoordinates = {
  parameters: ([throughput, sigma, peak]) => ({
    lambda: (throughput! / peak!) * slowdownAtPeak(sigma!, peak!),
    sigma: sigma!,
    kappa: (1 - sigma!) / peak! ** 2,
  }),
  at: (parameters) => [uslPeakThroughput(parameters), parameters.sigma, uslPeakLoad(parameters)],
  low: [0, 0, 1],
  high: [unbounded, 1 - 1e-9, unbounded],
};

/** The same with lambda pinned: the load of the peak follows from its throughput. */
export function pinnedPeakThroughputCoordinates(lambda: number): UslCoordinates {
  return {
    parameters: ([throughput, sigma]) => ({
      lambda,
      sigma: sigma!,
      kappa: (1 - sigma!) / pinnedPeakLoad(lambda, throughput!, sigma!) ** 2,
    }),
    at: (parameters) => [uslPeakThroughput(parameters), parameters.sigma],
    low: [lambda, 0],
    high: [unbounded, 1 - 1e-9],
  };
}

/** Denominator of the law at its peak. */
function slowdownAtPeak(sigma: number, peak: number): number {
  return 1 + (peak - 1) * (sigma + (1 - sigma) / peak);
}

/** The larger root of throughput x slowdown = lambda x load; a peak beyond the plateau has none, and is put far out. */
function pinnedPeakLoad(lambda: number, throughput: number, sigma: number): number {
  const a = throughput * sigma - lambda;
  if (!(a < 0)) return 1e9;
  const half = throughput * (1 - sigma);
  return (half + Math.sqrt(Math.max(0, half * (throughput - lambda)))) / -a;
}
