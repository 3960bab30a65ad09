import type { EventRecord } from "../../results-types.ts";
import type { Recording } from "../recording-types.ts";

/**
 * A recording as a Chrome trace, which the Perfetto UI opens: a process for each zone (and one for what has none), a track
 * for each component in it, its states as slices, what waits as counters, what happened as instants joined by flows.
 */
export function recordingTrace(recording: Recording): string {
  const { head } = recording;
  const tracks = tracksOf(recording);
  const rows = [
    ...processRows(recording, tracks),
    ...tracks.flatMap((track) => sliceRows(recording, track)),
    ...counterRows(recording),
    ...eventRows(recording, tracks),
  ];
  const about = {
    scenario: head.scenario.id,
    seed: head.seed,
    version: head.programVersion,
    digest: head.digest,
  };
  return `{"displayTimeUnit":"ms","otherData":${JSON.stringify(about)},"traceEvents":[\n${rows
    .map((row) => JSON.stringify(row))
    .join(",\n")}\n]}\n`;
}

interface Track {
  readonly pid: number;
  readonly tid: number;
  readonly component: string;
  readonly zone: string;
  /** Channels of the instances that serve and that exist. */
  readonly up: number;
  readonly instances: number;
}

type Row = Readonly<Record<string, unknown>>;

/** Everything of the whole run is in the first process. */
const runPid = 1;

function tracksOf({ head }: Recording): readonly Track[] {
  const numbers = new Map(
    head.channels.map(({ component, name }, at) => [`${component} ${name}`, at]),
  );
  return head.components.flatMap(({ id }, at) =>
    head.zones.flatMap(({ id: zone }, zoneAt): Track[] => {
      const up = numbers.get(`${id} up@${zone}`);
      const instances = numbers.get(`${id} instances@${zone}`);
      if (up === undefined || instances === undefined) return [];
      return [{ pid: zoneAt + 2, tid: at + 1, component: id, zone, up, instances }];
    }),
  );
}

function processRows({ head }: Recording, tracks: readonly Track[]): readonly Row[] {
  const meta = (name: string, pid: number, tid: number, value: string): Row => ({
    ph: "M",
    name,
    pid,
    tid,
    ts: 0,
    args: { name: value },
  });
  const withTracks = new Set(tracks.map(({ pid }) => pid));
  return [
    meta("process_name", runPid, 0, "run"),
    meta("thread_name", runPid, 0, "faults and decisions"),
    // A component that has no instances still has its events.
    ...head.components.map(({ title }, at) => meta("thread_name", runPid, at + 1, title)),
    ...head.zones.flatMap(({ id }, at) =>
      withTracks.has(at + 2) ? [meta("process_name", at + 2, 0, id)] : [],
    ),
    ...tracks.map(({ pid, tid, component }) => {
      const title = head.components.find(({ id }) => id === component)?.title ?? component;
      return meta("thread_name", pid, tid, title);
    }),
  ];
}

function stateName(up: number, instances: number): string {
  if (instances === 0) return "none";
  if (up === 0) return "down";
  return up < instances ? `${up} of ${instances} up` : `${up} up`;
}

/** One slice for each span in which as many instances serve; the last one ends with the run. */
function sliceRows({ head, frames }: Recording, track: Track): readonly Row[] {
  const rows: Row[] = [];
  const stateAt = (frame: number) =>
    stateName(frames[track.up]![frame]!, frames[track.instances]![frame]!);
  let from = 0;
  for (let frame = 1; frame <= head.frameCount; frame += 1) {
    if (frame < head.frameCount && stateAt(frame) === stateAt(from)) continue;
    const ts = from * head.frameStepUs;
    const end = frame < head.frameCount ? frame * head.frameStepUs : head.durationUs;
    if (end > ts) {
      rows.push({
        ph: "X",
        name: stateAt(from),
        cat: "state",
        pid: track.pid,
        tid: track.tid,
        ts,
        dur: end - ts,
      });
    }
    from = frame;
  }
  return rows;
}

/** Levels that say how much waits or is in use, twice a second at most. */
function counterRows({ head, frames }: Recording): readonly Row[] {
  const step = Math.max(1, Math.round(500_000 / head.frameStepUs));
  return head.channels.flatMap((channel, at): Row[] => {
    if (
      channel.kind !== "level" ||
      channel.name.includes("@") ||
      channel.name.startsWith("book ")
    ) {
      return [];
    }
    const values = frames[at]!;
    const rows: Row[] = [];
    let before = Number.NaN;
    for (let frame = 0; frame < head.frameCount; frame += step) {
      const value = values[frame]!;
      if (value === before || !Number.isFinite(value)) continue;
      before = value;
      rows.push({
        ph: "C",
        name: channel.component === "" ? channel.name : `${channel.component} ${channel.name}`,
        pid: runPid,
        ts: frame * head.frameStepUs,
        args: { [channel.unit === "" ? "value" : channel.unit]: value },
      });
    }
    return rows;
  });
}

/** Events as instants on the track where they happened; an arrow leads from each cause to its effect. */
function eventRows({ head }: Recording, tracks: readonly Track[]): readonly Row[] {
  const bySeq = new Map(head.events.map((event) => [event.seq, event]));
  const place = (event: EventRecord) => {
    const track = tracks.find(
      ({ component, zone }) => component === event.component && zone === event.zone,
    );
    if (track !== undefined) return { pid: track.pid, tid: track.tid };
    return { pid: runPid, tid: head.components.findIndex(({ id }) => id === event.component) + 1 };
  };
  return head.events.flatMap((event): Row[] => {
    const instant: Row = {
      ph: "i",
      s: event.stage === "fault" && event.causeSeq < 0 ? "g" : "t",
      name: event.kind,
      cat: event.stage,
      ...place(event),
      ts: event.atUs,
      args: { seq: event.seq, place: event.place, value: event.value, cause: event.causeSeq },
    };
    const cause = bySeq.get(event.causeSeq);
    if (cause === undefined) return [instant];
    const flow = { name: "cause", cat: "cause", id: event.seq };
    return [
      instant,
      { ph: "s", ...flow, ...place(cause), ts: cause.atUs },
      { ph: "f", bp: "e", ...flow, ...place(event), ts: event.atUs },
    ];
  });
}
