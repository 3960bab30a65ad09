import { expect, test } from "vitest";
import { createKernel } from "../kernel.ts";
import { KernelError } from "../kernel-error.ts";
import { none } from "../none.ts";
import { Stream } from "../random/stream.ts";

function kernelForTest() {
  return createKernel({ seed: 1, programVersion: "test" });
}

test("an int map does what a Map of bounded size does, in the same order", () => {
  for (let seed = 1; seed <= 8; seed += 1) {
    const chance = new Stream(String(seed), "map");
    const map = kernelForTest().intMap("m", 40);
    const plain = new Map<number, number>();
    for (let turn = 0; turn < 3000; turn += 1) {
      const key = chance.int(80) * 65_536 - 2_000_000;
      const wish = chance.uniform();
      if (wish < 0.55) {
        const fits = plain.has(key) || plain.size < 40;
        if (fits) plain.set(key, turn);
        expect(map.set(key, turn)).toBe(fits);
      } else if (wish < 0.95) expect(map.delete(key)).toBe(plain.delete(key));
      else if (wish < 0.96) {
        map.clear();
        plain.clear();
      }
      expect(map.get(key)).toBe(plain.get(key) ?? none);
      expect(map.size).toBe(plain.size);
    }
    const walked: [number, number][] = [];
    for (let at = map.first(); at !== none; at = map.next(at)) {
      walked.push([map.keyAt(at), map.valueAt(at)]);
    }
    expect(walked).toEqual([...plain]);
  }
});

test("a queue gives back in order what it took, up to its bound", () => {
  const chance = new Stream("1", "queue");
  const queue = kernelForTest().queue("q", 100);
  const plain: number[] = [];
  for (let turn = 0; turn < 20_000; turn += 1) {
    if (chance.int(100) < (turn % 2000 < 1000 ? 60 : 40)) {
      expect(queue.push(turn)).toBe(plain.length < 100);
      if (plain.length < 100) plain.push(turn);
    } else expect(queue.shift()).toBe(plain.shift() ?? none);
    expect(queue.length).toBe(plain.length);
    expect(queue.peek()).toBe(plain[0] ?? none);
    expect(queue.at(7)).toBe(plain[7] ?? none);
  }
});

test("a pool hands each slot to one tenant at a time and counts its generations", () => {
  const pool = kernelForTest().pool("p", { kind: "uint8" }, { slotsMax: 3 });
  const slots = [pool.alloc(), pool.alloc(), pool.alloc()];
  expect(new Set(slots).size).toBe(3);
  expect(pool.alloc()).toBe(none);
  pool.free(slots[1]!);
  expect(pool.generation[slots[1]!]).toBe(1);
  expect(() => pool.free(slots[1]!)).toThrow(/not in use/);
  expect(() => pool.free(99)).toThrow(/not in use/);
  expect(() => pool.free(none)).toThrow(/not in use/);
  expect(pool.alloc()).toBe(slots[1]);
  expect(pool.usedCount).toBe(3);
});

test("a table grows to its bound and no further, and new rows are zero", () => {
  const table = kernelForTest().table(
    "orders",
    { symbol: "int32", priceUsd: "float64" },
    { rowsInitial: 2, rowsMax: 5 },
  );
  for (let i = 0; i < 5; i += 1) {
    const row = table.append();
    expect([row, table.column.symbol[row], table.column.priceUsd[row]]).toEqual([i, 0, 0]);
    table.column.symbol[row] = i + 1;
    table.column.priceUsd[row] = i / 2;
  }
  expect([...table.column.symbol.subarray(0, 5)]).toEqual([1, 2, 3, 4, 5]);
  expect(() => table.append()).toThrow(/orders.*5 rows/);
  table.clear();
  expect(table.column.symbol[table.append()]).toBe(0);
});

test("rows and slots that a restored past had not used yet are as new, whatever the future left in them", () => {
  const past = kernelForTest();
  const table = past.table("t", { symbol: "int32" }, { rowsInitial: 2, rowsMax: 8 });
  const pool = past.pool("p", { priceUsd: "float64" }, { slotsMax: 8 });
  table.column.symbol[table.append()] = 7;
  pool.column.priceUsd[pool.alloc()] = 0.5;
  const snapshot = past.snapshot();
  for (let i = 0; i < 5; i += 1) {
    table.column.symbol[table.append()] = 8;
    const slot = pool.alloc();
    pool.column.priceUsd[slot] = 1.5;
    pool.free(slot);
  }
  const [slot] = [pool.alloc(), pool.alloc()];
  pool.free(slot);
  past.restore(snapshot, { random: "same" });
  expect([table.column.symbol[0], table.column.symbol[table.append()]]).toEqual([7, 0]);
  expect([pool.isUsed(0), pool.isUsed(1), pool.column.priceUsd[0]]).toEqual([true, false, 0.5]);
  const next = [pool.alloc(), pool.alloc()];
  expect(next).toEqual([1, 2]);
  expect(next.map((each) => [pool.generation[each], pool.column.priceUsd[each]])).toEqual([
    [0, 0],
    [0, 0],
  ]);
  expect(next.every((each) => pool.isUsed(each))).toBe(true);
});

test("a bitset does what a Set of small numbers does", () => {
  const chance = new Stream("1", "bits");
  const bits = kernelForTest().bitset("b", { bitsMax: 10_000 });
  const plain = new Set<number>();
  for (let turn = 0; turn < 20_000; turn += 1) {
    const bit = chance.int(10_000);
    if (chance.int(3) > 0) {
      expect(bits.add(bit)).toBe(!plain.has(bit));
      plain.add(bit);
    } else expect(bits.delete(bit)).toBe(plain.delete(bit));
    const other = chance.int(12_000);
    expect(bits.has(other)).toBe(plain.has(other));
    expect(bits.count).toBe(plain.size);
  }
  for (const bit of [-1, 10_000, Number.NaN]) expect(() => bits.add(bit)).toThrow(KernelError);
});

test("a state machine makes only the moves it allows and says what they are", () => {
  const kernel = kernelForTest();
  const machine = kernel.stateMachine("failover", {
    initial: "idle",
    transitions: { idle: ["promoting"], promoting: ["idle", "done"], done: [] },
  });
  kernel.runUntil(70);
  machine.go("promoting");
  expect([machine.state, machine.sinceUs, machine.may("done")]).toEqual(["promoting", 70, true]);
  machine.go("done");
  expect(() => machine.go("idle")).toThrow(/failover.*"done" to "idle".*nowhere/);
});

test("a ring keeps the last few", () => {
  const ring = kernelForTest().ring("r", 3);
  expect(ring.latest()).toBeNaN();
  for (const value of [1, 2, 3, 4]) ring.push(value);
  expect([ring.length, ring.at(0), ring.latest(), ring.at(3)]).toEqual([3, 2, 4, Number.NaN]);
});
