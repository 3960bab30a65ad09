/** `calibrate` and its quality report on exports that came out wrong: a clear refusal, and nothing written. */
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { damages } from "./damage.ts";
import { goodInputs } from "./good-inputs.ts";
import { runCommand } from "./run-command.ts";

const folder = mkdtempSync(join(tmpdir(), "stormbell-damaged-exports-"));
const out = join(folder, "calibrated");

/** One input of each text: several commands share an export. */
const exports = goodInputs.filter(
  ({ command, text }, at) =>
    (command[0] === "calibrate" || command.includes("drift") || command.includes("arrivals")) &&
    goodInputs.findIndex((each) => each.text === text) === at,
);

test("there are exports of several forms to damage", () => {
  expect(exports.length).toBeGreaterThan(4);
});

test.each(exports)(
  "$name: the quality report refuses what calibrate refuses, with place and remedy",
  async (input) => {
    const found: string[] = [];
    for (const damage of damages) {
      const bytes = damage.apply(input);
      if (bytes === undefined) continue;
      const file = join(folder, `${input.name}.${input.extension}`);
      writeFileSync(file, bytes);
      const quality = await runCommand(["calibrate", "quality", file]);
      if (quality.exitCode === 0) {
        if (damage.outcome === "refused" && !input.exempt?.includes(damage.name))
          found.push(`${damage.name}: was accepted`);
        const { series } = JSON.parse(quality.stdout) as { series: readonly unknown[] };
        if (series.length === 0) found.push(`${damage.name}: a report on nothing`);
        continue;
      }
      found.push(...complaints(quality).map((each) => `${damage.name}, quality: ${each}`));
      const calibrated = await runCommand([
        "calibrate",
        "current",
        "--metrics",
        file,
        "--out",
        out,
      ]);
      found.push(...complaints(calibrated).map((each) => `${damage.name}, calibrate: ${each}`));
      if (existsSync(out)) found.push(`${damage.name}: something was written`);
    }
    expect(found).toEqual([]);
  },
  120_000,
);

test("sound metrics beside one damaged file are not calibrated by half", async () => {
  const sound = join(folder, "sound.json");
  writeFileSync(sound, goodInputs.find(({ name }) => name === "calibrate")?.text ?? "");
  const cut = join(folder, "cut.json");
  writeFileSync(
    cut,
    (goodInputs.find(({ name }) => name === "calibrate")?.text ?? "").slice(0, -40),
  );
  const outcome = await runCommand(["calibrate", "current", "--metrics", sound, cut, "--out", out]);
  expect(complaints(outcome)).toEqual([]);
  expect(outcome.stderr).toContain("cut.json");
  expect(existsSync(out)).toBe(false);
});

function complaints({ exitCode, stdout, stderr }: Awaited<ReturnType<typeof runCommand>>) {
  if (exitCode !== 2) return [`ended with ${exitCode}: ${stderr}`];
  const { error } = JSON.parse(stderr) as { error: Record<"at" | "remedy", string> };
  return [
    ...(stdout === "" ? [] : ["printed a part of an answer"]),
    ...(error.at?.includes(folder) ? [] : ["names no place"]),
    ...(error.remedy ? [] : ["has no remedy"]),
  ];
}
