import { expect, test } from "vitest";
import { TwinError } from "../../errors/twin-error.ts";
import { plainService, TestBed } from "./test-bed.ts";

test("all mistakes in the flows are told at once, each with its place and its remedy", () => {
  let thrown: unknown;
  try {
    new TestBed({
      factories: [
        plainService({ id: "front" }),
        plainService({ id: "back" }),
        plainService({ id: "back" }),
      ],
      flows: [
        { name: "order", call: { to: "frnt", calls: [{ to: "back", operation: "read" }] } },
        { name: "order", call: { to: "front", retriesMax: 8, timeoutMs: 0, backoffMs: -1 } },
      ],
      actorCalls: [{ component: "nobody", name: "poll", call: { to: "back" } }],
    });
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(TwinError);
  const { mistakes } = thrown as TwinError;
  expect(mistakes.map((mistake) => [mistake.code, mistake.at])).toEqual([
    ["topology.id-twice", "/components/back"],
    ["topology.component-unknown", "/flows/order/call"],
    ["topology.operation-unknown", "/flows/order/call/calls/0"],
    ["topology.flow-twice", "/flows/order"],
    ["topology.retries-out-of-range", "/flows/order/call/retriesMax"],
    ["topology.timeout-out-of-range", "/flows/order/call/timeoutMs"],
    ["topology.backoff-out-of-range", "/flows/order/call/backoffMs"],
    ["topology.component-unknown", "/actorCalls/nobody/poll"],
  ]);
  expect(mistakes[1]!.remedy).toContain("front, back");
});

test("a quota of the account is one bucket, whoever asks for it", () => {
  const bed = new TestBed({
    factories: [
      {
        id: "front",
        create(fabric, index) {
          const quota = { ratePerSecond: 1, burst: 2 };
          const mine = fabric.accountQuota("launches", quota);
          expect(fabric.accountQuota("launches", quota)).toBe(mine);
          return plainService({ id: "front" }).create(fabric, index);
        },
      },
    ],
  });
  expect(bed.fabric.components.length).toBe(1);
});
