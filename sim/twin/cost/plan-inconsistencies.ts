import type { CostPlan, PlannedPhase } from "./plan-types.ts";

/** Two figures of a plan that ought to be one. */
export interface Inconsistency {
  readonly phase: string;
  readonly what: string;
  readonly stated: number;
  readonly computed: number;
  readonly sentence: string;
}

const daysOfMonth = 365 / 12;

/** Dollars and percent are stated as whole numbers, dollars per request a second in cents. */
const tolerance = { usd: 0.5, cents: 0.005, percent: 0.5 } as const;

/** What a plan says of itself against what follows from its own rows. */
export function inconsistenciesOf(plan: CostPlan): readonly Inconsistency[] {
  return [
    ...plan.phases.flatMap((phase) => ofPhase(phase, plan.phases)),
    ...dailyExpectation(plan),
  ];
}

function ofPhase(phase: PlannedPhase, phases: readonly PlannedPhase[]): readonly Inconsistency[] {
  const before = phases.find((each) => each.id === phase.follows);
  const found: (Inconsistency | undefined)[] = [];
  const check = (
    what: string,
    stated: number | undefined,
    computed: number,
    allowed: number,
    sentence: (stated: string, computed: string) => string,
  ) => {
    if (stated === undefined || Math.abs(stated - computed) <= allowed) return;
    found.push({
      phase: phase.id,
      what,
      stated,
      computed,
      sentence: `${phase.title}: ${sentence(figure(stated), figure(computed))}`,
    });
  };
  const usd = phase.rows.reduce((sum, row) => sum + row.usd, 0);
  check("total", phase.totalUsd, usd, tolerance.usd, (stated, computed) => {
    return `the rows add up to $${computed}, and the total is given as $${stated}`;
  });
  if (before !== undefined) {
    const deltas = phase.rows.reduce((sum, row) => sum + (row.deltaUsd ?? 0), 0);
    check("deltas", phase.totalDeltaUsd, deltas, tolerance.usd, (stated, computed) => {
      return `the rows' deltas add up to $${computed}, and their total is given as $${stated}`;
    });
    const befores = phase.rows.reduce((sum, row) => sum + (row.beforeUsd ?? 0), 0);
    check("before", phase.totalBeforeUsd, befores, tolerance.usd, (stated, computed) => {
      return `its column for ${before.title} adds up to $${computed} against a total of $${stated}`;
    });
    for (const row of phase.rows) {
      const { beforeUsd, deltaUsd } = row;
      const origin = before.rows.find((each) => each.id === row.id);
      if (beforeUsd === undefined) continue;
      check(
        `delta of ${row.id}`,
        deltaUsd,
        row.usd - beforeUsd,
        tolerance.usd,
        (stated, computed) => {
          return `the delta of ${row.title} is given as $${stated}, and is $${computed}`;
        },
      );
      check(
        `before of ${row.id}`,
        beforeUsd,
        origin?.usd ?? 0,
        tolerance.usd,
        (stated, computed) => {
          return origin === undefined
            ? `${row.title} has $${stated} in the column for ${before.title}, whose table has no such row`
            : `${row.title} has $${stated} in the column for ${before.title}, whose own table says $${computed}`;
        },
      );
    }
    const lost = before.rows.filter((row) => !phase.rows.some((each) => each.id === row.id));
    for (const row of lost) {
      check(`row ${row.id}`, 0, row.usd, tolerance.usd, (_stated, computed) => {
        return `the row ${row.title} ($${computed} in ${before.title}) is gone from the table`;
      });
    }
    const reduction = 100 * (1 - phase.usdPerRps / before.usdPerRps);
    check(
      "reduction",
      phase.usdPerRpsReductionPercent,
      reduction,
      tolerance.percent,
      (stated, computed) => {
        return `dollars per RPS fall by ${computed} %, and ${stated} % is given`;
      },
    );
  }
  check(
    "per RPS",
    phase.usdPerRps,
    phase.totalUsd / phase.ratePerSecond,
    tolerance.cents,
    (stated, computed) => {
      return `the total makes $${computed} per RPS, and $${stated} is given`;
    },
  );
  const { optimised } = phase;
  if (optimised !== undefined) {
    const saved = 100 * (1 - optimised.usd / phase.totalUsd);
    check("saving", optimised.savedPercent, saved, tolerance.percent, (stated, computed) => {
      return `$${figure(optimised.usd)} is ${computed} % below the total, and ${stated} % is given`;
    });
  }
  check(
    "summary",
    phase.summaryUsd,
    optimised?.usd ?? phase.totalUsd,
    tolerance.usd,
    (stated, computed) => {
      return `the summary gives $${stated} for a month that the table gives as $${computed}`;
    },
  );
  return found.filter((each) => each !== undefined);
}

/** What a day is expected to cost, against the months that the plan gives for the first phase. */
function dailyExpectation({ phases, alarms }: CostPlan): readonly Inconsistency[] {
  const [first] = phases;
  if (first === undefined) return [];
  const computed = first.totalUsd / daysOfMonth;
  const stated = alarms.dailyExpectedUsd;
  if (Math.abs(stated - computed) <= tolerance.usd) return [];
  const fromSummary = first.summaryUsd / daysOfMonth;
  return [
    {
      phase: first.id,
      what: "expected day",
      stated,
      computed,
      sentence: `${first.title}: $${stated} a day is expected, and $${figure(first.totalUsd)} a month is $${figure(computed)} a day (the summary's $${figure(first.summaryUsd)} is $${figure(fromSummary)})`,
    },
  ];
}

function figure(value: number): string {
  const digits = Math.abs(value) >= 1000 ? 0 : 2;
  const [whole, part] = String(Number(value.toFixed(digits))).split(".");
  const grouped = whole!.replace(/\B(?=(\d{3})+$)/g, ",");
  return part === undefined ? grouped : `${grouped}.${part.padEnd(2, "0")}`;
}
