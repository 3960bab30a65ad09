import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { decodeRecording } from "../../../sim/twin/recording/recording-file.ts";
import { clocksAt, longestOutages } from "./clocks.ts";
import { createRecordingView } from "./recording-view.ts";
import { parseClock } from "./times.ts";

const { head, frames } = decodeRecording(
  gunzipSync(readFileSync("ui/public/demonstration.stormrec")),
);

test("an outage that goes on when the run ends is on the clock, and does not hide a longer one before it", () => {
  const view = createRecordingView(head, frames);
  const [first] = view.outages.filter((outage) => outage.function === "matching");
  if (first === undefined) throw new Error("the demonstration has an outage of matching");
  const beganUs = view.availableUs - 48_000_000;
  const again = { ...view, outages: [...view.outages, { ...first, beganUs, endedUs: -1 }] };
  const clock = clocksAt(again, again.availableUs).find((each) => each.function === "matching");
  expect([clock?.seconds, clock?.isRunning]).toEqual([48, true]);
  const longest = longestOutages(again).find((each) => each.function === "matching");
  expect(longest?.seconds).toBe((first.endedUs - first.beganUs) / 1e6);
  expect(longest?.seconds).toBeGreaterThan(48);
  const early = { ...again, outages: [{ ...first, endedUs: -1 }] };
  const running = longestOutages(early).find((each) => each.function === "matching");
  expect(running?.seconds).toBe((view.availableUs - first.beganUs) / 1e6);
});

test("a time is read as one writes it, and what is no time is none", () => {
  expect(["870.5", "14:30", "90:00", "1:02:03.5"].map(parseClock)).toEqual([
    870_500_000, 870_000_000, 5_400_000_000, 3_723_500_000,
  ]);
  expect(["06:407:10", "1:90", "soon", "", "1:2:3:4", "-5"].map(parseClock)).toEqual(
    Array.from({ length: 6 }),
  );
});
