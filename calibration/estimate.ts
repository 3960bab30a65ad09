/**
 * What a fit has to say about one parameter: a number with its interval, or the admission that the data do not hold
 * it. A number without its state is never shown.
 */

/** How much of the parameter the data decide. */
export type EstimateState =
  | "identified"
  /** Only that it is above or below something; `interval` has the side that is known. */
  | "only-a-bound"
  /** Only together with another parameter; `why` names the product, sum or ratio that is known. */
  | "only-a-combination"
  | "not-identified";

/** An interval whose unknown side is `null`. */
export type EstimateInterval = readonly [low: number | null, high: number | null];

export interface Period {
  /** ISO 8601 in UTC, or the text of the file where it has no date. */
  readonly from: string;
  readonly to: string;
}

export interface Estimate {
  /** Best value; `null` where none may be quoted. */
  readonly value: number | null;
  /** 90 % interval unless `why` says otherwise; `null` where there is none. */
  readonly interval: EstimateInterval | null;
  readonly state: EstimateState;
  /** How it was found, or why it was not. */
  readonly why: string;
  readonly unit: string;
  /** Observations that it rests on. */
  readonly n: number;
  readonly period: Period | null;
  /** The export or experiment that would settle it; present unless identified. */
  readonly settledBy?: string;
}

/** What all estimates of one fit share. */
export interface Evidence {
  readonly n: number;
  readonly period: Period | null;
}

type Unsettled = Exclude<EstimateState, "identified">;

export function identified(
  value: number,
  interval: EstimateInterval | null,
  about: Evidence & { readonly unit: string; readonly why: string },
): Estimate {
  return { value, interval, state: "identified", ...pick(about) };
}

/** A parameter that the data leave open; `value` is the best guess where showing one helps. */
export function unsettled(
  state: Unsettled,
  found: { readonly value?: number; readonly interval?: EstimateInterval },
  about: Evidence & { readonly unit: string; readonly why: string; readonly settledBy: string },
): Estimate {
  return {
    value: found.value ?? null,
    interval: found.interval ?? null,
    state,
    ...pick(about),
    settledBy: about.settledBy,
  };
}

function pick(about: Evidence & { readonly unit: string; readonly why: string }) {
  return { why: about.why, unit: about.unit, n: about.n, period: about.period };
}

/** Widest interval, as a factor from the value either way, at which a positive parameter still counts as known. */
const intervalFactorMax = 3;

/** Whether an interval of a positive parameter reaches no farther than the factor from its value, either way. */
export function isNarrow(value: number, [low, high]: EstimateInterval): boolean {
  if (low === null || high === null || !(low > 0)) return false;
  return value / low <= intervalFactorMax && high / value <= intervalFactorMax;
}
