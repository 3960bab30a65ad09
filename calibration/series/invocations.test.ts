import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadInvocations } from "./invocations.ts";

const folder = mkdtempSync(join(tmpdir(), "stormbell-invocations-"));

function load(text: string) {
  const path = join(folder, "calls.csv");
  writeFileSync(path, text);
  return loadInvocations(path, []);
}

test("what CloudWatch Logs Insights exports is read: bytes of memory, names with a sign", async () => {
  const calls = await load(
    "@timestamp,@duration,@memorySize,@initDuration\n2026-03-02 14:30:00.000,12.5,512000000,182.3\n2026-03-02 14:31:00.000,3.5,512000000,\n",
  );
  expect(calls).toMatchObject([
    { memoryMb: 512, durationMs: 12.5, initMs: 182.3, isCold: true },
    { memoryMb: 512, durationMs: 3.5, initMs: null, isCold: false },
  ]);
});

test("seconds in the header are read as seconds, and a flag may be called cold start", async () => {
  const calls = await load("cold_start,duration_s,init_s\ntrue,0.5,0.25\nfalse,0.1,\n");
  expect(calls).toMatchObject([
    { durationMs: 500, initMs: 250, isCold: true },
    { durationMs: 100, initMs: null, isCold: false },
  ]);
});

test("a start of 0 among others is a warm one, and memory may be in gigabytes", async () => {
  const calls = await load("duration,init_ms,memory_gb\n1,200,0.5\n1,0,0.5\n1,210,0.5\n");
  expect(calls).toMatchObject([
    { initMs: 200, isCold: true, memoryMb: 512 },
    { initMs: null, isCold: false },
    { initMs: 210, isCold: true },
  ]);
});

test.each([
  ["a word", "many", "table.not-a-number"],
  ["no end", "Infinity", "table.not-a-number"],
  ["a time below 0", "-3", "fit.coldstart-negative"],
])("an initialisation of %s is refused with its line", async (_, cell, code) => {
  await expect(load(`duration,initDuration\n1,200\n1,${cell}\n1,210\n`)).rejects.toMatchObject({
    code,
    at: expect.stringMatching(/calls\.csv:3$/),
  });
});
