/** Ctrl-C and termination: leave nothing half-written, and tell the shell with the code it expects. */
import { exitCode } from "./exit-code.ts";
import { printNote } from "./terminal.ts";

const cleanups = new Set<() => void>();

/** Runs `cleanup`, which must be synchronous, if the program is interrupted before the returned function is called. */
export function onInterrupt(cleanup: () => void): () => void {
  cleanups.add(cleanup);
  return () => cleanups.delete(cleanup);
}

export function watchSignals(): void {
  process.once("SIGINT", () => stop("interrupted", exitCode.interrupted));
  process.once("SIGTERM", () => stop("terminated", exitCode.terminated));
}

function stop(word: string, code: number): void {
  for (const cleanup of cleanups) cleanup();
  printNote(`\n${word}`);
  process.exit(code);
}
