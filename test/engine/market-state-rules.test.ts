import { describe, expect, test } from "vitest";
import { amend, answerOf, buy, cancel, nothing, phase, run, sell } from "./rule-vectors.ts";

const market = { type: "market" };
const opened = { phase: "auction" };

describe("stops", () => {
  const stop = (stopPrice: number) => ({ type: "stop", stopPrice });

  test("a buy stop fires at its price or above, a sell stop at its price or below", () => {
    const answer = run([
      buy("up", 0, 1, stop(101)),
      sell("down", 0, 1, stop(99)),
      sell("a", 100, 1),
      buy("t", 100, 1),
      sell("b", 101, 1),
      sell("c", 102, 1),
      buy("u", 101, 1),
    ]);
    expect(answer.trades).toEqual(["a t 1@100", "b u 1@101", "c up 1@102"]);
    expect(answer.stops).toEqual(["down"]);
  });

  test("a stop fires after the causing order has finished matching", () => {
    const answer = run([
      buy("s", 0, 5, stop(100)),
      sell("a", 100, 1),
      sell("b", 101, 1),
      sell("c", 102, 5),
      buy("t", 101, 3),
    ]);
    expect(answer.trades).toEqual(["a t 1@100", "b t 1@101", "c s 5@102"]);
    expect(answer.bids).toEqual([[101, 1]]);
  });

  test("stops that fire at once fire in entry order, and set off others in the same step", () => {
    const answer = run([
      buy("s3", 0, 1, stop(103)),
      buy("s1", 0, 1, stop(100)),
      buy("s2", 0, 1, stop(99)),
      sell("a", 100, 1),
      sell("b", 101, 1),
      sell("c", 103, 1),
      sell("d", 104, 1),
      buy("t", 100, 1),
    ]);
    expect(answer.trades).toEqual(["a t 1@100", "b s1 1@101", "c s2 1@103", "d s3 1@104"]);
    expect(answer.stops).toEqual([]);
  });

  test("a stop whose price was passed before it entered fires at once", () => {
    const answer = run([sell("a", 105, 1), buy("s", 0, 1, stop(100))], { last: 100 });
    expect(answer.trades).toEqual(["a s 1@105"]);
  });

  test("a stop-limit becomes a limit order and may rest", () => {
    const fields = { type: "stop_limit", stopPrice: 100 };
    const answer = run([buy("s", 101, 3, fields), sell("a", 100, 1), buy("t", 100, 1)]);
    expect(answer.bids).toEqual([[101, 3]]);
  });

  test("a waiting stop can be cancelled and amended", () => {
    const answer = run([buy("s", 0, 3, stop(100)), amend("s", 0, 2), cancel("s")]);
    expect(answer.cancels).toEqual(["s 2 USER"]);
  });

  test("stops do not fire while orders only collect", () => {
    const ops = [buy("s", 0, 1, stop(100))];
    expect(run(ops, { phase: "auction", last: 100 }).stops).toEqual(["s"]);
    expect(run([...ops, phase("continuous")], { phase: "auction", last: 100 })).toEqual({
      ...nothing,
      cancels: ["s 1 MARKET_RESIDUAL"],
    });
  });
});

describe("trailing stops", () => {
  const tradeAt = (price: number, name: string) => [
    sell(`m${name}`, price, 1),
    buy(`t${name}`, price, 1),
  ];
  const trail = { type: "trailing_stop", trail: 3 };

  test("a sell's stop follows the best trade up and never comes down", () => {
    const answer = run(
      [
        sell("s", 0, 1, trail),
        ...tradeAt(105, "1"),
        ...tradeAt(103, "2"),
        buy("bid", 90, 1),
        ...tradeAt(102, "3"),
      ],
      { last: 100 },
    );
    expect(answer.trades).toEqual(["m1 t1 1@105", "m2 t2 1@103", "m3 t3 1@102", "bid s 1@90"]);
  });

  test("every trade of one order moves the mark, and the last one decides", () => {
    const makers = [sell("a", 101, 1), sell("b", 106, 1)];
    const answer = run([sell("s", 0, 1, trail), ...makers, buy("t", 106, 2)], { last: 100 });
    expect(answer.stops).toEqual(["s"]);
    const after = run([sell("s", 0, 1, trail), ...makers, buy("t", 106, 2), ...tradeAt(103, "x")], {
      last: 100,
    });
    expect(after.stops).toEqual([]);
  });

  test("a buy's stop follows the trades down", () => {
    const answer = run([buy("s", 0, 1, trail), ...tradeAt(95, "1"), ...tradeAt(98, "2")], {
      last: 100,
    });
    expect(answer.cancels).toEqual(["s 1 MARKET_RESIDUAL"]);
  });

  test("before any trade the first one sets the mark", () => {
    const answer = run([sell("s", 0, 1, trail), ...tradeAt(95, "1"), ...tradeAt(93, "2")]);
    expect(answer.stops).toEqual(["s"]);
  });
});

describe("self-trade prevention", () => {
  const own = { acct: "m" };
  const makers = [sell("own", 100, 5, own), sell("other", 100, 5)];
  const taker = (stp: string) => buy("t", 100, 8, { acct: "m", stp });

  test.each([
    ["none", ["own t 5@100", "other t 3@100"], [], [[100, 2]], []],
    ["cancel_taker", [], ["t 8 STP"], [[100, 10]], []],
    ["cancel_maker", ["other t 5@100"], ["own 5 STP"], [], [[100, 3]]],
    ["cancel_both", [], ["own 5 STP", "t 8 STP"], [[100, 5]], []],
    ["decrement", ["other t 3@100"], ["own 5 STP"], [[100, 2]], []],
  ])("%s", (mode, trades, cancels, asks, bids) => {
    expect(run([...makers, taker(mode)])).toEqual({ ...nothing, trades, cancels, asks, bids });
  });

  test("decrement lets the larger maker live", () => {
    const answer = run([sell("own", 100, 5, own), buy("t", 100, 3, { ...own, stp: "decrement" })]);
    expect(answer).toEqual({ ...nothing, cancels: ["t 3 STP"], asks: [[100, 2]] });
  });

  test("the taker's mode decides, and without an account there is no self-trade", () => {
    const maker = sell("own", 100, 5, { acct: "m", stp: "cancel_both" });
    expect(run([maker, buy("t", 100, 5, own)]).trades).toEqual(["own t 5@100"]);
    expect(run([maker, buy("t", 100, 5, { stp: "cancel_both" })]).trades).toEqual(["own t 5@100"]);
  });
});

describe("auctions", () => {
  test("orders collect, nothing trades, and only orders that must trade now are rejected", () => {
    const answer = run(
      [
        buy("a", 102, 5),
        sell("b", 100, 5),
        buy("m", 0, 5, market),
        buy("i", 100, 1, { tif: "IOC" }),
        buy("f", 100, 1, { tif: "FOK" }),
      ],
      opened,
    );
    expect(answer).toEqual({
      ...nothing,
      bids: [[102, 5]],
      asks: [[100, 5]],
      rejects: ["i TIF_NOT_ALLOWED_IN_AUCTION", "f TIF_NOT_ALLOWED_IN_AUCTION"],
    });
  });

  test("the largest volume decides the price", () => {
    const answer = run(
      [
        buy("a", 102, 10),
        buy("b", 101, 10),
        sell("c", 100, 5),
        sell("d", 101, 12),
        phase("continuous"),
      ],
      opened,
    );
    expect(answer.trades).toEqual(["a c 5@101", "a d 5@101", "b d 7@101"]);
    expect(answer.bids).toEqual([[101, 3]]);
  });

  test("then the smallest surplus", () => {
    const answer = run(
      [
        buy("a", 102, 10),
        buy("b", 100, 5),
        sell("c", 99, 10),
        sell("d", 102, 3),
        phase("continuous"),
      ],
      opened,
    );
    expect(answer.trades).toEqual(["a c 10@102"]);
  });

  test("then market pressure: buyers left pull the price up, sellers left pull it down", () => {
    const buyers = [buy("a", 105, 10), sell("b", 100, 6), phase("continuous")];
    expect(run(buyers, opened).trades).toEqual(["a b 6@105"]);
    const sellers = [buy("a", 105, 6), sell("b", 100, 10), phase("continuous")];
    expect(run(sellers, opened).trades).toEqual(["a b 6@100"]);
  });

  test("then nearest to the reference, then the lowest", () => {
    const balanced = [buy("a", 106, 5), sell("b", 100, 5)];
    const priceWith = (reference?: number) =>
      answerOf([...balanced, phase("continuous", reference)], opened).trades[0]?.price;
    expect(priceWith(104)).toBe(106);
    expect(priceWith(102)).toBe(100);
    expect(priceWith(103)).toBe(100);
    expect(priceWith()).toBe(100);
    expect(
      answerOf([...balanced, phase("continuous")], { ...opened, last: 105 }).trades[0]?.price,
    ).toBe(106);
  });

  test("market orders go first; their residual is cancelled", () => {
    const answer = run(
      [buy("limit", 101, 5), buy("first", 0, 3, market), sell("s", 100, 4), phase("continuous")],
      opened,
    );
    expect(answer.trades).toEqual(["first s 3@101", "limit s 1@101"]);
    const residual = run([buy("m", 0, 3, market), sell("s", 100, 1), phase("continuous")], opened);
    expect(residual).toEqual({
      ...nothing,
      trades: ["m s 1@100"],
      cancels: ["m 2 MARKET_RESIDUAL"],
    });
  });

  test("market orders alone find no price", () => {
    const answer = run(
      [buy("m", 0, 3, market), sell("n", 0, 2, market), phase("continuous")],
      opened,
    );
    expect(answer.cancels).toEqual(["m 3 MARKET_RESIDUAL", "n 2 MARKET_RESIDUAL"]);
  });

  test("the maker is the earlier order, whatever its side", () => {
    const answer = run([sell("s", 100, 5), buy("b", 100, 5), phase("continuous")], opened);
    expect(answer.trades).toEqual(["s b 5@100"]);
  });

  test("a self-trade is prevented before the price is found, so the book does not stay crossed", () => {
    const answer = run(
      [
        buy("own", 105, 5, { acct: "m" }),
        buy("b", 101, 5),
        sell("s", 100, 10, { acct: "m", stp: "cancel_maker" }),
        phase("continuous"),
      ],
      opened,
    );
    expect(answer).toEqual({
      ...nothing,
      trades: ["b s 5@100"],
      cancels: ["own 5 STP"],
      asks: [[100, 5]],
    });
  });

  test("all-or-none stands aside and trades when continuous trading begins", () => {
    const answer = run(
      [buy("aon", 101, 5, { aon: true }), sell("s", 100, 6), buy("b", 100, 2), phase("continuous")],
      opened,
    );
    expect(answer.trades).toEqual(["s b 2@100"]);
    const filled = run(
      [buy("aon", 101, 5, { aon: true }), sell("s", 100, 6), phase("continuous")],
      opened,
    );
    expect(filled.trades).toEqual(["s aon 5@100"]);
  });

  test("pre-open collects and does not trade when it becomes an auction", () => {
    const ops = [buy("a", 101, 5), sell("b", 100, 5), phase("auction")];
    expect(run(ops, { phase: "pre_open" }).trades).toEqual([]);
    expect(run([...ops, phase("continuous")], { phase: "pre_open" }).trades).toHaveLength(1);
  });
});

describe("market states", () => {
  test.each([
    ["halted", "HALTED"],
    ["cancel_only", "CANCEL_ONLY"],
  ])("%s rejects new orders and amends but allows cancels", (name, reason) => {
    const answer = run([
      buy("a", 100, 5),
      buy("b", 99, 5),
      phase(name),
      buy("c", 98, 1),
      amend("a", 100, 1),
      cancel("b"),
    ]);
    expect(answer).toEqual({
      ...nothing,
      bids: [[100, 5]],
      rejects: [`c ${reason}`, `a ${reason}`],
      cancels: ["b 5 USER"],
    });
  });
});

describe("many at once", () => {
  const acct = { acct: "m" };
  const orders = [
    buy("a", 100, 1, acct),
    sell("b", 110, 2, acct),
    buy("other", 99, 3),
    buy("s", 0, 4, { ...acct, type: "stop", stopPrice: 120 }),
    buy("c", 101, 5, acct),
  ];

  test("mass cancel removes an account's orders in entry order, stops too", () => {
    expect(run([...orders, { op: "massCancel", acct: "m" }])).toEqual({
      ...nothing,
      cancels: ["a 1 MASS", "b 2 MASS", "s 4 MASS", "c 5 MASS"],
      bids: [[99, 3]],
    });
  });

  test("a disconnect says so, and without an account everything goes", () => {
    expect(run([...orders, { op: "massCancel", reason: "DISCONNECT" }]).cancels).toEqual([
      "a 1 DISCONNECT",
      "b 2 DISCONNECT",
      "other 3 DISCONNECT",
      "s 4 DISCONNECT",
      "c 5 DISCONNECT",
    ]);
  });

  test("the kill switch removes and then rejects, for its account only", () => {
    const answer = run([
      ...orders,
      { op: "kill", acct: "m" },
      buy("x", 1, 1, acct),
      buy("y", 1, 1),
    ]);
    expect(answer.cancels.map((line) => line.slice(2))).toEqual([
      "1 KILL_SWITCH",
      "2 KILL_SWITCH",
      "4 KILL_SWITCH",
      "5 KILL_SWITCH",
    ]);
    expect(answer.rejects).toEqual(["x KILL_SWITCH"]);
  });

  test("an order that re-entered by an amend counts as entered then", () => {
    const answer = run([
      buy("a", 100, 1),
      buy("b", 100, 1),
      amend("a", 101, 1),
      { op: "massCancel" },
    ]);
    expect(answer.cancels).toEqual(["b 1 MASS", "a 1 MASS"]);
  });
});

describe("expiry", () => {
  test("GTD orders go when the time reaches their expiry, in entry order", () => {
    const gtd = (expire: number) => ({ tif: "GTD", expire });
    const ops = [buy("late", 100, 1, gtd(20)), buy("b", 99, 1, gtd(10)), buy("a", 98, 1, gtd(5))];
    expect(run([...ops, { op: "time", now: 9 }]).cancels).toEqual(["a 1 EXPIRED"]);
    expect(run([...ops, { op: "time", now: 10 }]).cancels).toEqual(["b 1 EXPIRED", "a 1 EXPIRED"]);
  });

  test("DAY orders go at the end of the day, others stay", () => {
    const answer = run([
      buy("d", 100, 1, { tif: "DAY" }),
      buy("g", 99, 1),
      buy("s", 0, 1, { tif: "DAY", type: "stop", stopPrice: 120 }),
      { op: "endOfDay" },
    ]);
    expect(answer.cancels).toEqual(["d 1 EXPIRED", "s 1 EXPIRED"]);
    expect(answer.bids).toEqual([[99, 1]]);
  });
});
