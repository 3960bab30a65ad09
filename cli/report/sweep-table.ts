/** A sweep as columns: one row a design with its intervals, or one row a run. */
import type { PercentileEstimate } from "../../sim/twin/ensemble/order-statistics.ts";
import type { RunSummary } from "../../sim/twin/ensemble/run-summary.ts";
import type { DesignResults } from "../../sim/twin/ensemble/sweep-results.ts";
import type { ShareEstimate } from "../../sim/twin/ensemble/wilson-interval.ts";
import type { Cell, Column } from "./table-file.ts";
import { verdictOf } from "./verdict.ts";

type Row = Readonly<Record<string, Cell>>;

/** One row a design. An end of an interval that nothing bounds is empty; so is what censored runs leave open. */
export function designColumns(designs: readonly DesignResults[]): readonly Column[] {
  return columnsOf(
    designs.map(
      ({ values, results, overFirst }, at): Row => ({
        design: at + 1,
        ...valueCells(values),
        seeds: results.seedCount,
        ...shareCells("healthyShare", results.healthy),
        ...shareCells("allMetShare", results.allMet),
        ...joined(results.objectives, ({ id, met }) => shareCells(`${id}.metShare`, met)),
        ...joined(results.functions, (each) => ({
          [`${each.function}.unrecoveredCount`]: each.censoredCount,
          ...percentileCells(`${each.function}.rtoSeconds`, each.rtoSeconds),
          ...meanCells(`${each.function}.latencyMsP50`, each.latencyMsP50),
          ...meanCells(`${each.function}.latencyMsP99`, each.latencyMsP99),
          ...meanCells(`${each.function}.goodputPerSecond`, each.goodputPerSecond),
        })),
        ...joined(results.rpo, (each) => ({
          ...shareCells(`${each.acceptance}.losslessShare`, each.lossless),
          ...percentileCells(`${each.acceptance}.lostCount`, each.lostCount),
          [`${each.acceptance}.lostCount.most`]: each.lostCountMax,
        })),
        ...joined(overFirst, ({ quantity, difference }) => ({
          ...meanCells(`${quantity}.overFirst`, difference),
          [`${quantity}.overFirst.pairs`]: difference.count,
        })),
      }),
    ),
  );
}

/** One row a run, for analyses of one's own. */
export function runColumns(
  designs: readonly {
    readonly values: Readonly<Record<string, unknown>>;
    readonly runs: readonly RunSummary[];
  }[],
): readonly Column[] {
  return columnsOf(
    designs.flatMap(({ values, runs }, at) =>
      runs.map(
        (run): Row => ({
          design: at + 1,
          ...valueCells(values),
          seed: run.seed,
          digest: run.digest,
          verdict: verdictOf(run).kind,
          requests: run.totals.requests,
          ...joined(run.functions, (each) => ({
            [`${each.function}.rtoSeconds`]: each.rtoSeconds,
            [`${each.function}.unrecovered`]: each.censored,
            [`${each.function}.goodShareBeforeFault`]: each.steadyGoodShare,
            [`${each.function}.latencyMsP50`]: each.latencyMsP50,
            [`${each.function}.latencyMsP99`]: each.latencyMsP99,
            [`${each.function}.goodputPerSecond`]: each.goodputPerSecond,
          })),
          ...joined(run.rpo, (each) => ({
            [`${each.acceptance}.lostCount`]: each.lostCount,
            [`${each.acceptance}.doubledCount`]: each.doubledCount,
            [`${each.acceptance}.reorderedCount`]: each.reorderedCount,
            [`${each.acceptance}.strandedCount`]: each.strandedCount,
          })),
          ...joined(run.loads, ({ component, utilisation, throttledCount }) => ({
            ...joined(utilisation, ({ what, share }) => ({
              [`${component}.${what}.utilisation`]: share,
            })),
            ...(throttledCount > 0 ? { [`${component}.throttledCount`]: throttledCount } : {}),
          })),
        }),
      ),
    ),
  );
}

/** A value of a path as text and in tables: numbers stay numbers. */
export function valueCell(value: unknown): Cell {
  if (typeof value === "number" || typeof value === "string" || typeof value === "boolean") {
    return value;
  }
  return JSON.stringify(value ?? null);
}

function valueCells(values: Readonly<Record<string, unknown>>): Row {
  return Object.fromEntries(
    Object.entries(values).map(([path, value]) => [path, valueCell(value)]),
  );
}

function shareCells(name: string, { share, low, high }: ShareEstimate): Row {
  return { [name]: share, [`${name}.low`]: low, [`${name}.high`]: high };
}

function meanCells(
  name: string,
  { mean, low, high }: { readonly mean: number; readonly low: number; readonly high: number },
): Row {
  return {
    [`${name}.mean`]: finite(mean),
    [`${name}.mean.low`]: finite(low),
    [`${name}.mean.high`]: finite(high),
  };
}

function percentileCells(name: string, estimates: readonly PercentileEstimate[]): Row {
  return joined(estimates, ({ percentile, atLeast, atMost, low, high }) => ({
    [`${name}.p${percentile}.atLeast`]: atLeast,
    [`${name}.p${percentile}.atMost`]: atMost,
    [`${name}.p${percentile}.low`]: low,
    [`${name}.p${percentile}.high`]: high,
  }));
}

function finite(value: number): Cell {
  return Number.isFinite(value) ? value : null;
}

function joined<Item>(items: readonly Item[], cells: (item: Item) => Row): Row {
  return Object.assign({}, ...items.map(cells));
}

/** Columns of all rows in the order in which they first occur. */
function columnsOf(rows: readonly Row[]): readonly Column[] {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return names.map((name) => ({ name, values: rows.map((row) => row[name] ?? null) }));
}
