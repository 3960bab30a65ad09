import { expect, test } from "vitest";
import { type FailureManner, status } from "../../components/fabric/instances.ts";
import { TwinError } from "../../errors/twin-error.ts";
import { FaultBed, powerLoss } from "./fault-bed.ts";
import type { FaultSpec } from "./fault-types.ts";

const { up, dark, crashed, hung } = status;

test("a fault finds its zone where a component stands when it strikes", () => {
  const kill: FaultSpec = { id: "kill", kind: "instance-kill", component: "front", atSeconds: 5 };
  // The first of the front's instances, in zone a, is gone by then: the next stands in b.
  const bed = new FaultBed([kill, { ...powerLoss, zone: "zone-of:front" }]).run(11);
  expect(bed.conditions("front")).toEqual([crashed, dark, up]);
});

test.each([
  ["crash", crashed],
  ["power", dark],
  ["hang", hung],
] as const satisfies readonly (readonly [FailureManner, number])[])(
  "a kill by %s fails the oldest instances in that manner and leaves the others",
  (manner, condition) => {
    const kill: FaultSpec = {
      id: "kill",
      kind: "instance-kill",
      component: "back",
      atSeconds: 10,
      count: 2,
      manner,
    };
    const bed = new FaultBed([kill]).run(11);
    expect(bed.conditions("back")).toEqual([condition, condition, up, up]);
    expect(bed.log).toEqual([`10 instance.failed-by-${manner}`, `10 instance.failed-by-${manner}`]);
  },
);

test("a kill without a count or manner crashes one instance, and with a role the one that has it", () => {
  const kill: FaultSpec = { id: "kill", kind: "instance-kill", component: "back", atSeconds: 10 };
  expect(new FaultBed([kill]).run(11).conditions("back")).toEqual([crashed, up, up, up]);
  const leader = { ...kill, role: "leader" };
  expect(new FaultBed([leader]).run(11).conditions("back")).toEqual([up, up, crashed, up]);
});

test("a fault whose target has not run since the beginning stops the run and says which", () => {
  const kill: FaultSpec = { id: "kill", kind: "instance-kill", component: "back", atSeconds: 10 };
  // Nobody leads any more before any fault has struck.
  for (const fault of [
    { ...kill, id: "late", role: "leader" },
    { ...powerLoss, id: "late", zone: "zone-of:back" },
  ]) {
    const bed = new FaultBed([fault]);
    const { status: condition } = bed.bed.fabric.instances.column;
    for (const slot of bed.bed.instances("back")) condition[slot] = crashed;
    let caught: unknown;
    try {
      bed.run(30);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(TwinError);
    expect((caught as TwinError).code).toBe("fault.nothing-to-strike");
    expect((caught as TwinError).problem).toContain('Fault "late"');
  }
});

test("a fault that finds its target down by an earlier one, or by itself, says so, and the run goes on", () => {
  const all: FaultSpec = {
    id: "flap",
    kind: "instance-kill",
    component: "back",
    count: 4,
    atSeconds: 10,
    repeat: { count: 2, everySeconds: 5 },
  };
  const late: FaultSpec = { id: "late", kind: "instance-kill", component: "back", atSeconds: 16 };
  const zone: FaultSpec = { ...powerLoss, id: "dark", zone: "zone-of:back", atSeconds: 17 };
  const slow: FaultSpec = {
    id: "slow",
    kind: "instance-slow",
    component: "back",
    factor: 2,
    atSeconds: 18,
    durationSeconds: 1,
  };
  const bed = new FaultBed([all, late, zone, slow]).run(20);
  expect(bed.log.slice(-5)).toEqual([
    "10 instance.failed-by-crash",
    "15 fault.found-nothing-running",
    "16 fault.found-nothing-running",
    "17 fault.found-nothing-running",
    "18 fault.found-nothing-running",
  ]);
  const { index } = bed.bed.fabric.component("back");
  expect(bed.bed.events().at(-1)?.component).toBe(index);
});

test("what several faults hold at once stays as long as one of them does", () => {
  const at = (id: string, atSeconds: number, durationSeconds: number) => ({
    id,
    atSeconds,
    durationSeconds,
  });
  const bed = new FaultBed([
    { ...at("all", 10, 20), kind: "control-plane-freeze" },
    { ...at("one", 20, 30), kind: "control-plane-freeze", component: "back" },
    { ...at("blind", 100, 20), kind: "observability-loss" },
    { ...at("late", 110, 30), kind: "observability-loss", lateBySeconds: 90 },
    { ...at("hot", 200, 20), kind: "hot-symbol", symbol: 3, share: 0.5 },
    { ...at("hotter", 210, 20), kind: "hot-symbol", symbol: 4, share: 0.9 },
    { ...at("storm", 300, 30), kind: "client-retries", retriesMax: 7, backoffMs: 0 },
    { ...at("burst", 310, 10), kind: "client-retries", retriesMax: 5, backoffMs: 10 },
    { ...at("wild", 400, 30), kind: "volatility-burst", factor: 20 },
    { ...at("wilder", 410, 10), kind: "volatility-burst", factor: 50, symbol: 2 },
    { ...at("sell-off", 500, 30), kind: "one-sided-flow", side: "sell", share: 0.75 },
    { ...at("squeeze", 510, 10), kind: "one-sided-flow", side: "buy", share: 0.75, symbol: 2 },
  ]).run(600);
  expect(bed.noted).toEqual([
    "front and back frozen by control-plane.frozen",
    "front free by control-plane.thawed",
    "back free by control-plane.thawed",
    "late by -1 by observability.lost",
    "late by -1 by observability.lost",
    "late by 90000000 by observability.lost",
    "late by 0 by observability.back",
    "symbol 3 at 0.5",
    "symbol 4 at 0.9",
    "symbol 4 at 0.9",
    "symbol 0 at 0",
    "7 retries after 0 ms",
    "5 retries after 10 ms",
    "7 retries after 0 ms",
    "2 retries after 500 ms",
    "steps of -1 at 20",
    "steps of 2 at 50",
    "steps of -1 at 20",
    "steps of -1 at 1",
    "buys of -1 at 0.25",
    "buys of 2 at 0.75",
    "buys of -1 at 0.25",
    "buys of -1 at 0.5",
  ]);
});

test("the control plane is frozen and freed, CloudWatch blinded or delayed and healed, each with its cause", () => {
  const bed = new FaultBed([
    { id: "freeze", kind: "control-plane-freeze", atSeconds: 10, durationSeconds: 5 },
    { id: "blind", kind: "observability-loss", atSeconds: 20, durationSeconds: 5 },
    {
      id: "late",
      kind: "observability-loss",
      atSeconds: 30,
      durationSeconds: 5,
      lateBySeconds: 90,
    },
  ]).run(40);
  expect(bed.noted).toEqual([
    "front and back frozen by control-plane.frozen",
    "front and back free by control-plane.thawed",
    "late by -1 by observability.lost",
    "late by 0 by observability.back",
    "late by 90000000 by observability.lost",
    "late by 0 by observability.back",
  ]);
});

test("a fault strikes as often as it is to repeat, and ends each time", () => {
  const bed = new FaultBed([
    {
      id: "flap",
      kind: "zone-partition",
      zone: "b",
      atSeconds: 1,
      durationSeconds: 1,
      repeat: { count: 3, everySeconds: 4 },
    },
  ]);

  bed.run(30);

  expect(bed.log).toEqual([
    "1 zone.cut-off",
    "2 zone.rejoined",
    "5 zone.cut-off",
    "6 zone.rejoined",
    "9 zone.cut-off",
    "10 zone.rejoined",
  ]);
});
