import { expect, test } from "vitest";
import type { EventRecord } from "../../../sim/twin/results-types.ts";
import { createRecordingView } from "./recording-view.ts";
import { replicaAt, replicaLinks, worstOf } from "./replicas.ts";

const frameStepUs = 100_000;
const link = { from: "log-a", to: "log-b" };

/** A log that grows by ten records a frame, and a copy that is so many frames behind and stands still from one on. */
function recordingOf(options: { behind: number; stillFrom?: number; promotedUs?: number }) {
  const original = Float32Array.from({ length: 100 }, (_, frame) => frame * 10);
  const lacking = original.map((_, frame) => {
    const shown = Math.min(frame, options.stillFrom ?? 100) - options.behind;
    return frame * 10 - Math.max(0, shown * 10);
  });
  const event = {
    kind: "journal.replica-promoted",
    component: "log-b",
    place: "B",
    atUs: options.promotedUs,
  };
  const head = {
    frameStepUs,
    frameCount: 100,
    zones: [],
    edges: [],
    events: options.promotedUs === undefined ? [] : [event as EventRecord],
    scenario: { faults: [] },
    channels: [
      { component: "log-a", name: "durable", unit: "records", kind: "level" },
      { component: "log-b", name: "records not yet arrived", unit: "records", kind: "level" },
    ],
    components: [
      { id: "log-a", service: "journal", title: "A", spec: { service: "journal" } },
      {
        id: "log-b",
        service: "journal",
        title: "B",
        spec: { service: "journal", replicaOf: "log-a" },
      },
    ],
    results: { functions: [] },
  };
  return createRecordingView(head as never, [original, lacking]);
}

test("a store that says what it is a copy of has a link from its original", () => {
  expect(replicaLinks(recordingOf({ behind: 0 }))).toEqual([link]);
});

test("a copy is as far behind as the oldest record that it lacks is old", () => {
  const at = replicaAt(recordingOf({ behind: 4 }), link, 5_000_000);
  expect(at).toEqual({ state: "following", lagSeconds: 0.4, missing: 40 });
  expect(replicaAt(recordingOf({ behind: 0 }), link, 5_000_000).lagSeconds).toBe(0);
});

test("a copy that gets nothing more falls behind by the second, and has stopped after ten", () => {
  const view = recordingOf({ behind: 0, stillFrom: 0 });
  expect(replicaAt(view, link, 5_000_000)).toMatchObject({ state: "following", lagSeconds: 5 });
  const long = { ...view, head: { ...view.head, frameStepUs: 400_000 }, availableUs: 40_000_000 };
  expect(replicaAt(long, link, 20_000_000)).toMatchObject({ state: "stalled", lagSeconds: 20 });
});

test("a copy that was promoted is ahead from that instant on and not before", () => {
  const view = recordingOf({ behind: 2, promotedUs: 6_000_000 });
  expect(replicaAt(view, link, 5_900_000).state).toBe("following");
  expect(replicaAt(view, link, 6_000_000).state).toBe("ahead");
});

test("a copy that change capture keeps is as old as both of its stages, and lacks what has not been applied", () => {
  const figures = { "source latency": 2.5, "target latency": 1, "changes not applied": 420 };
  const head = {
    frameStepUs,
    frameCount: 100,
    zones: [],
    events: [],
    scenario: { faults: [] },
    edges: [{ path: "capture.apply/copy.write", from: "capture", to: "copy", channel: -1 }],
    channels: Object.keys(figures).map((name) => ({
      component: "capture",
      name,
      unit: "",
      kind: "level",
    })),
    components: [
      { id: "database", service: "aurora", title: "A", spec: { service: "aurora" } },
      { id: "copy", service: "aurora", title: "B", spec: { service: "aurora" } },
      {
        id: "capture",
        service: "dms",
        title: "Capture",
        spec: { service: "dms", source: "database" },
      },
    ],
    results: { functions: [] },
  };
  const frames = Object.values(figures).map((value) => new Float32Array(100).fill(value));
  const view = createRecordingView(head as never, frames);
  const [captured] = replicaLinks(view);
  expect(captured).toEqual({ from: "database", to: "copy", by: "capture" });
  expect(captured === undefined ? undefined : replicaAt(view, captured, 5_000_000)).toEqual({
    state: "following",
    lagSeconds: 3.5,
    missing: 420,
  });
});

test("copies drawn as one are as late as the latest, and lack what all lack together", () => {
  const [one, other] = [4, 9].map((behind) => replicaAt(recordingOf({ behind }), link, 5_000_000));
  expect(worstOf([one, other].flatMap((each) => each ?? []))).toEqual({
    state: "following",
    lagSeconds: 0.9,
    missing: 130,
  });
});
