/** `fit coldstart`: invocation reports, or daily benchmark samples, split by flag into cold and warm. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import { type Estimate, identified, isNarrow, unsettled } from "../estimate.ts";
import { fitKeepAlive, type IdleCall } from "../estimators/coldstart/keep-alive.ts";
import { fitMemoryExponent } from "../estimators/coldstart/memory-exponent.ts";
import { fitLadder, type LadderFit } from "../estimators/service/fit-ladder.ts";
import type { Finding, FitReport } from "../fit-report.ts";
import { type Invocation, loadInvocations } from "../series/invocations.ts";
import { bootstrapIntervals } from "../statistics/bootstrap.ts";
import { median, quantile } from "../statistics/descriptive.ts";
import { number } from "../tables/format.ts";
import { groupBy } from "../tables/group-by.ts";
import { isoTime } from "../tables/parse-time.ts";

export interface ColdstartInputs {
  readonly files: readonly string[];
  readonly holdout: number;
  readonly seed: string;
}

/** Fewest values of one function and memory size that are fitted by themselves. */
const cellMin = 30;
const familiesTried = ["lognormal", "gamma", "weibull", "two lognormals"];

interface Cell {
  readonly name: string;
  readonly functionName: string;
  readonly memoryMb: number | null;
  readonly kind: "init" | "restore";
  readonly values: Float64Array;
  readonly lognormal: LadderFit["rungs"][number] | undefined;
  readonly ladder: LadderFit;
}

export async function fitColdstartFiles(inputs: ColdstartInputs): Promise<FitReport> {
  const findings: Finding[] = [];
  const perFile: (readonly Invocation[])[] = [];
  for (const file of inputs.files) perFile.push(await loadInvocations(file, findings));
  const invocations = perFile.flat();
  const cold = invocations.filter((each) => each.initMs !== null || each.restoreMs !== null);
  if (cold.length === 0) {
    throw new TwinError({
      code: "fit.coldstart-none",
      problem: "No invocation is marked as cold",
      remedy:
        "Give REPORT lines or a table with initDuration (or restoreDuration) filled where the start was cold",
      at: inputs.files[0] ?? "",
    });
  }
  const cells = cellsOf(cold, inputs, findings);
  const estimates: Record<string, Estimate> = {};
  for (const cell of cells) estimates[cell.name] = cellEstimate(cell, cold, inputs.seed);
  const exponents = memoryEstimates(invocations, estimates);
  keepAliveEstimates(invocations, estimates);
  for (const cell of cells) noteLognormal(cell, findings);
  return {
    kind: "coldstart",
    files: inputs.files,
    estimates,
    findings,
    details: {
      invocations: invocations.length,
      cold: cold.length,
      cells: cells.map((cell) => ({
        cell: cell.name,
        function: cell.functionName,
        memoryMb: cell.memoryMb,
        kind: cell.kind,
        n: cell.values.length,
        medianMs: median(cell.values),
        p95Ms: quantile(cell.values, 0.95),
        chosen: cell.ladder.chosen.family,
        distribution: cell.ladder.chosen.distribution ?? {
          kind: "empirical",
          values: [...cell.values].sort((a, b) => a - b).slice(0, 2000),
        },
        lognormal:
          cell.lognormal === undefined
            ? null
            : {
                ks: cell.lognormal.ks,
                p: cell.lognormal.ksPValue,
                rejected: (cell.lognormal.ksPValue ?? 1) < 0.01,
              },
        ladder: cell.ladder.rungs.map((rung) => ({
          family: rung.family,
          crpsHeldOut: rung.crpsHeldOut,
          ks: rung.ks,
          bic: rung.bic,
          p: rung.ksPValue,
        })),
      })),
      memoryExponents: exponents,
    },
    tables: [cellTable(cells)],
    verdict: {
      usableFor: [
        "initialisation time at the memory sizes seen, drawn from the chosen distribution",
      ],
      notUsableFor: [
        "memory sizes far from those seen",
        "the share of calls that are cold in production: these calls were made to be cold",
        ...(cells.some((cell) => cell.ladder.chosen.family === "empirical")
          ? ["tails beyond the values seen, where no family fits"]
          : []),
      ],
      rangeSeen: `${number(cold.length, 9)} cold of ${number(invocations.length, 9)} invocations, ${cells.length} groups`,
    },
  };
}

/** Small groups are pooled over memory, as their own distribution would be guesswork. */
function cellsOf(
  cold: readonly Invocation[],
  inputs: ColdstartInputs,
  findings: Finding[],
): readonly Cell[] {
  const kindOf = (each: Invocation) => (each.restoreMs === null ? "init" : "restore");
  const cells: Cell[] = [];
  for (const [pooledName, pool] of groupBy(
    cold,
    (each) => `${each.functionName}, ${kindOf(each)}`,
  )) {
    const bySize = groupBy(pool, (each) => `${each.memoryMb ?? "?"}`);
    const small = [...bySize].filter(([, group]) => group.length < cellMin);
    for (const [size, group] of bySize) {
      if (group.length >= cellMin) cells.push(makeCell(`${pooledName}, ${size} MB`, group, inputs));
    }
    if (small.length === 0) continue;
    const rest = small.flatMap(([, group]) => group);
    findings.push({
      severity: "note",
      what: `${pooledName}: ${small.length} memory sizes have fewer than ${cellMin} cold starts each (${rest.length} together): pooled over memory`,
    });
    if (rest.length >= 5) cells.push(makeCell(`${pooledName}, pooled`, rest, inputs));
  }
  return cells;
}

function makeCell(name: string, group: readonly Invocation[], inputs: ColdstartInputs): Cell {
  const first = group[0]!;
  const ordered = [...group].sort((a, b) => (a.atMs ?? 0) - (b.atMs ?? 0));
  const values = Float64Array.from(ordered, (each) => each.restoreMs ?? each.initMs ?? 0);
  const options = { holdout: inputs.holdout, seed: inputs.seed, rounding: "nearest" as const };
  // The usual assumption is tested even when it loses, so that the report can say whether it holds.
  const ladder = fitLadder(values, { ...options, only: familiesTried, alsoTest: "lognormal" });
  return {
    name,
    functionName: first.functionName,
    memoryMb: name.endsWith("pooled") ? null : first.memoryMb,
    kind: first.restoreMs === null ? "init" : "restore",
    values,
    lognormal: ladder.rungs.find((rung) => rung.family === "lognormal"),
    ladder,
  };
}

function cellEstimate(cell: Cell, cold: readonly Invocation[], seed: string): Estimate {
  const { values } = cell;
  const [interval] = bootstrapIntervals(
    { rows: values.length, block: 1, replicates: 300, seed },
    (rows) => [median(Float64Array.from(rows, (row) => values[row]!))],
  );
  const about = { n: values.length, unit: "ms", period: periodOfCalls(cold) };
  const why = `median of ${cell.kind === "init" ? "initialisations" : "restores"}; drawn as ${cell.ladder.chosen.family}`;
  if (values.length >= cellMin)
    return identified(median(values), interval ?? null, { ...about, why });
  return unsettled(
    "only-a-combination",
    { value: median(values), ...(interval === undefined ? {} : { interval }) },
    {
      ...about,
      why: `${why}, over all memory sizes together: single sizes have fewer than ${cellMin} cold starts`,
      settledBy: `Record at least ${cellMin} cold starts a memory size`,
    },
  );
}

function periodOfCalls(calls: readonly Invocation[]): Estimate["period"] {
  const stamps = calls.flatMap((each) => (each.atMs === null ? [] : [each.atMs]));
  if (stamps.length === 0) return null;
  return {
    from: isoTime(stamps.reduce((a, b) => Math.min(a, b))),
    to: isoTime(stamps.reduce((a, b) => Math.max(a, b))),
  };
}

function noteLognormal(cell: Cell, findings: Finding[]): void {
  const p = cell.lognormal?.ksPValue ?? 1;
  if (p >= 0.01) return;
  findings.push({
    severity: "warning",
    what: `${cell.name}: lognormal rejected (distance ${number(cell.lognormal?.ks, 2)}, p ${number(p, 1)} by parametric bootstrap, n ${cell.values.length}); ${cell.ladder.chosen.family} is used`,
  });
}

function memoryEstimates(invocations: readonly Invocation[], estimates: Record<string, Estimate>) {
  const found: Record<string, unknown>[] = [];
  for (const [name, group] of groupBy(invocations, (each) => each.functionName)) {
    for (const [what, pick] of [
      ["init", (each: Invocation) => each.initMs],
      ["cold duration", (each: Invocation) => (each.isCold ? each.durationMs : null)],
      ["warm duration", (each: Invocation) => (each.isCold ? null : each.durationMs)],
    ] as const) {
      const bySize = groupBy(
        group.filter((each) => each.memoryMb !== null && (pick(each) ?? 0) > 0),
        (each) => String(each.memoryMb),
      );
      const samples = [...bySize]
        .filter(([, calls]) => calls.length >= 10)
        .map(([size, calls]) => ({
          memoryMb: Number(size),
          values: Float64Array.from(calls, (each) => pick(each)!),
        }));
      if (samples.length < 2) continue;
      const fit = fitMemoryExponent(samples);
      estimates[`memory exponent of ${what} (${name})`] = exponentEstimate(
        fit,
        samples.reduce((sum, each) => sum + each.values.length, 0),
      );
      found.push({ function: name, of: what, ...fit });
    }
  }
  return found;
}

function exponentEstimate(fit: ReturnType<typeof fitMemoryExponent>, n: number): Estimate {
  const about = { n, period: null, unit: "power" };
  const settledBy = "Record at three memory sizes or more";
  if (fit.interval === null) {
    return unsettled(
      "not-identified",
      { value: fit.exponent },
      { ...about, why: `only ${fit.levels} memory sizes`, settledBy },
    );
  }
  const width = fit.interval[1] - fit.interval[0];
  const why =
    "time goes as memory to the power of minus this (1: CPU-bound, 0: memory does not matter)";
  if (width <= 0.5 || isNarrow(fit.exponent, fit.interval))
    return identified(fit.exponent, fit.interval, { ...about, why });
  return unsettled(
    "not-identified",
    { value: fit.exponent, interval: fit.interval },
    {
      ...about,
      why: "the times do not follow one power of memory",
      settledBy: "Record more memory sizes, below and above 1,769 MB (one full vCPU)",
    },
  );
}

function keepAliveEstimates(
  invocations: readonly Invocation[],
  estimates: Record<string, Estimate>,
): void {
  const calls: IdleCall[] = [];
  for (const [, group] of groupBy(
    invocations.filter((each) => each.atMs !== null),
    (each) => `${each.functionName}/${each.memoryMb}`,
  )) {
    const ordered = [...group].sort((a, b) => a.atMs! - b.atMs!);
    for (let i = 1; i < ordered.length; i += 1) {
      calls.push({
        idleSeconds: (ordered[i]!.atMs! - ordered[i - 1]!.atMs!) / 1000,
        isCold: ordered[i]!.isCold,
      });
    }
  }
  const fit = fitKeepAlive(calls);
  const about = { n: calls.length, period: null, unit: "s" };
  const settledBy =
    "Call one function, one at a time, after idle times from 1 minute to 1 hour, with the times of all calls";
  if (fit.halfLifeSeconds !== null && fit.interval !== null) {
    const why = `idle time after which half of the calls were cold: ${fit.cold} cold and ${fit.warm} warm calls; ${
      fit.longestWarmSeconds! < fit.shortestColdSeconds!
        ? "interval from the longest idle time that was still warm to the shortest that was cold"
        : "logistic over the logarithm of the idle time, interval by profile likelihood"
    }`;
    estimates["keep-alive"] = isNarrow(fit.halfLifeSeconds, fit.interval)
      ? identified(fit.halfLifeSeconds, fit.interval, { ...about, why })
      : unsettled(
          "not-identified",
          { value: fit.halfLifeSeconds, interval: fit.interval },
          { ...about, why: `${why}; it spans more than a factor of 3 either way`, settledBy },
        );
    return;
  }
  estimates["keep-alive"] = unsettled(
    "not-identified",
    {},
    {
      ...about,
      why:
        fit.cold === 0 || fit.warm === 0
          ? "only cold or only warm calls were given with times"
          : "idle time does not tell cold calls from warm ones here: they were forced to be cold, or ran beside others",
      settledBy,
    },
  );
}

function cellTable(cells: readonly Cell[]) {
  return {
    title: "Cold starts by group",
    rows: [
      ["group", "n", "median ms", "distribution", "distance", "lognormal p"],
      ...cells.map((cell) => [
        cell.name,
        String(cell.values.length),
        number(median(cell.values)),
        cell.ladder.chosen.family,
        number(cell.ladder.chosen.ks, 2),
        number(cell.lognormal?.ksPValue, 2),
      ]),
    ],
  };
}
