/**
 * How long an idle environment is kept: each call tells, by being cold or warm after an idle time, that the keep-alive
 * was shorter or longer than that. A logistic curve over the logarithm of the idle time is fitted to these answers.
 */
import { greatest, least } from "../../statistics/descriptive.ts";
import { minimise } from "../../statistics/nelder-mead.ts";

export interface IdleCall {
  /** Seconds since the call before, of the same function and memory. */
  readonly idleSeconds: number;
  readonly isCold: boolean;
}

export interface KeepAlive {
  /** Idle time after which half of the environments are gone, and its 90 % interval. */
  readonly halfLifeSeconds: number | null;
  readonly interval: readonly [number, number] | null;
  /** Longest idle time that was still warm, and shortest that was cold. */
  readonly longestWarmSeconds: number | null;
  readonly shortestColdSeconds: number | null;
  readonly cold: number;
  readonly warm: number;
  /** Whether idle time tells cold from warm at all. */
  readonly isSeparating: boolean;
}

export function fitKeepAlive(calls: readonly IdleCall[]): KeepAlive {
  const cold = calls.filter((call) => call.isCold);
  const warm = calls.filter((call) => !call.isCold);
  const idle = (of: readonly IdleCall[]) => of.map((call) => call.idleSeconds);
  const base = {
    longestWarmSeconds: warm.length === 0 ? null : greatest(idle(warm)),
    shortestColdSeconds: cold.length === 0 ? null : least(idle(cold)),
    cold: cold.length,
    warm: warm.length,
  };
  if (cold.length < 10 || warm.length < 10)
    return { ...base, halfLifeSeconds: null, interval: null, isSeparating: false };
  const { longestWarmSeconds, shortestColdSeconds } = base;
  // No call contradicts another: the keep-alive lies between the two, and nothing says where.
  if (longestWarmSeconds! < shortestColdSeconds!)
    return {
      ...base,
      halfLifeSeconds: Math.sqrt(longestWarmSeconds! * shortestColdSeconds!),
      interval: [longestWarmSeconds!, shortestColdSeconds!],
      isSeparating: true,
    };
  const mid = Math.log(
    Math.max(1, cold.reduce((sum, call) => sum + call.idleSeconds, 0) / cold.length),
  );
  const cost = ([at, slope]: readonly number[]) =>
    -calls.reduce((sum, { idleSeconds, isCold }) => {
      const z = Math.exp(slope!) * (Math.log(Math.max(0.001, idleSeconds)) - at!);
      const p = 1 / (1 + Math.exp(-z));
      return sum + Math.log(Math.max(1e-12, isCold ? p : 1 - p));
    }, 0);
  const { at, value } = minimise(cost, {
    start: [mid, 0],
    steps: [1, 0.5],
    evaluationsMax: 800,
    tolerance: 1e-10,
  });
  const share = cold.length / calls.length;
  const flat = -(cold.length * Math.log(share) + warm.length * Math.log(1 - share));
  // Twice the gain in log-likelihood must beat chi-square, and the midpoint must lie inside the idle times seen.
  const longest = greatest(calls.map((call) => call.idleSeconds));
  const isSeparating =
    2 * (flat - value) > 6.6 && Math.exp(at[0]!) < longest && Math.exp(at[0]!) > 1;
  if (!isSeparating) return { ...base, halfLifeSeconds: null, interval: null, isSeparating };
  return {
    ...base,
    halfLifeSeconds: Math.exp(at[0]!),
    interval: profileInterval(cost, at, value),
    isSeparating,
  };
}

/** Half of the 90 % point of chi-square with one degree of freedom. */
const dropMax = 1.353;

/** Where the likelihood of the midpoint has dropped too far, the slope giving way. */
function profileInterval(
  cost: (at: readonly number[]) => number,
  [centre, slope]: readonly number[],
  least: number,
): readonly [number, number] {
  const dropAt = (held: number) =>
    minimise(([free]) => cost([held, free!]), {
      start: [slope!],
      steps: [0.3],
      evaluationsMax: 60,
      tolerance: 1e-8,
    }).value - least;
  const edge = (sign: 1 | -1) => {
    let [inside, outside] = [centre!, centre! + sign * 0.05];
    while (dropAt(outside) < dropMax && Math.abs(outside - centre!) < 8) {
      inside = outside;
      outside = centre! + 2 * (outside - centre!);
    }
    for (let halving = 0; halving < 12; halving += 1) {
      const middle = (inside + outside) / 2;
      if (dropAt(middle) < dropMax) inside = middle;
      else outside = middle;
    }
    return Math.exp((inside + outside) / 2);
  };
  return [edge(-1), edge(1)];
}
