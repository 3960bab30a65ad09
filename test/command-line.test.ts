/** The built command as a shell sees it: output, notes and exit codes. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { expect, test } from "vitest";

function stormbell(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["dist/cli/main.js", ...args], {
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  return { status, stdout, stderr };
}

test("--help lists the commands and the exit codes, and ends with 0", () => {
  const { status, stdout } = stormbell("--help");
  expect(status).toBe(0);
  expect(stdout).toContain("facts");
  expect(stdout).toContain("130/143 interrupted");
});

test("every command has help with an example", () => {
  const listed = stormbell("--help").stdout.split("Commands:")[1] ?? "";
  const names = [...listed.matchAll(/^ {2}([a-z]+)/gm)].map((match) => match[1] ?? "");
  expect(names).toContain("facts");
  for (const name of names.filter((each) => each !== "help")) {
    const { status, stdout } = stormbell(name, "--help");
    expect(status, name).toBe(0);
    expect(stdout, name).toContain(`stormbell ${name}`);
  }
});

test("no command, an unknown command and an unknown option are mistakes in usage", () => {
  for (const args of [[], ["factz"], ["facts", "--jsno"]]) {
    const { status, stdout, stderr } = stormbell(...args);
    expect(status, args.join(" ")).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).not.toBe("");
  }
  expect(stormbell("factz").stderr).toContain("Did you mean facts?");
});

test("facts prints a fact with its source to stdout and its notes to stderr", () => {
  const { status, stdout, stderr } = stormbell("facts", "alb.health-check.interval-s");
  expect(status).toBe(0);
  expect(stdout).toContain("alb.health-check.interval-s  30 s");
  expect(stdout).toContain("documented");
  expect(stderr).toBe("1 found; ? marks what was written down from memory\n");
});

test("facts --json is JSON and nothing else", () => {
  const { status, stdout, stderr } = stormbell("facts", "sqs.fifo.tps", "--json");
  expect(status).toBe(0);
  expect(stderr).toBe("");
  const found: readonly { key: string; value: unknown }[] = JSON.parse(stdout);
  expect(found.map((fact) => fact.key)).toEqual(["sqs.fifo.tps", "sqs.fifo.tps-batched"]);
  expect(found[0]?.value).toBe(300);
});

test("facts that are not found do not look like success", () => {
  expect(stormbell("facts", "no-such-word")).toMatchObject({ status: 1, stdout: "" });
  expect(JSON.parse(stormbell("facts", "no-such-word", "--json").stdout)).toEqual([]);
});

test("engine bench ends every round, and every run, in the same state", () => {
  const args = ["engine", "bench", "--commands", "2000", "--rounds", "2", "--json"] as const;
  const results = [stormbell(...args), stormbell(...args)].map(({ status, stdout }) => {
    expect(status).toBe(0);
    return JSON.parse(stdout);
  });
  expect(results[0]).toMatchObject({ commands: 2000, repeated: true });
  expect(results[0].trades).toBeGreaterThan(0);
  expect(results[1].stateHash).toBe(results[0].stateHash);
  expect(stormbell("engine", "bench", "--commands", "many").status).toBe(2);
});

test("Ctrl-C ends a command that keeps the thread busy at once", async () => {
  const args = ["dist/cli/main.js", "engine", "bench", "--rounds", "1000"];
  const bench = spawn(process.execPath, args, { stdio: "ignore" });
  setTimeout(() => bench.kill("SIGINT"), 1500);
  const startedMs = performance.now();
  expect(await once(bench, "exit")).toEqual([null, "SIGINT"]);
  expect(performance.now() - startedMs).toBeLessThan(10_000);
}, 30_000);

test.skipIf(!existsSync("/dev/full"))(
  "a full disk behind stdout is told, and is no verdict",
  () => {
    const full = openSync("/dev/full", "w");
    const { status, stderr } = spawnSync(process.execPath, ["dist/cli/main.js", "facts"], {
      encoding: "utf8",
      stdio: ["ignore", full, "pipe"],
    });
    closeSync(full);
    expect(status).toBe(2);
    expect(stderr).toContain("where: stdout");
  },
);
