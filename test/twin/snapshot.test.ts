import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createKernel } from "../../sim/kernel/kernel.ts";
import { type Ending, finish } from "./small-drill.ts";
import { type Comparable, comparable, snapshotDrill } from "./snapshot-drill.ts";

/** Continues every snapshot in a folder in another process, and waits for it. */
function continueElsewhere(folder: string): void {
  const script = join(import.meta.dirname, "continue-run.ts");
  execFileSync(process.execPath, ["--import", "tsx", script, folder], { stdio: "inherit" });
}

/** Instants, in microseconds, that a snapshot must survive: in the middle of failovers and recoveries, and anywhere. */
function instantsOf({ entries }: Ending): Map<string, number> {
  const at = (kind: string, number = 0) =>
    entries.filter((entry) => entry.kind === kind).at(number)!.atUs;
  const between = (from: number, to: number) => Math.floor((from + to) / 2);
  const fault = at("zone.power-lost");
  const instants = new Map([
    ["before-the-fault", 31_400_000],
    ["just-after-the-fault", fault + 1],
    ["database-being-promoted", between(at("aurora.reader-chosen"), at("aurora.reader-promoted"))],
    ["engine-being-launched", between(at("ecs.task-lost"), at("matching.lease-taken", -1))],
    [
      "books-being-recovered",
      between(at("matching.lease-taken", -1), at("matching.snapshot-loaded", -1)),
    ],
    [
      "journal-being-replayed",
      between(at("matching.snapshot-loaded", -1), at("matching.books-recovered", -1)),
    ],
    ["market-halted", between(at("matching.market-halted"), at("matching.market-cancel-only"))],
    [
      "market-cancel-only",
      between(at("matching.market-cancel-only"), at("matching.market-auction")),
    ],
    ["market-in-auction", at("matching.market-auction") + 10_000_000],
    ["hosts-coming-back", at("zone.power-restored") + 15_000_000],
  ]);
  const chance = createKernel({ seed: "instants", programVersion: "test" }).stream("instants");
  for (let n = 0; n < 3; n += 1) instants.set(`random-${n}`, Math.floor(chance.uniform() * 320e6));
  return instants;
}

test("a run continued in another process from any instant ends as if it had never been interrupted", {
  timeout: 120_000,
}, () => {
  const whole = finish(snapshotDrill());
  const expected = JSON.parse(JSON.stringify(comparable(whole))) as Comparable;
  expect(whole.results.books.equal).toBe(true);
  const instants = instantsOf(whole);
  const folder = mkdtempSync(join(tmpdir(), "stormbell-snapshot-"));
  try {
    const interrupted = snapshotDrill();
    const rising = [...instants].sort(([, a], [, b]) => a - b);
    for (const [name, atUs] of rising) {
      interrupted.kernel.runUntil(atUs);
      writeFileSync(
        join(folder, `${name}.snapshot`),
        new Uint8Array(interrupted.kernel.snapshot()),
      );
    }
    // Taking snapshots has changed nothing.
    expect(finish(interrupted).digest).toBe(whole.digest);
    continueElsewhere(folder);
    for (const [name] of rising) {
      const found = JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as Comparable;
      expect({ name, digest: found.digest }).toEqual({ name, digest: expected.digest });
      expect({ name, ...found }).toEqual({ name, ...expected });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a run taken back to an earlier instant goes the same way again, whatever it has used in the meantime", () => {
  const simulation = snapshotDrill();
  simulation.kernel.runUntil(55_000_000);
  const snapshot = simulation.kernel.snapshot();
  const { digest } = finish(simulation);
  simulation.kernel.restore(snapshot, { random: "same" });
  // The snapshot of a restored run holds what the first one held and nothing of the future.
  expect(
    Buffer.compare(new Uint8Array(simulation.kernel.snapshot()), new Uint8Array(snapshot)),
  ).toBe(0);
  expect(finish(simulation).digest).toBe(digest);
});

test("restored with fresh luck, the same instant leads to other futures, in which nothing is lost either", () => {
  const simulation = snapshotDrill();
  simulation.kernel.runUntil(75_000_000);
  const snapshot = simulation.kernel.snapshot();
  const digests = ["one", "two"].map((seed) => {
    const branch = snapshotDrill();
    branch.kernel.restore(snapshot, { random: "fresh", seed });
    const { digest, results } = finish(branch);
    expect(results.books.equal).toBe(true);
    expect(results.rpo.find((each) => each.declared)!.lostCount).toBe(0);
    return digest;
  });
  expect(new Set(digests).size).toBe(2);
});
