import { expect, test } from "vitest";
import { KernelError } from "../kernel-error.ts";
import { createSimulation } from "./diary.ts";
import type { Simulation } from "./simulation.ts";

/** What a stranger may do wrong; each is told with the component's name, and with what to do. */
const mistakes: readonly (readonly [
  what: string,
  code: string,
  at: string | undefined,
  act: (simulation: Simulation) => void,
])[] = [
  [
    "a negative delay",
    "kernel.time",
    "walks",
    (s) =>
      s.after(
        -1,
        s.step("walks", () => {}),
      ),
  ],
  [
    "a delay of NaN",
    "kernel.time",
    "walks",
    (s) =>
      s.after(
        Number.NaN,
        s.step("walks", () => {}),
      ),
  ],
  [
    "half a microsecond",
    "kernel.time",
    "walks",
    (s) =>
      s.after(
        0.5,
        s.step("walks", () => {}),
      ),
  ],
  [
    "an instant in the past",
    "kernel.time",
    "walks",
    (s) => {
      const step = s.step("walks", () => {});
      s.run({ untilUs: 10 });
      s.at(5, step);
    },
  ],
  ["a step that is none", "kernel.handler-unknown", undefined, (s) => s.after(1, 77)],
  [
    "a step after service that is none",
    "kernel.step-unknown",
    "desk",
    (s) => {
      s.facility("desk").use(0, 1, { done: 77 });
      s.run();
    },
  ],
  [
    "arrivals for a step that is none",
    "kernel.step-unknown",
    "customers",
    (s) => s.arrivals("customers", { kind: "poisson", ratePerSecond: 1 }, 77),
  ],
  [
    "arrivals at a negative rate",
    "kernel.arrival-process",
    "arrivals customers",
    (s) => {
      const comes = s.step("comes", () => {});
      s.arrivals("customers", { kind: "poisson", ratePerSecond: -1 }, comes);
    },
  ],
  ["an entity of 1.5", "kernel.entity", "desk", (s) => s.facility("desk").use(1.5, 1)],
  ["work of 1.5", "kernel.work", "desk", (s) => s.facility("desk").use(0, 1.5)],
  ["negative work", "kernel.work", "desk", (s) => s.facility("desk").use(0, -1)],
  ["work of NaN", "kernel.work", "cpu", (s) => s.sharedFacility("cpu").use(0, Number.NaN)],
  [
    "a timeout of NaN",
    "kernel.timeout",
    "desk",
    (s) => s.facility("desk").use(0, 1, { timeoutUs: Number.NaN }),
  ],
  [
    "a negative timeout",
    "kernel.timeout",
    "tank (get)",
    (s) => s.buffer("tank").get(0, 1, { timeoutUs: -1 }),
  ],
  [
    "balking at NaN",
    "kernel.balk-at",
    "bell",
    (s) => s.signal("bell").wait(0, { balkAt: Number.NaN }),
  ],
  [
    "a priority of NaN",
    "kernel.priority",
    "desk",
    (s) => s.facility("desk", { discipline: "priority" }).use(0, 1, { priority: Number.NaN }),
  ],
  ["a release without a seize", "kernel.release", "desk", (s) => s.facility("desk").release(0)],
  [
    "a release of what waits",
    "kernel.release",
    "desk",
    (s) => {
      const desk = s.facility("desk");
      desk.seize(0);
      desk.release(desk.seize(1));
    },
  ],
  [
    "a release elsewhere",
    "kernel.release",
    "b",
    (s) => {
      const request = s.facility("a").seize(0);
      s.facility("b").release(request);
    },
  ],
  [
    "a release of a service",
    "kernel.release",
    "desk",
    (s) => {
      const desk = s.facility("desk");
      desk.release(desk.use(0, 5));
    },
  ],
  ["half a server", "kernel.servers", "desk", (s) => s.facility("desk").setServers(0.5)],
  ["minus one server", "kernel.servers", "desk", (s) => s.facility("desk", { servers: -1 })],
  [
    "pre-emption where there is no order",
    "kernel.preemptive",
    "desk",
    (s) => s.facility("desk", { preemptive: true }),
  ],
  ["a line of -1", "kernel.facility-option", "desk", (s) => s.facility("desk", { lineMax: -1 })],
  [
    "a discipline that is none",
    "kernel.facility-option",
    "desk",
    (s) => s.facility("desk", { discipline: "fifo" as "fcfs" }),
  ],
  [
    "a schedule out of order",
    "kernel.schedule-steps",
    "desk",
    (s) => {
      const steps = [5, 5].map((atUs) => ({ atUs, servers: 1 }));
      s.facility("desk", { schedule: { steps } });
    },
  ],
  [
    "breakdowns of a distribution that cannot be",
    "kernel.distribution",
    "desk breakdowns.upUs",
    (s) => {
      const upUs = { kind: "exponential", mean: 0 } as const;
      s.facility("desk", { breakdowns: { upUs, downUs: upUs } });
    },
  ],
  [
    "breakdowns without end at one instant",
    "kernel.breakdowns",
    "desk",
    (s) => {
      const upUs = { kind: "deterministic", value: 0 } as const;
      s.facility("desk", { breakdowns: { upUs, downUs: upUs } });
    },
  ],
  [
    "usersMax of NaN",
    "kernel.facility-option",
    "cpu",
    (s) => s.sharedFacility("cpu", { usersMax: Number.NaN }),
  ],
  ["a buffer of -1", "kernel.buffer-capacity", "tank", (s) => s.buffer("tank", { capacity: -1 })],
  [
    "more in a buffer than it holds",
    "kernel.buffer-capacity",
    "tank",
    (s) => s.buffer("tank", { capacity: 5, initial: 6 }),
  ],
  ["an amount of 1.5", "kernel.amount", "tank", (s) => s.buffer("tank").get(0, 1.5)],
  ["a store of none", "kernel.store-capacity", "shelf", (s) => s.store("shelf", { capacity: 0 })],
  ["an item of 1.5", "kernel.item", "shelf", (s) => s.store("shelf", { capacity: 1 }).put(0, 1.5)],
  [
    "a filter that is none",
    "kernel.filter-unknown",
    "shelf",
    (s) => s.store("shelf", { capacity: 1 }).get(0, { filter: 3 }),
  ],
  ["a batch of none", "kernel.batch-size", "boat", (s) => s.batch("boat", { size: 0 })],
  [
    "a batch that waits for NaN",
    "kernel.batch-wait",
    "boat",
    (s) => s.batch("boat", { size: 2, waitMaxUs: Number.NaN }),
  ],
  [
    "an entity removed twice",
    "kernel.entity-unknown",
    "people",
    (s) => {
      const people = s.entities("people", { a: "int32" }, { entitiesMax: 2 });
      const one = people.create();
      people.remove(one);
      people.remove(one);
    },
  ],
  [
    "a stream named twice",
    "kernel.name-used",
    "works",
    (s) => {
      s.stream("works");
      s.stream("works");
    },
  ],
  [
    "a stream named during the run",
    "kernel.assembly-over",
    "works",
    (s) => {
      s.run();
      s.stream("works");
    },
  ],
  [
    "a run from inside a run",
    "kernel.running",
    undefined,
    (s) => {
      s.after(
        0,
        s.step("runs", () => void s.run()),
      );
      s.run();
    },
  ],
  ["a run into the past", "kernel.until", undefined, (s) => s.run({ untilUs: -5 })],
  ["a run to half a microsecond", "kernel.until", undefined, (s) => s.run({ untilUs: 1.5 })],
  ["a seed of NaN", "kernel.seed", undefined, () => createSimulation({ seed: Number.NaN })],
  [
    "a seed that is missing",
    "kernel.seed",
    undefined,
    () => createSimulation({ seed: undefined as unknown as string }),
  ],
  [
    "fresh chance without a seed",
    "kernel.seed",
    undefined,
    (s) => s.restore(s.snapshot(), { random: "fresh", seed: Number.NaN }),
  ],
  [
    "a budget of NaN",
    "kernel.budget",
    undefined,
    () => createSimulation({ timeUsMax: Number.NaN }),
  ],
  [
    "no requests at all",
    "kernel.requests-max",
    undefined,
    () => createSimulation({ requestsMax: 0 }),
  ],
];

test.each(mistakes)("%s is refused as %s, in %s", (_, code, at, act) => {
  let told: unknown;
  try {
    act(createSimulation());
  } catch (error) {
    told = error;
  }
  expect(told).toBeInstanceOf(KernelError);
  const error = told as KernelError;
  expect([error.code, error.at]).toEqual([code, at]);
  expect(error.remedy.length).toBeGreaterThan(10);
  if (at !== undefined) expect(error.message).toContain(at);
});

test("what failed during a run tells the events that led to it", () => {
  const simulation = createSimulation({ traceLast: 2 });
  const desk = simulation.facility("desk");
  const bad = simulation.step("asks wrongly", (entity) => void desk.use(entity, -3));
  const walk = simulation.step("walks", (entity) => void simulation.after(7, bad, entity));
  simulation.after(5, walk, 4);
  try {
    simulation.run();
    expect.unreachable();
  } catch (error) {
    expect((error as KernelError).lastEvents).toEqual([
      { atUs: 5, handler: "walks", a: 4, b: 0, c: 0 },
      { atUs: 12, handler: "asks wrongly", a: 4, b: 0, c: 0 },
    ]);
  }
});
