import { assumption, fromFact, usFromFact, type valuesOf } from "../../facts/parameter.ts";

/** Numbers that a fleet of tasks works with; a service with a fleet lists them among its own. */
export const taskFleetDefaults = {
  startUsP50: usFromFact("fargate.task.start-time-s", 0),
  startUsP95: usFromFact("fargate.task.start-time-s", 1),
  provisioningShare: assumption(
    0.25,
    "share of the start time",
    "Network interface and host placement take 5 to 15 s of a start in published traces; AWS gives no split",
  ),
  activatingShare: assumption(
    0.15,
    "share of the start time",
    "The program's own boot and its registration; the rest, pulling and starting the image, is the largest part",
  ),
  launchesPerSecond: fromFact("fargate.launch.sustained-per-s"),
  launchBurst: fromFact("fargate.launch.burst"),
  serviceLaunchesPerMin: fromFact("ecs.service.launch-rate-per-min"),
  schedulerPeriodUs: assumption(
    5_000_000,
    "us",
    "The service scheduler reacts within seconds of a known change (ecs.service.replacement gives no number)",
  ),
  agentLossUs: assumption(
    60_000_000,
    "us",
    "Silence of a host's agent until its tasks are called lost: unpublished; a minute is several missed heartbeats, so that a blip costs no replacement",
  ),
  placementFailsAfterUs: assumption(
    15_000_000,
    "us",
    "A launch into a zone without power or capacity ends in a capacity error, not at once; unpublished",
  ),
  zoneAvoidedUs: assumption(
    300_000_000,
    "us",
    "After a failed placement the scheduler prefers other zones for a while; unpublished, five minutes outlive the next few attempts",
  ),
  rebalancePeriodUs: assumption(
    60_000_000,
    "us",
    "Zone rebalancing moves a task at a time and waits for the last to settle; no pace is published",
  ),
  stopTimeoutUs: usFromFact("ecs.stop-timeout-s"),
  containerCheckIntervalS: fromFact("ecs.container-health-check", 0),
  containerCheckTimeoutS: fromFact("ecs.container-health-check", 1),
  containerCheckRetries: fromFact("ecs.container-health-check", 2),
  containerCheckStartS: fromFact("ecs.container-health-check", 3),
};

export type TaskFleetValues = ReturnType<typeof valuesOf<typeof taskFleetDefaults>>;
