/** `engine replay` as a shell sees it. Tests on market data are skipped without it (STORMBELL_DATA_DIR). */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { dataPath, testWithData } from "./data-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "stormbell-"));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function replay(...args: readonly string[]) {
  const command = ["dist/cli/main.js", "engine", "replay", ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  return { status, stdout, stderr };
}

const flow = "N,7,0,100,5,0\nN,8,1,100,3,1\nC,7\nC,7\n";

test("a flow gives its report stream and the hash of it", () => {
  const reportsPath = join(folder, "reports.txt");
  const { status, stdout } = replay(fileOf("flow.csv", flow), "--json", "--reports", reportsPath);
  expect(status).toBe(0);
  const reports = readFileSync(reportsPath, "utf8");
  expect(reports.split("\n")).toEqual([
    "0,0,0,7,100,5",
    "0,1,1,8,100,3",
    "1,1,100,3,7,8",
    "2,2,0,7,100",
    "4,3,7",
  ]);
  expect(JSON.parse(stdout)).toMatchObject({
    form: "flow",
    messageCount: 4,
    tradeCount: 1,
    openOrderCount: 0,
    reportsSha256: createHash("sha256").update(reports).digest("hex"),
  });
});

test("a file may be packed", () => {
  const plain = replay(fileOf("flow.csv", flow), "--json");
  const packed = replay(fileOf("flow.csv.gz", gzipSync(flow)), "--json");
  expect(JSON.parse(packed.stdout).reportsSha256).toBe(JSON.parse(plain.stdout).reportsSha256);
});

test("every malformed line is named, and nothing is replayed", () => {
  const { status, stdout, stderr } = replay(
    fileOf("broken.csv", "N,7,0,100,5,0\nN,8,2,100,3,1\nX\nC\n"),
  );
  expect(status).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toContain("has 3 mistakes");
  for (const line of [2, 3, 4]) expect(stderr).toContain(`broken.csv:${line}\n`);
});

test("the neutral form is answered in JSON", () => {
  const document = {
    ops: [
      { op: "new", id: "A", side: "sell", type: "limit", tif: "GTC", price: 100, qty: 5 },
      { op: "new", id: "B", side: "buy", type: "limit", tif: "IOC", price: 100, qty: 8 },
      { op: "cancel", id: "A" },
    ],
  };
  const { status, stdout } = replay(fileOf("one.json", JSON.stringify(document)));
  expect(status).toBe(0);
  const answer = JSON.parse(stdout);
  expect(answer).toMatchObject({
    trades: [{ maker: "A", taker: "B", price: 100, qty: 5 }],
    book: { bids: [], asks: [] },
    rejects: [{ id: "A", reason: "UNKNOWN_ORDER" }],
    cancels: [{ id: "B", qty: 3, reason: "IOC" }],
    stops: [],
  });
  const list = replay(fileOf("list.json", JSON.stringify([document, document])));
  expect(JSON.parse(list.stdout)).toEqual([answer, answer]);
});

test.each([
  ["a file of no known form", ["letter.txt", "Dear all,\n"], "replay.form-unknown"],
  ["an empty file", ["empty.csv", " \n"], "replay.empty"],
  ["an empty file that is packed", ["empty.gz", gzipSync("")], "replay.empty"],
  ["messages short of a column", ["short.csv", "34200.1,1,7,5,100\n"], "lobster.columns"],
  ["books without messages", ["books.csv", "101,5,100,5\n"], "replay.messages-missing"],
  ["a file cut short", ["cut.gz", gzipSync(flow).subarray(0, 30)], "input.gzip-damaged"],
] as const)("%s is refused with a reason", (_, [name, content], code) => {
  const { status, stdout, stderr } = replay(fileOf(name, content));
  expect(status).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toContain(code);
});

const sellAndBuy = (id: string) => ({
  ops: [
    { op: "new", id, side: "sell", type: "limit", tif: "GTC", price: 100, qty: 5 },
    { op: "new", id: `${id}2`, side: "buy", type: "market", qty: 2 },
  ],
});

test("several neutral files are answered each, in their order", () => {
  const one = fileOf("a.json", JSON.stringify(sellAndBuy("A")));
  const list = fileOf("b.json.gz", gzipSync(JSON.stringify([sellAndBuy("B"), sellAndBuy("C")])));
  const lines = fileOf(
    "c.jsonl",
    ["{}", ...sellAndBuy("D").ops.map((op) => JSON.stringify(op))].join("\r\n"),
  );
  const { status, stdout } = replay(one, list, lines, one);
  expect(status).toBe(0);
  const alone = [one, list, lines, one].map((path) => JSON.parse(replay(path).stdout));
  expect(JSON.parse(stdout)).toEqual(alone);
  expect(JSON.parse(stdout)[1][1].trades).toEqual([
    { maker: "C", taker: "C2", price: 100, qty: 2 },
  ]);
});

test("a mistake in one of several files is named, and none is answered", () => {
  const good = fileOf("good.json", JSON.stringify(sellAndBuy("A")));
  const bad = fileOf("bad.jsonl", '{"config":{}}\n{"op":"cancel"}\n{"op":"eat"}\n');
  const { status, stdout, stderr } = replay(good, bad, join(folder, "absent"));
  expect(status).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toContain("does not exist");
  const both = replay(good, bad);
  expect(both).toMatchObject({ status: 2, stdout: "" });
  for (const line of [2, 3]) expect(both.stderr).toContain(`bad.jsonl:${line}\n`);
});

test("files of several forms are told apart, and books find their messages by name", () => {
  const firstMessages = fileOf("X_message_1.csv", "1.0,1,11,5,1000000,1\n");
  const firstBooks = fileOf("X_orderbook_1.csv", "9999999999,0,1000000,5\n");
  const nextMessages = fileOf("Y_message_1.csv", "1.0,1,12,5,1000100,-1\n");
  const nextBooks = fileOf("Y_orderbook_1.csv", "1000100,5,-9999999999,0\n");
  const files = [nextBooks, firstMessages, fileOf("flow.csv", flow), firstBooks, nextMessages];
  const { status, stdout } = replay(...files, "--json");
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject([
    { files: [firstMessages, firstBooks], reproduced: 1 },
    { form: "flow", messageCount: 4 },
    { files: [nextMessages, nextBooks], reproduced: 1 },
  ]);
  const text = replay(...files).stdout;
  expect(text.match(/1 of 1 \(100.00 %\) book rows reproduced/g)).toHaveLength(2);
  const lonely = replay(
    firstMessages,
    nextMessages,
    firstBooks,
    nextBooks,
    fileOf("z.csv", "1,2,3,4"),
  );
  expect(lonely).toMatchObject({ status: 2, stdout: "" });
  expect(lonely.stderr).toContain("replay.messages-missing");
});

test("the report stream is written for one flow only", () => {
  const path = fileOf("flow.csv", flow);
  const { status, stderr } = replay(path, path, "--reports", join(folder, "r.txt"));
  expect(status).toBe(2);
  expect(stderr).toContain("replay.reports-of");
});

test("a book that is not reproduced ends with 1", () => {
  const messages = fileOf("m.csv", "1.0,1,11,5,1000000,1\n2.0,1,12,5,1000100,-1\n");
  const right = fileOf("b.csv", "9999999999,0,1000000,5\n1000100,5,1000000,5\n");
  expect(replay(messages, right)).toMatchObject({ status: 0 });
  // The order of the arguments does not matter.
  expect(replay(right, messages)).toMatchObject({ status: 0 });
  const wrong = fileOf("w.csv", "9999999999,0,1000000,5\n1000100,5,1000000,4\n");
  const { status, stdout } = replay(messages, wrong);
  expect(status).toBe(1);
  expect(stdout).toContain("w.csv:2");
  expect(replay(messages, wrong, "--reproduced-min", "40")).toMatchObject({ status: 0 });
});

testWithData("the 10-level sample of AAPL is reproduced row by row", () => {
  const { status, stdout } = replay(
    dataPath("lob", "AAPL_2012-06-21_message_10_first999.csv.gz"),
    dataPath("lob", "AAPL_2012-06-21_orderbook_10_first999.csv.gz"),
  );
  expect(status).toBe(0);
  expect(stdout).toContain("999 of 999 (100.00 %) book rows reproduced");
  expect(stdout).toContain("318 rows with a level told only by the books");
  expect(stdout).toContain("98 of 98");
  expect(stdout).toContain("90 of 90");
});

testWithData("an hour of AAPL gives the best prices of the exchange, nearly all", () => {
  const paths = [
    dataPath("lob", "AAPL_2012-06-21_0930-1030_message_50.csv.gz"),
    dataPath("lob", "AAPL_2012-06-21_orderbook_1.csv.gz"),
  ];
  const { status, stdout } = replay(...paths, "--reproduced-min", "99.9");
  expect(status).toBe(0);
  expect(stdout).toContain("4,043 of 4,067");
});

testWithData.each([
  ["normal", 1_587, 99, "9d5365ada21fb77ceddc93eb04225f9e9c9297cdec579bc3c0fdb516ce720338"],
  ["swing-25", 1_610, 82, "80667eb6456ea59e38312f94991d688d417a2bd6829cbee21e338c3b89a194f8"],
])("the report stream of flow_%s has its published hash", (name, trades, open, sha256) => {
  const { status, stdout } = replay(dataPath("lob", `flow_${name}_s7_25k.csv.gz`), "--json");
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    messageCount: 50_056,
    tradeCount: trades,
    openOrderCount: open,
    reportsSha256: sha256,
  });
});

testWithData("the Bitstamp log gives most of the exchange's trades", () => {
  const path = dataPath("lob", "bitstamp_btcusd_2015-05-01_part1.log.gz");
  expect(replay(path, "--reproduced-min", "99.7")).toMatchObject({ status: 0 });
});
