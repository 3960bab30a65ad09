import { expect, test } from "vitest";
import { MatchingBed } from "./matching-bed.ts";
import { poisonedMax } from "./poisoned-commands.ts";

const visibilityTimeoutUs = 20_000_000;

/** A queue that sets aside what was received so often; none without a bound. */
function withDeadLetters(receivesMax?: number) {
  return {
    queue: {
      parameters: { visibilityTimeoutUs },
      ...(receivesMax !== undefined && { deadLetters: { receivesMax } }),
    },
  };
}

/** A service whose next order kills, with orders of four symbols on their way to it; the first is the poisoned one. */
function poisoned(receivesMax?: number) {
  const bed = new MatchingBed(withDeadLetters(receivesMax));
  bed.bed.runSeconds(5);
  bed.matching.poison(1, -1);
  const first = bed.send({ symbol: 0 });
  bed.bed.runSeconds(0.01);
  const others = [0, 1, 2, 3].map((symbol) => bed.send({ symbol }));
  const deaths = () => bed.bed.events().filter(({ kind }) => kind === "matching.died-of-order");
  return { ...bed, bed, first, others, deaths };
}

test("a poisoned order kills each task that executes it, until the dead-letter queue takes it", () => {
  const { bed, first, others, deaths } = poisoned(3);
  bed.bed.runSeconds(1);
  expect(deaths()).toHaveLength(1);
  expect(bed.matching.isRunning).toBe(false);
  bed.bed.runSeconds(1200);
  // A message that is handed to the receive of a task that has died since counts as received, and kills nobody.
  expect(deaths().length).toBeGreaterThan(1);
  expect(deaths().length).toBeLessThan(4);
  expect(bed.matching.isRunning).toBe(true);
  const setAside: number[] = [];
  bed.queue.forEachDeadLetter((request) => setAside.push(request));
  expect(setAside).toContain(first);
  expect(bed.durable).not.toContain(first);
  expect([...setAside, ...bed.durable].toSorted((a, b) => a - b)).toEqual([first, ...others]);
  const later = bed.send({ symbol: 0 });
  bed.bed.runSeconds(2);
  expect(bed.durable.at(-1)).toBe(later);
});

test("without a dead-letter queue it kills until a release comes that survives it, and holds up its symbol till then", () => {
  const { bed, first, others, deaths } = poisoned();
  bed.bed.runSeconds(1200);
  expect(deaths().length).toBeGreaterThan(4);
  expect(bed.durable).not.toContain(others[0]);
  bed.matching.endPoison();
  bed.bed.runSeconds(400);
  expect(bed.matching.isRunning).toBe(true);
  expect(bed.durable).toContain(first);
  expect(bed.durable.indexOf(first)).toBeLessThan(bed.durable.indexOf(others[0]!));
  expect(bed.durable.toSorted((a, b) => a - b)).toEqual([first, ...others]);
  expect(bed.matching.engine.leavesOf(first)).toBe(10);
});

test("what is poisoned is part of a snapshot: a run that goes on from one dies as the first did", () => {
  const whole = poisoned(3);
  whole.bed.bed.runSeconds(30);
  const restored = new MatchingBed(withDeadLetters(3));
  restored.bed.kernel.restore(whole.bed.bed.kernel.snapshot(), { random: "same" });
  for (const { bed } of [whole.bed, restored]) bed.runSeconds(600);
  expect(whole.deaths().length).toBeGreaterThan(1);
  expect(restored.bed.kernel.digest()).toBe(whole.bed.bed.kernel.digest());
});

test("only orders are poisoned: a cancel or a book that is read is what it was", () => {
  const bed = new MatchingBed();
  bed.bed.runSeconds(5);
  const order = bed.send({ symbol: 1 });
  bed.bed.runSeconds(1);
  bed.matching.poison(1, -1);
  bed.cancel(order);
  bed.bed.runSeconds(2);
  expect(bed.matching.isRunning).toBe(true);
  expect(bed.matching.engine.leavesOf(order)).toBe(0);
});

test("no more orders are poisoned than there is room for", () => {
  const bed = new MatchingBed();
  bed.bed.runSeconds(5);
  for (let at = 0; at < 3; at += 1) bed.matching.poison(poisonedMax, -1);
  bed.send({ symbol: 2 });
  expect(() => bed.bed.runSeconds(60)).not.toThrow();
});
