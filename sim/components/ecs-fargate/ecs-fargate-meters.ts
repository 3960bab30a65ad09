import type { Meter, MeterSource } from "../fabric/meter.ts";
import type { EcsFargateSpec } from "./ecs-fargate-spec.ts";
import { taskMeters } from "./task-meters.ts";

/** The service's tasks; with scaling, those above its minimum follow the load. */
export function ecsFargateMeters(source: MeterSource<EcsFargateSpec>): readonly Meter[] {
  const { spec } = source;
  // On hosts of one's own it is the hosts that are paid for.
  if (spec.capacityProvider !== undefined) return [];
  return taskMeters(source, spec, spec.scaling?.taskCountMin);
}
