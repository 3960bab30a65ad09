/** With one region in view: what each of its components copies to other regions or calls there, whose other end is not on the map. */
import { type RecordingView, rateAt } from "../playback/recording-view.ts";
import { type ReplicaLink, replicaLinks } from "../playback/replicas.ts";
import type { MapCard, MapLayout, MapNode } from "./layout.ts";
import type { Point } from "./routes.ts";

export interface FarLink {
  readonly key: string;
  /** `→ eu-west-1`, `← eu-west-1`. */
  readonly prefix: string;
  /** Copies of stores; empty for calls. */
  readonly links: readonly ReplicaLink[];
  /** Channels that count its calls; empty for copies. */
  readonly channels: readonly number[];
  /** Where its words begin. */
  readonly word: Point;
}

/** Above or below a card. */
const above = 4;
const below = 11;
/** From the edge of the card. */
const indent = 6;
const lineHeight = 11;

export function farLinks(layout: MapLayout, view: RecordingView): readonly FarLink[] {
  if (layout.level !== "region" || layout.density !== "full") return [];
  const nodeOf = new Map(layout.nodes.flatMap((node) => node.members.map((id) => [id, node])));
  const taken = new Map<string, number>();
  const found = new Map<string, FarLink & { links: ReplicaLink[]; channels: number[] }>();
  const add = (near: MapNode, far: MapNode, isOut: boolean, of: "copy" | "call") => {
    const card = layout.cards.find(({ node }) => node === near);
    if (card === undefined || near.region === "" || far.region === near.region) return undefined;
    if (far.region === "") return undefined;
    const key = `${near.id} ${isOut ? ">" : "<"} ${far.region} ${of}`;
    const known = found.get(key);
    if (known !== undefined) return known;
    const line = taken.get(card.key) ?? 0;
    // One under the other there is room for two.
    if (line > 1) return undefined;
    taken.set(card.key, line + 1);
    const made = {
      key,
      prefix: `${isOut ? "→" : "←"} ${far.region}`,
      links: [] as ReplicaLink[],
      channels: [] as number[],
      word: wordAt(layout, card, line),
    };
    found.set(key, made);
    return made;
  };
  for (const link of replicaLinks(view)) {
    const [from, to] = [nodeOf.get(link.from), nodeOf.get(link.to)];
    if (from === undefined || to === undefined) continue;
    add(from, to, true, "copy")?.links.push(link);
    add(to, from, false, "copy")?.links.push(link);
  }
  for (const { from, to, channels } of view.pairs) {
    const [caller, callee] = [nodeOf.get(from), nodeOf.get(to)];
    if (caller === undefined || callee === undefined) continue;
    add(caller, callee, true, "call")?.channels.push(...channels);
    add(callee, caller, false, "call")?.channels.push(...channels);
  }
  return [...found.values()];
}

function wordAt(layout: MapLayout, card: MapCard, line: number): Point {
  const isLast = card.row >= layout.rows.length - 1;
  const y = isLast
    ? card.y - above - line * lineHeight
    : card.y + card.height + below + line * lineHeight;
  return { x: card.x + indent, y };
}

/** Calls a second, where there are any. */
export function callWords(view: RecordingView, link: FarLink, frame: number): string {
  const calls = link.channels.reduce(
    (sum, channel) => sum + Math.max(0, rateAt(view, channel, frame)),
    0,
  );
  return calls < 0.5 ? "" : `${link.prefix} · ${Math.round(calls).toLocaleString("en-US")}/s`;
}
