/** What a placement is given of one separate fit, and what it makes of it. */
import type { WorkloadSpec } from "../../sim/twin/clients/workload-types.ts";
import type { Topology } from "../../sim/twin/topology-types.ts";
import type { Finding, FitReport } from "../fit-report.ts";
import type { FitSource } from "./fit-source.ts";
import type { Observations } from "./observations.ts";
import type { Parameter } from "./parameter.ts";

export interface PlacementInput {
  readonly source: FitSource;
  readonly report: FitReport;
  readonly topology: Topology;
  readonly workload: WorkloadSpec;
  /** Metrics of the fitted time: what a measurement may need to be read by, such as utilisation. */
  readonly observations: Observations;
  /** What was read off those metrics. */
  readonly readOff: readonly Parameter[];
  /** A number of a component by its name, as the topology has it or by default. */
  readonly numberOf: (component: string, name: string) => number;
}

export interface Placement {
  readonly parameters: readonly Parameter[];
  readonly findings: readonly Finding[];
}
