import { lognormalFromQuantiles } from "../../kernel/distributions/lognormal-from-quantiles.ts";
import { compileQuantiles, type QuantileTable } from "../../kernel/distributions/quantile-table.ts";
import type { HumanDelay } from "./runbook-types.ts";

/** The times that people take, in microseconds, ready to be drawn from. */
export function compileDelay({ medianSeconds, p95Seconds }: HumanDelay): QuantileTable {
  const p50 = medianSeconds * 1_000_000;
  const p95 = (p95Seconds ?? 0) * 1_000_000;
  return compileQuantiles(
    p95 > p50 && p50 > 0
      ? lognormalFromQuantiles({ p50, p95 })
      : { kind: "deterministic", value: p50 },
  );
}
