import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createKernel } from "../../sim/kernel/kernel.ts";
import { eventsInAll, randomModel, runToEvent } from "./random-model.ts";

test("random models restored in another process, at 20 random instants each, end in the same bytes", () => {
  const folder = mkdtempSync(join(tmpdir(), "stormbell-kernel-"));
  const ends = new Map<string, Uint8Array>();
  const instants = createKernel({ seed: 1, programVersion: "test" }).stream("instants");
  for (let modelSeed = 1; modelSeed <= 20; modelSeed += 1) {
    const original = randomModel(modelSeed);
    const cuts = Array.from({ length: 20 }, () => instants.int(eventsInAll)).sort((a, b) => a - b);
    for (const [index, cut] of cuts.entries()) {
      runToEvent(original, cut);
      const name = `${modelSeed}-${index}`;
      writeFileSync(join(folder, `${name}.snapshot`), new Uint8Array(original.snapshot()));
    }
    runToEvent(original, eventsInAll);
    expect(original.kernel.eventCount).toBe(eventsInAll);
    for (const index of cuts.keys()) {
      ends.set(`${modelSeed}-${index}`, new Uint8Array(original.snapshot()));
    }
  }
  const script = join(import.meta.dirname, "continue-run.ts");
  execFileSync(process.execPath, ["--import", "tsx", script, folder], { stdio: "inherit" });
  for (const [name, end] of ends) {
    const other = readFileSync(join(folder, `${name}.end`));
    expect(Buffer.compare(other, end), `model and cut ${name}`).toBe(0);
  }
  expect(ends.size).toBe(400);
  rmSync(folder, { recursive: true });
});

test("a branch with fresh chance has another future than the same one", () => {
  const original = randomModel(3);
  runToEvent(original, 500);
  const saved = original.snapshot();
  const digests = ["a", "b", "a"].map((seed) => {
    const branch = randomModel(3);
    branch.restore(saved, { random: "fresh", seed });
    expect(branch.digest()).toBe(original.digest());
    runToEvent(branch, 900);
    return branch.digest();
  });
  expect(digests[0]).toBe(digests[2]);
  expect(digests[0]).not.toBe(digests[1]);
});
