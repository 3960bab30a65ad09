/** The page's end of the worker: one worker, started anew when it died. */
import * as Comlink from "comlink";
import type { SimulationApi } from "./messages.ts";

let worker: Worker | undefined;
let remote: Comlink.Remote<SimulationApi> | undefined;
const deathListeners = new Set<(message: string) => void>();

export function simulation(): Comlink.Remote<SimulationApi> {
  if (remote !== undefined) return remote;
  worker = new Worker(new URL("./simulation-worker.ts", import.meta.url), { type: "module" });
  worker.addEventListener("error", (event) => die(event.message || "the worker ended"));
  worker.addEventListener("messageerror", () => die("a message could not be read"));
  remote = Comlink.wrap<SimulationApi>(worker);
  return remote;
}

export function onWorkerDeath(listener: (message: string) => void): void {
  deathListeners.add(listener);
}

/** Ends the worker as a crash would; the next call starts another. */
export function die(message: string): void {
  worker?.terminate();
  worker = undefined;
  remote = undefined;
  for (const listener of deathListeners) listener(message);
}
