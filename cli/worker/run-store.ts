/** Finished runs on disk, by the hash of what decides them. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join, posix } from "node:path";
import { inputText } from "../../sim/twin/ensemble/run-inputs.ts";
import { lastCalmUs } from "../../sim/twin/ensemble/warm-up.ts";
import { projectRoot } from "../project-root.ts";
import { printNote } from "../terminal.ts";
import { writeOutput } from "../write-output.ts";
import type { FinishedRun, RunJob } from "./run-job.ts";

/** Where runs are kept when nothing else is said, from the folder in which the command was given. */
export const defaultStoreFolder = ".stormbell/runs";

/** Changes when the form of an entry does. */
const form = 1;

/** What an entry holds; the checksum is of `text`, which is the run as JSON. */
interface Entry {
  readonly form: number;
  readonly key: string;
  readonly sha256: string;
  readonly text: string;
}

/** Hash of everything that decides a run: program, scenario, topology, seed, orders, warm-up. */
export function runKey(job: RunJob, program: string): string {
  const { scenario, topology, seed, orders, warmUpSeed, watched } = job;
  const atUs = warmUpSeed === undefined ? undefined : lastCalmUs([job]);
  const text = inputText({
    program,
    scenario,
    topology,
    seed,
    orderFileHash: orders?.contentHash,
    warmUp: warmUpSeed === undefined || atUs === undefined ? undefined : { seed: warmUpSeed, atUs },
  });
  // What is kept of a run that is watched is more than of one that is not.
  return sha256(watched ? `${text} watched` : text);
}

/** Where the thread that makes runs begins, in the compiled program. */
const runner = "cli/worker/run-worker.js";

/** A module that is imported by its place, when the program starts or later. */
const importedPath = /\b(?:from|import)\s*\(?\s*["'](\.[^"']+)["']/g;

/**
 * Hash of the compiled modules that make runs, from the thread that makes them on: two builds that differ in any of them never
 * share a run, whatever they call their version, because the digest of a run is a promise of one program only. What only
 * reports, judges claims or draws is none of them, so a run outlives a change of words. `folder` is that of the build.
 */
export function programFingerprint(folder: string = join(projectRoot(), "dist")): string {
  const hash = createHash("sha256");
  const paths = [runner];
  for (const path of paths) {
    const text = readFileSync(join(folder, path), "utf8");
    hash.update(path).update(text);
    for (const [, imported = ""] of text.matchAll(importedPath)) {
      const found = posix.join(posix.dirname(path), imported);
      if (!paths.includes(found)) paths.push(found);
    }
  }
  return hash.digest("hex");
}

/** Keeps a run, whole or not at all. */
export function keepRun(folder: string, key: string, run: FinishedRun): void {
  const text = JSON.stringify(run);
  const entry: Entry = { form, key, sha256: sha256(text), text };
  writeOutput(entryPath(folder, key), JSON.stringify(entry));
}

/** The run kept under a key. One that is damaged is told, removed, and as good as never made. */
export function keptRun(folder: string, key: string): FinishedRun | undefined {
  const path = entryPath(folder, key);
  if (!existsSync(path)) return undefined;
  const run = readEntry(path, key);
  if (run !== undefined) return run;
  printNote(`${path} is damaged; it is removed, and the run is made again`);
  rmSync(path, { force: true });
  return undefined;
}

function readEntry(path: string, key: string): FinishedRun | undefined {
  let entry: Partial<Entry> | null;
  try {
    entry = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    // What cannot be parsed is damage, which the caller tells; what cannot be read is the user's to mend.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const { text } = entry ?? {};
  const isSound =
    entry?.form === form &&
    entry.key === key &&
    text !== undefined &&
    entry.sha256 === sha256(text);
  return isSound ? JSON.parse(text) : undefined;
}

/** Two levels, so that no folder holds tens of thousands of files. */
function entryPath(folder: string, key: string): string {
  return join(folder, key.slice(0, 2), `${key}.json`);
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
