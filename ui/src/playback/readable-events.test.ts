import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { EventRecord } from "../../../sim/twin/results-types.ts";
import { eventWords } from "./markers.ts";
import { readableEvents } from "./readable-events.ts";

const components = new Map([
  ["api", { id: "api", title: "API Gateway" }],
  ["matching", { id: "matching", title: "Matching service" }],
]);

let seq = 0;
function event(kind: string, place: string, component = "matching", value = 0): EventRecord {
  seq += 1;
  return { atUs: seq, seq, kind, stage: "act", component, zone: "", place, causeSeq: -1, value };
}

test("a task that gets the number of one that is gone is told apart from it", () => {
  const events = [
    event("ecs.task-lost", "Matching service #43 in us-east-1a"),
    event("ecs.task-launched", "Matching service #54 in us-east-1a"),
    event("ecs.placement-failed", "Matching service #54 in us-east-1a"),
    event("ecs.task-launched", "Matching service #54 in us-east-1c"),
    event("load-balancer.target-healthy", "Load balancer #54 in us-east-1c"),
    event("ecs.task-launched", "Matching service #43 in us-east-1b"),
  ];
  expect(readableEvents(events, components).map(eventWords)).toEqual([
    "Matching service #43 in us-east-1a: task found lost",
    "Matching service #54 in us-east-1a: task launched",
    "Matching service #54 in us-east-1a: found no place",
    "Matching service #54.2 in us-east-1c: task launched",
    "Load balancer found target #54.2 in us-east-1c healthy",
    "Matching service #43.2 in us-east-1b: task launched",
  ]);
});

test("what has no title is called what its service is", () => {
  const [told] = readableEvents(
    [event("instance.failed-by-power", "api #3 in us-east-1a", "api")],
    components,
  );
  expect(told?.place).toBe("API Gateway #3 in us-east-1a");
});

test("an event of a growing log keeps its record", () => {
  const events = [
    event("ecs.task-launched", "Matching service #9 in us-east-1a"),
    event("ecs.task-launched", "Matching service #9 in us-east-1b"),
  ];
  const [, before] = readableEvents(events, components);
  const more = [...events, event("ecs.task-running", "Matching service #9 in us-east-1b")];
  const [, after, last] = readableEvents(more, components);
  expect(after).toBe(before);
  expect(last?.place).toBe("Matching service #9.2 in us-east-1b");
});

test("trades and reports are told of with their figures", () => {
  const words = (kind: string, value: number) => eventWords(event(kind, "", "", value));
  expect(words("trades.found-lost", 90)).toBe(
    "90 trades that clients were told of are in no history",
  );
  expect(words("trades.re-instated", 9997)).toBe("A trade of 9,997 ticks × lots is re-instated");
  expect(words("reports.lost-with-owner", 1)).toBe(
    "One report was lost with the engine that was to send it",
  );
  expect(words("cell.power-lost", 2)).toBe("Cell 2 lost power");
});

test("a fault that strikes no place is a sentence, and one that does names it", () => {
  const words = (kind: string, place: string) => eventWords(event(kind, place, "", 0));
  expect(words("capacity.short", "")).toBe("No room for new tasks");
  expect(words("capacity.short", "us-east-1a")).toBe("us-east-1a: no room for new tasks");
  expect(words("clients.load-as-usual", "")).toBe("The load is as usual again");
  expect(words("region.cut-off", "eu-west-1")).toBe("eu-west-1 is cut off");
});

test("every fault that the simulation can log has words of its own", () => {
  const folder = "sim/twin/faults";
  const kinds = readdirSync(folder).flatMap((file) =>
    [...readFileSync(`${folder}/${file}`, "utf8").matchAll(/log\.kind\("([^"]+)", "fault"\)/g)].map(
      ([, kind = ""]) => kind,
    ),
  );
  expect(kinds.length).toBeGreaterThan(30);
  const untold = kinds.filter((kind) => {
    const words = kind.replace(/^[^.]+\./, "").replace(/-/g, " ");
    return eventWords(event(kind, "")).toLowerCase() === words;
  });
  // "Found nothing running" needs no others.
  expect(untold).toEqual(["fault.found-nothing-running"]);
});
