import { expect, test } from "vitest";
import { createSimulation } from "./diary.ts";
import type { Process, Story } from "./processes.ts";

test("a process tells the story of one entity, with every outcome", () => {
  const simulation = createSimulation();
  const desk = simulation.facility("desk");
  const customers = simulation.processes("customers");
  const lines: string[] = [];
  const note = (self: Process, what: string) =>
    lines.push(`${what} ${self.entity} @${simulation.nowUs}`);
  function* customer(self: Process): Story {
    yield self.delay(self.entity);
    const outcome = yield self.use(desk, 10, { timeoutUs: 15, balkAt: 2 });
    note(self, outcome);
    yield self.delay(100);
    note(self, "home");
  }
  for (let i = 0; i < 4; i += 1) customers.start(customer);
  simulation.run();
  expect(lines).toEqual([
    "refused 3 @3",
    "done 0 @10",
    "timedOut 2 @17",
    "done 1 @20",
    "home 3 @103",
    "home 0 @110",
    "home 2 @117",
    "home 1 @120",
  ]);
  expect(customers.aliveCount).toBe(0);
});

test("processes meet at buffers, stores, signals, batches and held servers", () => {
  const simulation = createSimulation();
  const room = simulation.facility("room");
  const tank = simulation.buffer("tank");
  const shelf = simulation.store("shelf", { capacity: 3 });
  const even = shelf.filter((item) => item % 2 === 0);
  const bell = simulation.signal("bell");
  const boat = simulation.batch("boat", { size: 2 });
  const people = simulation.processes("people");
  const heard: (string | number)[] = [];
  people.start(function* (self) {
    yield self.seize(room);
    const request = self.request;
    yield self.get(tank, 4);
    heard.push("amount", self.value);
    room.release(request);
    yield self.take(shelf, { filter: even });
    heard.push("item", self.value);
    heard.push(yield self.wait(bell, { timeoutUs: 1 }));
    yield self.wait(bell);
    heard.push("rang", self.value);
    yield self.join(boat);
    heard.push("place", self.value);
  });
  people.start(function* (self) {
    yield self.put(tank, 4);
    yield self.seize(room);
    yield self.bring(shelf, 7);
    yield self.bring(shelf, 8);
    yield self.delay(20);
    bell.fire(5);
    yield self.join(boat);
    heard.push("place", self.value);
  });
  simulation.run();
  expect(heard).toEqual(["amount", 4, "item", 8, "timedOut", "rang", 5, "place", 0, "place", 1]);
});

test("a snapshot is refused while a generator is alive, and taken when none is", () => {
  const simulation = createSimulation();
  const people = simulation.processes("people");
  people.start(function* (self) {
    yield self.delay(10);
  });
  expect(() => simulation.snapshot()).toThrow(/1 generators are under way.*people.*in steps/);
  simulation.run();
  const saved = simulation.snapshot();
  const again = createSimulation();
  again.processes("people");
  again.restore(saved, { random: "same" });
  expect([again.nowUs, again.digest()]).toEqual([10, simulation.digest()]);
});

test("a process does not seize what can be taken from it", () => {
  const simulation = createSimulation();
  const desk = simulation.facility("desk", { discipline: "lcfs", preemptive: true });
  simulation.processes("people").start(function* (self) {
    yield self.seize(desk);
  });
  expect(() => simulation.run()).toThrow(/can be interrupted.*desk/);
});
