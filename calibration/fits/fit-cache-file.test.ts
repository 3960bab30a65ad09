/** Hits as caches and exports tell them: beside misses or requests, by interval or since the server began. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fitCacheFile } from "./fit-cache-file.ts";

const folder = mkdtempSync(join(tmpdir(), "stormbell-cache-"));
const hits = Array.from({ length: 60 }, (_, i) => 880 + ((i * 17) % 41));

function fit(name: string, header: string, cells: (hit: number, row: number) => string) {
  const path = join(folder, name);
  const rows = hits.map((hit, i) => `${1_772_461_800 + i * 60},${cells(hit, i)}`);
  writeFileSync(path, `timestamp,${header}\n${rows.join("\n")}\n`);
  return fitCacheFile({ file: path, sizes: [], policy: "lru", seed: "1" });
}

const upTo = (row: number, of: (hit: number) => number) =>
  hits.slice(0, row + 1).reduce((sum, hit) => sum + of(hit), 0);

test.each([
  ["misses", "CacheHits,CacheMisses", (hit: number) => `${hit},${1000 - hit}`],
  ["requests", "hits,requests", (hit: number) => `${hit},1000`],
  ["misses of requests", "cache_misses,lookups", (hit: number) => `${1000 - hit},1000`],
  [
    "totals of Redis",
    "keyspace_hits,keyspace_misses",
    (_: number, row: number) => `${upTo(row, (hit) => hit)},${upTo(row, (hit) => 1000 - hit)}`,
  ],
])("the ratio is that of hits beside %s", async (name, header, cells) => {
  const { estimates } = await fit(`${name}.csv`, header, cells);
  expect(estimates["hitRatio"]?.value).toBeCloseTo(0.9, 2);
  expect(estimates["hitRatio"]?.interval?.[0]).toBeGreaterThan(0.895);
  expect(estimates["hitRatio"]?.interval?.[1]).toBeLessThan(0.905);
});

test.each([
  ["fit.cache-ratio-only", "CacheHitRate", (hit: number) => String(hit / 10)],
  ["fit.cache-more-than-all", "hits,requests", (hit: number) => `${hit},890`],
])("%s is told with the column", async (code, header, cells) => {
  await expect(fit(`${code}.csv`, header, cells)).rejects.toMatchObject({
    code,
    problem: expect.stringContaining(header.split(",")[0]!),
  });
});
