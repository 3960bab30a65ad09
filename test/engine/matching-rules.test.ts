import { describe, expect, test } from "vitest";
import { amend, buy, cancel, nothing, phase, run, sell } from "./rule-vectors.ts";

const market = { type: "market" };

describe("price-time priority", () => {
  test("a trade prints at the resting order's price, best price first, oldest first", () => {
    expect(
      run([sell("late", 101, 5), sell("best", 100, 5), sell("next", 100, 5), buy("t", 102, 12)]),
    ).toEqual({
      ...nothing,
      trades: ["best t 5@100", "next t 5@100", "late t 2@101"],
      asks: [[101, 3]],
    });
  });

  test("a partial fill does not move the maker", () => {
    const answer = run([sell("a", 100, 5), sell("b", 100, 5), buy("t", 100, 2), buy("u", 100, 4)]);
    expect(answer.trades).toEqual(["a t 2@100", "a u 3@100", "b u 1@100"]);
  });

  test("what a limit order cannot trade rests at its limit", () => {
    expect(run([sell("a", 100, 5), buy("t", 100, 8)]).bids).toEqual([[100, 3]]);
  });
});

describe("orders that never rest", () => {
  test("a market order takes every price and its residual is cancelled", () => {
    expect(run([sell("a", 100, 5), sell("b", 150, 5), buy("t", 0, 12, market)])).toEqual({
      ...nothing,
      trades: ["a t 5@100", "b t 5@150"],
      cancels: ["t 2 MARKET_RESIDUAL"],
    });
  });

  test("with a price band a market order trades no further than the edge", () => {
    expect(
      run([sell("a", 100, 5), sell("b", 110, 5), buy("t", 0, 12, market)], { bandHigh: 110 }),
    ).toEqual({
      ...nothing,
      trades: ["a t 5@100", "b t 5@110"],
      cancels: ["t 2 MARKET_RESIDUAL"],
    });
    expect(run([buy("a", 100, 5), sell("t", 0, 3, market)], { bandLow: 101 }).rejects).toEqual([
      "a PRICE_BAND",
    ]);
  });

  test("an immediate-or-cancel residual is cancelled", () => {
    expect(run([sell("a", 100, 5), buy("t", 100, 7, { tif: "IOC" })])).toEqual({
      ...nothing,
      trades: ["a t 5@100"],
      cancels: ["t 2 IOC"],
    });
  });

  test("fill-or-kill is filled in full", () => {
    const answer = run([sell("a", 100, 5), sell("b", 101, 5), buy("t", 101, 9, { tif: "FOK" })]);
    expect(answer).toEqual({
      ...nothing,
      trades: ["a t 5@100", "b t 4@101"],
      asks: [[101, 1]],
    });
  });

  test("fill-or-kill that cannot be filled in full trades nothing", () => {
    expect(run([sell("a", 100, 5), buy("t", 100, 6, { tif: "FOK" })])).toEqual({
      ...nothing,
      asks: [[100, 5]],
      cancels: ["t 6 FOK"],
    });
  });

  test("hidden iceberg quantity counts for fill-or-kill", () => {
    const answer = run([sell("a", 100, 9, { display: 2 }), buy("t", 100, 9, { tif: "FOK" })]);
    expect(answer.trades).toEqual([
      "a t 2@100",
      "a t 2@100",
      "a t 2@100",
      "a t 2@100",
      "a t 1@100",
    ]);
  });

  test("orders that self-trade prevention would spare do not count for fill-or-kill", () => {
    const own = { acct: "m" };
    const taker = { tif: "FOK", acct: "m", stp: "cancel_maker" };
    expect(run([sell("a", 100, 5, own), sell("b", 100, 4), buy("t", 100, 5, taker)])).toEqual({
      ...nothing,
      asks: [[100, 9]],
      cancels: ["t 5 FOK"],
    });
  });

  test("slices come round again before fill-or-kill decides about an all-or-none behind them", () => {
    const makers = [sell("ice", 100, 6, { display: 2 }), sell("aon", 100, 4, { aon: true })];
    const answer = run([...makers, buy("t", 100, 8, { tif: "FOK" })]);
    expect(answer.trades).toEqual(["ice t 2@100", "aon t 4@100", "ice t 2@100"]);
    expect(answer.asks).toEqual([[100, 2]]);
  });
});

describe("post-only", () => {
  test("a post-only order that would trade is rejected", () => {
    expect(run([sell("a", 100, 5), buy("t", 100, 5, { postOnly: true })])).toEqual({
      ...nothing,
      asks: [[100, 5]],
      rejects: ["t POST_ONLY_WOULD_CROSS"],
    });
  });

  test("a post-only order that would not trade rests", () => {
    expect(run([sell("a", 100, 5), buy("t", 99, 5, { postOnly: true })]).bids).toEqual([[99, 5]]);
  });

  test("an amend of a post-only order to a price that trades changes nothing", () => {
    const answer = run([
      sell("a", 100, 5),
      buy("p", 99, 5, { postOnly: true }),
      buy("q", 99, 5),
      amend("p", 100, 5),
      sell("t", 99, 6),
    ]);
    expect(answer.rejects).toEqual(["p POST_ONLY_WOULD_CROSS"]);
    expect(answer.trades).toEqual(["p t 5@99", "q t 1@99"]);
  });
});

describe("amend", () => {
  const three = [sell("a", 100, 5), sell("b", 100, 5)];

  test("the same price and a smaller quantity keep priority", () => {
    expect(run([...three, amend("a", 100, 2), buy("t", 100, 4)]).trades).toEqual([
      "a t 2@100",
      "b t 2@100",
    ]);
  });

  test("the same price and quantity keep priority", () => {
    expect(run([...three, amend("a", 100, 5), buy("t", 100, 1)]).trades).toEqual(["a t 1@100"]);
  });

  test("a larger quantity loses priority", () => {
    expect(run([...three, amend("a", 100, 8), buy("t", 100, 6)]).trades).toEqual([
      "b t 5@100",
      "a t 1@100",
    ]);
  });

  test("a new price loses priority, also after going back", () => {
    const answer = run([...three, amend("a", 101, 5), amend("a", 100, 5), buy("t", 100, 6)]);
    expect(answer.trades).toEqual(["b t 5@100", "a t 1@100"]);
  });

  test("an amend may trade as taker", () => {
    expect(run([sell("a", 100, 5), buy("b", 99, 8), amend("b", 100, 8)])).toEqual({
      ...nothing,
      trades: ["a b 5@100"],
      bids: [[100, 3]],
    });
  });

  test("the new open quantity counts from what is left after fills", () => {
    const answer = run([sell("a", 100, 5), buy("t", 100, 3), amend("a", 100, 4)]);
    expect(answer.asks).toEqual([[100, 4]]);
  });

  test("an open quantity of 0 cancels", () => {
    expect(run([sell("a", 100, 5), amend("a", 100, 0)])).toEqual({
      ...nothing,
      cancels: ["a 5 USER"],
    });
  });

  test("a rejected amend changes nothing", () => {
    const answer = run([...three, amend("a", 103, 5), buy("t", 100, 1)], { tick: 2 });
    expect(answer.rejects).toEqual(["a TICK_SIZE"]);
    expect(answer.trades).toEqual(["a t 1@100"]);
  });
});

describe("ids", () => {
  test("an id is used up by a fill, a cancel and an expiry, but not by a reject", () => {
    const answer = run([
      sell("a", 100, 5),
      buy("b", 100, 5),
      sell("a", 101, 1),
      sell("c", 101, 1),
      cancel("c"),
      sell("c", 101, 1),
      sell("d", 101, 0),
      sell("d", 101, 1),
    ]);
    expect(answer.rejects).toEqual([
      "a DUPLICATE_ORDER_ID",
      "c DUPLICATE_ORDER_ID",
      "d INVALID_QTY",
    ]);
    expect(answer.asks).toEqual([[101, 1]]);
  });

  test("cancel and amend of an order that is not live are rejected", () => {
    expect(run([cancel("x"), amend("y", 100, 1)]).rejects).toEqual([
      "x UNKNOWN_ORDER",
      "y UNKNOWN_ORDER",
    ]);
  });

  test("a repeated request has no second effect, also after a snapshot", () => {
    const order = buy("a", 100, 5, { reqId: "r1" });
    const answer = run([
      order,
      order,
      { op: "snapshotRestore" },
      buy("b", 100, 5, { reqId: "r1" }),
      { op: "cancel", id: "nobody", reqId: "r2" },
      { op: "cancel", id: "a", reqId: "r2" },
    ]);
    expect(answer.bids).toEqual([[100, 5]]);
    expect(answer.rejects).toEqual(["nobody UNKNOWN_ORDER"]);
  });
});

describe("icebergs", () => {
  test("only the slice is shown; a used-up slice goes to the back, a partly used one stays", () => {
    const makers = [sell("ice", 100, 10, { display: 3 }), sell("b", 100, 5)];
    const answer = run([...makers, buy("t", 100, 2), buy("u", 100, 2), buy("v", 100, 5)]);
    expect(answer.trades).toEqual([
      "ice t 2@100",
      "ice u 1@100",
      "b u 1@100",
      "b v 4@100",
      "ice v 1@100",
    ]);
    expect(answer.asks).toEqual([[100, 2]]);
  });

  test("an entering iceberg trades with its whole quantity and shows a slice of the rest", () => {
    const answer = run([sell("a", 100, 6), buy("ice", 100, 10, { display: 2 })]);
    expect(answer.trades).toEqual(["a ice 6@100"]);
    expect(answer.bids).toEqual([[100, 2]]);
  });

  test("an amend down takes the hidden part first", () => {
    const makers = [sell("ice", 100, 10, { display: 3 }), sell("b", 100, 5)];
    const answer = run([...makers, amend("ice", 100, 4), buy("t", 100, 9)]);
    expect(answer.trades).toEqual(["ice t 3@100", "b t 5@100", "ice t 1@100"]);
  });

  test.each([0, -1, 6, 3])("a slice of %i in 5 with lots of 5 is refused", (display) => {
    expect(run([sell("a", 100, 5, { display })], { lot: 5 }).rejects).toEqual([
      "a INVALID_DISPLAY",
    ]);
  });
});

describe("all-or-none", () => {
  test("it rests when it cannot be filled, and smaller takers pass it by", () => {
    const makers = [sell("aon", 100, 10, { aon: true }), sell("b", 101, 5)];
    expect(run([...makers, buy("t", 101, 4)])).toEqual({
      ...nothing,
      trades: ["b t 4@101"],
      asks: [
        [100, 10],
        [101, 1],
      ],
    });
  });

  test("a taker that can fill it does", () => {
    const answer = run([sell("aon", 100, 10, { aon: true }), buy("t", 100, 12)]);
    expect(answer.trades).toEqual(["aon t 10@100"]);
    expect(answer.bids).toEqual([[100, 2]]);
  });

  test("it trades as taker as soon as newly rested orders make it fillable", () => {
    const answer = run([
      buy("aon", 101, 10, { aon: true }),
      sell("a", 100, 5),
      sell("b", 101, 4),
      sell("c", 100, 2),
    ]);
    expect(answer.trades).toEqual(["a aon 5@100", "c aon 2@100", "b aon 3@101"]);
    expect(answer.asks).toEqual([[101, 1]]);
  });

  test("it does not trade with less than its quantity on entry", () => {
    expect(run([sell("a", 100, 5), buy("aon", 100, 6, { aon: true })])).toEqual({
      ...nothing,
      bids: [[100, 6]],
      asks: [[100, 5]],
    });
  });
});

describe("minimum quantity", () => {
  test("with less to trade at once the order is cancelled and nothing trades", () => {
    expect(run([sell("a", 100, 3), buy("t", 100, 10, { minQty: 4 })])).toEqual({
      ...nothing,
      asks: [[100, 3]],
      cancels: ["t 10 MIN_QTY"],
    });
  });

  test("with enough it trades and the rest stands without a minimum", () => {
    const answer = run([sell("a", 100, 4), buy("t", 100, 10, { minQty: 4 }), sell("u", 100, 1)]);
    expect(answer.trades).toEqual(["a t 4@100", "t u 1@100"]);
    expect(answer.bids).toEqual([[100, 5]]);
  });
});

describe("validation", () => {
  const rules = { tick: 5, lot: 10, bandLow: 90, bandHigh: 110, maxQty: 100, maxOpen: 1 };

  test("the first broken rule of the binding order is the reason", () => {
    const wrongAll = { qty: 205, price: 112, display: 0, postOnly: true };
    const answer = run(
      [
        buy("a", 100, 10),
        buy("a", 100, 0),
        buy("qty", 112, 0),
        buy("lot", 0, 205, wrongAll),
        buy("price", -5, 200, { display: 0 }),
        buy("tick", 112, 200, { display: 0 }),
        buy("band", 115, 200, { display: 0 }),
        buy("size", 100, 200, { display: 0 }),
        buy("open", 100, 100, { display: 0 }),
        buy("display", 100, 100, { display: 0, acct: "other" }),
        phase("halted"),
        buy("a", 0, 0),
        buy("halted", 0, 0),
      ],
      rules,
    );
    expect(answer.rejects).toEqual([
      "a DUPLICATE_ORDER_ID",
      "qty INVALID_QTY",
      "lot LOT_SIZE",
      "price INVALID_PRICE",
      "tick TICK_SIZE",
      "band PRICE_BAND",
      "size RISK_MAX_QTY",
      "open RISK_MAX_OPEN_ORDERS",
      "display INVALID_DISPLAY",
      "a DUPLICATE_ORDER_ID",
      "halted HALTED",
    ]);
  });

  test("the limit of open orders is each account's own and counts waiting stops", () => {
    const stop = { type: "stop", stopPrice: 120, acct: "m" };
    const answer = run(
      [buy("s", 0, 1, stop), buy("a", 100, 1, { acct: "m" }), buy("b", 100, 1, { acct: "n" })],
      { maxOpen: 1 },
    );
    expect(answer.rejects).toEqual(["a RISK_MAX_OPEN_ORDERS"]);
  });

  test("fractions of a tick or a lot are rejected", () => {
    expect(run([buy("a", 100.5, 1), buy("b", 100, 1.5)]).rejects).toEqual([
      "a TICK_SIZE",
      "b LOT_SIZE",
    ]);
  });
});
