import { describe, expect, test } from "vitest";
import { replayFlow } from "./flow-replay.ts";
import { parseFlow } from "./flow-text.ts";
import { findImpliedOrders } from "./implied-orders.ts";
import { FlowKind, lobsterToOrderFlow } from "./lobster-flow.ts";
import { parseLobsterBooks, parseLobsterMessages, parseSecondsAsUs } from "./lobster-text.ts";
import { isHeader, NumberColumn, parseWhole } from "./text-lines.ts";

type Told = { readonly line: number; readonly code: string; readonly problem: string };
const tell = (mistakes: readonly Told[]) =>
  mistakes.map(({ line, code, problem }) => `${line} ${code} ${problem}`);

describe("a LOBSTER message", () => {
  const good = "34200.5,1,11,100,1000000,1";

  test("of every type is read", () => {
    const lines = [
      good,
      "34200.5,2,11,40,1000000,1",
      "34201,3,11,60,1000000,-1",
      "34201.000001,4,12,1,1,-1",
      "34201.1,5,0,0,-5,0",
      "34201.1,6,-1,500,0,-1",
      "34201.1,7,0,0,-1,-1",
    ];
    const { messages, mistakes } = parseLobsterMessages(lines.join("\n"));
    expect(mistakes).toEqual([]);
    expect(messages.count).toBe(7);
    expect([...messages.timeUs].slice(0, 4)).toEqual([
      34_200_500_000, 34_200_500_000, 34_201_000_000, 34_201_000_001,
    ]);
    expect([...messages.type]).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect([...messages.id]).toEqual([11, 11, 11, 12, 0, -1, 0]);
    expect([...messages.size]).toEqual([100, 40, 60, 1, 0, 500, 0]);
    expect([...messages.price]).toEqual([1_000_000, 1_000_000, 1_000_000, 1, -5, 0, -1]);
    expect([...messages.side]).toEqual([0, 0, 1, 1, 1, 1, 1]);
  });

  test.each([
    ["", 'columns "" has 1 columns instead of 6'],
    [`${good},`, `columns "${good}," has 7 columns instead of 6`],
    [good.replace("34200.5", "9:30"), 'time "9:30" is no time'],
    [good.replace("34200.5", "x34200.5"), 'time "x34200.5" is no time'],
    [good.replace("34200.5", "34200.5x"), 'time "34200.5x" is no time'],
    [good.replace("34200.5", "34200.499999"), "time-order"],
    [good.replace(",1,11", ",0,11"), 'type "0" is no message type'],
    [good.replace(",1,11", ",8,11"), 'type "8" is no message type'],
    [good.replace(",1,11", ",x,11"), 'type "x" is no message type'],
    [good.replace(",11,", ",-1,"), 'id "-1" is no order id'],
    [good.replace(",11,", ",1.5,"), 'id "1.5" is no order id'],
    [good.replace(",1,11,", ",4,-1,"), 'id "-1" is no order id'],
    [good.replace(",1,11,", ",6,x,"), 'id "x" is no order id'],
    [good.replace(",100,", ",0,"), 'size "0" is no size'],
    [good.replace(",1,11,100", ",4,11,0"), 'size "0" is no size'],
    [good.replace(",1,11,100", ",5,11,-1"), 'size "-1" is no size'],
    [good.replace("1000000", "0"), 'price "0" is no price'],
    [good.replace("1000000", "100.5"), 'price "100.5" is no price'],
    [good.replace(",1,11,100,1000000", ",7,0,0,x"), 'price "x" is no price'],
    [good.replace(/1$/, "0"), 'direction "0" is no direction'],
    [good.replace(/1$/, "2"), 'direction "2" is no direction'],
    [good.replace(/1$/, "B"), 'direction "B" is no direction'],
    [`34200.5,1,11,100,${"9".repeat(60)},1`, `price "${"9".repeat(40)}..." is no price`],
    [`34200.5,1,11,100,${"x".repeat(40)},1`, `price "${"x".repeat(40)}" is no price`],
  ])("%s is a mistake", (bad, told) => {
    const { mistakes } = parseLobsterMessages([good, bad, good].join("\n"));
    expect(mistakes).toHaveLength(1);
    expect(tell(mistakes)[0]).toContain(`2 lobster.${told}`);
  });

  test("out of place is told where it stands and where it is missing, not on every line between", () => {
    const times = [1, 2, 9, 3, 4, 5, 6];
    const { mistakes } = parseLobsterMessages(
      times.map((time) => good.replace("34200.5", String(time))).join("\n"),
    );
    expect(tell(mistakes)).toEqual(['4 lobster.time-order "3" is earlier than the line before']);
  });

  test("may have blanks around its fields", () => {
    const { messages, mistakes } = parseLobsterMessages(" 34200.5, 1, 11, 100, 1000000, -1 ");
    expect(mistakes).toEqual([]);
    expect([messages.timeUs[0], messages.id[0], messages.side[0]]).toEqual([34_200_500_000, 11, 1]);
  });

  test("tells all its mistakes, and an empty file one", () => {
    expect(tell(parseLobsterMessages("x,1,-1,0,0,0").mistakes)).toHaveLength(5);
    expect(tell(parseLobsterMessages("").mistakes)).toEqual([
      "1 lobster.empty The file holds no message",
    ]);
    expect(tell(parseLobsterMessages("time,type,id,size,price,direction\n").mistakes)).toEqual([
      "1 lobster.empty The file holds no message",
    ]);
  });

  test("has a time of any number of decimals", () => {
    expect(parseSecondsAsUs("0.0000019")).toBe(1);
    expect(parseSecondsAsUs("34200.017459617000003")).toBe(34_200_017_459);
    expect(parseSecondsAsUs("34200.")).toBeNaN();
  });
});

describe("a LOBSTER book", () => {
  test("has any number of levels, and empty ones", () => {
    const { books, mistakes } = parseLobsterBooks(
      "101,5,100,6,9999999999,0,-9999999999,0\n101,9999999999,100,6,102,1,99,2",
    );
    expect(mistakes).toEqual([]);
    expect(books).toMatchObject({ count: 2, levelCount: 2, firstLine: 1 });
    const emptyLevel = [Number.NaN, 0];
    const first = [[101, 5], [100, 6], emptyLevel, emptyLevel];
    // A size may be what stands for the price of an empty level.
    const second = [
      [101, 9_999_999_999],
      [100, 6],
      [102, 1],
      [99, 2],
    ];
    expect([...books.cells]).toEqual([...first, ...second].flat());
  });

  test.each([
    ["101,5,100,6\n101,5,100", '2 lobster.columns "101,5,100" has 3 columns instead of 4'],
    ["101,5,100", '1 lobster.columns "101,5,100" has 3 columns instead of a multiple of 4'],
    [
      "101,5,100,6\n101,5,100,6,102,1,99,2",
      '2 lobster.columns "101,5,100,6,102,1,99,2" has 8 columns instead of 4',
    ],
    ["101,5,100,6\n101,x,100,6", '2 lobster.cell column 2 "x" is no whole number'],
    ["", "1 lobster.empty The file holds no book"],
  ])("%j is a mistake", (text, told) => {
    expect(tell(parseLobsterBooks(text).mistakes)).toEqual([told]);
  });
});

describe("a flow line", () => {
  test("of every kind is read", () => {
    const { messages, mistakes } = parseFlow("N,0,1,100,5,1\nC,7\nM,8,101,6\r\n");
    expect(mistakes).toEqual([]);
    expect(messages).toMatchObject({ count: 3, firstLine: 1 });
    expect([...messages.op]).toEqual([0, 1, 2]);
    expect([...messages.id]).toEqual([0, 7, 8]);
    expect([...messages.side]).toEqual([1, 0, 0]);
    expect([...messages.price]).toEqual([100, 0, 101]);
    expect([...messages.quantity]).toEqual([5, 0, 6]);
    expect([...messages.isImmediate]).toEqual([1, 0, 0]);
  });

  test.each([
    ["", '"" begins with no known letter'],
    ["n,1,1,100,5,0", "begins with no known letter"],
    ["toString,1", "begins with no known letter"],
    ["N,1,1,100,5", "has 4 fields after N instead of 5"],
    ["C,1,2", "has 2 fields after C instead of 1"],
    ["M,1,1", "has 2 fields after M instead of 3"],
    ["N,-1,1,100,5,0", 'id is "-1"'],
    ["N,1,2,100,5,0", 'side is "2"'],
    ["N,1,-1,100,5,0", 'side is "-1"'],
    ["N,1,1,0,5,0", 'price is "0"'],
    ["N,1,1,100,0,0", 'qty is "0"'],
    ["N,1,1,100,5,2", 'ioc is "2"'],
    ["M,1,100,1.5", 'qty is "1.5"'],
  ])("%s is a mistake", (bad, problem) => {
    const { mistakes } = parseFlow(`C,1\n${bad}\nC,2`);
    expect(tell(mistakes)).toEqual([expect.stringContaining(`2 flow.line`)]);
    expect(mistakes[0]?.problem).toContain(problem);
  });

  test("may be preceded by the names of the columns, which count as a line and as no message", () => {
    const { result } = replayFlow("op,id,side,price,qty,ioc\nN,1,0,100,5,0\nC,1");
    expect(result?.reportChunks.join("")).toBe("0,0,0,1,100,5\n2,1,0,1,100");
    const twice = replayFlow("op,id,side,price,qty,ioc\nN,1,0,100,5,0\nN,1,0,100,5,0");
    expect(tell(twice.mistakes)).toEqual([
      "3 flow.duplicate Order 1 is entered while it is still open",
    ]);
    expect(tell(parseFlow("op,id,side\n").mistakes)).toEqual([
      "1 flow.empty The file holds no message",
    ]);
    expect(tell(parseFlow("C,id\n").mistakes)).toEqual(['1 flow.line id is "id"']);
  });

  test("of a long flow is reported once and in order", () => {
    const lines = Array.from({ length: 9000 }, (_, at) => `N,${at},${at % 2},100,1,0`);
    const { result } = replayFlow(lines.join("\n"));
    const reports = result?.reportChunks.join("").split("\n") ?? [];
    expect(reports).toHaveLength(9000 + 4500);
    expect(result).toMatchObject({ tradeCount: 4500, openOrderCount: 0, messageCount: 9000 });
    expect(result?.reportChunks.length).toBe(2);
    expect(result?.reportChunks[0]?.split("\n").length).toBeLessThanOrEqual(8192 + 1);
    const sequences = reports.map((line) => Number(line.split(",")[1]));
    expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
  });
});

describe("orders that a file never announced", () => {
  const implied = (...lines: readonly string[]) => {
    const { messages, mistakes } = parseLobsterMessages(lines.join("\n"));
    expect(mistakes).toEqual([]);
    const found = findImpliedOrders(messages);
    return Array.from({ length: found.count }, (_, at) => [
      found.beforeRow[at],
      found.id[at],
      found.side[at],
      found.price[at],
      found.size[at],
    ]);
  };

  test("stand before the first new order with a larger id, with all that is taken from them", () => {
    expect(
      implied(
        "1,1,20,5,100,1",
        "2,3,15,7,101,-1",
        "3,1,30,5,100,1",
        "4,1,40,5,100,1",
        "5,2,35,3,99,1",
        "6,4,35,4,99,1",
        "7,3,50,1,98,1",
        "8,5,0,9,98,1",
        "9,3,20,5,100,1",
      ),
    ).toEqual([
      [0, 15, 1, 101, 7],
      [3, 35, 0, 99, 7],
      [6, 50, 0, 98, 1],
    ]);
  });

  test("stand no later than the first message that needs them, in the order of their ids", () => {
    expect(
      implied("1,1,20,5,100,1", "2,3,90,1,101,-1", "3,3,25,2,101,-1", "4,1,30,5,100,1"),
    ).toEqual(
      [
        [0, 25, 1, 101, 2],
        [0, 90, 1, 101, 1],
      ].map((row) => row.with(0, 1)),
    );
    expect(implied("1,3,5,1,101,-1", "2,3,4,2,101,-1")).toEqual([
      [0, 4, 1, 101, 2],
      [0, 5, 1, 101, 1],
    ]);
  });

  test("become requests where they stand, and split an aggressor that needs one later", () => {
    const { commands } = lobsterToOrderFlow(
      [
        "1.0,1,20,5,100,1",
        "2.0,1,30,5,100,1",
        "3.0,4,20,5,100,1",
        "3.000009,5,0,5,100,1",
        "3.000010,4,30,2,100,1",
        "3.000021,4,30,1,100,1",
        "3.000022,4,30,1,99,-1",
        "3.000023,3,30,1,100,1",
      ].join("\n"),
    );
    const rows = Array.from({ length: commands.count }, (_, at) => [
      commands.kind[at],
      commands.side[at],
      commands.quantity[at],
    ]);
    expect(rows).toEqual([
      [FlowKind.limit, 0, 5],
      [FlowKind.limit, 0, 5],
      [FlowKind.immediate, 1, 7],
      [FlowKind.immediate, 1, 1],
      [FlowKind.immediate, 0, 1],
      [FlowKind.cancel, 0, 0],
    ]);
  });

  test("prices that improve begin another aggressor, prices that worsen do not", () => {
    const flow = (...prices: readonly number[]) => {
      const lines = prices.map((price, at) => `1,1,${at + 1},5,${price},-1`);
      const fills = prices.map((price, at) => `2,4,${at + 1},5,${price},-1`);
      const { commands } = lobsterToOrderFlow([...lines, ...fills].join("\n"));
      return [...commands.quantity].slice(prices.length);
    };
    expect(flow(100, 101, 101)).toEqual([15]);
    expect(flow(101, 100)).toEqual([5, 5]);
  });
});

test("column names are told from data", () => {
  expect(isHeader("time,type", 1)).toBe(true);
  expect(isHeader(' "Ask Price 1" , ask_size(1)', 1)).toBe(true);
  expect(isHeader("time,type", 2)).toBe(false);
  expect(isHeader("oops", 1)).toBe(false);
  expect(isHeader("time,1", 1)).toBe(false);
  expect(isHeader("time,", 1)).toBe(false);
});

test("whole numbers are read strictly", () => {
  expect(["7", "-7", "007", "1234567890123456"].map(parseWhole)).toEqual([
    7, -7, 7, 1234567890123456,
  ]);
  for (const field of ["", "+7", " 7", "7.0", "1e3", "12345678901234567", undefined]) {
    expect(parseWhole(field)).toBeNaN();
  }
});

test("a column of numbers grows", () => {
  const column = new NumberColumn();
  for (let at = 0; at < 3000; at++) column.push(at * 2);
  column.set(1024, -1);
  expect([column.length, column.get(1023), column.get(1024), column.get(2999)]).toEqual([
    3000, 2046, -1, 5998,
  ]);
  expect(column.toArray()).toHaveLength(3000);
});
