import { describe, expect, test } from "vitest";
import { BlobReader, BlobWriter } from "./blob-io.ts";
import { OrderIds } from "./order-ids.ts";

const idMax = 100_000;

describe("order ids", () => {
  test("a bound id is used and knows the slot that it was given", () => {
    const ids = new OrderIds(idMax);
    ids.bind(7, 0);
    ids.bind(8, 5);
    expect([6, 7, 8, 9].map((id) => ids.givenSlot(id))).toEqual([-1, 0, 5, -1]);
    expect([6, 7, 8, 9].map((id) => ids.isUsed(id))).toEqual([false, true, true, false]);
  });

  test.each([4095, 4096, 4097, 8192, 50_000, idMax])("room is made for %d", (id) => {
    const bound = new OrderIds(idMax);
    bound.bind(3, 1);
    expect([bound.givenSlot(id), bound.isUsed(id)]).toEqual([-1, false]);
    bound.bind(id, 9);
    expect([bound.givenSlot(id), bound.givenSlot(3), bound.usedEnd]).toEqual([9, 1, id + 1]);
    expect([bound.isUsed(id), bound.isUsed(id - 1), bound.isUsed(id + 1)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test("the end of the used ids is that of the largest, whatever comes later", () => {
    const ids = new OrderIds(idMax);
    ids.bind(40, 0);
    ids.bind(4, 1);
    expect(ids.usedEnd).toBe(41);
    ids.bind(41, 2);
    expect(ids.usedEnd).toBe(42);
  });

  test("one above the largest allowed is refused", () => {
    const ids = new OrderIds(5000);
    expect(() => ids.bind(5001, 0)).toThrow("order id 5001 is above orderIdMax 5000");
    ids.bind(5000, 0);
    expect(ids.givenSlot(5000)).toBe(0);
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
      expect([copy.givenSlot(0), copy.usedEnd, copy.isUsed(count)]).toEqual([-1, count, false]);
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
