import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { summaryOf } from "../../sim/twin/ensemble/run-summary.ts";
import { sampleRecording } from "../../sim/twin/recording/sample-recording.ts";
import type { RunJob } from "./run-job.ts";
import { keepRun, keptRun, programFingerprint, runKey } from "./run-store.ts";

let folder: string;
const { scenario, topology } = sampleRecording().head;
const job: RunJob = { scenario, topology, seed: "1" };
const key = runKey(job, "build");
const run = { summary: summaryOf(sampleRecording()), wallSeconds: 2 };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stormbell-store-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function entryPath(): string {
  const [file] = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".json"),
  );
  return join(folder, file ?? "none");
}

test("what was kept is found again, whole, and nothing else is", () => {
  expect(keptRun(folder, key)).toBeUndefined();
  keepRun(folder, key, run);
  expect(keptRun(folder, key)).toEqual(run);
  expect(keptRun(folder, runKey({ ...job, seed: "2" }, "build"))).toBeUndefined();
});

test("the key depends on all that decides a run, and on nothing else", () => {
  const { durationSeconds } = scenario;
  const others: readonly string[] = [
    runKey(job, "another build"),
    runKey({ ...job, seed: "2" }, "build"),
    runKey({ ...job, scenario: { ...scenario, durationSeconds: durationSeconds + 1 } }, "build"),
    runKey({ ...job, topology: { ...topology, acceptance: "journal" } }, "build"),
    runKey({ ...job, orders: { path: "orders.csv", contentHash: "0123456789abcdef" } }, "build"),
    runKey({ ...job, warmUpSeed: "1" }, "build"),
  ];
  expect(new Set([key, ...others]).size).toBe(others.length + 1);
  const reordered = Object.fromEntries(Object.entries(scenario).reverse()) as typeof scenario;
  expect(runKey({ ...job, scenario: reordered }, "build")).toBe(key);
  expect(runKey({ ...job, recordingPath: "recordings/x.stormrec" }, "build")).toBe(key);
  const moved = { path: "elsewhere.csv", contentHash: "0123456789abcdef" };
  expect(runKey({ ...job, orders: moved }, "build")).toBe(others[4]);
});

test("a build is told by the modules that make runs, and not by those that report them", () => {
  mkdirSync(join(folder, "cli", "worker"), { recursive: true });
  mkdirSync(join(folder, "chunks"));
  const write = (path: string, text: string) => writeFileSync(join(folder, path), text);
  write(
    "cli/worker/run-worker.js",
    'import { a } from "../../chunks/a.js";\nimport "node:path";\n',
  );
  write("chunks/a.js", 'export const a = () => import("./b.js");\n');
  write("chunks/b.js", 'import "./a.js";\nexport const b = 1;\n');
  write("chunks/report.js", "export const words = 1;\n");
  const before = programFingerprint(folder);
  write("chunks/report.js", "export const words = 2;\n");
  expect(programFingerprint(folder)).toBe(before);
  write("chunks/b.js", 'import "./a.js";\nexport const b = 2;\n');
  expect(programFingerprint(folder)).not.toBe(before);
});

test.each([
  ["cut short", (text: string) => text.slice(0, text.length / 2)],
  ["of another run", (text: string) => text.replace(key, key.replace(/^./, "z"))],
  [
    "changed by a digit",
    (text: string) => text.replace('\\"wallSeconds\\":2', '\\"wallSeconds\\":3'),
  ],
  ["empty", () => ""],
  ["not an entry", () => "null"],
])("an entry that is %s is noticed, removed and made again", (_, damage) => {
  keepRun(folder, key, run);
  const path = entryPath();
  const sound = readFileSync(path, "utf8");
  writeFileSync(path, damage(sound));
  expect(readFileSync(path, "utf8")).not.toBe(sound);
  expect(keptRun(folder, key)).toBeUndefined();
  expect(entryPath()).toBe(join(folder, "none"));
  keepRun(folder, key, run);
  expect(keptRun(folder, key)).toEqual(run);
});
