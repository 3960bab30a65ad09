import { taskMeters } from "../ecs-fargate/task-meters.ts";
import type { Meter, MeterSource } from "../fabric/meter.ts";
import type { MatchingServiceSpec } from "./matching-service-spec.ts";

/** The engine's tasks, which stand whatever the load. */
export function matchingServiceMeters(source: MeterSource<MatchingServiceSpec>): readonly Meter[] {
  return taskMeters(source, source.spec, undefined);
}
