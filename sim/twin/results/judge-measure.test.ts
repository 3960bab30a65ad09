import { expect, test } from "vitest";
import { TwinError } from "../../errors/twin-error.ts";
import { judgeMeasure, type RecordedSpan, refuseUnknownChannels } from "./judge-measure.ts";
import type { MeasureObjective } from "./objective-types.ts";

const channel = (component: string, name: string, values: readonly number[]) => ({
  component,
  name,
  unit: "tasks",
  frames: Float64Array.from(values),
});

/** A frame a second; the fault strikes at 2 s. */
const recorded: RecordedSpan = {
  channels: [
    channel("service-1", "running", [1, 1, 2, 5, 9, 4, 3]),
    channel("service-2", "running", [0, 0, 1, 1, 1, 1, 1]),
    channel("service-front", "running", [100, 100, 100, 100, 100, 100, 100]),
    channel("queue", "sent", [0, 10, 20, 40, 60, 80, 100]),
    channel("queue", "throttled", [0, 0, 0, 10, 20, 20, 20]),
  ],
  frameStepUs: 1_000_000,
  fromUs: 2_000_000,
};

function measured(
  take: MeasureObjective["take"],
  channels: MeasureObjective["channels"],
  bounds: Pick<MeasureObjective, "atLeast" | "atMost"> = { atMost: 0 },
) {
  const objective = {
    kind: "measure",
    id: "m",
    title: "It",
    fromSeconds: 1,
    toSeconds: 3,
  } as const;
  return judgeMeasure({ ...objective, take, channels, ...bounds }, recorded);
}

test("copies of a partitioned component are added up, and what only begins like it is not", () => {
  const running = [{ component: "service", channel: "running" }];
  expect(measured("end", running).measured).toBe(5);
  expect(measured("largest", running).measured).toBe(10);
  expect(measured("rise", running).measured).toBe(4);
  expect(measured("growth", running).measured).toBe(-1);
});

test("what is taken away is counted against the rest, a second in the mean", () => {
  const passed = [
    { component: "queue", channel: "sent" },
    { component: "queue", channel: "throttled", minus: true },
  ];
  expect(measured("rate", passed)).toMatchObject({ measured: 15, unit: "tasks/s" });
});

test("both bounds hold, and the one that is missed is the limit", () => {
  const sent = [{ component: "queue", channel: "sent" }];
  expect(measured("end", sent, { atLeast: 80, atMost: 80 }).met).toBe(true);
  expect(measured("end", sent, { atLeast: 81 })).toMatchObject({ met: false, limit: 81 });
  expect(measured("end", sent, { atLeast: 10, atMost: 79 })).toMatchObject({
    met: false,
    limit: 79,
  });
});

test("a span that goes on after the run ends with it", () => {
  const objective = {
    kind: "measure",
    id: "m",
    title: "It",
    fromSeconds: 0,
    toSeconds: 99,
  } as const;
  const sent = [{ component: "queue", channel: "sent" }];
  const result = judgeMeasure({ ...objective, take: "rate", channels: sent, atMost: 1 }, recorded);
  expect(result.measured).toBe(20);
});

test("a channel that nothing records is refused with the names that there are", () => {
  const wrong = { kind: "measure", id: "m", channels: [{ component: "queue", channel: "depth" }] };
  expect(() => refuseUnknownChannels([wrong], recorded.channels)).toThrow(TwinError);
  try {
    refuseUnknownChannels([wrong], recorded.channels);
  } catch (error) {
    expect((error as TwinError).remedy).toBe("Use one of sent, throttled");
    expect((error as TwinError).at).toBe("/objectives/0/channels/0/channel");
  }
});
