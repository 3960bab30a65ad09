/** Many runs through the built command, as a shell sees them: kept, interrupted, resumed, and the same whatever the order. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse } from "csv-parse/sync";
import { afterEach, beforeEach, expect, test } from "vitest";

const program = resolve("dist/cli/main.js");
let folder: string;

/** Little load and little time: a run takes a second or two. */
const tinyScenario = `
id: tiny
title: A small drill
description: One task of the order service is killed.
topology: current
warmUpSeconds: 5
durationSeconds: 90
workload:
  ratePerSecond: 10
  mix: { place: 0.5, cancel: 0.3, query-book: 0.2 }
  userCount: 50
  symbolCount: 4
  symbolSkew: 0.5
  selfExcitation: 0
  excitationDecaySeconds: 1
  client: { retriesMax: 1, backoffMs: 500 }
faults:
  - { id: kill, kind: instance-kill, component: order-service, atSeconds: 40 }
objectives:
  - { id: served, kind: service, function: order-entry, goodShareMin: 0.5, latencyMsMax: 2000, holdSeconds: 5 }
  - { id: rto-p50, kind: rto, function: order-entry, secondsMax: 60, over: { seeds: 3, percentile: 50 } }
  - { id: invariants, kind: invariants }
`;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stormbell-ensemble-"));
  writeFileSync(join(folder, "tiny.yaml"), tinyScenario);
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function stormbell(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    encoding: "utf8",
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1" },
  });
  return { status, stdout, stderr };
}

function keptRuns(): readonly string[] {
  const store = join(folder, ".stormbell", "runs");
  if (!existsSync(store)) return [];
  const files = readdirSync(store, { recursive: true, encoding: "utf8" });
  return files.filter((name) => name.endsWith(".json")).map((name) => join(store, name));
}

/** The answer without the time that it took. */
function plain(stdout: string) {
  const { runs, ...rest } = JSON.parse(stdout);
  return {
    ...rest,
    runs: runs.map(
      ({
        wallSeconds: _,
        recording: __,
        ...run
      }: object & { wallSeconds: number; recording?: string }) => run,
    ),
  };
}

test("a drill gives the same answer on one thread, on two, from kept runs, and after one was damaged", () => {
  const args = ["drill", "./tiny.yaml", "--seeds", "4", "--json"];
  const alone = stormbell(...args, "--jobs", "1", "--no-cache");
  expect(keptRuns()).toEqual([]);
  const two = stormbell(...args, "--jobs", "2");
  expect(plain(two.stdout)).toEqual(plain(alone.stdout));
  expect(plain(two.stdout).runs.map(({ seed }: { seed: string }) => seed)).toEqual([
    "1",
    "2",
    "3",
    "4",
  ]);
  const kept = keptRuns();
  expect(kept).toHaveLength(4);
  writeFileSync(kept[2]!, readFileSync(kept[2]!, "utf8").slice(0, 500));
  rmSync(join(folder, "recordings"), { recursive: true, force: true });
  const again = stormbell(...args, "--cache", ".stormbell/runs");
  expect(again.stderr).toContain("is damaged; it is removed, and the run is made again");
  expect(plain(again.stdout)).toEqual(plain(alone.stdout));
  expect(keptRuns()).toHaveLength(4);
  expect(JSON.parse(again.stdout).ensembles[0]).toMatchObject({
    seedCount: 4,
    confidence: 0.95,
    ensembleObjectives: [{ id: "rto-p50", percentile: 50, seedsNeeded: 3 }],
  });
}, 180_000);

test("Ctrl-C keeps what is finished, says so, and the same command goes on from there", async () => {
  const args = ["drill", "./tiny.yaml", "--seeds", "400", "--jobs", "1"];
  const child = spawn(process.execPath, [program, ...args], { cwd: folder });
  let said = "";
  child.stderr.on("data", (text) => {
    said += String(text);
  });
  // Not its exit, after which its last words may still be on their way.
  const ended = new Promise<number | null>((tell) => child.on("close", tell));
  while (keptRuns().length < 2) await new Promise((go) => setTimeout(go, 50));
  child.kill("SIGINT");
  expect(await ended).toBe(130);
  const finished = Number(/(\d+) of 400 runs were finished and are kept/.exec(said)?.[1]);
  expect(finished).toBeGreaterThanOrEqual(2);
  expect(finished).toBeLessThan(400);
  const kept = keptRuns().length;
  const resumed = stormbell("drill", "./tiny.yaml", "--seeds", "3");
  expect(resumed.stderr).toContain(`${Math.min(3, kept)} of 3 runs are kept in .stormbell/runs`);
  expect(readdirSync(join(folder, ".stormbell", "runs"), { recursive: true }).join()).not.toContain(
    "part",
  );
}, 180_000);

test("a sweep writes a row a design, a reader finds its columns, and unknown paths are told", () => {
  const { status, stdout } = stormbell(
    ...["sweep", "./tiny.yaml", "--vary", "workload.ratePerSecond=5,10", "--seeds", "2"],
    ...["--csv", "out/sweep.csv", "--parquet", "out/sweep.parquet"],
  );
  expect(status).toBe(0);
  expect(stdout).toContain("2 designs, 2 seeds each");
  const rows = parse(readFileSync(join(folder, "out", "sweep.csv"), "utf8"), { columns: true });
  expect(rows).toMatchObject([
    { design: "1", "workload.ratePerSecond": "5", seeds: "2" },
    { design: "2", "workload.ratePerSecond": "10", seeds: "2" },
  ]);
  expect(Object.keys(rows[0] as object)).toContain("order-entry.rtoSeconds.overFirst.mean");
  expect(
    readFileSync(join(folder, "out", "sweep.parquet"))
      .subarray(0, 4)
      .toString(),
  ).toBe("PAR1");
  const wrong = stormbell("sweep", "./tiny.yaml", "--vary", "order-service.taskCont=1");
  expect(wrong.status).toBe(2);
  expect(wrong.stderr).toContain('Did you mean "taskCount"?');
}, 180_000);
