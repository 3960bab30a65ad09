/**
 * A ladder of families for durations: each is fitted by the likelihood of its cells, judged on held-out values by
 * CRPS, and the simplest of those that predict about equally well is taken. When even that is far from the data, the
 * observed values themselves are the distribution.
 */
import { cdfFunction } from "../../../sim/kernel/distributions/cdf.ts";
import type { Distribution } from "../../../sim/kernel/distributions/distribution.ts";
import { mean } from "../../../sim/kernel/distributions/moments.ts";
import { quantileFunction } from "../../../sim/kernel/distributions/quantile.ts";
import { Stream } from "../../../sim/kernel/random/stream.ts";
import { quantileOfSorted, sorted } from "../../statistics/descriptive.ts";
import { andersonDarling, crps, ksDistance } from "../../statistics/goodness.ts";
import { minimise } from "../../statistics/nelder-mead.ts";
import { type Cells, cellsOf, logLikelihood, type Rounding } from "./cells.ts";
import { describeSample, type Family, families } from "./families.ts";

export interface Rung {
  readonly family: string;
  /** Fitted to all values; `null` for the observed values themselves, which need no parameters. */
  readonly distribution: Distribution | null;
  readonly parameters: number;
  readonly logLikelihood: number;
  readonly bic: number;
  /** On held-out values after a fit to the others; in the unit of the data. */
  readonly crpsHeldOut: number;
  readonly ks: number;
  readonly andersonDarling: number;
  /** Relative error of the fitted p50, p95 and p99. */
  readonly quantileErrors: Readonly<Record<"p50" | "p95" | "p99", number>>;
  /** By parametric bootstrap, since the parameters were estimated; `null` where it was not asked. */
  readonly ksPValue: number | null;
}

export interface LadderFit {
  readonly n: number;
  readonly chosen: Rung;
  readonly rungs: readonly Rung[];
  readonly rounding: number | null;
  /** Whether the best parametric family was refused for being too far from the data. */
  readonly fellBack: boolean;
}

export interface LadderOptions {
  readonly holdout: number;
  readonly seed: string;
  readonly rounding: Rounding;
  /** Families to fit; all when left out. */
  readonly only?: readonly string[];
  /** A family whose distance is tested even when another one wins, because people would assume it. */
  readonly alsoTest?: string;
}

/** CRPS within this share of the best counts as equal; the least BIC among those wins. */
const crpsTie = 0.01;
const bootstrapReplicates = 199;
const fartherMax = 10;
/** p below which a family is refused, and the distance that must come with it: large samples refuse everything. */
const pMin = 0.01;
const longSample = 1000;
const ksMin = 0.05;
const evaluationsMax = 800;

/** Values in the order of time, so that the held-out ones are the last. */
export function fitLadder(values: ArrayLike<number>, options: LadderOptions): LadderFit {
  const n = values.length;
  const all = Float64Array.from(values);
  const cut = Math.max(1, Math.min(n - 1, Math.round(n * (1 - options.holdout))));
  const early = sorted(all.subarray(0, cut));
  const late = all.subarray(cut);
  const ascending = sorted(all);
  const cells = cellsOf(ascending, options.rounding);
  const earlyCells = cellsOf(early, options.rounding);
  const rungs = families
    .filter(({ name }) => options.only === undefined || options.only.includes(name))
    .filter(({ parameters }) => n >= 5 * parameters)
    .map((family) => climb(family, { ascending, cells, early, earlyCells, late }))
    // Values without any spread (all 0, say) are no member of a family.
    .filter(({ crpsHeldOut, bic }) => Number.isFinite(crpsHeldOut) && Number.isFinite(bic));
  const empirical = empiricalRung(ascending, early, late);
  if (rungs.length === 0)
    return { n, chosen: empirical, rungs: [empirical], rounding: cells.rounding, fellBack: true };
  const bestCrps = Math.min(...rungs.map((rung) => rung.crpsHeldOut));
  const winner = rungs
    .filter((rung) => rung.crpsHeldOut <= bestCrps * (1 + crpsTie))
    .reduce((a, b) => (b.bic < a.bic ? b : a));
  const tested: Rung = { ...winner, ksPValue: ksBootstrap(winner, ascending, options) };
  // Of a long sample a visible distance is no chance, whatever a test on a part of it says.
  const isRefused = tested.ks > ksMin && (n > longSample || (tested.ksPValue ?? 1) < pMin);
  return {
    n,
    chosen: isRefused ? empirical : tested,
    rungs: [
      ...rungs.map((rung) => {
        if (rung === winner) return tested;
        return rung.family === options.alsoTest
          ? { ...rung, ksPValue: ksBootstrap(rung, ascending, options) }
          : rung;
      }),
      empirical,
    ],
    rounding: cells.rounding,
    fellBack: isRefused,
  };
}

interface Split {
  readonly ascending: Float64Array;
  readonly cells: Cells;
  readonly early: Float64Array;
  readonly earlyCells: Cells;
  readonly late: Float64Array;
}

function climb(family: Family, { ascending, cells, early, earlyCells, late }: Split): Rung {
  const fit = fitFamily(family, ascending, cells);
  const before = fitFamily(family, early, earlyCells);
  const n = ascending.length;
  return {
    family: family.name,
    distribution: fit.distribution,
    parameters: family.parameters,
    logLikelihood: fit.logLikelihood,
    bic: family.parameters * Math.log(n) - 2 * fit.logLikelihood,
    crpsHeldOut: crps(late, quantileFunction(before.distribution)),
    ...distances(fit.distribution, ascending, cells),
    ksPValue: null,
  };
}

function fitFamily(
  family: Family,
  ascending: Float64Array,
  cells: Cells,
): { readonly distribution: Distribution; readonly logLikelihood: number } {
  const cost = (at: readonly number[]) =>
    -logLikelihood(cells, cdfFunction(family.distribution(at)));
  const start = family.start(describeSample(ascending));
  const steps = start.map(() => 0.3);
  const first = minimise(cost, { start, steps, evaluationsMax, tolerance: 1e-8 });
  // A second simplex from there gets away from a collapsed one.
  const found = minimise(cost, { start: first.at, steps, evaluationsMax, tolerance: 1e-9 });
  return { distribution: family.distribution(found.at), logLikelihood: -found.value };
}

/** A fit good enough for one of many replicates. */
function fitQuickly(family: Family, ascending: Float64Array, cells: Cells): Distribution {
  if (family.closedForm !== undefined && cells.rounding === null)
    return family.closedForm(ascending);
  const cost = (at: readonly number[]) =>
    -logLikelihood(cells, cdfFunction(family.distribution(at)));
  const start = family.start(describeSample(ascending));
  const found = minimise(cost, {
    start,
    steps: start.map(() => 0.3),
    evaluationsMax: 40 * start.length,
    tolerance: 1e-5,
  });
  return family.distribution(found.at);
}

/** Of rounded data the distance is taken at the edges of cells, where rounding does not blur it. */
function distances(distribution: Distribution, ascending: Float64Array, cells: Cells) {
  const cdf = cdfFunction(distribution);
  const quantileAt = quantileFunction(distribution);
  const relative = (p: number) => {
    const observed = quantileOfSorted(ascending, p);
    return observed > 0 ? quantileAt(p) / observed - 1 : 0;
  };
  return {
    ks: cells.rounding === null ? ksDistance(thin(ascending, 5000), cdf) : ksOfCells(cells, cdf),
    andersonDarling: andersonDarling(thin(ascending, 2000), cdf),
    quantileErrors: { p50: relative(0.5), p95: relative(0.95), p99: relative(0.99) },
  };
}

function ksOfCells({ high, counts, total }: Cells, cdf: (x: number) => number): number {
  let seen = 0;
  let distance = 0;
  for (const [i, count] of counts.entries()) {
    seen += count;
    distance = Math.max(distance, Math.abs(seen / total - cdf(high[i]!)));
  }
  return distance;
}

function empiricalRung(ascending: Float64Array, early: Float64Array, late: Float64Array): Rung {
  return {
    family: "empirical",
    distribution: null,
    parameters: ascending.length,
    logLikelihood: Number.NaN,
    bic: Number.NaN,
    crpsHeldOut: crps(late, (p) => quantileOfSorted(early, p)),
    ks: 0,
    andersonDarling: 0,
    quantileErrors: { p50: 0, p95: 0, p99: 0 },
    ksPValue: null,
  };
}

/** As many of ascending values as are wanted at most, evenly over them. */
function thin(ascending: Float64Array, max: number): Float64Array {
  const step = Math.max(1, Math.ceil(ascending.length / max));
  return step === 1 ? ascending : ascending.filter((_, i) => i % step === 0);
}

/** Long samples are thinned: the test would refuse any family for differences that do not matter. */
const testedMax = 100;

/** Share of samples drawn from the fit whose own fit is as far away as this one. */
function ksBootstrap(
  rung: Rung,
  ascending: Float64Array,
  { seed, rounding }: LadderOptions,
): number | null {
  const family = families.find((each) => each.name === rung.family);
  if (family === undefined || rung.distribution === null) return null;
  // The distance says all of a long sample, and many refits of many parameters would take minutes.
  if (ascending.length > longSample && family.parameters > 2) return null;
  const tested = thin(ascending, testedMax);
  const observed = distanceOf(family, tested, rounding);
  const draw = quantileFunction(rung.distribution);
  const stream = new Stream(seed, `calibration.ks.${rung.family}`);
  const grain = cellsOf(ascending, rounding).rounding;
  let farther = 0;
  for (let i = 0; i < bootstrapReplicates; i += 1) {
    const sample = tested.map(() => {
      const value = draw(stream.uniform());
      return grain === null ? value : Math.round(value / grain) * grain;
    });
    if (distanceOf(family, sample.sort(), rounding) >= observed) farther += 1;
    // Enough to know that p is not small (Besag and Clifford 1991): p = farther / replicates so far.
    if (farther >= fartherMax) return farther / (i + 1);
  }
  return (farther + 1) / (bootstrapReplicates + 1);
}

function distanceOf(family: Family, ascending: Float64Array, rounding: Rounding): number {
  const cells = cellsOf(ascending, rounding);
  const cdf = cdfFunction(fitQuickly(family, ascending, cells));
  return cells.rounding === null ? ksDistance(ascending, cdf) : ksOfCells(cells, cdf);
}

/** Mean of a rung; of the observed values their own. */
export function rungMean(rung: Rung, values: ArrayLike<number>): number {
  if (rung.distribution !== null) return mean(rung.distribution);
  let total = 0;
  for (let i = 0; i < values.length; i += 1) total += values[i]!;
  return total / values.length;
}
