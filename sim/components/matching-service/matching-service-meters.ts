import { taskMeters } from "../ecs-fargate/task-meters.ts";
import type { Meter, MeterSource } from "../fabric/meter.ts";
import type { MatchingServiceSpec } from "./matching-service-spec.ts";

/** The engine's tasks, which stand whatever the load. */
export function matchingServiceMeters(source: MeterSource<MatchingServiceSpec>): readonly Meter[] {
  // On hosts of one's own it is the hosts that are paid for.
  if (source.spec.capacityProvider !== undefined) return [];
  return taskMeters(source, source.spec, undefined);
}
