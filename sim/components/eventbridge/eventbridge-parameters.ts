import { assumption, fromFact, type Parameters } from "../../facts/parameter.ts";
import { resolveParameters } from "../fabric/parameters.ts";
import type { EventBridgeSpec } from "./eventbridge-spec.ts";

const defaults = {
  putsPerSecond: fromFact("eventbridge.putevents-tps", "us-east-1"),
  entriesMax: fromFact("eventbridge.put-events.entries"),
  invocationsPerSecond: fromFact("eventbridge.invocations-tps", "us-east-1"),
  deliveryMsP50: fromFact("eventbridge.latency.p50-p99-ms", "p50"),
  deliveryMsP99: fromFact("eventbridge.latency.p50-p99-ms", "p99"),
  retryHoursMax: fromFact("eventbridge.retry", "hours"),
  retriesMax: fromFact("eventbridge.retry", "attempts"),
  retryUsFirst: assumption(
    1_000_000,
    "us",
    "longest first wait before a delivery is tried again; doubles. AWS says exponential with jitter, no figures",
  ),
  retryUsMost: assumption(
    623_000_000,
    "us",
    "longest wait between tries: waits are drawn between half of it and all of it, so that 185 of them take the 24 hours",
  ),
  archiveDelayUsP50: assumption(
    10_000_000,
    "us",
    "until an event is in an archive; AWS says that there may be a delay, and no more",
  ),
  archiveDelayMinutes: fromFact("eventbridge.archive.delay-min"),
  replayPerSecond: fromFact("eventbridge.putevents-tps", "us-east-1"),
  archivedMax: assumption(
    10_000_000,
    "events",
    "bound of the simulation on what a run's archives hold; the service has none",
  ),
  deadLetterRetentionSeconds: fromFact("sqs.retention-s", "default"),
  redrivePerSecond: assumption(
    100,
    "events/s",
    "what a program of one's own sends again out of the dead-letter queue of a bus, ten messages a read: move tasks take none of it (sqs.redrive.sources)",
  ),
  putUsP50: assumption(
    8_000,
    "us",
    "a put that several zones have taken, as for Kinesis; AWS publishes none",
  ),
  putUsP95: assumption(25_000, "us", "as above"),
  deliveriesMax: assumption(
    500_000,
    "deliveries",
    "bound of the simulation on what waits to be delivered; the service has none",
  ),
  hostEvictionUs: assumption(
    5_000_000,
    "us",
    "until the service's own routing leaves out a silent zone and delivers again what its hosts had under way; AWS publishes none",
  ),
} satisfies Parameters;

/** Numbers that an event bus works with. */
export function eventBridgeParameters(spec: EventBridgeSpec): typeof defaults {
  return resolveParameters(spec.id, defaults, spec.parameters);
}

export type EventBridgeParameters = typeof defaults;
