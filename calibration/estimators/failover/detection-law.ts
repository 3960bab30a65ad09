/**
 * Failure detection is arithmetic, not chance: a driver or health check waits, probes, counts. So the time is computed
 * from the configuration, and only what the configuration does not say (one constant) is fitted.
 */
import { median } from "../../statistics/descriptive.ts";

/** Configuration of one row, milliseconds; absent where the file has no such column. */
export interface DetectionSetting {
  readonly graceMs?: number;
  readonly intervalMs?: number;
  readonly count?: number;
  readonly timeoutMs?: number;
  /** How long before the failure the waiting had begun. */
  readonly elapsedMs: number;
}

export interface DetectionRow extends DetectionSetting {
  readonly measuredMs: number;
}

interface DetectionLaw {
  readonly formula: string;
  /** The part that configuration decides; undefined where a setting is missing. */
  readonly expectedMs: (row: DetectionSetting) => number | undefined;
}

const detectionLaws: readonly DetectionLaw[] = [
  {
    formula: "max(grace - elapsed, 0) + interval * count + constant",
    expectedMs: ({ graceMs, intervalMs, count, elapsedMs }) =>
      graceMs === undefined || intervalMs === undefined || count === undefined
        ? undefined
        : Math.max(graceMs - elapsedMs, 0) + intervalMs * count,
  },
  {
    formula: "max(grace - elapsed, interval) + constant",
    expectedMs: ({ graceMs, intervalMs, elapsedMs }) =>
      graceMs === undefined || intervalMs === undefined
        ? undefined
        : Math.max(graceMs - elapsedMs, intervalMs),
  },
  {
    formula: "max(timeout - elapsed, 0) + constant",
    expectedMs: ({ timeoutMs, elapsedMs }) =>
      timeoutMs === undefined ? undefined : Math.max(timeoutMs - elapsedMs, 0),
  },
  {
    formula: "interval * count + constant",
    expectedMs: ({ intervalMs, count, graceMs }) =>
      intervalMs === undefined || count === undefined || graceMs !== undefined
        ? undefined
        : intervalMs * count,
  },
  { formula: "constant", expectedMs: () => 0 },
];

export interface DetectionFit {
  readonly formula: string;
  /** Median of measured minus configured. */
  readonly constantMs: number;
  readonly residualsMs: readonly number[];
  readonly residualMaxMs: number;
  /** What the other laws leave, largest residual each. */
  readonly others: readonly { readonly formula: string; readonly residualMaxMs: number }[];
}

/** The law with the smallest largest residual on rows of one configuration. */
export function fitDetectionLaw(rows: readonly DetectionRow[]): DetectionFit {
  const fits = detectionLaws.flatMap(({ formula, expectedMs }) => {
    const expected = rows.map(expectedMs);
    if (expected.some((each) => each === undefined)) return [];
    const excess = rows.map((row, i) => row.measuredMs - expected[i]!);
    const constantMs = median(excess);
    const residualsMs = excess.map((each) => each - constantMs);
    const residualMaxMs = Math.max(...residualsMs.map(Math.abs));
    return [{ formula, constantMs, residualsMs, residualMaxMs }];
  });
  const best = fits.reduce((a, b) => (b.residualMaxMs < a.residualMaxMs ? b : a));
  return {
    ...best,
    others: fits
      .filter((each) => each !== best)
      .map(({ formula, residualMaxMs }) => ({ formula, residualMaxMs })),
  };
}
