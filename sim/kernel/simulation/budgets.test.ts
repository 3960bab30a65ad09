import { expect, test } from "vitest";
import { createSimulation } from "./diary.ts";

function endless(options: Parameters<typeof createSimulation>[0] = {}) {
  const simulation = createSimulation(options);
  const again = simulation.step("again", () => void simulation.after(10, again));
  simulation.after(10, again);
  return simulation;
}

test("a run says why it ended", () => {
  const simulation = createSimulation();
  simulation.after(
    5,
    simulation.step("once", () => {}),
  );
  expect([simulation.run({ untilUs: 3 }), simulation.run(), simulation.nowUs]).toEqual([
    "until",
    "idle",
    5,
  ]);
  expect(simulation.run({ untilUs: 9 })).toBe("until");
});

test("a run is stopped from outside, and taken up again as if nothing had been", () => {
  const stopped = endless();
  const answers = [true, true, false];
  expect(stopped.run({ untilUs: 1e7, goOn: () => answers.shift() === true })).toBe("stopped");
  expect(stopped.kernel.eventCount).toBe(3 * 65_536);
  expect(stopped.run({ untilUs: 1e7, goOn: () => true })).toBe("until");
  const through = endless();
  through.run({ untilUs: 1e7 });
  expect(stopped.digest()).toBe(through.digest());
});

test("a run without end is stopped by its budget of time, or of events", () => {
  expect(() => endless({ timeUsMax: 5_000_000 }).run()).toThrow(/budget of time ended at 5000000/);
  expect(() => endless({ timeUsMax: 500 }).run({ untilUs: 600 })).toThrow(/budget of time/);
  expect(endless({ timeUsMax: 500 }).run({ untilUs: 500 })).toBe("until");
  expect(() => endless({ eventsMax: 1000 }).run()).toThrow(/All 1000 events/);
});
