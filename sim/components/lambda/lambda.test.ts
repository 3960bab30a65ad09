import { describe, expect, test } from "vitest";
import { none } from "../../kernel/none.ts";
import { outcome } from "../fabric/outcome.ts";
import { plainService, TestBed } from "../fabric/test-bed.ts";
import { createKinesis, type Kinesis } from "../kinesis/kinesis.ts";
import { createLambda, type Lambda } from "./lambda.ts";
import type { LambdaFunctionSpec } from "./lambda-spec.ts";

interface BedOptions {
  readonly functions?: readonly Partial<LambdaFunctionSpec>[];
  readonly zones?: readonly string[];
  readonly parameters?: Readonly<Record<string, number>>;
  readonly concurrencyMax?: number;
  /** What the called service says of a call, by its number. */
  readonly answer?: (count: number) => number;
}

/** A stream whose records a function turns into calls of a target, one for each symbol of a batch. */
function bedWithFunctions(options: BedOptions = {}) {
  const called: number[] = [];
  const functions = (options.functions ?? [{}]).map((each, at) => ({
    id: `function-${at}`,
    source: "stream",
    batchSizeMax: 100,
    durationMs: { median: 20, sigma: 0.2 },
    memoryMb: 256,
    calls: [{ name: "refresh", per: "symbol" as const }],
    ...each,
  }));
  const bed = new TestBed({
    factories: [
      {
        id: "functions",
        create: (fabric, index) =>
          createLambda(
            fabric,
            index,
            {
              service: "lambda",
              id: "functions",
              zones: options.zones ?? ["a", "b", "c"],
              functions,
              ...(options.parameters && { parameters: options.parameters }),
              ...(options.concurrencyMax !== undefined && {
                concurrencyMax: options.concurrencyMax,
              }),
            },
            { symbolCount: 50 },
          ),
      },
      {
        id: "stream",
        create: (fabric, index) =>
          createKinesis(fabric, index, {
            service: "kinesis",
            id: "stream",
            zones: ["a", "b", "c"],
            shardCount: 2,
          }),
      },
      plainService({
        id: "target",
        zones: ["a"],
        operations: { serve: 1000 },
        worked: (frame, _instance, fabric) => {
          called.push(fabric.calls.dataOf(frame));
          return options.answer?.(called.length) ?? outcome.ok;
        },
      }),
    ],
    actorCalls: [
      { component: "functions", name: "refresh", call: { to: "target", timeoutMs: 500 } },
    ],
    flows: [{ name: "put", call: { to: "stream", operation: "put", timeoutMs: 1000 } }],
  });
  const put = (symbols: readonly number[]) => {
    for (const symbol of symbols) bed.send("put", bed.request({ symbol }));
  };
  const lambda = bed.fabric.component("functions") as Lambda;
  return { bed, lambda, stream: bed.fabric.component("stream") as Kinesis, put, called };
}

test("every record is handled, and a batch calls once for each of its symbols", () => {
  const { bed, lambda, put, called } = bedWithFunctions();
  put([1, 2, 1, 1, 2, 3]);
  bed.runSeconds(5);
  expect(lambda.finishedRecordCount).toBe(6);
  expect(lambda.backlog(0)).toBe(0);
  expect(new Set(called)).toEqual(new Set([1, 2, 3]));
  expect(called.length).toBeLessThan(6);
});

test("a call for the batch is made once, with its first record", () => {
  const { bed, put, called } = bedWithFunctions({
    functions: [{ calls: [{ name: "refresh", per: "batch" }] }],
  });
  put([5, 5, 5]);
  bed.runSeconds(5);
  expect(called.length).toBeLessThanOrEqual(2);
  expect(called[0]).toBe(0);
});

test("two functions on one stream each get every record", () => {
  const { bed, lambda, put } = bedWithFunctions({ functions: [{}, {}] });
  put(Array.from({ length: 40 }, (_, at) => at));
  bed.runSeconds(5);
  expect(lambda.finishedRecordCount).toBe(80);
});

describe("environments", () => {
  test("the first invocation starts cold within the documented 0.1 to 1 s, the next find it warm", () => {
    const { bed, lambda, put } = bedWithFunctions();
    put([1]);
    bed.runSeconds(3);
    expect(lambda.coldStartCount).toBe(1);
    for (let at = 0; at < 20; at += 1) {
      put([1]);
      bed.runSeconds(2);
    }
    expect(lambda.invocationCount).toBe(21);
    expect(lambda.coldStartCount).toBe(1);
  });

  test("an environment that nobody uses is given up, and the next invocation starts cold again", () => {
    const { bed, lambda, put } = bedWithFunctions({ parameters: { idleExpiryUs: 30_000_000 } });
    put([1]);
    bed.runSeconds(10);
    expect(bed.instances("functions")).toHaveLength(1);
    bed.runSeconds(30);
    expect(bed.instances("functions")).toHaveLength(0);
    put([1]);
    bed.runSeconds(5);
    expect(lambda.coldStartCount).toBe(2);
  });

  test("no more run at once than the account allows; the rest is throttled and comes later", () => {
    const { bed, lambda, put } = bedWithFunctions({
      concurrencyMax: 1,
      functions: [{ durationMs: { median: 3000, sigma: 0.01 } }],
    });
    put([1, 2, 3, 4, 5, 6, 7, 8]);
    let most = 0;
    const executing = lambda.channels().find((each) => each.name === "executing")!;
    for (let at = 0; at < 300; at += 1) {
      bed.runSeconds(0.1);
      most = Math.max(most, executing.read());
    }
    expect(most).toBe(1);
    expect(lambda.throttleCount).toBeGreaterThan(0);
    expect(lambda.finishedRecordCount).toBe(8);
  });

  test("a function grows no faster than its documented 1,000 environments in 10 s", () => {
    const { bed, lambda, put } = bedWithFunctions({
      parameters: { scalingEnvironments: 1, scalingWindowSeconds: 10 },
      functions: [{ durationMs: { median: 100_000, sigma: 0.01 }, timeoutMs: 200_000 }],
    });
    put(Array.from({ length: 30 }, (_, at) => at));
    bed.runSeconds(6);
    expect(lambda.coldStartCount).toBe(1);
    bed.runSeconds(8);
    expect(lambda.coldStartCount).toBe(2);
  });
});

describe("failures", () => {
  test("a failing batch is tried again, whole, and holds up its shard until it succeeds", () => {
    const { bed, lambda, put, called } = bedWithFunctions({
      answer: (count) => (count <= 3 ? outcome.unavailable : outcome.ok),
    });
    put([1]);
    bed.runSeconds(3);
    put([1]);
    bed.runSeconds(2);
    expect(lambda.finishedRecordCount).toBe(0);
    bed.runSeconds(20);
    expect(lambda.finishedRecordCount).toBe(2);
    expect(called.length).toBeGreaterThanOrEqual(4);
    const [moves] = bed.events("lambda.shard-moves-again");
    expect(moves!.value).toBe(3);
    expect(bed.causes(moves!.seq)).toEqual([
      "lambda.batch-failed",
      "lambda.batch-failed",
      "lambda.batch-failed",
      "lambda.shard-moves-again",
    ]);
  });

  test("the batch of an environment that loses power is tried again elsewhere after the function's time-out", () => {
    const { bed, lambda, put } = bedWithFunctions({
      functions: [{ timeoutMs: 15_000, durationMs: { median: 2000, sigma: 0.01 }, calls: [] }],
    });
    put([1, 1, 1]);
    bed.runSeconds(2);
    const [environment] = bed.instances("functions");
    const zone = bed.fabric.instances.column.zone[environment!]!;
    const zoneId = bed.fabric.zones.zones[zone]!.id;
    const cutUs = bed.kernel.nowUs;
    bed.losePower(zoneId);
    bed.runSeconds(10);
    expect(lambda.finishedRecordCount).toBe(0);
    expect(lambda.iteratorAgeUs()).toBeGreaterThan(10_000_000);
    bed.runSeconds(15);
    expect(lambda.finishedRecordCount).toBe(3);
    const [failed] = bed.events("lambda.batch-failed");
    expect((failed!.atUs - cutUs) / 1_000_000).toBeGreaterThan(12);
    expect((failed!.atUs - cutUs) / 1_000_000).toBeLessThan(16);
    expect(bed.causes(failed!.seq)).toEqual([
      "zone.power-lost",
      "instance.failed-by-power",
      "lambda.environment-written-off",
      "lambda.batch-failed",
    ]);
    const living = bed.instances("functions").map((each) => bed.fabric.instances.column.zone[each]);
    expect(living).not.toContain(zone);
  });

  test("an environment that is cut off is not heard: its batch is done twice", () => {
    const { bed, lambda, put, called } = bedWithFunctions({
      functions: [{ timeoutMs: 10_000, durationMs: { median: 3000, sigma: 0.01 } }],
      zones: ["a"],
    });
    put([7]);
    bed.runSeconds(2);
    bed.isolate("a", true);
    bed.runSeconds(6);
    // It did its work: the target is in its own zone.
    expect(called).toEqual([7]);
    expect(lambda.finishedRecordCount).toBe(0);
    bed.isolate("a", false);
    bed.runSeconds(20);
    expect(called).toEqual([7, 7]);
    expect(lambda.finishedRecordCount).toBe(1);
  });
});

test("a function whose call is not declared is a mistake of the topology", () => {
  expect(() =>
    bedWithFunctions({ functions: [{ calls: [{ name: "nothing", per: "batch" }] }] }),
  ).toThrow(/nothing/);
});

/** Events of a kind, by second. */
function failures(bed: ReturnType<typeof bedWithFunctions>["bed"]): number[] {
  return bed.events("lambda.failed-at-record").map(({ atUs }) => atUs / 1_000_000);
}

test("a poisoned record holds up its shard, retried with growing waits, until a release bears it; other shards and functions go on", () => {
  const { bed, lambda, put, called } = bedWithFunctions({
    functions: [{}, { calls: [] }],
  });
  bed.runSeconds(2);
  lambda.poison(1, none, "function-0");
  put([3]);
  bed.runSeconds(5);
  const stuck = failures(bed).length;
  expect(stuck).toBeGreaterThan(1);
  expect(called).toEqual([]);
  // Symbols of both shards: what shares the shard of the poisoned record waits.
  put(Array.from({ length: 40 }, (_, symbol) => symbol));
  bed.runSeconds(20);
  expect(called.length).toBeGreaterThan(5);
  expect(called.length).toBeLessThan(35);
  expect(called).not.toContain(3);
  expect(lambda.backlog(0)).toBe(41 - called.length);
  expect(lambda.backlog(1)).toBe(0);
  const waits = failures(bed).map((second, at, all) => second - (all[at - 1] ?? second));
  expect(waits.at(-1)!).toBeGreaterThan(1.5 * waits[1]!);
  lambda.endPoison("function-0");
  bed.runSeconds(60);
  expect(lambda.backlog(0)).toBe(0);
  expect(new Set(called).size).toBe(40);
  const [recovered] = bed.events("lambda.shard-moves-again");
  expect(bed.causes(recovered!.seq)).toContain("lambda.failed-at-record");
});

test("a run that is restored while a shard is held up goes on as it would have", () => {
  const whole = bedWithFunctions();
  whole.bed.runSeconds(2);
  whole.lambda.poison(2, none, "function-0");
  whole.put([3, 4, 5, 6]);
  whole.bed.runSeconds(5);
  const restored = bedWithFunctions();
  restored.bed.kernel.restore(whole.bed.kernel.snapshot(), { random: "same" });
  for (const { bed, lambda } of [whole, restored]) {
    bed.runSeconds(10);
    lambda.endPoison("function-0");
    bed.runSeconds(60);
  }
  expect(failures(whole.bed).length).toBeGreaterThan(3);
  expect(restored.bed.kernel.digest()).toBe(whole.bed.kernel.digest());
});
