import { expect, test } from "vitest";
import type { LogEntry } from "../../components/fabric/event-log.ts";
import type { ComponentSpec } from "../topology-types.ts";
import { type CopyEvidence, copyResults } from "./copy-results.ts";

const frameStepUs = 1_000_000;

const primary = { service: "aurora", id: "primary" } as unknown as ComponentSpec;
const secondary = {
  service: "aurora",
  id: "secondary",
  secondaryOf: "primary",
} as unknown as ComponentSpec;

function channel(component: string, name: string, unit: string, frames: readonly number[]) {
  return { component, name, unit, frames: Float64Array.from(frames) };
}

function power(kind: string, zone: number, atSeconds: number): LogEntry {
  return {
    seq: 0,
    atUs: atSeconds * 1_000_000,
    kind,
    stage: "fault",
    component: -1,
    instance: -1,
    zone,
    causeSeq: -1,
    value: 0,
  };
}

function evidence(over: Partial<CopyEvidence> = {}): CopyEvidence {
  return {
    components: [primary, secondary],
    recorded: {
      channels: [
        channel("primary", "commits durable", "commits", [0, 10, 20, 30, 40, 50, 50, 50]),
        channel("secondary", "commits not yet arrived", "commits", [0, 10, 10, 10, 10, 25, 25, 5]),
      ],
      frameStepUs,
      fromUs: 3_000_000,
    },
    entries: [],
    zonesOf: () => [1, 2],
    partitions: [],
    ...over,
  };
}

test("a copy says what it lacked when its original went dark, at its worst after the fault, and in the end", () => {
  const entries = [power("zone.power-lost", 1, 4), power("zone.power-lost", 2, 4.5)];
  expect(copyResults(evidence({ entries }))).toEqual([
    {
      component: "secondary",
      of: "primary",
      unit: "commits",
      sourceLost: { atUs: 4_500_000, items: 25, seconds: 2 },
      most: { atUs: 5_000_000, items: 25, seconds: 2 },
      atEnd: { atUs: 7_000_000, items: 5, seconds: 2 },
      neverCount: 0,
    },
  ]);
});

test("an original of which a zone is left, or one that was back before the other went, is not lost", () => {
  const one = [power("zone.power-lost", 1, 4)];
  const inTurn = [
    power("zone.power-lost", 1, 4),
    power("zone.power-restored", 1, 5),
    power("zone.power-lost", 2, 6),
  ];
  for (const entries of [one, inTurn]) {
    expect(copyResults(evidence({ entries }))[0]?.sourceLost).toBe(null);
  }
});

test("an original that is cut off is lost to its copy", () => {
  const partitions = [{ zones: [0, 1, 2], fromUs: 6_000_000 }];
  expect(copyResults(evidence({ partitions }))[0]?.sourceLost).toMatchObject({ items: 25 });
});

test("change capture tells its own lag, and what will never come", () => {
  const capture = { service: "dms", id: "capture", source: "primary" } as unknown as ComponentSpec;
  const recorded = {
    channels: [
      channel("capture", "changes not applied", "changes", [0, 5, 9]),
      channel("capture", "source latency", "s", [0, 1, 3]),
      channel("capture", "target latency", "s", [0, 0.5, 1]),
      channel("capture", "changes missing", "changes", [0, 0, 40]),
    ],
    frameStepUs,
    fromUs: 0,
  };
  expect(copyResults(evidence({ components: [primary, capture], recorded }))).toMatchObject([
    {
      component: "capture",
      sourceLost: null,
      atEnd: { items: 9, seconds: 4 },
      neverCount: 40,
    },
  ]);
});
