/** What happened, in the order in which it happened, with repetition folded and noise left out. */
import { InstanceLives, placeWithLife } from "../../sim/twin/recording/instance-lives.ts";
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
  /** Sequence numbers of the events; none for what the results say and no event does. */
  readonly seqs: readonly number[];
}

export interface Timeline {
  /** Instant of the first fault; 0 when there was none. */
  readonly originUs: number;
  readonly rows: readonly TimelineRow[];
  /** Events before the first fault; they are shown only where the platform was not healthy then. */
  readonly earlierCount: number;
  /** Events after it that had to be left out. */
  readonly hiddenCount: number;
}

/** Alike events of one component this near to each other are one line. */
const foldedWithinUs = 30_000_000;

/** So are alike events of one zone that come as one: a zone that goes dark takes many with it. */
const foldedAcrossWithinUs = 1_000_000;

/** Components that a folded line names; the others are counted. */
const componentsNamedMax = 3;

export function timelineOf(head: RecordingHead, rowsMax: number): Timeline {
  const originUs = head.events.find((event) => event.stage === "fault")?.atUs ?? 0;
  const isWell = head.results.baseline.healthy;
  const lives = new InstanceLives();
  const shown = head.events
    .map((event) => ({ ...event, place: placeWithLife(event.place, lives.of(event)) }))
    .filter((event) => event.atUs >= originUs || !isWell);
  const rows = [...fold(shown), ...serviceRows(head), ...triggerRows(head, originUs)].sort(
    (a, b) => a.atUs - b.atUs || orderOf(a) - orderOf(b),
  );
  const kept = keepTelling(rows, head, rowsMax);
  const countOf = (list: readonly TimelineRow[]) =>
    list.reduce((sum, row) => sum + row.seqs.length, 0);
  return {
    originUs,
    rows: kept,
    earlierCount: head.events.length - shown.length,
    hiddenCount: countOf(rows) - countOf(kept),
  };
}

/** A row while events are still folded into it. */
interface OpenRow {
  readonly first: EventRecord;
  readonly seqs: number[];
  readonly components: Set<string>;
  lastUs: number;
  samePlace: boolean;
}

function fold(events: readonly EventRecord[]): readonly TimelineRow[] {
  const rows: OpenRow[] = [];
  const rowOf = new Map<string, OpenRow>();
  for (const event of events) {
    const acrossKey = [event.kind, event.zone].join("\n");
    const key = [acrossKey, event.component].join("\n");
    const row =
      near(rowOf.get(acrossKey), event, foldedAcrossWithinUs) ??
      near(rowOf.get(key), event, foldedWithinUs);
    const open = row ?? {
      first: event,
      seqs: [],
      components: new Set(),
      lastUs: 0,
      samePlace: true,
    };
    if (row === undefined) rows.push(open);
    open.lastUs = event.atUs;
    open.seqs.push(event.seq);
    open.samePlace &&= event.place === open.first.place;
    open.components.add(event.component);
    if (event.zone !== "") rowOf.set(acrossKey, open);
    rowOf.set(key, open);
  }
  return rows.map(closed);
}

function near(row: OpenRow | undefined, event: EventRecord, withinUs: number): OpenRow | undefined {
  return row !== undefined && event.atUs - row.lastUs <= withinUs ? row : undefined;
}

function closed({ first, seqs, components, lastUs, samePlace }: OpenRow): TimelineRow {
  return {
    atUs: first.atUs,
    lastUs,
    count: seqs.length,
    stage: first.stage,
    ...told(first, samePlace ? first.place : commonPlace([...components], first)),
    seqs,
  };
}

/** The number of an instance in a place that is told to people. */
const instanceNumber = / #\d+(\.\d+)?/;

/** Where several alike events happened: what they have in common. */
function commonPlace(components: readonly string[], { place, zone }: EventRecord): string {
  if (components.length === 1) {
    const named = place.replace(instanceNumber, "");
    return zone === "" ? named.replace(/ in .*$/, "") : named;
  }
  const named = components.filter((component) => component !== "");
  const hiddenCount = named.length - componentsNamedMax;
  const names = named.slice(0, componentsNamedMax).join(", ");
  const rest = hiddenCount > 0 ? ` and ${hiddenCount} more` : "";
  if (names === "") return zone;
  return zone === "" ? `${names}${rest}` : `${names}${rest} in ${zone}`;
}

/** Faults of a place as a whole; any other fault is of something about it that the first word of its kind names. */
const placeIsStruck: readonly string[] = ["zone", "instance", "deployment", "fault"];

/**
 * What happened, and where. `ecs.task-lost` is `task lost`: its place already names the service. Where a fault stands in no place,
 * what it is about stands there: `observability: lost`. A runbook's step stands behind its runbook: `failback: halt carried out`.
 */
function told({ kind, stage }: EventRecord, place: string): { what: string; place: string } {
  const dot = kind.indexOf(".");
  const subject = kind.slice(0, dot).replaceAll("-", " ");
  const what = kind
    .slice(dot + 1)
    .replaceAll("-", " ")
    .replace(".", ": ")
    .replaceAll(".", " ");
  if (stage !== "fault" || placeIsStruck.includes(subject)) return { what, place };
  return place === "" ? { what, place: subject } : { what: `${subject} ${what}`, place };
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

/** The four stages of each alarm: its metric's breach, which nobody saw, and what the platform and people made of it. */
function triggerRows(head: RecordingHead, originUs: number): readonly TimelineRow[] {
  return (head.results.triggers ?? []).flatMap((trigger): readonly TimelineRow[] => {
    const place = `trigger ${trigger.id}`;
    const bound = `${trigger.metric} ${trigger.comparison} ${trigger.threshold}`;
    const stages = [
      { stage: "detect", what: `BREACHED (${bound})`, atUs: trigger.breachedUs },
      { stage: "detect", what: "ALARMED", atUs: trigger.alarmed?.atUs },
      { stage: "act", what: "ACTED ON", atUs: trigger.acted?.atUs },
      { stage: "recover", what: "EFFECTIVE", atUs: trigger.effective?.atUs },
    ] as const;
    return stages.flatMap(({ stage, what, atUs }) =>
      atUs === undefined || atUs < originUs ? [] : [serviceRow(atUs, stage, what, place)],
    );
  });
}

function serviceRow(
  atUs: number,
  stage: EventRecord["stage"],
  what: string,
  place: string,
): TimelineRow {
  return { atUs, lastUs: atUs, count: 1, stage, what, place, seqs: [] };
}

/** What the results say of an instant comes after what happened at it. */
function orderOf({ seqs }: TimelineRow): number {
  return seqs[0] ?? Number.MAX_SAFE_INTEGER;
}

/** What engineers look for first beside the decisive chain: somebody took over, or came back empty. */
const failover = /promoted|chosen|endpoint updated|created empty|replacement|impossible/;

/** And what people did, and how the market came back. */
const ledByPeople = /carried.out|done.wrongly|effective|^market /;

/**
 * With too many rows, all stay that the results tell of or that are on the way from fault to recovery; of the others what people
 * did, then the earliest.
 */
function keepTelling(
  rows: readonly TimelineRow[],
  head: RecordingHead,
  rowsMax: number,
): readonly TimelineRow[] {
  if (rows.length <= rowsMax) return rows;
  const telling = new Set(
    head.results.functions.flatMap(({ outages }) => outages.flatMap(({ chain }) => chain)),
  );
  const roots = new Set(
    head.events
      .filter(({ stage, causeSeq }) => stage === "fault" && causeSeq < 0)
      .map(({ seq }) => seq),
  );
  const weight = (row: TimelineRow) => {
    if (row.seqs.length === 0 || row.seqs.some((seq) => roots.has(seq))) return 0;
    if (row.what.startsWith("power")) return 0;
    if (row.seqs.some((seq) => telling.has(seq)) || failover.test(row.what)) return 1;
    if (ledByPeople.test(row.what)) return 2;
    return row.stage === "info" ? 4 : 3;
  };
  const decisive = rows.filter((row) => weight(row) <= 1).length;
  const sorted = [...rows].sort((a, b) => weight(a) - weight(b));
  const kept = new Set(sorted.slice(0, Math.max(rowsMax, decisive)));
  return rows.filter((row) => kept.has(row));
}
