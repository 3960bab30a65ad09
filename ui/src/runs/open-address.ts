/** Shows what a link names. */
import type { Address } from "../address.ts";
import { pause } from "../player.ts";
import * as state from "../state.ts";
import { loadDemonstration } from "./open-recording.ts";
import { breakSomething, compareDesign } from "./run-beside.ts";
import { runShipped } from "./run-scenario.ts";

/** Runs what a link names, with the branches it lists. */
export async function loadFromAddress(address: Address): Promise<void> {
  if (address.run === "file") {
    state.notify("The link shows a file that its sender had open. Open that file to follow it.");
    await loadDemonstration({ autoplay: false });
    return;
  }
  state.isIntroduced.value = true;
  const done = await runShipped(address.run, { seed: address.seed ?? "1" });
  pause();
  if (!done) {
    // What a cancelled run came to stays on screen.
    if (state.view.value === undefined) await loadDemonstration({ autoplay: false });
    return;
  }
  await repeatBranches(address);
}

/** Simulates the branches that a link lists, one after another. */
export async function repeatBranches(address: Address): Promise<void> {
  if (address.decisions === "") return;
  let decisions: readonly (readonly [string, state.Decision])[];
  try {
    decisions = JSON.parse(address.decisions);
    if (!Array.isArray(decisions)) throw new TypeError("not a list");
  } catch {
    state.notify("The link's d (its branches) could not be read.");
    return;
  }
  for (const [title, decision] of decisions) {
    if (decision.kind === "fault") await breakSomething(decision.fault, title);
    else if (decision.kind !== "file") await compareDesign(decision, title);
  }
}
