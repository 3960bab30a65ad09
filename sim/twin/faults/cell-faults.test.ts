import { expect, test } from "vitest";
import { status } from "../../components/fabric/instances.ts";
import { FaultBed } from "./fault-bed.ts";
import type { FaultSpec } from "./fault-types.ts";

test("a rack takes exactly the hosts on it, and gives them back to whoever was not given up", () => {
  const fault: FaultSpec = {
    id: "rack",
    kind: "rack-power-loss",
    component: "back",
    atSeconds: 10,
    durationSeconds: 20,
  };
  const { bed } = new FaultBed([fault]).run(15);
  const dark = (component: string) =>
    bed
      .instances(component)
      .map((slot) => bed.fabric.instances.column.status[slot] === status.dark);
  expect(dark("back")).toEqual([true, true, false, false]);
  expect(dark("front")).toEqual([false, false, false]);
  bed.runSeconds(20);
  expect(dark("back")).toEqual([false, false, false, false]);
  expect(bed.events("rack.power-lost")[0]?.value).toBe(2);
});

test("a cell takes every instance of its components in all zones, and no other cell's", () => {
  const fault: FaultSpec = {
    id: "cell",
    kind: "cell-power-loss",
    cell: 1,
    atSeconds: 10,
    durationSeconds: 20,
  };
  const { bed } = new FaultBed([fault]).run(15);
  const count = (component: string) =>
    bed
      .instances(component)
      .filter((slot) => bed.fabric.instances.column.status[slot] === status.dark).length;
  expect([count("back"), count("front")]).toEqual([4, 0]);
  bed.runSeconds(20);
  expect([count("back"), count("front")]).toEqual([0, 0]);
});

test("what a dark zone holds when its cell's power returns stays dark until the zone's does", () => {
  const { bed } = new FaultBed([
    { id: "cell", kind: "cell-power-loss", cell: 1, atSeconds: 10, durationSeconds: 20 },
    { id: "zone", kind: "zone-power-loss", zone: "a", atSeconds: 20, durationSeconds: 30 },
  ]).run(40);
  const dark = () =>
    bed.instances("back").map((slot) => bed.fabric.instances.column.status[slot] === status.dark);
  expect(dark()).toEqual([true, true, false, false]);
  bed.runSeconds(20);
  expect(dark()).toEqual([false, false, false, false]);
});
