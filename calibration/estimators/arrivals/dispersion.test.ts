import { expect, test } from "vitest";
import { Stream } from "../../../sim/kernel/random/stream.ts";
import { dispersionOf } from "./fit-arrivals.ts";

test.each([600, 1000, 3600])(
  "of Poisson arrivals over %i s, nine in ten intervals of the dispersion hold 1, however few the windows",
  (seconds) => {
    const held = new Map<number, number>();
    const records = 100;
    for (let record = 0; record < records; record += 1) {
      const draw = new Stream(String(record), `dispersion ${seconds}`);
      const counts = new Float64Array(seconds);
      for (let at = draw.exponential(0.05); at < seconds; at += draw.exponential(0.05)) {
        counts[Math.floor(at)]! += 1;
      }
      for (const { windowSeconds, interval } of dispersionOf(counts, 1, [1, 10, 60])) {
        const isHeld = interval[0] <= 1 && 1 <= interval[1];
        held.set(windowSeconds, (held.get(windowSeconds) ?? 0) + (isHeld ? 1 : 0));
      }
    }
    expect([...held.keys()]).toEqual([1, 10, 60]);
    for (const [windowSeconds, count] of held) {
      expect(count / records, `${windowSeconds} s`).toBeGreaterThanOrEqual(0.83);
    }
  },
);
