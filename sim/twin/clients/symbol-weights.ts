import { pow } from "../../kernel/math/pow.ts";
import type { WorkloadSpec } from "./workload-types.ts";

/** Popularity of symbols by Zipf's law; a replayed symbol is number 0 and gets no synthetic orders. */
export function symbolWeights(
  workload: Pick<WorkloadSpec, "symbolCount" | "symbolSkew">,
  isReplaying: boolean,
): readonly number[] {
  const first = isReplaying ? 1 : 0;
  return Array.from({ length: workload.symbolCount }, (_, symbol) =>
    symbol < first ? 0 : pow(symbol - first + 1, -workload.symbolSkew),
  );
}
