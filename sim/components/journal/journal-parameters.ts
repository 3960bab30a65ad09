import { assumption, fromFact, type Parameters } from "../../facts/parameter.ts";
import { replicaDefaults } from "./journal-replica.ts";

/** Numbers of a journal, those of its part as a copy among them. */
export const journalDefaults = {
  ...replicaDefaults,
  writeMsP50: fromFact("aurora.commit-latency", 0),
  writeMsP95: fromFact("aurora.commit-latency", 1),
  perRecordUs: assumption(
    2,
    "us",
    "a record is some hundred bytes; a batch is one sequential write",
  ),
  openMs: assumption(
    20,
    "ms",
    "a conditional write that raises the fencing epoch, and a read of the end of the log",
  ),
  readRecordsPerSecond: assumption(
    500_000,
    "records/s",
    "sequential read of about 60 MB/s in records of 120 bytes",
  ),
  resendsPerSecond: assumption(
    100,
    "requests/s",
    "reads for clients who lack execution reports share the log's store with the writer, so venues admit them at a rate",
  ),
  hostEvictionUs: assumption(
    3_000_000,
    "us",
    "time until writes leave out the copy in a silent zone",
  ),
} satisfies Parameters;
