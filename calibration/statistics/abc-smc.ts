/**
 * Approximate Bayesian computation by sequential Monte Carlo (Toni et al., 2009): a cloud of parameters whose simulations
 * come near the observation, drawn nearer round by round. Parameters lie in the unit cube, uniform before.
 */
import { Stream } from "../../sim/kernel/random/stream.ts";
import { quantile } from "./descriptive.ts";

export interface Particle {
  readonly at: readonly number[];
  readonly distance: number;
  readonly weight: number;
}

export interface AbcOptions {
  readonly dimensions: number;
  readonly particles: number;
  readonly rounds: number;
  /** Simulations in all; the rounds end when they are used up. */
  readonly simulationsMax: number;
  readonly seed: string;
  /** Where the first cloud lies: centre and half width in the cube; the whole cube when left out. */
  readonly around?: { readonly at: readonly number[]; readonly half: number };
}

export interface Posterior {
  readonly particles: readonly Particle[];
  /** Largest distance of the last round. */
  readonly tolerance: number;
  readonly simulations: number;
}

/** Share of a cloud that sets the tolerance of the next. */
const tighten = 0.5;

/** `distanceOf` simulates anew each time it is asked: `draw` counts on. */
export function sampleNear(
  distanceOf: (at: readonly number[], draw: number) => number,
  options: AbcOptions,
): Posterior {
  const stream = new Stream(options.seed, "calibration.abc");
  let simulations = 0;
  const simulate = (at: readonly number[]) => {
    simulations += 1;
    return distanceOf(at, simulations);
  };
  let cloud: readonly Particle[] = Array.from({ length: options.particles }, () => {
    const at = firstDraw(stream, options);
    return { at, distance: simulate(at), weight: 1 / options.particles };
  });
  let tolerance = Number.POSITIVE_INFINITY;
  for (let round = 1; round < options.rounds; round += 1) {
    const nearer = quantile(
      cloud.map(({ distance }) => distance),
      tighten,
    );
    if (!(nearer < tolerance)) break;
    const next = nextCloud(
      cloud,
      nearer,
      stream,
      simulate,
      () => simulations < options.simulationsMax,
    );
    if (next === undefined) break;
    tolerance = nearer;
    cloud = next;
  }
  // Those of a cloud cut off before its round was done are judged by the tolerance that was reached.
  const near = quantile(
    cloud.map(({ distance }) => distance),
    tighten,
  );
  const kept = cloud.filter(({ distance }) => distance <= near);
  const total = kept.reduce((sum, { weight }) => sum + weight, 0);
  return {
    particles: kept.map((each) => ({ ...each, weight: each.weight / total })),
    tolerance: near,
    simulations,
  };
}

/** Weighted quantile of one parameter over the cloud. */
export function posteriorQuantile({ particles }: Posterior, axis: number, p: number): number {
  const ascending = [...particles].sort((a, b) => a.at[axis]! - b.at[axis]!);
  let below = 0;
  for (const { at, weight } of ascending) {
    below += weight;
    if (below >= p) return at[axis]!;
  }
  return ascending.at(-1)?.at[axis] ?? Number.NaN;
}

function firstDraw(stream: Stream, { dimensions, around }: AbcOptions): readonly number[] {
  return Array.from({ length: dimensions }, (_, axis) => {
    const [low, high] =
      around === undefined
        ? [0, 1]
        : [
            Math.max(0, around.at[axis]! - around.half),
            Math.min(1, around.at[axis]! + around.half),
          ];
    return low + (high - low) * stream.uniform();
  });
}

function nextCloud(
  cloud: readonly Particle[],
  tolerance: number,
  stream: Stream,
  simulate: (at: readonly number[]) => number,
  mayGoOn: () => boolean,
): readonly Particle[] | undefined {
  const spreads = cloud[0]!.at.map(
    (_, axis) => Math.sqrt(2 * weightedVariance(cloud, axis)) || 1e-3,
  );
  const found: Particle[] = [];
  while (found.length < cloud.length) {
    if (!mayGoOn()) return undefined;
    const from = drawWeighted(cloud, stream.uniform());
    const at = from.at.map((each, axis) => each + spreads[axis]! * stream.normal());
    if (at.some((each) => each < 0 || each > 1)) continue;
    const distance = simulate(at);
    if (distance > tolerance) continue;
    const density = cloud.reduce(
      (sum, each) => sum + each.weight * kernel(at, each.at, spreads),
      0,
    );
    found.push({ at, distance, weight: 1 / Math.max(1e-300, density) });
  }
  const total = found.reduce((sum, { weight }) => sum + weight, 0);
  return found.map((each) => ({ ...each, weight: each.weight / total }));
}

function kernel(a: readonly number[], b: readonly number[], spreads: readonly number[]): number {
  return Math.exp(-a.reduce((sum, each, i) => sum + ((each - b[i]!) / spreads[i]!) ** 2, 0) / 2);
}

function weightedVariance(cloud: readonly Particle[], axis: number): number {
  const centre = cloud.reduce((sum, { at, weight }) => sum + weight * at[axis]!, 0);
  return cloud.reduce((sum, { at, weight }) => sum + weight * (at[axis]! - centre) ** 2, 0);
}

function drawWeighted(cloud: readonly Particle[], share: number): Particle {
  let below = 0;
  for (const each of cloud) {
    below += each.weight;
    if (below >= share) return each;
  }
  return cloud.at(-1)!;
}
