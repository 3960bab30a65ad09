import { exp } from "./exp.ts";
import { ln } from "./ln.ts";

/** x to a real power, for x >= 0, the same bits in every engine. */
export function pow(x: number, exponent: number): number {
  if (exponent === 0) return 1;
  if (x === 0) return exponent > 0 ? 0 : Number.POSITIVE_INFINITY;
  return exp(exponent * ln(x));
}
