import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { writeOutput } from "./write-output.ts";

const folder = mkdtempSync(join(tmpdir(), "stormbell-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a file is written whole, into folders that are made for it, and nothing is left beside it", () => {
  const path = join(folder, "deep", "er", "file.txt");
  writeOutput(path, "old");
  writeOutput(path, "new");
  expect(readFileSync(path, "utf8")).toBe("new");
  expect(readdirSync(join(folder, "deep", "er"))).toEqual(["file.txt"]);
});

test("what cannot be written is a mistake, and leaves nothing behind", () => {
  const blocked = join(folder, "blocked");
  writeFileSync(blocked, "a file where a folder is needed");
  expect(() => writeOutput(join(blocked, "file.txt"), "x")).toThrow(
    expect.objectContaining({ code: "output.unwritable" }),
  );
});

test.skipIf(!existsSync("/dev/full"))("a device is written to and stays what it is", () => {
  expect(() => writeOutput("/dev/full", "x")).toThrow(
    expect.objectContaining({ code: "output.unwritable" }),
  );
  writeOutput("/dev/null", "x");
  expect(["/dev/full", "/dev/null"].every((path) => statSync(path).isCharacterDevice())).toBe(true);
});
