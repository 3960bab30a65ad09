import { expect, test } from "vitest";
import { Stream } from "../../../sim/kernel/random/stream.ts";
import { type DriverData, fitDriverDemand } from "./fit-driver-demand.ts";

const options = { holdout: 0.3, seed: "drivers", period: null };
const secondsPerRequest = 0.03;

/** A host that is busy for 3 % of the time for each request a second, and idles at so much. */
function host(seed: string, background: number): DriverData {
  const draw = new Stream(seed, "host");
  const rates = Float64Array.from(
    { length: 200 },
    (_, i) => 10 + 8 * Math.sin(i / 9) + 3 * draw.uniform(),
  );
  const busy = rates.map((rate) => rate * secondsPerRequest + background + 0.005 * draw.normal());
  return { busyName: "busy", busy, driverNames: ["requests"], drivers: [rates] };
}

test("busy time that no driver causes is told apart, and the demand is not charged with it", () => {
  let held = 0;
  for (let seed = 0; seed < 24; seed += 1) {
    const { data, estimates, heldOut } = fitDriverDemand(host(String(seed), 0.05), options);
    expect(data.driverNames).toEqual(["requests", "background"]);
    const { value, interval } = estimates["requests"]!;
    expect(value! / secondsPerRequest).toBeCloseTo(1, 1);
    if (interval![0]! <= secondsPerRequest && secondsPerRequest <= interval![1]!) held += 1;
    expect(estimates["background"]!.value).toBeCloseTo(0.05, 2);
    expect(estimates["background"]!.unit).toBe("busy");
    expect(heldOut.mape).toBeLessThan(0.04);
  }
  expect(held).toBeGreaterThanOrEqual(18);
});

test("without a background none is fitted", () => {
  for (let seed = 0; seed < 8; seed += 1) {
    const { data, findings } = fitDriverDemand(host(String(seed), 0), options);
    expect(data.driverNames).toEqual(["requests"]);
    expect(findings).toEqual([]);
  }
});
