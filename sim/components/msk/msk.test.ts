import { describe, expect, test } from "vitest";
import { factNumberAt } from "../../facts/facts.ts";
import { none } from "../../kernel/none.ts";
import { outcome } from "../fabric/outcome.ts";
import { partitionOf } from "../fabric/partition-law.ts";
import { MskBed } from "./msk-bed.ts";
import { mskCounted } from "./msk-figures.ts";

const sessionSeconds = factNumberAt("msk.kraft.broker-session-s");
const [restartMinutesLow, restartMinutesHigh] = [
  factNumberAt("msk.broker-restart-min", 0),
  factNumberAt("msk.broker-restart-min", 1),
];

describe("a healthy cluster", () => {
  test("hands out what was sent, a partition's records in their order", () => {
    const bed = new MskBed();
    const sent = [7, 7, 7, 7].map((symbol) => {
      const request = bed.send(symbol);
      bed.bed.runSeconds(0.1);
      return request;
    });
    expect(bed.fetch()).toEqual(sent);
    expect([...bed.results.values()]).toEqual(sent.map(() => outcome.ok));
  });

  test("does not hand out a partition's next records before the first are committed", () => {
    const bed = new MskBed();
    const first = bed.send(7);
    bed.bed.runSeconds(0.1);
    const receipt = bed.fetchReceipt();
    expect(bed.msk.readBatch(receipt)).toBe(1);
    expect(bed.msk.batch[0]).toBe(first);
    const second = bed.send(7);
    bed.bed.runSeconds(0.1);
    expect(bed.fetch()).toEqual([]);
    expect(bed.commit(receipt)).toBe(outcome.ok);
    expect(bed.fetch()).toEqual([second]);
  });

  test("gives each engine the symbols that the partition law gives it", () => {
    const bed = new MskBed({ topicPartitions: 50 }, { readers: 5 });
    const sent = bed.sendMany(200);
    const bySymbol = new Map(sent.map((request, symbol) => [request, symbol]));
    for (let reader = 0; reader < 5; reader += 1) {
      const own = [...bySymbol].filter(
        ([, symbol]) => partitionOf("symbol", symbol, [{ share: 1, count: 5 }]) === reader,
      );
      expect(new Set(bed.fetch(reader))).toEqual(new Set(own.map(([request]) => request)));
    }
  });

  test("refuses a number of engines that its partitions cannot be shared out over", () => {
    expect(() => new MskBed({ topicPartitions: 50 }, { readers: 3 })).toThrowError(
      expect.objectContaining({ code: "msk.partitions-uneven" }),
    );
  });

  test("takes as much as the documented throughput of a broker's disk, and no more", () => {
    // Records of 256 KiB, so that the limit is met by few of them; every broker's disk takes every record.
    const recordBytes = 262_144;
    const bed = new MskBed({ parameters: { recordBytes } });
    const limit =
      (factNumberAt("msk.broker-throughput", "m7g.large", "ebs") * 1_048_576) / recordBytes;
    const seconds = 10;
    for (let at = 0; at < 2 * limit * seconds; at += 1) {
      bed.send(at);
      if (at % 63 === 62) bed.bed.runSeconds(0.1);
    }
    const rate = bed.msk.counts[mskCounted.orders]! / seconds;
    expect(rate).toBeGreaterThan(0.97 * limit);
    expect(rate).toBeLessThan(1.03 * limit);
  });
});

describe("the loss of a zone", () => {
  test("stops every partition until the session is over, and then loses nothing", () => {
    const bed = new MskBed();
    const before = bed.sendMany(60);
    bed.bed.losePower("a");
    const broken = Array.from({ length: 60 }, (_, symbol) => bed.send(symbol));
    bed.bed.runSeconds(sessionSeconds - 1);
    // Those led by the dead broker are lost on the way; the others wait for their dead follower.
    for (const request of broken) expect(bed.results.has(request)).toBe(false);
    expect(bed.msk.orders.pendingCount).toBeGreaterThan(0);
    bed.bed.runSeconds(3);
    expect(bed.msk.orders.pendingCount).toBe(0);
    bed.bed.runSeconds(3);
    const [fenced] = bed.bed.events("msk.broker-fenced");
    const lostUs = bed.bed.events("zone.power-lost")[0]!.atUs;
    expect((fenced!.atUs - lostUs) / 1e6).toBeGreaterThanOrEqual(sessionSeconds);
    expect((fenced!.atUs - lostUs) / 1e6).toBeLessThanOrEqual(sessionSeconds + 2);
    const after = bed.sendMany(60);
    for (const request of after) expect(bed.results.get(request)).toBe(outcome.ok);
    expect(bed.msk.replicas.offlineCount).toBe(0);
    expect(bed.msk.counts[mskCounted.lost]).toBe(0);
    const read = new Set<number>();
    for (let batch = bed.fetch(0, 1); batch.length > 0; batch = bed.fetch(0, 1)) {
      for (const request of batch) read.add(request);
      bed.commit(bed.heard.at(-1)!.receipt, 0, 1);
    }
    for (const request of [...before, ...after]) expect(read.has(request)).toBe(true);
  });

  test("with replicas in two zones leaves writes to one broker, as the default of one in-sync replica allows", () => {
    const bed = new MskBed({ zones: ["a", "b"] });
    expect(bed.msk.replicas.factor).toBe(factNumberAt("msk.default.rf", "2az"));
    bed.bed.losePower("a");
    bed.bed.runSeconds(sessionSeconds + 5);
    const [request] = bed.sendMany(1);
    expect(bed.results.get(request!)).toBe(outcome.ok);
  });

  test("of two zones in turn blocks sends that ask for two in-sync replicas", () => {
    const bed = new MskBed();
    bed.bed.losePower("a");
    bed.bed.runSeconds(sessionSeconds + 5);
    const survivor = bed.symbolLedBy(1);
    bed.bed.fail(bed.msk.brokers.instances[2]!, "crash");
    bed.bed.runSeconds(sessionSeconds + 5);
    const request = bed.send(survivor);
    bed.bed.runSeconds(1);
    expect(bed.results.get(request)).toBe(outcome.unavailable);
    expect(bed.msk.counts[mskCounted.turnedAway]).toBeGreaterThan(0);
  });

  test("is over for a broker when it has restarted and read what it missed", () => {
    const bed = new MskBed();
    bed.bed.losePower("b");
    bed.bed.runSeconds(60);
    bed.sendMany(100);
    const restored = bed.bed.restorePower("b");
    const fromUs = bed.bed.fabric.log.entry(restored).atUs;
    bed.bed.runSeconds(restartMinutesHigh * 60 + 5);
    const [inSync] = bed.bed.events("msk.broker-in-sync");
    const minutes = (inSync!.atUs - fromUs) / 60e6;
    expect(minutes).toBeGreaterThanOrEqual(restartMinutesLow);
    expect(minutes).toBeLessThanOrEqual(restartMinutesHigh + 0.1);
    expect(bed.msk.replicas.underReplicatedCount).toBe(0);
    bed.bed.runSeconds(301);
    expect(bed.leaderOf(bed.symbolLedBy(1))).toBe(1);
  });
});

describe("what is lost", () => {
  test("by acks of the leader alone: records that the followers had not fetched when it died", () => {
    const bed = new MskBed({ acks: "leader", parameters: { replicaFetchUs: 500_000 } });
    const symbol = bed.symbolLedBy(0);
    const safe = bed.send(symbol);
    bed.bed.runSeconds(2);
    const atRisk = bed.send(symbol);
    bed.bed.runSeconds(0.2);
    expect(bed.results.get(atRisk)).toBe(outcome.ok);
    bed.bed.losePower("a");
    bed.bed.runSeconds(sessionSeconds + 5);
    expect(bed.fetch(0, 1)).toEqual([safe]);
    expect(bed.msk.counts[mskCounted.lost]).toBe(1);
  });

  test("by acks of all: nothing in the same case, for the sender was never told", () => {
    const bed = new MskBed({}, { sendTimeoutMs: 5_000 });
    const symbol = bed.symbolLedBy(0);
    const safe = bed.send(symbol);
    bed.bed.runSeconds(2);
    bed.bed.losePower("a");
    const inDoubt = bed.send(symbol);
    bed.bed.runSeconds(sessionSeconds + 5);
    expect(bed.results.get(inDoubt)).toBe(outcome.timedOut);
    expect(bed.fetch(0, 1)).toEqual([safe]);
    expect(bed.msk.counts[mskCounted.lost]).toBe(0);
  });

  /** One replica falls behind, the other takes records alone and dies, and the first comes back. */
  function lastInSyncDies(uncleanElection: boolean) {
    const parameters = { restartUsLow: 30_000_000, restartUsHigh: 30_000_000 };
    const bed = new MskBed({ zones: ["a", "b"], uncleanElection, parameters });
    const symbol = bed.symbolLedBy(1);
    const early = bed.send(symbol);
    bed.bed.runSeconds(1);
    bed.bed.fail(bed.msk.brokers.instances[0]!, "crash");
    bed.bed.runSeconds(sessionSeconds + 5);
    const late = bed.send(symbol);
    bed.bed.runSeconds(1);
    expect(bed.results.get(late)).toBe(outcome.ok);
    bed.bed.isolate("b", true);
    bed.bed.runSeconds(60);
    return { bed, early, late };
  }

  test("by an unclean election: what the new leader never had", () => {
    const { bed, early } = lastInSyncDies(true);
    expect(bed.bed.events("msk.unclean-leader-elected").length).toBeGreaterThan(0);
    expect(bed.msk.counts[mskCounted.lost]).toBe(1);
    expect(bed.fetch()).toEqual([early]);
  });

  test("without unclean elections: nothing, and the partition has no leader meanwhile", () => {
    const { bed, early, late } = lastInSyncDies(false);
    expect(bed.msk.replicas.offlineCount).toBeGreaterThan(0);
    expect(bed.fetch()).toEqual([]);
    bed.bed.isolate("b", false);
    bed.bed.runSeconds(60);
    expect(bed.msk.counts[mskCounted.lost]).toBe(0);
    expect(bed.fetch()).toEqual([early, late]);
  });

  test("by the power of all zones at once: what the page caches had not written", () => {
    const bed = new MskBed();
    const old = bed.send(7);
    bed.bed.runSeconds(60);
    const young = bed.send(7);
    bed.bed.runSeconds(5);
    expect(bed.results.get(young)).toBe(outcome.ok);
    for (const zone of ["a", "b", "c"]) bed.bed.losePower(zone);
    bed.bed.runSeconds(30);
    for (const zone of ["a", "b", "c"]) bed.bed.restorePower(zone);
    for (const instance of bed.bed.instances("reader-0")) {
      bed.bed.fabric.components[
        bed.bed.fabric.instances.column.component[instance]!
      ]!.powerRestored(instance, none);
    }
    bed.bed.runSeconds(restartMinutesHigh * 60 + 30);
    expect(bed.msk.replicas.offlineCount).toBe(0);
    expect(bed.msk.counts[mskCounted.lost]).toBe(1);
    expect(bed.fetch()).toEqual([old]);
  });
});

describe("a reader that is replaced", () => {
  function replace(membership: "static" | "dynamic") {
    const bed = new MskBed({ membership });
    bed.bed.fabric.instances.column.startedUs[bed.readerInstance(0, 1)] = 1;
    const sent = bed.send(7);
    bed.bed.runSeconds(1);
    expect(bed.fetch(0, 0)).toEqual([sent]);
    bed.bed.fail(bed.readerInstance(0, 0), "crash");
    return { bed, sent };
  }

  test("gets its partitions at once when members are static, with what was not committed", () => {
    const { bed, sent } = replace("static");
    expect(bed.fetch(0, 1)).toEqual([sent]);
    expect(bed.bed.events("msk.group-rebalanced")).toHaveLength(1);
  });

  test("gets them also when another, younger task stands where the old one stood", () => {
    const { bed, sent } = replace("static");
    bed.bed.fabric.instances.column.startedUs[bed.readerInstance(0, 0)] = 2;
    expect(bed.fetch(0, 1)).toEqual([sent]);
  });

  test("gets them also when it stands where the old one stood", () => {
    const bed = new MskBed();
    const sent = bed.send(7);
    bed.bed.runSeconds(1);
    expect(bed.fetch()).toEqual([sent]);
    bed.bed.fabric.instances.column.startedUs[bed.readerInstance()] = 1;
    expect(bed.fetch()).toEqual([sent]);
  });

  test("waits for the end of the old one's session and the rebalance when they are dynamic", () => {
    const { bed, sent } = replace("dynamic");
    const session = factNumberAt("msk.client.session-timeout-s", 0);
    let waitedSeconds = 0;
    let batch = bed.fetch(0, 1);
    while (batch.length === 0 && waitedSeconds < 120) {
      waitedSeconds += 1;
      batch = bed.fetch(0, 1);
    }
    expect(batch).toEqual([sent]);
    expect(waitedSeconds).toBeGreaterThanOrEqual(session);
    expect(waitedSeconds).toBeLessThanOrEqual(session + 6);
  });

  test("fetches again what was handed out and not committed within the request's time-out", () => {
    const bed = new MskBed({ parameters: { refetchUs: 5_000_000 } });
    const sent = bed.send(7);
    bed.bed.runSeconds(1);
    const receipt = bed.fetchReceipt();
    bed.bed.runSeconds(6);
    expect(bed.fetch()).toEqual([sent]);
    expect(bed.commit(receipt)).toBe(outcome.refused);
  });
});

test("a cluster in mid-election goes on from its snapshot as if it had never been interrupted", () => {
  const begin = () => {
    const bed = new MskBed();
    bed.sendMany(30);
    bed.bed.losePower("a");
    for (let symbol = 0; symbol < 30; symbol += 1) bed.send(symbol);
    bed.bed.runSeconds(sessionSeconds + 0.5);
    return bed;
  };
  const whole = begin();
  const snapshot = whole.bed.kernel.snapshot();
  whole.bed.runSeconds(60);
  const restored = new MskBed();
  restored.bed.kernel.restore(snapshot, { random: "same" });
  restored.bed.runSeconds(60);
  expect([...restored.msk.counts]).toEqual([...whole.msk.counts]);
  expect([...restored.msk.replicas.leader]).toEqual([...whole.msk.replicas.leader]);
  expect(restored.bed.kernel.eventCount).toBe(whole.bed.kernel.eventCount);
});
