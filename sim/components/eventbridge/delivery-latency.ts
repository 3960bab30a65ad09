import type { Distribution } from "../../kernel/distributions/distribution.ts";
import { ln } from "../../kernel/math/ln.ts";
import { normalQuantile } from "../../kernel/math/normal-quantile.ts";

/** The lognormal with this median and this 99th percentile. */
export function lognormalFrom99(options: {
  readonly p50: number;
  readonly p99: number;
}): Distribution {
  return {
    kind: "lognormal",
    median: options.p50,
    sigma: ln(options.p99 / options.p50) / normalQuantile(0.99),
  };
}
