import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { headTable, isLargeTable, streamRows } from "./stream-table.ts";

const folder = mkdtempSync(join(tmpdir(), "stormbell-stream-"));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, name.endsWith(".gz") ? gzipSync(text) : text);
  return path;
}

const rows = Array.from({ length: 20_000 }, (_, i) => `${1_772_461_800 + i};"a ${i}";${i % 97}`);

async function sumOf(file: string): Promise<{ sum: number; count: number; lastLine: number }> {
  const found = { sum: 0, count: 0, lastLine: 0 };
  for await (const { cells, line } of streamRows(file, await headTable(file))) {
    found.sum += Number(cells[2]);
    found.count += 1;
    found.lastLine = line;
  }
  return found;
}

test("rows come as they stand, with and without a header, packed or plain", async () => {
  const sum = rows.reduce((total, _, i) => total + (i % 97), 0);
  const named = write("named.csv", `\uFEFFtime;name;ms\r\n${rows.join("\r\n")}\r\n`);
  const bare = write("bare.csv.gz", rows.join("\n"));
  expect(await sumOf(named)).toEqual({ sum, count: 20_000, lastLine: 20_001 });
  expect(await sumOf(bare)).toEqual({ sum, count: 20_000, lastLine: 20_000 });
  expect(await isLargeTable(named)).toBe(false);
});

test("a row that is cut short ends the stream with its line", async () => {
  const cut = write("cut.csv", `time;name;ms\n${rows.join("\n")}\n1772461800;"b"`);
  await expect(sumOf(cut)).rejects.toMatchObject({
    code: "table.uneven",
    at: expect.stringContaining(":20002"),
  });
});
