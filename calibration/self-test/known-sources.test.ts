/** Each fit on measurements drawn from known parameters: how often its 90 % intervals hold them. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Estimate } from "../estimate.ts";
import { driftSource, knownSources } from "./known-sources.ts";

const folder = mkdtempSync(join(tmpdir(), "stormbell-known-"));
const runs = 12;
/** Of 12 intervals of 90 % fewer hold the truth in 4 runs of 1,000. */
const insideMin = 8;

const slow = /demands|chance|switch|excit|Zipf|durations in|counts with/;

test.each(knownSources.filter(({ name }) => !slow.test(name)))(
  "$name: intervals hold the truth as often as they should, and their own value",
  async ({ fit }) => {
    const inside = new Map<string, number>();
    for (let run = 0; run < runs; run += 1) {
      const { report, truth } = await fit(folder, `test-${run}`);
      for (const [name, value] of Object.entries(truth)) {
        const estimate = report.estimates[name];
        expect(estimate, name).toBeDefined();
        if (holds(estimate!, value)) inside.set(name, (inside.get(name) ?? 0) + 1);
        expect(estimate!.value === null || holds(estimate!, estimate!.value), name).toBe(true);
      }
    }
    expect(inside.size).toBeGreaterThan(0);
    for (const [name, count] of inside) expect(count, name).toBeGreaterThanOrEqual(insideMin);
  },
  120_000,
);

test("demands under a steady load are found without the bias that the scatter of utilisation brings", async () => {
  const source = knownSources.find(({ name }) => name.startsWith("demands of two"))!;
  const errors: number[] = [];
  let inside = 0;
  for (let run = 0; run < 4; run += 1) {
    const { report, truth } = await source.fit(folder, `steady-${run}`);
    for (const name of ["class-1", "class-2"]) {
      errors.push(report.estimates[name]!.value! / truth[name]! - 1);
      inside += holds(report.estimates[name]!, truth[name]!) ? 1 : 0;
    }
  }
  expect(Math.abs(errors.reduce((a, b) => a + b, 0) / errors.length)).toBeLessThan(0.012);
  expect(inside).toBeGreaterThanOrEqual(5);
}, 120_000);

test("two phases of arrivals are told apart, each rate and stay with its interval", async () => {
  const source = knownSources.find(({ name }) => name.includes("switch"))!;
  const { report, truth } = await source.fit(folder, "phases");
  for (const name of ["mmppRateLow", "mmppRateHigh", "mmppStayLow", "mmppStayHigh"]) {
    expect(report.estimates[name]?.state, name).toBe("identified");
    expect(Math.abs(report.estimates[name]!.value! / truth[name]! - 1), name).toBeLessThan(0.5);
  }
}, 60_000);

test("a shift of a fifth is found where it is, and none where there is none", async () => {
  for (let run = 0; run < runs; run += 1) {
    const still = await driftSource(0).fit(folder, `still-${run}`);
    expect(still.report.details["alarms"]).toEqual([]);
    const moved = await driftSource(-0.2).fit(folder, `moved-${run}`);
    const alarms = moved.report.details["alarms"] as readonly { size: number; direction: string }[];
    expect(alarms).toHaveLength(1);
    expect(alarms[0]?.direction).toBe("down");
    expect(alarms[0]?.size).toBeCloseTo(-0.2, 1);
  }
}, 60_000);

function holds({ interval }: Estimate, value: number): boolean {
  const [low = null, high = null] = interval ?? [];
  return (low ?? Number.NEGATIVE_INFINITY) <= value && value <= (high ?? Number.POSITIVE_INFINITY);
}
