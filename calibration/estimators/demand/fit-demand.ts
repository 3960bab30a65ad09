/** Service demands of request classes on one host, by the method that predicts held-out time best. */
import { type Estimate, type Evidence, identified, isNarrow, unsettled } from "../../estimate.ts";
import type { Finding } from "../../fit-report.ts";
import { blockLength, bootstrapIntervals } from "../../statistics/bootstrap.ts";
import { correlation, mean } from "../../statistics/descriptive.ts";
import { pointErrors } from "../../statistics/goodness.ts";
import { number } from "../../tables/format.ts";
import { isoTime } from "../../tables/parse-time.ts";
import { type DemandData, pickWindows } from "./demand-data.ts";
import { type DemandMethod, type Demands, demandMethods, utilisationAt } from "./demand-methods.ts";
import { type DemandHeldOut, judgeDemand } from "./predict-demand.ts";

export interface DemandOptions {
  readonly cores: number;
  /** Share of the windows, the last ones, that methods are ranked on. */
  readonly holdout: number;
  readonly seed: string;
}

/** What one method found, on all windows and when judged on held-out ones. */
export interface Candidate {
  readonly method: DemandMethod;
  readonly demands: Demands;
  readonly heldOut: DemandHeldOut;
  /** Share of the variation of utilisation that it explains, on the windows fitted. */
  readonly r2Utilisation: number | null;
  /** What makes the answer impossible; empty when it is not. */
  readonly impossible: readonly string[];
}

export interface DemandFit {
  readonly chosen: Candidate;
  readonly candidates: readonly Candidate[];
  readonly estimates: Readonly<Record<string, Estimate>>;
  readonly findings: readonly Finding[];
}

const replicates = 400;

export function fitDemand(data: DemandData, options: DemandOptions): DemandFit {
  const count = data.startMs.length;
  const cut = Math.max(2, Math.min(count - 1, Math.round(count * (1 - options.holdout))));
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  const early = pickWindows(data, range(0, cut));
  const late = pickWindows(data, range(cut, count));
  const candidates = (Object.keys(demandMethods) as DemandMethod[]).map((method): Candidate => {
    const demands = demandMethods[method](data, options.cores);
    return {
      method,
      demands,
      heldOut: judgeDemand(early, late, options.cores, demandMethods[method](early, options.cores)),
      r2Utilisation: pointErrors(
        data.utilisation,
        data.utilisation.map((_, i) => utilisationAt(data, options.cores, demands, i)),
      ).r2,
      impossible: impossibilities(data, demands, options.cores),
    };
  });
  const possible = candidates.filter((each) => each.impossible.length === 0);
  const chosen = (possible.length > 0 ? possible : candidates).reduce((a, b) =>
    b.heldOut.score < a.heldOut.score ? b : a,
  );
  return {
    chosen,
    candidates,
    estimates: estimatesOf(data, chosen, options),
    findings: findingsOf(data, candidates),
  };
}

/** A request cannot take less time than its own work, and work cannot exceed what the host did. */
function impossibilities(data: DemandData, { seconds }: Demands, cores: number): readonly string[] {
  const found: string[] = [];
  for (const [c, demand] of seconds.entries()) {
    const response = meanResponse(data, c);
    if (demand > response) {
      found.push(
        `${data.classes[c]}: a demand of ${number(demand * 1000)} ms exceeds the mean response time of ${number(response * 1000)} ms`,
      );
    }
  }
  const explained = seconds.reduce(
    (total, demand, c) => total + (demand * mean(data.rates[c]!)) / cores,
    0,
  );
  const measured = mean(data.utilisation);
  // Sampling noise of a mean over windows, not a model error, is what a few percent allow for.
  if (explained > measured * 1.05) {
    found.push(
      `demands times rates add up to a utilisation of ${number(explained)}, above the ${number(measured)} measured`,
    );
  }
  return found;
}

function meanResponse(data: DemandData, c: number): number {
  let total = 0;
  let count = 0;
  for (const [i, response] of data.responses[c]!.entries()) {
    if (Number.isNaN(response)) continue;
    total += response * data.rates[c]![i]!;
    count += data.rates[c]![i]!;
  }
  return total / count;
}

function estimatesOf(
  data: DemandData,
  chosen: Candidate,
  { cores, seed }: DemandOptions,
): Readonly<Record<string, Estimate>> {
  const residuals = data.utilisation.map(
    (u, i) => u - utilisationAt(data, cores, chosen.demands, i),
  );
  const block = blockLength(residuals);
  const intervals = bootstrapIntervals(
    { rows: data.startMs.length, block, replicates, seed },
    (rows) => {
      const { seconds, background } = demandMethods[chosen.method](pickWindows(data, rows), cores);
      return [...seconds, background];
    },
  );
  const about: Evidence = {
    n: data.startMs.length,
    period: {
      from: isoTime(data.startMs[0]!),
      to: isoTime(data.startMs.at(-1)! + data.windowSeconds * 1000),
    },
  };
  const how = `${chosen.method.replaceAll("-", " ")}, chosen for the smallest held-out error; interval by block bootstrap (${block} ${block === 1 ? "window" : "windows"} a block)`;
  const perClass = data.classes.map((name, c) => [
    name,
    classEstimate(data, c, chosen, intervals[c] ?? [0, 0], how, about),
  ]);
  return {
    ...(Object.fromEntries(perClass) as Record<string, Estimate>),
    background: backgroundEstimate(chosen, intervals[data.classes.length], how, about),
  };
}

function classEstimate(
  data: DemandData,
  c: number,
  chosen: Candidate,
  [low, high]: readonly [number, number],
  how: string,
  about: Evidence,
): Estimate {
  const value = chosen.demands.seconds[c]!;
  const response = meanResponse(data, c);
  const base = { ...about, unit: "s" };
  const spans =
    "Give spans or per-request CPU time of this class, or a period in which its rate varies by itself";
  if (value > response) {
    return unsettled(
      "only-a-bound",
      { interval: [null, response] },
      {
        ...base,
        why: `the best fit, ${number(value * 1000)} ms, exceeds the mean response time of ${number(response * 1000)} ms, which is impossible: only the bound stands`,
        settledBy: spans,
      },
    );
  }
  if (value <= 0) {
    return unsettled(
      "only-a-bound",
      { value, interval: [null, high] },
      {
        ...base,
        why: "the fit stopped at 0, its bound",
        settledBy: spans,
      },
    );
  }
  if (isNarrow(value, [low, high])) return identified(value, [low, high], { ...base, why: how });
  return unsettled(
    "not-identified",
    { value, interval: [low, high] },
    {
      ...base,
      why: `${how}; it spans more than a factor of 3 either way`,
      settledBy: spans,
    },
  );
}

function backgroundEstimate(
  chosen: Candidate,
  interval: readonly [number, number] | undefined,
  how: string,
  about: Evidence,
): Estimate {
  const base = { ...about, unit: "utilisation (0 to 1)" };
  const settledBy = "Give utilisation from a period without these requests";
  if (chosen.method !== "joint" || interval === undefined) {
    return unsettled(
      "not-identified",
      {},
      {
        ...base,
        why: `the method chosen (${chosen.method.replaceAll("-", " ")}) has no background term`,
        settledBy,
      },
    );
  }
  const value = chosen.demands.background;
  if (interval[0] > 0) return identified(value, interval, { ...base, why: how });
  return unsettled(
    "only-a-bound",
    { value, interval: [null, interval[1]] },
    {
      ...base,
      why: "the interval holds 0: there may be no load beside these classes",
      settledBy,
    },
  );
}

function findingsOf(data: DemandData, candidates: readonly Candidate[]): readonly Finding[] {
  const found: Finding[] = [];
  for (const each of candidates) {
    for (const what of each.impossible) {
      found.push({ severity: "warning", what: `${each.method} is impossible: ${what}` });
    }
  }
  const variation = data.rates.map((rates) => {
    const centre = mean(rates);
    return Math.sqrt(mean(rates.map((rate) => (rate - centre) ** 2))) / centre;
  });
  if (variation.every((each) => each < 0.3)) {
    found.push({
      severity: "warning",
      what: `request rates hardly vary (by ${number(100 * Math.max(...variation), 2)} % at most): utilisation alone cannot tell the classes apart`,
    });
  }
  for (let a = 0; a < data.rates.length; a += 1) {
    for (let b = a + 1; b < data.rates.length; b += 1) {
      const r = correlation(data.rates[a]!, data.rates[b]!);
      if (Math.abs(r) > 0.9) {
        found.push({
          severity: "warning",
          what: `the rates of ${data.classes[a]} and ${data.classes[b]} move together (correlation ${number(r, 2)}): from utilisation only their sum is known`,
        });
      }
    }
  }
  return found;
}
