import { expect, test } from "vitest";
import { TwinError } from "../../errors/twin-error.ts";
import { factNumberAt } from "../../facts/facts.ts";
import { none } from "../../kernel/none.ts";
import { outcome } from "../fabric/outcome.ts";
import { kinesisBed } from "./kinesis-bed.ts";

/** A stream of orders with a producer and engines that read it; each engine has a task in zones a and b. */
function bedWithOrders(options: { shardCount?: number; engines?: number } = {}) {
  const engines = Array.from({ length: options.engines ?? 1 }, (_, at) => `engine-${at}`);
  const { bed, stream, heard } = kinesisBed({
    stream: { shardCount: options.shardCount ?? 2 },
    callers: engines.map((id) => ({ id, zones: ["a", "b"] })),
    clientCall: "send",
    taskCalls: ["receive", "delete"],
    timeoutMs: 5000,
  });
  let key = 0;
  const call = (
    engine: number,
    task: number,
    name: "receive" | "delete",
    receipt: number,
    seconds: number,
  ) => {
    const { calls } = bed.fabric;
    const actor = calls.startActor(bed.instances(`engine-${engine}`)[task]!, 0);
    key += 1;
    calls.callAsActor(actor, bed.fabric.actorSite(`engine-${engine}`, name), key, receipt, 1);
    bed.runSeconds(seconds);
    return heard.at(-1);
  };
  const send = (symbol: number) => {
    const request = bed.request({ symbol });
    bed.send("send", request);
    return request;
  };
  const latest = () => {
    const receipt = heard.at(-1)?.receipt ?? none;
    const count = stream.readBatch(receipt);
    return { receipt, requests: [...stream.batch.subarray(0, count)] };
  };
  const read = (engine = 0, task = 0, seconds = 1) => {
    call(engine, task, "receive", none, seconds);
    return latest();
  };
  const checkpoint = (receipt: number) => call(0, 0, "delete", receipt, 1)?.result;
  const waiting = () => {
    const found: number[] = [];
    stream.forEachRequest((request) => found.push(request));
    return found;
  };
  return { bed, stream, send, read, latest, checkpoint, waiting };
}

test("an order can be read once it has propagated, waits until it is checkpointed, and is gone then", () => {
  const { bed, stream, send, read, checkpoint, waiting } = bedWithOrders();
  const propagationUs = factNumberAt("kinesis.propagation-ms", "efo") * 1000;
  const order = send(7);
  const { receipt, requests } = read(0, 0, 0.4);
  expect(requests).toEqual([order]);
  expect(bed.kernel.nowUs).toBeGreaterThan(stream.sentUs(order) + propagationUs);
  expect(waiting()).toEqual([order]);
  expect(checkpoint(receipt)).toBe(outcome.ok);
  expect(waiting()).toEqual([]);
  expect(checkpoint(receipt)).toBe(outcome.refused);
});

test("an order counts as taken, and nobody can read it, while it propagates", () => {
  const { bed, stream, send, read, latest, waiting } = bedWithOrders();
  const order = send(7);
  while (stream.sentUs(order) === 0) bed.runSeconds(0.001);
  expect(waiting()).toEqual([order]);
  expect(read(0, 0, 0.05).requests).toEqual([]);
  // What its reader waits for is pushed to it.
  bed.runSeconds(0.1);
  expect(latest().requests).toEqual([order]);
});

test("orders of a symbol are read in the order in which they were taken, each by the one engine that has its shard", () => {
  const { bed, send, read } = bedWithOrders({ shardCount: 4, engines: 2 });
  const symbolOf = new Map<number, number>();
  for (let at = 0; at < 40; at += 1) {
    symbolOf.set(send(at % 8), at % 8);
    bed.runSeconds(0.05);
  }
  const batches = [read(0).requests, read(1).requests];
  const orders = [...symbolOf.keys()];
  expect(batches.flat().toSorted((one, other) => one - other)).toEqual(orders);
  for (let symbol = 0; symbol < 8; symbol += 1) {
    const isIts = (order: number) => symbolOf.get(order) === symbol;
    const found = batches.map((batch) => batch.filter(isIts)).filter(({ length }) => length > 0);
    expect(found).toEqual([orders.filter(isIts)]);
  }
  expect(batches.every(({ length }) => length > 0)).toBe(true);
});

test("a task that takes a dead one's place gets its orders when the leases have run out", () => {
  const { bed, stream, send, read } = bedWithOrders();
  bed.fabric.instances.column.startedUs[bed.instances("engine-0")[1]!] = 1;
  const order = send(7);
  bed.runSeconds(1);
  expect(read(0, 0).requests).toEqual([order]);
  bed.fail(bed.instances("engine-0")[0]!, "crash");
  let waitedSeconds = 0;
  let requests = read(0, 1).requests;
  while (requests.length === 0 && waitedSeconds < 60) {
    waitedSeconds += 1;
    requests = read(0, 1).requests;
  }
  expect(requests).toEqual([order]);
  const leaseSeconds = factNumberAt("kinesis.kcl-lease-failover-s");
  expect(Math.abs(waitedSeconds - leaseSeconds)).toBeLessThanOrEqual(2);
  expect(bed.events("kinesis.shards-leased")).toHaveLength(1);
  expect(stream.redeliveredCount).toBe(1);
});

test("a hot symbol's orders beyond the records that its shard takes in a second are throttled", () => {
  const { bed, send } = bedWithOrders({ shardCount: 2 });
  const limit = factNumberAt("kinesis.shard.write", "records");
  for (let at = 0; at < limit + 500; at += 1) send(7);
  bed.runSeconds(0.5);
  const throttled = bed.answers.filter(({ result }) => result === outcome.throttled).length;
  // What the bucket gains while the puts come in is taken, too.
  expect(throttled).toBeGreaterThan(400);
  expect(throttled).toBeLessThanOrEqual(500);
});

test("shards that engines can't share out evenly are a mistake", () => {
  const code = () => {
    try {
      bedWithOrders({ shardCount: 3, engines: 2 });
    } catch (error) {
      return error instanceof TwinError ? error.code : String(error);
    }
    return "none";
  };
  expect(code()).toBe("kinesis.shards-uneven");
});
