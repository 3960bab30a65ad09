import { parse } from "csv-parse/sync";
import * as writer from "hyparquet-writer";
import { expect, test } from "vitest";
import { csvText, parquetBytes } from "./table-file.ts";

const columns = [
  { name: "path", values: ["plain", 'a "quoted", one', "two\nlines"] },
  { name: "matching.rtoSeconds.p50.atMost", values: [82.5, null, 0] },
  { name: "unrecovered", values: [true, false, null] },
];

test("CSV is that of RFC 4180, and a reader finds what was written", () => {
  const text = csvText(columns);
  expect(text).toBe(
    "path,matching.rtoSeconds.p50.atMost,unrecovered\r\n" +
      'plain,82.5,true\r\n"a ""quoted"", one",,false\r\n"two\nlines",0,\r\n',
  );
  expect(parse(text, { record_delimiter: "\r\n" })).toEqual([
    ["path", "matching.rtoSeconds.p50.atMost", "unrecovered"],
    ["plain", "82.5", "true"],
    ['a "quoted", one', "", "false"],
    ["two\nlines", "0", ""],
  ]);
});

test("a table without rows is its header", () => {
  expect(csvText([{ name: "a,b", values: [] }])).toBe('"a,b"\r\n');
});

test("Parquet keeps numbers, truth values, text and empty cells apart", async () => {
  const bytes = parquetBytes(writer, columns);
  expect(new TextDecoder().decode(bytes.subarray(0, 4))).toBe("PAR1");
  const { parquetReadObjects } = await import("hyparquet");
  expect(await parquetReadObjects({ file: bytes.slice().buffer })).toEqual([
    { path: "plain", "matching.rtoSeconds.p50.atMost": 82.5, unrecovered: true },
    { path: 'a "quoted", one', "matching.rtoSeconds.p50.atMost": null, unrecovered: false },
    { path: "two\nlines", "matching.rtoSeconds.p50.atMost": 0, unrecovered: null },
  ]);
});
