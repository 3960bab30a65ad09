import { expect, test } from "vitest";
import type { LedgerDifference } from "../results-types.ts";
import { withFates } from "./settled-trades.ts";

const lost = (what: "order" | "trade", orderId: number, quantity: number): LedgerDifference => ({
  kind: "lost",
  what,
  orderId,
  symbol: 0,
  quantity,
  notional: quantity * 100,
  acceptedUs: -1,
  lastPlace: "matching journal",
});

test("each lost trade has the fate that was decided for it, and two alike one each", () => {
  const settled = [
    { maker: 7, quantity: 2, notional: 200, fate: "called-off" as const },
    { maker: 7, quantity: 2, notional: 200, fate: "re-instated" as const },
    { maker: 7, quantity: 3, notional: 300, fate: "open" as const },
  ];
  const differences = [
    lost("trade", 7, 2),
    lost("trade", 7, 3),
    lost("trade", 7, 2),
    lost("trade", 7, 2),
    lost("order", 7, 2),
  ];
  expect(withFates(differences, settled).map(({ fate }) => fate)).toEqual([
    "called-off",
    "open",
    "re-instated",
    undefined,
    undefined,
  ]);
});
