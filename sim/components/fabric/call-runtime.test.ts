import { describe, expect, test } from "vitest";
import { none } from "../../kernel/none.ts";
import { outcome } from "./outcome.ts";
import { plainService, TestBed } from "./test-bed.ts";

const viaFrontToBack = {
  name: "order",
  call: { to: "front", timeoutMs: 5000, calls: [{ to: "back", timeoutMs: 1000 }] },
};

/** A front with two places for requests in zone a, and a back with one server in zone b. */
function frontAndBack(options: {
  backUs: number;
  frontInside?: number;
  call?: object;
  backInside?: number;
}) {
  const beneath = { to: "back", timeoutMs: 1000, ...options.call };
  return new TestBed({
    factories: [
      plainService({
        id: "front",
        zones: ["a"],
        serverCount: 4,
        insideMax: options.frontInside ?? 100,
        operations: { serve: 1000 },
      }),
      plainService({
        id: "back",
        zones: ["b"],
        serverCount: 1,
        insideMax: options.backInside ?? 100,
        operations: { serve: options.backUs },
      }),
      plainService({ id: "spare", zones: ["a"], serverCount: 1, operations: { serve: 2000 } }),
    ],
    flows: [{ name: "order", call: { to: "front", timeoutMs: 5000, calls: [beneath] } }],
  });
}

test("a request takes the links both ways and the work of everyone it passes", () => {
  const bed = frontAndBack({ backUs: 3000 });
  bed.send("order", 0);
  bed.runSeconds(1);
  // Outside to zone a and back 20 ms, front 1 ms, zone a to b and back 1 ms, back 3 ms.
  expect(bed.answers).toEqual([{ data: 0, attempt: 0, result: outcome.ok, atUs: 25_000 }]);
  expect(bed.fabric.calls.openCount).toBe(0);
});

test("a caller holds its place until the callee has answered", () => {
  const bed = frontAndBack({ backUs: 100_000, frontInside: 2 });
  for (const data of [0, 1, 2]) bed.send("order", data);
  bed.runSeconds(0.05);
  // The front is idle, but both its places are taken by requests that wait for the back.
  const [front] = bed.instances("front");
  expect(bed.fabric.instances.column.busyCount[front!]).toBe(0);
  expect(bed.fabric.instances.column.insideCount[front!]).toBe(2);
  expect(bed.answers.map((each) => each.result)).toEqual([outcome.unavailable]);
  bed.runSeconds(1);
  expect(bed.answers.map((each) => each.result)).toEqual([
    outcome.unavailable,
    outcome.ok,
    outcome.ok,
  ]);
});

test("a time-out detaches the caller and not the work, and the late answer is counted as stale", () => {
  const bed = frontAndBack({ backUs: 1_500_000 });
  bed.send("order", 0);
  bed.runSeconds(1.2);
  expect(bed.answers.map((each) => each.result)).toEqual([outcome.timedOut]);
  const [back] = bed.instances("back");
  expect(bed.fabric.instances.column.busyCount[back!]).toBe(1);
  expect(bed.fabric.calls.openCount).toBe(1);
  bed.runSeconds(1);
  expect(bed.fabric.calls.staleAnswers.value).toBe(1);
  expect(bed.fabric.calls.openCount).toBe(0);
});

test("a time-out comes at the documented instant, counted from sending", () => {
  const bed = frontAndBack({ backUs: 10_000_000, call: { timeoutMs: 700 } });
  bed.send("order", 0);
  bed.runSeconds(2);
  expect(bed.answers[0]!.atUs).toBe(20_000 + 1000 + 700_000);
});

describe("an instance that fails takes what is inside it along", () => {
  test("a crash refuses its callers at once", () => {
    const bed = frontAndBack({ backUs: 500_000 });
    bed.send("order", 0);
    bed.runSeconds(0.1);
    bed.fail(bed.instances("back")[0]!, "crash");
    bed.runSeconds(0.01);
    expect(bed.answers.map((each) => each.result)).toEqual([outcome.connectionRefused]);
    bed.send("order", 1);
    bed.runSeconds(0.1);
    expect(bed.answers[1]!.result).toBe(outcome.connectionRefused);
    expect(bed.fabric.calls.openCount).toBe(0);
  });

  test("a loss of power is silence until the caller's own time-out", () => {
    const bed = frontAndBack({ backUs: 500_000 });
    bed.send("order", 0);
    bed.runSeconds(0.1);
    bed.losePower("b");
    bed.runSeconds(0.8);
    expect(bed.answers).toEqual([]);
    bed.runSeconds(0.2);
    expect(bed.answers.map((each) => each.result)).toEqual([outcome.timedOut]);
    expect(bed.fabric.calls.openCount).toBe(0);
    expect(bed.fabric.calls.staleAnswers.value).toBe(0);
  });

  test("a message on its way to a host that goes dark is lost", () => {
    const bed = frontAndBack({ backUs: 1000 });
    bed.send("order", 0);
    bed.runSeconds(0.0212);
    bed.losePower("b");
    bed.runSeconds(2);
    expect(bed.answers.map((each) => each.result)).toEqual([outcome.timedOut]);
    expect(bed.fabric.calls.openCount).toBe(0);
  });

  test("a hung process accepts and never answers", () => {
    const bed = frontAndBack({ backUs: 1000, backInside: 2 });
    const [back] = bed.instances("back");
    bed.fail(back!, "hang");
    for (const data of [0, 1, 2]) bed.send("order", data);
    bed.runSeconds(2);
    // Two are let in and time out; for the third there is no place.
    expect(bed.answers.map((each) => each.result).sort()).toEqual([
      outcome.unavailable,
      outcome.timedOut,
      outcome.timedOut,
    ]);
    expect(bed.fabric.instances.column.insideCount[back!]).toBe(2);
    bed.fabric.calls.evict(back!, true);
    bed.runSeconds(1);
    expect(bed.fabric.calls.openCount).toBe(0);
  });

  test("a hung caller does nothing with the answers it gets", () => {
    const bed = frontAndBack({ backUs: 100_000 });
    bed.send("order", 0);
    bed.runSeconds(0.05);
    bed.fail(bed.instances("front")[0]!, "hang");
    bed.runSeconds(6);
    expect(bed.answers.map((each) => each.result)).toEqual([outcome.timedOut]);
  });

  test("a caller that dies leaves its callee working for nobody", () => {
    const bed = frontAndBack({ backUs: 500_000 });
    bed.send("order", 0);
    bed.runSeconds(0.1);
    bed.losePower("a");
    bed.runSeconds(0.5);
    expect(bed.fabric.calls.staleAnswers.value).toBe(1);
    expect(bed.answers).toEqual([]);
    bed.runSeconds(5);
    expect(bed.answers.map((each) => each.result)).toEqual([outcome.timedOut]);
    expect(bed.fabric.calls.openCount).toBe(0);
  });
});

describe("links", () => {
  test("work is done and its answer lost when the link is cut on the way back", () => {
    const bed = frontAndBack({ backUs: 500_000 });
    bed.send("order", 0);
    bed.runSeconds(0.1);
    const { zones } = bed.fabric;
    zones.setLink(bed.fabric.zone("b"), bed.fabric.zone("a"), false);
    bed.runSeconds(2);
    expect(bed.answers.map((each) => each.result)).toEqual([outcome.timedOut]);
    const [back] = bed.instances("back");
    expect(bed.fabric.instances.column.busyUs[back!]).toBe(500_000);
    expect(bed.fabric.calls.openCount).toBe(0);
  });

  test("a refusal is not heard over a cut link either", () => {
    const bed = frontAndBack({ backUs: 500_000 });
    bed.send("order", 0);
    bed.runSeconds(0.1);
    bed.isolate("b", true);
    bed.fail(bed.instances("back")[0]!, "crash");
    bed.runSeconds(0.5);
    expect(bed.answers).toEqual([]);
    bed.runSeconds(1);
    expect(bed.answers.map((each) => each.result)).toEqual([outcome.timedOut]);
    expect(bed.fabric.calls.openCount).toBe(0);
  });

  test("on a lossy link each attempt has luck of its own", () => {
    const bed = frontAndBack({ backUs: 10, call: { timeoutMs: 100, retriesMax: 5 } });
    const { zones } = bed.fabric;
    zones.degrade(bed.fabric.zone("a"), bed.fabric.zone("b"), 0, 0.5);
    for (let data = 0; data < 200; data += 1) {
      bed.send("order", data);
      bed.runSeconds(0.1);
    }
    bed.runSeconds(5);
    const lost = bed.answers.filter((each) => each.result !== outcome.ok).length;
    // Six attempts, half of which are lost: one in 64 requests fails for good.
    expect(bed.answers.length).toBe(200);
    expect(lost).toBeLessThan(12);
  });
});

describe("what a caller does about a failure", () => {
  test("retries back off twice as long each time, with full jitter, and then give up", () => {
    const bed = frontAndBack({
      backUs: 1000,
      call: { timeoutMs: 100, retriesMax: 2, backoffMs: 200 },
    });
    bed.losePower("b");
    bed.send("order", 0);
    bed.runSeconds(3);
    const site = bed.fabric.sites.find((each) => each.path === "order/front/back")!;
    expect(bed.fabric.calls.siteCalls[site.index]).toBe(3);
    expect(bed.fabric.calls.siteFailures[site.index]).toBe(3);
    const [answer] = bed.answers;
    expect(answer!.result).toBe(outcome.timedOut);
    expect(answer!.atUs).toBeGreaterThanOrEqual(21_000 + 300_000);
    expect(answer!.atUs).toBeLessThanOrEqual(21_000 + 300_000 + 200_000 + 400_000);
  });

  test("what was blocked or refused on its merits is not tried again", () => {
    const results = [outcome.blocked, outcome.refused];
    const bed = new TestBed({
      factories: [
        plainService({ id: "front", zones: ["a"] }),
        plainService({
          id: "back",
          zones: ["a"],
          worked: (frame, _instance, fabric) => results[fabric.calls.dataOf(frame)]!,
        }),
      ],
      flows: [{ name: "order", call: { to: "front", calls: [{ to: "back", retriesMax: 3 }] } }],
    });
    bed.send("order", 0);
    bed.send("order", 1);
    bed.runSeconds(1);
    expect(bed.answers.map((each) => each.result)).toEqual(results);
    expect(bed.fabric.calls.siteCalls[1]).toBe(2);
  });

  test.each([
    ["throttled alone", [outcome.throttled, outcome.throttled], outcome.throttled],
    ["without an answer first", [outcome.unavailable, outcome.throttled], outcome.unavailable],
    ["turned away first", [outcome.throttled, outcome.unavailable], outcome.unavailable],
    ["well in the end", [outcome.unavailable, outcome.ok], outcome.ok],
  ])("a call that was %s is told as what its caller can know", (_what, results, told) => {
    let calls = 0;
    const bed = new TestBed({
      factories: [
        plainService({ id: "front", zones: ["a"] }),
        plainService({ id: "back", zones: ["a"], worked: () => results[calls++]! }),
      ],
      flows: [{ name: "order", call: { to: "front", calls: [{ to: "back", retriesMax: 1 }] } }],
    });
    bed.send("order", 0);
    bed.runSeconds(5);
    expect(calls).toBe(2);
    expect(bed.answers.map(({ result }) => result)).toEqual([told]);
  });

  test("a fallback stands in for a call that failed for good, and the calls after it follow", () => {
    const bed = new TestBed({
      factories: [
        plainService({ id: "front", zones: ["a"] }),
        plainService({ id: "back", zones: ["b"] }),
        plainService({ id: "spare", zones: ["a"] }),
        plainService({ id: "last", zones: ["a"] }),
      ],
      flows: [
        {
          name: "order",
          call: {
            to: "front",
            calls: [{ to: "back", timeoutMs: 100, fallback: { to: "spare" } }, { to: "last" }],
          },
        },
      ],
    });
    bed.losePower("b");
    bed.send("order", 0);
    bed.runSeconds(1);
    expect(bed.answers.map((each) => each.result)).toEqual([outcome.ok]);
    const callsOf = (path: string) =>
      bed.fabric.calls.siteCalls[bed.fabric.sites.findIndex((site) => site.path === path)];
    expect(callsOf("order/front/spare")).toBe(1);
    expect(callsOf("order/front/last")).toBe(1);
  });

  test("a caller goes on without an optional call", () => {
    const bed = frontAndBack({ backUs: 1000, call: { optional: true, timeoutMs: 100 } });
    bed.losePower("b");
    bed.send("order", 0);
    bed.runSeconds(1);
    expect(bed.answers.map((each) => each.result)).toEqual([outcome.ok]);
  });
});

test("a component that has the answer needs none of its calls", () => {
  const bed = new TestBed({
    factories: [
      plainService({ id: "front", zones: ["a"], worked: () => outcome.okWithoutCalls }),
      plainService({ id: "back", zones: ["b"] }),
    ],
    flows: [viaFrontToBack],
  });
  bed.send("order", 0);
  bed.runSeconds(1);
  expect(bed.answers.map((each) => each.result)).toEqual([outcome.ok]);
  expect(bed.fabric.calls.siteCalls[1]).toBe(0);
});

test("a parked frame waits until its component completes it, and only its own tenant can", () => {
  const parked: number[] = [];
  const bed = new TestBed({
    factories: [
      plainService({
        id: "front",
        zones: ["a"],
        worked: (frame, _instance, fabric) => {
          parked.push(frame, fabric.calls.generationOf(frame));
          return outcome.parked;
        },
      }),
    ],
    flows: [{ name: "order", call: { to: "front", timeoutMs: 1000 } }],
  });
  bed.send("order", 0);
  bed.runSeconds(0.5);
  const [frame, generation] = parked;
  bed.fabric.calls.complete(frame!, generation! + 1, outcome.ok);
  bed.runSeconds(0.1);
  expect(bed.answers).toEqual([]);
  bed.fabric.calls.complete(frame!, generation!, outcome.ok);
  bed.runSeconds(0.1);
  expect(bed.answers.map((each) => each.result)).toEqual([outcome.ok]);
  bed.fabric.calls.complete(frame!, generation!, outcome.ok);
  bed.runSeconds(2);
  expect(bed.answers.length).toBe(1);
});

test("an actor's calls come back to its component, and end with it", () => {
  const heard: number[][] = [];
  const bed = new TestBed({
    factories: [
      plainService({
        id: "poller",
        zones: ["a"],
        resumed: (_actor, _site, result, data) => {
          heard.push([result, data]);
        },
      }),
      plainService({ id: "queue", zones: ["b"], serverCount: 1, operations: { poll: 1000 } }),
    ],
    actorCalls: [
      {
        component: "poller",
        name: "poll",
        call: { to: "queue", operation: "poll", timeoutMs: 100 },
      },
    ],
  });
  const { calls } = bed.fabric;
  const actor = calls.startActor(bed.instances("poller")[0]!, 7);
  const site = bed.fabric.actorSite("poller", "poll");
  calls.callAsActor(actor, site, 1, 42, 1);
  bed.runSeconds(1);
  expect(heard).toEqual([[outcome.ok, 42]]);
  bed.isolate("b", true);
  calls.callAsActor(actor, site, 2, 43, 1);
  bed.runSeconds(1);
  expect(heard[1]).toEqual([outcome.timedOut, 43]);
  calls.callAsActor(actor, site, 3, 44, 1);
  bed.fail(bed.instances("poller")[0]!, "crash");
  bed.runSeconds(1);
  expect(heard.length).toBe(2);
  expect(calls.openCount).toBe(0);
  expect(bed.fabric.actorSite("poller", "other")).toBe(none);
});

/** An actor whose queue turns the first calls away; what arrives there is noted. */
function retryingPoller(options: { retriesMax: number; turnedAway: number; answers?: number }) {
  const heard: number[][] = [];
  const arrived: { data: number; itemCount: number; atUs: number }[] = [];
  const bed = new TestBed({
    factories: [
      plainService({
        id: "poller",
        zones: ["a"],
        resumed: (_actor, _site, result, data) => {
          heard.push([result, data]);
        },
      }),
      plainService({
        id: "queue",
        zones: ["b"],
        operations: { delete: 1000 },
        admit: (frame, _instance, { calls, kernel }) => {
          arrived.push({
            data: calls.dataOf(frame),
            itemCount: calls.itemCountOf(frame),
            atUs: kernel.nowUs,
          });
          if (arrived.length > options.turnedAway) return outcome.ok;
          return options.answers ?? outcome.unavailable;
        },
      }),
    ],
    actorCalls: [
      {
        component: "poller",
        name: "delete",
        call: {
          to: "queue",
          operation: "delete",
          timeoutMs: 100,
          retriesMax: options.retriesMax,
          backoffMs: 200,
        },
      },
    ],
  });
  const actor = bed.fabric.calls.startActor(bed.instances("poller")[0]!, 7);
  const begin = (key: number, data: number) =>
    bed.fabric.calls.callAsActor(actor, bed.fabric.actorSite("poller", "delete"), key, data, 10);
  return { bed, actor, heard, arrived, begin };
}

test("an actor's call is retried with what it was about, after pauses with jitter, before its component hears", () => {
  const { heard, arrived, begin, bed } = retryingPoller({ retriesMax: 2, turnedAway: 2 });
  begin(1, 42);
  bed.runSeconds(2);
  expect(heard).toEqual([[outcome.ok, 42]]);
  expect(arrived.map(({ data, itemCount }) => [data, itemCount])).toEqual([
    [42, 10],
    [42, 10],
    [42, 10],
  ]);
  const pausesUs = arrived.slice(1).map(({ atUs }, at) => atUs - arrived[at]!.atUs);
  expect(pausesUs[0]).toBeGreaterThan(1000);
  expect(pausesUs[0]).toBeLessThan(201_000 + 1000);
  expect(pausesUs[1]).toBeLessThan(401_000 + 1000);
  begin(2, 43);
  bed.runSeconds(2);
  expect(heard[1]).toEqual([outcome.ok, 43]);
});

test("an actor hears of a call that failed once all its retries have, and at once of a final answer", () => {
  const failing = retryingPoller({ retriesMax: 3, turnedAway: 100 });
  failing.begin(1, 42);
  failing.bed.runSeconds(5);
  expect(failing.arrived.length).toBe(4);
  expect(failing.heard).toEqual([[outcome.unavailable, 42]]);
  const refused = retryingPoller({ retriesMax: 3, turnedAway: 100, answers: outcome.refused });
  refused.begin(1, 42);
  refused.bed.runSeconds(5);
  expect(refused.arrived.length).toBe(1);
  expect(refused.heard).toEqual([[outcome.refused, 42]]);
});

test("a fallback stands in for an actor's call that failed for good, is about the same, and its answer is the call's", () => {
  const heard: number[][] = [];
  const spare: number[][] = [];
  const bed = new TestBed({
    factories: [
      plainService({
        id: "poller",
        zones: ["a"],
        resumed: (_actor, site, result, data) => heard.push([site, result, data]),
      }),
      plainService({ id: "queue", zones: ["b"], admit: () => outcome.unavailable }),
      plainService({
        id: "spare",
        zones: ["b"],
        admit: (frame, _instance, { calls }) => {
          spare.push([calls.dataOf(frame), calls.itemCountOf(frame)]);
          return spare.length === 1 ? outcome.ok : outcome.unavailable;
        },
      }),
    ],
    actorCalls: [
      {
        component: "poller",
        name: "poll",
        call: { to: "queue", timeoutMs: 100, retriesMax: 1, fallback: { to: "spare" } },
      },
    ],
  });
  const { calls } = bed.fabric;
  const actor = calls.startActor(bed.instances("poller")[0]!, 7);
  const site = bed.fabric.actorSite("poller", "poll");
  calls.callAsActor(actor, site, 1, 42, 10);
  bed.runSeconds(2);
  calls.callAsActor(actor, site, 2, 43, 5);
  bed.runSeconds(2);
  expect(spare).toEqual([
    [42, 10],
    [43, 5],
  ]);
  expect(heard).toEqual([
    [site, outcome.ok, 42],
    [site, outcome.unavailable, 43],
  ]);
});

test("a retry of an actor ends with it", () => {
  const ended = retryingPoller({ retriesMax: 7, turnedAway: 100 });
  ended.begin(1, 42);
  ended.bed.runSeconds(0.002);
  ended.bed.fabric.calls.endActor(ended.actor);
  ended.bed.runSeconds(5);
  expect(ended.arrived.length).toBe(1);
  expect(ended.bed.fabric.calls.openCount).toBe(0);
});

test("when all frames are taken a call fails as unavailable and is counted", () => {
  const bed = new TestBed({
    framesMax: 2,
    factories: [plainService({ id: "front", zones: ["a"], operations: { serve: 1000 } })],
    flows: [{ name: "order", call: { to: "front" } }],
  });
  for (const data of [0, 1, 2]) bed.send("order", data);
  bed.runSeconds(1);
  expect(bed.fabric.calls.overflows.value).toBe(1);
  expect(bed.answers.map((each) => each.result)).toEqual([
    outcome.unavailable,
    outcome.ok,
    outcome.ok,
  ]);
});

test("no frame is left over after failures of every manner in the middle of traffic", () => {
  for (let seed = 0; seed < 20; seed += 1) {
    const bed = new TestBed({
      seed: `leak-${seed}`,
      factories: [
        plainService({
          id: "front",
          zones: ["a", "b", "c"],
          serverCount: 2,
          insideMax: 20,
          operations: { serve: 500 },
        }),
        plainService({
          id: "back",
          zones: ["a", "b", "c"],
          serverCount: 2,
          insideMax: 20,
          operations: { serve: 2000 },
        }),
        plainService({ id: "spare", zones: ["c"], operations: { serve: 100 } }),
      ],
      flows: [
        {
          name: "order",
          call: {
            to: "front",
            timeoutMs: 300,
            calls: [
              {
                to: "back",
                timeoutMs: 100,
                retriesMax: 2,
                fallback: { to: "spare", timeoutMs: 50 },
              },
              { to: "back", timeoutMs: 80, optional: true },
            ],
          },
        },
      ],
    });
    for (let data = 0; data < 600; data += 1) {
      bed.send("order", data);
      bed.runSeconds(0.001);
      const at = (data + seed * 7) % 600;
      if (at === 100) bed.fail(bed.instances("back", "a")[0]!, "crash");
      if (at === 200) bed.losePower("b");
      if (at === 300) bed.isolate("c", true);
      if (at === 350) bed.restorePower("b");
      if (at === 400) bed.isolate("c", false);
      if (at === 450) bed.fail(bed.instances("front", "c")[0]!, "hang");
    }
    bed.runSeconds(2);
    for (const instance of bed.instances()) bed.fabric.calls.evict(instance, false);
    bed.runSeconds(2);
    expect(bed.fabric.calls.openCount).toBe(0);
    expect(bed.answers.length).toBe(600);
    expect(bed.kernel.pendingCount).toBe(0);
  }
});
