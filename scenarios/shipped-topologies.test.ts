import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { expect, test } from "vitest";
import { topologyLoading } from "./load-topology.ts";

const folder = "scenarios/topologies";
const ids = readdirSync(folder).map((name) => basename(name, ".yaml"));
const load = topologyLoading("a test", (id) => {
  const fileName = `${folder}/${id}.yaml`;
  return { text: readFileSync(fileName, "utf8"), fileName };
});

test.each(ids)("the file of %s is named after it", (id) => {
  expect(load(id).id).toBe(id);
});

test.each(ids)("every call that %s declares for functions is made by one of them", (id) => {
  const topology = load(id);
  for (const component of topology.components) {
    if (component.service !== "lambda") continue;
    const queues = topology.components.filter(({ service }) => service === "sqs-fifo");
    const made = component.functions.flatMap(({ id: own, source, calls = [] }) => [
      ...calls.map(({ name }) => name),
      // A function behind a queue receives and deletes messages itself.
      ...(queues.some((queue) => queue.id === source) ? [`receive-${own}`, `delete-${own}`] : []),
    ]);
    const declared = topology.actorCalls.find((each) => each.component === component.id);
    expect(made.toSorted()).toEqual(Object.keys(declared?.calls ?? {}).toSorted());
  }
});
