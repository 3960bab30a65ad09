import { describe, expect, test } from "vitest";
import { outcome } from "../fabric/outcome.ts";
import { kinesisBed } from "./kinesis-bed.ts";
import { putRecordsMax } from "./put-batches.ts";

function bedWithStream(options: { shardCount?: number; parameters?: Record<string, number> } = {}) {
  const { bed, stream, heard } = kinesisBed({
    stream: options,
    callers: [{ id: "producer", zones: ["a"] }],
    clientCall: "put",
    taskCalls: ["put-batch"],
    timeoutMs: 1000,
  });
  const [producer] = bed.instances("producer");
  const site = bed.fabric.actorSite("producer", "put-batch");
  const actor = bed.fabric.calls.startActor(producer!, 0);
  const batchOf = (symbols: readonly number[]) => {
    const batch = stream.batches.open(producer!);
    symbols.forEach((symbol, at) => {
      stream.batches.add(batch, at, symbol);
    });
    return batch;
  };
  const put = (batch: number, key = 0) => {
    const itemCount = stream.batches.count(batch);
    bed.fabric.calls.callAsActor(actor, site, key, batch, itemCount);
    bed.runSeconds(1.5);
    return stream.batches.answered(batch, heard.at(-1)!.result);
  };
  const held = (symbol: number) => {
    const { shards } = stream;
    const shard = shards.shardOf(symbol);
    const records: number[] = [];
    for (let at = shards.horizon(shard); at < shards.end(shard); at += 1) {
      if (shards.symbol(shard, at) === symbol) records.push(shards.record(shard, at));
    }
    return records;
  };
  return {
    bed,
    stream,
    producer: producer!,
    lastResult: () => heard.at(-1)?.result,
    batchOf,
    put,
    held,
  };
}

test("records of one symbol keep their order in one shard", () => {
  const { batchOf, put, held } = bedWithStream();
  expect(put(batchOf([3, 4, 3, 5, 3]))).toBe(0);
  expect(held(3)).toEqual([0, 2, 4]);
  expect(held(5)).toEqual([3]);
});

describe("limits", () => {
  test("one symbol is held to the documented 1,000 records a second of its shard", () => {
    const { bed, stream } = bedWithStream();
    for (let at = 0; at < 3000; at += 1) {
      bed.send("put", bed.request({ symbol: 7 }));
      bed.runSeconds(0.0005);
    }
    bed.runSeconds(1);
    // A second saved up, a second and a half of refill.
    expect(stream.recordCount).toBeGreaterThan(2_450);
    expect(stream.recordCount).toBeLessThan(2_560);
    expect(stream.throttledCount).toBe(3000 - stream.recordCount);
  });

  test("large records are held to 1 MB a second", () => {
    const { bed, stream } = bedWithStream({ parameters: { recordBytes: 100_000 } });
    for (let at = 0; at < 100; at += 1) bed.send("put", bed.request({ symbol: 7 }));
    bed.runSeconds(0.2);
    expect(stream.recordCount).toBeLessThanOrEqual(12);
    expect(stream.recordCount).toBeGreaterThanOrEqual(10);
  });

  test("a fresh on-demand stream has the documented 4 MB a second, that is four shards", () => {
    expect(bedWithStream().stream.shards.shardCount).toBe(4);
  });
});

describe("puts that half succeed", () => {
  test("what was turned away stays in the batch and only that is sent again", () => {
    const { stream, batchOf, put, held, lastResult } = bedWithStream({
      parameters: { shardRecordsPerSecond: 10 },
    });
    const batch = batchOf(Array(15).fill(7));
    expect(put(batch)).toBe(5);
    expect(lastResult()).toBe(outcome.throttled);
    expect(put(batch, 1)).toBe(0);
    expect(held(7)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
    stream.batches.close(batch);
  });

  test("a put whose answer is lost is sent again and the stream holds its records twice", () => {
    const { bed, stream, batchOf, put, held, lastResult } = bedWithStream();
    const { zones } = bed.fabric;
    // Answers to the producer's zone are cut, questions from it get through.
    for (const from of ["b", "c"])
      zones.setLink(bed.fabric.zone(from), bed.fabric.zone("a"), false);
    let batch = batchOf([]);
    let symbol = 100;
    for (let key = 0; lastResult() !== outcome.timedOut && key < 50; key += 1) {
      symbol = 100 + key;
      batch = batchOf([symbol, symbol]);
      put(batch, key);
    }
    expect(lastResult()).toBe(outcome.timedOut);
    expect(stream.batches.count(batch)).toBe(2);
    expect(held(symbol)).toEqual([0, 1]);
    for (const from of ["b", "c"]) zones.setLink(bed.fabric.zone(from), bed.fabric.zone("a"), true);
    expect(put(batch, 99)).toBe(0);
    expect(held(symbol)).toEqual([0, 1, 0, 1]);
  });

  test("a batch takes no more than PutRecords does, and is forgotten when its producer has failed", () => {
    const { bed, stream, producer } = bedWithStream();
    const batch = stream.batches.open(producer);
    for (let at = 0; at < putRecordsMax; at += 1)
      expect(stream.batches.add(batch, at, 1)).toBe(true);
    expect(stream.batches.add(batch, 0, 1)).toBe(false);
    const generation = stream.batches.generation(batch);
    bed.fail(producer, "crash");
    bed.runSeconds(61);
    expect(stream.batches.isOpen(batch, generation)).toBe(false);
  });
});

describe("reading", () => {
  test("a record can be read when it has propagated, 70 ms after the put, and until its retention ends", () => {
    const { bed, stream } = bedWithStream({ parameters: { retentionUs: 100_000_000 } });
    bed.send("put", bed.request({ symbol: 1 }));
    const shard = stream.shards.shardOf(1);
    while (stream.shards.end(shard) === 0) bed.runSeconds(0.001);
    bed.runSeconds(0.06);
    expect(stream.readable(shard, 0)).toBe(0);
    bed.runSeconds(0.011);
    expect(stream.readable(shard, 0)).toBe(1);
    bed.runSeconds(99);
    expect(stream.shards.horizon(shard)).toBe(0);
    bed.runSeconds(2);
    expect(stream.shards.horizon(shard)).toBe(1);
  });

  test("a shard forgets its oldest records when it is full", () => {
    const { bed, stream } = bedWithStream({ parameters: { recordsPerShardMax: 10 } });
    for (let at = 0; at < 25; at += 1) bed.send("put", bed.request({ symbol: 1 }));
    bed.runSeconds(1);
    const shard = stream.shards.shardOf(1);
    expect([stream.shards.horizon(shard), stream.shards.end(shard)]).toEqual([15, 25]);
  });
});

test("no accepted record is lost with a zone, and puts go on after some seconds", () => {
  const { bed, stream } = bedWithStream();
  const put = (seconds: number) => {
    const from = bed.answers.length;
    for (let at = 0; at < seconds * 50; at += 1) {
      bed.send("put", bed.request({ symbol: at % 20 }));
      bed.runSeconds(0.02);
    }
    bed.runSeconds(1.5);
    return bed.answers.slice(from).map((each) => each.result);
  };
  bed.losePower("c");
  const during = put(4);
  expect(during).toContain(outcome.timedOut);
  bed.runSeconds(1);
  expect(put(4).every((each) => each === outcome.ok)).toBe(true);
  const acknowledged = bed.answers.filter((each) => each.result === outcome.ok).length;
  expect(stream.recordCount).toBeGreaterThanOrEqual(acknowledged);
});
