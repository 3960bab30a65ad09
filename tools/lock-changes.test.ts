import { expect, test } from "vitest";
import { lockChanges } from "./lock-changes.mjs";

const committed = {
  packages: {
    "": { name: "stormbell", dependencies: { zod: "4.0.0" } },
    "node_modules/zod": { version: "4.0.0", integrity: "sha512-a" },
  },
};

function after(changes: Readonly<Record<string, object>>) {
  return lockChanges(committed, { packages: { ...committed.packages, ...changes } });
}

test("a lock that is as it was committed has no changes, nor has one with builds for other platforms beside", () => {
  expect(after({})).toEqual([]);
  expect(
    after({ "node_modules/@tool/darwin": { version: "1.0.0", optional: true, os: ["darwin"] } }),
  ).toEqual([]);
});

test("another version, a package more, and one less are changes", () => {
  expect(after({ "node_modules/zod": { version: "4.0.1", integrity: "sha512-b" } })).toEqual([
    "changed: node_modules/zod",
  ]);
  expect(after({ "node_modules/left-pad": { version: "1.0.0" } })).toEqual([
    "added: node_modules/left-pad",
  ]);
  expect(after({ "node_modules/left-pad": { version: "1.0.0", optional: true } })).toEqual([
    "added: node_modules/left-pad",
  ]);
  expect(lockChanges(committed, { packages: { "": committed.packages[""] } })).toEqual([
    "removed: node_modules/zod",
  ]);
});
