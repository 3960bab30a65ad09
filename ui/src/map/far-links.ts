/** With one region in view: what its stores copy to other regions and whom it calls there, whose other end is not on the map. */
import type { Picture } from "../playback/picture.ts";
import { type RecordingView, rateAt } from "../playback/recording-view.ts";
import { type ReplicaLink, replicaLinks } from "../playback/replicas.ts";
import type { MapCard, MapLayout, MapNode } from "./layout.ts";
import type { Point } from "./point.ts";

/** Copies of one component in another region, or of another region in it. */
export interface FarCopy {
  readonly key: string;
  /** `→ eu-west-1` beside what is copied, `← eu-west-1` beside a copy. */
  readonly prefix: string;
  readonly links: readonly ReplicaLink[];
  /** Where its words begin. */
  readonly word: Point;
}

/** Calls between the region in view and another one. */
export interface FarCalls {
  readonly region: string;
  readonly out: readonly number[];
  readonly in: readonly number[];
}

export interface FarLinks {
  readonly copies: readonly FarCopy[];
  readonly calls: readonly FarCalls[];
}

/** Above or below a card. */
const above = 4;
const below = 11;
/** From the edge of the card. */
const indent = 6;
const lineHeight = 11;
/** One under the other there is room for two. */
const linesMax = 2;

export function farLinks(layout: MapLayout, view: RecordingView): FarLinks {
  if (layout.level !== "region" || layout.density !== "full") return { copies: [], calls: [] };
  const nodeOf = new Map(layout.nodes.flatMap((node) => node.members.map((id) => [id, node])));
  const isFar = (near: MapNode | undefined, far: MapNode | undefined) =>
    near !== undefined &&
    far !== undefined &&
    near.region !== "" &&
    far.region !== "" &&
    far.region !== near.region;
  const copies = new Map<string, FarCopy & { links: ReplicaLink[] }>();
  const lines = new Map<string, number>();
  for (const link of replicaLinks(view)) {
    const [from, to] = [nodeOf.get(link.from), nodeOf.get(link.to)];
    if (from === undefined || to === undefined || !isFar(from, to)) continue;
    for (const [near, far, sign] of [
      [from, to, "→"],
      [to, from, "←"],
    ] as const) {
      const key = `${near.id} ${sign} ${far.region}`;
      const known = copies.get(key);
      known?.links.push(link);
      const card = layout.cards.find(({ node }) => node === near);
      const line = lines.get(near.id) ?? 0;
      if (known !== undefined || card === undefined || line >= linesMax) continue;
      lines.set(near.id, line + 1);
      const prefix = `${sign} ${far.region}`;
      copies.set(key, { key, prefix, links: [link], word: wordAt(layout, card, line) });
    }
  }
  const here = layout.cards.find(({ zone }) => zone !== "")?.node.region;
  const calls = new Map<string, { region: string; out: number[]; in: number[] }>();
  for (const { from, to, channels } of view.pairs) {
    const [caller, callee] = [nodeOf.get(from), nodeOf.get(to)];
    if (caller === undefined || callee === undefined || !isFar(caller, callee)) continue;
    if (caller.region !== here && callee.region !== here) continue;
    const region = caller.region === here ? callee.region : caller.region;
    const known = calls.get(region) ?? { region, out: [], in: [] };
    (caller.region === here ? known.out : known.in).push(...channels);
    calls.set(region, known);
  }
  return { copies: [...copies.values()], calls: [...calls.values()] };
}

function wordAt(layout: MapLayout, card: MapCard, line: number): Point {
  const isLast = card.row >= layout.rows.length - 1;
  const y = isLast
    ? card.y - above - line * lineHeight
    : card.y + card.height + below + line * lineHeight;
  return { x: card.x + indent, y };
}

/** Rows of the map under whose cards words about copies stand. */
export function rowsWithWords(layout: MapLayout, far: FarLinks): ReadonlySet<number> {
  return new Set(
    far.copies.flatMap(({ word }) =>
      layout.rows.flatMap(({ bottom }, row) =>
        word.y > bottom && word.y <= bottom + below + lineHeight ? [row] : [],
      ),
    ),
  );
}

/** `To us-east-1 279 calls/s; from ap-southeast-1 17 calls/s`; empty while there are none. */
export function farCallWords(
  view: RecordingView,
  calls: readonly FarCalls[],
  { frame }: Picture,
): string {
  const told = calls.flatMap(({ region, out, in: into }) =>
    [
      { words: `to ${region}`, channels: out },
      { words: `from ${region}`, channels: into },
    ].flatMap(({ words, channels }) => {
      const rate = channels.reduce(
        (sum, channel) => sum + Math.max(0, rateAt(view, channel, frame)),
        0,
      );
      return rate < 0.5 ? [] : [`${words} ${Math.round(rate).toLocaleString("en-US")} calls/s`];
    }),
  );
  const text = told.join("; ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
