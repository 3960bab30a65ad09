/** Fits of measurements from real systems against answers that are known for them. */
import { expect } from "vitest";
import type { Estimate } from "../../calibration/estimate.ts";
import { fitArrivalsFile } from "../../calibration/fits/fit-arrivals-file.ts";
import { fitCacheFile } from "../../calibration/fits/fit-cache-file.ts";
import { fitColdstartFiles } from "../../calibration/fits/fit-coldstart-files.ts";
import { fitDemandFiles } from "../../calibration/fits/fit-demand-files.ts";
import { fitDriftFile } from "../../calibration/fits/fit-drift-file.ts";
import { fitDriverDemandFile } from "../../calibration/fits/fit-driver-demand-file.ts";
import { fitFailoverFile } from "../../calibration/fits/fit-failover-file.ts";
import { fitGapsFile } from "../../calibration/fits/fit-gaps-file.ts";
import { fitLoadFile } from "../../calibration/fits/fit-load-file.ts";
import { fitUslFile } from "../../calibration/fits/fit-usl-file.ts";
import { dataPath, testWithData } from "../data-folder.ts";

const metrics = (...names: readonly string[]) => dataPath("metrics", ...names);

function best(estimate: Estimate | undefined): number {
  return estimate?.value ?? Number.NaN;
}

testWithData("USL on specsdm91 gives the three published parameters and the peak", async () => {
  const { estimates, details } = await fitUslFile(metrics("usl", "specsdm91.csv"), {
    pinScale: false,
  });
  expect(best(estimates["lambda"])).toBeCloseTo(89.995, 3);
  expect(best(estimates["sigma"])).toBeCloseTo(0.02773, 5);
  expect(best(estimates["kappa"])).toBeCloseTo(1.0437e-4, 8);
  expect(best(estimates["peakLoad"])).toBeCloseTo(96.5, 1);
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
  expect(best(estimates["sigma"])).toBeCloseTo(0.0126, 4);
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
    expect(Math.abs(best(report.estimates["WC0"]) - 0.0221)).toBeLessThan(0.0011);
    expect(Math.abs(best(report.estimates["WC1"]) - 0.1176)).toBeLessThan(0.0056);
    expect(Math.abs(best(report.estimates["WC2"]) - 0.0684)).toBeLessThan(0.0034);
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

testWithData("replay misses as often as published, under FIFO and Clock, within 3 %", async () => {
  const sizes = [128, 256, 384, 512, 640, 768, 896, 1024].map((mib) => ({
    text: `${mib}MiB`,
    amount: mib * 2 ** 20,
    isBytes: true,
  }));
  const published = {
    fifo: [93403, 89386, 84387, 84025, 72498, 72228, 72182, 72140],
    clock: [93313, 89775, 83411, 81328, 74815, 72283, 71927, 64456],
  };
  for (const policy of ["fifo", "clock"] as const) {
    const { details } = await fitCacheFile({
      file: metrics("cache", "cloudphysics_io.csv.gz"),
      sizes,
      policy,
      seed: "1",
    });
    const replayed = details["sizes"] as readonly { misses: number }[];
    for (const [i, { misses }] of replayed.entries()) {
      expect(
        Math.abs(misses / published[policy][i]! - 1),
        `${policy} ${sizes[i]?.text}`,
      ).toBeLessThan(0.03);
    }
  }
});

testWithData("failure detection follows its configuration to 8 ms", async () => {
  const { details, estimates } = await fitFailoverFile(
    metrics(
      "failover",
      "awsjdbc_enhanced_failure_monitoring_performance_with_different_failure_detection_configuration.csv",
    ),
  );
  expect(details["laws"]).toMatchObject([
    { formula: "max(grace - elapsed, 0) + interval * count + constant", constantMs: 1110 },
    { formula: "max(grace - elapsed, interval) + constant", constantMs: 108 },
  ]);
  for (const law of details["laws"] as readonly { residualMaxMs: number }[]) {
    expect(law.residualMaxMs).toBeLessThan(8);
  }
  expect(Object.values(estimates).map((each) => each.state)).toEqual(["identified", "identified"]);
});

testWithData("five failovers give a predictive interval, never a point", async () => {
  const { estimates } = await fitFailoverFile(metrics("failover", "aurora_pg_failover_5runs.csv"));
  expect(estimates["promotionMean"]?.value).toBeCloseTo(12.4, 1);
  const [low, high] = estimates["nextPromotion"]?.interval ?? [];
  expect(low).toBeLessThan(10);
  expect(high).toBeGreaterThan(16);
  expect(estimates["nextPromotion"]).toMatchObject({ value: null, state: "only-a-bound" });
});

testWithData("an open-loop sweep without a knee bounds capacity from below", async () => {
  const { estimates } = await fitLoadFile(metrics("loadlatency", "wrk2_mysql_drivers.csv"));
  for (const estimate of Object.values(estimates)) {
    expect(estimate).toMatchObject({ value: null, interval: [12000, null], state: "only-a-bound" });
  }
});

testWithData("load tests whose points break Little's law are flagged before the fit", async () => {
  const { details, estimates } = await fitLoadFile(metrics("loadlatency", "tfb_round14.csv.gz"));
  const little = details["little"] as {
    flagged: number;
    perLevel: readonly { median: number; p05: number; p95: number }[];
  };
  for (const level of little.perLevel) {
    expect(level.median).toBeGreaterThan(1.02);
    expect(level.median).toBeLessThan(1.16);
  }
  expect(little.flagged).toBeGreaterThan(500);
  const go = (
    details["groups"] as readonly { group: string; points: readonly { throughput: number }[] }[]
  ).find((each) => each.group === "db go");
  expect(go?.points.map((point) => Math.round(point.throughput / 100) / 10)).toEqual([
    18.7, 27.7, 42.4, 57.6, 58, 58.6,
  ]);
  expect(estimates["capacity db go"]).toMatchObject({ state: "identified" });
});

testWithData(
  "lognormal is rejected for GraalVM's initialisation in every memory size",
  async () => {
    const { details, findings } = await fitColdstartFiles({
      files: [metrics("lambda", "report_cold_java.csv")],
      holdout: 0.3,
      seed: "1",
    });
    const cells = details["cells"] as readonly {
      function: string;
      kind: string;
      n: number;
      chosen: string;
      lognormal: { p: number; rejected: boolean };
    }[];
    const graal = cells.filter((cell) => cell.function === "Java GraalVM");
    expect(graal).toHaveLength(5);
    for (const cell of graal) {
      expect(cell.lognormal).toMatchObject({ rejected: true });
      expect(["empirical", "two lognormals"]).toContain(cell.chosen);
    }
    expect(
      findings.filter((each) => each.what.includes("lognormal rejected")).length,
    ).toBeGreaterThan(4);
  },
  120_000,
);

testWithData(
  "hourly counts are far from Poisson, and the over-dispersed band holds on held-out time",
  async () => {
    const report = await fitArrivalsFile({
      file: metrics("arrivals", "twitter_2021_08_per_second.part1.txt.gz"),
      period: 1,
      holdout: 0.3,
      seed: "1",
    });
    const heldOut = report.details["heldOut"] as {
      mape: number;
      coverage90: number;
      poisson: { coverage90: number };
    };
    expect(heldOut.poisson.coverage90).toBeLessThan(0.05);
    expect(heldOut.coverage90).toBeGreaterThan(0.8);
    expect(heldOut.mape).toBeLessThan(0.2);
    expect(best(report.estimates["dispersion at 1 s"])).toBeCloseTo(27.4, 1);
    expect(best(report.estimates["dispersion at 60 s"]) / 1538).toBeCloseTo(1, 2);
    expect(best(report.estimates["dispersion at 60 min"]) / 21877).toBeCloseTo(1, 1);
  },
);

testWithData("dispersion of the 1995 log at 1 s, 60 s and 1 h is as known", async () => {
  const { estimates } = await fitArrivalsFile({
    file: metrics("arrivals", "nasa_1995_per_second.part1.txt.gz"),
    period: 1,
    holdout: 0.3,
    seed: "1",
  });
  expect(best(estimates["dispersion at 1 s"])).toBeCloseTo(1.7, 1);
  expect(best(estimates["dispersion at 60 s"])).toBeCloseTo(23, 0);
  expect(best(estimates["dispersion at 60 min"]) / 1065).toBeCloseTo(1, 2);
});

testWithData(
  "arrivals of a language model are not Poisson",
  async () => {
    const { details } = await fitGapsFile({
      file: metrics("arrivals", "azure_llm_code.csv.gz"),
      timestamps: "TIMESTAMP",
      holdout: 0.3,
      seed: "1",
    });
    expect(details["gaps"]).toMatchObject({ coefficientOfVariation: expect.closeTo(13.2, 1) });
    expect(details["exponential"]).toMatchObject({ ks: expect.closeTo(0.52, 2), rejected: true });
    expect(details["bestFamily"]).not.toBe("exponential");
  },
  120_000,
);

testWithData(
  "drift alarms come where cold starts are known to have moved, and stay away from Go",
  async () => {
    const { details } = await fitDriftFile({
      file: metrics("lambda", "daily_coldstart.csv.gz"),
      value: "mean_init_ms",
      by: ["runtime", "memory_mb", "arch"],
    });
    const alarms = details["alarms"] as readonly { series: string; onset: string; size: number }[];
    const near = (series: string, date: string, sign: number) =>
      alarms.some(
        (each) =>
          each.series === series &&
          Math.abs(Date.parse(each.onset) - Date.parse(date)) < 15 * 86_400_000 &&
          Math.sign(each.size) === sign,
      );
    expect(near("dotnet8 128 x86_64", "2024-04-25", -1)).toBe(true);
    expect(near("dotnet8 128 x86_64", "2024-07-01", -1)).toBe(true);
    expect(near("java21 128 x86_64", "2024-05-04", -1)).toBe(true);
    expect(near("java21 128 x86_64", "2024-07-28", 1)).toBe(true);
    expect(near("python312 128 x86_64", "2024-03-14", -1)).toBe(true);
    expect(alarms.filter((each) => each.series.startsWith("go_"))).toEqual([]);
    for (const { series, alarms: count } of details["series"] as readonly {
      series: string;
      alarms: number;
    }[]) {
      expect(count, series).toBeLessThanOrEqual(5);
    }
  },
);

testWithData("a clock change is told, and nothing is averaged over it", async () => {
  const { findings } = await fitDriftFile({
    file: metrics("nab", "ec2_disk_write_bytes_1ef3de.csv"),
  });
  const told = findings.map((each) => each.what).join("\n");
  expect(told).toContain("11 rows repeat a time stamp");
  expect(told).toContain("local time at a clock change");
});
