import { expect, test } from "vitest";
import { createKernel } from "./kernel.ts";
import { KernelError } from "./kernel-error.ts";

function kernelForTest(extra: { eventsMax?: number; pendingMax?: number; seed?: number } = {}) {
  return createKernel({ seed: 1, programVersion: "test", ...extra });
}

test("events run in the order of time, and at one instant in the order they were scheduled", () => {
  const kernel = kernelForTest();
  const order: string[] = [];
  const note = kernel.handler("note", (a) => order.push(`${a}@${kernel.nowUs}`));
  kernel.schedule(20, note, 1);
  kernel.schedule(10, note, 2);
  kernel.schedule(20, note, 3);
  kernel.schedule(10, note, 4);
  kernel.runUntil(100);
  expect(order).toEqual(["2@10", "4@10", "1@20", "3@20"]);
  expect(kernel.nowUs).toBe(100);
  expect(kernel.eventCount).toBe(4);
});

test("running until an instant includes the events of that instant and none after", () => {
  const kernel = kernelForTest();
  const ran: number[] = [];
  const note = kernel.handler("note", (a) => ran.push(a));
  kernel.schedule(10, note, 1);
  kernel.schedule(11, note, 2);
  kernel.runUntil(10);
  expect(ran).toEqual([1]);
  expect(kernel.pendingCount).toBe(1);
  expect(kernel.step()).toBe(true);
  expect(kernel.step()).toBe(false);
  expect(kernel.nowUs).toBe(11);
});

test("an event is cancelled once, and not after it has run", () => {
  const kernel = kernelForTest();
  const ran: number[] = [];
  const note = kernel.handler("note", (a) => ran.push(a));
  const first = kernel.schedule(10, note, 1);
  const second = kernel.schedule(20, note, 2);
  expect(kernel.cancel(first)).toBe(true);
  expect(kernel.cancel(first)).toBe(false);
  kernel.runUntil(30);
  expect(ran).toEqual([2]);
  expect(kernel.cancel(second)).toBe(false);
  expect(kernel.cancel(-1)).toBe(false);
  const third = kernel.schedule(1, note, 3);
  expect(kernel.cancel(second)).toBe(false);
  expect(kernel.cancel(third)).toBe(true);
});

test.each([
  ["in the past", -1],
  ["at no number", Number.NaN],
  ["between two microseconds", 0.5],
  ["at infinity", Number.POSITIVE_INFINITY],
])("scheduling %s is refused and names the handler", (_, delayUs) => {
  const kernel = kernelForTest();
  const handler = kernel.handler("queue.reappear", () => {});
  expect(() => kernel.schedule(delayUs, handler)).toThrow(/queue\.reappear/);
});

test("arguments that are not whole numbers of 32 bits are refused", () => {
  const kernel = kernelForTest();
  const handler = kernel.handler("x", () => {});
  expect(() => kernel.schedule(1, handler, 0.5)).toThrow(KernelError);
  expect(() => kernel.schedule(1, handler, 0, 2 ** 31)).toThrow(KernelError);
});

test("a run that schedules without end is stopped by its budget of events", () => {
  const kernel = kernelForTest({ eventsMax: 100 });
  const again = kernel.handler("again", () => void kernel.schedule(0, again));
  kernel.schedule(0, again);
  expect(() => kernel.runUntil(1)).toThrow(/All 100 events/);
  expect(kernel.eventCount).toBe(100);
});

test("one event more than may be pending is refused by the name of its handler", () => {
  const kernel = kernelForTest({ pendingMax: 3 });
  const flood = kernel.handler("flood", () => {});
  for (let i = 0; i < 3; i += 1) kernel.schedule(i, flood);
  expect(() => kernel.schedule(9, flood)).toThrow(/flood.*3 others/);
});

test("naming a handler twice, or after the first event, is refused", () => {
  const kernel = kernelForTest();
  const handler = kernel.handler("x", () => {});
  expect(() => kernel.handler("x", () => {})).toThrow(/already a handler/);
  kernel.schedule(0, handler);
  kernel.step();
  expect(() => kernel.handler("y", () => {})).toThrow(/after the simulation began/);
  expect(() => kernel.stream("y")).toThrow(/after the simulation began/);
});

test("a kernel is not run from inside one of its own events", () => {
  const kernel = kernelForTest();
  const nested = kernel.handler("nested", () => kernel.runUntil(5));
  kernel.schedule(1, nested);
  expect(() => kernel.runUntil(10)).toThrow(/from inside an event/);
});

test("equal runs have one digest, and any other time, handler, argument or order has another", () => {
  const digestOf = (events: [number, number, number, number, number][]) => {
    const kernel = kernelForTest();
    const handlers = [kernel.handler("p", () => {}), kernel.handler("q", () => {})];
    for (const [atUs, handler, a, b, c] of events) {
      kernel.scheduleAt(atUs, handlers[handler]!, a, b, c);
    }
    kernel.runUntil(2 ** 40);
    return kernel.digest();
  };
  const base: [number, number, number, number, number][] = [
    [5, 0, 1, 2, 3],
    [5, 1, 4, 5, 6],
  ];
  expect(digestOf(base)).toMatch(/^[0-9a-f]{16}$/);
  expect(digestOf(base)).toBe(digestOf(base));
  const seen = new Set([digestOf(base), digestOf([base[1]!, base[0]!]), digestOf([])]);
  for (let place = 0; place < 5; place += 1) {
    const changed = base.map((event) => [...event] as [number, number, number, number, number]);
    changed[0]![place]! += place === 0 ? -1 : 1;
    seen.add(digestOf(changed));
  }
  const late = base.map((event) => [...event] as [number, number, number, number, number]);
  late[1]![0] += 2 ** 32;
  seen.add(digestOf(late));
  expect(seen.size).toBe(9);
});

test("adding a stream moves no other", () => {
  const alone = kernelForTest().stream("service");
  const crowded = kernelForTest();
  crowded.stream("arrivals");
  const service = crowded.stream("service");
  crowded.stream("later");
  for (let i = 0; i < 10; i += 1) expect(service.uniform()).toBe(alone.uniform());
});

test("after a failure the last events say what led to it", () => {
  const kernel = createKernel({ seed: 1, programVersion: "test", traceLast: 4 });
  const tick = kernel.handler("tick", (a) => void kernel.schedule(5, a < 6 ? tick : boom, a + 1));
  const boom = kernel.handler("boom", () => {
    throw new Error("out of coffee");
  });
  kernel.schedule(0, tick, 0);
  expect(() => kernel.runUntil(1000)).toThrow("out of coffee");
  expect(kernel.lastEvents()).toEqual([
    { atUs: 20, handler: "tick", a: 4, b: 0, c: 0 },
    { atUs: 25, handler: "tick", a: 5, b: 0, c: 0 },
    { atUs: 30, handler: "tick", a: 6, b: 0, c: 0 },
    { atUs: 35, handler: "boom", a: 7, b: 0, c: 0 },
  ]);
});
