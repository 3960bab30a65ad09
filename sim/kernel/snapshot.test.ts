import { expect, test } from "vitest";
import { createKernel, type Kernel } from "./kernel.ts";
import { KernelError } from "./kernel-error.ts";
import { none } from "./none.ts";
import { Stream } from "./random/stream.ts";

/**
 * A model of no meaning that uses every kind of part, with rates that a seed decides: events schedule, cancel and draw,
 * and what they do depends on every part, so a part that a snapshot forgot would change the digest.
 */
function assemble(modelSeed: number, programVersion = "test"): Kernel {
  const shape = new Stream(String(modelSeed), "shape");
  const fanOut = 1 + shape.int(3);
  const meanUs = [20, 300, 5000][shape.int(3)]!;
  const pendingWanted = [3, 40, 500][shape.int(3)]!;
  const kernel = createKernel({ seed: 7, programVersion, pendingMax: 20_000 });
  const delays = kernel.stream("delays");
  const choices = kernel.stream("choices");
  const luck = kernel.keyed("luck");
  const words = kernel.int32Array("words", 8);
  const levels = kernel.float64Array("levels", 4);
  const bytes = kernel.uint8Array("bytes", 5);
  const rows = kernel.table(
    "rows",
    { symbol: "int32", atUs: "float64" },
    { rowsInitial: 4, rowsMax: 1e6 },
  );
  const tenants = kernel.pool("tenants", { handle: "float64", kind: "uint8" }, { slotsMax: 64 });
  const line = kernel.queue("line", 1000);
  const map = kernel.intMap("map", 500);
  const seen = kernel.bitset("seen", { bitsMax: 1e6 });
  const total = kernel.counter("total");
  const sizes = kernel.histogram("sizes", { lowest: 1, highest: 1e9 });
  const recent = kernel.ring("recent", 5);
  const phase = kernel.stateMachine("phase", {
    initial: "calm",
    transitions: { calm: ["busy"], busy: ["calm", "over"], over: ["calm"] },
  });

  const act = kernel.handler("act", (a, b) => {
    words[a & 7]! += b;
    levels[a & 3] = levels[a & 3]! * 0.5 + delays.normal();
    bytes[a % 5]! += 1;
    total.add(levels[a & 3]!);
    recent.push(total.value);
    seen.add(choices.int(5000));
    map.set(choices.int(900), a & 0xffff);
    if (choices.int(3) === 0) map.delete(choices.int(900));
    line.push(a & 0xff);
    if (line.length > 20) line.shift();
    const row = rows.append();
    rows.column.symbol[row] = a;
    sizes.record(Math.abs(total.value) + 1);
    if (phase.may("over") && choices.int(9) === 0) phase.go("over");
    else phase.go(phase.is("calm") ? "busy" : "calm");
    const mixed =
      (words[b & 7]! + line.peek() + map.size + seen.count + tenants.usedCount + rows.rowCount) | 0;
    again(mixed ^ Math.floor(recent.at(0) * 16) ^ Math.floor(sizes.quantile(0.5)), mixed & 0xff);
  });
  const expire = kernel.handler("expire", (slot) => tenants.free(slot));

  function again(a: number, b: number): void {
    const slot = tenants.alloc();
    if (slot !== none) {
      tenants.column.handle[slot] = kernel.schedule(
        Math.floor(delays.exponential(meanUs * 9)),
        expire,
        slot,
      );
    } else {
      const victim = choices.int(64);
      if (kernel.cancel(tenants.column.handle[victim]!)) tenants.free(victim);
    }
    const wanted = kernel.pendingCount < pendingWanted ? fanOut : 1;
    for (let i = 0; i < wanted; i += 1) {
      const delay =
        i === 1 ? 0 : Math.floor(delays.exponential(meanUs) * (0.5 + luck.uniform(a, b, i)));
      kernel.schedule(delay, act, (a + i) | 0, b);
    }
  }

  kernel.schedule(0, act, modelSeed, 1);
  return kernel;
}

/** Offset of the first byte that differs, or `none`. */
function firstDifference(left: ArrayBuffer, right: ArrayBuffer): number {
  if (left.byteLength !== right.byteLength) return Math.min(left.byteLength, right.byteLength);
  const bytes = new Uint8Array(right);
  return new Uint8Array(left).findIndex((byte, i) => byte !== bytes[i]);
}

function runEvents(kernel: Kernel, count: number): void {
  for (let i = 0; i < count; i += 1) kernel.step();
}

test("a snapshot restored into a fresh assembly has the same future, whenever it is taken", () => {
  for (let modelSeed = 1; modelSeed <= 20; modelSeed += 1) {
    const instants = new Stream(String(modelSeed), "instants");
    const original = assemble(modelSeed);
    for (let cut = 0; cut < 5; cut += 1) {
      runEvents(original, instants.int(600));
      const saved = original.snapshot();
      const restored = assemble(modelSeed);
      runEvents(restored, instants.int(50));
      restored.restore(saved, { random: "same" });
      expect(firstDifference(restored.snapshot(), saved)).toBe(none);
      runEvents(restored, 500);
      const kept = assemble(modelSeed);
      kept.restore(saved, { random: "same" });
      runEvents(kept, 500);
      expect(kept.digest()).toBe(restored.digest());
      expect(firstDifference(kept.snapshot(), restored.snapshot())).toBe(none);
    }
    const untouched = assemble(modelSeed);
    runEvents(untouched, original.eventCount);
    // Taking a snapshot is not seen by the run: not even the slots of its handles differ.
    expect(firstDifference(untouched.snapshot(), original.snapshot())).toBe(none);
  }
});

test("a branch with fresh chance leaves the past alone and has another future", () => {
  const original = assemble(3);
  runEvents(original, 400);
  const saved = original.snapshot();
  const digests = ["a", "b", "a"].map((seed) => {
    const branch = assemble(3);
    branch.restore(saved, { random: "fresh", seed });
    expect(branch.digest()).toBe(original.digest());
    expect(branch.nowUs).toBe(original.nowUs);
    runEvents(branch, 400);
    return branch.digest();
  });
  expect(digests[0]).toBe(digests[2]);
  expect(digests[0]).not.toBe(digests[1]);
});

test("a fresh branch draws other luck by the same key, and the same seed the same", () => {
  const draws = ["a", "b", "a"].map((seed) => {
    const branch = createKernel({ seed: 1, programVersion: "test" });
    const luck = branch.keyed("luck");
    branch.restore(branch.snapshot(), { random: "fresh", seed });
    return luck.uniform(1, 2, 3);
  });
  expect(draws[0]).toBe(draws[2]);
  expect(draws[0]).not.toBe(draws[1]);
});

test("a branch of a branch keeps the fresh seed when its own snapshot is restored", () => {
  const original = assemble(5);
  runEvents(original, 100);
  const branch = assemble(5);
  branch.restore(original.snapshot(), { random: "fresh", seed: "other" });
  const saved = branch.snapshot();
  const copy = assemble(5);
  copy.restore(saved, { random: "same" });
  runEvents(branch, 300);
  runEvents(copy, 300);
  expect(copy.digest()).toBe(branch.digest());
});

test("a snapshot of another program version is refused by name", () => {
  const saved = assemble(1, "1.2.0").snapshot();
  expect(() => assemble(1, "1.3.0").restore(saved, { random: "same" })).toThrow(/1\.2\.0.*1\.3\.0/);
});

test("a snapshot with one bit changed anywhere is refused", () => {
  const kernel = assemble(2);
  runEvents(kernel, 50);
  const saved = kernel.snapshot();
  const chance = new Stream("1", "bits");
  for (let i = 0; i < 100; i += 1) {
    const damaged = saved.slice(0);
    const bit = chance.int(damaged.byteLength * 8);
    new Uint8Array(damaged)[bit >> 3]! ^= 1 << (bit & 7);
    expect(() => assemble(2).restore(damaged, { random: "same" })).toThrow(KernelError);
  }
  expect(() => assemble(2).restore(saved.slice(0, 100), { random: "same" })).toThrow(KernelError);
  expect(() => assemble(2).restore(new ArrayBuffer(0), { random: "same" })).toThrow(KernelError);
});

test("a snapshot of another assembly is refused by the name of what differs", () => {
  const saved = createKernel({ seed: 1, programVersion: "test" });
  saved.counter("orders");
  const buffer = saved.snapshot();
  const lacking = createKernel({ seed: 1, programVersion: "test" });
  expect(() => lacking.restore(buffer, { random: "same" })).toThrow(/orders/);
  const renamed = createKernel({ seed: 1, programVersion: "test" });
  renamed.counter("orders");
  renamed.handler("arrive", () => {});
  expect(() => renamed.restore(buffer, { random: "same" })).toThrow(/arrive/);
});

test("a snapshot with 100,000 pending events holds some words for each, and all of them come back", () => {
  const build = () => {
    const kernel = createKernel({ seed: 1, programVersion: "test" });
    return { kernel, noop: kernel.handler("noop", () => {}), chance: kernel.stream("chance") };
  };
  const { kernel, noop, chance } = build();
  for (let i = 0; i < 100_000; i += 1) kernel.schedule(chance.int(1e9), noop, i);
  kernel.runUntil(1000);
  const snapshot = kernel.snapshot();
  // How long it takes is measured by the benchmark; what decides that is how much there is to write.
  expect(snapshot.byteLength / 100_000).toBeLessThan(100);
  const restored = build().kernel;
  restored.restore(snapshot, { random: "same" });
  kernel.runUntil(1e9);
  restored.runUntil(1e9);
  expect(restored.eventCount).toBe(kernel.eventCount);
  expect(restored.digest()).toBe(kernel.digest());
});
