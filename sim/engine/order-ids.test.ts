import { describe, expect, test } from "vitest";
import { BlobReader, BlobWriter } from "./blob-io.ts";
import { OrderIds } from "./order-ids.ts";

const idMax = 100_000;

describe("order ids", () => {
  test("a bound id has its slot until it is gone, and stays used", () => {
    const ids = new OrderIds(idMax);
    ids.bind(7, 0);
    ids.bind(8, 5);
    expect([6, 7, 8, 9].map((id) => ids.slotOf(id))).toEqual([-1, 0, 5, -1]);
    ids.markGone(7);
    expect([ids.slotOf(7), ids.isUsed(7), ids.isUsed(6), ids.isUsed(9)]).toEqual([
      -1,
      true,
      false,
      false,
    ]);
  });

  test.each([4095, 4096, 4097, 8192, 50_000, idMax])("room is made for %d", (id) => {
    const bound = new OrderIds(idMax);
    bound.bind(3, 1);
    expect([bound.slotOf(id), bound.isUsed(id)]).toEqual([-1, false]);
    bound.bind(id, 9);
    expect([bound.slotOf(id), bound.slotOf(3), bound.usedEnd]).toEqual([9, 1, id + 1]);
    expect([bound.isUsed(id), bound.isUsed(id - 1), bound.isUsed(id + 1)]).toEqual([
      true,
      false,
      false,
    ]);
    const gone = new OrderIds(idMax);
    gone.markGone(id);
    expect([gone.slotOf(id), gone.isUsed(id), gone.usedEnd]).toEqual([-1, true, id + 1]);
  });

  test("the end of the used ids is that of the largest, whatever comes later", () => {
    const ids = new OrderIds(idMax);
    ids.bind(40, 0);
    ids.bind(4, 1);
    ids.markGone(5);
    expect(ids.usedEnd).toBe(41);
    ids.markGone(41);
    expect(ids.usedEnd).toBe(42);
    ids.bind(42, 2);
    expect(ids.usedEnd).toBe(43);
  });

  test("one above the largest allowed is refused", () => {
    const ids = new OrderIds(5000);
    expect(() => ids.bind(5001, 0)).toThrow("order id 5001 is above orderIdMax 5000");
    expect(() => ids.markGone(5001)).toThrow("orderIdMax");
    ids.bind(5000, 0);
    expect(ids.slotOf(5000)).toBe(0);
  });

  test.each([1, 31, 32, 33, 64, 5000])(
    "one bit for each of %d ids is written and read",
    (count) => {
      const ids = new OrderIds(idMax);
      const used = Array.from({ length: count }, (_, id) => id % 3 === 0 || id === count - 1);
      for (const [id, isUsed] of used.entries()) if (isUsed) ids.bind(id, id + 1);
      expect(ids.bitWords).toBe(Math.ceil(count / 32));
      const view = new DataView(new ArrayBuffer(ids.bitWords * 4));
      ids.writeBits(new BlobWriter(view, 0));
      const copy = new OrderIds(idMax);
      copy.bind(2, 77);
      copy.readBits(new BlobReader(view, 0, view.byteLength), count);
      expect(used.map((_, id) => copy.isUsed(id))).toEqual(used);
      expect([copy.slotOf(0), copy.usedEnd, copy.isUsed(count)]).toEqual([-1, count, false]);
    },
  );

  test("cleared, none was ever used", () => {
    const ids = new OrderIds(idMax);
    for (const id of [0, 1, 4999]) ids.bind(id, id);
    ids.clear();
    expect([0, 1, 4999].map((id) => ids.isUsed(id))).toEqual([false, false, false]);
    expect([ids.usedEnd, ids.bitWords]).toEqual([0, 0]);
  });
});
