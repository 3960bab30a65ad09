import { Simulation } from "../../sim/kernel/index.ts";

/** A mean service: time is told in these. */
export const unitUs = 1_000_000;

/** How much is simulated. */
export interface Effort {
  readonly seed: string;
  readonly customers: number;
  /** After the last arrival the run goes on until nobody is left. Default: it stops, and its beginning is not counted. */
  readonly toTheEnd?: boolean;
}

/** An empty simulation with the seed of an effort. */
export function begin(effort: Effort): Simulation {
  const options = { programVersion: "theory", traceLast: 0, requestsMax: 1 << 14 };
  return new Simulation({ seed: effort.seed, ...options });
}

/** How long it takes until so many customers have come at `rate` a unit of time. */
export function spanUs(effort: Effort, rate: number): number {
  return Math.ceil((effort.customers / rate) * unitUs);
}
