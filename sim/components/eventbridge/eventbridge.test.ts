import { describe, expect, test } from "vitest";
import { factNumberAt } from "../../facts/facts.ts";
import { none } from "../../kernel/none.ts";
import { outcome } from "../fabric/outcome.ts";
import { plainService, TestBed } from "../fabric/test-bed.ts";
import { createLambda, type Lambda } from "../lambda/lambda.ts";
import { createEventBridge, type EventBridge } from "./eventbridge.ts";
import { busCounted } from "./eventbridge-figures.ts";
import type { EventArchiveSpec, EventRuleSpec } from "./eventbridge-spec.ts";

const symbolCount = 8;

interface Setup {
  readonly rules?: readonly EventRuleSpec[];
  readonly archives?: readonly EventArchiveSpec[];
  readonly parameters?: Record<string, number>;
  /** What the target answers. */
  readonly answers?: () => number;
  /** Microseconds that it takes. */
  readonly workUs?: number;
}

/** A bus with one target, a service of one zone that notes what it was called with. */
function busWithTarget({
  rules,
  archives = [],
  parameters = {},
  answers = () => outcome.ok,
  workUs = 0,
}: Setup = {}) {
  const got: { readonly record: number; readonly atUs: number }[] = [];
  const bed: TestBed = new TestBed({
    factories: [
      plainService({ id: "producer", zones: ["a"] }),
      plainService({
        id: "target",
        zones: ["a"],
        operations: { serve: workUs },
        worked: (frame) => {
          const result = answers();
          got.push({ record: bed.fabric.calls.dataOf(frame), atUs: bed.kernel.nowUs });
          return result;
        },
      }),
      {
        id: "bus",
        create: (fabric, index) =>
          createEventBridge(
            fabric,
            index,
            {
              service: "eventbridge",
              id: "bus",
              zones: ["a", "b", "c"],
              rules: rules ?? [{ id: "all", sendTo: [{ call: "target" }] }],
              archives,
              parameters,
            },
            symbolCount,
          ),
      },
    ],
    actorCalls: [
      {
        component: "bus",
        name: "target",
        call: { to: "target", operation: "serve", timeoutMs: 1000 },
      },
      {
        component: "producer",
        name: "put",
        call: { to: "bus", operation: "put-events", timeoutMs: 1000 },
      },
    ],
    flows: [{ name: "put", call: { to: "bus", operation: "put", timeoutMs: 1000 } }],
    framesMax: 100_000,
    latencyUs: { sameZone: 0, betweenZones: 0, outside: 0 },
  });
  const bus = bed.fabric.component("bus") as EventBridge;
  const put = (symbol = 1, kind = 0) => bed.send("put", bed.request({ symbol, kind }));
  const counted = (what: keyof typeof busCounted) => bus.counts[busCounted[what]]!;
  return { bed, bus, got, put, counted };
}

describe("limits", () => {
  test("beyond the documented 10,000 puts a second the rest is turned away", () => {
    const { bed, put, counted } = busWithTarget();
    // The bucket holds a second's puts; after that a second's more flow in.
    for (let at = 0; at < 25_000; at += 1) {
      put();
      if (at % 25 === 0) bed.runSeconds(0.001);
    }
    bed.runSeconds(0.5);
    const limit = factNumberAt("eventbridge.putevents-tps", "us-east-1");
    expect(counted("events")).toBeGreaterThan(1.99 * limit);
    expect(counted("events")).toBeLessThan(2.01 * limit);
    expect(counted("putsThrottled")).toBe(25_000 - counted("events"));
  });

  test("a batch takes the ten entries of a PutEvents call", () => {
    const { bed, bus } = busWithTarget();
    const [producer] = bed.instances("producer");
    const batch = bus.batches.open(producer!);
    for (let at = 0; at < 10; at += 1) expect(bus.batches.add(batch, at, 1)).toBe(true);
    expect(bus.batches.add(batch, 10, 1)).toBe(false);
  });

  test("beyond the quota of invocations events are delayed in their order, and none is lost", () => {
    const { bed, put, got, counted } = busWithTarget({ parameters: { invocationsPerSecond: 100 } });
    for (let at = 0; at < 500; at += 1) put();
    bed.runSeconds(3);
    // A second saved up, and three of refill less the latency of the first.
    expect(got.length).toBeGreaterThan(370);
    expect(got.length).toBeLessThan(405);
    expect(counted("delayed")).toBeGreaterThan(300);
    bed.runSeconds(2);
    expect(got).toHaveLength(500);
  });
});

test("delivery takes what was measured: 30 ms in the median, 130 ms at the 99th percentile", () => {
  const { bed, put, got } = busWithTarget({ parameters: { putUsP50: 1, putUsP95: 2 } });
  const sentUs: number[] = [];
  for (let at = 0; at < 4_000; at += 1) {
    sentUs.push(bed.kernel.nowUs);
    put();
    bed.runSeconds(0.002);
  }
  bed.runSeconds(1);
  const took = got
    .map(({ record, atUs }) => (atUs - sentUs[record]!) / 1000)
    .toSorted((a, b) => a - b);
  expect(took).toHaveLength(4_000);
  expect(took[2_000]).toBeGreaterThan(28);
  expect(took[2_000]).toBeLessThan(32);
  expect(took[3_960]).toBeGreaterThan(115);
  expect(took[3_960]).toBeLessThan(150);
});

describe("rules", () => {
  test("an event goes to every target of each rule that matches it, and to no other", () => {
    const target = { call: "target" };
    const { bed, put, got, counted } = busWithTarget({
      rules: [
        { id: "cancels", events: ["cancel"], sendTo: [target] },
        { id: "of-two", symbols: [2], sendTo: [target, target] },
      ],
    });
    put(1, 0);
    put(1, 1);
    put(2, 1);
    bed.runSeconds(1);
    expect(got.map(({ record }) => record).toSorted((a, b) => a - b)).toEqual([1, 2, 2, 2]);
    expect(counted("matched")).toBe(3);
    expect(counted("events")).toBe(3);
  });

  test("a target that is no declared call of the bus is told of by name", () => {
    expect(() => busWithTarget({ rules: [{ id: "lost", sendTo: [{ call: "nowhere" }] }] })).toThrow(
      '"nowhere"',
    );
  });
});

describe("a target that does not answer", () => {
  test("is tried 185 times more within 24 hours, and then the event is dropped", () => {
    const { bed, put, got, bus, counted } = busWithTarget({ answers: () => outcome.unavailable });
    put();
    bed.runSeconds(20 * 3600);
    expect(counted("dropped")).toBe(0);
    bed.runSeconds(5 * 3600);
    expect(counted("dropped")).toBe(1);
    expect(bus.waitingCount).toBe(0);
    expect(got.length).toBeLessThanOrEqual(1 + factNumberAt("eventbridge.retry", "attempts"));
    expect(got.length).toBeGreaterThan(150);
    expect(got.at(-1)!.atUs).toBeLessThanOrEqual(24 * 3600 * 1_000_000);
    expect(bed.events("bus.event-given-up")).toHaveLength(1);
  });

  test("gets no more than the tries of its own policy, and the event lies in the dead-letter queue", () => {
    const { bed, put, got, counted } = busWithTarget({
      rules: [{ id: "all", sendTo: [{ call: "target", retriesMax: 2, deadLetterQueue: true }] }],
      answers: () => outcome.throttled,
    });
    put();
    bed.runSeconds(60);
    expect(got).toHaveLength(3);
    expect([counted("deadLettered"), counted("dropped")]).toEqual([1, 0]);
  });

  test("loses the event when its policy's age has passed", () => {
    const { bed, put, counted } = busWithTarget({
      rules: [{ id: "all", sendTo: [{ call: "target", eventAgeSecondsMax: 60 }] }],
      answers: () => outcome.unavailable,
    });
    put();
    bed.runSeconds(59);
    expect(counted("dropped")).toBe(0);
    bed.runSeconds(2);
    expect(counted("dropped")).toBe(1);
  });

  test("gets every event once it answers again, out of their order", () => {
    let isUp = false;
    const { bed, bus, put, got, counted } = busWithTarget({
      answers: () => (isUp ? outcome.ok : outcome.unavailable),
    });
    for (let at = 0; at < 200; at += 1) {
      put();
      bed.runSeconds(0.1);
    }
    isUp = true;
    const failed = got.length;
    put();
    bed.runSeconds(120);
    expect(counted("delivered")).toBe(201);
    expect(got.slice(failed).map(({ record }) => record)).not.toEqual([...Array(201).keys()]);
    expect(counted("overtaken")).toBeGreaterThan(100);
    expect(bus.oldestAgeUs).toBe(0);
  });
});

test("what a lost zone's hosts had under way is delivered again: at least once", () => {
  const { bed, put, got, counted } = busWithTarget({ workUs: 50_000 });
  for (let at = 0; at < 300; at += 1) {
    put();
    bed.runSeconds(0.001);
  }
  bed.losePower("c");
  bed.runSeconds(20);
  const acknowledged = new Set(
    bed.answers.filter(({ result }) => result === outcome.ok).map(({ data }) => data),
  );
  const delivered = new Set(got.map(({ record }) => record));
  for (const record of acknowledged) expect(delivered.has(record)).toBe(true);
  expect(got.length).toBeGreaterThan(delivered.size);
  expect(counted("delivered")).toBe(delivered.size);
});

test("a share of the quota holds for puts, and deliveries wait until it is whole", () => {
  const { bed, bus, put, counted } = busWithTarget();
  put();
  bed.runSeconds(0.012);
  bus.setQuotaShare(0);
  bed.runSeconds(1);
  put();
  bed.runSeconds(5);
  expect([counted("events"), counted("delivered"), counted("putsThrottled")]).toEqual([1, 0, 1]);
  bus.setQuotaShare(1);
  bed.runSeconds(1);
  expect(counted("delivered")).toBe(1);
});

describe("functions that a rule invokes", () => {
  function busWithFunction(options: { concurrencyMax?: number; fails?: () => boolean } = {}) {
    const bed = new TestBed({
      factories: [
        plainService({
          id: "helper",
          zones: ["a"],
          worked: () => (options.fails?.() === true ? outcome.unavailable : outcome.ok),
        }),
        {
          id: "functions",
          create: (fabric, index) =>
            createLambda(
              fabric,
              index,
              {
                service: "lambda",
                id: "functions",
                zones: ["a", "b"],
                ...(options.concurrencyMax && { concurrencyMax: options.concurrencyMax }),
                functions: [
                  {
                    id: "tell",
                    batchSizeMax: 1,
                    durationMs: { median: 20, sigma: 0.1 },
                    memoryMb: 512,
                    calls: [{ name: "help", per: "batch" }],
                  },
                ],
              },
              { symbolCount },
            ),
        },
        {
          id: "bus",
          create: (fabric, index) =>
            createEventBridge(
              fabric,
              index,
              {
                service: "eventbridge",
                id: "bus",
                zones: ["a", "b", "c"],
                rules: [{ id: "all", sendTo: [{ call: "tell" }] }],
              },
              symbolCount,
            ),
        },
      ],
      actorCalls: [
        {
          component: "bus",
          name: "tell",
          call: { to: "functions", operation: "invoke-tell", timeoutMs: 1000 },
        },
        {
          component: "functions",
          name: "help",
          call: { to: "helper", operation: "serve", timeoutMs: 1000 },
        },
      ],
      flows: [{ name: "put", call: { to: "bus", operation: "put", timeoutMs: 1000 } }],
    });
    const functions = bed.fabric.component("functions") as Lambda;
    const put = () => bed.send("put", bed.request({ symbol: 1 }));
    return { bed, functions, put };
  }

  test("run once for each event, and the rest waits for concurrency", () => {
    const { bed, functions, put } = busWithFunction({ concurrencyMax: 2 });
    for (let at = 0; at < 30; at += 1) put();
    bed.runSeconds(1200);
    expect(functions.finishedRecordCount).toBe(30);
    expect(functions.throttleCount).toBeGreaterThan(20);
    expect(functions.coldStartCount).toBe(2);
  });

  test("run again a minute and two minutes after they failed, and no more", () => {
    const { bed, functions, put } = busWithFunction({ fails: () => true });
    put();
    const ran = (seconds: number) => {
      bed.runSeconds(seconds);
      return functions.invocationCount;
    };
    expect([ran(10), ran(45), ran(10), ran(110), ran(15), ran(3600)]).toEqual([1, 1, 2, 2, 3, 3]);
    expect(functions.finishedRecordCount).toBe(0);
  });

  test("fail at a poisoned event each time that it comes, and at no other", () => {
    const { bed, functions, put } = busWithFunction({});
    functions.poison(1, none, "tell");
    put();
    bed.runSeconds(5);
    put();
    bed.runSeconds(5);
    expect(functions.finishedRecordCount).toBe(1);
    bed.runSeconds(3600);
    expect(bed.events("lambda.failed-at-record")).toHaveLength(3);
    expect([functions.invocationCount, functions.finishedRecordCount]).toEqual([4, 1]);
  });
});

describe("archive and replay", () => {
  const all = { archive: "all", lookBackSeconds: 100_000, rules: undefined };
  const given = { call: "target", retriesMax: 0 };

  test("a replay sends again what a target lost, and what it had already, each told apart", () => {
    let isUp = true;
    const { bed, bus, put, got, counted } = busWithTarget({
      rules: [{ id: "all", sendTo: [given] }],
      archives: [{ id: "all" }],
      answers: () => (isUp ? outcome.ok : outcome.unavailable),
    });
    for (let at = 0; at < 50; at += 1) put();
    bed.runSeconds(5);
    isUp = false;
    for (let at = 0; at < 30; at += 1) put();
    bed.runSeconds(5);
    isUp = true;
    expect([counted("delivered"), counted("dropped"), counted("archived")]).toEqual([50, 30, 80]);
    bed.runSeconds(1_000);
    const before = got.length;
    const overtaken = counted("overtaken");
    expect(bus.replay(all, -1)).toBe(true);
    expect([bus.isReplaying, bus.replay(all, -1)]).toEqual([true, false]);
    bed.runSeconds(10);
    expect(bus.isReplaying).toBe(false);
    expect(got.length - before).toBe(80);
    expect([counted("replayed"), counted("recovered"), counted("deliveredAgain")]).toEqual([
      80, 30, 50,
    ]);
    // What was replayed is archived no second time, and takes nothing from what may be put.
    expect([counted("archived"), counted("events"), counted("overtaken")]).toEqual([
      80,
      80,
      overtaken,
    ]);
    expect(bed.events().map(({ kind, value }) => [kind, value])).toContainEqual([
      "bus.replay-done",
      80,
    ]);
  });

  test("events come minute by minute, and in no order within one", () => {
    const { bed, bus, put, got } = busWithTarget({ archives: [{ id: "all" }] });
    for (let at = 0; at < 180; at += 1) {
      put();
      bed.runSeconds(1);
    }
    bed.runSeconds(1_000);
    const before = got.length;
    expect(bus.replay(all, -1)).toBe(true);
    bed.runSeconds(0.15);
    bed.runSeconds(10);
    const minutes = got.slice(before).map(({ record }) => Math.floor(record / 60));
    const within = got.slice(before).map(({ record }) => record);
    expect(within).toHaveLength(180);
    expect(within).not.toEqual(within.toSorted((a, b) => a - b));
    // Delivery takes some hundredths of a second, so that neighbours of two minutes may overtake each other.
    const first = minutes.slice(0, 60).filter((minute) => minute === 2);
    expect(first.length).toBeLessThan(60);
  });

  test("a replay goes at its own rate", () => {
    const { bed, bus, put, counted } = busWithTarget({
      archives: [{ id: "all" }],
      parameters: { replayPerSecond: 10 },
    });
    for (let at = 0; at < 100; at += 1) put();
    bed.runSeconds(1_000);
    expect(bus.replay(all, -1)).toBe(true);
    bed.runSeconds(5);
    expect(counted("replayed")).toBeGreaterThan(45);
    expect(counted("replayed")).toBeLessThan(52);
    bed.runSeconds(6);
    expect([counted("replayed"), bus.isReplaying]).toEqual([100, false]);
  });

  test("a replay that begins too soon misses the newest events, and says how many", () => {
    const { bed, bus, put, counted } = busWithTarget({ archives: [{ id: "all" }] });
    for (let at = 0; at < 200; at += 1) put();
    bed.runSeconds(10);
    expect(bus.replay(all, -1)).toBe(true);
    bed.runSeconds(30);
    // Half of them take more than the ten seconds of the median.
    expect(counted("replayTooSoon")).toBeGreaterThan(60);
    expect(counted("replayed") + counted("replayTooSoon")).toBe(200);
  });

  test("an archive has what its pattern and its retention say, and a replay what its window and rules say", () => {
    const { bed, bus, put, counted } = busWithTarget({
      rules: [
        { id: "one", sendTo: [{ call: "target" }] },
        { id: "two", sendTo: [{ call: "target" }] },
      ],
      archives: [
        { id: "odd", symbols: [1, 3] },
        { id: "day", retentionDays: 1 },
      ],
    });
    for (let at = 0; at < 40; at += 1) put(at % 4);
    bed.runSeconds(2_000);
    for (let at = 0; at < 4; at += 1) put(at % 4);
    bed.runSeconds(1_000);
    const replayed = (window: Parameters<typeof bus.replay>[0]) => {
      const [events, again] = [counted("replayed"), counted("deliveredAgain")];
      expect(bus.replay(window, -1)).toBe(true);
      bed.runSeconds(20);
      return [counted("replayed") - events, counted("deliveredAgain") - again];
    };
    expect(replayed({ ...all, archive: "odd" })).toEqual([22, 44]);
    expect(replayed({ archive: "odd", lookBackSeconds: 1_500, rules: ["two"] })).toEqual([2, 2]);
    bed.runSeconds(86_400 - 1_500);
    expect(replayed({ ...all, archive: "day" })).toEqual([4, 8]);
    expect(bus.replay({ ...all, archive: "month" }, -1)).toBe(false);
    expect(bus.replay({ ...all, archive: "day", rules: ["three"] }, -1)).toBe(false);
  });

  test("a replay goes on from a snapshot as it would have", () => {
    const setup = { archives: [{ id: "all" }], parameters: { replayPerSecond: 10 } };
    const whole = busWithTarget(setup);
    for (let at = 0; at < 100; at += 1) whole.put();
    whole.bed.runSeconds(1_000);
    whole.bus.replay(all, -1);
    whole.bed.runSeconds(3);
    const again = busWithTarget(setup);
    again.bed.kernel.restore(whole.bed.kernel.snapshot(), { random: "same" });
    for (const { bed } of [whole, again]) bed.runSeconds(20);
    expect(again.bed.kernel.digest()).toBe(whole.bed.kernel.digest());
    expect(again.counted("replayed")).toBe(100);
  });
});

test("what lies in the dead-letter queue is sent again when people see to it, to the target that did not take it", () => {
  let isUp = false;
  const { bed, bus, put, got, counted } = busWithTarget({
    rules: [{ id: "all", sendTo: [{ call: "target", retriesMax: 1, deadLetterQueue: true }] }],
    parameters: { retryUsMost: 1_000_000, redrivePerSecond: 5 },
    answers: () => (isUp ? outcome.ok : outcome.unavailable),
  });
  for (let at = 0; at < 20; at += 1) put();
  bed.runSeconds(10);
  expect([bus.deadLetters?.count, counted("deadLettered")]).toEqual([20, 20]);
  isUp = true;
  const before = got.length;
  expect(bus.redrive(undefined, -1)).toBe(true);
  bed.runSeconds(2.05);
  expect(bus.deadLetters?.count).toBe(10);
  bed.runSeconds(5);
  expect([bus.isRedriving, bus.deadLetters?.count, counted("delivered")]).toEqual([false, 0, 20]);
  expect(got.length - before).toBe(20);
});
