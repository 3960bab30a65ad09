/** What each asynchronous copy of a store had not received: when its original went dark, at its worst, and in the end. */
import type { LogEntry } from "../../components/fabric/event-log.ts";
import type { CopyLack, CopyResult } from "../results-types.ts";
import type { ComponentSpec } from "../topology-types.ts";
import type { RecordedSpan } from "./judge-measure.ts";

/** How a kind of copy tells what it lacks. */
interface CopyKind {
  readonly original: string;
  readonly lacks: string;
  /** Channels of the copy whose sum is the age of the oldest thing that it lacks. */
  readonly ages?: readonly string[];
  /** Cumulative channel of the original that counts the same things: their age is read off it where the copy does not tell. */
  readonly counted?: string;
  /** Channel of the copy that counts what will never come. */
  readonly never?: string;
}

export interface CopyEvidence {
  readonly components: readonly ComponentSpec[];
  readonly recorded: RecordedSpan;
  readonly entries: readonly LogEntry[];
  /** Zones of a component, by number. */
  readonly zonesOf: (component: string) => readonly number[];
  /** Spans in which regions were cut off, microseconds. */
  readonly partitions: readonly { readonly zones: readonly number[]; readonly fromUs: number }[];
}

/** One for each copy, in the order of the platform's components. Figures are of the frame that follows an instant. */
export function copyResults(evidence: CopyEvidence): readonly CopyResult[] {
  const { components, recorded } = evidence;
  return components.flatMap((spec): readonly CopyResult[] => {
    const kind = kindOf(spec);
    if (kind === undefined) return [];
    const lacks = channelOf(recorded, spec.id, kind.lacks);
    if (lacks === undefined) return [];
    const at = lackAt(recorded, spec.id, kind);
    const frameCount = lacks.frames.length;
    const lostUs = originalLostUs(evidence, kind.original);
    const first = Math.min(frameCount - 1, Math.ceil(recorded.fromUs / recorded.frameStepUs));
    let worst = first;
    for (let frame = first; frame < frameCount; frame += 1) {
      if (lacks.frames[frame]! > lacks.frames[worst]!) worst = frame;
    }
    const never =
      kind.never === undefined
        ? undefined
        : channelOf(recorded, spec.id, kind.never)?.frames.at(-1);
    const frameAfter = (us: number) =>
      Math.min(frameCount - 1, Math.ceil(us / recorded.frameStepUs));
    return [
      {
        component: spec.id,
        of: kind.original,
        unit: lacks.unit,
        sourceLost: lostUs === undefined ? null : { ...at(frameAfter(lostUs)), atUs: lostUs },
        most: at(worst),
        atEnd: at(frameCount - 1),
        neverCount: never ?? 0,
      },
    ];
  });
}

function kindOf(spec: ComponentSpec): CopyKind | undefined {
  switch (spec.service) {
    case "aurora": {
      const original = spec.secondaryOf ?? spec.backupOf;
      return original === undefined
        ? undefined
        : { original, lacks: "commits not yet arrived", counted: "commits durable" };
    }
    case "journal":
      return spec.replicaOf === undefined
        ? undefined
        : { original: spec.replicaOf, lacks: "records not yet arrived", counted: "durable" };
    case "dynamodb":
      return spec.replicaOf === undefined
        ? undefined
        : { original: spec.replicaOf, lacks: "writes not yet arrived" };
    case "s3":
      return spec.replicaOf === undefined
        ? undefined
        : {
            original: spec.replicaOf,
            lacks: "objects not yet replicated",
            ages: ["age of the oldest not replicated"],
          };
    case "dms":
      return {
        original: spec.source,
        lacks: "changes not applied",
        ages: ["source latency", "target latency"],
        never: "changes missing",
      };
    default:
      return undefined;
  }
}

function channelOf({ channels }: RecordedSpan, component: string, name: string) {
  return channels.find((each) => each.component === component && each.name === name);
}

function lackAt(recorded: RecordedSpan, copy: string, kind: CopyKind): (frame: number) => CopyLack {
  const lacks = channelOf(recorded, copy, kind.lacks)!.frames;
  const ages = (kind.ages ?? []).flatMap((name) => channelOf(recorded, copy, name)?.frames ?? []);
  const counted =
    kind.counted === undefined
      ? undefined
      : channelOf(recorded, kind.original, kind.counted)?.frames;
  return (frame) => {
    const items = Math.max(0, lacks[frame]!);
    const atUs = frame * recorded.frameStepUs;
    if (items === 0) return { atUs, items, seconds: 0 };
    if (ages.length > 0) {
      return { atUs, items, seconds: ages.reduce((sum, each) => sum + each[frame]!, 0) };
    }
    if (counted === undefined) return { atUs, items, seconds: null };
    const since = firstBeyond(counted, counted[frame]! - items, frame);
    return { atUs, items, seconds: ((frame - since) * recorded.frameStepUs) / 1_000_000 };
  };
}

/** The first frame, up to one, in which a count is beyond a number: when the oldest thing that is lacking was there. */
function firstBeyond(counted: ArrayLike<number>, number: number, upTo: number): number {
  let low = 0;
  let high = upTo;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (counted[middle]! > number) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** When every zone of an original had lost power, or its region was cut off; undefined when that never was. */
function originalLostUs(
  { entries, zonesOf, partitions }: CopyEvidence,
  original: string,
): number | undefined {
  const zones = zonesOf(original);
  if (zones.length === 0) return undefined;
  const dark = new Set<number>();
  const power = entries.find(({ kind, zone }) => {
    if (kind === "zone.power-lost") dark.add(zone);
    if (kind === "zone.power-restored") dark.delete(zone);
    return kind === "zone.power-lost" && zones.every((each) => dark.has(each));
  });
  const cut = partitions.find((each) => zones.every((zone) => each.zones.includes(zone)));
  const instants = [power?.atUs, cut?.fromUs].filter((each) => each !== undefined);
  return instants.length === 0 ? undefined : Math.min(...instants);
}
