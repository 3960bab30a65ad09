/** `fit arrivals --timestamps`: one row an arrival. */

import { TwinError } from "../../sim/errors/twin-error.ts";
import { cdfFunction } from "../../sim/kernel/distributions/cdf.ts";
import {
  type Estimate,
  type EstimateInterval,
  identified,
  isNarrow,
  unsettled,
} from "../estimate.ts";
import {
  type Dispersion,
  dispersionEstimate,
  dispersionOf,
} from "../estimators/arrivals/fit-arrivals.ts";
import { branchingInterval, fitHawkes, memoryInterval } from "../estimators/arrivals/hawkes.ts";
import { fitMmpp } from "../estimators/arrivals/mmpp.ts";
import { type MmppIntervals, mmppIntervals } from "../estimators/arrivals/mmpp-interval.ts";
import { fitLadder, type LadderFit } from "../estimators/service/fit-ladder.ts";
import type { Finding, FitReport } from "../fit-report.ts";
import { blockLength, bootstrapIntervals } from "../statistics/bootstrap.ts";
import { autocorrelation, mean, sorted, standardDeviation } from "../statistics/descriptive.ts";
import { ksDistance, ksPValue } from "../statistics/goodness.ts";
import { namedColumn, notATime, timesOf } from "../tables/columns.ts";
import { number, percent } from "../tables/format.ts";
import { durationText, isoTime, parseTime } from "../tables/parse-time.ts";
import { readTable } from "../tables/read-table.ts";
import { headTable, isLargeTable, streamRows } from "../tables/stream-table.ts";
import { fallBackText, ladderTable } from "./ladder-table.ts";

export interface GapInputs {
  readonly file: string;
  readonly timestamps: string;
  readonly holdout: number;
  readonly seed: string;
}

/** Arrivals that are taken of a large file. */
const arrivalsMax = 2_000_000;
const hawkesEventsMax = 50_000;
/** Branching above which self-excitement is worth its parameters, and the p that its residuals must reach. */
const branchingMin = 0.3;
const residualPMin = 0.01;
/** Error of the matched dispersion up to which two phases do at all, and up to which their four numbers are told apart. */
const mmppErrorMax = 0.3;
const mmppGoodError = 0.1;

export async function fitGapsFile(inputs: GapInputs): Promise<FitReport> {
  const findings: Finding[] = [];
  const { times, period } = await eventTimes(inputs, findings);
  const gaps = times.subarray(1).map((at, i) => at - times[i]!);
  const meanGap = mean(gaps);
  const variation = standardDeviation(gaps) / meanGap;
  const ks = ksDistance(sorted(gaps), cdfFunction({ kind: "exponential", mean: meanGap }));
  const ladder = fitLadder(gaps, {
    holdout: inputs.holdout,
    seed: inputs.seed,
    rounding: "nearest",
  });
  const length = times.at(-1)!;
  const perSecond = countsPerSecond(times);
  const dispersion = dispersionOf(perSecond, 1, [1, 10, 60]);
  const empty = perSecond.filter((count) => count === 0).length / perSecond.length;
  const hawkesTimes = times.subarray(0, hawkesEventsMax);
  const hawkes = fitHawkes(hawkesTimes, hawkesTimes.at(-1)!);
  const mmpp = fitMmpp(times.length / length, dispersion, empty);
  const isPoisson =
    ks < 0.05 &&
    Math.abs(variation - 1) < 0.2 &&
    Math.abs((dispersion.at(-1)?.index ?? 1) - 1) < 0.5;
  const hawkesHolds =
    !isPoisson &&
    hawkes.gain > 0 &&
    hawkes.branching > branchingMin &&
    hawkes.residualP >= residualPMin;
  if (ladder.fellBack) findings.push({ severity: "warning", what: fallBackText(ladder) });
  if (!isPoisson)
    findings.push({
      severity: "warning",
      what: `Poisson arrivals are rejected: gaps have a coefficient of variation of ${number(variation, 3)} (1 for Poisson) and are ${number(ks, 2)} away from the exponential at their farthest`,
    });
  const lag1 = autocorrelation(gaps, 1);
  return {
    kind: "arrivals",
    files: [inputs.file],
    estimates: estimatesOf({
      gaps,
      variation,
      length,
      dispersion,
      hawkes,
      hawkesHolds,
      branchingInterval: hawkesHolds
        ? branchingInterval(hawkesTimes, hawkesTimes.at(-1)!, hawkes)
        : null,
      memoryInterval: hawkesHolds ? memoryInterval(hawkesTimes, hawkesTimes.at(-1)!, hawkes) : null,
      isPoisson,
      mmpp,
      mmppIntervals:
        mmpp === undefined || isPoisson || mmpp.errorMax > mmppErrorMax
          ? undefined
          : mmppIntervals(mmpp, {
              lengthSeconds: length,
              windowsSeconds: dispersion.map((each) => each.windowSeconds),
              seed: inputs.seed,
            }),
      period,
      seed: inputs.seed,
    }),
    findings,
    details: {
      gaps: {
        n: gaps.length,
        meanSeconds: meanGap,
        coefficientOfVariation: variation,
        lag1Autocorrelation: lag1,
      },
      exponential: { ks, p: ksPValue(ks, gaps.length), rejected: !isPoisson },
      bestFamily: ladder.chosen.family,
      ladder: ladder.rungs,
      dispersion,
      hawkes: { ...hawkes, holds: hawkesHolds },
      mmpp2: mmpp ?? null,
    },
    tables: [ladderTable(ladder, "s"), processTable(dispersion, hawkes, hawkesHolds, mmpp)],
    verdict: verdictOf(times, length, isPoisson, hawkesHolds, mmpp, ladder),
  };
}

interface Found {
  readonly gaps: Float64Array;
  readonly variation: number;
  readonly length: number;
  readonly dispersion: readonly Dispersion[];
  readonly hawkes: ReturnType<typeof fitHawkes>;
  readonly hawkesHolds: boolean;
  readonly branchingInterval: EstimateInterval | null;
  readonly memoryInterval: EstimateInterval | null;
  readonly isPoisson: boolean;
  readonly mmpp: ReturnType<typeof fitMmpp>;
  readonly mmppIntervals: MmppIntervals | undefined;
  readonly period: Estimate["period"];
  readonly seed: string;
}

function estimatesOf(found: Found): Readonly<Record<string, Estimate>> {
  const { gaps, variation, length, hawkes, mmpp, period } = found;
  const n = gaps.length;
  const about = { n, period };
  const block = blockLength(gaps.length > 2000 ? gaps.subarray(0, 2000) : gaps);
  const [rate, spread] = bootstrapIntervals(
    {
      rows: n,
      block: Math.max(block, Math.round(Math.sqrt(n))),
      replicates: 200,
      seed: found.seed,
    },
    (rows) => {
      const drawn = Float64Array.from(rows, (row) => gaps[row]!);
      const centre = mean(drawn);
      return [1 / centre, standardDeviation(drawn) / centre];
    },
  );
  const estimates: Record<string, Estimate> = {
    meanRate: identified(n / length, rate ?? null, {
      ...about,
      unit: "1/s",
      why: "events over time; interval by block bootstrap of gaps",
    }),
    coefficientOfVariation: identified(variation, spread ?? null, {
      ...about,
      unit: "deviation / mean",
      why: "of the gaps between arrivals; 1 for Poisson",
    }),
  };
  for (const each of found.dispersion) {
    estimates[`dispersion at ${durationText(each.windowSeconds)}`] = dispersionEstimate(
      each,
      period,
    );
  }
  const settledBy = "A longer record of event times, over more than one burst";
  estimates["hawkesBranching"] = found.hawkesHolds
    ? identified(hawkes.branching, found.branchingInterval, {
        ...about,
        unit: "arrivals brought by each",
        why: "maximum likelihood, exponential kernel; residuals pass time-rescaling; interval by profile likelihood",
      })
    : unsettled(
        "not-identified",
        hawkes.gain > 0 && !found.isPoisson ? { value: hawkes.branching } : {},
        {
          ...about,
          unit: "arrivals brought by each",
          why:
            hawkes.gain <= 0 || found.isPoisson
              ? "a self-exciting process explains these arrivals no better than plain chance"
              : hawkes.branching <= branchingMin
                ? `branching of ${number(hawkes.branching, 2)} is not above ${branchingMin}`
                : `the residuals of a self-exciting process are ${number(hawkes.residualKs, 2)} away from what they must be (p ${number(hawkes.residualP, 2)}): it is not how these arrivals come about`,
          settledBy,
        },
      );
  const { unit: _, ...open } = estimates["hawkesBranching"];
  estimates["hawkesMemory"] =
    found.memoryInterval === null
      ? unsettled(
          "not-identified",
          {},
          {
            ...open,
            unit: "s",
            why: `without self-excitement there is nothing to fade: ${open.why}`,
            settledBy,
          },
        )
      : memoryEstimate(hawkes.memorySeconds, found.memoryInterval, { ...about, settledBy });
  if (mmpp !== undefined) {
    const why = `two phases matched to the mean and the dispersion at ${found.dispersion.map((each) => durationText(each.windowSeconds)).join(", ")} (off by ${percent(mmpp.errorMax)} at most)`;
    const isMatched = mmpp.errorMax <= mmppErrorMax;
    const intervals = found.mmppIntervals;
    for (const [name, value, unit, interval] of [
      ["mmppRateLow", mmpp.ratesPerSecond[0], "1/s", intervals?.ratesPerSecond[0]],
      ["mmppRateHigh", mmpp.ratesPerSecond[1], "1/s", intervals?.ratesPerSecond[1]],
      ["mmppStayLow", mmpp.staysSeconds[0], "s", intervals?.staysSeconds[0]],
      ["mmppStayHigh", mmpp.staysSeconds[1], "s", intervals?.staysSeconds[1]],
    ] as const) {
      const shown = { value, ...(interval === undefined ? {} : { interval }) };
      if (mmpp.errorMax <= mmppGoodError && interval !== undefined && isNarrow(value, interval))
        estimates[name] = identified(value, interval, {
          ...about,
          unit,
          why: `${why}; interval by fitting runs of the same two phases again`,
        });
      else
        estimates[name] = unsettled(isMatched ? "only-a-combination" : "not-identified", shown, {
          ...about,
          unit,
          why: isMatched
            ? `${why}; the four numbers are known together only`
            : `${why}: two phases do not do`,
          settledBy,
        });
    }
  }
  return estimates;
}

function memoryEstimate(
  value: number,
  interval: EstimateInterval,
  about: Pick<Estimate, "n" | "period"> & { readonly settledBy: string },
): Estimate {
  const base = { ...about, unit: "s" };
  if (isNarrow(value, interval))
    return identified(value, interval, {
      ...base,
      why: "mean time from an arrival to those that it brings; interval by profile likelihood",
    });
  return unsettled(
    "not-identified",
    { value, interval },
    {
      ...base,
      why: "the interval spans more than a factor of 3 either way",
    },
  );
}

async function eventTimes(inputs: GapInputs, findings: Finding[]) {
  const raw = (await isLargeTable(inputs.file))
    ? await streamedTimes(inputs, findings)
    : await wholeTimes(inputs);
  let isSorted = true;
  for (let i = 1; i < raw.length && isSorted; i += 1) isSorted = raw[i]! >= raw[i - 1]!;
  if (!isSorted)
    findings.push({
      severity: "note",
      what: "arrivals were not in the order of time: sorted",
      at: inputs.file,
    });
  const stamps = isSorted ? raw : sorted(raw);
  const startMs = stamps[0]!;
  const times = stamps.map((at) => (at - startMs) / 1000);
  if (times.length < 30 || !(times.at(-1)! > 0)) {
    throw new TwinError({
      code: "fit.arrivals-too-few",
      problem: `${times.length} arrivals in ${number(times.at(-1) ?? 0)} s are too few for a distribution of gaps`,
      remedy: "Give at least 30 arrivals at different times",
      at: inputs.file,
    });
  }
  return { times, period: { from: isoTime(startMs), to: isoTime(stamps.at(-1)!) } };
}

async function wholeTimes({ file, timestamps }: GapInputs): Promise<Float64Array> {
  const table = await readTable(file);
  return timesOf(table, namedColumn(table, timestamps, "--timestamps"));
}

/** Arrivals of a file of any size: the first so many, without a hole, since gaps between kept ones must be real gaps. */
async function streamedTimes(
  { file, timestamps }: GapInputs,
  findings: Finding[],
): Promise<Float64Array> {
  const head = await headTable(file);
  const { index, name } = namedColumn(head, timestamps, "--timestamps");
  const times = new Float64Array(arrivalsMax);
  let count = 0;
  for await (const { cells, line } of streamRows(file, head)) {
    const at = parseTime(cells[index]!);
    if (Number.isNaN(at)) {
      throw new TwinError(notATime(cells[index]!, name, `${file}:${line}`));
    }
    times[count] = at;
    count += 1;
    if (count === arrivalsMax) break;
  }
  if (count === arrivalsMax)
    findings.push({
      severity: "note",
      what: `a large file: its first ${number(arrivalsMax, 12)} arrivals are fitted`,
      at: file,
    });
  return times.subarray(0, count);
}

function countsPerSecond(times: Float64Array): Float64Array {
  const counts = new Float64Array(Math.max(1, Math.min(5_000_000, Math.floor(times.at(-1)!) + 1)));
  for (const at of times) {
    const second = Math.floor(at);
    if (second < counts.length) counts[second]! += 1;
  }
  return counts;
}

function processTable(
  dispersion: readonly Dispersion[],
  hawkes: Found["hawkes"],
  hawkesHolds: boolean,
  mmpp: Found["mmpp"],
) {
  return {
    title: "Burstiness",
    rows: [
      ["measure", "value", ""],
      ...dispersion.map((each) => [
        `variance / mean in ${durationText(each.windowSeconds)}`,
        number(each.index),
        "1 for Poisson",
      ]),
      ["Hawkes branching", number(hawkes.branching, 3), hawkesHolds ? "holds" : "does not hold"],
      ["Hawkes memory s", number(hawkes.memorySeconds, 3), ""],
      ...(mmpp === undefined
        ? []
        : [
            [
              "MMPP(2) rates 1/s",
              mmpp.ratesPerSecond.map((each) => number(each, 3)).join(" and "),
              `dispersion off by ${percent(mmpp.errorMax)} at most`,
            ],
            ["MMPP(2) stays s", mmpp.staysSeconds.map((each) => number(each, 3)).join(" and "), ""],
          ]),
    ],
  };
}

function verdictOf(
  times: Float64Array,
  length: number,
  isPoisson: boolean,
  hawkesHolds: boolean,
  mmpp: Found["mmpp"],
  ladder: LadderFit,
) {
  const usableFor = [
    ...(isPoisson ? ["Poisson arrivals at the mean rate"] : []),
    ...(hawkesHolds ? ["self-exciting (Hawkes) arrivals"] : []),
    ...(mmpp !== undefined && mmpp.errorMax <= mmppErrorMax
      ? ["two-phase (MMPP) arrivals: burstiness at 1, 10 and 60 s"]
      : []),
    `gaps drawn as ${ladder.chosen.family}, where their order does not matter`,
  ];
  return {
    usableFor,
    notUsableFor: [
      ...(isPoisson ? [] : ["Poisson arrivals"]),
      ...(length < 2 * 86_400 ? ["rates by time of day: less than two days were seen"] : []),
    ],
    rangeSeen: `${number(times.length, 12)} arrivals in ${durationText(length)}, ${number(times.length / length)} a second`,
  };
}
