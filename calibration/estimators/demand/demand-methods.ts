/**
 * Three ways from utilisation and response times to demands. Each is a least-squares problem with coefficients of 0
 * or more; which one is right depends on how the load varies, so they are judged by what they predict.
 */
import { mean } from "../../statistics/descriptive.ts";
import { nonnegativeLeastSquares } from "../../statistics/nonnegative-least-squares.ts";
import type { DemandData } from "./demand-data.ts";
import { stretch } from "./processor-sharing.ts";

export interface Demands {
  /** Seconds of one core per request, by class. */
  readonly seconds: readonly number[];
  /** Utilisation that no class explains, 0 to 1. */
  readonly background: number;
}

export const demandMethods = {
  "utilisation-regression": byUtilisation,
  "response-time": byResponseTime,
  joint: jointly,
} as const;

export type DemandMethod = keyof typeof demandMethods;

/** The utilisation law alone: busy time against request rates. Fails when rates hardly vary or move together. */
function byUtilisation({ rates, utilisation }: DemandData, cores: number): Demands {
  const busy = utilisation.map((u) => u * cores);
  return { seconds: nonnegativeLeastSquares(rates, busy), background: 0 };
}

/** Response time over the stretch that processor sharing gives it at the load of its window. */
function byResponseTime({ responses, load, classes }: DemandData, cores: number): Demands {
  const seconds = classes.map((_, c) => {
    let top = 0;
    let bottom = 0;
    for (const [i, response] of responses[c]!.entries()) {
      if (Number.isNaN(response)) continue;
      const factor = stretch(load[i]!, cores);
      top += factor * response;
      bottom += factor * factor;
    }
    return bottom > 0 ? top / bottom : Number.NaN;
  });
  return { seconds, background: 0 };
}

/**
 * Both laws at once, with background load: every window gives one equation for utilisation and one for each class
 * that was seen in it, each weighted by how well it can be met. Linear, since the utilisation is measured.
 */
function jointly(data: DemandData, cores: number): Demands {
  let weights = [1, ...data.classes.map((_, c) => 1 / typicalResponse(data, c))];
  let found: Demands = { seconds: data.classes.map(() => 0), background: 0 };
  for (let round = 0; round < 4; round += 1) {
    found = solveJoint(data, cores, weights);
    weights = weightsFrom(data, cores, found);
  }
  return found;
}

function typicalResponse(data: DemandData, c: number): number {
  return mean(data.responses[c]!.filter((each) => !Number.isNaN(each))) || 1;
}

function solveJoint(data: DemandData, cores: number, weights: readonly number[]): Demands {
  const count = data.classes.length;
  const columns: number[][] = Array.from({ length: count + 1 }, () => []);
  const right: number[] = [];
  for (const [i, u] of data.utilisation.entries()) {
    const w = weights[0]!;
    for (let c = 0; c < count; c += 1) columns[c]!.push((w * data.rates[c]![i]!) / cores);
    columns[count]!.push(w);
    right.push(w * u);
    const factor = stretch(data.load[i]!, cores);
    for (let c = 0; c < count; c += 1) {
      const response = data.responses[c]![i]!;
      if (Number.isNaN(response)) continue;
      for (const [k, column] of columns.entries())
        column.push(k === c ? weights[c + 1]! * factor : 0);
      right.push(weights[c + 1]! * response);
    }
  }
  const solution = nonnegativeLeastSquares(columns, right);
  return { seconds: solution.slice(0, count), background: solution[count]! };
}

/** One over the root mean square of what each kind of equation is off by. */
function weightsFrom(data: DemandData, cores: number, found: Demands): number[] {
  const weight = (residuals: readonly number[]) => {
    const size = Math.sqrt(mean(residuals.map((each) => each * each)));
    return size > 0 ? 1 / size : 1;
  };
  const utilisation = Array.from(
    data.utilisation,
    (u, i) => utilisationAt(data, cores, found, i) - u,
  );
  const perClass = data.classes.map((_, c) =>
    Array.from(
      data.responses[c]!,
      (response, i) => found.seconds[c]! * stretch(data.load[i]!, cores) - response,
    ).filter((each) => !Number.isNaN(each)),
  );
  return [weight(utilisation), ...perClass.map(weight)];
}

/** Utilisation that the demands predict from the request rates of a window. */
export function utilisationAt(
  data: DemandData,
  cores: number,
  { seconds, background }: Demands,
  window: number,
): number {
  let busy = 0;
  for (const [c, demand] of seconds.entries()) busy += demand * data.rates[c]![window]!;
  return background + busy / cores;
}
