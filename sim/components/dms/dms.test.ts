import { describe, expect, test } from "vitest";
import { factNumberAt } from "../../facts/facts.ts";
import { type Aurora, createAurora } from "../aurora/aurora.ts";
import { plainService, TestBed } from "../fabric/test-bed.ts";
import { createDms, type Dms } from "./dms.ts";
import type { DmsSpec } from "./dms-spec.ts";

/** Writes to a cluster in zone a, whose changes an instance in zone b applies to a cluster in zone c. */
function bedWithCapture(fields: Partial<DmsSpec> = {}) {
  const spec: DmsSpec = {
    service: "dms",
    id: "capture",
    zones: ["b"],
    source: "database",
    applies: "transactional",
    afterLoss: "resume",
    ...fields,
  };
  const cluster = (id: string, writerZone: string, readerZones: readonly string[]) => ({
    id,
    create: (fabric: Parameters<typeof createAurora>[0], index: number) =>
      createAurora(fabric, index, {
        service: "aurora",
        id,
        instanceClass: "db.r6g.xlarge",
        writerZone,
        readerZones,
      }),
  });
  const bed = new TestBed({
    factories: [
      plainService({ id: "front", zones: ["a"], insideMax: 100_000, operations: { serve: 10 } }),
      cluster("database", "a", ["c"]),
      cluster("copy", "c", []),
      { id: "capture", create: (fabric, index) => createDms(fabric, index, spec) },
    ],
    flows: [
      {
        name: "write",
        call: {
          to: "front",
          timeoutMs: 60_000,
          calls: [{ to: "database", operation: "write", timeoutMs: 1000 }],
        },
      },
    ],
    actorCalls: [
      {
        component: "capture",
        name: "apply",
        call: { to: "copy", operation: "write", timeoutMs: 60_000 },
      },
    ],
    framesMax: 100_000,
  });
  const of = <Kind>(id: string) => bed.fabric.component(id) as unknown as Kind;
  return {
    bed,
    capture: of<Dms>("capture"),
    database: of<Aurora>("database"),
    copy: of<Aurora>("copy"),
    rowsOf: (id: string) => channel(of<Aurora>(id), "rows written"),
  };
}

type Own = ReturnType<typeof bedWithCapture>;

function channel(component: Pick<Dms | Aurora, "channels">, name: string): number {
  const found = component.channels().find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no channel "${name}"`);
  return found.read();
}

function metric({ bed, capture }: Own, name: string): number {
  return bed.fabric.metrics.sources[bed.fabric.metrics.find(capture.index, name)]!.sample();
}

/** Writes at a rate, and the whole lag, source and target, at every tenth of a second. */
function write({ bed, capture }: Own, seconds: number, perSecond = 200): number[] {
  const lags: number[] = [];
  for (let at = 0; at < seconds * 10; at += 1) {
    for (let each = 0; each < perSecond / 10; each += 1) {
      bed.send("write", bed.request({}));
      bed.runSeconds(1 / perSecond);
    }
    lags.push(capture.sourceLatencySeconds + capture.targetLatencySeconds);
  }
  return lags;
}

describe("a healthy task", () => {
  test("the target gets every change, within the documented 1 to 5 s", () => {
    const own = bedWithCapture();
    const lags = write(own, 60).slice(50);
    const [low, high] = [0, 1].map((end) => factNumberAt("dms.cdc.latency-s", end));
    // A lag between two groups is young; what a row waits at the most is what the metric peaks at.
    expect(Math.max(...lags)).toBeGreaterThan(low!);
    expect(Math.max(...lags)).toBeLessThan(high!);
    own.bed.runSeconds(5);
    expect(own.rowsOf("database")).toBe(12_000);
    expect(own.rowsOf("copy")).toBe(12_000);
    expect(channel(own.capture, "changes not applied")).toBe(0);
    expect(metric(own, "CDCLatencySource") + metric(own, "CDCLatencyTarget")).toBe(0);
  });

  test("batches wait for each other, up to the documented half a minute", () => {
    const own = bedWithCapture({ applies: "batch" });
    const lags = write(own, 100).slice(400);
    expect(Math.max(...lags)).toBeGreaterThan(25);
    expect(Math.max(...lags)).toBeLessThan(factNumberAt("dms.cdc.batch-apply-s", "max") + 3);
    expect(own.copy.durableCount).toBeLessThan(6);
  });

  test("more changes than it decodes a second pile up at the source, and nothing is lost", () => {
    const own = bedWithCapture({ parameters: { changesPerSecond: 150 } });
    write(own, 40);
    expect(metric(own, "CDCLatencySource")).toBeGreaterThan(8);
    expect(metric(own, "CDCLatencyTarget")).toBeLessThan(3);
    own.bed.runSeconds(20);
    expect(own.rowsOf("copy")).toBe(8000);
  });
});

describe("what stops it", () => {
  test("a transaction left open makes the source's latency grow for everyone until it ends", () => {
    const own = bedWithCapture();
    write(own, 10);
    own.database.setTransactionOpen(true);
    write(own, 30);
    expect(metric(own, "CDCLatencySource")).toBeGreaterThan(28);
    expect(channel(own.capture, "changes not captured")).toBeGreaterThan(5500);
    own.database.setTransactionOpen(false);
    write(own, 10);
    expect(metric(own, "CDCLatencySource")).toBeLessThan(1);
    own.bed.runSeconds(5);
    expect(own.rowsOf("copy")).toBe(own.rowsOf("database"));
  });

  test("a standby takes over in one to two minutes and resumes: lag, and no gap", () => {
    const own = bedWithCapture({ zones: ["b", "c"], afterLoss: "restart" });
    write(own, 10);
    own.bed.losePower("b");
    write(own, 30, 50);
    // A task that does not run tells CloudWatch nothing; the recording knows better.
    expect(metric(own, "CDCLatencyTarget")).toBeNaN();
    expect(channel(own.capture, "source latency")).toBeGreaterThan(25);
    write(own, 120, 50);
    const [tookOver] = own.bed.events("dms.standby-took-over");
    expect(tookOver!.atUs / 1e6 - 10).toBeGreaterThan(60);
    expect(tookOver!.atUs / 1e6 - 10).toBeLessThan(126);
    expect(own.bed.causes(own.bed.events("dms.task-resumed")[0]!.seq)).toEqual([
      "zone.power-lost",
      "instance.failed-by-power",
      "dms.instance-lost",
      "dms.standby-took-over",
      "dms.task-resumed",
    ]);
    own.bed.runSeconds(20);
    expect(own.rowsOf("copy")).toBe(own.rowsOf("database"));
    expect(own.capture.missingCount).toBe(0);
  });

  test("without a standby the task stops until its zone is back: resumed it catches up, restarted it leaves a gap", () => {
    for (const afterLoss of ["resume", "restart"] as const) {
      const own = bedWithCapture({ zones: ["b"], afterLoss });
      write(own, 10);
      own.bed.losePower("b");
      write(own, 100, 50);
      expect(own.bed.events("dms.standby-took-over")).toHaveLength(0);
      expect(channel(own.capture, "changes not applied")).toBeGreaterThan(5000);
      own.bed.restorePower("b");
      write(own, 200, 20);
      own.bed.runSeconds(10);
      const gap = own.rowsOf("database") - own.rowsOf("copy");
      expect(own.capture.missingCount).toBe(gap);
      if (afterLoss === "resume") expect(gap).toBe(0);
      else expect(gap).toBeGreaterThan(5000);
    }
  });

  test("a failover of the source costs the connection's time-out, and no change", () => {
    const own = bedWithCapture();
    write(own, 10);
    own.bed.fail(own.database.writerInstance, "crash");
    write(own, 90, 50);
    own.bed.runSeconds(30);
    expect(own.bed.events("aurora.reader-promoted")).toHaveLength(1);
    expect(own.rowsOf("copy")).toBe(own.rowsOf("database"));
  });

  test("a target that is away is tried until it is there", () => {
    const own = bedWithCapture();
    write(own, 5);
    own.bed.fail(own.copy.writerInstance, "crash");
    write(own, 60, 50);
    own.bed.runSeconds(90);
    expect(own.capture.appliedCount).toBe(own.rowsOf("database"));
    expect(own.rowsOf("copy")).toBeGreaterThanOrEqual(own.rowsOf("database"));
  });

  test("it goes on bit for bit from a snapshot taken while a standby takes over", () => {
    const run = (restores: boolean) => {
      const own = bedWithCapture({ zones: ["b", "c"] });
      write(own, 10);
      own.bed.losePower("b");
      write(own, 20);
      if (!restores) {
        write(own, 120, 20);
        return own.bed.kernel.digest();
      }
      const other = bedWithCapture({ zones: ["b", "c"] });
      other.bed.kernel.restore(own.bed.kernel.snapshot(), { random: "same" });
      write(other, 120, 20);
      return other.bed.kernel.digest();
    };
    expect(run(true)).toBe(run(false));
  });

  test("a source that is no Aurora cluster is refused", () => {
    expect(() => bedWithCapture({ source: "front" })).toThrow(
      expect.objectContaining({ code: "dms.ends-unfit" }),
    );
  });
});
