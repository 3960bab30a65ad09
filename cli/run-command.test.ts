import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { sampleScenarioText, sampleTopologyText } from "../scenarios/sample-texts.ts";
import { decodeRecording } from "../sim/twin/recording/recording-file.ts";
import { sampleRecording } from "../sim/twin/recording/sample-recording.ts";
import { runCommand } from "./run-command.ts";
import { progressLine, type RunScenario, runOne, writeRecording } from "./run-one.ts";
import { validateCommand } from "./validate-command.ts";

const home = process.cwd();
const write = process.stdout.write;
let folder: string;
let said: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stormbell-"));
  process.chdir(folder);
  writeFileSync("small.yaml", sampleTopologyText);
  writeFileSync(
    "drill.yaml",
    sampleScenarioText.replace("topology: small", "topology: small.yaml"),
  );
  said = "";
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

/** Stands behind the twin's door: a run whose digest is its seed. */
const runScenario: RunScenario = ({ scenario, topology, seed, onProgress }) => {
  onProgress?.(0.5);
  return sampleRecording({ scenario, topology, seed, digest: seed.padStart(16, "0") });
};

test("a run reports, keeps its recording and ends with 0 though an objective was missed", () => {
  runCommand(runScenario, "./drill.yaml", { seed: "7" });
  expect(process.exitCode).toBe(0);
  expect(said).toContain("recording recordings/az-power-loss-7.stormrec");
  expect(said).toContain("MISSED  matching-rto");
  const file = gunzipSync(readFileSync("recordings/az-power-loss-7.stormrec"));
  expect(decodeRecording(file).head.seed).toBe("7");
});

test("nothing is left beside the recording", () => {
  runCommand(runScenario, "./drill.yaml", { out: "mine.stormrec" });
  expect(readdirSync(".").sort()).toEqual(["drill.yaml", "mine.stormrec", "small.yaml"]);
});

test("a recording that repeats says so, and one that does not ends with 3", () => {
  runCommand(runScenario, "./drill.yaml", { out: "mine.stormrec" });
  said = "";
  runCommand(runScenario, "mine.stormrec", {});
  expect(said).toBe("equal: az-power-loss, seed 1 gave digest 0000000000000001 again\n");
  expect(process.exitCode).toBe(0);

  const moody: RunScenario = (options) => runScenario({ ...options, seed: "9" });
  runCommand(moody, "mine.stormrec", {});
  expect(said).toContain("DIFFERENT: recorded 0000000000000001, repeated 0000000000000009");
  expect(process.exitCode).toBe(3);
});

test("a difference between versions is expected and no bug", () => {
  writeRecording("old.stormrec", sampleRecording({ programVersion: "0.0.1", seed: "1" }));
  runCommand(runScenario, "old.stormrec", {});
  expect(said).toContain("made by version 0.0.1");
  expect(process.exitCode).toBe(1);
});

test("a repeated recording takes no other seed or duration, and needs its orders", () => {
  const orderFile = { name: "orders.csv", contentHash: "0123456789abcdef", commandCount: 9 };
  writeRecording("orders.stormrec", sampleRecording({ orderFile }));
  expect(codeOf(() => runCommand(runScenario, "orders.stormrec", { seed: "2" }))).toBe(
    "run.recording-changed",
  );
  expect(codeOf(() => runCommand(runScenario, "orders.stormrec", {}))).toBe("run.orders-needed");
  writeFileSync("orders.csv", "34200.1,1,1,10,5853300,1\n");
  expect(codeOf(() => runCommand(runScenario, "orders.stormrec", { orders: "orders.csv" }))).toBe(
    "run.orders-differ",
  );
});

test("a damaged recording is refused with a reason", () => {
  writeRecording("mine.stormrec", sampleRecording());
  const bytes = readFileSync("mine.stormrec");
  writeFileSync("mine.stormrec", bytes.subarray(0, bytes.length - 9));
  expect(codeOf(() => runCommand(runScenario, "mine.stormrec", {}))).toBe("input.gzip-damaged");
  writeFileSync("mine.stormrec", "not a recording");
  expect(codeOf(() => runCommand(runScenario, "mine.stormrec", {}))).toBe("recording.foreign");
});

test("a duration of one's own is checked like the scenario's", () => {
  runCommand(runScenario, "./drill.yaml", { duration: "900", json: true });
  expect(JSON.parse(said).verdict).toBe("missed");
  expect(codeOf(() => runCommand(runScenario, "./drill.yaml", { duration: "600" }))).toBe(
    "scenario.fault-outside-run",
  );
  expect(codeOf(() => runCommand(runScenario, "./drill.yaml", { duration: "soon" }))).toBe(
    "run.duration",
  );
});

test("orders of a file reach the run", () => {
  writeFileSync("orders.csv", "34200.1,1,1,10,5853300,1\n34200.2,4,1,4,5853300,1\n");
  let commandCount = 0;
  const listening: RunScenario = (options) => {
    commandCount = options.orderFlow?.commandCount ?? 0;
    return runScenario(options);
  };
  runCommand(listening, "./drill.yaml", { orders: "orders.csv" });
  expect(commandCount).toBe(2);
});

test("a violated invariant makes a run unsound", () => {
  const broken: RunScenario = (options) => {
    const recording = runScenario(options)!;
    const invariants = [{ name: "one buyer", checks: 1, violations: 1 }];
    return {
      ...recording,
      head: { ...recording.head, results: { ...recording.head.results, invariants } },
    };
  };
  runCommand(broken, "./drill.yaml", {});
  expect(process.exitCode).toBe(3);
});

test("validate tells mistakes by line and ends with 2", () => {
  copyFileSync(join(home, "scenarios/az-power-loss.yaml"), "sound.yaml");
  writeFileSync(
    "bad.yaml",
    readFileSync("drill.yaml", "utf8").replace("symbolSkew: 1", "symbolSkew: -1"),
  );
  writeFileSync("orders.csv", "34200.1,1,1,10,5853300,1\n34200.2,9,1,4,5853300,1\n34200.3,1");
  writeRecording("mine.stormrec", sampleRecording());
  validateCommand(["bad.yaml", "sound.yaml", "small.yaml", "orders.csv", "mine.stormrec"], {});
  expect(process.exitCode).toBe(2);
  expect(said.split("\n").map((line) => line.slice(0, 40))).toEqual([
    'bad.yaml:15:15 "symbolSkew" is -1 — Writ',
    "sound.yaml valid (scenario)",
    "small.yaml valid (topology)",
    'orders.csv:2:1 "9" is no message type — ',
    'orders.csv:3:1 "34200.3,1" has 2 columns',
    "mine.stormrec valid (recording)",
    "5 files checked, 3 mistakes in 2",
    "",
  ]);
});

test("validate reads every form of order file and names each broken line", () => {
  writeFileSync("flow.csv", "N,1,0,100,5,0\nC,1\nC,x\nN,2,0\n");
  writeFileSync("commands.json", '{ "config": {}, "ops": [{ "op": "now" }] }');
  writeFileSync("words.txt", "once upon a time");
  validateCommand(["flow.csv", "commands.json", "words.txt"], {});
  expect(said.match(/^flow\.csv:\d+/gm)).toEqual(["flow.csv:3", "flow.csv:4"]);
  expect(said).toMatch(/^commands\.json:1:1 .*now/m);
  expect(said).toMatch(/^words\.txt:1:1 The file is in no form/m);
  expect(process.exitCode).toBe(2);
});

test("validate --json has every mistake with its place", () => {
  copyFileSync(join(home, "scenarios/az-power-loss.yaml"), "sound.yaml");
  validateCommand(["sound.yaml", "none.yaml"], { json: true });
  expect(JSON.parse(said)).toMatchObject({
    valid: false,
    mistakeCount: 1,
    files: [
      { kind: "scenario", mistakes: [] },
      { kind: "unreadable", mistakes: [{ code: "input.unreadable" }] },
    ],
  });
});

test("progress shows how far a run is and how long it may still take", () => {
  expect(progressLine("az, seed 1", 0.25, 10)).toBe(
    "az, seed 1 [######------------------] 25%, about 30 s left",
  );
  const shown: string[] = [];
  const { head } = sampleRecording();
  const progress = {
    show: (text: string) => void shown.push(text),
    end: () => void shown.push("end"),
  };
  runOne(runScenario, { scenario: head.scenario, topology: head.topology, seed: "1" }, progress);
  expect(shown.at(-1)).toBe("end");
});

function codeOf(work: () => void): string {
  try {
    work();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return "no error";
}
