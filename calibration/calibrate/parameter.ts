/** One parameter of the calibrated platform: what is known of it, and where it stands in the twin. */
import type { Estimate } from "../estimate.ts";

export interface Parameter {
  /** `order-service.cpu-ms`: component and what it is; `workload.` for the load. */
  readonly name: string;
  readonly estimate: Estimate;
  /** What the topology or scenario had. */
  readonly before: number | null;
  readonly usableFor: string;
  readonly notUsableFor: string;
  /** Numbers of the topology that follow from it where it is identified, beside those that its name says. */
  readonly sets?: readonly TopologyNumber[];
}

/** A number of one component, such as `parameters.coldStartMsHigh` or `operations.0.cpuMs.median`. */
export interface TopologyNumber {
  readonly component: string;
  readonly path: readonly (string | number)[];
  readonly value: number;
}

/** Sigma of the logarithm of CPU times where a topology leaves it out. */
export const cpuSigmaUsual = 0.5;
