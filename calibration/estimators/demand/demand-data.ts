/** Requests by class and utilisation, brought into the same windows of time. */
import { TwinError } from "../../../sim/errors/twin-error.ts";
import { underlyingLoad } from "./underlying-load.ts";

export interface ClassRequests {
  readonly name: string;
  /** When each request ended, milliseconds since 1970. */
  readonly endMs: Float64Array;
  readonly responseSeconds: Float64Array;
}

export interface DemandData {
  readonly classes: readonly string[];
  readonly windowSeconds: number;
  readonly startMs: Float64Array;
  /** Share of each core that is busy, 0 to 1. */
  readonly utilisation: Float64Array;
  /** The utilisation that response times answer to, without what chance adds in single windows. */
  readonly load: Float64Array;
  /** Requests per second by class and window. */
  readonly rates: readonly Float64Array[];
  /** Mean response time in seconds by class and window; NaN in windows without requests of the class. */
  readonly responses: readonly Float64Array[];
}

export interface UtilisationWindows {
  readonly file: string;
  readonly startMs: Float64Array;
  readonly windowSeconds: number;
  readonly utilisation: Float64Array;
}

/** Windows in which every class could have been seen; throws `fit.demand-no-overlap` when there are too few. */
export function alignDemand(
  requests: readonly ClassRequests[],
  windows: UtilisationWindows,
): DemandData {
  const lengthMs = windows.windowSeconds * 1000;
  // A window that began before the first request of a class may lack requests that were not recorded.
  const from = Math.max(...requests.map((each) => each.endMs[0]!));
  const to = Math.min(...requests.map((each) => each.endMs.at(-1)!)) + lengthMs / 2;
  const kept = Array.from(windows.startMs, (_, i) => i).filter(
    (i) => windows.startMs[i]! >= from && windows.startMs[i]! + lengthMs <= to,
  );
  if (kept.length < 3) {
    throw new TwinError({
      code: "fit.demand-no-overlap",
      problem: `Only ${kept.length} windows of utilisation lie inside the time of all requests`,
      remedy: "Give files of the same time range, in the same clock and zone",
      at: windows.file,
    });
  }
  const startMs = Float64Array.from(kept, (i) => windows.startMs[i]!);
  const perClass = requests.map((each) => countInWindows(each, startMs, lengthMs));
  const measured = {
    windowSeconds: windows.windowSeconds,
    utilisation: Float64Array.from(kept, (i) => windows.utilisation[i]!),
    rates: perClass.map(({ counts }) => counts.map((count) => count / windows.windowSeconds)),
    responses: perClass.map(({ counts, sums }) => sums.map((total, i) => total / counts[i]!)),
  };
  return {
    classes: requests.map((each) => each.name),
    startMs,
    ...measured,
    load: underlyingLoad(measured),
  };
}

/** Both lists ascend, so one walk suffices. A window holds what ended after its start, up to its end. */
function countInWindows(requests: ClassRequests, startMs: Float64Array, lengthMs: number) {
  const counts = new Float64Array(startMs.length);
  const sums = new Float64Array(startMs.length);
  let window = 0;
  for (let i = 0; i < requests.endMs.length; i += 1) {
    const at = requests.endMs[i]!;
    while (window < startMs.length && at > startMs[window]! + lengthMs) window += 1;
    if (window === startMs.length) break;
    if (at <= startMs[window]!) continue;
    counts[window]! += 1;
    sums[window]! += requests.responseSeconds[i]!;
  }
  return { counts, sums };
}

/** Some of the windows, in the order given; rows may repeat, as a bootstrap needs. */
export function pickWindows(data: DemandData, rows: ArrayLike<number>): DemandData {
  const pick = (values: Float64Array) => Float64Array.from(rows, (row) => values[row]!);
  return {
    ...data,
    startMs: pick(data.startMs),
    utilisation: pick(data.utilisation),
    load: pick(data.load),
    rates: data.rates.map(pick),
    responses: data.responses.map(pick),
  };
}
