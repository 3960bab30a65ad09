/**
 * The load that response times answer to. The busy share measured in a window scatters around it by chance, and 1 / (1 - U)
 * bends upwards: taken as measured, demands come out too small and their intervals too narrow.
 */
import { mean } from "../../statistics/descriptive.ts";

export interface MeasuredLoad {
  readonly windowSeconds: number;
  readonly utilisation: Float64Array;
  readonly rates: readonly Float64Array[];
  readonly responses: readonly Float64Array[];
}

/** Windows to either side that the load of one may be read from. */
const reaches = [1, 2, 4, 8, 16, 32];

/**
 * Utilisation by window, drawn towards its neighbours (as far as they tell it best) by the share of its scatter that
 * chance explains: all the way under a steady load, hardly at all where the load itself changes from window to window.
 */
export function underlyingLoad(data: MeasuredLoad): Float64Array {
  const { utilisation } = data;
  const candidates = reaches
    .filter((reach) => reach === 1 || 2 * reach < utilisation.length)
    .map((reach) => {
      const around = neighbourMeans(utilisation, reach);
      return { around, scatter: mean(utilisation.map((u, i) => (u - around[i]!) ** 2)) };
    });
  const { around, scatter } = candidates.reduce((a, b) => (b.scatter < a.scatter ? b : a));
  const own = scatter > 0 ? Math.max(0, 1 - chanceVariance(data) / scatter) : 1;
  return utilisation.map((u, i) => around[i]! + own * (u - around[i]!));
}

/** Mean of the windows around each, without itself. */
function neighbourMeans(values: Float64Array, reach: number): Float64Array {
  return values.map((own, i) => {
    const near = values.subarray(Math.max(0, i - reach), i + reach + 1);
    return near.length > 1 ? (mean(near) * near.length - own) / (near.length - 1) : own;
  });
}

/**
 * Variance of the busy share of a window by chance alone: busy spells of an M/G/1 queue and exponential idle ones as an
 * alternating renewal process. Demands are exponential in each class, and differ between classes as response times do.
 */
function chanceVariance({ utilisation, rates, responses, windowSeconds }: MeasuredLoad): number {
  const u = Math.min(0.98, Math.max(1e-6, mean(utilisation)));
  const perClass = rates.map((each) => mean(each));
  const perSecond = perClass.reduce((a, b) => a + b, 0);
  if (!(perSecond > 0)) return 0;
  const response = responses.map((each) => mean(each.filter((value) => value >= 0)) || 0);
  const workOf = (power: number) =>
    perClass.reduce((total, rate, c) => total + (rate / perSecond) * response[c]! ** power, 0);
  const demand = u / perSecond;
  const square = workOf(1) > 0 ? (2 * workOf(2) * demand ** 2) / workOf(1) ** 2 : 2 * demand ** 2;
  const idle = 1 / perSecond;
  const busy = demand / (1 - u);
  const busyVariance = (square - demand ** 2 + u * demand ** 2) / (1 - u) ** 3;
  return (idle ** 2 * busyVariance + busy ** 2 * idle ** 2) / (idle + busy) ** 3 / windowSeconds;
}
