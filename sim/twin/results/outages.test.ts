import { expect, test } from "vitest";
import { findOutages, isInService, type OutcomeCounts, windowSeconds } from "./outages.ts";

/** One character a second: `+` ten good outcomes, `-` ten bad ones, `.` none, `~` nine good and one bad. */
function countsOf(seconds: string): OutcomeCounts {
  const good = { "+": 10, "-": 0, ".": 0, "~": 9 };
  const bad = { "+": 0, "-": 10, ".": 0, "~": 1 };
  const each = [...seconds] as (keyof typeof good)[];
  return {
    good: Float64Array.from(each, (second) => good[second]),
    bad: Float64Array.from(each, (second) => bad[second]),
  };
}

const bounds = { goodShareMin: 0.95, holdSeconds: 5, fromSecond: 20 };

function outagesOf(seconds: string) {
  return findOutages(countsOf(seconds), { ...bounds, toSecond: seconds.length });
}

const before = "+".repeat(20);

test("a function that keeps its objective has no outage", () => {
  expect(outagesOf(`${before}${"+".repeat(30)}`)).toEqual([]);
});

test("an outage begins with the first breached window and ends with the first from which the objective holds", () => {
  // Bad for 15 s: ten good of a hundred bring the window below 95 % at once, and the last bad one leaves it after ten.
  const [outage, ...others] = outagesOf(`${before}${"-".repeat(15)}${"+".repeat(30)}`);
  expect(others).toEqual([]);
  expect(outage).toEqual({ beginSecond: 20, endSecond: 20 + 15 + windowSeconds - 1 });
});

test("a share of good outcomes exactly at the objective is in service", () => {
  const counts = { good: new Float64Array([19]), bad: new Float64Array([1]) };
  expect(isInService(counts, 0, 0.95)).toBe(true);
  expect(isInService({ good: counts.good, bad: new Float64Array([2]) }, 0, 0.95)).toBe(false);
});

test("a window without outcomes is unknown, which is not in service", () => {
  const [outage] = outagesOf(`${before}${".".repeat(15)}${"+".repeat(20)}`);
  // Nothing is known to be wrong until the last good second has left the window.
  expect(outage).toEqual({ beginSecond: 20 + windowSeconds - 1, endSecond: 35 });
});

test("a recovery that does not keep holding is no recovery", () => {
  const relapse = `${before}${"-".repeat(12)}${"+".repeat(12)}${"-".repeat(3)}${"+".repeat(30)}`;
  const outages = outagesOf(relapse);
  // The window is good again for 3 s only, less than the 5 s it must hold.
  expect(outages).toEqual([{ beginSecond: 20, endSecond: 47 + windowSeconds - 1 }]);
});

test("two outages with a proper recovery between them are told apart", () => {
  const seconds = `${before}---${"+".repeat(30)}---${"+".repeat(30)}`;
  expect(outagesOf(seconds)).toEqual([
    { beginSecond: 20, endSecond: 20 + 2 + windowSeconds },
    { beginSecond: 53, endSecond: 53 + 2 + windowSeconds },
  ]);
});

test("a run that ends out of service, or before the objective has held long enough, leaves the outage open", () => {
  expect(outagesOf(`${before}${"-".repeat(20)}`)).toEqual([
    { beginSecond: 20, endSecond: undefined },
  ]);
  expect(outagesOf(`${before}${"-".repeat(5)}${"+".repeat(13)}`)).toEqual([
    { beginSecond: 20, endSecond: undefined },
  ]);
});

test("what was wrong before the span is judged only through windows that reach into it", () => {
  const seconds = `${"+".repeat(5)}${"-".repeat(5)}${"+".repeat(40)}`;
  expect(outagesOf(seconds)).toEqual([]);
});

test("where a load is thin, windows in which nobody asked are no outage, and one that began with bad outcomes goes on through them", () => {
  const thin = (seconds: string) =>
    findOutages(countsOf(seconds), { ...bounds, toSecond: seconds.length, isThin: true });
  const silence = ".".repeat(15);
  expect(outagesOf(`${before}${silence}${"+".repeat(30)}`)).toHaveLength(1);
  expect(thin(`${before}${silence}${"+".repeat(30)}`)).toEqual([]);
  expect(thin(`${before}-${silence}${"+".repeat(30)}`)).toEqual(
    outagesOf(`${before}-${silence}${"+".repeat(30)}`),
  );
});
