/** Where the lines between a store and its copy in another region run, in little: round the cards, with room for a word. */
import type { ReplicaLink } from "../playback/replicas.ts";
import type { MapCard, MapLayout, MapNode } from "./layout.ts";
import type { Point } from "./point.ts";

export interface ReplicaRoute {
  readonly key: string;
  readonly from: MapNode;
  readonly to: MapNode;
  /** More than one for copies that are drawn as one. */
  readonly links: readonly ReplicaLink[];
  readonly points: readonly Point[];
  /** Middle of the word that says the lag, in the gap before the copy's region. */
  readonly word: Point;
}

/** Height of a word, which lines of one row stand apart from each other in the gap between regions. */
const wordHeight = 12;

export function replicaRoutes(
  layout: MapLayout,
  links: readonly ReplicaLink[],
): readonly ReplicaRoute[] {
  if (layout.level !== "world") return [];
  const nodeOf = (id: string) => layout.nodes.find(({ members }) => members.includes(id));
  const merged = new Map<string, { from: MapNode; to: MapNode; links: ReplicaLink[] }>();
  for (const link of links) {
    const from = nodeOf(link.from);
    const to = nodeOf(link.to);
    if (from === undefined || to === undefined || from.region === to.region) continue;
    const key = `${from.id}>${to.id}`;
    const known = merged.get(key) ?? { from, to, links: [] };
    known.links.push(link);
    merged.set(key, known);
  }
  const drawn = (lanes: Lanes) =>
    [...merged].flatMap(([key, each]) => {
      const way = wayOf(layout, each.from, each.to, lanes);
      return way === undefined ? [] : [{ key, ...each, ...way }];
    });
  // How many share a gutter is known once all have asked; then they are spread over it.
  const draft = new Lanes();
  drawn(draft);
  return drawn(new Lanes(draft));
}

function wayOf(
  layout: MapLayout,
  from: MapNode,
  to: MapNode,
  lanes: Lanes,
): Pick<ReplicaRoute, "points" | "word"> | undefined {
  const regions = layout.regions;
  const source = regions.findIndex(({ id }) => id === from.region);
  const target = regions.findIndex(({ id }) => id === to.region);
  const isRight = target > source;
  const [near, box] = [regions[isRight ? target - 1 : target + 1], regions[target]];
  const start = outermost(layout, from, isRight);
  const end = outermost(layout, to, !isRight);
  if (near === undefined || box === undefined || start === undefined || end === undefined) return;
  const gap = isRight ? (near.x + near.width + box.x) / 2 : (box.x + box.width + near.x) / 2;
  const { y: endY, wordY } = lanes.next(layout, end, isRight ? target - 1 : target);
  // A line of its own in the other gutter, without a word.
  const startY = start.row === end.row ? endY : lanes.next(layout, start, -1).y;
  const startX = start.x + start.width * (isRight ? 0.8 : 0.2);
  const endX = end.x + end.width * (isRight ? 0.2 : 0.8);
  return {
    points: [
      { x: startX, y: edgeOf(layout, start) },
      { x: startX, y: startY },
      { x: gap, y: startY },
      ...(startY === endY ? [] : [{ x: gap, y: endY }]),
      { x: endX, y: endY },
      { x: endX, y: edgeOf(layout, end) },
    ],
    word: { x: gap, y: wordY },
  };
}

/** The card of a node that stands farthest to the right, or to the left. */
function outermost(layout: MapLayout, node: MapNode, isRight: boolean): MapCard | undefined {
  return layout.cards
    .filter((card) => card.node === node)
    .reduce<MapCard | undefined>(
      (best, card) => (best === undefined || card.x > best.x === isRight ? card : best),
      undefined,
    );
}

/** Below a card; above it in the last row, which has nothing but the region's edge below. */
function isBelow(layout: MapLayout, card: MapCard): boolean {
  return card.row < layout.rows.length - 1;
}

function edgeOf(layout: MapLayout, card: MapCard): number {
  return isBelow(layout, card) ? card.y + card.height : card.y;
}

/** Hands out the lines of a gutter between two rows, and the places of their words in the gaps between regions. */
class Lanes {
  readonly #counts = new Map<string, number>();
  readonly #draft: Lanes | undefined;

  /** With the draft's number of lines in each gutter, they are spread evenly over it. */
  constructor(draft?: Lanes) {
    this.#draft = draft;
  }

  /** `gap` is where the word stands, from the left. */
  next(layout: MapLayout, card: MapCard, gap: number): { y: number; wordY: number } {
    const row = isBelow(layout, card) ? card.row : card.row - 1;
    const top = layout.rows[row]?.bottom ?? card.y;
    const bottom = layout.rows[row + 1]?.top ?? top + 16;
    const line = this.#take(`${row}`);
    const word = this.#take(`${row} ${gap}`);
    return {
      y: top + ((bottom - top) * (line.at + 1)) / (line.of + 1),
      wordY: (top + bottom) / 2 + (word.at - (word.of - 1) / 2) * wordHeight,
    };
  }

  #take(place: string): { readonly at: number; readonly of: number } {
    const at = this.#counts.get(place) ?? 0;
    this.#counts.set(place, at + 1);
    return { at, of: this.#draft?.countAt(place) ?? 1 };
  }

  countAt(place: string): number {
    return this.#counts.get(place) ?? 0;
  }
}

/** A small head where the line meets the copy. */
export function arrowHead(points: readonly Point[]): string {
  const end = points.at(-1);
  const before = points.at(-2);
  if (end === undefined || before === undefined) return "";
  const back = before.y > end.y ? 5 : -5;
  return `M${end.x - 3.5} ${end.y + back}L${end.x} ${end.y}L${end.x + 3.5} ${end.y + back}Z`;
}
