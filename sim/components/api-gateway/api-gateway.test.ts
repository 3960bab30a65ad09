import { describe, expect, test } from "vitest";
import { outcome } from "../fabric/outcome.ts";
import { plainService, TestBed } from "../fabric/test-bed.ts";
import { createApiGateway } from "./api-gateway.ts";
import type { ApiGatewaySpec } from "./api-gateway-spec.ts";

function apiBed(specs: readonly Partial<ApiGatewaySpec>[] = [{}]) {
  const named = specs.map((spec, at) => ({
    id: `api-${at}`,
    service: "api-gateway" as const,
    api: "rest" as const,
    zones: ["a", "b", "c"],
    ...spec,
  }));
  return new TestBed({
    framesMax: 100_000,
    factories: [
      ...named.map((spec) => ({
        id: spec.id,
        create: (fabric: Parameters<typeof createApiGateway>[0], index: number) =>
          createApiGateway(fabric, index, spec),
      })),
      plainService({ id: "backend", zones: ["a"] }),
    ],
    flows: named.map((spec) => ({
      name: spec.id,
      call: { to: spec.id, timeoutMs: 3000, calls: [{ to: "backend", timeoutMs: 2000 }] },
    })),
  });
}

const count = (bed: TestBed, result: number, from = 0) =>
  bed.answers.slice(from).filter((each) => each.result === result).length;

describe("throttling", () => {
  test("lets the documented burst of 5,000 through at once and the next is a 429", () => {
    const bed = apiBed();
    for (let data = 0; data < 5001; data += 1) bed.send("api-0", data);
    bed.runSeconds(5);
    expect(count(bed, outcome.ok)).toBe(5000);
    expect(count(bed, outcome.throttled)).toBe(1);
  });

  test("refills at 10,000 requests a second", () => {
    const bed = apiBed();
    for (let data = 0; data < 5000; data += 1) bed.send("api-0", data);
    bed.runSeconds(0.1);
    for (let data = 0; data < 1100; data += 1) bed.send("api-0", data);
    bed.runSeconds(5);
    expect(count(bed, outcome.throttled)).toBe(100);
  });

  test("is shared by all APIs of the account, unless an API has a quota of its own", () => {
    const bed = apiBed([{}, {}, { ratePerSecond: 50_000 }]);
    for (let data = 0; data < 4000; data += 1) {
      bed.send("api-0", data);
      bed.send("api-1", data);
    }
    bed.runSeconds(5);
    expect(count(bed, outcome.throttled)).toBe(3000);
    const before = bed.answers.length;
    for (let data = 0; data < 25_001; data += 1) bed.send("api-2", data);
    bed.runSeconds(5);
    expect(count(bed, outcome.throttled, before)).toBe(1);
  });
});

test.each([
  ["rest", 10, 30],
  ["http", 5, 10],
] as const)(
  "a %s API adds %i ms in the median and %i ms at the 99th percentile",
  (api, p50, p99) => {
    const bed = apiBed([{ api }]);
    const sent: number[] = [];
    for (let data = 0; data < 4000; data += 1) {
      sent.push(bed.kernel.nowUs);
      bed.send("api-0", data);
      bed.runSeconds(0.001);
    }
    bed.runSeconds(1);
    const ms = bed.answers.map((each) => (each.atUs - sent[each.data]!) / 1000 - 20);
    ms.sort((a, b) => a - b);
    // To the backend and back is up to a millisecond.
    expect(ms[2000]! / p50).toBeGreaterThan(0.95);
    expect(ms[2000]! / p50).toBeLessThan(1.25);
    expect(ms[3960]! / p99).toBeGreaterThan(0.85);
    expect(ms[3960]! / p99).toBeLessThan(1.25);
    const latency = bed.fabric.metrics.sources[bed.fabric.metrics.find(0, "Latency")]!;
    const p99Shown = latency.sample();
    expect(p99Shown / ms[3960]!).toBeGreaterThan(0.95);
    expect(p99Shown / ms[3960]!).toBeLessThan(1.05);
  },
);

test("a dark zone silences its third of the requests until the service has left its host out", () => {
  const bed = apiBed();
  bed.runSeconds(10);
  bed.losePower("c");
  for (let data = 0; data < 3000; data += 1) bed.send("api-0", data);
  bed.runSeconds(5);
  expect(count(bed, outcome.timedOut)).toBeGreaterThan(900);
  expect(count(bed, outcome.timedOut)).toBeLessThan(1100);
  bed.runSeconds(10);
  const before = bed.answers.length;
  for (let data = 0; data < 300; data += 1) bed.send("api-0", data);
  bed.runSeconds(5);
  expect(count(bed, outcome.ok, before)).toBe(300);
  const [leftOut] = bed.events("host.left-out");
  expect(bed.causes(leftOut!.seq)[0]).toBe("zone.power-lost");
});

test("its error rates are what it answered with, per minute", () => {
  const bed = apiBed([{ ratePerSecond: 10, burst: 75 }]);
  const { metrics } = bed.fabric;
  const read = (name: string) => metrics.sources[metrics.find(0, name)]!.sample();
  for (let data = 0; data < 100; data += 1) bed.send("api-0", data);
  bed.runSeconds(60);
  expect(read("4XXError")).toBe(25);
  expect(read("5XXError")).toBe(0);
  expect(read("Count")).toBe(100);
  bed.fail(bed.instances("backend")[0]!, "crash");
  for (let data = 0; data < 50; data += 1) bed.send("api-0", data);
  bed.runSeconds(60);
  expect(read("5XXError")).toBe(100);
  expect(read("4XXError")).toBe(0);
});

test("a flow that lets it wait longer for a backend than the service allows is a mistake", () => {
  const waits = (timeoutMs: number) => () =>
    new TestBed({
      factories: [
        {
          id: "api",
          create: (fabric, index) =>
            createApiGateway(fabric, index, {
              id: "api",
              service: "api-gateway",
              api: "rest",
              zones: ["a", "b", "c"],
            }),
        },
        plainService({ id: "backend", zones: ["a"] }),
      ],
      flows: [{ name: "ask", call: { to: "api", calls: [{ to: "backend", timeoutMs }] } }],
    });
  expect(waits(29_000)).not.toThrow();
  expect(waits(29_001)).toThrow("api-gateway.integration-timeout-exceeded");
});
