import { expect, test } from "vitest";
import { factNumberAt } from "../facts/facts.ts";
import { zoneLatencyUs } from "./network.ts";

const zones = [
  { id: "outside", region: undefined },
  { id: "us-east-1a", region: "us-east-1" },
  { id: "us-east-1b", region: "us-east-1" },
  { id: "us-west-2a", region: "us-west-2" },
  { id: "xx-nowhere-9a", region: "xx-nowhere-9" },
];

test("without a word from the topology, latencies are half the round trips of the facts catalogue", () => {
  const latencyUs = zoneLatencyUs(zones, undefined);
  expect(latencyUs(1, 1)).toBe(factNumberAt("net.rtt.same-az", "typical", 1) * 500);
  expect(latencyUs(1, 2)).toBe(factNumberAt("net.rtt.inter-az", "typical", 1) * 500);
  expect(latencyUs(1, 1)).toBeLessThan(latencyUs(1, 2));
});

test("a topology's own round trips are used instead, half of them each way", () => {
  const latencyUs = zoneLatencyUs(zones, {
    clientRttMs: 80,
    interZoneRttMs: 1.5,
    sameZoneRttMs: 0.2,
  });
  expect(latencyUs(0, 1)).toBe(40_000);
  expect(latencyUs(1, 0)).toBe(40_000);
  expect(latencyUs(1, 2)).toBe(750);
  expect(latencyUs(2, 2)).toBe(100);
});

test("between edge components, which stand where the clients are, there is no way to go", () => {
  expect(zoneLatencyUs(zones, undefined)(0, 0)).toBe(0);
});

test("regions are far apart, both ways alike, and unknown pairs are taken for an ocean's width", () => {
  const latencyUs = zoneLatencyUs(zones, undefined);
  expect(latencyUs(1, 3)).toBe(latencyUs(3, 1));
  expect(latencyUs(1, 3)).toBeGreaterThan(10 * latencyUs(1, 2));
  expect(latencyUs(1, 4)).toBe(50_000);
});
