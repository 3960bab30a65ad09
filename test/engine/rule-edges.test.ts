import { describe, expect, test } from "vitest";
import { amend, answerOf, buy, cancel, nothing, phase, run, sell } from "./rule-vectors.ts";

const market = { type: "market" };
const aon = { aon: true };
const stop = (stopPrice: number) => ({ type: "stop", stopPrice });
const stopLimit = (stopPrice: number) => ({ type: "stop_limit", stopPrice });

describe("what just fits is accepted", () => {
  const rules = { tick: 5, lot: 10, bandLow: 90, bandHigh: 110, maxQty: 100, maxOpen: 2 };

  test("at both edges of the band, at the largest quantity, with a slice of all of it", () => {
    const answer = run([buy("a", 90, 100, { display: 100 }), sell("b", 110, 10, { display: 10 })], {
      ...rules,
    });
    expect(answer).toEqual({ ...nothing, bids: [[90, 100]], asks: [[110, 10]] });
  });

  test("one beyond is not", () => {
    const answer = run(
      [
        buy("low", 85, 10),
        buy("high", 115, 10),
        buy("much", 100, 110),
        buy("slice", 100, 10, { display: 20 }),
        buy("one", 100, 10),
        buy("two", 100, 10),
        buy("three", 100, 10),
        cancel("one"),
        buy("four", 100, 10),
      ],
      rules,
    );
    expect(answer.rejects).toEqual([
      "low PRICE_BAND",
      "high PRICE_BAND",
      "much RISK_MAX_QTY",
      "slice INVALID_DISPLAY",
      "three RISK_MAX_OPEN_ORDERS",
    ]);
  });

  test("an amend is held to quantity, lot, price, tick, band and size, in this order", () => {
    const ops = [buy("a", 100, 50)];
    const reasonOf = (price: number, leaves: number) =>
      run([...ops, amend("a", price, leaves)], rules).rejects;
    expect(reasonOf(-1, -10)).toEqual(["a INVALID_QTY"]);
    expect(reasonOf(-1, 15)).toEqual(["a LOT_SIZE"]);
    expect(reasonOf(0, 110)).toEqual(["a INVALID_PRICE"]);
    expect(reasonOf(112, 110)).toEqual(["a TICK_SIZE"]);
    expect(reasonOf(115, 110)).toEqual(["a PRICE_BAND"]);
    expect(reasonOf(85, 110)).toEqual(["a PRICE_BAND"]);
    expect(reasonOf(110, 110)).toEqual(["a RISK_MAX_QTY"]);
    expect(reasonOf(110, 100)).toEqual([]);
    expect(reasonOf(90, 100)).toEqual([]);
  });

  test("stops need a stop price on the tick, trailing stops a trail, stop-limits a price in the band", () => {
    const reasonOf = (price: number, fields: object) =>
      run([buy("s", price, 10, { ...fields })], rules).rejects;
    expect(reasonOf(0, { type: "stop" })).toEqual(["s INVALID_PRICE"]);
    expect(reasonOf(0, stop(0))).toEqual(["s INVALID_PRICE"]);
    expect(reasonOf(0, stop(101))).toEqual(["s TICK_SIZE"]);
    expect(reasonOf(0, stop(200))).toEqual([]);
    expect(reasonOf(0, { type: "trailing_stop" })).toEqual(["s INVALID_PRICE"]);
    expect(reasonOf(0, { type: "trailing_stop", trail: 3 })).toEqual(["s TICK_SIZE"]);
    expect(reasonOf(0, { type: "trailing_stop", trail: 5 })).toEqual([]);
    expect(reasonOf(0, stopLimit(100))).toEqual(["s INVALID_PRICE"]);
    expect(reasonOf(101, stopLimit(100))).toEqual(["s TICK_SIZE"]);
    expect(reasonOf(100, stopLimit(101))).toEqual(["s TICK_SIZE"]);
    expect(reasonOf(115, stopLimit(100))).toEqual(["s PRICE_BAND"]);
    expect(reasonOf(110, stopLimit(100))).toEqual([]);
  });

  test("an order without an account counts with the others without one", () => {
    const answer = run([buy("a", 100, 1), buy("b", 100, 1, { acct: "m" }), buy("c", 100, 1)], {
      maxOpen: 1,
    });
    expect(answer.rejects).toEqual(["c RISK_MAX_OPEN_ORDERS"]);
  });

  test("a filled order makes room under the limit of open orders", () => {
    const acct = { acct: "m" };
    const answer = run([sell("a", 100, 1, acct), buy("t", 100, 1), sell("b", 100, 1, acct)], {
      maxOpen: 1,
    });
    expect(answer.rejects).toEqual([]);
    const killed = run([sell("a", 100, 1, acct), { op: "massCancel" }, sell("b", 100, 1, acct)], {
      maxOpen: 1,
    });
    expect(killed.asks).toEqual([[100, 1]]);
  });
});

describe("market states against every command", () => {
  const waiting = [
    buy("b", 99, 5, { acct: "m" }),
    sell("s", 101, 5, { tif: "DAY" }),
    buy("g", 98, 1, { tif: "GTD", expire: 10 }),
    buy("k", 0, 2, { ...stop(120), acct: "k" }),
  ];

  test.each(["halted", "cancel_only", "pre_open", "auction"])(
    "%s lets orders go by cancel, mass cancel, kill, time and end of day",
    (name) => {
      const answer = run([
        ...waiting,
        phase(name),
        { op: "massCancel", acct: "m" },
        { op: "time", now: 10 },
        { op: "endOfDay" },
        { op: "kill", acct: "k" },
        cancel("nobody"),
      ]);
      expect(answer).toEqual({
        ...nothing,
        cancels: ["b 5 MASS", "g 1 EXPIRED", "s 5 EXPIRED", "k 2 KILL_SWITCH"],
        rejects: ["nobody UNKNOWN_ORDER"],
      });
    },
  );

  test("a duplicate id is told before the halt, the halt before the kill switch, and that before all else", () => {
    const answer = run([
      buy("a", 99, 5),
      { op: "kill", acct: "m" },
      buy("b", -1, -1, { acct: "m" }),
      phase("cancel_only"),
      buy("c", -1, -1, { acct: "m" }),
      buy("a", -1, -1, { acct: "m" }),
      amend("a", -1, -1),
      amend("a", 99, 0),
      amend("x", 99, 0),
    ]);
    expect(answer.rejects).toEqual([
      "b KILL_SWITCH",
      "c CANCEL_ONLY",
      "a DUPLICATE_ORDER_ID",
      "a CANCEL_ONLY",
      "a CANCEL_ONLY",
      "x UNKNOWN_ORDER",
    ]);
  });

  test("the kill switch of everybody stops orders without an account too", () => {
    const answer = run([
      buy("a", 99, 5),
      { op: "kill" },
      buy("b", 99, 5),
      buy("c", 9, 5, { acct: 1 }),
    ]);
    expect(answer).toEqual({
      ...nothing,
      cancels: ["a 5 KILL_SWITCH"],
      rejects: ["b KILL_SWITCH", "c KILL_SWITCH"],
    });
  });

  test("a book that was crossed in an auction uncrosses after a halt", () => {
    const answer = run(
      [buy("a", 101, 5), sell("b", 100, 5), phase("halted"), phase("continuous", 100)],
      { phase: "auction" },
    );
    expect(answer.trades).toEqual(["a b 5@100"]);
  });

  test("a change to the phase it has uncrosses nothing and keeps the reference for the next auction", () => {
    const ops = [
      phase("continuous", 106),
      phase("auction"),
      buy("a", 106, 5),
      sell("b", 100, 5),
      phase("continuous"),
    ];
    expect(run(ops).trades).toEqual(["a b 5@106"]);
    const again = [...ops, phase("auction"), buy("c", 108, 5), sell("d", 100, 5)];
    expect(run([...again, phase("continuous")]).trades[1]).toBe("c d 5@108");
  });
});

describe("all-or-none", () => {
  test("becomes fillable by orders that rest at its very price", () => {
    const answer = run([buy("a", 100, 10, aon), sell("b", 100, 5), sell("c", 100, 5)]);
    expect(answer.trades).toEqual(["b a 5@100", "c a 5@100"]);
    const sold = run([sell("a", 100, 10, aon), buy("b", 100, 5), buy("c", 100, 5)]);
    expect(sold.trades).toEqual(["b a 5@100", "c a 5@100"]);
  });

  test("becomes fillable when an amend brings the rest, or when it is amended down itself", () => {
    const ops = [buy("a", 100, 10, aon), sell("b", 100, 6)];
    expect(run([...ops, amend("b", 100, 9)]).trades).toEqual([]);
    expect(run([...ops, amend("b", 100, 10)]).trades).toEqual(["a b 10@100"]);
    expect(run([...ops, amend("a", 100, 6)]).trades).toEqual(["b a 6@100"]);
  });

  test("the older of two at one price goes first, the better price before both", () => {
    const answer = run([
      buy("x", 100, 4, aon),
      buy("y", 100, 4, aon),
      buy("z", 101, 4, aon),
      sell("b", 100, 3),
      sell("c", 100, 2),
    ]);
    expect(answer.trades).toEqual(["b z 3@100", "c z 1@100"]);
    expect(answer.asks).toEqual([[100, 1]]);
  });

  test("two that fit each other trade, two that do not stand crossed", () => {
    expect(run([sell("a", 100, 5, aon), buy("b", 101, 5, aon)]).trades).toEqual(["a b 5@100"]);
    expect(run([sell("a", 100, 5, aon), buy("b", 101, 4, aon)])).toEqual({
      ...nothing,
      bids: [[101, 4]],
      asks: [[100, 5]],
    });
  });

  test("its trade as a taker fires stops, whose orders may fill the next", () => {
    const answer = run([
      sell("s", 0, 3, stop(100)),
      buy("a", 100, 4, aon),
      sell("b", 100, 2),
      buy("next", 99, 3, aon),
      sell("c", 100, 2),
    ]);
    expect(answer.trades).toEqual(["b a 2@100", "c a 2@100", "next s 3@99"]);
  });

  test("its own account's orders stand in its way, or go, as its mode says", () => {
    const own = { acct: "m" };
    const with_ = (stp: string) => [
      buy("a", 100, 4, { ...aon, ...own, stp }),
      sell("own", 100, 2, own),
      sell("b", 100, 2),
      sell("c", 100, 2),
    ];
    expect(run(with_("none")).trades).toEqual(["own a 2@100", "b a 2@100"]);
    expect(run(with_("cancel_maker"))).toMatchObject({
      trades: ["b a 2@100", "c a 2@100"],
      cancels: ["own 2 STP"],
    });
    expect(run(with_("cancel_taker"))).toMatchObject({ trades: [], cancels: [], bids: [[100, 4]] });
    expect(run(with_("decrement"))).toMatchObject({ trades: [], cancels: [] });
  });
});

describe("stops", () => {
  test("a fired stop is as old as its firing", () => {
    const answer = run([
      buy("s", 90, 1, stopLimit(100)),
      buy("b", 91, 1),
      buy("c", 92, 1),
      sell("m", 100, 1),
      buy("t", 100, 1),
      buy("d", 93, 1),
      { op: "massCancel" },
    ]);
    expect(answer.cancels).toEqual(["b 1 MASS", "c 1 MASS", "s 1 MASS", "d 1 MASS"]);
  });

  test("a post-only stop-limit rests when it fires beyond the market, and is refused when it would trade", () => {
    const fired = (price: number) =>
      run([
        buy("s", price, 1, { ...stopLimit(100), postOnly: true }),
        sell("m", 100, 1),
        sell("n", 102, 1),
        buy("t", 100, 1),
      ]);
    expect(fired(101)).toMatchObject({ bids: [[101, 1]], rejects: [] });
    expect(fired(102)).toMatchObject({ bids: [], rejects: ["s POST_ONLY_WOULD_CROSS"] });
  });

  test("fill-or-kill, minimum quantity and slices apply when the stop fires", () => {
    const fired = (fields: object) =>
      run([
        buy("s", 102, 5, { ...stopLimit(100), ...fields }),
        sell("m", 100, 1),
        sell("n", 102, 3),
        buy("t", 100, 1),
      ]);
    expect(fired({ tif: "FOK" }).cancels).toEqual(["s 5 FOK"]);
    expect(fired({ minQty: 4 }).cancels).toEqual(["s 5 MIN_QTY"]);
    expect(fired({ minQty: 3 }).bids).toEqual([[102, 2]]);
    expect(fired({ tif: "IOC" }).cancels).toEqual(["s 2 IOC"]);
    expect(fired({ display: 1 }).bids).toEqual([[102, 1]]);
    expect(fired({ aon: true })).toMatchObject({ bids: [[102, 5]], asks: [[102, 3]] });
  });

  test("an amended stop waits at the end of the line when it grows, and in place when it shrinks", () => {
    const fired = (leaves: number) =>
      run([
        buy("s", 0, 2, stop(100)),
        buy("r", 0, 2, stop(100)),
        amend("s", 0, leaves),
        sell("m", 100, 1),
        sell("n", 101, 9),
        buy("t", 100, 1),
      ]).trades.slice(1);
    expect(fired(1)).toEqual(["n s 1@101", "n r 2@101"]);
    expect(fired(3)).toEqual(["n r 2@101", "n s 3@101"]);
  });

  test("a stop of the taker's own account falls under self-trade prevention when it fires", () => {
    const answer = run([
      buy("s", 0, 2, { ...stop(100), acct: "m", stp: "cancel_both" }),
      sell("own", 101, 1, { acct: "m" }),
      sell("m", 100, 1),
      buy("t", 100, 1),
    ]);
    expect(answer.cancels).toEqual(["own 1 STP", "s 2 STP"]);
  });

  test("uncrossing fires stops, at the price of the auction", () => {
    const answer = run(
      [
        sell("s", 0, 1, stop(100)),
        buy("a", 105, 2),
        sell("b", 100, 2),
        buy("c", 90, 1),
        phase("continuous", 100),
      ],
      { phase: "auction" },
    );
    expect(answer.trades).toEqual(["a b 2@100", "c s 1@90"]);
  });

  test("a trailing stop's mark survives fires of others and moves by the trades they cause", () => {
    const answer = run(
      [
        sell("trail", 0, 1, { type: "trailing_stop", trail: 3 }),
        buy("up", 0, 1, stop(101)),
        sell("a", 101, 1),
        sell("b", 110, 1),
        buy("low", 50, 2),
        buy("t", 101, 1),
        sell("c", 107, 1),
        buy("u", 107, 1),
      ],
      { last: 100 },
    );
    expect(answer.trades).toEqual(["a t 1@101", "b up 1@110", "c u 1@107", "low trail 1@50"]);
  });
});

describe("icebergs", () => {
  test("amended up or to a new price show a whole slice again, at the back", () => {
    const makers = [sell("ice", 100, 9, { display: 3 }), sell("b", 100, 2), buy("t", 100, 1)];
    expect(run([...makers, amend("ice", 100, 10), buy("u", 100, 3)])).toMatchObject({
      trades: ["ice t 1@100", "b u 2@100", "ice u 1@100"],
      asks: [[100, 2]],
    });
    expect(run([...makers, amend("ice", 101, 8)]).asks).toEqual([
      [100, 2],
      [101, 3],
    ]);
  });

  test("amended down below what is shown show less, in place", () => {
    const makers = [sell("ice", 100, 9, { display: 3 }), sell("b", 100, 2)];
    expect(run([...makers, amend("ice", 100, 2), buy("u", 100, 3)])).toMatchObject({
      trades: ["ice u 2@100", "b u 1@100"],
    });
  });

  test("stand behind the next order with each new slice, whichever of them came to the engine first", () => {
    const answer = run([
      sell("b", 100, 2),
      sell("ice", 100, 6, { display: 2 }),
      amend("b", 100, 3),
      buy("t", 100, 6),
    ]);
    expect(answer.trades).toEqual(["ice t 2@100", "b t 3@100", "ice t 1@100"]);
    expect(answer.asks).toEqual([[100, 1]]);
  });

  test("that are all-or-none trade all their slices before the next order", () => {
    const makers = [sell("ice", 100, 10, { display: 4, ...aon }), sell("b", 100, 5)];
    expect(run([...makers, buy("t", 100, 12)])).toMatchObject({
      trades: ["ice t 4@100", "ice t 4@100", "ice t 2@100", "b t 2@100"],
      asks: [[100, 3]],
    });
    expect(run([...makers, buy("t", 100, 9)]).trades).toEqual(["b t 5@100"]);
  });

  test("in an auction trade slice by slice, the next slice behind the others of its price", () => {
    const answer = run(
      [
        sell("ice", 100, 6, { display: 2 }),
        sell("b", 100, 3),
        buy("t", 100, 7),
        phase("continuous"),
      ],
      { phase: "auction" },
    );
    expect(answer.trades).toEqual(["ice t 2@100", "b t 3@100", "ice t 2@100"]);
    expect(answer.asks).toEqual([[100, 2]]);
  });

  test("decremented by self-trade prevention lose the hidden part first", () => {
    const answer = run([
      sell("ice", 100, 9, { display: 3, acct: "m" }),
      buy("t", 100, 5, { acct: "m", stp: "decrement" }),
    ]);
    expect(answer).toEqual({ ...nothing, cancels: ["t 5 STP"], asks: [[100, 3]] });
  });

  test("the larger taker goes on after a decrement", () => {
    const answer = run([
      sell("own", 100, 2, { acct: "m" }),
      sell("b", 100, 9),
      buy("t", 100, 5, { acct: "m", stp: "decrement" }),
    ]);
    expect(answer).toMatchObject({ trades: ["b t 3@100"], cancels: ["own 2 STP"] });
  });
});

describe("repeated requests", () => {
  const twice = (operation: object) => [operation, operation] as never[];

  test("of every kind have one effect", () => {
    const answer = run([
      ...twice(buy("a", 100, 5, { reqId: 1 })),
      ...twice(buy("b", 99, 5, { reqId: 2, acct: "m", tif: "DAY" })),
      ...twice({ op: "amend", id: "a", price: 100, leavesQty: 4, reqId: 3 }),
      ...twice({ op: "cancel", id: "a", reqId: 4 }),
      ...twice({ op: "cancel", id: "a", reqId: 5 }),
      ...twice({ op: "massCancel", acct: "m", reqId: 6 }),
      ...twice({ op: "kill", acct: "m", reqId: 7 }),
      ...twice(buy("c", 99, 5, { reqId: 8, acct: "m" })),
      ...twice({ op: "phase", phase: "halted", reqId: 9 }),
      ...twice({ op: "time", now: 5, reqId: 10 }),
      ...twice({ op: "endOfDay", reqId: 11 }),
    ]);
    expect(answer).toEqual({
      ...nothing,
      cancels: ["a 4 USER", "b 5 MASS"],
      rejects: ["a UNKNOWN_ORDER", "c KILL_SWITCH"],
    });
  });

  test("a number and a text that look alike are different requests", () => {
    const answer = run([buy("a", 100, 5, { reqId: 1 }), buy("b", 100, 5, { reqId: "1" })]);
    expect(answer.bids).toEqual([[100, 10]]);
  });

  test("a repeated change of phase does not change it back", () => {
    const halt = { op: "phase", phase: "halted", reqId: "h" };
    expect(run([halt, phase("continuous"), halt, buy("a", 100, 1)]).bids).toEqual([[100, 1]]);
  });
});

describe("post-only", () => {
  test("rests beside its own account's orders when these would not trade with it", () => {
    const own = sell("own", 100, 5, { acct: "m" });
    const order = (stp: string) => buy("p", 100, 5, { postOnly: true, acct: "m", stp });
    expect(run([own, order("none")]).rejects).toEqual(["p POST_ONLY_WOULD_CROSS"]);
    expect(run([own, order("cancel_maker")])).toEqual({
      ...nothing,
      cancels: ["own 5 STP"],
      bids: [[100, 5]],
    });
    expect(run([own, order("cancel_taker")])).toEqual({
      ...nothing,
      cancels: ["p 5 STP"],
      asks: [[100, 5]],
    });
  });

  test("collects in an auction, also where it crosses", () => {
    const ops = [sell("a", 100, 5), buy("p", 101, 5, { postOnly: true })];
    expect(run(ops, { phase: "auction" }).rejects).toEqual([]);
  });

  test("amended to a smaller quantity in place is never refused", () => {
    const ops = [buy("p", 101, 5, { postOnly: true }), sell("a", 102, 5), amend("p", 101, 4)];
    expect(run(ops).rejects).toEqual([]);
    expect(run([...ops, amend("p", 102, 4)]).rejects).toEqual(["p POST_ONLY_WOULD_CROSS"]);
    expect(run([...ops, amend("p", 100, 9)]).bids).toEqual([[100, 9]]);
  });
});

describe("the uncrossing price", () => {
  const opened = { phase: "auction" };
  const priceOf = (...ops: Parameters<typeof answerOf>[0]) =>
    answerOf([...ops, phase("continuous")], opened).trades[0]?.price;

  test("is among the order prices, also those that do not trade at it", () => {
    expect(priceOf(buy("a", 110, 5), sell("b", 90, 5), buy("c", 100, 1))).toBe(110);
    expect(priceOf(buy("a", 110, 5), sell("b", 90, 5), sell("c", 100, 1))).toBe(90);
  });

  test("with surplus of both signs goes by the reference", () => {
    const ops = [buy("a", 102, 4), sell("b", 98, 4), buy("c", 100, 2), sell("d", 100, 2)];
    const at = (reference: number) =>
      answerOf([...ops, phase("continuous", reference)], opened).trades[0]?.price;
    expect(at(90)).toBe(at(100));
    expect(at(110)).toBe(at(100));
  });

  test("market orders on both sides take part in the volume of every price", () => {
    const answer = run(
      [
        buy("m", 0, 5, market),
        sell("n", 0, 3, market),
        sell("s", 101, 4),
        buy("b", 99, 1),
        phase("continuous"),
      ],
      opened,
    );
    expect(answer.trades).toEqual(["m n 3@101", "m s 2@101"]);
    expect(answer.asks).toEqual([[101, 2]]);
  });

  test("has the largest volume, also where another price leaves less over", () => {
    expect(priceOf(sell("a", 100, 6), buy("b", 101, 5), buy("c", 100, 5))).toBe(100);
    expect(priceOf(buy("a", 101, 6), sell("b", 100, 5), sell("c", 101, 5))).toBe(101);
  });

  test("is the highest while buyers are left, the lowest while sellers are, whatever the reference", () => {
    const at = (reference: number, ...ops: Parameters<typeof answerOf>[0]) =>
      answerOf([...ops, phase("continuous", reference)], opened).trades[0]?.price;
    expect(at(102, sell("a", 100, 5), buy("b", 102, 3))).toBe(100);
    expect(at(100, buy("a", 102, 5), sell("b", 100, 3))).toBe(102);
  });

  test("with as much over on one side as on the other is nearest to the reference, then the lowest", () => {
    const ops = [buy("a", 101, 4), buy("b", 100, 2), sell("c", 100, 4), sell("d", 101, 2)];
    const at = (reference?: number) =>
      answerOf([...ops, phase("continuous", reference)], opened).trades[0]?.price;
    expect([at(90), at(100), at(101), at(110), at()]).toEqual([100, 100, 101, 101, 100]);
  });

  test("is found anew for each self-trade that it would make, and only for those", () => {
    const own = { acct: "m" };
    const mine = { ...own, stp: "cancel_both" };
    const first = [sell("a", 100, 5, own), buy("b", 100, 5, mine), phase("continuous")];
    expect(run(first, opened)).toEqual({ ...nothing, cancels: ["a 5 STP", "b 5 STP"] });
    const apart = [
      sell("own", 105, 5, own),
      buy("x", 100, 5),
      sell("y", 100, 3),
      buy("z", 99, 5, mine),
      phase("continuous"),
    ];
    expect(run(apart, opened)).toMatchObject({ trades: ["x y 3@100"], cancels: [] });
    const slices = [
      sell("ice", 100, 5, { display: 3 }),
      sell("own", 101, 1, own),
      buy("t", 101, 6, { ...own, stp: "cancel_maker" }),
      phase("continuous"),
    ];
    expect(run(slices, opened)).toMatchObject({
      trades: ["ice t 3@101", "ice t 2@101"],
      cancels: ["own 1 STP"],
      bids: [[101, 1]],
    });
  });
});

describe("what an order could trade", () => {
  test("stops at its own account's order when that would cancel it, and is less by it when both shrink", () => {
    const entering = (stp: string, minQty: number) =>
      run([
        sell("own", 100, 2, { acct: "m" }),
        sell("b", 100, 5),
        buy("t", 100, 5, { acct: "m", stp, minQty, tif: "IOC" }),
      ]);
    expect(entering("cancel_taker", 3)).toMatchObject({ trades: [], cancels: ["t 5 MIN_QTY"] });
    expect(entering("cancel_both", 3)).toMatchObject({ trades: [], cancels: ["t 5 MIN_QTY"] });
    expect(entering("decrement", 3)).toMatchObject({ trades: ["b t 3@100"] });
    expect(entering("decrement", 4)).toMatchObject({ trades: [], cancels: ["t 5 MIN_QTY"] });
    expect(entering("cancel_maker", 5)).toMatchObject({ trades: ["b t 5@100"] });
  });

  test("counts the last slice of an iceberg as small as it is", () => {
    const entering = (qty: number) =>
      run([sell("ice", 100, 5, { display: 3 }), buy("t", 100, qty, { tif: "FOK" })]);
    expect(entering(6)).toMatchObject({ trades: [], cancels: ["t 6 FOK"] });
    expect(entering(5).trades).toEqual(["ice t 3@100", "ice t 2@100"]);
  });

  test("a post-only market order is refused when it would trade", () => {
    const order = buy("p", 0, 1, { ...market, postOnly: true });
    expect(run([sell("a", 100, 1), order]).rejects).toEqual(["p POST_ONLY_WOULD_CROSS"]);
  });

  test("an all-or-none is looked at again when time or the day's end took what was in its way", () => {
    const own = { acct: "m" };
    const waiting = (fields: object) => [
      buy("a", 100, 4, { ...aon, ...own, stp: "cancel_taker" }),
      sell("own", 100, 2, { ...own, ...fields }),
      sell("b", 100, 2),
      sell("c", 100, 2),
    ];
    const trades = ["b a 2@100", "c a 2@100"];
    expect(run([...waiting({ tif: "DAY" }), { op: "endOfDay" }]).trades).toEqual(trades);
    const timed = waiting({ tif: "GTD", expire: 5 });
    expect(run([...timed, { op: "time", now: 5 }]).trades).toEqual(trades);
  });

  test("a stop-limit is amended within the rules of its price", () => {
    const rules = { tick: 5, bandHigh: 110 };
    const amended = (price: number) =>
      run([buy("s", 100, 2, stopLimit(105)), amend("s", price, 2)], rules).rejects;
    expect(amended(101)).toEqual(["s TICK_SIZE"]);
    expect(amended(115)).toEqual(["s PRICE_BAND"]);
    expect(amended(110)).toEqual([]);
  });
});
