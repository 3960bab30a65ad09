/** Fits of measurements from real systems against answers that are known for them. */
import { expect } from "vitest";
import type { Estimate } from "../../calibration/estimate.ts";
import { fitDemandFiles } from "../../calibration/fits/fit-demand-files.ts";
import { fitDriverDemandFile } from "../../calibration/fits/fit-driver-demand-file.ts";
import { fitUslFile } from "../../calibration/fits/fit-usl-file.ts";
import { dataPath, testWithData } from "../data-folder.ts";

const metrics = (...names: readonly string[]) => dataPath("metrics", ...names);

function valueOf(estimate: Estimate | undefined): number {
  return estimate?.value ?? Number.NaN;
}

testWithData("USL on specsdm91 gives the three published parameters and the peak", async () => {
  const { estimates, details } = await fitUslFile(metrics("usl", "specsdm91.csv"), {
    pinScale: false,
  });
  expect(valueOf(estimates["lambda"])).toBeCloseTo(89.995, 3);
  expect(valueOf(estimates["sigma"])).toBeCloseTo(0.02773, 5);
  expect(valueOf(estimates["kappa"])).toBeCloseTo(1.0437e-4, 8);
  expect(valueOf(estimates["peakLoad"])).toBeCloseTo(96.5, 1);
  expect(Object.values(estimates).map((each) => each.state)).toEqual(
    new Array(5).fill("identified"),
  );
  expect(details["fit"]).toMatchObject({ r2: expect.closeTo(0.99, 3) });
  expect(details["standardErrors"]).toEqual({
    lambda: expect.closeTo(14.2, 1),
    sigma: expect.closeTo(0.0091, 4),
    kappa: expect.closeTo(2.0e-5, 6),
  });
});

testWithData("a pinned scale gives another contention, and says that it was pinned", async () => {
  const { estimates } = await fitUslFile(metrics("usl", "specsdm91.csv"), { pinScale: true });
  expect(valueOf(estimates["sigma"])).toBeCloseTo(0.0126, 4);
  expect(estimates["lambda"]).toMatchObject({
    value: 64.9,
    why: expect.stringContaining("pinned, not fitted"),
  });
});

testWithData(
  "the joint fit of demands meets the known answer, and the impossible one is flagged",
  async () => {
    const classFile = (name: string) => ({
      name,
      file: metrics("librede", `experiment1_${name}_RESPONSE_TIME.part1.csv`),
    });
    const report = await fitDemandFiles({
      requests: [classFile("WC0"), classFile("WC1"), classFile("WC2")],
      utilisation: metrics("librede", "host1_CPU_UTILIZATION.part1.csv"),
      cores: 1,
      holdout: 0.3,
      seed: "1",
    });
    expect(report.details["method"]).toBe("joint");
    expect(Math.abs(valueOf(report.estimates["WC0"]) - 0.0221)).toBeLessThan(0.0011);
    expect(Math.abs(valueOf(report.estimates["WC1"]) - 0.1176)).toBeLessThan(0.0056);
    expect(Math.abs(valueOf(report.estimates["WC2"]) - 0.0684)).toBeLessThan(0.0034);
    expect(report.estimates["background"]?.state).toBe("identified");
    const methods = report.details["methods"] as readonly {
      method: string;
      demandsSeconds: Record<string, number>;
      impossible: readonly string[];
      r2Utilisation: number;
    }[];
    const regression = methods.find((each) => each.method === "utilisation-regression");
    expect(regression?.demandsSeconds).toEqual({
      WC0: expect.closeTo(0.044, 4),
      WC1: expect.closeTo(0.1258, 4),
      WC2: expect.closeTo(0.0561, 4),
    });
    expect(regression?.r2Utilisation).toBeCloseTo(0.38, 2);
    expect(regression?.impossible[0]).toContain("WC0");
    expect(methods.find((each) => each.method === "joint")?.impossible).toEqual([]);
  },
);

testWithData(
  "NNLS on the production database finds the three weights, and one driver does not do",
  async () => {
    const { details, estimates } = await fitDriverDemandFile({
      file: metrics("usl", "oracledb_0702_1500.csv"),
      busy: "cpu_time",
      drivers: ["call_rate", "lio_rate", "txn_rate"],
      holdout: 0.3,
      seed: "1",
    });
    expect(details["weights"]).toEqual({
      call_rate: expect.closeTo(3.131e-4, 7),
      lio_rate: expect.closeTo(6.148e-6, 9),
      txn_rate: expect.closeTo(0.02913, 5),
    });
    expect(estimates["lio_rate"]?.state).toBe("identified");
    const ranking = details["ranking"] as readonly {
      drivers: string[];
      r2WithIntercept: number | null;
    }[];
    const alone = (name: string) =>
      ranking.find((each) => each.drivers.join() === name)?.r2WithIntercept;
    expect(alone("txn_rate")).toBeCloseTo(0.45, 2);
    expect(alone("call_rate")).toBeCloseTo(0.05, 2);
  },
);
