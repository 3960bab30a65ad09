import { describe, expect, test } from "vitest";
import { parseBitstampLog } from "./bitstamp-text.ts";
import { parseCommandFile } from "./command-document.ts";
import { runDocument } from "./command-replay.ts";
import { replayFlow } from "./flow-replay.ts";
import { FlowKind, lobsterToOrderFlow } from "./lobster-flow.ts";
import { replayLobster } from "./lobster-replay.ts";
import { parseLobsterMessages, parseSecondsAsUs } from "./lobster-text.ts";

const linesOf = (mistakes: readonly { line: number }[]) => mistakes.map(({ line }) => line);

describe("command files", () => {
  const order = '{"op":"new","id":"A","side":"buy","type":"limit","tif":"GTC","price":100,"qty":5}';

  test("a document, a list of documents and JSON lines say the same", () => {
    const document = `{"name":"x","config":{"last":100},"ops":[${order}]}`;
    const lines = `{"name":"x","config":{"last":100}}\n${order}\n`;
    const answers = [document, `[${document}]`, lines].map((text) => {
      const file = parseCommandFile(text);
      expect(file.mistakes).toEqual([]);
      return [file.isList, file.documents.map(runDocument)];
    });
    expect(answers[0]?.[1]).toMatchObject([{ book: { bids: [[100, 5]], asks: [] } }]);
    expect(answers.map(([, answer]) => answer)).toEqual(Array(3).fill(answers[0]?.[1]));
    expect(answers.map(([isList]) => isList)).toEqual([false, true, false]);
  });

  test("ids come back as they were written", () => {
    const text = '{"ops":[{"op":"cancel","id":7},{"op":"cancel","id":"7x"}]}';
    expect(runDocument(parseCommandFile(text).documents[0]!).rejects.map(({ id }) => id)).toEqual([
      7,
      "7x",
    ]);
  });

  test("every mistake is named by its line, and nothing is answered with", () => {
    const text = [
      '{"config":{"tick":0,"colour":1}}',
      order,
      '{"op":"new","id":"B","side":"bye","qty":"5"}',
      '{"op":"frobnicate"}',
      '{"op":"cancel"',
      '{"op":"amend","id":"A","leavesQty":true,"prize":3}',
      "[]",
      '{"op":"new","id":"C","side":"buy","tif":"GTD","qty":1,"price":1}',
      '{"op":"cancel","id":"A","id":"B"}',
    ].join("\n");
    expect(linesOf(parseCommandFile(text).mistakes)).toEqual([1, 1, 3, 3, 4, 5, 6, 6, 7, 8, 9]);
  });

  test("mistakes deep in a document of many lines are named by line too", () => {
    const text = `{\n "config": {},\n "ops": [\n  ${order},\n  { "op": "phase", "phase": "open" }\n ]\n}`;
    expect(linesOf(parseCommandFile(text).mistakes)).toEqual([5]);
    expect(linesOf(parseCommandFile(text.slice(0, -4)).mistakes)).toEqual([6]);
  });

  test.each(["", "  \n", "nonsense", "{", '{"ops":5}', "3", '{"ops":[1]}', `${"[".repeat(100)}`])(
    "%j is refused with a remedy",
    (text) => {
      const { mistakes } = parseCommandFile(text);
      expect(mistakes.length).toBeGreaterThan(0);
      expect(mistakes[0]?.remedy).toMatch(/\w/);
    },
  );
});

describe("flow files", () => {
  test("a report per message: new, trades, then the rest", () => {
    const text = "N,1,1,100,5,0\nN,2,0,100,7,1\nC,1\nN,3,1,101,4,0\nM,3,102,6\nM,9,1,1\nC,3\n";
    expect(replayFlow(text).result?.reportChunks.join("")).toBe(
      [
        "0,0,1,1,100,5",
        "0,1,0,2,100,7",
        "1,1,100,5,1,2",
        "2,1,0,2,100",
        "4,2,1",
        "0,3,1,3,101,4",
        "3,4,1,3,102,6",
        "5,5,9",
        "2,6,1,3,102",
      ].join("\n"),
    );
  });

  test("a modify loses priority even when nothing changes", () => {
    const text = "N,1,1,100,5,0\nN,2,1,100,5,0\nM,1,100,5\nN,3,0,100,5,0";
    expect(replayFlow(text).result?.reportChunks.join("")).toContain("1,3,100,5,2,3");
  });

  test("malformed lines are named by number and nothing is reported", () => {
    const text = "N,1,1,100,5,0\nX,1\nN,2,2,100,5,0\nC\nM,1,1\nN,3,0,1.5,1,0\nN,4,0,1,-1,0\n\n";
    const { result, mistakes } = replayFlow(text);
    expect(result).toBeUndefined();
    expect(linesOf(mistakes)).toEqual([2, 3, 4, 5, 6, 7, 8]);
    expect(linesOf(replayFlow("N,1,1,100,5,0\nN,1,1,100,5,0").mistakes)).toEqual([2]);
    expect(linesOf(replayFlow("").mistakes)).toEqual([1]);
  });
});

describe("LOBSTER files", () => {
  const messages = [
    "34200.000000001,1,11,100,1000000,1",
    "34200.1,1,12,50,1010000,-1",
    "34200.2,4,11,30,1000000,1",
    "34200.200004,4,11,20,1000000,1",
    "34200.3,2,11,10,1000000,1",
    "34200.4,5,0,10,1005000,1",
    "34200.5,3,12,50,1010000,-1",
    "34200.6,3,5,70,1020000,-1",
  ];

  test("times are cut to whole microseconds without a binary fraction", () => {
    expect(parseSecondsAsUs("34200.004241176")).toBe(34_200_004_241);
    expect(parseSecondsAsUs("34200")).toBe(34_200_000_000);
    expect(parseSecondsAsUs("x")).toBeNaN();
  });

  test("become client requests: aggressors for executions, a seed for what rested before", () => {
    const { commands, mistakes } = lobsterToOrderFlow(messages.join("\n"));
    expect(mistakes).toEqual([]);
    const rows = Array.from({ length: commands.count }, (_, at) => [
      commands.atUs[at],
      commands.kind[at],
      commands.orderId[at],
      commands.side[at],
      commands.price[at],
      commands.quantity[at],
    ]);
    expect(rows).toEqual([
      [0, FlowKind.limit, 0, 1, 1020000, 70],
      [0, FlowKind.limit, 1, 0, 1000000, 100],
      [100_000, FlowKind.limit, 2, 1, 1010000, 50],
      [200_000, FlowKind.immediate, 3, 1, 1000000, 50],
      [300_000, FlowKind.reduce, 1, 0, 1000000, 40],
      [500_000, FlowKind.cancel, 2, 1, 1010000, 0],
      [600_000, FlowKind.cancel, 0, 1, 1020000, 0],
    ]);
    expect([commands.seedCount, commands.orderCount]).toEqual([1, 4]);
    expect([...commands.exchangeId]).toEqual([5, 11, 12, -1]);
  });

  const books = [
    "1020000,70,1000000,100",
    "1010000,50,1000000,100",
    "1010000,50,1000000,70",
    "1010000,50,1000000,50",
    "1010000,50,1000000,40",
    "1010000,50,1000000,40",
    "1020000,70,1000000,40",
    "9999999999,0,1000000,40",
  ];

  test("are compared row by row, and a level that comes into view is taken over", () => {
    const { result } = replayLobster(messages.join("\n"), books.join("\n"));
    expect(result).toMatchObject({
      method: "rows",
      compared: 8,
      reproduced: 8,
      intoView: 1,
      priority: { executions: 2, atBestPrice: 2, knownExecutions: 2, atHead: 2 },
    });
  });

  test("a row that differs is shown with what was expected, and does not spoil the others", () => {
    const wrong = books
      .with(4, "1010000,50,1000000,41")
      .with(5, "1010000,50,1000000,41")
      .with(7, "9999999999,0,1000000,41");
    const { result } = replayLobster(
      messages.join("\n"),
      wrong.with(6, "1020000,70,1000000,41").join("\n"),
    );
    expect(result?.reproduced).toBe(7);
    expect(result?.firstDifferences[0]).toEqual({
      line: 5,
      what: "bid level 1",
      expected: "41 at 1000000",
      found: "40 at 1000000",
    });
  });

  test("malformed lines are named by number in each file", () => {
    const bad = [
      ...messages,
      "34100.0,1,13,1,1000000,1",
      "34300,9,1,1,1,1",
      "34300,1,1,0,1,1",
      "343",
    ];
    const { result, mistakes } = replayLobster(
      bad.join("\n"),
      [...books, "1,2,3", "1,2,x,4"].join("\n"),
    );
    expect(result).toBeUndefined();
    expect(linesOf(mistakes.messages)).toEqual([9, 10, 11, 12]);
    expect(linesOf(mistakes.books)).toEqual([9, 10]);
    expect(parseLobsterMessages("").mistakes).toHaveLength(1);
    expect(lobsterToOrderFlow(bad.join("\n")).commands.count).toBe(0);
  });

  test("an orderbook file of several levels must have a row for each message", () => {
    const two = books.map((row) => `${row},9999999999,0,-9999999999,0`).slice(0, 5);
    expect(replayLobster(messages.join("\n"), two.join("\n")).mistakes.books[0]).toMatchObject({
      code: "lobster.rows",
      line: 6,
    });
  });
});

test("a Bitstamp log is read exactly, and its malformed lines are named", () => {
  const good =
    '1430438404518 order_created {"price": "236.47", "amount": "2.00000001", "id": 1, "order_type": 0}';
  const trade =
    '1430438404645 trade {"price": 236.61000000000001, "amount": 1.7885566900000001, "id": 3}';
  const { events, mistakes } = parseBitstampLog(
    [
      good,
      trade,
      "nonsense",
      good.replace("created", "eaten"),
      good.replace('"id": 1', '"id": "x"'),
      good.slice(0, -3),
    ].join("\n"),
  );
  expect(events.map(({ price, amount }) => [price, amount])).toEqual([
    [23647, 200000001],
    [23661, 178855669],
  ]);
  expect(linesOf(mistakes)).toEqual([3, 4, 5, 6]);
});
