import { ln } from "../math/ln.ts";
import { normalQuantile } from "../math/normal-quantile.ts";
import type { Distribution } from "./distribution.ts";

/** The lognormal with this median and this 95th percentile, which is how latencies are mostly published. */
export function lognormalFromQuantiles(options: {
  readonly p50: number;
  readonly p95: number;
}): Distribution {
  return {
    kind: "lognormal",
    median: options.p50,
    sigma: ln(options.p95 / options.p50) / normalQuantile(0.95),
  };
}
