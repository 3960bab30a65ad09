import { describe, expect, test } from "vitest";
import { replayBitstamp } from "./bitstamp-replay.ts";
import { parseBitstampLog } from "./bitstamp-text.ts";

let atMs = 0;

/** One line of a log; each comes 100 ms after the one before. */
function line(name: string, fields: Readonly<Record<string, unknown>>): string {
  atMs += 100;
  return `${1_430_438_400_000 + atMs} ${name} ${JSON.stringify(fields)}`;
}

const order = (event: string, id: number, side: 0 | 1, price: string, amount: string) =>
  line(`order_${event}`, { price, amount, id, order_type: side });
const buy = (event: string, id: number, price: string, amount: string) =>
  order(event, id, 0, price, amount);
const sell = (event: string, id: number, price: string, amount: string) =>
  order(event, id, 1, price, amount);
const trade = (price: number, amount: number) => line("trade", { price, amount, id: 1 });

function replay(...lines: readonly string[]) {
  const { result, mistakes } = replayBitstamp(lines.join("\n"));
  expect(mistakes).toEqual([]);
  return result;
}

describe("a Bitstamp log", () => {
  test("is replayed from what was created; fills follow by themselves", () => {
    const result = replay(
      sell("created", 10, "100.00", "2.5"),
      sell("created", 11, "100.01", "1"),
      buy("created", 12, "100.01", "3"),
      sell("deleted", 10, "100.00", "0"),
      trade(100, 2.5),
      buy("deleted", 12, "100.01", "0"),
      sell("changed", 11, "100.01", "0.5"),
      trade(100.01, 0.5),
      sell("deleted", 11, "100.01", "0.5"),
      buy("created", 13, "100.01", "0.5"),
    );
    expect(result).toMatchObject({
      eventCount: 10,
      exchangeTradeCount: 2,
      engineTradeCount: 2,
      reproducedCount: 2,
      seedCount: 0,
      firstMissing: [],
    });
  });

  test("a new price is an amend, and may trade", () => {
    const result = replay(
      buy("created", 10, "99.00", "1"),
      sell("created", 11, "100.00", "1.5"),
      sell("changed", 11, "99.00", "1.5"),
      trade(99, 1),
      sell("changed", 11, "99.00", "0.5"),
      buy("created", 12, "99.00", "0.5"),
      trade(99, 0.5),
    );
    expect(result).toMatchObject({ engineTradeCount: 2, reproducedCount: 2 });
  });

  test("an order first seen in a fill rested before, with what the fill took and what is left", () => {
    const filled = replay(
      sell("created", 20, "100.00", "1"),
      buy("changed", 5, "100.00", "3"),
      trade(100, 1),
      buy("deleted", 5, "100.00", "3"),
      sell("created", 21, "100.00", "9"),
    );
    expect(filled).toMatchObject({ seedCount: 1, engineTradeCount: 1, reproducedCount: 1 });
    const usedUp = replay(
      sell("created", 20, "100.00", "1"),
      buy("deleted", 5, "100.00", "0"),
      trade(100, 1),
    );
    expect(usedUp).toMatchObject({ seedCount: 1, engineTradeCount: 1, reproducedCount: 1 });
  });

  test("an order first seen when it is withdrawn rested with all of it, and trades no more", () => {
    const result = replay(
      buy("deleted", 5, "100.00", "3"),
      sell("created", 20, "100.00", "1"),
      sell("created", 21, "100.00", "1"),
    );
    expect(result).toMatchObject({ seedCount: 1, engineTradeCount: 0 });
  });

  test("an order first seen with nothing left and no trade beside it is none", () => {
    const lines = Array.from({ length: 12 }, (_, at) => buy("created", 100 + at, "50.00", "1"));
    const late = [sell("deleted", 5, "100.00", "0"), ...lines, trade(100, 7)];
    expect(replay(...late)).toMatchObject({ seedCount: 0 });
    const near = [sell("deleted", 5, "100.00", "0"), ...lines.slice(1), trade(100, 7)];
    expect(replay(...near)).toMatchObject({ seedCount: 1 });
    const elsewhere = [sell("deleted", 5, "100.00", "0"), trade(101, 7)];
    expect(replay(...elsewhere)).toMatchObject({ seedCount: 0 });
  });

  test("earlier orders stand first, whatever the order in which they are seen", () => {
    const result = replay(
      sell("changed", 6, "100.00", "2"),
      sell("changed", 5, "100.00", "1"),
      buy("created", 20, "100.00", "1.5"),
      trade(100, 1),
      trade(100, 0.5),
      buy("created", 21, "100.00", "0.25"),
      trade(100, 0.25),
    );
    expect(result).toMatchObject({ seedCount: 2 });
    expect(result?.engineTradeCount).toBeGreaterThanOrEqual(2);
  });

  test("an order whose deletion stands before its creation enters where its id says", () => {
    const result = replay(
      sell("created", 20, "100.00", "1"),
      buy("created", 21, "99.00", "1"),
      sell("created", 22, "99.50", "1"),
      sell("deleted", 22, "99.50", "1"),
      buy("deleted", 24, "99.50", "4"),
      buy("created", 24, "99.50", "4"),
      sell("created", 25, "99.50", "1"),
    );
    // Had it rested since the beginning, 22 would have traded.
    expect(result).toMatchObject({ seedCount: 1, engineTradeCount: 0 });
  });

  test("a trade the engine did not make is named by its line", () => {
    const result = replay(
      sell("created", 10, "100.00", "1"),
      buy("created", 11, "100.00", "1"),
      trade(100, 1),
      trade(100, 1),
      trade(100.5, 1),
    );
    expect(result).toMatchObject({ exchangeTradeCount: 3, reproducedCount: 1 });
    expect(result?.firstMissing).toEqual([
      { line: 4, price: 10_000, amount: 100_000_000 },
      { line: 5, price: 10_050, amount: 100_000_000 },
    ]);
  });

  test("a trade of the same size counts only when it is near in time", () => {
    const first = sell("created", 10, "100.00", "1");
    const second = buy("created", 11, "100.00", "1");
    atMs += 9_800;
    expect(replay(first, second, trade(100, 1))).toMatchObject({ reproducedCount: 1 });
    const third = sell("created", 10, "100.00", "1");
    const fourth = buy("created", 11, "100.00", "1");
    atMs += 9_950;
    expect(replay(third, fourth, trade(100, 1))).toMatchObject({ reproducedCount: 0 });
  });

  test("only the first ten missing trades are named", () => {
    const result = replay(
      buy("created", 1, "1.00", "1"),
      ...Array.from({ length: 12 }, () => trade(100, 1)),
    );
    expect(result?.firstMissing).toHaveLength(10);
    expect(result?.reproducedCount).toBe(0);
  });
});

describe("a malformed line of a Bitstamp log", () => {
  const good = buy("created", 1, "236.47", "2.00000001");
  test.each([
    ["nonsense", "no event"],
    [good.replace(" order", "  order"), "no event"],
    [good.replace("created", "eaten"), "no known event"],
    [good.replace("order_created", "toString"), "no known event"],
    [good.replace('"id":1', '"id":"x"'), "id is no whole number"],
    [good.replace('"id":1', '"id":1.5'), "id is no whole number"],
    [good.replace('"id":1,', ""), "id is no whole number"],
    [good.replace('"236.47"', '"236.475"'), "price is no number"],
    [good.replace('"236.47"', "true"), "price is no number"],
    [good.replace('"price":"236.47",', ""), "price is no number"],
    [good.replace('"2.00000001"', '"-2"'), "amount is no number"],
    [good.replace('"2.00000001"', '"two"'), "amount is no number"],
    [good.replace('"order_type":0', '"order_type":2'), "order_type is neither"],
    [good.replace(',"order_type":0', ""), "order_type is neither"],
    [good.replace("}", ",}"), "This is no JSON"],
    [good.replace('"id":1', '"id":1,"id":1'), "This is no JSON"],
  ])("%s", (bad, problem) => {
    const { result, mistakes } = replayBitstamp([good, bad, good].join("\n"));
    expect(result).toBeUndefined();
    expect(mistakes.map(({ line, code }) => [line, code])).toEqual([[2, "bitstamp.line"]]);
    expect(mistakes[0]?.problem).toContain(problem);
  });

  test("an empty log is one too", () => {
    expect(replayBitstamp("").mistakes).toMatchObject([{ code: "bitstamp.empty", line: 1 }]);
    expect(replayBitstamp("x").mistakes).toMatchObject([{ code: "bitstamp.line", line: 1 }]);
  });
});

test("every field of a line is read, ids also as text", () => {
  const text = [
    '1430438404518 order_changed {"price": "236.47", "amount": "0", "id": "17", "order_type": 1}',
    '5 trade {"price": 236.6, "amount": 1.7885566900000001, "id": 3}',
  ].join("\n");
  expect(parseBitstampLog(text).events).toEqual([
    {
      line: 1,
      atMs: 1_430_438_404_518,
      kind: "changed",
      id: 17,
      side: 1,
      price: 23_647,
      amount: 0,
    },
    { line: 2, atMs: 5, kind: "trade", id: 3, side: 0, price: 23_660, amount: 178_855_669 },
  ]);
});
