import { expect, test } from "vitest";
import type { TwinError } from "../../errors/twin-error.ts";
import { outcome } from "../fabric/outcome.ts";
import { TestBed } from "../fabric/test-bed.ts";
import { type Aurora, createAurora } from "./aurora.ts";
import type { AuroraSpec, ServerlessSpec } from "./aurora-spec.ts";
import { serversFor } from "./serverless-capacity.ts";

/** A statement of 10 ms CPU, without spread, so that loads are exact: 100 a second fill a vCPU, which is four ACUs. */
const statement = { writeCpuUs: 10_000, readCpuUs: 10_000, cpuSigma: 0.0001, hitShareWarm: 1 };

function serverlessBed(
  serverless: ServerlessSpec,
  changes: Partial<AuroraSpec> = {},
  timeoutMs = 2000,
) {
  const spec: AuroraSpec = {
    service: "aurora",
    id: "database",
    instanceClass: "db.serverless",
    serverless,
    writerZone: "a",
    readerZones: ["b", "c", "c"],
    parameters: statement,
    ...changes,
  };
  const bed = new TestBed({
    factories: [{ id: "database", create: (fabric, index) => createAurora(fabric, index, spec) }],
    flows: ["write", "read-writer"].map((operation) => ({
      name: operation,
      call: { to: "database", operation, timeoutMs },
    })),
    framesMax: 100_000,
  });
  const database = bed.fabric.component("database") as Aurora;
  const load = (perSecond: number, seconds: number) => {
    const from = bed.answers.length;
    for (let at = 0; at < perSecond * seconds; at += 1) {
      bed.send("read-writer", bed.request({}));
      bed.runSeconds(1 / perSecond);
    }
    return bed.answers.slice(from).filter(({ result }) => result === outcome.ok).length / seconds;
  };
  return { bed, database, load };
}

test("CPUs are shared out whole, and a part of one is a slower one", () => {
  expect(serversFor(8, 4)).toEqual({ servers: 2, slowness: 1 });
  expect(serversFor(0.5, 4)).toEqual({ servers: 1, slowness: 8 });
  expect(serversFor(10, 4)).toEqual({ servers: 3, slowness: 1.2 });
});

test("a fixed eight ACUs do what the two vCPUs of a db.r6g.large do", () => {
  const { load } = serverlessBed({ acuMin: 8, acuMax: 8 }, {}, 60_000);
  load(300, 10);
  const done = load(300, 20);
  expect(done).toBeGreaterThan(194);
  expect(done).toBeLessThan(203);
});

test("it grows by half an ACU a second at first, then by a tenth, to what the load needs, and no further", () => {
  const { bed, database, load } = serverlessBed({ acuMin: 0.5, acuMax: 64 });
  load(200, 4);
  const early = database.writerAcu;
  expect(early).toBeGreaterThanOrEqual(2);
  expect(early).toBeLessThanOrEqual(2.5);
  load(200, 60);
  // Two vCPUs of work are eight ACUs; at 70 % of use, eleven and a half, and more while the line is worked off.
  expect(database.writerAcu).toBeGreaterThanOrEqual(11.5);
  expect(database.writerAcu).toBeLessThan(20);
  expect(load(200, 20)).toBeGreaterThan(195);
  bed.runSeconds(600);
  expect(database.writerAcu).toBe(0.5);
});

test("from a low floor a burst meets errors that a higher floor does not have", () => {
  const refusedFrom = (acuMin: number) => {
    const { load } = serverlessBed({ acuMin, acuMax: 64 });
    return 1 - load(800, 15) / 800;
  };
  expect(refusedFrom(0.5)).toBeGreaterThan(0.3);
  expect(refusedFrom(48)).toBeLessThan(0.01);
});

test("the readers that are first in line have the writer's size when they take over, a third has its own", () => {
  const { bed, database, load } = serverlessBed({ acuMin: 1, acuMax: 32 });
  load(300, 40);
  const grown = database.writerAcu;
  expect(grown).toBeGreaterThan(12);
  const former = database.writerInstance;
  bed.fail(former, "crash");
  // Idle readers shrink by and by, but not below the writer.
  bed.runSeconds(40);
  expect(database.writerInstance).not.toBe(former);
  expect(database.writerAcu).toBeGreaterThan(0.6 * grown);
  const third = bed.instances("database").at(-1)!;
  expect(bed.fabric.instances.column.slowFactor[third]).toBe(serversFor(1, 4).slowness);
});

test("it is paid by the second for what is there, on all instances", () => {
  const { bed, database } = serverlessBed({ acuMin: 2, acuMax: 8 }, { readerZones: ["b"] });
  bed.runSeconds(1800);
  const hours = database.channels().find(({ name }) => name === "capacity")!;
  expect(hours.read()).toBeCloseTo(2, 6);
});

test("nothing is resized while the control plane stands, and a slow host stays slow through it", () => {
  const { bed, database, load } = serverlessBed({ acuMin: 1, acuMax: 32 });
  const { slowFactor } = bed.fabric.instances.column;
  slowFactor[database.writerInstance] = slowFactor[database.writerInstance]! * 3;
  database.setControlPlaneFrozen(true);
  load(100, 20);
  expect(database.writerAcu).toBe(1);
  database.setControlPlaneFrozen(false);
  load(100, 20);
  const { slowness } = serversFor(database.writerAcu, 4);
  expect(slowFactor[database.writerInstance]).toBeCloseTo(3 * slowness, 9);
});

test.each([
  [{ serverless: { acuMin: 4, acuMax: 2 } }, "with 4 to 2 ACUs"],
  [{ serverless: { acuMin: 0.3, acuMax: 2 } }, "with 0.3 to 2 ACUs"],
  [{ serverless: { acuMin: 1, acuMax: 300 } }, "with 1 to 300 ACUs"],
  [
    { serverless: { acuMin: 1, acuMax: 2 }, instanceClass: "db.r6g.large" as const },
    "db.r6g.large",
  ],
])("bounds that do not fit are a mistake: %j", (changes, words) => {
  const { serverless, ...rest } = changes;
  let told: TwinError | undefined;
  try {
    serverlessBed(serverless, rest);
  } catch (error) {
    told = error as TwinError;
  }
  expect(told?.code).toBe("aurora.serverless-bounds");
  expect(told?.message).toContain(words);
});
