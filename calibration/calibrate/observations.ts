/** What the mapped series say, put on one grid of periods. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import type { MappedSeries, MetricRole } from "../mapping/propose-mapping.ts";
import { seriesName } from "../mapping/propose-mapping.ts";
import type { Series } from "../series/series.ts";

/** Figures of one component by role, as long as the grid; NaN where unknown. */
export interface Observations {
  readonly startMs: number;
  readonly periodSeconds: number;
  readonly periods: number;
  of(component: string, role: MetricRole): Float64Array | undefined;
}

/** Throws `calibrate.nothing-mapped` and `calibrate.mixed-periods`. */
export function observe(series: readonly Series[], mapping: readonly MappedSeries[]): Observations {
  const byName = new Map(series.map((each) => [seriesName(each), each]));
  const mapped = mapping.map((line) => ({ ...line, found: byName.get(line.series)! }));
  if (mapped.length === 0) {
    throw new TwinError({
      code: "calibrate.nothing-mapped",
      problem: `None of the ${series.length} series could be told to belong to a component of the topology`,
      remedy:
        "Name the components in a mapping file (--mapping), each with the series that tell of it",
    });
  }
  const periods = new Set(mapped.map(({ found }) => found.periodSec));
  const [periodSeconds = 60] = periods;
  if (periods.size > 1) {
    throw new TwinError({
      code: "calibrate.mixed-periods",
      problem: `The series have periods of ${[...periods].join(", ")} s`,
      remedy: "Export all of them with one period: percentiles cannot be averaged to a longer one",
    });
  }
  const startMs = Math.min(...mapped.map(({ found }) => found.timesMs[0]!));
  const endMs = Math.max(...mapped.map(({ found }) => found.timesMs.at(-1)!));
  const count = Math.round((endMs - startMs) / (periodSeconds * 1000)) + 1;
  const grids = new Map(
    mapped.map(({ component, role, found }) => {
      const values = new Float64Array(count).fill(found.missingMeans === "zero" ? 0 : Number.NaN);
      for (const [i, atMs] of found.timesMs.entries()) {
        values[Math.round((atMs - startMs) / (periodSeconds * 1000))] = found.values[i]!;
      }
      return [`${component} ${role}`, values];
    }),
  );
  return {
    startMs,
    periodSeconds,
    periods: count,
    of: (component, role) => grids.get(`${component} ${role}`),
  };
}

/** Periods `from` to `to` of the same figures. */
export function slice(all: Observations, from: number, to: number): Observations {
  return {
    startMs: all.startMs + from * all.periodSeconds * 1000,
    periodSeconds: all.periodSeconds,
    periods: to - from,
    of: (component, role) => all.of(component, role)?.subarray(from, to),
  };
}
