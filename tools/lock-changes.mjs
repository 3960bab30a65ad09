/**
 * Whether an installation changed the lock file in what it pins. Builds of a package for other platforms are optional, and a
 * registry that learns of one of them makes npm add it to the lock: that pins nothing that this platform uses. Anything else that
 * changed is told, with exit code 1, and the lock is then the one that npm wrote; otherwise it is put back as it was committed.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const file = "package-lock.json";

/** @typedef {{ readonly optional?: boolean, readonly os?: readonly string[], readonly cpu?: readonly string[], readonly version?: string, readonly name?: string }} Locked */
/** @typedef {{ readonly packages: Readonly<Record<string, Locked | undefined>> }} Lock */

/**
 * What differs between two locks, but for builds for some platforms only that the second has beside.
 *
 * @param {Lock} before
 * @param {Lock} after
 */
export function lockChanges(before, after) {
  const changes = [];
  const places = new Set([...Object.keys(before.packages), ...Object.keys(after.packages)]);
  for (const place of [...places].toSorted()) {
    const [was, is] = [before.packages[place], after.packages[place]];
    if (was === undefined && is !== undefined && isForSomePlatforms(is)) continue;
    if (JSON.stringify(was) === JSON.stringify(is)) continue;
    const what = was === undefined ? "added" : is === undefined ? "removed" : "changed";
    changes.push(`${what}: ${place === "" ? "the project itself" : place}`);
  }
  return changes;
}

/** @param {Locked} locked */
function isForSomePlatforms({ optional, os, cpu }) {
  return optional === true && (os ?? cpu) !== undefined;
}

function main() {
  const before = execFileSync("git", ["show", `HEAD:${file}`], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  const changes = lockChanges(JSON.parse(before), JSON.parse(readFileSync(file, "utf8")));
  for (const change of changes) console.error(`${file}: ${change}`);
  if (changes.length > 0) process.exitCode = 1;
  else execFileSync("git", ["checkout", "--quiet", "HEAD", "--", file]);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main();
