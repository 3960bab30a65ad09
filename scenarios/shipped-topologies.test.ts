import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { requireValid, validateTopologyText } from "./validate-text.ts";

const folder = "scenarios/topologies";
const files = readdirSync(folder).map((name) => `${folder}/${name}`);

test.each(files)("every call that %s declares for functions is made by one of them", (path) => {
  const topology = requireValid(validateTopologyText(readFileSync(path, "utf8"), path), path);
  for (const component of topology.components) {
    if (component.service !== "lambda") continue;
    const made = component.functions.flatMap(({ calls }) => (calls ?? []).map(({ name }) => name));
    const declared = topology.actorCalls.find((each) => each.component === component.id);
    expect(made.toSorted()).toEqual(Object.keys(declared?.calls ?? {}).toSorted());
  }
});
