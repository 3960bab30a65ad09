import { describe, expect, test } from "vitest";
import { outcome } from "../fabric/outcome.ts";
import { plainService, TestBed } from "../fabric/test-bed.ts";
import { createRoute53, type Route53 } from "./route53.ts";
import type { Route53Spec } from "./route53-spec.ts";

function namedBed(records?: Route53Spec["records"]) {
  const bed = new TestBed({
    factories: [
      {
        id: "dns",
        create: (fabric, index) =>
          createRoute53(fabric, index, {
            id: "dns",
            service: "route53",
            records: records ?? [{ name: "api.example.com", endpoints: ["edge"] }],
            parameters: { lookupUsP50: 20_000, lookupUsP95: 20_000 },
          }),
      },
      plainService({ id: "edge", zones: ["outside"] }),
      plainService({ id: "first", zones: ["a", "b"] }),
      plainService({ id: "second", zones: ["c"] }),
    ],
    flows: [
      {
        name: "open",
        call: { to: "dns", operation: "resolve", timeoutMs: 10_000, calls: [{ to: "edge" }] },
      },
    ],
    latencyUs: { sameZone: 0, betweenZones: 500, outside: 10_000 },
  });
  return { bed, dns: bed.fabric.component("dns") as Route53 };
}

test("a name costs a lookup once per user and TTL of 60 s, and nothing in between", () => {
  const { bed } = namedBed();
  const alice = bed.request({ user: 1 });
  const bob = bed.request({ user: 2 });
  const tookUs = (data: number) => {
    const sentUs = bed.kernel.nowUs;
    const before = bed.answers.length;
    bed.send("open", data);
    bed.runSeconds(1);
    return bed.answers[before]!.atUs - sentUs;
  };
  expect(tookUs(alice)).toBe(20_000);
  expect(tookUs(alice)).toBe(0);
  expect(tookUs(bob)).toBe(20_000);
  bed.runSeconds(57);
  expect(tookUs(alice)).toBe(0);
  expect(tookUs(alice)).toBe(20_000);
});

test("with the name service gone, users with a cached answer go on until it expires, the others get an error", () => {
  const { bed, dns } = namedBed();
  const alice = bed.request({ user: 1 });
  const bob = bed.request({ user: 2 });
  bed.send("open", alice);
  bed.runSeconds(30);
  dns.setAnswering(false);
  bed.send("open", alice);
  bed.send("open", bob);
  bed.runSeconds(6);
  expect(bed.answers.map((each) => each.result)).toEqual([
    outcome.ok,
    outcome.ok,
    outcome.unavailable,
  ]);
  bed.runSeconds(25);
  bed.send("open", alice);
  bed.runSeconds(6);
  expect(bed.answers[3]!.result).toBe(outcome.unavailable);
  expect(bed.fabric.calls.openCount).toBe(0);
});

describe("health-checked records", () => {
  const records = [
    {
      name: "api.example.com",
      endpoints: ["first", "second"],
      healthCheckIntervalSeconds: 10 as const,
    },
  ];

  test("lead to the next endpoint after three failed checks of 10 s, and back when it passes three", () => {
    const { bed, dns } = namedBed(records);
    const first = bed.fabric.component("first").index;
    const second = bed.fabric.component("second").index;
    bed.runSeconds(100);
    expect(dns.answerOf("api.example.com")).toBe(first);
    bed.losePower("a");
    bed.runSeconds(60);
    // Zone b still answers.
    expect(dns.answerOf("api.example.com")).toBe(first);
    bed.losePower("b");
    bed.runSeconds(19.9);
    expect(dns.answerOf("api.example.com")).toBe(first);
    bed.runSeconds(10.2);
    expect(dns.answerOf("api.example.com")).toBe(second);
    const [changed] = bed.events("route53.answer-changed");
    expect(bed.causes(changed!.seq)).toEqual([
      "zone.power-lost",
      "instance.failed-by-power",
      "route53.endpoint-failed",
      "route53.answer-changed",
    ]);
    bed.restorePower("b");
    bed.runSeconds(30.1);
    expect(dns.answerOf("api.example.com")).toBe(first);
  });

  test("are answered as if nothing had failed when everything has", () => {
    const { bed, dns } = namedBed(records);
    for (const zone of ["a", "b", "c"]) bed.losePower(zone);
    bed.runSeconds(60);
    expect(bed.events("route53.endpoint-failed").length).toBe(2);
    expect(dns.answerOf("api.example.com")).toBe(bed.fabric.component("first").index);
  });

  test("stand a partial loss of the network: enough checkers still pass", () => {
    const { bed, dns } = namedBed([{ ...records[0]!, endpoints: ["second", "first"] }]);
    bed.fabric.zones.degrade(0, bed.fabric.zone("c"), 0, 0.4);
    bed.runSeconds(600);
    expect(dns.answerOf("api.example.com")).toBe(bed.fabric.component("second").index);
  });
});
