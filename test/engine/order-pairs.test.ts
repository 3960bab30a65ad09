import { describe, expect, test } from "vitest";
import { buy, run, sell, type VectorOperation } from "./rule-vectors.ts";

/**
 * Every kind of resting order against every kind of entering one. The resting sell `m` offers 6 at 100; the entering buy
 * `t` wants 4 or 9 at 100 or at any price. An outcome is what traded, what is shown afterwards, and what was refused.
 */
const resting = {
  limit: sell("m", 100, 6),
  "post-only": sell("m", 100, 6, { postOnly: true }),
  "day order": sell("m", 100, 6, { tif: "DAY" }),
  "good-till-date order": sell("m", 100, 6, { tif: "GTD", expire: 50 }),
  "stop-limit that fired": sell("m", 100, 6, { type: "stop_limit", stopPrice: 100 }),
  "order amended down": sell("m", 100, 8),
  iceberg: sell("m", 100, 6, { display: 2 }),
  "all-or-none": sell("m", 100, 6, { aon: true }),
  "all-or-none iceberg": sell("m", 100, 6, { aon: true, display: 2 }),
};
type Resting = keyof typeof resting;

const entering = {
  "limit 4": buy("t", 100, 4),
  "limit 9": buy("t", 100, 9),
  "market 4": buy("t", 0, 4, { type: "market" }),
  "market 9": buy("t", 0, 9, { type: "market" }),
  "immediate-or-cancel 9": buy("t", 100, 9, { tif: "IOC" }),
  "fill-or-kill 4": buy("t", 100, 4, { tif: "FOK" }),
  "fill-or-kill 6": buy("t", 100, 6, { tif: "FOK" }),
  "fill-or-kill 9": buy("t", 100, 9, { tif: "FOK" }),
  "iceberg 9": buy("t", 100, 9, { display: 2 }),
  "all-or-none 4": buy("t", 100, 4, { aon: true }),
  "all-or-none 6": buy("t", 100, 6, { aon: true }),
  "all-or-none 9": buy("t", 100, 9, { aon: true }),
  "at least 5 of 9": buy("t", 100, 9, { minQty: 5 }),
  "at least 7 of 9": buy("t", 100, 9, { minQty: 7 }),
  "post-only 4": buy("t", 100, 4, { postOnly: true }),
  "stop 4": buy("t", 0, 4, { type: "stop", stopPrice: 100 }),
  "stop 9": buy("t", 0, 9, { type: "stop", stopPrice: 100 }),
  "stop-limit 9": buy("t", 100, 9, { type: "stop_limit", stopPrice: 100 }),
  "day order 9": buy("t", 100, 9, { tif: "DAY" }),
  "good-till-date order 9": buy("t", 100, 9, { tif: "GTD", expire: 50 }),
};
type Entering = keyof typeof entering;

const againstPlain: Readonly<Record<Entering, string>> = {
  "limit 4": "traded 4; ask 2",
  "limit 9": "traded 6; bid 3",
  "market 4": "traded 4; ask 2",
  "market 9": "traded 6; t 3 MARKET_RESIDUAL",
  "immediate-or-cancel 9": "traded 6; t 3 IOC",
  "fill-or-kill 4": "traded 4; ask 2",
  "fill-or-kill 6": "traded 6",
  "fill-or-kill 9": "ask 6; t 9 FOK",
  "iceberg 9": "traded 6; bid 2",
  "all-or-none 4": "traded 4; ask 2",
  "all-or-none 6": "traded 6",
  "all-or-none 9": "bid 9; ask 6",
  "at least 5 of 9": "traded 6; bid 3",
  "at least 7 of 9": "ask 6; t 9 MIN_QTY",
  "post-only 4": "ask 6; t POST_ONLY_WOULD_CROSS",
  "stop 4": "traded 4; ask 2",
  "stop 9": "traded 6; t 3 MARKET_RESIDUAL",
  "stop-limit 9": "traded 6; bid 3",
  "day order 9": "traded 6; bid 3",
  "good-till-date order 9": "traded 6; bid 3",
};

/** Slices are reported one by one, and only a slice is shown. */
const againstIceberg: Readonly<Record<Entering, string>> = {
  "limit 4": "traded 2 2; ask 2",
  "limit 9": "traded 2 2 2; bid 3",
  "market 4": "traded 2 2; ask 2",
  "market 9": "traded 2 2 2; t 3 MARKET_RESIDUAL",
  "immediate-or-cancel 9": "traded 2 2 2; t 3 IOC",
  "fill-or-kill 4": "traded 2 2; ask 2",
  "fill-or-kill 6": "traded 2 2 2",
  "fill-or-kill 9": "ask 2; t 9 FOK",
  "iceberg 9": "traded 2 2 2; bid 2",
  "all-or-none 4": "traded 2 2; ask 2",
  "all-or-none 6": "traded 2 2 2",
  "all-or-none 9": "bid 9; ask 2",
  "at least 5 of 9": "traded 2 2 2; bid 3",
  "at least 7 of 9": "ask 2; t 9 MIN_QTY",
  "post-only 4": "ask 2; t POST_ONLY_WOULD_CROSS",
  "stop 4": "traded 2 2; ask 2",
  "stop 9": "traded 2 2 2; t 3 MARKET_RESIDUAL",
  "stop-limit 9": "traded 2 2 2; bid 3",
  "day order 9": "traded 2 2 2; bid 3",
  "good-till-date order 9": "traded 2 2 2; bid 3",
};

/** Whoever cannot take all of it passes it by, so that the book may stand crossed. */
const againstAllOrNone: Readonly<Record<Entering, string>> = {
  ...againstPlain,
  "limit 4": "bid 4; ask 6",
  "market 4": "ask 6; t 4 MARKET_RESIDUAL",
  "fill-or-kill 4": "ask 6; t 4 FOK",
  "all-or-none 4": "bid 4; ask 6",
  "post-only 4": "bid 4; ask 6",
  "stop 4": "ask 6; t 4 MARKET_RESIDUAL",
};

const againstAllOrNoneIceberg: Readonly<Record<Entering, string>> = {
  ...againstIceberg,
  "limit 4": "bid 4; ask 2",
  "market 4": "ask 2; t 4 MARKET_RESIDUAL",
  "fill-or-kill 4": "ask 2; t 4 FOK",
  "all-or-none 4": "bid 4; ask 2",
  "post-only 4": "bid 4; ask 2",
  "stop 4": "ask 2; t 4 MARKET_RESIDUAL",
};

const outcomes: Readonly<Record<Resting, Readonly<Record<Entering, string>>>> = {
  limit: againstPlain,
  "post-only": againstPlain,
  "day order": againstPlain,
  "good-till-date order": againstPlain,
  "stop-limit that fired": againstPlain,
  "order amended down": againstPlain,
  iceberg: againstIceberg,
  "all-or-none": againstAllOrNone,
  "all-or-none iceberg": againstAllOrNoneIceberg,
};

function outcomeOf(operations: readonly VectorOperation[]): string {
  const answer = run(operations, { last: 100 });
  const traded = answer.trades.map((trade) => trade.replace(/^m t (\d+)@100$/, "$1"));
  return [
    ...(traded.length > 0 ? [`traded ${traded.join(" ")}`] : []),
    ...answer.bids.map(([, shown]) => `bid ${shown}`),
    ...answer.asks.map(([, shown]) => `ask ${shown}`),
    ...answer.cancels,
    ...answer.rejects,
    ...answer.stops.map((id) => `${id} waits`),
  ].join("; ");
}

function restingOperations(kind: Resting, fields: object = {}): VectorOperation[] {
  const order = { ...resting[kind], ...fields };
  const isAmended = kind === "order amended down";
  return isAmended ? [order, { op: "amend", id: "m", price: 100, leavesQty: 6 }] : [order];
}

describe.each(Object.keys(resting) as Resting[])("a resting %s", (kind) => {
  const wanted = outcomes[kind];
  test.each(Object.keys(entering) as Entering[])("met by %s", (name) => {
    expect(outcomeOf([...restingOperations(kind), entering[name]])).toBe(wanted[name]);
  });

  test.each([
    ["none", wanted["limit 9"]],
    ["cancel_taker", `${wanted["fill-or-kill 9"].split(";")[0]}; t 9 STP`],
    ["cancel_maker", "bid 9; m 6 STP"],
    ["cancel_both", "m 6 STP; t 9 STP"],
    ["decrement", "bid 3; m 6 STP"],
  ])("met by its own account under %s", (stp, outcome) => {
    const taker = { ...entering["limit 9"], acct: "a", stp };
    expect(outcomeOf([...restingOperations(kind, { acct: "a" }), taker])).toBe(outcome);
  });

  test("met by a trailing stop when a trade fires it", () => {
    // The mark is 95 and the stop 100, which the trade of one lot elsewhere reaches.
    const trailing = buy("t", 0, 9, { type: "trailing_stop", trail: 5 });
    const operations = [
      buy("low", 95, 1),
      sell("lowest", 95, 1),
      ...restingOperations(kind, { price: 101 }).map((operation) =>
        operation.op === "amend" ? { ...operation, price: 101 } : operation,
      ),
      trailing,
      sell("first", 100, 1),
      buy("second", 100, 1),
    ];
    const answer = run(operations, { last: 100 });
    const lots = answer.trades
      .filter((trade) => trade.startsWith("m t "))
      .map((trade) => Number(/(\d+)@101$/.exec(trade)?.[1]));
    expect(lots.reduce((sum, lot) => sum + lot, 0)).toBe(6);
    expect(answer.cancels).toEqual(["t 3 MARKET_RESIDUAL"]);
  });
});
