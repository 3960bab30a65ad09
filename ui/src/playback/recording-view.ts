/**
 * A recording prepared for drawing: its channels by name, its calls by pair of components, its log by time. Nothing in
 * it changes while a finished recording plays; a live one grows by `availableUs`.
 */
import type { EventRecord, Outage } from "../../../sim/twin/results-types.ts";
import { liveOutages } from "./live-outages.ts";
import type { Frames, PartialHead } from "./partial-head.ts";
import { readableEvents } from "./readable-events.ts";

/** What is recorded of one component in one zone; channel numbers, -1 when absent. */
export interface CellChannels {
  readonly zone: string;
  readonly up: number;
  readonly instances: number;
  readonly inside: number;
  readonly arrived: number;
}

export interface ComponentView {
  readonly id: string;
  readonly service: string;
  readonly title: string;
  readonly cells: readonly CellChannels[];
  /** Channel numbers by name. */
  readonly channels: ReadonlyMap<string, number>;
}

/** All calls from one component to another, in the direction in which orders move. */
export interface PairView {
  readonly from: string;
  readonly to: string;
  readonly channels: readonly number[];
}

/** Id of the node that stands for all clients. */
export const clientsId = "clients";

export interface RecordingView {
  readonly head: PartialHead;
  readonly frames: Frames;
  readonly components: readonly ComponentView[];
  readonly byId: ReadonlyMap<string, ComponentView>;
  readonly pairs: readonly PairView[];
  /** Channels of the whole run by name. */
  readonly runChannels: ReadonlyMap<string, number>;
  /** As people read them; `head.events` are those of the file. */
  readonly events: readonly EventRecord[];
  readonly outages: readonly Outage[];
  /** Latest instant that can be shown. */
  readonly availableUs: number;
  readonly isLive: boolean;
}

export function createRecordingView(
  head: PartialHead,
  frames: Frames,
  availableUs = (head.frameCount - 1) * head.frameStepUs,
  isLive = false,
): RecordingView {
  const channelsOf = new Map<string, Map<string, number>>();
  head.channels.forEach(({ component, name }, at) => {
    const known = channelsOf.get(component) ?? new Map<string, number>();
    if (!known.has(name)) known.set(name, at);
    channelsOf.set(component, known);
  });
  const components = head.components.map(({ id, service, title }): ComponentView => {
    const channels = channelsOf.get(id) ?? new Map<string, number>();
    const cells = head.zones.flatMap(({ id: zone }) => {
      const of = (name: string) => channels.get(`${name}@${zone}`) ?? -1;
      return of("up") < 0
        ? []
        : [
            {
              zone,
              up: of("up"),
              instances: of("instances"),
              inside: of("inside"),
              arrived: of("arrived"),
            },
          ];
    });
    return { id, service, title: titleOf(title, id, service), cells, channels };
  });
  const byId = new Map(components.map((component) => [component.id, component]));
  return {
    head,
    frames,
    components,
    byId,
    pairs: pairsOf(head, channelsOf),
    runChannels: channelsOf.get("") ?? new Map(),
    events: readableEvents(head.events, byId, head.scenario.faults),
    outages:
      head.results?.functions.flatMap(({ outages }) => outages) ??
      liveOutages(head, frames, availableUs),
    availableUs,
    isLive,
  };
}

/** The same live run, further on. */
export function grownView(
  view: RecordingView,
  events: readonly EventRecord[],
  availableUs: number,
): RecordingView {
  const head = { ...view.head, events };
  const outages = liveOutages(head, view.frames, availableUs);
  const { faults } = head.scenario;
  const readable = readableEvents(events, view.byId, faults);
  return { ...view, head, events: readable, outages, availableUs };
}

const serviceTitles: Readonly<Record<string, string>> = {
  route53: "Route 53",
  cloudfront: "CloudFront",
  waf: "WAF",
  "api-gateway": "API Gateway",
  "load-balancer": "Load balancer",
};

/** A component that has no title of its own is called what its service is called; `balancer 2` is a copy of one. */
export function titleOf(title: string, id: string, service: string): string {
  const own = serviceTitles[service];
  if (title === id) return own ?? id;
  const [, number] = /-(\d+)$/.exec(id) ?? [];
  const isCopy = number !== undefined && title === `${id.slice(0, -number.length - 1)} ${number}`;
  return isCopy && own !== undefined ? `${own} ${number}` : title;
}

/** Calls that fetch what has come in: orders move towards the caller. */
const fetching = /\.receive\//;

function pairsOf(
  head: PartialHead,
  channelsOf: ReadonlyMap<string, ReadonlyMap<string, number>>,
): readonly PairView[] {
  const pairs = new Map<string, { from: string; to: string; channels: number[] }>();
  const add = (from: string, to: string, channel: number) => {
    if (from === to || channel < 0) return;
    const key = `${from}>${to}`;
    const pair = pairs.get(key) ?? { from, to, channels: [] };
    if (!pair.channels.includes(channel)) pair.channels.push(channel);
    pairs.set(key, pair);
  };
  for (const edge of head.edges) {
    const from = edge.from === "" ? clientsId : edge.from;
    const received = channelsOf.get(edge.to)?.get("received");
    // A receive takes up to ten messages, so the queue's own count is the number of orders.
    if (fetching.test(edge.path) && received !== undefined) add(edge.to, from, received);
    else add(from, edge.to, edge.channel);
  }
  for (const { spec } of head.components) {
    if (spec.service !== "lambda") continue;
    const finished = channelsOf.get(spec.id)?.get("records finished") ?? -1;
    for (const each of spec.functions) {
      if (each.source !== undefined) add(each.source, spec.id, finished);
    }
  }
  return [...pairs.values()];
}

/** Index of the frame that is shown at an instant: the latest one not after it. */
export function frameAt(view: RecordingView, atUs: number): number {
  return Math.max(0, Math.min(lastFrame(view), Math.floor(atUs / view.head.frameStepUs)));
}

/** Index of the latest frame that is there. */
export function lastFrame(view: RecordingView): number {
  return Math.floor(view.availableUs / view.head.frameStepUs);
}

export function valueAt(view: RecordingView, channel: number, frame: number): number {
  return view.frames[channel]?.[frame] ?? 0;
}

/** How much a count grew a second over the second of simulated time that ends with a frame. */
export function rateAt(view: RecordingView, channel: number, frame: number): number {
  const back = Math.max(1, Math.round(1_000_000 / view.head.frameStepUs));
  const from = Math.max(0, frame - back);
  if (from === frame) return 0;
  const seconds = ((frame - from) * view.head.frameStepUs) / 1_000_000;
  return (valueAt(view, channel, frame) - valueAt(view, channel, from)) / seconds;
}

/** Number of events at or before an instant. */
export function eventCountAt(events: readonly EventRecord[], atUs: number): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((events[middle]?.atUs ?? 0) <= atUs) low = middle + 1;
    else high = middle;
  }
  return low;
}
