/** Access logs of application load balancers, a line a request; read as a stream, so that size does not matter. */
import { TwinError } from "../../sim/errors/twin-error.ts";
import { readLines } from "../files/read-text.ts";
import type { Finding } from "../fit-report.ts";
import { PeriodCounts } from "../series/period-counts.ts";
import { futureDated, futureLimitMs } from "../tables/future.ts";

export interface AccessLogEntry {
  readonly type: string;
  /** Response sent; for WebSocket the end of the connection. */
  readonly endMs: number;
  /** Request received; by the creation time where the line has one. */
  readonly startMs: number;
  /** `app/orders/0123456789abcdef`. */
  readonly balancer: string;
  readonly target: string;
  /** Seconds in three parts; -1 where the request never got that far (or the line has no time). */
  readonly requestSeconds: number;
  readonly targetSeconds: number;
  readonly responseSeconds: number;
  readonly status: number;
  readonly method: string;
  readonly url: string;
}

const types = /^(http|https|h2|grpcs|ws|wss)$/;
const linePattern =
  /^(http|https|h2|grpcs|ws|wss) \d{4}-\d\d-\d\dT\S+ \S+ \S+ \S+ (?:-?[\d.]+ |- ){3}/;

export function isAccessLog(lines: readonly string[]): boolean {
  return (
    lines.length > 0 && lines.filter((line) => linePattern.test(line)).length * 2 > lines.length
  );
}

/** Position of the creation time among the fields, from 0. */
const creationField = 21;

/** One line, or undefined when it is none. Fields past the ones used may be missing or more than documented. */
function parseAccessLine(line: string): AccessLogEntry | undefined {
  const fields = fieldsOf(line);
  const type = fields[0] ?? "";
  if (!types.test(type) || fields.length < 12) return undefined;
  const endMs = Date.parse(fields[1]!);
  const [requestSeconds, targetSeconds, responseSeconds] = [fields[5], fields[6], fields[7]].map(
    (each) => (each === "-" ? -1 : Number(each)),
  ) as [number, number, number];
  if (Number.isNaN(endMs) || Number.isNaN(requestSeconds + targetSeconds + responseSeconds))
    return undefined;
  const created = Date.parse(fields[creationField] ?? "");
  const taken =
    requestSeconds < 0
      ? 0
      : requestSeconds + Math.max(0, targetSeconds) + Math.max(0, responseSeconds);
  const [method = "", url = ""] = (fields[12] ?? "").split(" ");
  return {
    type,
    endMs,
    startMs: Number.isNaN(created) ? endMs - taken * 1000 : created,
    balancer: fields[2]!,
    target: fields[4]!,
    requestSeconds,
    targetSeconds,
    responseSeconds,
    status: Number(fields[8]),
    method,
    url,
  };
}

/** Fields parted by blanks; quoted ones may hold blanks, and escape a quote as \x22. */
function fieldsOf(line: string): readonly string[] {
  const fields: string[] = [];
  let at = 0;
  // The fields after the creation time are not needed.
  while (at < line.length && fields.length <= creationField) {
    if (line[at] === '"') {
      const end = line.indexOf('"', at + 1);
      if (end < 0) break;
      fields.push(line.slice(at + 1, end));
      at = end + 2;
    } else {
      const end = line.indexOf(" ", at);
      fields.push(end < 0 ? line.slice(at) : line.slice(at, end));
      at = end < 0 ? line.length : end + 1;
    }
  }
  return fields;
}

/** Every entry of a log. Lines that are none are counted in `damaged`, with the number of the first. */
export async function* readAccessLog(
  file: string,
  damaged: { count: number; firstLine: number },
): AsyncGenerator<readonly AccessLogEntry[]> {
  let line = 0;
  const limit = futureLimitMs();
  for await (const batch of readLines(file)) {
    const entries: AccessLogEntry[] = [];
    for (const text of batch) {
      line += 1;
      if (text === "") continue;
      const entry = parseAccessLine(text);
      if (entry !== undefined && entry.startMs > limit)
        throw futureDated(1, 1, entry.startMs, `${file}:${line}`);
      if (entry !== undefined) entries.push(entry);
      else {
        if (damaged.count === 0) damaged.firstLine = line;
        damaged.count += 1;
      }
    }
    yield entries;
  }
}

/** Arrivals by period. Lines come in any order, so counts are kept by period and laid out at the end. */
export async function readAccessLogCounts(
  file: string,
  periodSeconds: number,
  findings: Finding[],
) {
  const counts = new PeriodCounts(periodSeconds);
  const damaged = { count: 0, firstLine: 0 };
  for await (const entries of readAccessLog(file, damaged)) {
    for (const { startMs } of entries) counts.add(startMs);
  }
  noteDamage(damaged, file, findings);
  if (counts.isEmpty) throw noRequests(file);
  return counts.laidOut();
}

export function noRequests(file: string): TwinError {
  return new TwinError({
    code: "access-log.no-requests",
    problem: "No line of the log is a request",
    remedy: "Give the access log of an application load balancer as S3 has it, plain or gzip",
    at: file,
  });
}

export function noteDamage(
  damaged: { count: number; firstLine: number },
  file: string,
  findings: Finding[],
): void {
  if (damaged.count === 0) return;
  findings.push({
    severity: "rejected",
    what: `${damaged.count} lines are no requests of an access log`,
    at: `${file}:${damaged.firstLine}`,
  });
}
