import { assumption, fromFact, usFromFact } from "../../facts/parameter.ts";
import { resolveParameters } from "../fabric/parameters.ts";
import type { LambdaSpec } from "./lambda-spec.ts";

/** Numbers that the functions of a region work with. */
export function lambdaParameters(spec: LambdaSpec) {
  const defaults = {
    concurrencyMax: fromFact("lambda.concurrency.account-default"),
    scalingEnvironments: fromFact("lambda.scaling.per-function", 0),
    scalingWindowSeconds: fromFact("lambda.scaling.per-function", 1),
    coldStartMsLow: fromFact("lambda.cold-start", 1),
    coldStartMsHigh: fromFact("lambda.cold-start", 2),
    pollUs: usFromFact("kinesis.poll-default-s"),
    idleExpiryUs: assumption(
      600_000_000,
      "us",
      "an environment that is not used is kept for some minutes; AWS publishes none",
    ),
    retryUsFirst: assumption(
      1_000_000,
      "us",
      "first wait before a failed batch is tried again; doubles",
    ),
    retryUsMost: assumption(60_000_000, "us", "longest wait before a failed batch is tried again"),
    zoneEvictionUs: assumption(
      5_000_000,
      "us",
      "until the service places nothing in a silent zone any more; AWS publishes none",
    ),
    queuePollersMin: assumption(
      5,
      "receives",
      "kept open for a queue without messages, as for standard queues (lambda.sqs.fifo-concurrency)",
    ),
    queuePollersPerSecond: assumption(
      5,
      "receives/s",
      "how fast more are opened: 300 a minute, described for standard queues (lambda.sqs.fifo-concurrency)",
    ),
    invokeUs: assumption(
      5_000,
      "us",
      "until the service has an event in its own queue and answers (202); AWS publishes none",
    ),
    environmentsMax: assumption(128, "environments", "bound of the simulation"),
  };
  return resolveParameters(spec.id, defaults, spec.parameters);
}

export type LambdaParameters = ReturnType<typeof lambdaParameters>;
