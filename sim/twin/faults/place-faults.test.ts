import { expect, test } from "vitest";
import { status } from "../../components/fabric/instances.ts";
import { FaultBed, powerLoss } from "./fault-bed.ts";
import type { FaultSpec } from "./fault-types.ts";
import { secondsOnCurve } from "./place-faults.ts";

const { up, dark } = status;

test("a zone that loses power goes silent at once with all in it, and comes back at once without a curve", () => {
  const bed = new FaultBed([powerLoss]).run(9.9);
  expect(bed.conditions("back")).toEqual([up, up, up, up]);
  bed.run(10);
  expect(bed.conditions("back")).toEqual([dark, dark, up, up]);
  expect(bed.conditions("front")).toEqual([dark, up, up]);
  expect(bed.bed.fabric.zones.powered[bed.bed.fabric.zone("a")]).toBe(0);
  bed.run(69.9);
  expect(bed.conditions("back")).toEqual([dark, dark, up, up]);
  bed.run(70.1);
  expect(bed.conditions("back")).toEqual([up, up, up, up]);
});

test("every instance's failure, and the return of power, name the loss of the zone as their cause", () => {
  const bed = new FaultBed([powerLoss]).run(100);
  expect(bed.log).toEqual([
    "10 zone.power-lost",
    "10 instance.failed-by-power",
    "10 instance.failed-by-power",
    "10 instance.failed-by-power",
    "70 zone.power-restored",
  ]);
  expect(bed.bed.events().map(({ causeSeq }) => causeSeq)).toEqual([-1, 0, 0, 0, 0]);
});

test("hosts come back along the recovery curve, each by its own luck, and the luck is the seed's", () => {
  const recoveryCurve = [
    { afterSeconds: 30, share: 0.5 },
    { afterSeconds: 90, share: 1 },
  ];
  const returns = (seed: string) => {
    const bed = new FaultBed([{ ...powerLoss, recoveryCurve }], seed).run(71);
    const at: number[] = [];
    for (let second = 71; second <= 162; second += 1) {
      const back = bed.run(second).conditions("back");
      if (back[0] === up) at[0] ??= second;
      if (back[1] === up) at[1] ??= second;
    }
    return at;
  };
  const first = returns("one");
  expect(returns("one")).toEqual(first);
  expect(first).toHaveLength(2);
  const others = ["two", "three", "four"].map(returns);
  expect(others.some((each) => String(each) !== String(first))).toBe(true);
  for (const second of [first, ...others].flat()) {
    expect(second).toBeGreaterThan(70);
    expect(second).toBeLessThanOrEqual(161);
  }
});

test("hosts do not come back into a zone that has lost power again", () => {
  const recoveryCurve = [
    { afterSeconds: 40, share: 0.01 },
    { afterSeconds: 50, share: 1 },
  ];
  const again = { ...powerLoss, id: "again", atSeconds: 80, durationSeconds: 100 };
  const bed = new FaultBed([{ ...powerLoss, recoveryCurve }, again]).run(130);
  expect(bed.conditions("back").slice(0, 2)).toEqual([dark, dark]);
  expect(bed.run(181).conditions("back").slice(0, 2)).toEqual([up, up]);
});

test("a cut-off zone keeps power and talks to nobody, inside or outside the region, until it rejoins", () => {
  const cut: FaultSpec = {
    id: "cut",
    kind: "zone-partition",
    zone: "b",
    atSeconds: 10,
    durationSeconds: 20,
  };
  const bed = new FaultBed([cut]).run(11);
  for (const other of ["a", "c", "outside"]) {
    expect([bed.linked("b", other), bed.linked(other, "b")]).toEqual([false, false]);
  }
  expect(bed.linked("b", "b")).toBe(true);
  expect(bed.linked("a", "c")).toBe(true);
  expect(bed.conditions("back")).toEqual([up, up, up, up]);
  bed.run(31);
  expect([bed.linked("b", "a"), bed.linked("outside", "b")]).toEqual([true, true]);
  expect(bed.log).toEqual(["10 zone.cut-off", "30 zone.rejoined"]);
  expect(bed.bed.fabric.zones.causeSeq[bed.bed.fabric.zone("b")]).toBe(1);
});

test.each([
  ["inbound", true, false],
  ["outbound", false, true],
] as const)("a partition of the %s way leaves the other way open", (direction, out, into) => {
  const cut: FaultSpec = {
    id: "cut",
    kind: "zone-partition",
    zone: "b",
    atSeconds: 10,
    durationSeconds: 20,
    direction,
  };
  const bed = new FaultBed([cut]).run(11);
  expect([bed.linked("b", "a"), bed.linked("a", "b")]).toEqual([out, into]);
  bed.run(31);
  expect([bed.linked("b", "a"), bed.linked("a", "b")]).toEqual([true, true]);
});

test("several grey failures of a link add up, and one that passes leaves the others", () => {
  const grey = { kind: "link-degradation", from: "a", lossShare: 0.5, addedLatencyMs: 40 } as const;
  const bed = new FaultBed([
    { ...grey, id: "long", atSeconds: 10, durationSeconds: 100 },
    { ...grey, id: "pair", from: "b", to: "a", lossShare: 0.2, atSeconds: 20, durationSeconds: 10 },
  ]).run(15);
  const { zones } = bed.bed.fabric;
  const [a, b, c] = ["a", "b", "c"].map((id) => bed.bed.fabric.zone(id)) as [
    number,
    number,
    number,
  ];
  const delivered = () =>
    Array.from({ length: 4000 }, (_, n) => zones.delivers(a, b, n)).filter(Boolean).length / 4000;
  expect([zones.latencyUs(a, b), zones.latencyUs(a, c)]).toEqual([40_500, 40_500]);
  bed.run(25);
  expect([zones.latencyUs(a, b), zones.latencyUs(b, a), zones.latencyUs(a, c)]).toEqual([
    80_500, 80_500, 40_500,
  ]);
  expect(Math.abs(delivered() - 0.4)).toBeLessThan(0.03);
  bed.run(35);
  expect([zones.latencyUs(a, b), zones.latencyUs(b, a)]).toEqual([40_500, 40_500]);
  expect(Math.abs(delivered() - 0.5)).toBeLessThan(0.03);
  bed.run(111);
  expect([zones.latencyUs(a, b), zones.isLossy(a, b)]).toEqual([500, false]);
});

test("a grey failure slows and thins the links of one zone, or of one pair, and passes", () => {
  const lossy = {
    id: "lossy",
    kind: "link-degradation",
    from: "a",
    addedLatencyMs: 40,
    lossShare: 0.25,
    atSeconds: 10,
    durationSeconds: 20,
  } as const;
  const latency = (bed: FaultBed, from: string, to: string) =>
    bed.bed.fabric.zones.latencyUs(bed.bed.fabric.zone(from), bed.bed.fabric.zone(to));
  const bed = new FaultBed([lossy]).run(11);
  const { zones } = bed.bed.fabric;
  expect([latency(bed, "a", "b"), latency(bed, "b", "a"), latency(bed, "b", "c")]).toEqual([
    40_500, 40_500, 500,
  ]);
  expect(latency(bed, "outside", "a")).toBe(50_000);
  const [a, b] = [bed.bed.fabric.zone("a"), bed.bed.fabric.zone("b")];
  const delivered = Array.from({ length: 4000 }, (_, n) => zones.delivers(a, b, n)).filter(Boolean);
  expect(Math.abs(delivered.length / 4000 - 0.75)).toBeLessThan(0.03);
  bed.run(31);
  expect(latency(bed, "a", "b")).toBe(500);
  expect(zones.isLossy(a, b)).toBe(false);
  expect(bed.log).toEqual(["10 link.degraded", "30 link.clear"]);

  const pair = new FaultBed([{ ...lossy, to: "c" }]).run(11);
  expect([latency(pair, "a", "b"), latency(pair, "a", "c"), latency(pair, "c", "a")]).toEqual([
    500, 40_500, 40_500,
  ]);
});

test("the recovery curve is read between its points, from nothing at its beginning", () => {
  const curve = [
    { afterSeconds: 30, share: 0.5 },
    { afterSeconds: 90, share: 0.9 },
    { afterSeconds: 180, share: 1 },
  ];
  expect([0, 0.25, 0.5, 0.7, 0.9, 0.95, 1].map((share) => secondsOnCurve(curve, share))).toEqual([
    0,
    15,
    30,
    expect.closeTo(60, 9),
    90,
    expect.closeTo(135, 9),
    180,
  ]);
  expect(secondsOnCurve([{ afterSeconds: 0, share: 1 }], 0.4)).toBe(0);
  // A step: all of the second half comes at once.
  const step = [
    { afterSeconds: 10, share: 0.5 },
    { afterSeconds: 60, share: 0.5 },
    { afterSeconds: 60, share: 1 },
  ];
  expect(secondsOnCurve(step, 0.75)).toBe(60);
});

test("a region's zones all go dark, and come back", () => {
  const bed = new FaultBed([
    {
      id: "region",
      kind: "region-power-loss",
      region: "region-1",
      atSeconds: 1,
      durationSeconds: 2,
    },
  ]);

  bed.run(2);
  expect(bed.conditions("back")).toEqual([status.dark, status.dark, status.dark, status.dark]);
  bed.run(4);
  expect(bed.bed.fabric.zones.powered.every((powered) => powered === 1)).toBe(true);
});

test("a region that is cut off keeps its own links", () => {
  const bed = new FaultBed([
    { id: "cut", kind: "region-partition", region: "region-1", atSeconds: 1, durationSeconds: 2 },
  ]);
  const { zones } = bed.bed.fabric;

  bed.run(2);
  expect(zones.linked(0, 1) || zones.linked(1, 0)).toBe(false);
  expect(zones.linked(1, 2) && zones.linked(2, 3)).toBe(true);
  bed.run(4);
  expect(zones.linked(0, 1) && zones.linked(1, 0)).toBe(true);
});
