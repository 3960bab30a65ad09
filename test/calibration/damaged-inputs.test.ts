/** Every kind of fit and every importer against files that came out wrong, through the commands that a user runs. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Estimate } from "../../calibration/estimate.ts";
import { type Damage, damages } from "./damage.ts";
import { companions, type GoodInput, goodInputs } from "./good-inputs.ts";
import { type Outcome, runCommand } from "./run-command.ts";

const folder = mkdtempSync(join(tmpdir(), "stormbell-damaged-"));
const beside = Object.fromEntries(
  Object.entries(companions).map(([name, text]) => {
    const path = join(folder, `${name}.csv`);
    writeFileSync(path, text);
    return [name, path];
  }),
);

/** The command of an input on a file, with its companions beside it. */
function run(command: readonly string[], file: string): Promise<Outcome> {
  return runCommand(
    command.map((word) =>
      word.endsWith("=RESPONSES")
        ? `place=${beside["RESPONSES"]}`
        : (beside[word] ?? word).replace("FILE", file),
    ),
  );
}

function fileOf({ name, extension }: GoodInput, bytes: string | Uint8Array): string {
  const path = join(folder, `${name}.${extension}`);
  writeFileSync(path, bytes);
  return path;
}

/** Complaints about an outcome; none when it is as it must be. */
function complaints(outcome: Outcome, damage: Damage, sound: string): readonly string[] {
  if (outcome.exitCode === 2) return refusalComplaints(outcome, damage);
  if (outcome.exitCode !== 0) return [`ended with ${outcome.exitCode}: ${outcome.stderr}`];
  if (damage.outcome === "refused") return ["was accepted"];
  if (damage.outcome === "same" && outcome.stdout !== sound) return ["gave another answer"];
  const { estimates = {} } = JSON.parse(outcome.stdout) as { estimates?: Record<string, Estimate> };
  return Object.entries(estimates).flatMap(([name, { state, value, interval, settledBy }]) => {
    const isHollow = value === null || interval === null || interval.includes(null);
    if (state === "identified" && isHollow) return [`${name} is identified without its numbers`];
    return state === "identified" || settledBy ? [] : [`${name} does not say what would settle it`];
  });
}

function refusalComplaints({ stdout, stderr }: Outcome, damage: Damage): readonly string[] {
  const { error } = JSON.parse(stderr) as {
    error: Record<"code" | "problem" | "remedy" | "at", string>;
  };
  return [
    ...(damage.outcome === "same" ? [`was refused: ${error.problem}`] : []),
    ...(stdout === "" ? [] : ["printed a part of an answer"]),
    ...(error.at?.includes(folder) || error.at?.startsWith("--")
      ? []
      : [`${error.code} names no place`]),
    ...(error.remedy ? [] : [`${error.code} has no remedy`]),
  ];
}

/**
 * A thousand pairs of input and damage take some two minutes, so each input meets every sixth kind of damage, and inputs beside
 * each other meet others; `STORMBELL_DAMAGES=all` tries every pair.
 */
const stride = process.env["STORMBELL_DAMAGES"] === "all" ? 1 : 6;

/** A calibration takes a run of the twin, and `quality` answers without estimates: both are tried in damaged-exports.test.ts. */
const elsewhere = ["calibrate", "quality"];

const inputs = goodInputs.filter(({ name }) => !elsewhere.includes(name));

describe.each(inputs)("$name", (input) => {
  test("is read, and damaged in any way either refused with place and remedy or answered with care", async () => {
    const sound = await run(input.command, fileOf(input, input.text));
    expect(sound.stderr).toBe("");
    expect(complaints(sound, { name: "none", apply: () => "", outcome: "either" }, "")).toEqual([]);
    const found: string[] = [];
    for (const damage of damages.filter((_, at) => (at + inputs.indexOf(input)) % stride === 0)) {
      const bytes = damage.apply(input);
      if (bytes === undefined) continue;
      const outcome = await run(input.command, fileOf(input, bytes));
      const exempt = {
        ...damage,
        outcome: input.exempt?.includes(damage.name) ? "either" : damage.outcome,
      } as const;
      found.push(
        ...complaints(outcome, exempt, sound.stdout).map((each) => `${damage.name}: ${each}`),
      );
    }
    expect(found).toEqual([]);
  }, 120_000);
});
