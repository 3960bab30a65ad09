import { expect, test } from "vitest";
import { RequestLog } from "./request-log.ts";

test("every request within the bound is found, the oldest are forgotten first", () => {
  const log = new RequestLog(256);
  for (let id = 0; id < 1000; id++) log.add(id * 4096, id + 1, id % 7);
  for (let id = 0; id < 744; id++) expect(log.find(id * 4096)).toBe(-1);
  for (let id = 744; id < 1000; id++) {
    const row = log.find(id * 4096);
    expect([log.sequenceAt(row), log.reasonAt(row)]).toEqual([id + 1, id % 7]);
  }
  expect(log.count).toBe(256);
});

test("it grows up to its bound without losing anything", () => {
  const log = new RequestLog(4096);
  for (let id = 0; id < 4000; id++) log.add(id * 2 ** 33 + 5, id, 0);
  for (let id = 0; id < 4000; id++) expect(log.sequenceAt(log.find(id * 2 ** 33 + 5))).toBe(id);
});

test("answers are visited from the oldest to the newest", () => {
  const log = new RequestLog(256);
  for (let id = 0; id < 300; id++) log.add(id, id, 0);
  const seen: number[] = [];
  log.forEach((id) => {
    seen.push(id);
  });
  expect(seen).toEqual(Array.from({ length: 256 }, (_, at) => at + 44));
});

test("ids that crowd the same places are found while they are remembered, and not after", () => {
  const log = new RequestLog(256);
  const idOf = (at: number) => (at * 48271) % 65521;
  for (let at = 1; at < 3000; at++) {
    log.add(idOf(at), at, at % 5);
    for (let back = 0; back < 256 && back < at; back += 51) {
      expect(log.sequenceAt(log.find(idOf(at - back)))).toBe(at - back);
    }
    if (at > 256) expect(log.find(idOf(at - 256))).toBe(-1);
  }
});

test("cleared, it has seen nothing, and begins anew", () => {
  const log = new RequestLog(512);
  for (let id = 0; id < 700; id++) log.add(id, id, 1);
  log.clear();
  expect([log.count, log.find(699)]).toEqual([0, -1]);
  log.add(699, 5, 2);
  const row = log.find(699);
  expect([log.sequenceAt(row), log.reasonAt(row), log.find(698)]).toEqual([5, 2, -1]);
});
