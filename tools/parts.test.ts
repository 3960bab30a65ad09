import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { closingLine, reportPath, runParts } from "./parts.mjs";

const folder = mkdtempSync(join(tmpdir(), "stormbell-"));
const name = `parts-test-${process.pid}`;
afterAll(() => {
  rmSync(folder, { recursive: true });
  rmSync(reportPath(name), { force: true });
});

/** A part that runs this script with the path of its report as `path`. */
function part(script: string) {
  const file = join(folder, "part.mjs");
  const head = `import { mkdirSync, writeFileSync } from "node:fs";\nmkdirSync("reports", { recursive: true });\n`;
  writeFileSync(file, `${head}const path = ${JSON.stringify(reportPath(name))};\n${script}`);
  return { name, command: process.execPath, args: [file] };
}

const write = (counts: string) => `writeFileSync(path, '${counts}');`;

test("a part is counted by its report", () => {
  const counts = write('{"passed":3,"failed":1,"skipped":2}');
  expect(runParts([part(`${counts} process.exitCode = 1;`)])).toEqual({
    passed: 3,
    failed: 1,
    skipped: 2,
  });
});

test.each([
  ["that leaves no report", ""],
  ["that leaves a broken report", write("{")],
  ["that counted nothing", write('{"passed":0,"failed":0,"skipped":4}')],
])("a part %s has failed, though it ended well", (_, script) => {
  expect(runParts([part(script)])).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test("a part that cannot be started has failed", () => {
  const absent = { name, command: join(folder, "absent"), args: [] };
  expect(runParts([absent])).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test("a part that ends badly has failed, whatever its report says", () => {
  const script = `${write('{"passed":5,"failed":0,"skipped":0}')} process.exitCode = 1;`;
  expect(runParts([part(script)])).toEqual({ passed: 5, failed: 1, skipped: 0 });
});

test("a report of an earlier round does not count", () => {
  runParts([part(write('{"passed":5,"failed":0,"skipped":0}'))]);
  expect(runParts([part("")])).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test("the closing line names the skipped only when there are some", () => {
  expect(closingLine({ passed: 7, failed: 0, skipped: 0 })).toBe("7 passed, 0 failed");
  expect(closingLine({ passed: 7, failed: 1, skipped: 2 })).toBe("7 passed, 1 failed, 2 skipped");
});
