import { expect, test } from "vitest";
import { sampleRecording } from "../recording/sample-recording.ts";
import type { ComponentSpec, Topology } from "../topology-types.ts";
import type { ComponentLoad } from "./component-loads.ts";
import { componentLoads } from "./component-loads.ts";
import { liftsOf } from "./limit-lifts.ts";
import { type RunSummary, summaryOf } from "./run-summary.ts";
import { suspectsOf } from "./saturation.ts";

const spec = (fields: object) => fields as unknown as ComponentSpec;
const components = [
  spec({ id: "orders", service: "ecs-fargate", taskCount: 6 }),
  spec({ id: "queue", service: "sqs-fifo" }),
  spec({ id: "matching", service: "matching-service", queue: "queue", pollerCount: 3 }),
];
const topology = { id: "t", components } as unknown as Topology;

const quiet: ComponentLoad = {
  component: "orders",
  service: "ecs-fargate",
  utilisation: [],
  throttledCount: 0,
  throttledPerSecond: 0,
  errorsPerSecond: 0,
  queues: [],
};

function runWith(loads: readonly Partial<ComponentLoad>[], changes: Partial<RunSummary> = {}) {
  const own = loads.map((load) => ({ ...quiet, ...load }));
  return { ...summaryOf(sampleRecording()), timeSpent: [], loads: own, ...changes };
}

test("a quota that turns calls away is a stronger sign than a full processor behind it", () => {
  const above = runWith([
    { utilisation: [{ what: "vCPU", share: 0.91 }] },
    { component: "queue", throttledPerSecond: 50, throttledCount: 500 },
  ]);
  expect(suspectsOf(topology, above, undefined, 1000)).toMatchObject([
    { component: "queue", service: "sqs-fifo", signs: ["turned away 50.0 calls/s"] },
    { component: "orders", signs: ["vCPU 91 % in use"] },
  ]);
});

test("messages that pile up are first of all a sign on whoever takes them", () => {
  const queues = [{ what: "visible", unit: "messages", mean: 900, growthPerSecond: 8 }];
  const [first, second] = suspectsOf(
    topology,
    runWith([{ component: "queue", queues }]),
    undefined,
    1000,
  );
  expect([first?.component, second?.component]).toEqual(["matching", "queue"]);
});

test("time that grew against the run that held is a sign, and what is as before is none", () => {
  const spent = (meanMs: number) => [{ flow: "place", component: "orders", meanMs }];
  const below = runWith([], { timeSpent: spent(10) });
  const found = suspectsOf(topology, runWith([], { timeSpent: spent(400) }), below, 1000);
  expect(found[0]?.signs).toEqual(["place spent 400 ms in it instead of 10"]);
  expect(suspectsOf(topology, below, below, 1000)).toEqual([]);
});

test("a partition's load counts for the component that declares it", () => {
  const parts = { id: "queue", service: "sqs-fifo", partitions: { count: 2, by: "symbol" } };
  const divided = { ...topology, components: [spec(parts)] };
  const above = runWith([{ component: "queue-2", throttledPerSecond: 50 }]);
  expect(suspectsOf(divided, above, undefined, 1000)[0]?.component).toBe("queue");
});

test("loads are means over a span, counts what was added in it, growth that of a line", () => {
  const [load] = componentLoads(sampleRecording(), { fromSecond: 600, toSecond: 699 });
  // The sample's queue grows by 21.5 messages a second from 600 to 700 s.
  expect(load?.queues[0]).toMatchObject({ what: "visible", unit: "messages" });
  expect(load?.queues[0]?.growthPerSecond).toBeCloseTo(21.7, 1);
  expect(
    componentLoads(sampleRecording(), { fromSecond: 300, toSecond: 500 })[0]?.queues[0],
  ).toEqual({
    what: "visible",
    unit: "messages",
    mean: 3,
    growthPerSecond: 0,
  });
});

test("every lift changes only what the component has, its own choices before those of AWS", () => {
  const rate = { callsPerSecond: { value: 300, unit: "calls/s", origin: "fact" } as const };
  expect(liftsOf(components[1]!, rate)).toEqual([
    { words: "high-throughput mode", changes: { highThroughput: true } },
    { words: "four times callsPerSecond", changes: { parameters: { callsPerSecond: 1200 } } },
  ]);
  expect(liftsOf(components[2]!, {})).toEqual([
    { words: "four times the pollers", changes: { pollerCount: 12 } },
  ]);
  const largest = spec({ service: "aurora", instanceClass: "db.r6g.16xlarge" });
  expect(liftsOf(largest, {})).toEqual([]);
  const small = spec({ service: "aurora", instanceClass: "db.r6g.large" });
  expect(liftsOf(small, {})[0]?.changes).toEqual({ instanceClass: "db.r6g.2xlarge" });
});
