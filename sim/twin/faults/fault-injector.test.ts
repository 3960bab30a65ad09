import { expect, test } from "vitest";
import { type FailureManner, status } from "../../components/fabric/instances.ts";
import { plainService, TestBed } from "../../components/fabric/test-bed.ts";
import { TwinError } from "../../errors/twin-error.ts";
import { type FaultControls, FaultInjector } from "./fault-injector.ts";
import type { FaultSpec } from "./fault-types.ts";
import { secondsOnCurve } from "./place-faults.ts";

/** A platform of two components over three zones, struck by faults; what reaches control planes is noted. */
class FaultBed {
  readonly bed: TestBed;
  readonly noted: string[] = [];
  readonly #role = new Map<string, number>([["leader", 1]]);

  constructor(faults: readonly FaultSpec[], seed = "faults") {
    this.bed = new TestBed({
      seed,
      factories: [
        plainService({ id: "front", zones: ["a", "b", "c"] }),
        plainService({ id: "back", zones: ["a", "a", "b", "c"] }),
      ],
      flows: [{ name: "ask", call: { to: "back", timeoutMs: 500 } }],
    });
    const { fabric } = this.bed;
    // The third of the back's instances leads.
    fabric.instances.column.role[this.bed.instances("back")[2]!] = 1;
    const controls: FaultControls = {
      clients: {
        setLoadFactor: (factor) => this.noted.push(`load x${factor}`),
        setHotSymbol: (symbol, share) => this.noted.push(`symbol ${symbol} at ${share}`),
        dropConnections: (share) => this.noted.push(`connections of ${share} dropped`),
        setRetries: (retriesMax, backoffMs) =>
          this.noted.push(`${retriesMax} retries after ${backoffMs} ms`),
      },
      usualRetries: { retriesMax: 2, backoffMs: 500 },
      instancesOf: (component, role) =>
        this.bed
          .instances(component)
          .filter((slot) => fabric.instances.column.status[slot] === status.up)
          .filter(
            (slot) =>
              role === undefined || fabric.instances.column.role[slot] === this.#role.get(role),
          ),
      // The back's instances of one zone stand on one rack, and serve the first cell.
      hostsOnRackOf: (host) => {
        const { column } = fabric.instances;
        return this.bed.instances("back").filter((slot) => column.zone[slot] === column.zone[host]);
      },
      componentsOfCell: (cell) => (cell === 1 ? ["back"] : ["front"]),
      freezeControlPlane: (frozen, cause, components) =>
        this.noted.push(
          `${components.join(" and ")} ${frozen ? "frozen" : "free"} by ${this.kindOf(cause)}`,
        ),
      disturbObservability: (lateByUs, cause) =>
        this.noted.push(`late by ${lateByUs} by ${this.kindOf(cause)}`),
    };
    new FaultInjector(fabric, faults, controls).start();
  }

  kindOf(seq: number): string {
    return this.bed.fabric.log.entry(seq).kind;
  }

  run(toSeconds: number): this {
    this.bed.runSeconds(toSeconds - this.bed.kernel.nowUs / 1_000_000);
    return this;
  }

  /** Conditions of a component's instances, in order. */
  conditions(component: string): number[] {
    return this.bed
      .instances(component)
      .map((slot) => this.bed.fabric.instances.column.status[slot]!);
  }

  /** `second kind` of every log entry. */
  get log(): string[] {
    return this.bed.events().map(({ atUs, kind }) => `${atUs / 1_000_000} ${kind}`);
  }

  linked(from: string, to: string): boolean {
    const { fabric } = this.bed;
    return fabric.zones.linked(fabric.zone(from), fabric.zone(to));
  }
}

const { up, dark, crashed, hung } = status;
const powerLoss = {
  id: "dark",
  kind: "zone-power-loss",
  zone: "a",
  atSeconds: 10,
  durationSeconds: 60,
} as const;

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

test("a fault finds its zone where a component stands when it strikes", () => {
  const kill: FaultSpec = { id: "kill", kind: "instance-kill", component: "front", atSeconds: 5 };
  // The first of the front's instances, in zone a, is gone by then: the next stands in b.
  const bed = new FaultBed([kill, { ...powerLoss, zone: "zone-of:front" }]).run(11);
  expect(bed.conditions("front")).toEqual([crashed, dark, up]);
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

test("a fault that finds nothing to strike stops the run and says which", () => {
  const kill: FaultSpec = { id: "first", kind: "instance-kill", component: "back", atSeconds: 10 };
  const all = { ...kill, count: 4 };
  for (const late of [
    { ...kill, id: "late", atSeconds: 20 },
    { ...powerLoss, id: "late", zone: "zone-of:back", atSeconds: 20 },
  ]) {
    const bed = new FaultBed([all, late]);
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

test("a fault that strikes again and finds its target still down says so, and the run goes on", () => {
  const flapping: FaultSpec = {
    id: "flap",
    kind: "instance-kill",
    component: "back",
    count: 4,
    atSeconds: 10,
    repeat: { count: 2, everySeconds: 5 },
  };
  const bed = new FaultBed([flapping]).run(20);
  expect(bed.log.slice(-2)).toEqual(["10 instance.failed-by-crash", "15 fault.found-nothing"]);
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
  ]).run(400);
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
  ]);
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
