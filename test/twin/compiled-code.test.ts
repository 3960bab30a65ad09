/**
 * What keeps compiled code from one run to the next: V8 drops it with the last object of a shape that it was compiled for.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { loadScenario } from "../../cli/scenario-files.ts";
import { Simulation } from "../../sim/twin/simulation.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** A platform that nobody but the program itself holds on to. */
function assembled(): WeakRef<Simulation> {
  const { scenario, topology } = loadScenario("az-power-loss");
  return new WeakRef(new Simulation({ scenario, topology, seed: "1" }));
}

/** Whether it is still there. What a turn of the event loop has looked at stays until that turn is over. */
async function isThere(run: WeakRef<Simulation>): Promise<boolean> {
  await new Promise((go) => setTimeout(go, 0));
  collectGarbage();
  return run.deref() !== undefined;
}

test("a platform stays until the next one stands, and no longer", async () => {
  const first = assembled();
  expect(await isThere(first)).toBe(true);
  const second = assembled();
  expect([await isThere(first), await isThere(second)]).toEqual([false, true]);
});
