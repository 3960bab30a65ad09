/** The built `stormbell fit` as a shell sees it. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "stormbell-fit-"));

function fit(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["dist/cli/main.js", "fit", ...args],
    {
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
    },
  );
  return { status, stdout, stderr };
}

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Exact values of lambda 100, sigma 0.02, kappa 0.0001. */
const usl = write(
  "usl.csv",
  `Concurrent users;Throughput (req/s)\n${[1, 2, 4, 8, 16, 32, 64, 128, 200]
    .map((n) => `${n};${(100 * n) / (1 + 0.02 * (n - 1) + 0.0001 * n * (n - 1))}`)
    .join("\n")}\n`,
);

test("--json prints exactly one document, and the same one again", () => {
  const first = fit("usl", usl, "--json");
  expect(first).toMatchObject({ status: 0, stderr: "" });
  const document = JSON.parse(first.stdout);
  expect(document.kind).toBe("usl");
  expect(document.estimates.sigma).toMatchObject({
    state: "identified",
    unit: "share",
    n: 9,
    period: null,
  });
  expect(document.estimates.sigma.value).toBeCloseTo(0.02, 6);
  expect(document.estimates.kappa.value).toBeCloseTo(0.0001, 8);
  expect(document.verdict.usableFor.length).toBeGreaterThan(0);
  expect(fit("usl", usl, "--json").stdout).toBe(first.stdout);
});

test("a person reads values, intervals, states and what it is usable for", () => {
  const { status, stdout } = fit("usl", usl);
  expect(status).toBe(0);
  for (const text of [
    "lambda",
    "0.02",
    "identified",
    "Usable for:",
    "Not usable for:",
    "Seen: load 1 to 200",
  ]) {
    expect(stdout).toContain(text);
  }
});

test("mistakes end with 2, print nothing to stdout, and say where and what to do", () => {
  const cases: readonly (readonly [args: readonly string[], code: string, where: string])[] = [
    [["usl", join(folder, "absent.csv")], "input.unreadable", "absent.csv"],
    [["usl", write("no-load.csv", "a,b\n1,2\n3,4\n")], "table.column-missing", "no-load.csv:1"],
    [
      ["usl", write("words.csv", "load,throughput\n1,10\n2,many\n3,30\n4,35\n")],
      "table.not-a-number",
      "words.csv:3",
    ],
    [
      ["usl", write("short.csv", "load,throughput\n1,10\n2,20\n")],
      "fit.usl-too-few-rows",
      "short.csv",
    ],
    [["usl", write("quote.csv", 'load,throughput\n1,"10\n2,20\n')], "table.damaged", "quote.csv"],
    [["arrivals", write("counts.txt", "1\n2\n3\n")], "fit.arrivals-period-missing", "counts.txt"],
    [["arrivals", write("word.txt", "1\n2\nthree\n4\n"), "--period", "1s"], "table", "word.txt"],
    [["cache", write("keys.csv", "time,key\n1,a\n2,b\n")], "fit.cache-sizes-missing", "--sizes"],
    [["demand", "--rt", `a=${usl}`], "fit.demand-options", "fit demand"],
    [
      ["drift", write("few.csv", "timestamp,value\n2026-03-01,1\n2026-03-02,2\n")],
      "fit.drift-too-short",
      "few.csv",
    ],
  ];
  for (const [args, code, where] of cases) {
    const { status, stdout, stderr } = fit(...args, "--json");
    expect(status, args.join(" ")).toBe(2);
    expect(stdout).toBe("");
    const { error } = JSON.parse(stderr);
    expect(error.code, args.join(" ")).toContain(code);
    expect(error.at).toContain(where);
    expect(error.remedy).not.toBe("");
  }
});

test("options out of range are mistakes in usage", () => {
  for (const args of [
    ["arrivals", usl, "--holdout", "2"],
    ["cache", usl, "--sizes", "big"],
    ["cache", usl, "--sizes", "1MiB", "--policy", "random"],
    ["demand", "--rt", "nofile", "--util", usl],
    ["nosuchkind", usl],
  ]) {
    expect(fit(...args), args.join(" ")).toMatchObject({ status: 2, stdout: "" });
  }
});
