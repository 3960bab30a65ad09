/** The page's end of the worker: one worker, started anew when it died. */
import * as Comlink from "comlink";
import type { SimulationApi } from "./messages.ts";

let worker: Worker | undefined;
let remote: SimulationApi | undefined;
const deathListeners = new Set<(message: string) => void>();
/** Of what was asked and not answered yet. */
const waiting = new Set<(ended: WorkerEnded) => void>();

/** What was asked of a worker that ended before it had answered. */
export class WorkerEnded extends Error {}

/** Asks the worker; rejects when it ends before it has answered. */
export function ask<Answer>(question: (worker: SimulationApi) => Promise<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    waiting.add(reject);
    question(simulation())
      .then(resolve, reject)
      .finally(() => waiting.delete(reject));
  });
}

function simulation(): SimulationApi {
  if (remote !== undefined) return remote;
  worker = new Worker(new URL("./simulation-worker.ts", import.meta.url), { type: "module" });
  worker.addEventListener("error", (event) => die(event.message || "the worker ended"));
  worker.addEventListener("messageerror", () => die("a message could not be read"));
  // Everything that it does answers with a promise, here as there.
  remote = Comlink.wrap<SimulationApi>(worker) as unknown as SimulationApi;
  return remote;
}

export function onWorkerDeath(listener: (message: string) => void): void {
  deathListeners.add(listener);
}

/** Ends the worker as a crash would; the next question starts another. */
export function die(message: string): void {
  worker?.terminate();
  worker = undefined;
  remote = undefined;
  for (const listener of deathListeners) listener(message);
  const unanswered = [...waiting];
  waiting.clear();
  for (const reject of unanswered) reject(new WorkerEnded(message));
}
