import { expect, test } from "vitest";
import { isAmbiguousDate, parseTime } from "./parse-time.ts";

const at = Date.parse("2026-03-02T14:30:00Z");

test.each([
  "2026-03-02T14:30:00Z",
  "2026-03-02T14:30:00",
  "2026-03-02 14:30:00",
  "2026-03-02 14:30",
  "2026-03-02 14:30:00 UTC",
  "2026-03-02T16:30:00+02:00",
  "2026-03-02 16:30:00+02",
  "2026-03-02 16:30:00 +0200",
  "2026-03-02 09:30:00-05",
  "2026/03/02 14:30:00",
  "20260302T143000Z",
  "2.3.2026 14:30:00",
  "02.03.2026, 14:30",
  "02/Mar/2026:14:30:00 +0000",
  "[02/Mar/2026:16:30:00 +0200]",
  "Mon, 02 Mar 2026 14:30:00 GMT",
  "2 Mar 2026 14:30:00",
  "Mon Mar  2 14:30:00 UTC 2026",
  "1772461800",
  "1772461800.0",
  "1772461800,0",
  "1.7724618e9",
  "1.7724618E+09",
  "1772461800000",
  "1772461800000000",
  "1772461800000000000",
])("%s is half past two on the second of March", (text) => {
  expect(parseTime(text)).toBe(at);
});

test("fractions of a second are kept in every form that has them", () => {
  for (const text of [
    "2026-03-02T14:30:00.250Z",
    "2026-03-02 14:30:00,250",
    "20260302T143000.250Z",
    "2.3.2026 14:30:00.250",
    "02/Mar/2026:14:30:00.250 +0000",
    "1772461800.25",
    "1772461800,25",
  ])
    expect(parseTime(text), text).toBe(at + 250);
});

test("days that do not exist, words and dates of unsaid order are no times", () => {
  for (const text of [
    "2026-02-30",
    "31.2.2026",
    "02/Foo/2026:14:30:00",
    "noon",
    "",
    "12,345",
    "17",
  ])
    expect(parseTime(text), text).toBeNaN();
  expect(parseTime("3/2/2026 14:30")).toBeNaN();
  expect(isAmbiguousDate("3/2/2026 14:30")).toBe(true);
  expect(isAmbiguousDate("2026/03/02 14:30")).toBe(false);
});
