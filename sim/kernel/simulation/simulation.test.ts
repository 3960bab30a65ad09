import { expect, test } from "vitest";
import { none } from "../none.ts";
import { createDiary, createSimulation } from "./diary.ts";
import type { FacilityOptions, UseOptions } from "./facility-options.ts";
import { noRequest } from "./requests.ts";

type Visit = readonly [atUs: number, workUs: number, options?: UseOptions];

/** Who leaves when, if these visits are made to one facility. */
function served(options: FacilityOptions, visits: readonly Visit[], untilUs?: number): string[] {
  const simulation = createSimulation();
  const facility = simulation.facility("desk", options);
  const { lines, step } = createDiary(simulation);
  const outcomes = {
    done: step("done"),
    timedOut: step("timed out"),
    refused: step("refused"),
    entered: options.whenFull === "block" ? step("entered") : none,
  };
  const come = simulation.step("come", (visit) => {
    const [, workUs, own] = visits[visit]!;
    facility.use(visit, workUs, { ...outcomes, ...own });
  });
  for (const [visit, [atUs]] of visits.entries()) simulation.at(atUs, come, visit);
  simulation.run(untilUs === undefined ? {} : { untilUs });
  return lines;
}

test.each<[string, FacilityOptions, readonly Visit[], string[]]>([
  [
    "first come, first served",
    {},
    [
      [0, 10],
      [1, 10],
      [2, 10],
    ],
    ["done 0 @10", "done 1 @20", "done 2 @30"],
  ],
  [
    "two servers",
    { servers: 2 },
    [
      [0, 10],
      [1, 10],
      [2, 10],
    ],
    ["done 0 @10", "done 1 @11", "done 2 @20"],
  ],
  [
    "last come, first served",
    { discipline: "lcfs" },
    [
      [0, 10],
      [1, 10],
      [2, 10],
    ],
    ["done 0 @10", "done 2 @20", "done 1 @30"],
  ],
  [
    "last come, first served, interrupting: each goes on where it stopped",
    { discipline: "lcfs", preemptive: true },
    [
      [0, 10],
      [1, 10],
      [2, 10],
    ],
    ["done 2 @12", "done 1 @21", "done 0 @30"],
  ],
  [
    "priority",
    { discipline: "priority" },
    [
      [0, 10],
      [1, 10, { priority: 2 }],
      [2, 10, { priority: 1 }],
      [3, 10, { priority: 1 }],
    ],
    ["done 0 @10", "done 2 @20", "done 3 @30", "done 1 @40"],
  ],
  [
    "priority that interrupts, and resumes",
    { discipline: "priority", preemptive: true },
    [
      [0, 10, { priority: 1 }],
      [4, 10, { priority: 0 }],
      [5, 1, { priority: 1 }],
    ],
    ["done 1 @14", "done 0 @20", "done 2 @21"],
  ],
  [
    "priority that interrupts, and begins again",
    { discipline: "priority", preemptive: true, interrupted: "restart" },
    [
      [0, 10, { priority: 1 }],
      [4, 10, { priority: 0 }],
    ],
    ["done 1 @14", "done 0 @24"],
  ],
  [
    "the least important of several is interrupted",
    { discipline: "priority", preemptive: true, servers: 2 },
    [
      [0, 10, { priority: 1 }],
      [0, 10, { priority: 2 }],
      [4, 10, { priority: 0 }],
    ],
    ["done 0 @10", "done 2 @14", "done 1 @16"],
  ],
  [
    "shortest job first",
    { discipline: "sjf" },
    [
      [0, 10],
      [1, 9],
      [2, 3],
    ],
    ["done 0 @10", "done 2 @13", "done 1 @22"],
  ],
  [
    "shortest remaining work first: 4 left is not interrupted by 5",
    { discipline: "srpt" },
    [
      [0, 10],
      [6, 5],
      [7, 1],
    ],
    ["done 2 @8", "done 0 @11", "done 1 @16"],
  ],
  [
    "who is out of patience leaves, and whoever is served stays",
    {},
    [
      [0, 10, { timeoutUs: 5 }],
      [1, 10, { timeoutUs: 5 }],
      [2, 10],
    ],
    ["timed out 1 @6", "done 0 @10", "done 2 @20"],
  ],
  [
    "a timeout until the end of the service interrupts it",
    {},
    [
      [0, 10, { timeoutUs: 5, timeoutUntil: "done" }],
      [1, 10],
    ],
    ["timed out 0 @5", "done 1 @15"],
  ],
  [
    "a full line turns away, and an entity balks at a line that is too long for it",
    { lineMax: 2 },
    [
      [0, 10],
      [1, 10],
      [1, 10, { balkAt: 1 }],
      [2, 10],
      [3, 10],
    ],
    ["refused 2 @1", "refused 4 @3", "done 0 @10", "done 1 @20", "done 3 @30"],
  ],
  [
    "a full line blocks: who waits outside comes in in turn",
    { lineMax: 1, whenFull: "block" },
    [
      [0, 10],
      [1, 10],
      [2, 10],
      [3, 10],
    ],
    [
      "entered 0 @0",
      "entered 1 @1",
      "done 0 @10",
      "entered 2 @10",
      "done 1 @20",
      "entered 3 @20",
      "done 2 @30",
      "done 3 @40",
    ],
  ],
  [
    "a shift that ends finishes its work",
    {
      schedule: {
        steps: [
          { atUs: 5, servers: 0 },
          { atUs: 50, servers: 1 },
        ],
      },
    },
    [
      [0, 10],
      [1, 10],
    ],
    ["done 0 @10", "done 1 @60"],
  ],
  [
    "a shift that ends at once leaves its work, which goes on later",
    {
      schedule: {
        steps: [
          { atUs: 5, servers: 0 },
          { atUs: 50, servers: 1 },
        ],
      },
      closing: "interrupt",
    },
    [
      [0, 10],
      [1, 10],
    ],
    ["done 0 @55", "done 1 @65"],
  ],
])("%s", (_, options, visits, expected) => {
  expect(served(options, visits)).toEqual(expected);
});

test("a server breaks down and is mended, and its work goes on", () => {
  const breakdowns = {
    upUs: { kind: "deterministic", value: 15 },
    downUs: { kind: "deterministic", value: 100 },
  } as const;
  const visits: Visit[] = [
    [0, 10],
    [1, 10],
  ];
  expect(served({ breakdowns }, visits, 200)).toEqual(["done 0 @10", "done 1 @120"]);
  const restart = served({ breakdowns, interrupted: "restart" }, visits, 200);
  expect(restart).toEqual(["done 0 @10", "done 1 @125"]);
});

test("random order serves everyone once, in another order than that of arrival", () => {
  const visits = Array.from({ length: 20 }, (): Visit => [0, 10]);
  const lines = served({ discipline: "random" }, visits);
  expect(new Set(lines.map((line) => line.split(" ")[1])).size).toBe(20);
  expect(lines.map((line) => Number(line.split(" ")[1]))).not.toEqual(visits.map((_, i) => i));
});

test("those who share a server slow each other down", () => {
  const simulation = createSimulation();
  const processor = simulation.sharedFacility("processor");
  const { lines, step } = createDiary(simulation);
  const done = step("done");
  const timedOut = step("timed out");
  const come = simulation.step("come", (entity, workUs) => {
    processor.use(entity, workUs, { done, timedOut, ...(entity === 3 ? { timeoutUs: 7 } : {}) });
  });
  // Alone for 10, then two at half speed; 1 needs 20 more: done at 50; 0 has 100 - 10 - 20 left: 120.
  simulation.at(0, come, 0, 100);
  simulation.at(10, come, 1, 20);
  simulation.run();
  expect(lines).toEqual(["done 1 @50", "done 0 @120"]);
  simulation.after(0, come, 2, 10);
  simulation.after(0, come, 3, 10);
  simulation.run();
  // 2 has 6.5 left when 3 gives up after 7.
  expect(lines.slice(2)).toEqual(["timed out 3 @127", "done 2 @134"]);
});

test("two servers are shared by three, none of whom has more than one", () => {
  const simulation = createSimulation();
  const processor = simulation.sharedFacility("processor", { servers: 2, usersMax: 3 });
  const { lines, step } = createDiary(simulation);
  const outcomes = { done: step("done"), refused: step("refused") };
  const come = simulation.step("come", (entity) => {
    processor.use(entity, entity === 0 ? 20 : 100, outcomes);
  });
  for (let entity = 0; entity < 4; entity += 1) simulation.at(0, come, entity);
  simulation.run();
  expect(lines).toEqual(["refused 3 @0", "done 0 @30", "done 1 @110", "done 2 @110"]);
  expect(processor.lost.value).toBe(1);
});

test("a server is seized, held, and released; the next has it at that instant", () => {
  const simulation = createSimulation();
  const room = simulation.facility("room");
  const held = simulation.kernel.float64Array("held", 2);
  const { lines, step } = createDiary(simulation);
  const leave = simulation.step("leave", (entity) => {
    expect(room.holds(held[entity]!)).toBe(true);
    room.release(held[entity]!);
    expect(room.holds(held[entity]!)).toBe(false);
    expect(() => room.release(held[entity]!)).toThrow(
      /holds no server: it is not open \(in room\)/,
    );
  });
  const note = step("inside");
  const enter = simulation.step("enter", (entity) => {
    simulation.after(0, note, entity);
    simulation.after(7, leave, entity);
  });
  const come = simulation.step("come", (entity) => {
    held[entity] = room.seize(entity, { done: enter });
  });
  simulation.at(0, come, 0);
  simulation.at(1, come, 1);
  simulation.run();
  expect(lines).toEqual(["inside 0 @0", "inside 1 @7"]);
  expect(room.staysUs.mean()).toBe((7 + 13) / 2);
});

test("a request is cancelled while it waits and while it is served, and then no more", () => {
  const simulation = createSimulation();
  const desk = simulation.facility("desk");
  const { lines, step } = createDiary(simulation);
  const done = step("done");
  const requests = [0, 1, 2].map((entity) => desk.use(entity, 10, { done }));
  expect(simulation.cancel(requests[0]!)).toBe(true);
  expect(simulation.cancel(requests[0]!)).toBe(false);
  expect(simulation.cancel(requests[2]!)).toBe(true);
  expect(simulation.isOpen(requests[1]!)).toBe(true);
  simulation.run();
  expect(lines).toEqual(["done 1 @10"]);
  expect(simulation.cancel(requests[1]!)).toBe(false);
  expect(simulation.cancel(noRequest)).toBe(false);
});

test("a buffer serves in turn, so that a large wish holds up small ones until it gives up", () => {
  const simulation = createSimulation();
  const tank = simulation.buffer("tank", { capacity: 10, initial: 4 });
  const { lines, step } = createDiary(simulation);
  const options = { done: step("got"), timedOut: step("gave up") };
  tank.get(0, 6, { ...options, timeoutUs: 5 });
  tank.get(1, 3, options);
  simulation.run();
  expect(lines).toEqual(["gave up 0 @5", "got 1=3 @5"]);
});

test("who brings to a full buffer waits until there is room", () => {
  const simulation = createSimulation();
  const tank = simulation.buffer("tank", { capacity: 10, initial: 8 });
  const { lines, step } = createDiary(simulation);
  const brought = { done: step("brought") };
  const got = { done: step("got") };
  const take = simulation.step("take", (entity) => tank.get(entity, 5, got));
  tank.put(0, 4, brought);
  simulation.after(3, take, 1);
  simulation.run();
  expect(lines).toEqual(["got 1=5 @3", "brought 0=4 @3"]);
  expect(tank.level.value).toBe(7);
  expect(() => tank.get(0, 11, got)).toThrow(/11.*hold 10.*tank/);
});

test("a store hands out the oldest item that suits, to the first whom it suits", () => {
  const simulation = createSimulation();
  const shelf = simulation.store("shelf", { capacity: 2 });
  const above = shelf.filter((item, argument) => item > argument);
  const { lines, step } = createDiary(simulation);
  const got = { done: step("got") };
  const brought = { done: step("brought") };
  const late = { done: got.done, timedOut: step("gave up"), timeoutUs: 2 };
  shelf.get(0, { ...got, filter: above, argument: 100 });
  shelf.get(1, { ...late, filter: above, argument: 1000 });
  const bring = simulation.step("bring", (entity, item) => shelf.put(entity, item, brought));
  for (const [i, item] of [50, 60, 70, 200].entries()) simulation.at(10 + i, bring, 10 + i, item);
  simulation.run({ waitingForever: "allow" });
  // 70 and 200 wait for room: 200 cannot reach the one who wants it.
  expect(lines).toEqual(["gave up 1 @2", "brought 10=50 @10", "brought 11=60 @11"]);
  shelf.get(2, { ...got, filter: above, argument: 55 });
  shelf.get(3, got);
  simulation.run();
  expect(lines.slice(3)).toEqual([
    "got 2=60 @13",
    "brought 12=70 @13",
    "got 3=50 @13",
    "brought 13=200 @13",
    "got 0=200 @13",
  ]);
  expect(shelf.level.value).toBe(1);
});

test("a signal wakes one, all, or everybody who comes while it is open", () => {
  const simulation = createSimulation();
  const bell = simulation.signal("bell");
  const { lines, step } = createDiary(simulation);
  const options = { done: step("heard"), timedOut: step("left") };
  for (let entity = 0; entity < 3; entity += 1) bell.wait(entity, options);
  bell.wait(3, { ...options, timeoutUs: 4 });
  expect(bell.fireOne(7)).toBe(true);
  simulation.run({ untilUs: 5, waitingForever: "allow" });
  bell.fire();
  bell.open(9);
  bell.wait(4, options);
  bell.close();
  bell.wait(5, options);
  simulation.run({ waitingForever: "allow" });
  expect(lines).toEqual(["heard 0=7 @0", "left 3 @4", "heard 1 @5", "heard 2 @5", "heard 4=9 @5"]);
  expect(bell.waitingCount).toBe(1);
});

test("a batch goes when it is full, or when its first member has waited long enough", () => {
  const simulation = createSimulation();
  const boat = simulation.batch("boat", { size: 3, waitMaxUs: 10 });
  const { lines, step } = createDiary(simulation);
  const options = { done: step("sails") };
  const come = simulation.step("come", (entity) => boat.join(entity, options));
  for (const [entity, atUs] of [0, 1, 2, 3, 9].entries()) simulation.at(atUs, come, entity);
  simulation.run();
  expect(lines).toEqual([
    "sails 0 @2",
    "sails 1=1 @2",
    "sails 2=2 @2",
    "sails 3 @13",
    "sails 4=1 @13",
  ]);
});

test("entities come and go within their bound", () => {
  const simulation = createSimulation();
  const customers = simulation.entities("customers", { arrivedUs: "float64" }, { entitiesMax: 2 });
  const first = customers.create();
  customers.column.arrivedUs[first] = 5;
  customers.create();
  expect(() => customers.create()).toThrow(/All 2 exist.*customers/);
  customers.remove(first);
  expect(customers.column.arrivedUs[customers.create()]).toBe(0);
});

test("a deadlock names who waits for what, since when, and who holds it", () => {
  const simulation = createSimulation();
  const forks = [simulation.facility("left fork"), simulation.facility("right fork")];
  const eat = simulation.step("eat", () => {});
  const second = simulation.step("second fork", (entity) => {
    forks[1 - entity]!.seize(entity, { done: eat });
  });
  forks[0]!.seize(0, { done: second });
  forks[1]!.seize(1, { done: second });
  expect(() => simulation.run()).toThrow(
    'entity 0 waits for "right fork" since 0 us to do "eat", held by entity 1; entity 1 waits for "left fork" since 0 us to do "eat", held by entity 0',
  );
  expect(simulation.waiting()).toHaveLength(2);
});

test("a run ends with a clear word when its state outgrows the budget", () => {
  const simulation = createSimulation({ stateBytesMax: 200_000 });
  const rows = simulation.kernel.table("rows", { x: "float64" }, { rowsInitial: 8, rowsMax: 1e7 });
  const grow = simulation.step("grow", () => {
    rows.append();
    simulation.after(1, grow);
  });
  simulation.after(0, grow);
  expect(() => simulation.run()).toThrow(/bytes of 200000 at/);
});

test("what is asked wrongly is refused with the name of what was asked", () => {
  const simulation = createSimulation({ requestsMax: 2 });
  const desk = simulation.facility("desk");
  expect(() => desk.use(0, 1.5, {})).toThrow(/1\.5 us of work.*desk/);
  expect(() => desk.use(0, -1, {})).toThrow(/desk/);
  expect(() => desk.setServers(0.5)).toThrow(/0\.5 servers.*desk/);
  desk.use(0, 10, {});
  desk.use(1, 10, {});
  expect(() => desk.use(2, 10, {})).toThrow(/All 2 requests are open.*desk/);
});

test("a busy period lasts until a server has nothing to do, however often it passes from one entity to the next", () => {
  const simulation = createSimulation();
  const facility = simulation.facility("desk", { discipline: "lcfs", preemptive: true });
  const come = simulation.step("come", (entity) => void facility.use(entity, 10));
  for (const [entity, atUs] of [0, 1, 15, 60].entries()) simulation.at(atUs, come, entity);
  simulation.run({ untilUs: 100 });
  expect(facility.interruptions.value).toBe(2);
  expect(facility.busy.busyPeriodCount).toBe(2);
  expect(facility.busy.busyPeriodMeanUs()).toBe(20);
});

test("a shared facility whose next user is overdue by a rounding is not confused by a crowd that comes at that instant", () => {
  const simulation = createSimulation();
  const processor = simulation.sharedFacility("processor", { servers: 2 });
  const { lines, step } = createDiary(simulation);
  const done = step("done");
  const crowd = simulation.step("a crowd", () => {
    for (let entity = 10; entity < 110; entity += 1) processor.use(entity, 1e6);
    lines.push(`crowd @${simulation.nowUs}`);
  });
  processor.use(1, 99.6, { done: crowd });
  processor.use(2, 99.9, { done });
  simulation.run({ untilUs: 200 });
  expect(lines).toEqual(["crowd @100", "done 2 @100"]);
});

test("a reset at the end of a warm-up forgets what was counted, and neither the line nor who is in service", () => {
  const simulation = createSimulation();
  const desk = simulation.facility("desk", { lineMax: 1 });
  const processor = simulation.sharedFacility("processor", { usersMax: 1 });
  const come = simulation.step("come", (entity) => {
    desk.use(entity, 10);
    processor.use(entity, 30);
  });
  for (const entity of [0, 1, 2]) simulation.at(entity, come, entity);
  simulation.run({ untilUs: 15 });
  expect([desk.lost.value, desk.waitsUs.count, processor.lost.value]).toEqual([1, 2, 2]);
  desk.resetStatistics();
  processor.resetStatistics();
  expect([desk.lost.value, desk.waitsUs.count, processor.lost.value]).toEqual([0, 0, 0]);
  simulation.run({ untilUs: 25 });
  expect([desk.staysUs.count, desk.busy.mean(), processor.users.mean()]).toEqual([1, 0.5, 1]);
});
