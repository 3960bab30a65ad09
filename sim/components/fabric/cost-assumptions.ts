import { TwinError } from "../../errors/twin-error.ts";
import { assumption, fromFact, overridden, type Parameters } from "../../facts/parameter.ts";

/**
 * What a bill rests on besides prices and what the simulation counts: how large messages are, how long data is kept, how
 * much is logged. The strategy says nothing of these; all can be replaced (`--assume NAME=VALUE`).
 */
export const costAssumptions = {
  requestBytes: assumption(
    1_200,
    "bytes",
    "a JSON body of 300 bytes with headers and a bearer token",
  ),
  commandAnswerBytes: assumption(700, "bytes", "an order's acknowledgement with its headers"),
  bookAnswerBytes: assumption(4_000, "bytes", "twenty price levels a side as JSON, with headers"),
  statusAnswerBytes: assumption(1_000, "bytes", "an order with its fills, with headers"),
  logInAnswerBytes: assumption(1_500, "bytes", "a session with its token, with headers"),
  queueMessageBytes: assumption(500, "bytes", "an order as JSON, with the attributes of a message"),
  cacheValueBytes: assumption(600, "bytes", "a risk record, or the compact form of a book"),
  databaseRowBytes: assumption(600, "bytes", "an order or a trade with its part of two indexes"),
  redoBytesPerRow: assumption(1_000, "bytes", "a row, its index entries and their headers as redo"),
  ioBytes: assumption(4_096, "bytes", "redo is written, and billed, in units of 4 KB"),
  statementBytes: assumption(500, "bytes", "a prepared statement and its answer of a row"),
  recordBytes: assumption(500, "bytes", "a trade or a book update as JSON"),
  journalRecordBytes: assumption(120, "bytes", "a command as the journal writes it"),
  journalVolumeGb: assumption(100, "GB", "a volume of each copy, however little of it is used"),
  connectionsPerRequest: assumption(
    0.01,
    "connections",
    "the API front end keeps its connections to the balancer for a hundred requests",
  ),
  databaseBaseGb: assumption(50, "GB", "users, instruments, reference data"),
  databaseKeptDays: assumption(
    90,
    "days",
    "rows stay until the archive has them for certain; the strategy moves history after 90 days",
  ),
  backupKeptDays: assumption(7, "days", "retention of the database's continuous backup"),
  archiveKeptDays: assumption(
    365,
    "days",
    "a year of history is kept; the bill is that of the steady state, in which as much is dropped as comes",
  ),
  snapshotKeptDays: assumption(7, "days", "snapshots of the books, with which nobody trades later"),
  sessionTableGb: assumption(1, "GB", "sessions and leases of a few hundred thousand users"),
  logBytesPerRequest: assumption(
    600,
    "bytes",
    "an access-log line and a line of the service; debug logs would be ten times as much",
  ),
  logKeptMonths: assumption(1, "months", "retention of the log groups"),
  customMetricCount: assumption(50, "metrics", "business metrics of the platform's own"),
  dashboardCount: assumption(3, "dashboards", "one each for trading, platform and cost"),
  healthCheckFeatures: assumption(1, "features", "HTTPS; a fast interval is counted apart"),
  tracedShare: {
    ...fromFact("xray.sampling.default", 1),
    unit: "% of requests, beside the first of each second",
  },
  wafRuleCount: assumption(3, "rules", "the managed core set, known bad inputs, and a rate rule"),
  endpointCount: assumption(
    4,
    "endpoints",
    "queue, stream, logs and container registry; S3 and DynamoDB have free gateway endpoints",
  ),
  provisionedUse: assumption(
    0.7,
    "share",
    "target of DynamoDB's own scaling; what is provisioned above the mean is paid for as well",
  ),
} satisfies Parameters;

export type CostAssumptionName = keyof typeof costAssumptions;

/** The bare numbers. */
export type CostAssumptionValues = { readonly [Name in CostAssumptionName]: number };

/** The assumptions with the user's numbers in place of ours; a name that there isn't is a mistake. */
export function resolveCostAssumptions(overrides: Readonly<Record<string, number>>): Parameters {
  const resolved: Record<string, Parameters[string]> = { ...costAssumptions };
  for (const [name, value] of Object.entries(overrides)) {
    const ours = (costAssumptions as Parameters)[name];
    if (ours === undefined) {
      throw new TwinError({
        code: "cost.assumption-unknown",
        problem: `No assumption of the bill is called "${name}"`,
        remedy: `Use one of ${Object.keys(costAssumptions).join(", ")}`,
        at: name,
      });
    }
    resolved[name] = overridden(ours, value, "set for this bill");
  }
  return resolved;
}
