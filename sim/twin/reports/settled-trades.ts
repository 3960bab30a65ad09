import type { LedgerDifference, TradeFate } from "../results-types.ts";

/** What became of one trade that was found in no history. */
export interface SettledTrade {
  /** Order that rested. */
  readonly maker: number;
  readonly quantity: number;
  /** Ticks x lots. */
  readonly notional: number;
  readonly fate: TradeFate;
}

/** Lost trades with what was decided on each; two alike, of one order at one price, are told of in the order they were found in. */
export function withFates(
  differences: readonly LedgerDifference[],
  settled: readonly SettledTrade[],
): readonly LedgerDifference[] {
  const fates = new Map<string, TradeFate[]>();
  for (const { maker, quantity, notional, fate } of settled) {
    const key = `${maker}/${quantity}/${notional}`;
    fates.set(key, [...(fates.get(key) ?? []), fate]);
  }
  return differences.map((difference) => {
    if (difference.what !== "trade") return difference;
    const { orderId, quantity, notional } = difference;
    const fate = fates.get(`${orderId}/${quantity}/${notional}`)?.shift();
    return fate === undefined ? difference : { ...difference, fate };
  });
}
