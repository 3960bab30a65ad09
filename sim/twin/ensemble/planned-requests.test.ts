import { expect, test } from "vitest";
import type { FaultSpec } from "../faults/fault-types.ts";
import type { Scenario } from "../scenario-types.ts";
import { plannedRequests } from "./planned-requests.ts";

function requestsOf(...faults: readonly FaultSpec[]): number {
  const workload = { ratePerSecond: 100 } as Scenario["workload"];
  return plannedRequests({ workload, durationSeconds: 60, faults } as unknown as Scenario);
}

const spike = { id: "spike", kind: "load-change", factor: 10, atSeconds: 20 } as const;

test("a steady load takes its rate for as long as it lasts", () => {
  expect(requestsOf()).toBe(6000);
  expect(requestsOf({ id: "f", kind: "cache-flush", component: "cache", atSeconds: 5 })).toBe(6000);
});

test("a spike adds what is above the usual load, up to the end of the run", () => {
  expect(requestsOf({ ...spike, durationSeconds: 10 })).toBe(6000 + 9 * 100 * 10);
  expect(requestsOf({ ...spike, durationSeconds: 1000 })).toBe(6000 + 9 * 100 * 40);
});

test("a spike that comes again counts each time, and a lull takes away", () => {
  const repeat = { count: 2, everySeconds: 35 };
  expect(requestsOf({ ...spike, durationSeconds: 10, repeat })).toBe(6000 + 9 * 100 * 15);
  expect(requestsOf({ ...spike, factor: 0.5, durationSeconds: 10 })).toBe(5500);
});
