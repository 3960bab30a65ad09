/** The Universal Scalability Law: throughput against concurrency (Gunther 1993). */

export interface UslParameters {
  /** Throughput of one unit of load, alone. */
  readonly lambda: number;
  /** Contention: the serial share. */
  readonly sigma: number;
  /** Coherency: cost of each pair agreeing. */
  readonly kappa: number;
}

/** Throughput at a load of `n`. */
export function uslThroughput({ lambda, sigma, kappa }: UslParameters, n: number): number {
  return (lambda * n) / (1 + sigma * (n - 1) + kappa * n * (n - 1));
}

/** Load at which throughput is greatest; Infinity without coherency cost. */
export function uslPeakLoad({ sigma, kappa }: UslParameters): number {
  return kappa > 0 ? Math.sqrt(Math.max(0, 1 - sigma) / kappa) : Number.POSITIVE_INFINITY;
}

/** Throughput at the peak; what the curve tends to where there is none. */
export function uslPeakThroughput(parameters: UslParameters): number {
  const peak = uslPeakLoad(parameters);
  if (Number.isFinite(peak)) return uslThroughput(parameters, peak);
  return parameters.sigma > 0 ? parameters.lambda / parameters.sigma : Number.POSITIVE_INFINITY;
}
