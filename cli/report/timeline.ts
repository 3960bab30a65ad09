/** What happened, in the order in which it happened, with repetition folded and noise left out. */
import type { RecordingHead } from "../../sim/twin/recording/recording-types.ts";
import type { EventRecord } from "../../sim/twin/results-types.ts";

/** One line of the timeline: an event, or several alike. */
export interface TimelineRow {
  /** Microseconds since the run began; of the first, when there are several. */
  readonly atUs: number;
  readonly lastUs: number;
  readonly count: number;
  readonly stage: EventRecord["stage"];
  /** What happened, in words. */
  readonly what: string;
  readonly place: string;
  /** Of the first; -1 for what the results say and no event does. */
  readonly seq: number;
}

export interface Timeline {
  /** Instant of the first fault; 0 when there was none. */
  readonly originUs: number;
  readonly rows: readonly TimelineRow[];
  /** Events before the first fault, which are not shown. */
  readonly earlierCount: number;
  /** Events after it that had to be left out. */
  readonly hiddenCount: number;
}

/** Alike events this near to each other are one line. */
const foldedWithinUs = 30_000_000;

export function timelineOf(head: RecordingHead, rowsMax: number): Timeline {
  const originUs = head.events.find((event) => event.stage === "fault")?.atUs ?? 0;
  const shown = head.events.filter((event) => event.atUs >= originUs);
  const rows = [...fold(shown), ...serviceRows(head)].sort(
    (a, b) => a.atUs - b.atUs || orderOf(a) - orderOf(b),
  );
  const kept = keepTelling(rows, head, rowsMax);
  const countOf = (list: readonly TimelineRow[]) =>
    list.reduce((sum, row) => sum + (row.seq < 0 ? 0 : row.count), 0);
  return {
    originUs,
    rows: kept,
    earlierCount: head.events.length - shown.length,
    hiddenCount: countOf(rows) - countOf(kept),
  };
}

function fold(events: readonly EventRecord[]): readonly TimelineRow[] {
  const rows: TimelineRow[] = [];
  const rowOf = new Map<string, number>();
  for (const event of events) {
    const key = [event.kind, event.component, event.zone].join("\n");
    const at = rowOf.get(key);
    const row = at === undefined ? undefined : rows[at];
    if (at !== undefined && row !== undefined && event.atUs - row.lastUs <= foldedWithinUs) {
      const place = event.place === row.place ? row.place : commonPlace(event);
      rows[at] = { ...row, lastUs: event.atUs, count: row.count + 1, place };
      continue;
    }
    rowOf.set(key, rows.length);
    rows.push({
      atUs: event.atUs,
      lastUs: event.atUs,
      count: 1,
      stage: event.stage,
      what: wordsOf(event.kind),
      place: event.place,
      seq: event.seq,
    });
  }
  return rows;
}

/** Where several alike events happened: what they have in common. */
function commonPlace({ component, zone }: EventRecord): string {
  if (component === "") return zone;
  return zone === "" ? component : `${component} in ${zone}`;
}

/** `ecs.task-lost` is `task lost`: its place already names the service. */
function wordsOf(kind: string): string {
  return kind.slice(kind.indexOf(".") + 1).replaceAll("-", " ");
}

/** Outages are judged after the run, so no event tells of them. */
function serviceRows(head: RecordingHead): readonly TimelineRow[] {
  return head.results.functions.flatMap((result) =>
    result.outages.flatMap((outage): readonly TimelineRow[] => {
      const began = serviceRow(outage.beganUs, "detect", "OUT OF SERVICE", outage.function);
      if (outage.censored) return [began];
      const back = `back in service after ${outage.seconds.toFixed(1)} s`;
      return [began, serviceRow(outage.endedUs, "recover", back, outage.function)];
    }),
  );
}

function serviceRow(
  atUs: number,
  stage: EventRecord["stage"],
  what: string,
  place: string,
): TimelineRow {
  return { atUs, lastUs: atUs, count: 1, stage, what, place, seq: -1 };
}

/** What the results say of an instant comes after what happened at it. */
function orderOf({ seq }: TimelineRow): number {
  return seq < 0 ? Number.MAX_SAFE_INTEGER : seq;
}

/** With too many rows, those on the way from fault to recovery stay, then the earliest of the others. */
function keepTelling(
  rows: readonly TimelineRow[],
  head: RecordingHead,
  rowsMax: number,
): readonly TimelineRow[] {
  if (rows.length <= rowsMax) return rows;
  const telling = new Set(
    head.results.functions.flatMap(({ outages }) => outages.flatMap(({ chain }) => chain)),
  );
  const weight = (row: TimelineRow) => {
    if (row.seq < 0 || telling.has(row.seq) || row.what.startsWith("power")) return 0;
    return row.stage === "info" ? 2 : 1;
  };
  const kept = new Set([...rows].sort((a, b) => weight(a) - weight(b)).slice(0, rowsMax));
  return rows.filter((row) => kept.has(row));
}
