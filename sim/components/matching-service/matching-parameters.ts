import { assumption, type Parameters, type valuesOf } from "../../facts/parameter.ts";
import { taskFleetDefaults } from "../ecs-fargate/task-fleet-parameters.ts";
import { reopeningDefaults } from "./market-reopening.ts";

/** Numbers that a matching service works with. */
export const matchingDefaults = {
  ...taskFleetDefaults,
  ...reopeningDefaults,
  commandUs: assumption(
    400,
    "us",
    "an interpreted service (the strategy says Node or Python) decodes, matches and encodes one command",
  ),
  replayCommandsPerSecond: assumption(
    1_000_000,
    "commands/s",
    "measured for this engine: 1.5 to 1.8 million records/s checked, decoded and executed against 100,000 live orders (npm run bench:engine, replay of the journal, a shared core); a third less for a vCPU, which is half a core",
  ),
  snapshotPauseUsPerMb: assumption(
    5_000,
    "us/MB",
    "matching pauses while the books are copied in memory, about 200 MB/s",
  ),
  appendBatchMax: assumption(
    500,
    "records",
    "group commit: what has gathered while the previous write was under way",
  ),
  persistBatchMax: assumption(100, "rows", "rows of one multi-row insert"),
  publishBatchMax: assumption(500, "records", "most records of one PutRecords call"),
  outboxMax: assumption(
    200_000,
    "commands",
    "commands the service may be ahead of the database before it stops taking more",
  ),
  leaseRenewSeconds: assumption(3, "s", "a third of the lease, so that two renewals may fail"),
  snapshotCopyUsP50: assumption(
    15_000_000,
    "us",
    "a snapshot reaches the other region's bucket; most objects copy in seconds (s3.rtc), the bound is 15 minutes",
  ),
  snapshotCopyUsP95: assumption(60_000_000, "us", "as above"),
  retryMs: assumption(
    200,
    "ms",
    "pause before a failed call of the service's own loops is made again",
  ),
} satisfies Parameters;

export type MatchingValues = ReturnType<typeof valuesOf<typeof matchingDefaults>>;

/** Requests that the engine remembers to drop repetitions: more than the queue's de-duplication window can hold. */
export const requestsMax = 131_072;
