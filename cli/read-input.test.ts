import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { readTextInput } from "./read-input.ts";

const folder = mkdtempSync(join(tmpdir(), "stormbell-"));
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, bytes: Uint8Array | string): string {
  const path = join(folder, name);
  writeFileSync(path, bytes);
  return path;
}

test("a file is unpacked by what it holds, not by its name", () => {
  expect(readTextInput(fileOf("plain.gz", "N,1\n"))).toBe("N,1\n");
  expect(readTextInput(fileOf("packed.csv", gzipSync("N,1\n")))).toBe("N,1\n");
  expect(readTextInput(fileOf("marked.csv", "\uFEFFN,1\n"))).toBe("N,1\n");
});

test.each([
  ["cut.gz", gzipSync("a long line of orders\n".repeat(100)).subarray(0, 40), "input.gzip-damaged"],
  ["noise.csv", Uint8Array.of(0xff, 0xfe, 0x80), "input.not-text"],
])("%s is refused with a reason", (name, bytes, code) => {
  expect(() => readTextInput(fileOf(name, bytes))).toThrow(expect.objectContaining({ code }));
});

test("a path that leads nowhere, or to a folder, is refused with a reason", () => {
  expect(() => readTextInput(join(folder, "absent"))).toThrow("does not exist");
  expect(() => readTextInput(folder)).toThrow("is a folder");
});
