import { expect, test } from "vitest";
import type { MissingDataTreatment } from "./cloudwatch-spec.ts";
import { alarmState, judgeAlarm } from "./judge-alarm.ts";

const treatments: readonly MissingDataTreatment[] = [
  "missing",
  "ignore",
  "breaching",
  "not-breaching",
];
const { ok, alarm, insufficientData } = alarmState;
const asItIs = 99;

test.each([
  ["0 - X - X", { found: 3, breaching: 2, oldestAge: 5 }, [ok, ok, ok, ok]],
  ["0 X X - X", { found: 3, breaching: 3, oldestAge: 4 }, [alarm, alarm, alarm, alarm]],
  ["- - - - 0", { found: 1, breaching: 0, oldestAge: 1 }, [ok, ok, ok, ok]],
  ["- - X - -", { found: 1, breaching: 1, oldestAge: 3 }, [alarm, asItIs, alarm, ok]],
  ["- - - - -", { found: 0, breaching: 0, oldestAge: 0 }, [insufficientData, asItIs, alarm, ok]],
])("3 of 3 with %s comes out as the documentation's table says", (_, evidence, expected) => {
  const states = treatments.map((missingData) =>
    judgeAlarm(evidence, { periods: 3, datapointsToAlarm: 3, missingData }, asItIs),
  );
  // The documentation fills the two absent points of "- - - - 0"; with `breaching` two of three still are no alarm.
  expect(states).toEqual(expected);
});

test("2 of 3 is enough when 2 breach", () => {
  const rule = { periods: 3, datapointsToAlarm: 2, missingData: "missing" } as const;
  expect(judgeAlarm({ found: 3, breaching: 2, oldestAge: 3 }, rule, ok)).toBe(alarm);
  expect(judgeAlarm({ found: 3, breaching: 1, oldestAge: 3 }, rule, alarm)).toBe(ok);
});

test("one bad minute after a gap is no alarm of three", () => {
  const rule = { periods: 3, datapointsToAlarm: 3, missingData: "missing" } as const;
  expect(judgeAlarm({ found: 1, breaching: 1, oldestAge: 1 }, rule, ok)).toBe(ok);
});
