/** What `stormbell sweep` does. */
import { sweepOf } from "../sim/twin/ensemble/sweep-results.ts";
import { sweepReport } from "./report/sweep-report.ts";
import { designColumns, runColumns } from "./report/sweep-table.ts";
import { csvText, parquetBytes } from "./report/table-file.ts";
import { loadScenario } from "./scenario-files.ts";
import { type SeedOptions, scaledNote, scaledScenario, seedPlan } from "./seed-options.ts";
import { designsOf, type Variation } from "./sweep-designs.ts";
import { print, printJson, printNote } from "./terminal.ts";
import type { RunJobs } from "./worker/run-jobs.ts";
import { writeOutput } from "./write-output.ts";

export interface SweepOptions extends SeedOptions {
  readonly vary: readonly Variation[];
  readonly csv?: string;
  readonly parquet?: string;
  /** What a row of the files is. */
  readonly rows: "designs" | "runs";
  readonly json?: true;
  readonly scale?: number;
}

export async function sweepCommand(
  runJobs: RunJobs,
  name: string,
  options: SweepOptions,
): Promise<void> {
  const designs = designsOf(loadScenario(name), options.vary).map((design) => ({
    ...design,
    scenario: scaledScenario(design.scenario, options.scale),
  }));
  if (options.scale !== undefined && options.scale > 1) printNote(scaledNote(options.scale));
  const { seedCount, notes } = seedPlan(
    options,
    designs.map(({ scenario }) => scenario),
  );
  if (notes.length > 0) printNote(...notes);
  const seeds = Array.from({ length: seedCount }, (_, at) => String(at + 1));
  const finished = await runJobs(
    designs.flatMap(({ scenario, topology }) =>
      seeds.map((seed) => ({ scenario, topology, seed })),
    ),
  );
  const swept = designs.map(({ values }, at) => ({
    values,
    runs: finished.slice(at * seedCount, (at + 1) * seedCount).map(({ summary }) => summary),
  }));
  const results = sweepOf(swept);
  await writeTables(options, options.rows === "runs" ? runColumns(swept) : designColumns(results));
  if (options.json) printJson({ scenario: name, seedCount, notes, designs: results });
  else print(...sweepReport(results, name));
}

async function writeTables(
  { csv, parquet }: SweepOptions,
  columns: ReturnType<typeof runColumns>,
): Promise<void> {
  if (csv !== undefined) writeOutput(csv, csvText(columns));
  if (parquet !== undefined) {
    writeOutput(parquet, parquetBytes(await import("hyparquet-writer"), columns));
  }
  for (const path of [csv, parquet]) if (path !== undefined) printNote(`written: ${path}`);
}
