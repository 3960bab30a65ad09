/** Files written whole or not at all: a reader never sees half of one, even after Ctrl-C. */
import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { TwinError } from "../sim/errors/twin-error.ts";
import { onInterrupt } from "./interrupt.ts";

/** Writes beside the target and renames, so that the target is the old file or the new one. A device or pipe is written to as it is. */
export function writeOutput(path: string, data: Uint8Array | string): void {
  const partPath = `${path}.${process.pid}.part`;
  const discard = () => {
    if (existsSync(partPath)) rmSync(partPath);
  };
  const forget = onInterrupt(discard);
  try {
    if (isStream(path)) {
      writeFileSync(path, data);
      return;
    }
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(partPath, data);
    renameSync(partPath, path);
  } catch (cause) {
    discard();
    throw unwritable(path, cause);
  } finally {
    forget();
  }
}

/** Whether something that takes data as it comes is in the place: a file that was renamed to it would take that away from everyone. */
function isStream(path: string): boolean {
  const there = statSync(path, { throwIfNoEntry: false });
  return there !== undefined && !there.isFile() && !there.isDirectory();
}

/** What to tell where a file, or the standard output, does not take what is written. */
export function unwritable(at: string, cause: unknown): TwinError {
  return new TwinError(
    {
      code: "output.unwritable",
      problem: `The file cannot be written (${(cause as NodeJS.ErrnoException).code ?? cause})`,
      remedy: "Check the path, the rights and the space left",
      at,
    },
    { cause },
  );
}
