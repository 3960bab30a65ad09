import { describe, expect, test } from "vitest";
import { Float, floatShift, Int, intShift, OrderPool, Term, termShift } from "./order-pool.ts";

/** Places `id` and gives it values that tell it from every other. */
function fill(pool: OrderPool, id: number): number {
  const slot = pool.allocate();
  pool.ints[(slot << intShift) | Int.id] = id;
  pool.ints[(slot << intShift) | Int.level] = id + 100;
  pool.floats[(slot << floatShift) | Float.leaves] = id + 0.5;
  pool.terms[(slot << termShift) | Term.price] = id * 2;
  pool.terms[(slot << termShift) | Term.entry] = id * 3;
  return slot;
}

function idsOf(pool: OrderPool): number[] {
  const ids: number[] = [];
  pool.forEach((slot) => {
    ids.push(pool.ints[(slot << intShift) | Int.id]!);
  });
  return ids;
}

describe("the order pool", () => {
  test("places given back serve again, the last first", () => {
    const pool = new OrderPool(100);
    expect([0, 1, 2].map((id) => fill(pool, id))).toEqual([0, 1, 2]);
    pool.release(0);
    pool.release(1);
    expect([pool.count, idsOf(pool)]).toEqual([1, [2]]);
    expect([10, 11, 12].map((id) => fill(pool, id))).toEqual([1, 0, 3]);
    expect([pool.count, idsOf(pool)]).toEqual([4, [11, 10, 2, 12]]);
  });

  test("it grows to its bound and no further, and every order keeps its values", () => {
    const pool = new OrderPool(11, 2);
    for (let id = 0; id < 11; id++) {
      expect(pool.isFull).toBe(false);
      expect(fill(pool, id)).toBe(id);
    }
    expect([pool.isFull, pool.capacity, pool.count]).toEqual([true, 11, 11]);
    expect([pool.floats.length, pool.ints.length, pool.terms.length]).toEqual([44, 88, 22]);
    for (let slot = 0; slot < 11; slot++) {
      expect(pool.ints[(slot << intShift) | Int.level]).toBe(slot + 100);
      expect(pool.floats[(slot << floatShift) | Float.leaves]).toBe(slot + 0.5);
      expect(pool.terms[(slot << termShift) | Term.price]).toBe(slot * 2);
      expect(pool.terms[(slot << termShift) | Term.entry]).toBe(slot * 3);
    }
  });

  test("it begins no larger than its bound", () => {
    expect([new OrderPool(3).capacity, new OrderPool(9000).capacity]).toEqual([3, 4096]);
  });

  test("rare traits take memory from the first order that has one, and grow with the rest", () => {
    const pool = new OrderPool(8, 2);
    const rare = () =>
      [
        pool.account,
        pool.display,
        pool.shown,
        pool.minQty,
        pool.stop,
        pool.mark,
        pool.expireAt,
      ] as const;
    for (let id = 0; id < 3; id++) fill(pool, id);
    expect(rare().map(({ length }) => length)).toEqual([0, 0, 0, 0, 0, 0, 0]);
    pool.ensureRare();
    expect(rare().map(({ length }) => length)).toEqual([4, 4, 4, 4, 4, 4, 4]);
    for (const [at, column] of rare().entries()) column[1] = at + 1;
    const before = pool.account;
    pool.ensureRare();
    expect(pool.account).toBe(before);
    for (let id = 3; id < 6; id++) fill(pool, id);
    expect(rare().map(({ length }) => length)).toEqual([8, 8, 8, 8, 8, 8, 8]);
    expect(rare().map((column) => column[1])).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test("cleared, it is empty and begins anew", () => {
    const pool = new OrderPool(8);
    for (let id = 0; id < 4; id++) fill(pool, id);
    pool.release(2);
    pool.clear();
    expect([pool.count, idsOf(pool)]).toEqual([0, []]);
    expect([7, 8].map((id) => fill(pool, id))).toEqual([0, 1]);
  });
});
