/** Ctrl-C and termination: leave nothing half-written, and tell the shell with the code it expects. */
import { exitCode } from "./exit-code.ts";
import { printNote } from "./terminal.ts";

const cleanups = new Set<() => void>();

/**
 * Runs `cleanup`, which must be synchronous, if the program is interrupted before the returned function is called.
 * Signals are listened to only while there is something to clean up: work that keeps the thread busy would hear them
 * at its end, and the system's own way of ending the process is quicker.
 */
export function onInterrupt(cleanup: () => void): () => void {
  if (cleanups.size === 0) listen();
  cleanups.add(cleanup);
  return () => {
    cleanups.delete(cleanup);
    // A signal that came meanwhile is heard first: signals come before immediates.
    setImmediate(stopListening);
  };
}

function listen(): void {
  stopListening();
  process.once("SIGINT", interrupted);
  process.once("SIGTERM", terminated);
}

function stopListening(): void {
  if (cleanups.size > 0) return;
  process.off("SIGINT", interrupted);
  process.off("SIGTERM", terminated);
}

function interrupted(): void {
  stop("interrupted", exitCode.interrupted);
}

function terminated(): void {
  stop("terminated", exitCode.terminated);
}

function stop(word: string, code: number): void {
  for (const cleanup of cleanups) cleanup();
  printNote(`\n${word}`);
  process.exit(code);
}
