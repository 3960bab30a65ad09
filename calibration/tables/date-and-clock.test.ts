import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { timeColumn } from "../series/table-series.ts";
import { timesOf } from "./columns.ts";
import { parseTable } from "./read-table.ts";
import { streamRows } from "./stream-table.ts";

const whole = parseTable("time,cpu\n2026-03-02 14:30:00,1\n2026-03-02 14:31:00,2\n", "a.csv");

test.each([
  ["date first", "date,time,cpu\n2026-03-02,14:30:00,1\n2026-03-02,14:31:00,2\n"],
  ["time first", "time,date,cpu\n14:30:00,2026-03-02,1\n14:31:00,2026-03-02,2\n"],
  ["with dots and minutes", "Datum;Uhrzeit;cpu\n2.3.2026;14:30;1\n2.3.2026;14:31;2\n"],
  ["with a zone", "date\ttime (UTC)\tcpu\n2026-03-02\t14:30:00Z\t1\n2026-03-02\t14:31:00Z\t2\n"],
])("a date and a time of day in two columns are one time: %s", (_, text) => {
  const table = parseTable(text, "a.csv");
  expect(timesOf(table, timeColumn(table)!)).toEqual(timesOf(whole, timeColumn(whole)!));
});

test("rows of a stream have the whole time in both columns", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "stormbell-")), "a.csv");
  const text = "date,time,cpu\n2026-03-02,14:30:00,1\n2026-03-02,14:31:00,2\n";
  writeFileSync(file, text);
  const rows: (readonly string[])[] = [];
  for await (const { cells } of streamRows(file, parseTable(text, file))) rows.push(cells);
  expect(rows).toEqual([
    ["2026-03-02 14:30:00", "2026-03-02 14:30:00", "1"],
    ["2026-03-02 14:31:00", "2026-03-02 14:31:00", "2"],
  ]);
});

test("a duration beside a date stays a duration, and two times of day stay two", () => {
  const durations = parseTable("date,elapsed\n2026-03-02,0:02:13\n2026-03-03,0:01:40\n", "a.csv");
  expect(durations.columns[1]).toEqual(["0:02:13", "0:01:40"]);
  const twice = parseTable("date,start_time,event_time\n2026-03-02,10:00:00,10:00:13\n", "a.csv");
  expect(twice.columns[1]).toEqual(["10:00:00"]);
});
