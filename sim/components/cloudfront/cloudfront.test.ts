import { expect, test } from "vitest";
import { factNumber } from "../../facts/facts.ts";
import { outcome } from "../fabric/outcome.ts";
import { requestKind } from "../fabric/requests.ts";
import { plainService, TestBed } from "../fabric/test-bed.ts";
import { createCloudFront } from "./cloudfront.ts";
import type { CloudFrontSpec } from "./cloudfront-spec.ts";

function edgeBed(spec: Partial<CloudFrontSpec> = {}) {
  return new TestBed({
    framesMax: 600_000,
    factories: [
      {
        id: "edge",
        create: (fabric, index) =>
          createCloudFront(fabric, index, { id: "edge", service: "cloudfront", ...spec }),
      },
      plainService({ id: "origin", zones: ["a"], operations: { serve: 5000 } }),
    ],
    flows: [
      {
        name: "ask",
        call: { to: "edge", timeoutMs: 40_000, calls: [{ to: "origin", timeoutMs: 30_000 }] },
      },
    ],
  });
}

const originCalls = (bed: TestBed) => bed.fabric.calls.siteCalls[1]!;

test("an answer to a book query is reused for its symbol until its time is up, and for no other", () => {
  const bed = edgeBed({ cacheTtlMs: 1000 });
  const ask = (symbol: number) => bed.request({ kind: requestKind.queryBook, symbol });
  bed.send("ask", ask(1));
  bed.runSeconds(0.5);
  bed.send("ask", ask(1));
  bed.send("ask", ask(2));
  bed.runSeconds(0.4);
  expect(originCalls(bed)).toBe(2);
  bed.runSeconds(0.2);
  bed.send("ask", ask(1));
  bed.runSeconds(1);
  expect(originCalls(bed)).toBe(3);
  expect(bed.answers.every((each) => each.result === outcome.ok)).toBe(true);
});

test("a hit does not make the answer any fresher", () => {
  const bed = edgeBed({ cacheTtlMs: 1000 });
  const ask = () => bed.request({ kind: requestKind.queryBook, symbol: 1 });
  for (let tenth = 0; tenth < 30; tenth += 1) {
    bed.send("ask", ask());
    bed.runSeconds(0.1);
  }
  expect(originCalls(bed)).toBe(3);
});

test("orders always go to the origin, and so does everything without a TTL", () => {
  const cached = edgeBed({ cacheTtlMs: 1000 });
  for (let each = 0; each < 3; each += 1) {
    cached.send("ask", cached.request({ kind: requestKind.placeOrder, symbol: 1 }));
  }
  cached.runSeconds(1);
  expect(originCalls(cached)).toBe(3);
  const uncached = edgeBed();
  for (let each = 0; each < 3; each += 1) {
    uncached.send("ask", uncached.request({ kind: requestKind.queryBook, symbol: 1 }));
    uncached.runSeconds(0.5);
  }
  expect(originCalls(uncached)).toBe(3);
});

test("an error of the origin is kept for 10 s, so recovery is seen that much later", () => {
  const bed = edgeBed({ cacheTtlMs: 1000 });
  const [origin] = bed.instances("origin");
  const ask = () => {
    bed.send("ask", bed.request({ kind: requestKind.queryBook, symbol: 1 }));
    bed.runSeconds(0.1);
    return bed.answers.at(-1)!.result;
  };
  bed.fail(origin!, "crash");
  expect(ask()).toBe(outcome.connectionRefused);
  bed.fabric.components[1]!.powerRestored(origin!, -1);
  expect(ask()).toBe(outcome.unavailable);
  bed.runSeconds(9.6);
  expect(ask()).toBe(outcome.unavailable);
  bed.runSeconds(0.3);
  expect(ask()).toBe(outcome.ok);
});

test("beyond the distribution's quota requests are turned away", () => {
  const bed = edgeBed();
  const quota = factNumber("cloudfront.requests-per-s-per-distribution");
  const request = bed.request({ kind: requestKind.placeOrder });
  for (let each = 0; each < quota + 100; each += 1) bed.send("ask", request);
  bed.runSeconds(1);
  const throttled = bed.answers.filter((each) => each.result === outcome.throttled).length;
  expect(throttled).toBe(100);
});
