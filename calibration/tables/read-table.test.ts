import { expect, test } from "vitest";
import { secondsPerUnitOf } from "./columns.ts";
import { parseTable } from "./read-table.ts";

const plain = parseTable("time,ms\n2026-03-02,1.5\n2026-03-03,2\n", "a.csv");

test.each([
  ["blanks and quotes", 'time, "ms"\n2026-03-02, "1.5"\n"2026-03-03" ,2\n'],
  ["a delimiter at the end of rows", "time,ms\n2026-03-02,1.5,\n2026-03-03,2,\n"],
  ["empty rows", "time,ms\n,\n2026-03-02,1.5\n\n2026-03-03,2\n,\n"],
  [
    "a mark of bytes and line ends of Windows",
    "\uFEFFtime,ms\r\n2026-03-02,1.5\r\n2026-03-03,2\r\n",
  ],
  ["bars", "time|ms\n2026-03-02|1.5\n2026-03-03|2\n"],
  ["tabs", "time\tms\n2026-03-02\t1.5\n2026-03-03\t2\n"],
])("%s change nothing of a table", (_, text) => {
  const { headers, columns } = parseTable(text, "a.csv");
  expect(headers).toEqual(plain.headers);
  expect(columns).toEqual(plain.columns);
});

test("a line that says the delimiter is no row, and lines are those of the file", () => {
  const table = parseTable("sep=;\r\ntime;ms\r\n2026-03-02;1,5\r\n", "a.csv");
  expect(table).toMatchObject({ delimiter: ";", headers: ["time", "ms"], lines: [3] });
});

test("a second row of units belongs to the header", () => {
  const table = parseTable("time,latency,rate\n-,ms,req/s\n2026-03-02,1.5,3\n", "a.csv");
  expect(table.headers).toEqual(["time", "latency (ms)", "rate (req/s)"]);
  expect(table.rowCount).toBe(1);
  expect(secondsPerUnitOf(table.headers[1]!)).toBe(0.001);
});

test("cells beyond the header are refused with their line unless they are empty", () => {
  expect(() => parseTable("time,ms\n2026-03-02,1.5,7\n2026-03-03,2\n", "a.csv")).toThrow(
    expect.objectContaining({ code: "table.uneven", at: "a.csv:2" }),
  );
});
