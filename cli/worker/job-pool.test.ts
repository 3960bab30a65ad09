import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createJobPool, Died } from "./job-pool.ts";

let folder: string;
let retried: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stormbell-pool-"));
  retried = [];
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** Threads whose handler has this body; `task` is its argument. */
function poolOf(body: string, threads: number) {
  const file = join(folder, "worker.mjs");
  const imports = [
    'import { existsSync, writeFileSync } from "node:fs";',
    'import { threadId } from "node:worker_threads";',
  ];
  writeFileSync(file, [...imports, `export async function handle(task) { ${body} }`].join("\n"));
  return createJobPool({ file, handler: "handle", threads });
}

async function run<Task>(body: string, tasks: readonly Task[], threads = 2) {
  const pool = poolOf(body, threads);
  try {
    return await pool.run<Task, unknown>(tasks, {
      done: () => {},
      retried: (task, reason) => retried.push(`${task}: ${reason}`),
    });
  } finally {
    await pool.close();
  }
}

test("results come in the order of the tasks, whichever finished first", async () => {
  const mark = join(folder, "others-done");
  const pool = poolOf(
    `while (task.waits && !existsSync(task.mark)) await new Promise((go) => setTimeout(go, 2));
    return task.name;`,
    2,
  );
  const done: number[] = [];
  try {
    const tasks = ["slow", "quick", "last"].map((name) => ({ name, mark, waits: name === "slow" }));
    const results = await pool.run(tasks, {
      done: (task) => {
        done.push(task);
        if (done.length === 2) writeFileSync(mark, "");
      },
      retried: () => {},
    });
    expect(results).toEqual(["slow", "quick", "last"]);
    expect(done).toEqual([1, 2, 0]);
  } finally {
    await pool.close();
  }
});

test("a task whose thread dies is tried once more, and the others never notice", async () => {
  const mark = join(folder, "died-once");
  const body = `
    if (task.dies && !existsSync(task.mark)) { writeFileSync(task.mark, ""); process.exit(7); }
    return task.name;`;
  const tasks = ["a", "b", "c", "d"].map((name) => ({ name, mark, dies: name === "b" }));
  const results = await run(body, tasks);
  expect(results).toEqual(["a", "b", "c", "d"]);
  expect(retried).toEqual([expect.stringMatching(/^1: .*7/)]);
});

test("a task that kills every thread is given up after the second, with the reason", async () => {
  const body = "if (task === 1) process.exit(9); return task;";
  const results = await run(body, [0, 1, 2, 3], 1);
  expect(results.map((each) => (each instanceof Died ? "died" : each))).toEqual([0, "died", 2, 3]);
  expect((results[1] as Died).reason).toContain("9");
  expect(retried).toHaveLength(1);
});

test("the next tasks find the threads of the last, with the code that these have compiled", async () => {
  const pool = poolOf("return threadId;", 1);
  const watch = { done: () => {}, retried: () => {} };
  try {
    const [first] = await pool.run([0], watch);
    const [next] = await pool.run([0], watch);
    expect(next).toBe(first);
  } finally {
    await pool.close();
  }
});
