import { describe, expect, test } from "vitest";
import { outcome } from "../fabric/outcome.ts";
import { plainService, TestBed } from "../fabric/test-bed.ts";
import { type Aurora, createAurora } from "./aurora.ts";
import type { AuroraSpec } from "./aurora-spec.ts";

interface BedOptions {
  readonly writerZone?: string;
  readonly readerZones?: readonly string[];
  readonly parameters?: Readonly<Record<string, number>>;
  readonly callerZones?: readonly string[];
  readonly timeoutMs?: number;
  readonly seed?: string;
}

/** A service in zone c that writes to and reads from a cluster whose writer is in zone a. */
function bedWithDatabase(options: BedOptions = {}) {
  const spec: AuroraSpec = {
    service: "aurora",
    id: "database",
    instanceClass: "db.r6g.large",
    writerZone: options.writerZone ?? "a",
    readerZones: options.readerZones ?? ["b", "c"],
    ...(options.parameters && { parameters: options.parameters }),
  };
  const durable: number[] = [];
  const flow = (name: string, operation: string) => ({
    name,
    call: {
      to: "front",
      timeoutMs: 60_000,
      calls: [{ to: "database", operation, timeoutMs: options.timeoutMs ?? 1000 }],
    },
  });
  const bed = new TestBed({
    seed: options.seed ?? "database",
    factories: [
      plainService({
        id: "front",
        zones: options.callerZones ?? ["c"],
        insideMax: 100_000,
        operations: { serve: 10 },
      }),
      {
        id: "database",
        create: (fabric, index) => {
          const aurora = createAurora(fabric, index, spec);
          aurora.whenDurable((data) => durable.push(data));
          return aurora;
        },
      },
    ],
    flows: [flow("write", "write"), flow("read", "read"), flow("read-writer", "read-writer")],
    framesMax: 100_000,
  });
  return { bed, database: bed.fabric.component("database") as Aurora, durable };
}

function sendEvery(bed: TestBed, flow: string, options: { ms: number; count: number }): void {
  for (let at = 0; at < options.count; at += 1) {
    bed.send(flow, bed.request({}));
    bed.runSeconds(options.ms / 1000);
  }
}

function metric(bed: TestBed, database: Aurora, name: string): number {
  return bed.fabric.metrics.sources[bed.fabric.metrics.find(database.index, name)]!.sample();
}

function quantileOf(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
}

describe("commits", () => {
  test("a commit is acknowledged by four of six segments in the documented 2 to 5 ms", () => {
    const { bed, database } = bedWithDatabase();
    metric(bed, database, "CommitLatency");
    const latencies: number[] = [];
    for (let at = 0; at < 400; at += 1) {
      bed.send("write", bed.request({}));
      bed.runSeconds(0.05);
      latencies.push(metric(bed, database, "CommitLatency"));
    }
    expect(quantileOf(latencies, 0.05)).toBeGreaterThan(1.7);
    expect(quantileOf(latencies, 0.5)).toBeGreaterThan(2);
    expect(quantileOf(latencies, 0.95)).toBeLessThan(5);
  });

  test("with one storage zone gone commits go on, a little slower", () => {
    const { bed, database } = bedWithDatabase({ readerZones: ["c"] });
    sendEvery(bed, "write", { ms: 5, count: 400 });
    const before = metric(bed, database, "CommitLatency");
    bed.losePower("b");
    sendEvery(bed, "write", { ms: 5, count: 400 });
    const after = metric(bed, database, "CommitLatency");
    expect(bed.answers.every((each) => each.result === outcome.ok)).toBe(true);
    expect(after).toBeGreaterThan(before * 1.1);
    expect(after).toBeLessThan(before * 2);
  });

  test("with a second zone gone nothing is acknowledged, and nothing is lost: it commits when one is back", () => {
    const { bed, database, durable } = bedWithDatabase({
      readerZones: [],
      timeoutMs: 30_000,
      callerZones: ["a"],
    });
    bed.losePower("b");
    bed.losePower("c");
    sendEvery(bed, "write", { ms: 100, count: 10 });
    bed.runSeconds(5);
    expect(durable).toEqual([]);
    expect(
      database
        .channels()
        .find((each) => each.name === "commits waiting")
        ?.read(),
    ).toBe(10);
    bed.restorePower("b");
    bed.runSeconds(1);
    expect(durable.length).toBe(10);
    expect(bed.answers.map((each) => each.result)).toEqual(Array(10).fill(outcome.ok));
  });

  test("exactly what was acknowledged, and some of what was in flight, is durable when the writer loses power", () => {
    const inFlight = { durable: 0, gone: 0 };
    for (const seed of ["1", "2", "3", "4", "5", "6"]) {
      const { bed, database, durable } = bedWithDatabase({ seed, callerZones: ["a", "b", "c"] });
      for (let at = 0; at < 300; at += 1) {
        bed.send("write", bed.request({}));
        bed.runSeconds(0.001);
      }
      bed.losePower("a");
      bed.runSeconds(1.5);
      const acknowledged = bed.answers.filter((each) => each.result === outcome.ok);
      const kept = new Set(durable);
      expect(acknowledged.length).toBeGreaterThan(100);
      expect(acknowledged.every((each) => kept.has(each.data))).toBe(true);
      expect(kept.size).toBe(durable.length);
      inFlight.durable += database.unheardCount;
      inFlight.gone += 300 - durable.length;
    }
    expect(inFlight.durable).toBeGreaterThan(0);
    expect(inFlight.gone).toBeGreaterThan(0);
  });

  test("redo that waits in the log buffer dies with the writer", () => {
    const { bed, durable } = bedWithDatabase({
      callerZones: ["a"],
      parameters: { logFlushUs: 1_000_000 },
    });
    for (let at = 0; at < 300; at += 1) {
      bed.send("write", bed.request({}));
      bed.runSeconds(0.001);
    }
    bed.losePower("a");
    bed.runSeconds(2);
    // Each waits up to a second and had 0.15 s on average.
    expect(durable.length).toBeGreaterThan(10);
    expect(durable.length).toBeLessThan(90);
  });
});

/** Seconds from the loss of the writer's zone until the cluster endpoint is re-pointed. */
function failoverSeconds(seed: string, cut: (bed: TestBed) => void): number {
  const { bed } = bedWithDatabase({ seed });
  bed.runSeconds(1);
  cut(bed);
  const cutUs = bed.kernel.nowUs;
  bed.runSeconds(300);
  return (bed.events("aurora.cluster-endpoint-updated")[0]!.atUs - cutUs) / 1_000_000;
}

describe("failover", () => {
  test("takes under 60 s as a rule and under 120 s nearly always, as documented", () => {
    const seconds = Array.from({ length: 150 }, (_, seed) =>
      failoverSeconds(`law ${seed}`, (bed) => bed.losePower("a")),
    );
    expect(quantileOf(seconds, 0.05)).toBeGreaterThan(10);
    expect(quantileOf(seconds, 0.5)).toBeGreaterThan(18);
    expect(quantileOf(seconds, 0.9)).toBeLessThan(60);
    expect(quantileOf(seconds, 0.98)).toBeLessThan(120);
  });

  test("asked for by an operator, it takes what five measured failovers took: 10 to 16 s lie in its middle", () => {
    const seconds = Array.from({ length: 100 }, (_, seed) =>
      failoverSeconds(`planned ${seed}`, (bed) => {
        (bed.fabric.component("database") as Aurora).failOver(-1);
      }),
    );
    expect(quantileOf(seconds, 0.1)).toBeLessThan(10);
    expect(quantileOf(seconds, 0.35)).toBeLessThan(13);
    expect(quantileOf(seconds, 0.75)).toBeGreaterThan(13);
  });

  test("promotes the reader of the lowest tier in a living zone, each step caused by the one before", () => {
    const { bed, database } = bedWithDatabase({ readerZones: ["a", "c", "b"] });
    bed.runSeconds(1);
    bed.losePower("a");
    bed.runSeconds(200);
    expect(bed.fabric.instances.column.zone[database.writerInstance]).toBe(bed.fabric.zone("c"));
    const [updated] = bed.events("aurora.cluster-endpoint-updated");
    expect(bed.causes(updated!.seq)).toEqual([
      "zone.power-lost",
      "instance.failed-by-power",
      "aurora.failure-detected",
      "aurora.reader-chosen",
      "aurora.reader-promoted",
      "aurora.cluster-endpoint-updated",
    ]);
  });

  test("callers write again, on the new writer, once their name has expired", () => {
    const { bed } = bedWithDatabase();
    sendEvery(bed, "write", { ms: 100, count: 10 });
    bed.losePower("a");
    const cutUs = bed.kernel.nowUs;
    sendEvery(bed, "write", { ms: 200, count: 600 });
    const updatedUs = bed.events("aurora.cluster-endpoint-updated")[0]!.atUs;
    const firstOkUs = bed.answers.find(
      (each) => each.result === outcome.ok && each.atUs > cutUs + 1_000_000,
    )!.atUs;
    expect(firstOkUs).toBeGreaterThan(updatedUs);
    expect(firstOkUs).toBeLessThan(updatedUs + 7_000_000);
  });

  test("without a reader in another zone an operator is needed; the writer is back after the power", () => {
    const { bed, durable } = bedWithDatabase({ readerZones: ["a"] });
    bed.runSeconds(1);
    bed.losePower("a");
    bed.runSeconds(600);
    expect(bed.events("aurora.failover-impossible")).toHaveLength(1);
    expect(bed.events("aurora.reader-promoted")).toHaveLength(0);
    bed.restorePower("a");
    bed.runSeconds(200);
    sendEvery(bed, "write", { ms: 1000, count: 10 });
    expect(durable.length).toBeGreaterThan(0);
  });

  test("a start that a second loss of power breaks off begins anew when the power is back", () => {
    const { bed, database } = bedWithDatabase({ readerZones: [] });
    bed.losePower("a");
    bed.runSeconds(60);
    bed.restorePower("a");
    bed.runSeconds(5);
    expect(bed.events("aurora.restart-started")).toHaveLength(1);
    bed.losePower("a");
    bed.runSeconds(2);
    bed.restorePower("a");
    const restoredUs = bed.kernel.nowUs;
    bed.runSeconds(400);
    const [, again] = bed.events("aurora.restart-started");
    expect(again!.atUs - restoredUs).toBeLessThan(5_000_000);
    const [back] = bed.events("aurora.instance-back");
    const bootUsHigh = database.parameters()["hostBootUsHigh"]!.value;
    expect(back!.atUs).toBeLessThan(again!.atUs + bootUsHigh + 1);
    expect(bed.events("aurora.restart-started")).toHaveLength(2);
    expect(bed.events("aurora.instance-back")).toHaveLength(1);
  });

  test("the old writer comes back as a reader when its power is back", () => {
    const { bed, database } = bedWithDatabase();
    const [former] = bed.instances("database", "a");
    bed.losePower("a");
    bed.runSeconds(200);
    bed.restorePower("a");
    bed.runSeconds(250);
    expect(database.writerInstance).not.toBe(former);
    const back = bed.events("aurora.instance-back").filter((each) => each.instance === former);
    expect(back).toHaveLength(1);
    bed.runSeconds(60);
    expect(bed.events("aurora.reader-endpoint-updated").at(-1)!.value).toBe(2);
  });

  test("a writer that is cut off acknowledges nothing, and what it held is refused when it is back", () => {
    const { bed, durable } = bedWithDatabase({ callerZones: ["a"], timeoutMs: 200_000 });
    sendEvery(bed, "write", { ms: 100, count: 3 });
    bed.isolate("a", true);
    const write = bed.fabric.flowSite("write");
    bed.fabric.calls.callAsClient(write, bed.fabric.zone("a"), bed.request({}), 0);
    bed.runSeconds(50);
    expect(bed.events("aurora.reader-promoted")).toHaveLength(1);
    expect(durable).toEqual([0, 1, 2]);
    bed.isolate("a", false);
    bed.runSeconds(2);
    expect(bed.answers.at(-1)!.result).not.toBe(outcome.ok);
    expect(durable).toEqual([0, 1, 2]);
    bed.runSeconds(60);
    const [former] = bed.instances("database", "a");
    const back = bed.events("aurora.instance-back").filter((each) => each.instance === former);
    expect(back).toHaveLength(1);
  });

  test("the new writer is slow while its buffer cache is cold and gets well by being used", () => {
    const { bed, database } = bedWithDatabase({
      parameters: { workingSetPages: 4000 },
      timeoutMs: 3000,
    });
    const meanMs = (count: number) => {
      bed.runSeconds(1);
      const startUs: number[] = [];
      const from = bed.answers.length;
      for (let at = 0; at < count; at += 1) {
        startUs.push(bed.kernel.nowUs);
        bed.send("read-writer", bed.request({}));
        bed.runSeconds(0.05);
      }
      bed.runSeconds(1);
      const spans = bed.answers.slice(from).map((each, at) => each.atUs - startUs[at]!);
      return spans.reduce((sum, span) => sum + span, 0) / spans.length / 1000;
    };
    const warmMs = meanMs(200);
    database.failOver(-1);
    // Callers that write meanwhile lose their connections to the former writer and find the new one.
    for (let at = 0; at < 100; at += 1) {
      bed.send("write", bed.request({}));
      bed.runSeconds(1);
    }
    const coldMs = meanMs(50);
    expect(database.writerHitShare).toBeLessThan(0.5);
    expect(coldMs).toBeGreaterThan(warmMs + 2);
    sendEvery(bed, "read-writer", { ms: 5, count: 4000 });
    expect(database.writerHitShare).toBeGreaterThan(0.9);
    expect(meanMs(200)).toBeLessThan(warmMs + 0.7);
  });

  test("the readers' sessions break for a moment while another is promoted", () => {
    const { bed, database } = bedWithDatabase();
    sendEvery(bed, "read", { ms: 20, count: 50 });
    expect(bed.answers.every((each) => each.result === outcome.ok)).toBe(true);
    const from = bed.answers.length;
    database.failOver(-1);
    sendEvery(bed, "read", { ms: 20, count: 2000 });
    const results = bed.answers.slice(from).map((each) => each.result);
    expect(results).toContain(outcome.connectionRefused);
    expect(bed.events("aurora.readers-cycled")).toHaveLength(1);
    // The former writer was well; it is restarted as a reader.
    expect(bed.events("aurora.restart-started").map((each) => each.instance)).toEqual(
      bed.instances("database", "a"),
    );
    expect(results.slice(-500).every((each) => each === outcome.ok)).toBe(true);
  });
});

test("a larger size takes the ten minutes of a new reader, and becomes the writer's by a failover", () => {
  const { bed, database } = bedWithDatabase();
  const servers = () => bed.fabric.instances.column.serverCount[database.writerInstance];
  expect(servers()).toBe(2);
  expect(database.scaleUp(2, -1)).toBe(true);
  expect(database.scaleUp(2, -1)).toBe(false);
  const before = database.writerInstance;
  bed.runSeconds(599);
  expect([servers(), database.isScalingUp, database.writerInstance]).toEqual([2, true, before]);
  bed.runSeconds(120);
  expect([servers(), database.isScalingUp]).toEqual([4, false]);
  expect(database.writerInstance).not.toBe(before);
  const [ordered, inForce] = ["resize.ordered", "resize.in-force"].map(
    (kind) => bed.events(kind)[0]!,
  );
  expect(inForce!.causeSeq).toBe(ordered!.seq);
});

test("an instance takes no more than its documented connections", () => {
  const { bed } = bedWithDatabase({ timeoutMs: 30_000 });
  for (let at = 0; at < 1722 + 50; at += 1) bed.send("write", bed.request({}));
  bed.runSeconds(20);
  const refused = bed.answers.filter((each) => each.result === outcome.unavailable).length;
  expect(refused).toBeGreaterThan(0);
  expect(refused).toBeLessThanOrEqual(50);
});

test("two vCPUs bound the writer's throughput", () => {
  const { bed, database } = bedWithDatabase({ timeoutMs: 60_000 });
  // Median 600 us with a sigma of 0.5 is 680 us on average: 2,941 transactions a second.
  for (let at = 0; at < 40; at += 1) {
    for (let each = 0; each < 100; each += 1) bed.send("write", bed.request({}));
    bed.runSeconds(0.025);
  }
  expect(database.durableCount).toBeGreaterThan(2_600);
  expect(database.durableCount).toBeLessThan(3_050);
  expect(metric(bed, database, "CPUUtilization")).toBeGreaterThan(90);
});

test("a crashed writer without readers is restarted in place within seconds", () => {
  const { bed, database, durable } = bedWithDatabase({ readerZones: [] });
  bed.runSeconds(1);
  bed.fail(database.writerInstance, "crash");
  bed.runSeconds(40);
  sendEvery(bed, "write", { ms: 100, count: 5 });
  expect(durable.length).toBeGreaterThan(0);
  expect(bed.events("aurora.instance-back")).toHaveLength(1);
});
