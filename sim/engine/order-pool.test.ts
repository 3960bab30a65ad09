import { describe, expect, test } from "vitest";
import { Float, floatShift, Int, intShift, OrderPool, Term, termShift } from "./order-pool.ts";

/** Places `id` and gives it values that tell it from every other. */
function fill(pool: OrderPool, id: number): number {
  const slot = pool.allocate(id);
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
  test("an order stands at the home that its id names, and says so", () => {
    const pool = new OrderPool(100, 8);
    expect([0, 5, 10].map((id) => fill(pool, id))).toEqual([0, 5, 2]);
    expect([pool.homeOf(10), pool.isAt(2, 10), pool.isAt(2, 2)]).toEqual([2, true, false]);
    expect([pool.count, idsOf(pool)]).toEqual([3, [0, 10, 5]]);
  });

  test("a home given back serves the next whose home it is", () => {
    const pool = new OrderPool(100, 8);
    fill(pool, 3);
    pool.release(3);
    expect([pool.count, idsOf(pool), pool.isAt(3, 3)]).toEqual([0, [], false]);
    expect(fill(pool, 11)).toBe(3);
  });

  test("away from taken homes, places given back serve again, the last first", () => {
    const pool = new OrderPool(100, 32);
    for (let id = 0; id < 32; id++) fill(pool, id);
    expect([32, 65, 98].map((id) => fill(pool, id))).toEqual([32, 33, 34]);
    pool.release(33);
    pool.release(32);
    pool.release(5);
    expect([96, 97].map((id) => fill(pool, id))).toEqual([32, 33]);
    expect([37, 64].map((id) => fill(pool, id))).toEqual([5, 35]);
    expect(pool.count).toBe(36);
  });

  test("it grows, and every order stays where it is with its values", () => {
    const pool = new OrderPool(1000, 8);
    const slots = new Map<number, number>();
    for (let id = 0; id < 1000; id += 7) slots.set(id, fill(pool, id));
    expect(new Set(slots.values()).size).toBe(slots.size);
    expect(idsOf(pool).sort((a, b) => a - b)).toEqual([...slots.keys()]);
    for (const [id, slot] of slots) {
      expect(pool.isAt(slot, id)).toBe(true);
      expect(pool.ints[(slot << intShift) | Int.level]).toBe(id + 100);
      expect(pool.floats[(slot << floatShift) | Float.leaves]).toBe(id + 0.5);
      expect(pool.terms[(slot << termShift) | Term.price]).toBe(id * 2);
      expect(pool.terms[(slot << termShift) | Term.entry]).toBe(id * 3);
    }
    expect(pool.floats.length).toBe(pool.capacity << floatShift);
    expect(pool.terms.length).toBe(pool.capacity << termShift);
    expect(pool.account.length).toBe(0);
  });

  test("a place away that became a home is handed out as that alone", () => {
    const pool = new OrderPool(100, 8);
    expect([0, 8, 16].map((id) => fill(pool, id))).toEqual([0, 8, 16]);
    pool.release(8);
    expect([32, 24, 48].map((id) => fill(pool, id))).toEqual([17, 8, 32]);
  });

  test("it is full when as many live as it may hold", () => {
    const pool = new OrderPool(3, 8);
    for (let id = 0; id < 3; id++) {
      expect(pool.isFull).toBe(false);
      fill(pool, id);
    }
    expect(pool.isFull).toBe(true);
    pool.release(1);
    expect(pool.isFull).toBe(false);
  });

  test("rare traits take memory from the first order that has one, and grow with the rest", () => {
    const pool = new OrderPool(100, 8);
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
    expect(rare().map(({ length }) => length)).toEqual([9, 9, 9, 9, 9, 9, 9]);
    for (const [at, column] of rare().entries()) column[1] = at + 1;
    const before = pool.account;
    pool.ensureRare();
    expect(pool.account).toBe(before);
    for (let id = 3; id < 12; id++) fill(pool, id);
    expect(rare().map(({ length }) => length)).toEqual([18, 18, 18, 18, 18, 18, 18]);
    expect(rare().map((column) => column[1])).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  test("cleared, it is empty and begins anew", () => {
    const pool = new OrderPool(100, 8);
    for (const id of [0, 8, 1]) fill(pool, id);
    pool.release(1);
    pool.clear();
    expect([pool.count, idsOf(pool)]).toEqual([0, []]);
    expect([7, 15, 9].map((id) => fill(pool, id))).toEqual([7, 8, 1]);
  });
});
