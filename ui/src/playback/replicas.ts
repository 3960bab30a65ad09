/** Copies of stores in other regions: what they copy, and how far behind they are at an instant. */
import type { EventRecord } from "../../../sim/twin/results-types.ts";
import { frameAt, type RecordingView, valueAt } from "./recording-view.ts";

/** A store that is a copy of another one. */
export interface ReplicaLink {
  readonly from: string;
  readonly to: string;
  /** Change capture that carries the changes from one to the other; the stores do it themselves when left out. */
  readonly by?: string;
}

export interface ReplicaPicture {
  /** `ahead` when it has been made the original itself. */
  readonly state: "following" | "stalled" | "ahead";
  /** Age of the newest thing that has arrived, while newer ones have not; undefined when the recording does not tell. */
  readonly lagSeconds: number | undefined;
  /** What the original has and the copy has not; undefined when the recording does not tell. */
  readonly missing: number | undefined;
}

/**
 * A lag from which on it is no longer the ordinary one. Assumption: ten times what such copies usually take, one second, and twice
 * what change capture takes.
 */
const stalledSeconds = 10;

const promotions: ReadonlySet<string> = new Set([
  "aurora.secondary-promoted",
  "journal.replica-promoted",
]);
const returns: ReadonlySet<string> = new Set([
  "aurora.secondary-rejoined",
  "journal.follows-again",
]);

export function replicaLinks({ head }: Pick<RecordingView, "head">): readonly ReplicaLink[] {
  const isThere = (component: string) => head.components.some(({ id }) => id === component);
  return head.components.flatMap(({ id, spec }): readonly ReplicaLink[] => {
    if (spec.service === "dms") {
      const to = head.edges.find((edge) => edge.from === id)?.to;
      return to !== undefined && isThere(spec.source) ? [{ from: spec.source, to, by: id }] : [];
    }
    const from = originalOf(spec);
    return from === undefined || !isThere(from) ? [] : [{ from, to: id }];
  });
}

function originalOf(spec: RecordingView["head"]["components"][number]["spec"]): string | undefined {
  switch (spec.service) {
    case "aurora":
      return spec.secondaryOf ?? spec.backupOf;
    case "dynamodb":
    case "journal":
      return spec.replicaOf;
    default:
      return undefined;
  }
}

/** What a copy knows that it has not got yet. */
const waitingChannels = [
  "commits not yet arrived",
  "records not yet arrived",
  "writes not yet arrived",
];

export function replicaAt(view: RecordingView, link: ReplicaLink, atUs: number): ReplicaPicture {
  if (link.by !== undefined) return capturedAt(view, link.by, frameAt(view, atUs));
  if (isOriginalAt(view, link.to, atUs)) {
    return { state: "ahead", lagSeconds: undefined, missing: undefined };
  }
  const frame = frameAt(view, atUs);
  const from = view.byId.get(link.from)?.channels;
  const to = view.byId.get(link.to)?.channels;
  const original = from?.get("commits durable") ?? from?.get("durable");
  const waiting = waitingChannels.map((name) => to?.get(name)).find((at) => at !== undefined);
  const has = original === undefined ? 0 : valueAt(view, original, frame);
  const missing = waiting === undefined ? undefined : valueAt(view, waiting, frame);
  const lagSeconds =
    missing === undefined || original === undefined
      ? undefined
      : secondsSince(view, original, has - missing, frame);
  const state = lagSeconds !== undefined && lagSeconds >= stalledSeconds ? "stalled" : "following";
  return { state, lagSeconds, missing: missing === undefined ? undefined : Math.max(0, missing) };
}

/** A copy that change capture keeps is as old as both of its stages together, and lacks what has not been applied. */
function capturedAt(view: RecordingView, by: string, frame: number): ReplicaPicture {
  const channels = view.byId.get(by)?.channels;
  const figure = (name: string) => {
    const channel = channels?.get(name);
    return channel === undefined ? undefined : valueAt(view, channel, frame);
  };
  const [source, target] = [figure("source latency"), figure("target latency")];
  const lagSeconds = source === undefined || target === undefined ? undefined : source + target;
  const state = lagSeconds !== undefined && lagSeconds >= stalledSeconds ? "stalled" : "following";
  return { state, lagSeconds, missing: figure("changes not applied") };
}

/** Seconds since a count had no more than so much: the age of what came next. */
function secondsSince(view: RecordingView, channel: number, count: number, frame: number): number {
  let low = 0;
  let high = frame + 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (valueAt(view, channel, middle) <= count) low = middle + 1;
    else high = middle;
  }
  // `low` is the first frame with more; when there is none, nothing is missing.
  return low > frame ? 0 : ((frame - low + 1) * view.head.frameStepUs) / 1_000_000;
}

/** Promotions and returns of a log, found once: a log has many events and few of these. */
const turns = new WeakMap<readonly EventRecord[], readonly EventRecord[]>();

function turnsOf(events: readonly EventRecord[]): readonly EventRecord[] {
  const found =
    turns.get(events) ?? events.filter(({ kind }) => promotions.has(kind) || returns.has(kind));
  turns.set(events, found);
  return found;
}

function isOriginalAt(view: RecordingView, id: string, atUs: number): boolean {
  const own = turnsOf(view.events).findLast(
    (event) => event.component === id && event.atUs <= atUs,
  );
  return own !== undefined && promotions.has(own.kind);
}

/** The worst of several copies that are drawn as one. */
export function worstOf(pictures: readonly ReplicaPicture[]): ReplicaPicture | undefined {
  const copies = pictures.filter(({ state }) => state !== "ahead");
  if (copies.length === 0) return pictures[0];
  const told = (of: (each: ReplicaPicture) => number | undefined) =>
    copies.flatMap((each) => of(each) ?? []);
  const lags = told(({ lagSeconds }) => lagSeconds);
  const missing = told((each) => each.missing);
  return {
    state: copies.some(({ state }) => state === "stalled") ? "stalled" : "following",
    lagSeconds: lags.length === 0 ? undefined : Math.max(...lags),
    missing: missing.length === 0 ? undefined : missing.reduce((sum, each) => sum + each, 0),
  };
}
