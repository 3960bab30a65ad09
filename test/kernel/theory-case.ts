import type { ArrivalProcess, Distribution, FacilityOptions } from "../../sim/kernel/index.ts";
import { type Effort, unitUs } from "./effort.ts";
import { type QueueModel, type QueueResult, simulateQueue } from "./queue-model.ts";

/** Something that theory knows and a simulation can measure; times in mean services. */
export interface TheoryCase {
  readonly name: string;
  readonly expected: () => number;
  readonly measure: (effort: Effort) => number;
}

export const exponential: Distribution = { kind: "exponential", mean: unitUs };
export const fixed: Distribution = { kind: "deterministic", value: unitUs };
export const erlang4: Distribution = { kind: "erlang", shape: 4, mean: unitUs };
/** Mean 1, mean square 2 (0.9 x 0.25 + 0.1 x 30.25) = 6.5. */
export const mixed: Distribution = {
  kind: "hyperexponential",
  means: [0.5 * unitUs, 5.5 * unitUs],
  weights: [9, 1],
};
/** Mean 1: 0.5 with 3/4, 2.5 with 1/4; mean square 1.75. */
export const twoSizes: Distribution = {
  kind: "discrete",
  values: [0.5 * unitUs, 2.5 * unitUs],
  weights: [3, 1],
};

export function poisson(ratePerSecond: number): ArrivalProcess {
  return { kind: "poisson", ratePerSecond };
}

export function one(
  rate: number,
  service: Distribution,
  facility: FacilityOptions = {},
): QueueModel {
  return { classes: [{ arrivals: poisson(rate), service }], facility };
}

export function queue(
  name: string,
  model: QueueModel,
  expected: () => number,
  measured: (result: QueueResult) => number,
): TheoryCase {
  return { name, expected, measure: (effort) => measured(simulateQueue(model, effort)) };
}

export const wait = (result: QueueResult) => result.wait;
export const waitSquare = (result: QueueResult) => result.waitSquare;
export const present = (result: QueueResult) => result.present;
export const lost = (result: QueueResult) => result.lostPart;
export const timedOut = (result: QueueResult) => result.timedOutPart;
export const stayOf = (kind: number) => (result: QueueResult) => result.stays[kind] ?? Number.NaN;
export const delayOf = (kind: number) => (result: QueueResult) => result.delays[kind] ?? Number.NaN;
