/** The load by the clock, as changes of the load that a scenario can hold. */
import type { FaultSpec } from "../../sim/twin/faults/fault-types.ts";
import { type ArrivalFit, fitArrivals } from "../estimators/arrivals/fit-arrivals.ts";
import type { BinnedCounts } from "../estimators/arrivals/profile.ts";
import type { Observations } from "./observations.ts";

/** Rates of the hours of a day (24) or of a week from Monday (168), in UTC. */
export interface LoadByHour {
  readonly profile: "time-of-day" | "time-of-week";
  readonly ratesPerSecond: readonly number[];
  /** Mean absolute error on held-out time, over the mean, and the share of it in the 90 % band. */
  readonly heldOut: { readonly error: number | null; readonly coverage90: number };
}

const hourSeconds = 3600;
/** Share of an hour that must be known for the hour to count. */
const knownShareMin = 0.9;
/** Factor between the busiest and the quietest hour below which the hour does not matter. */
const effectMin = 1.1;

/** `undefined` where less than two days were seen, or the clock predicts held-out time no better than one rate does. */
export function loadByHour(
  { startMs, periodSeconds, of }: Observations,
  gateway: string | undefined,
  holdout: number,
): LoadByHour | undefined {
  const counts = gateway === undefined ? undefined : of(gateway, "requests");
  if (counts === undefined || hourSeconds % periodSeconds !== 0) return undefined;
  const hours = inHours(counts, startMs, periodSeconds);
  if (hours.counts.length < 48) return undefined;
  return profileOf(fitArrivals(hours, { holdout }));
}

/** Whole hours by the clock; those that are mostly unknown stay unknown. */
function inHours(counts: Float64Array, startMs: number, periodSeconds: number): BinnedCounts {
  const per = hourSeconds / periodSeconds;
  const intoHour = Math.round((startMs / 1000 / periodSeconds) % per);
  const from = (per - intoHour) % per;
  const bins = Math.floor((counts.length - from) / per);
  const startSeconds = startMs / 1000 + from * periodSeconds;
  return {
    binSeconds: hourSeconds,
    // From the midnight of a Monday; 1970 began on a Thursday.
    phaseSeconds: (startSeconds + 3 * 86_400) % 604_800,
    counts: Float64Array.from({ length: Math.max(0, bins) }, (_, bin) => {
      const part = counts
        .subarray(from + bin * per, from + (bin + 1) * per)
        .filter((each) => !Number.isNaN(each));
      const total = part.reduce((a, b) => a + b, 0);
      return part.length >= knownShareMin * per ? (total * per) / part.length : Number.NaN;
    }),
  };
}

function profileOf({ profile, heldOut }: ArrivalFit): LoadByHour | undefined {
  if (profile.kind === "constant") return undefined;
  const rates = Array.from(profile.means);
  if (Math.max(...rates) < effectMin * Math.min(...rates)) return undefined;
  return {
    profile: profile.kind,
    ratesPerSecond: rates.map((count) => count / hourSeconds),
    heldOut: { error: heldOut.wape, coverage90: heldOut.overdispersed.coverage90 },
  };
}

/** One change of the load for each hour, from the midnight (of a Monday) at which the scenario begins. */
export function hourlyLoadChanges(
  { ratesPerSecond }: LoadByHour,
  ratePerSecond: number,
): readonly FaultSpec[] {
  return ratesPerSecond.flatMap((rate, hour) =>
    rate > 0
      ? [
          {
            id: `hour-${hour}`,
            kind: "load-change" as const,
            atSeconds: hour * hourSeconds,
            durationSeconds: hourSeconds,
            factor: Number((rate / ratePerSecond).toPrecision(4)),
          },
        ]
      : [],
  );
}
