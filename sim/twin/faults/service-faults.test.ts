import { expect, test } from "vitest";
import { status } from "../../components/fabric/instances.ts";
import { FaultBed } from "./fault-bed.ts";

test("slow instances take so many times as long, and as long as before afterwards", () => {
  const bed = new FaultBed([
    {
      id: "slow",
      kind: "instance-slow",
      component: "back",
      count: 2,
      factor: 3,
      atSeconds: 1,
      durationSeconds: 2,
    },
  ]);
  const factors = () =>
    bed.bed.instances("back").map((slot) => bed.bed.fabric.instances.column.slowFactor[slot]);

  bed.run(2);
  expect(factors()).toEqual([3, 3, 1, 1]);
  bed.run(4);
  expect(factors()).toEqual([1, 1, 1, 1]);
});

test("what fails while it is slow and comes back in its place is as quick as usual once the fault is over", () => {
  const bed = new FaultBed([
    {
      id: "slow",
      kind: "instance-slow",
      component: "back",
      count: 2,
      factor: 100,
      atSeconds: 1,
      durationSeconds: 5,
    },
    { id: "kill", kind: "instance-kill", component: "back", count: 2, atSeconds: 2 },
  ]);
  const { instances } = bed.bed.fabric;
  const [kept, replaced] = bed.bed.instances("back") as [number, number];
  bed.run(3);
  instances.column.status[kept] = status.up;
  const zone = instances.column.zone[replaced]!;
  const component = instances.column.component[replaced]!;
  instances.release(replaced);
  const next = instances.create({
    component,
    zone,
    status: status.up,
    serverCount: 1,
    insideMax: 10,
    causeSeq: -1,
  });
  expect(next).toBe(replaced);
  // A new instance in the slot of the old one has a speed of its own.
  instances.column.slowFactor[next] = 2;

  bed.run(7);
  expect(instances.column.slowFactor[kept]).toBe(1);
  expect(instances.column.slowFactor[next]).toBe(2);
});

test("loads multiply, rise over their ramp, and fall back; clients' ways change and change back", () => {
  const bed = new FaultBed([
    {
      id: "spike",
      kind: "load-change",
      factor: 5,
      atSeconds: 1,
      durationSeconds: 10,
      rampSeconds: 2,
    },
    { id: "more", kind: "load-change", factor: 2, atSeconds: 5, durationSeconds: 2 },
    { id: "hot", kind: "hot-symbol", symbol: 3, share: 0.5, atSeconds: 12, durationSeconds: 1 },
    {
      id: "storm",
      kind: "client-retries",
      retriesMax: 7,
      backoffMs: 0,
      atSeconds: 14,
      durationSeconds: 1,
    },
  ]);

  bed.run(20);

  expect(bed.noted).toEqual([
    "load x3",
    "load x5",
    "load x10",
    "load x5",
    "load x1",
    "symbol 3 at 0.5",
    "symbol 0 at 0",
    "7 retries after 0 ms",
    "2 retries after 500 ms",
  ]);
});
