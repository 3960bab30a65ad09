import { expect, test } from "vitest";
import { createKernel } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import { EventLog } from "./event-log.ts";

function newLog(): { readonly log: EventLog; readonly kind: number } {
  const log = new EventLog(createKernel({ seed: "log", programVersion: "test" }));
  return { log, kind: log.kind("zone.power-lost", "fault") };
}

test("an event is caused by an earlier one, or by none", () => {
  const { log, kind } = newLog();
  const first = log.append(kind, {}, none);
  const second = log.append(kind, { zone: 2 }, first, 7);
  expect([log.entry(first).causeSeq, log.entry(second).causeSeq]).toEqual([none, first]);
  expect(log.entry(second)).toMatchObject({ zone: 2, value: 7, component: none });
});

test.each([
  ["itself", 1],
  ["one that has yet to come", 2],
  ["a number that no event has", -2],
  ["no number at all", Number.NaN],
])("an event that names %s as its cause stops the run", (_, causeSeq) => {
  const { log, kind } = newLog();
  log.append(kind, {}, none);
  expect(() => log.append(kind, {}, causeSeq)).toThrow(
    `Event 1 (zone.power-lost) can't be caused by event ${causeSeq}`,
  );
});
