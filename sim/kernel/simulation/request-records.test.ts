import { expect, test } from "vitest";
import { RequestRecords } from "./request-records.ts";

test("a slot that a restored past had not used yet is as new, whatever the future left in it", () => {
  const records = new RequestRecords(4);
  records.alloc();
  const saved = new DataView(new ArrayBuffer(records.byteLength()));
  records.write(saved, 0);
  records.free(records.alloc());
  expect(records.generationOf(1)).toBe(1);
  records.read(saved, 0);
  expect([records.usedCount, records.isUsed(0), records.isUsed(1)]).toEqual([1, true, false]);
  expect(records.alloc()).toBe(1);
  expect([records.generationOf(1), records.isUsed(1)]).toEqual([0, true]);
  expect(records.byteLength()).toBeGreaterThan(saved.byteLength);
});
