/** `fit arrivals`: counts over time. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import { type Estimate, identified, unsettled } from "../estimate.ts";
import {
  type ArrivalFit,
  type Dispersion,
  dispersionEstimate,
  dispersionOf,
  fitArrivals,
} from "../estimators/arrivals/fit-arrivals.ts";
import { type BinnedCounts, cellCount, cellOf } from "../estimators/arrivals/profile.ts";
import { shiftedDayHours } from "../estimators/arrivals/shifted-day.ts";
import type { Finding, FitReport } from "../fit-report.ts";
import { type Counts, loadCounts } from "../series/load-counts.ts";
import { chiSquareQuantile } from "../statistics/chi-square.ts";
import { mean, quantile, variance } from "../statistics/descriptive.ts";
import { number, percent } from "../tables/format.ts";
import { durationText, isoTime } from "../tables/parse-time.ts";

export interface ArrivalInputs {
  readonly file: string;
  readonly period?: number;
  readonly value?: string;
  readonly holdout: number;
  readonly seed: string;
}

const hourSeconds = 3600;
const dispersionWindows = [1, 10, 60, 300, 3600];
/** Share of an hour that must be known for the hour to count. */
const knownShareMin = 0.9;

export async function fitArrivalsFile(inputs: ArrivalInputs): Promise<FitReport> {
  const findings: Finding[] = [];
  const counts = await loadCounts(inputs.file, inputs, findings);
  const data = binsOf(counts, findings, inputs.file);
  const fit = fitArrivals(data, inputs);
  const { heldOut } = fit;
  const dispersion = dispersionOf(counts.values, counts.periodSeconds, dispersionWindows);
  const period = periodOfCounts(counts);
  noteProfile(fit, data, findings);
  if (counts.startMs === null) noteShiftedDay(data, inputs, findings);
  const isUsable = heldOut.overdispersed.coverage90 >= 0.75 && (heldOut.wape ?? 1) <= 0.5;
  return {
    kind: "arrivals",
    files: [inputs.file],
    estimates: estimatesOf(data, fit, dispersion, period),
    findings,
    details: {
      periodSeconds: counts.periodSeconds,
      binSeconds: data.binSeconds,
      profile: {
        kind: fit.profile.kind,
        cells: Array.from(fit.profile.means, (value, cell) => ({
          cell: cellName(fit, data, cell, counts.startMs !== null),
          ratePerSecond: value / data.binSeconds,
          bins: fit.profile.seen[cell],
        })),
      },
      dispersion: {
        gammaShape: Number.isFinite(fit.profile.shape) ? fit.profile.shape : null,
        index: dispersion,
      },
      heldOut: {
        share: inputs.holdout,
        bins: heldOut.n,
        mape: heldOut.mape,
        smape: heldOut.smape,
        wape: heldOut.wape,
        skillAgainstLastCycle: heldOut.skill,
        coverage90: heldOut.overdispersed.coverage90,
        bandWidthMean: heldOut.overdispersed.bandWidthMean,
        poisson: { mape: heldOut.mape, ...heldOut.poisson },
      },
      candidates: fit.candidates,
    },
    tables: [
      {
        title: `Held-out time (last ${percent(inputs.holdout)}: ${heldOut.n} bins of ${durationText(data.binSeconds)})`,
        rows: [
          ["profile", "MAPE", "inside 90 % band", "inside Poisson's", ""],
          ...fit.candidates.map((each) => [
            each.kind,
            percent(each.mape),
            percent(each.overdispersed.coverage90),
            percent(each.poisson.coverage90),
            each.kind === fit.profile.kind ? "chosen" : "",
          ]),
        ],
      },
      {
        title: "Index of dispersion (1 for Poisson)",
        rows: [
          ["window", "index"],
          ...dispersion.map((each) => [durationText(each.windowSeconds), number(each.index)]),
        ],
      },
    ],
    verdict: {
      usableFor: isUsable
        ? [
            `arrivals by ${fit.profile.kind.replaceAll("-", " ")} with a Gamma multiplier an hour (error ${percent(heldOut.wape)}, ${percent(heldOut.overdispersed.coverage90)} of held-out bins inside the 90 % band)`,
          ]
        : [],
      notUsableFor: [
        ...(isUsable
          ? []
          : [
              `forecasts: error ${percent(heldOut.wape)}, and ${percent(heldOut.overdispersed.coverage90)} of held-out bins inside a 90 % band`,
            ]),
        ...(heldOut.poisson.coverage90 < 0.8
          ? [
              `plain Poisson arrivals: ${percent(heldOut.poisson.coverage90)} of held-out bins fall inside its 90 % band`,
            ]
          : []),
        `burstiness inside ${durationText(counts.periodSeconds)}: counts do not show it; give event times with --timestamps`,
      ],
      rangeSeen: `${number(counts.values.length, 12)} periods of ${durationText(counts.periodSeconds)} (${durationText(counts.values.length * counts.periodSeconds)}); hourly rates ${number(quantile(known(data.counts), 0) / data.binSeconds)} to ${number(quantile(known(data.counts), 1) / data.binSeconds)} a second`,
    },
  };
}

function known(values: Float64Array): Float64Array {
  return values.filter((value) => !Number.isNaN(value));
}

/** Hours, or the period itself where it is longer; hours that are mostly unknown stay unknown, others are scaled up. */
function binsOf(counts: Counts, findings: Finding[], file: string): BinnedCounts {
  const span = counts.values.length * counts.periodSeconds;
  const wanted = span >= 48 * hourSeconds ? hourSeconds : Math.max(counts.periodSeconds, span / 48);
  const per = Math.max(1, Math.round(wanted / counts.periodSeconds));
  const binSeconds = per * counts.periodSeconds;
  const bins = Math.floor(counts.values.length / per);
  if (bins < 10) {
    throw new TwinError({
      code: "fit.arrivals-too-short",
      problem: `${counts.values.length} periods of ${durationText(counts.periodSeconds)} make only ${bins} bins`,
      remedy: "Give at least ten periods; a daily profile needs two days, a weekly one two weeks",
      at: file,
    });
  }
  let dropped = 0;
  const values = Float64Array.from({ length: bins }, (_, bin) => {
    let total = 0;
    let seen = 0;
    for (let i = bin * per; i < (bin + 1) * per; i += 1) {
      const value = counts.values[i]!;
      if (Number.isNaN(value)) continue;
      total += value;
      seen += 1;
    }
    if (seen >= knownShareMin * per) return (total * per) / seen;
    dropped += 1;
    return Number.NaN;
  });
  if (dropped > 0) {
    findings.push({
      severity: "rejected",
      what: `${dropped} of ${bins} bins of ${durationText(binSeconds)} lack more than a tenth of their periods`,
      at: file,
    });
  }
  withoutOutages(values, binSeconds, findings, file);
  return { binSeconds, phaseSeconds: phaseOf(counts.startMs), counts: values };
}

/** Empty bins in a row that are taken for an outage, and what three of four bins must hold for that. */
const outageBinsMin = 6;
const usualCountMin = 50;

/** A counter that says 0 bin after bin, between bins that are full, was not counting, or nothing was there to count. */
function withoutOutages(
  values: Float64Array,
  binSeconds: number,
  findings: Finding[],
  file: string,
): void {
  if (!(quantile(known(values), 0.25) >= usualCountMin)) return;
  let dropped = 0;
  let runs = 0;
  for (let at = 0; at < values.length; ) {
    let end = at;
    while (end < values.length && values[end] === 0) end += 1;
    if (end - at >= outageBinsMin) {
      values.fill(Number.NaN, at, end);
      dropped += end - at;
      runs += 1;
    }
    at = Math.max(end, at + 1);
  }
  if (dropped === 0) return;
  findings.push({
    severity: "rejected",
    what: `${runs === 1 ? "a spell" : `${runs} spells`} of ${durationText(dropped * binSeconds)} in all without a single arrival, where ${usualCountMin} or more in ${durationText(binSeconds)} are usual: taken for an outage, and neither fitted nor judged`,
    at: file,
  });
}

/** Seconds from the midnight of a Monday; 1970 began on a Thursday. */
function phaseOf(startMs: number | null): number {
  return startMs === null ? 0 : (startMs / 1000 + 3 * 86_400) % 604_800;
}

function periodOfCounts({ startMs, values, periodSeconds }: Counts): Estimate["period"] {
  if (startMs === null) return null;
  return { from: isoTime(startMs), to: isoTime(startMs + values.length * periodSeconds * 1000) };
}

function estimatesOf(
  data: BinnedCounts,
  fit: ArrivalFit,
  dispersion: readonly Dispersion[],
  period: Estimate["period"],
): Readonly<Record<string, Estimate>> {
  const all = known(data.counts);
  const rate = mean(all) / data.binSeconds;
  const about = { n: all.length, period };
  const error =
    Math.sqrt(variance(dayMeans(data)) / Math.max(1, dayMeans(data).length)) / data.binSeconds;
  const seconds = all.length * data.binSeconds;
  const estimates: Record<string, Estimate> = {
    meanRate:
      rate === 0
        ? unsettled(
            "only-a-bound",
            { value: 0, interval: [null, 3 / seconds] },
            {
              ...about,
              unit: "1/s",
              why: "not one arrival was seen",
              settledBy: "Export a time with traffic, or check that this counter counts",
            },
          )
        : identified(rate, [Math.max(0, rate - 1.645 * error), rate + 1.645 * error], {
            ...about,
            unit: "1/s",
            why: "mean of all bins; interval from how days differ",
          }),
  };
  const { shape } = fit.profile;
  estimates["gammaShape"] = Number.isFinite(shape)
    ? identified(shape, shapeInterval(shape, data), {
        ...about,
        unit: "shape",
        why: "of the Gamma multiplier of each bin, from days predicted by the others; small is bursty; interval as if each day told one number",
      })
    : unsettled(
        "only-a-bound",
        {},
        {
          ...about,
          unit: "shape",
          why: "counts vary no more than Poisson: the multiplier is 1",
          settledBy: "Nothing needed while counts stay so",
        },
      );
  for (const each of dispersion) {
    estimates[`dispersion at ${durationText(each.windowSeconds)}`] = dispersionEstimate(
      each,
      period,
    );
  }
  estimates["burstiness inside the period"] = unsettled(
    "not-identified",
    {},
    {
      ...about,
      unit: "-",
      why: "counts do not tell when inside their period the arrivals came",
      settledBy: "Give event times: an access log, spans, or a column with --timestamps",
    },
  );
  return estimates;
}

/** A shape is one over a variance; bins of a day resemble one another, so that days are counted, not bins. */
function shapeInterval(shape: number, data: BinnedCounts): readonly [number, number] {
  const days = Math.floor((data.counts.length * data.binSeconds) / 86_400);
  const freedom = Math.max(2, (days >= 3 ? days : Math.floor(known(data.counts).length / 4)) - 1);
  return [0.05, 0.95].map((p) => (shape * chiSquareQuantile(p, freedom)) / freedom) as [
    number,
    number,
  ];
}

function dayMeans(data: BinnedCounts): readonly number[] {
  const per = Math.max(1, Math.round(86_400 / data.binSeconds));
  const means: number[] = [];
  for (let at = 0; at < data.counts.length; at += per) {
    const part = known(data.counts.subarray(at, at + per));
    if (part.length * 2 >= Math.min(per, data.counts.length)) means.push(mean(part));
  }
  return means.length > 1 ? means : Array.from(known(data.counts));
}

function cellName(fit: ArrivalFit, data: BinnedCounts, cell: number, hasClock: boolean): string {
  if (fit.profile.kind === "constant") return "all";
  const seconds = cell * data.binSeconds;
  const clock = `${String(Math.floor((seconds % 86_400) / 3600)).padStart(2, "0")}:${String(Math.floor((seconds % 3600) / 60)).padStart(2, "0")}`;
  const day = Math.floor(seconds / 86_400);
  const prefix =
    fit.profile.kind === "time-of-week"
      ? hasClock
        ? `${["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][day]} `
        : `day ${day} `
      : "";
  return `${prefix}${hasClock ? clock : `+${clock}`}`;
}

/** Counts without times may lack some: the held-out days then stand elsewhere, and no profile can predict them. */
function noteShiftedDay(
  data: BinnedCounts,
  { file, holdout }: ArrivalInputs,
  findings: Finding[],
): void {
  const cut = Math.round(data.counts.length * (1 - holdout));
  const hours = shiftedDayHours(data, cut);
  if (hours === undefined) return;
  findings.push({
    severity: "warning",
    what: `the day of the held-out time stands ${number(Math.abs(hours), 3)} h ${hours > 0 ? "later" : "earlier"} than before: counts seem to be missing where the file does not say it. Give counts with times, or each unbroken part as a file of its own`,
    at: file,
  });
}

function noteProfile(fit: ArrivalFit, data: BinnedCounts, findings: Finding[]): void {
  const cells = cellCount(fit.profile.kind, data.binSeconds);
  const empty = Array.from({ length: cells }, (_, cell) => cell).filter(
    (cell) => fit.profile.seen[cell] === 0,
  );
  if (empty.length > 0 && fit.profile.kind !== "constant") {
    findings.push({
      severity: "warning",
      what: `${empty.length} of ${cells} cells of the profile were never seen: they take the mean of the coarser profile`,
    });
  }
  const days = (data.counts.length * data.binSeconds) / 86_400;
  if (days < 14) {
    findings.push({
      severity: "note",
      what: `${number(days, 3)} days of data: a weekly profile needs two whole weeks before the held-out part`,
    });
  }
  if (cellOf(fit.profile.kind, data, 0) < 0) throw new Error("A cell below 0");
}
