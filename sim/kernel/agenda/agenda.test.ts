import { expect, test } from "vitest";
import { createKernel, type EventHandle, type Kernel } from "../kernel.ts";
import { Stream } from "../random/stream.ts";

/**
 * The plainest agenda there is: a list sorted by (time, order of scheduling). Slow, and right by inspection.
 */
class PlainAgenda {
  nowUs = 0;
  private list: { atUs: number; order: number; id: number }[] = [];
  private order = 0;

  schedule(delayUs: number, id: number): void {
    this.list.push({ atUs: this.nowUs + delayUs, order: this.order, id });
    this.order += 1;
  }

  cancel(id: number): boolean {
    const at = this.list.findIndex((event) => event.id === id);
    if (at < 0) return false;
    this.list.splice(at, 1);
    return true;
  }

  take(untilUs: number): number {
    let first = -1;
    for (const [i, event] of this.list.entries()) {
      const best = this.list[first];
      if (
        best === undefined ||
        event.atUs < best.atUs ||
        (event.atUs === best.atUs && event.order < best.order)
      ) {
        first = i;
      }
    }
    const event = this.list[first];
    if (event === undefined || event.atUs > untilUs) return -1;
    this.list.splice(first, 1);
    this.nowUs = event.atUs;
    return event.id;
  }
}

/** Ways to choose a delay that have broken agendas before. */
const delayKinds: Record<string, (chance: Stream) => number> = {
  "spread evenly": (chance) => chance.int(10_000),
  "exponential, most soon": (chance) => Math.floor(chance.exponential(1000)),
  "in clusters far apart": (chance) => chance.int(4) * 1_000_000 + chance.int(3),
  "all at a few instants": (chance) => chance.int(3) * 1000,
  "at once or far in the future": (chance) => (chance.int(2) === 0 ? 0 : 2 ** chance.int(50)),
  "mostly soon, with outliers at the end of time": (chance) =>
    chance.int(50) === 0 ? 2 ** 52 + chance.int(10) : chance.int(300),
  "all at this very instant": () => 0,
};

/** Drives both agendas by the same wishes and returns the ids in the order they ran. */
function compare(seed: number, delayOf: (chance: Stream) => number, wishes: Wishes): void {
  const chance = new Stream(String(seed), "differential");
  const plain = new PlainAgenda();
  const ran: number[] = [];
  const kernel = createKernel({ seed, programVersion: "test" });
  const note = kernel.handler("note", (id) => ran.push(id));
  const handles: EventHandle[] = [];
  const expected: number[] = [];
  for (let turn = 0; turn < wishes.turns; turn += 1) {
    const wish = chance.uniform();
    if (wish < wishes.schedulePart && plain.nowUs < 2 ** 51) {
      const burst = chance.int(wishes.burstMax) + 1;
      for (let i = 0; i < burst; i += 1) {
        const delayUs = delayOf(chance);
        plain.schedule(delayUs, handles.length);
        handles.push(kernel.schedule(delayUs, note, handles.length));
      }
    } else if (wish < wishes.schedulePart + wishes.cancelPart && handles.length > 0) {
      const id = chance.int(handles.length);
      expect(kernel.cancel(handles[id]!)).toBe(plain.cancel(id));
    } else {
      const takes = chance.int(wishes.takeMax) + 1;
      for (let i = 0; i < takes; i += 1) {
        const id = plain.take(Number.POSITIVE_INFINITY);
        if (kernel.step() !== id >= 0) throw new Error(`step disagrees at turn ${turn}`);
        if (id >= 0) expected.push(id);
      }
      expect(kernel.nowUs).toBe(plain.nowUs);
    }
  }
  for (let id = plain.take(2 ** 60); id >= 0; id = plain.take(2 ** 60)) expected.push(id);
  runAll(kernel);
  expect(ran).toEqual(expected);
  expect(kernel.pendingCount).toBe(0);
}

interface Wishes {
  readonly turns: number;
  readonly schedulePart: number;
  readonly cancelPart: number;
  readonly burstMax: number;
  readonly takeMax: number;
}

function runAll(kernel: Kernel): void {
  while (kernel.step()) {
    // Until nothing is left.
  }
}

const few: Wishes = { turns: 400, schedulePart: 0.5, cancelPart: 0.1, burstMax: 2, takeMax: 2 };
const some: Wishes = { turns: 200, schedulePart: 0.5, cancelPart: 0.2, burstMax: 20, takeMax: 16 };
const many: Wishes = { turns: 60, schedulePart: 0.5, cancelPart: 0.2, burstMax: 150, takeMax: 60 };

for (const [name, delayOf] of Object.entries(delayKinds)) {
  test.each([
    ["few", few],
    ["some", some],
    ["many", many],
  ] as const)(
    `delays ${name}: with %s pending, events run as in a plain sorted list`,
    (_, wishes) => {
      for (let seed = 1; seed <= 5; seed += 1) compare(seed, delayOf, wishes);
    },
  );
}

test("events that events schedule keep the order of a plain list, whatever is pending", () => {
  for (const pendingCount of [1, 30, 50, 70, 200, 1000]) {
    const chance = new Stream(String(pendingCount), "hold");
    const plain = new PlainAgenda();
    const kernel = createKernel({ seed: 1, programVersion: "test" });
    const ran: number[] = [];
    const delays = Array.from({ length: 3000 }, () => Math.floor(chance.exponential(50)));
    let scheduled = 0;
    const again = kernel.handler("again", (id) => {
      ran.push(id);
      if (scheduled < delays.length) kernel.schedule(delays[scheduled]!, again, scheduled);
      scheduled += 1;
    });
    for (; scheduled < pendingCount; scheduled += 1) {
      kernel.schedule(delays[scheduled]!, again, scheduled);
    }
    runAll(kernel);
    const expected: number[] = [];
    let planned = 0;
    for (; planned < pendingCount; planned += 1) plain.schedule(delays[planned]!, planned);
    for (let id = plain.take(2 ** 60); id >= 0; id = plain.take(2 ** 60)) {
      expected.push(id);
      if (planned < delays.length) plain.schedule(delays[planned]!, planned);
      planned += 1;
    }
    expect(ran).toEqual(expected);
  }
});

test("cancelled events are reclaimed once they outnumber the living", () => {
  const kernel = createKernel({ seed: 1, programVersion: "test", pendingMax: 5000 });
  const never = kernel.handler("never", () => {
    throw new Error("a cancelled event ran");
  });
  const handles = Array.from({ length: 1000 }, (_, i) => kernel.schedule(1000 + i, never));
  for (let round = 0; round < 100; round += 1) {
    for (let i = 0; i < handles.length; i += 1) {
      kernel.cancel(handles[i]!);
      handles[i] = kernel.schedule(1_000_000_000 + i * round, never);
    }
    expect(kernel.pendingCount).toBe(1000);
  }
  for (const handle of handles) expect(kernel.cancel(handle)).toBe(true);
  runAll(kernel);
  expect(kernel.eventCount).toBe(0);
});

test("one more event fits when the room is taken by cancelled ones", () => {
  const kernel = createKernel({ seed: 1, programVersion: "test", pendingMax: 10 });
  const handler = kernel.handler("x", () => {});
  for (let i = 0; i < 10; i += 1) kernel.cancel(kernel.schedule(i, handler));
  for (let i = 0; i < 10; i += 1) kernel.schedule(i, handler);
  expect(() => kernel.schedule(0, handler)).toThrow(/10 others/);
});

test("a run to an instant that stops before a batch lets earlier events in", () => {
  const kernel = createKernel({ seed: 1, programVersion: "test" });
  const ran: number[] = [];
  const note = kernel.handler("note", (id) => ran.push(id));
  for (let i = 0; i < 200; i += 1) kernel.schedule(1_000_000 + i, note, i);
  kernel.runUntil(500_000);
  kernel.schedule(1, note, 1000);
  kernel.schedule(500_000, note, 1001);
  runAll(kernel);
  expect(ran.slice(0, 4)).toEqual([1000, 0, 1001, 1]);
});
