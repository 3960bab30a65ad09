import { expect, test } from "vitest";
import { wilsonInterval } from "./wilson-interval.ts";

test("Wilson's interval is that of the literature", () => {
  // Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
  const cases = [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ] as const;
  for (const [hits, count, low, high] of cases) {
    const found = wilsonInterval(hits, count, 0.95);
    expect(found.low).toBeCloseTo(low, 4);
    expect(found.high).toBeCloseTo(high, 4);
  }
});

test("all of twenty is not a certainty, and nothing tried says nothing", () => {
  const all = wilsonInterval(20, 20, 0.95);
  expect(all).toMatchObject({ share: 1, high: 1 });
  expect(all.low).toBeCloseTo(0.8389, 4);
  expect(wilsonInterval(0, 0, 0.95)).toMatchObject({ low: 0, high: 1 });
});
