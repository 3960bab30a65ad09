import { assumption, type Parameters, usFromFact } from "../../facts/parameter.ts";

export const dmsDefaults = {
  captureEveryUs: assumption(
    100_000,
    "us",
    "how often the log is asked for more; a tenth of the second by which applying is grouped",
  ),
  decodeUs: assumption(
    300_000,
    "us",
    "from a commit to the change in the instance's memory when nothing waits; with the grouping the sum is within dms.cdc.latency-s",
  ),
  changesPerSecond: assumption(
    10_000,
    "rows/s",
    "that one task decodes on a dms.c5.large; AWS publishes none and advises to measure",
  ),
  commitTimeoutUs: usFromFact("dms.cdc.commit-timeout-s"),
  batchUsMin: usFromFact("dms.cdc.batch-apply-s", "min"),
  batchUsMax: usFromFact("dms.cdc.batch-apply-s", "max"),
  rowsPerCallMax: assumption(
    1000,
    "rows",
    "of one call to the target; the default of CommitRate in full load, AWS names none for changes",
  ),
  batchRows: assumption(10_000, "rows", "for which a batch need not wait for its longest time"),
  applyRetryUs: assumption(1_000_000, "us", "before a call that failed is made again"),
  walSenderTimeoutUs: usFromFact("dms.wal-sender-timeout", "min"),
  takeOverUsLow: assumption(
    60_000_000,
    "us",
    "until a standby runs the task: dms.multi-az assumes 1 to 2 minutes",
  ),
  takeOverUsHigh: assumption(120_000_000, "us", "as above"),
  bootUsLow: assumption(
    60_000_000,
    "us",
    "an instance and its task, once its host is there; as a database's host",
  ),
  bootUsHigh: assumption(180_000_000, "us", "as above"),
  lookEveryUs: assumption(5_000_000, "us", "how often the service looks after its instances"),
} satisfies Parameters;

export type DmsValues = { readonly [Name in keyof typeof dmsDefaults]: number };
