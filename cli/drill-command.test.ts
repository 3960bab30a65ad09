import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sampleScenarioText, sampleTopologyText } from "../scenarios/sample-texts.ts";
import { type RunSummary, summaryOf } from "../sim/twin/ensemble/run-summary.ts";
import { sampleRecording } from "../sim/twin/recording/sample-recording.ts";
import type { EnsembleSample } from "../sim/twin/results-types.ts";
import { type DrillOptions, drillCommand } from "./drill-command.ts";
import type { RunJob } from "./worker/run-job.ts";
import type { RunJobs } from "./worker/run-jobs.ts";

const home = process.cwd();
const write = process.stdout.write;
let folder: string;
let said: string;
let asked: RunJob[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stormbell-"));
  process.chdir(folder);
  writeFileSync("small.yaml", sampleTopologyText);
  writeFileSync(
    "drill.yaml",
    sampleScenarioText.replace("topology: small", "topology: small.yaml"),
  );
  said = "";
  asked = [];
  process.stdout.write = (text: string | Uint8Array) => {
    said += text;
    return true;
  };
});

afterEach(() => {
  process.stdout.write = write;
  process.exitCode = 0;
  process.chdir(home);
  rmSync(folder, { recursive: true });
});

/** Stands behind the workers: every run is the sample, changed by its seed. */
function runner(change: (summary: RunSummary, seed: number) => RunSummary): RunJobs {
  return async (jobs) => {
    asked.push(...jobs);
    return jobs.map(({ scenario, seed, recordingPath }) => {
      const summary = { ...summaryOf(sampleRecording({ seed })), scenario: scenario.id };
      const kept = recordingPath === undefined ? {} : { recordingPath };
      return { summary: change(summary, Number(seed)), wallSeconds: 1, ...kept };
    });
  };
}

const missing = runner((summary) => summary);
const good = (summary: RunSummary): RunSummary => ({
  ...summary,
  objectives: summary.objectives.map((each) => ({ ...each, met: true })),
});

/** A recovery time of as many seconds as the seed says, to be judged over ten seeds. */
const sampled = (seed: number, changes: Partial<EnsembleSample> = {}): EnsembleSample => ({
  id: "matching-p90",
  kind: "rto",
  unit: "seconds",
  measured: seed,
  censored: false,
  limit: 9,
  over: { seeds: 10, percentile: 90 },
  ...changes,
});

const drill = (runJobs: RunJobs, options: Partial<DrillOptions>) =>
  drillCommand(runJobs, ["./drill.yaml"], { seeds: 1, ...options });

test("a drill ends by verdict, writes JUnit, and asks for the recordings of the first seeds", async () => {
  await drill(missing, { seeds: 7, junit: "reports/junit.xml" });
  expect(process.exitCode).toBe(1);
  expect(said).toMatch(/0 of 7 runs met all their objectives\n$/);
  expect(readFileSync("reports/junit.xml", "utf8")).toContain('name="./drill.yaml"');
  expect(asked.map(({ seed }) => seed)).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
  expect(asked.map(({ recordingPath }) => recordingPath)).toEqual([
    ...[1, 2, 3, 4, 5].map((seed) => `recordings/az-power-loss-${seed}.stormrec`),
    undefined,
    undefined,
  ]);
});

test("a drill that met everything ends with 0", async () => {
  await drill(runner(good), { json: true });
  expect(process.exitCode).toBe(0);
  expect(JSON.parse(said)).toMatchObject({
    runCount: 1,
    metCount: 1,
    ensembles: [{ seedCount: 1, allMet: { hits: 1, count: 1 } }],
    runs: [{ scenarioName: "./drill.yaml", verdict: "met", seed: "1" }],
  });
});

test("an objective over ten seeds is judged by ten, with its interval, and decides the exit code", async () => {
  const late = runner((summary, seed) => ({ ...good(summary), ensembleSamples: [sampled(seed)] }));
  await drill(late, { seeds: 10 });
  expect(process.exitCode).toBe(0);
  expect(said).toContain("met         matching-p90: p90 is 9.0 [7.0, -] against 9 seconds");
  expect(said).toContain("9 of 10 runs kept 9 seconds, and p90 needs 9");
  said = "";
  await drill(late, { seeds: 20, junit: "junit.xml" });
  expect(process.exitCode).toBe(1);
  expect(said).toContain("MISSED      matching-p90: p90 is 18.0");
  expect(said).toMatch(
    /20 of 20 runs met all their objectives; missed over all seeds: .\/drill.yaml matching-p90\n$/,
  );
  expect(readFileSync("junit.xml", "utf8")).toContain("matching-p90 (all seeds)");
});

test("with too few seeds it is not judged, and the way to judge it is told", async () => {
  const few = runner((summary, seed) => ({ ...good(summary), ensembleSamples: [sampled(seed)] }));
  await drill(few, { seeds: 3, junit: "junit.xml" });
  expect(process.exitCode).toBe(0);
  expect(said).toContain("not judged  matching-p90");
  expect(said).toContain("A - in brackets is an end that these seeds leave open");
  expect(said).toContain("It asks for 10 seeds and there were 3: give --seeds 10.");
  expect(readFileSync("junit.xml", "utf8")).toContain("not judged, needs 10 seeds");
});

test("runs that never recovered, or had no baseline, count against an objective over seeds", async () => {
  const open = runner((summary, seed) => ({
    ...good(summary),
    ensembleSamples: [
      sampled(seed, {
        ...(seed === 1 ? { censored: true } : {}),
        ...(seed === 2 ? { measured: null } : {}),
      }),
    ],
  }));
  await drill(open, { seeds: 10, json: true });
  expect(process.exitCode).toBe(1);
  const [judged] = JSON.parse(said).ensembles[0].ensembleObjectives;
  expect(judged).toMatchObject({ verdict: "missed", estimate: { atMost: null } });
  expect(judged.because).toContain("7 of 10 runs kept 9 seconds");
  expect(judged.because).toContain("1 could not be measured");
});

test("seeds end early once recovery times are known well enough, looked at every ten", async () => {
  const spread = (seconds: number) =>
    runner((summary, seed) => ({
      ...good(summary),
      functions: summary.functions.map((each) => ({ ...each, rtoSeconds: (seed % 10) * seconds })),
    }));
  await drill(spread(1), { seeds: 100, untilHalfWidth: 4 });
  expect(asked).toHaveLength(10);
  asked = [];
  await drill(spread(10), { seeds: 30, untilHalfWidth: 4 });
  expect(asked).toHaveLength(30);
});

test("a budget of requests bounds the seeds, and is a mistake when it allows none", async () => {
  await drill(runner(good), { seeds: 100, budget: 2_500_000, json: true });
  const [{ scenario }] = asked as [RunJob];
  const perSeed = scenario.durationSeconds * scenario.workload.ratePerSecond;
  expect(asked).toHaveLength(Math.floor(2_500_000 / perSeed));
  expect(JSON.parse(said).notes[0]).toContain("allows");
  await expect(drill(runner(good), { budget: 10 })).rejects.toMatchObject({
    code: "runs.budget",
  });
});

test("branching from one warm-up is the caller's choice, and every job carries it", async () => {
  await drill(runner(good), { seeds: 2, branch: true });
  expect(asked.map(({ warmUpSeed }) => warmUpSeed)).toEqual(["1", "1"]);
  const text = readFileSync("drill.yaml", "utf8");
  writeFileSync(
    "calm.yaml",
    `${text.slice(0, text.indexOf("faults:"))}faults: []\n${text.slice(text.indexOf("objectives:"))}`,
  );
  await expect(
    drillCommand(missing, ["./calm.yaml"], { seeds: 2, branch: true }),
  ).rejects.toMatchObject({ code: "drill.branch-without-fault" });
});

test("a broken invariant is a bug of ours: it is told with its replay, and the drill ends with 3", async () => {
  const broken = runner((summary) => ({
    ...good(summary),
    invariants: summary.invariants.map((each, at) =>
      at === 0 ? { ...each, violations: 2, firstViolation: "one order filled twice" } : each,
    ),
  }));
  await drill(broken, {});
  expect(process.exitCode).toBe(3);
  expect(said).toMatch(/INVARIANT BROKEN {2}.*broken 2 times: one order filled twice; replay: npx/);
  expect(said).toContain("checks of invariants, 2 violations");
  said = "";
  await drill(runner(good), { json: true });
  expect(process.exitCode).toBe(0);
  expect(JSON.parse(said).soundness).toMatchObject({
    violations: 0,
    booksEqualCount: 1,
    broken: [],
  });
});

test("every shipped scenario is drilled, whoever shipped it, and a shortened incident says by how much", async () => {
  process.chdir(home);
  await drillCommand(runner(good), [], { seeds: 1, all: true });
  const files = readdirSync("scenarios", { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".yaml") && !/^(topologies|claims)\//.test(name),
  );
  expect(files.length).toBeGreaterThanOrEqual(45);
  const drilled = asked.map(({ scenario }) => scenario.id);
  expect(drilled.toSorted()).toEqual(files.map((name) => basename(name, ".yaml")).toSorted());
  for (const id of drilled) expect(said, id).toMatch(new RegExp(`^${id} `, "m"));
  expect(said).toMatch(/^aws-2011-04-ebs-us-east-1 +1:30 /m);
  expect(said).toMatch(/^az-power-loss +1 +met/m);
  expect(said).toContain("thirty seconds of the incident are one of the run");
});

test("mistakes in several scenarios are told together", async () => {
  writeFileSync("bad.yaml", "id: bad\n");
  await expect(
    drillCommand(missing, ["./bad.yaml", "./none.yaml"], { seeds: 1 }),
  ).rejects.toMatchObject({ code: "drill.several-mistakes" });
});

test("a drill of nothing is a mistake, and so is a slip in any scenario before the first runs", async () => {
  const never: RunJobs = () => expect.unreachable();
  await expect(drillCommand(never, [], { seeds: 1 })).rejects.toMatchObject({
    code: "drill.nothing",
  });
  await expect(
    drillCommand(never, ["./drill.yaml", "./none.yaml"], { seeds: 1 }),
  ).rejects.toMatchObject({ code: "input.unreadable" });
});
