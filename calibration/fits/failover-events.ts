/** Failovers out of what RDS tells of them: DescribeEvents, as the AWS command line prints it. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import { readWholeText } from "../files/read-text.ts";
import type { Finding } from "../fit-report.ts";
import { isRecord, jsonDocuments, listOf, requireTime, textOf } from "../importers/imported.ts";

interface FailoverEvent {
  readonly source: string;
  readonly atMs: number;
  readonly step: "started" | "completed";
}

/** Seconds from the start of each failover to its completion, by cluster. Throws `fit.failover-no-events`. */
export async function eventDurations(
  file: string,
  findings: Finding[],
): Promise<readonly number[]> {
  const documents = jsonDocuments(await readWholeText(file), file);
  const events = documents
    .filter(isRecord)
    .flatMap((document) => listOf(document["Events"]))
    .filter(isRecord)
    .flatMap((event, i) => failoverEvent(event, i, file))
    .sort((a, b) => a.atMs - b.atMs);
  const open = new Map<string, number>();
  const seconds: number[] = [];
  let unpaired = 0;
  for (const { source, atMs, step } of events) {
    const startedMs = open.get(source);
    if (step === "started") {
      if (startedMs !== undefined) unpaired += 1;
      open.set(source, atMs);
    } else if (startedMs === undefined) unpaired += 1;
    else {
      seconds.push((atMs - startedMs) / 1000);
      open.delete(source);
    }
  }
  unpaired += open.size;
  if (unpaired > 0)
    findings.push({
      severity: "rejected",
      what: `${unpaired} failovers of which only the start or the end is told`,
      at: file,
    });
  if (seconds.length > 0) return seconds;
  throw new TwinError({
    code: "fit.failover-no-events",
    problem: "No failover starts and completes among the events",
    remedy:
      "Export the events of the cluster: aws rds describe-events --source-type db-cluster, over a time with a failover",
    at: file,
  });
}

function failoverEvent(
  event: Record<string, unknown>,
  index: number,
  file: string,
): readonly FailoverEvent[] {
  const step = stepOf(textOf(event["Message"]));
  if (step === undefined) return [];
  const date = event["Date"];
  const atMs = requireTime(Date.parse(textOf(date)), date, file, ` /Events/${index}/Date`);
  return [{ source: textOf(event["SourceIdentifier"]), atMs, step }];
}

/** RDS-EVENT-0072 and 0073 start one, 0071 completes it; 0069 says that it failed, and ends none. */
function stepOf(message: string): FailoverEvent["step"] | undefined {
  if (/^started .*failover/i.test(message)) return "started";
  return /^completed failover/i.test(message) ? "completed" : undefined;
}
