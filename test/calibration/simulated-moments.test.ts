import { expect, test } from "vitest";
import { observe } from "../../calibration/calibrate/observations.ts";
import { importMetricData } from "../../calibration/importers/get-metric-data.ts";
import { proposeMapping } from "../../calibration/mapping/propose-mapping.ts";
import { namedLeftovers } from "../../calibration/simulated/leftover-parameters.ts";
import { fitSimulatedMoments } from "../../calibration/simulated/simulated-moments.ts";
import { recordingCloudWatch } from "../../sim/twin/recording/export/cloudwatch.ts";
import { shippedTopology, smallScenario } from "../twin/small-drill.ts";
import { smallPlatformRun } from "./small-platform-run.ts";

const load = { ratePerSecond: 6, durationSeconds: 240 };

test("the spread of CPU times, which no formula reads off minute metrics, is found by running the twin", () => {
  const sigma = 0.9;
  const operations = ["place", "status", "log-in"].map((name) => ({
    name,
    cpuMs: { median: 40 * Math.exp(-(sigma ** 2) / 2), sigma },
  }));
  const recording = smallPlatformRun(
    { ...load, componentOverrides: { "order-service": { operations } } },
    "production",
  );
  const document: unknown = JSON.parse(recordingCloudWatch(recording));
  const series = importMetricData([document], document, "export", []);
  const topology = shippedTopology();
  const platform = { topology, workload: smallScenario({ ...load, faults: [] }).workload };
  const fit = fitSimulatedMoments({
    platform,
    parameters: namedLeftovers(platform, ["order-service.cpu-sigma"]),
    observations: observe(series, proposeMapping(series, topology)),
    simulationsMax: 60,
  });
  const estimate = fit.estimates.get("order-service.cpu-sigma")!;
  expect(estimate.state).toBe("identified");
  expect(Math.abs(estimate.value! - sigma)).toBeLessThan(0.15);
  const [low, high] = estimate.interval!;
  expect(low!).toBeLessThan(sigma);
  expect(high!).toBeGreaterThan(sigma);
  // The topology's own 0.5 is told apart.
  expect(low!).toBeGreaterThan(0.5);
  expect(fit.simulations).toBeLessThanOrEqual(80);
}, 400_000);

test("a name that nothing can be simulated for is refused with those that can", () => {
  const platform = {
    topology: shippedTopology(),
    workload: smallScenario({ ...load, faults: [] }).workload,
  };
  expect(() => namedLeftovers(platform, ["luck"])).toThrow(/order-service\.cpu-sigma/);
});
