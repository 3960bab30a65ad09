import { CommanderError } from "commander";
import { expect, test } from "vitest";
import { MistakeList, TwinError } from "../sim/errors/twin-error.ts";
import { tellError } from "./tell-error.ts";

const mistake = {
  code: "scenario.az-unknown",
  problem: 'AZ "d" is not declared',
  remedy: "Use one of a, b, c",
  at: "drill.yaml:7:3",
};

test("a mistake is told with its place and remedy, and ends with 2", () => {
  const { lines, exitCode } = tellError(new TwinError(mistake), false);
  expect(exitCode).toBe(2);
  expect(lines).toEqual([
    'error: AZ "d" is not declared',
    "  where: drill.yaml:7:3",
    "  do:    Use one of a, b, c",
    "  code:  scenario.az-unknown",
  ]);
});

test("many mistakes are all told, and the JSON form holds every one", () => {
  const list = new MistakeList();
  for (let line = 1; line <= 150; line += 1) list.add({ ...mistake, at: `drill.yaml:${line}` });
  const error = thrownBy(() => list.throwIfAny("drill.yaml"));

  const text = tellError(error, false).lines.join("\n");
  expect(text).toContain("drill.yaml has 150 mistakes");
  expect(text).toContain("where: drill.yaml:100\n");
  expect(text).not.toContain("drill.yaml:101");
  expect(text).toContain("and 50 more");

  const [line = ""] = tellError(error, true).lines;
  expect(JSON.parse(line).error.mistakes).toHaveLength(150);
});

test("of rows that are wrong for one reason the first five are told", () => {
  const list = new MistakeList();
  for (let line = 2; line <= 4000; line += 1)
    list.add({ ...mistake, code: "table.not-a-time", at: `a.csv:${line}` });
  const text = tellError(
    thrownBy(() => list.throwIfAny("a.csv")),
    false,
  ).lines.join("\n");
  expect(text).toContain("where: a.csv:6\n");
  expect(text).not.toContain("a.csv:7");
  expect(text).toContain("and 3994 more");
});

test("a bug ends with 3 and shows where it happened", () => {
  const { lines, exitCode } = tellError(new Error("index 7 of 5"), false);
  expect(exitCode).toBe(3);
  expect(lines[0]).toBe("error: index 7 of 5");
  expect(lines.at(-1)).toContain("tell-error.test.ts");
  expect(tellError("thrown text", true).exitCode).toBe(3);
});

test("an error of the kernel keeps its own words", () => {
  const error = Object.assign(new Error("late"), {
    code: "kernel.time",
    problem: "late",
    remedy: "Schedule later",
  });
  expect(tellError(error, false).lines).toContain("  do:    Schedule later");
  expect(tellError(error, false).exitCode).toBe(3);
});

test("what the command line has printed itself is not printed again", () => {
  const help = new CommanderError(0, "commander.helpDisplayed", "");
  const usage = new CommanderError(1, "commander.unknownOption", "");
  expect(tellError(help, false)).toEqual({ lines: [], exitCode: 0 });
  expect(tellError(usage, false)).toEqual({ lines: [], exitCode: 2 });
});

function thrownBy(act: () => void): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}
