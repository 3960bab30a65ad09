/** Whether the simulation kept its own laws, whatever became of the platform. */
import { grouped } from "./clock.ts";
import type { DrillRun } from "./drill-run.ts";
import { replayCommand } from "./verdict.ts";

export interface Soundness {
  /** How often invariants were checked in all runs. */
  readonly checks: number;
  readonly violations: number;
  /** Runs whose recovered books equal the reference engine's, order by order; a journal that was lost makes them differ. */
  readonly booksEqualCount: number;
  readonly runCount: number;
  /** A line for each run and invariant that was broken. */
  readonly broken: readonly string[];
}

export function soundnessOf(runs: readonly DrillRun[]): Soundness {
  const results = runs.flatMap(({ summary }) => summary.invariants);
  return {
    checks: results.reduce((sum, { checks }) => sum + checks, 0),
    violations: results.reduce((sum, { violations }) => sum + violations, 0),
    booksEqualCount: runs.filter(({ summary }) => summary.booksEqual).length,
    runCount: runs.length,
    broken: runs.flatMap(({ summary, scenarioName }) =>
      summary.invariants
        .filter(({ violations }) => violations > 0)
        .map(
          ({ name, violations, firstViolation = "" }) =>
            `${scenarioName}, seed ${summary.seed}: ${name} broken ${grouped(violations)} times: ${firstViolation}; replay: ${replayCommand(summary, scenarioName)}`,
        ),
    ),
  };
}

/** What a drill says of itself below its table. */
export function soundnessText(soundness: Soundness): readonly string[] {
  const { checks, violations, booksEqualCount, runCount, broken } = soundness;
  return [
    ...broken.map((line) => `INVARIANT BROKEN  ${line}`),
    `${grouped(checks)} checks of invariants, ${grouped(violations)} violations; books equal the reference engine's in ${booksEqualCount} of ${runCount} runs`,
  ];
}
