import { expect, test } from "vitest";
import { createDiary, createSimulation } from "./diary.ts";
import type { FacilityOptions, SeizeOptions, UseOptions } from "./facility-options.ts";

type Hold = readonly [atUs: number, heldUs: number, options?: SeizeOptions];

/** Who holds a server from when to when, if each, whenever it has one, holds it for so long unless it is thrown out. */
function held(facilityOptions: FacilityOptions, holds: readonly Hold[], untilUs = 1000): string[] {
  const simulation = createSimulation();
  const desk = simulation.facility("desk", facilityOptions);
  const { lines, step } = createDiary(simulation);
  const requests = simulation.kernel.float64Array("requests", holds.length);
  const ends = simulation.kernel.float64Array("ends", holds.length);
  const note = { has: step("has"), out: step("out"), left: step("left"), refused: step("refused") };
  const leave = simulation.step("leave", (who) => {
    desk.release(requests[who]!);
    simulation.after(0, note.left, who);
  });
  const done = simulation.step("done", (who) => {
    simulation.after(0, note.has, who);
    ends[who] = simulation.after(holds[who]![1], leave, who);
  });
  const interrupted = simulation.step("interrupted", (who) => {
    simulation.cancelStep(ends[who]!);
    simulation.after(0, note.out, who);
  });
  const come = simulation.step("come", (who) => {
    const own = holds[who]![2];
    requests[who] = desk.seize(who, { done, interrupted, refused: note.refused, ...own });
  });
  for (const [who, [atUs]] of holds.entries()) simulation.at(atUs, come, who);
  simulation.run({ untilUs, waitingForever: "allow" });
  return lines;
}

test("whoever holds a server is told when it is taken, and has it again later", () => {
  const preemptive: FacilityOptions = { discipline: "priority", preemptive: true };
  const holds: Hold[] = [
    [0, 10, { priority: 1 }],
    [4, 5],
  ];
  expect(held(preemptive, holds)).toEqual([
    "has 0 @0",
    "out 0 @4",
    "has 1 @4",
    "left 1 @9",
    "has 0 @9",
    "left 0 @19",
  ]);
});

test("a server that breaks down is taken from who holds it, and given back when it is mended", () => {
  const breakdowns = {
    upUs: { kind: "deterministic", value: 15 },
    downUs: { kind: "deterministic", value: 100 },
  } as const;
  const lines = held({ breakdowns }, [[10, 8]], 200);
  expect(lines).toEqual(["has 0 @10", "out 0 @15", "has 0 @115", "left 0 @123"]);
});

test("who was given a server and lost it at one instant never knew", () => {
  const lines = held({ discipline: "priority", preemptive: true }, [
    [3, 5, { priority: 1 }],
    [3, 5],
  ]);
  expect(lines).toEqual(["has 1 @3", "left 1 @8", "has 0 @8", "left 0 @13"]);
});

test("disciplines that choose by the work go by what a holder expects", () => {
  const holds = (expected: readonly number[]): Hold[] =>
    expected.map((expectedUs, i) => [i, 10, { expectedUs }]);
  const order = (lines: string[]) =>
    lines.filter((line) => line.startsWith("left")).map((line) => line.split(" ")[1]);
  expect(order(held({ discipline: "sjf" }, holds([10, 9, 3])))).toEqual(["0", "2", "1"]);
  // 0 expects 8 more when 2 comes, who expects 3 and is served at once; then 0 again before 1.
  expect(held({ discipline: "srpt" }, holds([10, 10, 3]))).toEqual([
    "has 0 @0",
    "out 0 @2",
    "has 2 @2",
    "left 2 @12",
    "has 0 @12",
    "left 0 @22",
    "has 1 @22",
    "left 1 @32",
  ]);
  expect(() => held({ discipline: "srpt" }, [[0, 10]])).toThrow(/expectedUs.*desk/);
});

type Visit = readonly [atUs: number, workUs: number, options?: UseOptions];

function served(options: FacilityOptions, visits: readonly Visit[], untilUs = 1000): string[] {
  const simulation = createSimulation();
  const desk = simulation.facility("desk", options);
  const { lines, step } = createDiary(simulation);
  const outcomes = { done: step("done"), refused: step("refused"), interrupted: step("out") };
  const come = simulation.step("come", (visit) => {
    const [, workUs, own] = visits[visit]!;
    desk.use(visit, workUs, { ...outcomes, ...own });
  });
  for (const [visit, [atUs]] of visits.entries()) simulation.at(atUs, come, visit);
  simulation.run({ untilUs });
  expect(desk.line.max).toBeLessThanOrEqual(options.lineMax ?? visits.length);
  return lines;
}

test("interrupted work is told each time, and may be given up", () => {
  const visits: Visit[] = [
    [0, 10],
    [2, 1],
    [5, 1],
  ];
  const options: FacilityOptions = { discipline: "lcfs", preemptive: true };
  expect(served(options, visits)).toEqual([
    "out 0 @2",
    "done 1 @3",
    "out 0 @5",
    "done 2 @6",
    "done 0 @12",
  ]);
  expect(served({ ...options, interrupted: "leave" }, visits)).toEqual([
    "out 0 @2",
    "done 1 @3",
    "done 2 @6",
  ]);
});

test("a full line turns away whoever is interrupted, so that it never grows beyond its bound", () => {
  const visits = [0, 1, 2, 3].map((atUs): Visit => [atUs, 10]);
  const options: FacilityOptions = { discipline: "lcfs", preemptive: true, lineMax: 1 };
  expect(served(options, visits)).toEqual([
    "out 0 @1",
    "out 1 @2",
    "refused 1 @2",
    "out 2 @3",
    "refused 2 @3",
    "done 3 @13",
    "done 0 @22",
  ]);
  // A loss system with pre-emption: the urgent one takes the server, and whoever had it is lost.
  const urgent = { discipline: "priority", preemptive: true, lineMax: 0 } as const;
  const kinds: Visit[] = [
    [0, 10, { priority: 1 }],
    [1, 10, { priority: 1 }],
    [2, 10, { priority: 0 }],
  ];
  expect(served(urgent, kinds)).toEqual(["refused 1 @1", "out 0 @2", "refused 0 @2", "done 2 @12"]);
});

test("before a full line that blocks, the urgent wait outside like everybody else", () => {
  const options: FacilityOptions = {
    discipline: "priority",
    preemptive: true,
    lineMax: 1,
    whenFull: "block",
  };
  const visits: Visit[] = [
    [0, 10, { priority: 1 }],
    [1, 10, { priority: 1 }],
    [2, 10, { priority: 0 }],
  ];
  // Once there is room it comes in, and interrupts.
  expect(served(options, visits)).toEqual(["done 0 @10", "out 1 @10", "done 2 @20", "done 1 @30"]);
});

test("a server that is broken while it is off shift is broken when its shift begins", () => {
  const breakdowns = {
    upUs: { kind: "deterministic", value: 10 },
    downUs: { kind: "deterministic", value: 100 },
  } as const;
  const schedule = {
    steps: [
      { atUs: 5, servers: 0 },
      { atUs: 20, servers: 2 },
    ],
  };
  expect(served({ schedule, breakdowns }, [[6, 10]])).toEqual(["done 0 @120"]);
  const simulation = createSimulation();
  const desk = simulation.facility("desk", { servers: 2, schedule, breakdowns });
  const counts: number[] = [];
  for (const untilUs of [4, 7, 15, 30, 115, 125]) {
    simulation.run({ untilUs });
    counts.push(desk.servers);
  }
  expect(counts).toEqual([2, 0, 0, 0, 2, 0]);
});
