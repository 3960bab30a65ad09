/**
 * The lines on which orders move: right-angled, in the gutters between rows of cards and the corridors between zones,
 * so that no line runs behind a card. Each pair of components has a lane of its own; where there are too many to be told apart,
 * the calls of one caller, or to one callee, share a lane and branch off it.
 */
import type { PairView } from "../playback/recording-view.ts";
import { type MapCard, type MapLayout, type MapNode, sideRoom } from "./layout.ts";
import type { Point } from "./point.ts";
import { worldPoints } from "./world-routes.ts";

/** One way from a card of the caller to a card of the callee. */
export interface Route {
  readonly fromZone: string;
  readonly toZone: string;
  readonly points: readonly Point[];
  /** Distance from the start to each point. */
  readonly lengths: readonly number[];
  readonly length: number;
}

/** All ways of one pair of nodes, and what counts the calls. */
export interface PairRoutes {
  readonly from: MapNode;
  readonly to: MapNode;
  readonly channels: readonly number[];
  readonly routes: readonly Route[];
}

/** Between two lanes, where there is room. */
const laneWidth = 5;
/** Nearer together, lanes are a grey mass. */
const laneWidthMin = 2.5;
/** Kept free between lanes and what they pass. */
const clearance = 6;
const portWidth = 8;
/** Of one line of words under a card. */
const wordsHeight = 11;

/** `wordRows` are the rows under whose cards words stand, which lanes keep clear of. */
export function routePairs(
  layout: MapLayout,
  pairs: readonly PairView[],
  wordRows: ReadonlySet<number> = new Set(),
): readonly PairRoutes[] {
  const nodeOf = new Map<string, MapNode>();
  for (const node of layout.nodes) {
    nodeOf.set(node.id, node);
    for (const member of node.members) nodeOf.set(member, node);
  }
  const cardsOf = new Map<MapNode, MapCard[]>();
  for (const card of layout.cards) {
    cardsOf.set(card.node, [...(cardsOf.get(card.node) ?? []), card]);
  }
  const merged = new Map<string, { from: MapNode; to: MapNode; channels: number[] }>();
  for (const { from, to, channels } of pairs) {
    const fromNode = nodeOf.get(from);
    const toNode = nodeOf.get(to);
    if (fromNode === undefined || toNode === undefined || fromNode === toNode) continue;
    if (!cardsOf.has(fromNode) || !cardsOf.has(toNode)) continue;
    const key = `${fromNode.id}>${toNode.id}`;
    const known = merged.get(key) ?? { from: fromNode, to: toNode, channels: [] };
    known.channels.push(...channels);
    merged.set(key, known);
  }
  const merges = [...merged.values()];
  const routed = (plan: Plan, laneOf: (from: MapNode, to: MapNode) => string) =>
    merges.map(({ from, to, channels }, index) => ({
      from,
      to,
      channels,
      routes: (cardsOf.get(from) ?? []).flatMap((source) =>
        (cardsOf.get(to) ?? []).flatMap((target) => {
          const points =
            layout.level === "world"
              ? worldPoints(layout, source, target, index)
              : plan.points(source, target, laneOf(from, to));
          return points === undefined ? [] : [routeOf(source.zone, target.zone, points)];
        }),
      ),
    }));
  // How many lanes share a gutter is known once all have asked; then they are spread over its room.
  const draft = new Plan(layout, wordRows);
  const own = (from: MapNode, to: MapNode) => `${from.id}>${to.id}`;
  routed(draft, own);
  if (!draft.isCrowded()) return routed(new Plan(layout, wordRows, draft), own);
  const shared = sharedLanes(merges);
  const sharedDraft = new Plan(layout, wordRows);
  routed(sharedDraft, shared);
  return routed(new Plan(layout, wordRows, sharedDraft), shared);
}

/** One lane for all calls of a caller, or to a callee: whichever of the two has more to bring together. */
function sharedLanes(
  pairs: readonly { from: MapNode; to: MapNode }[],
): (from: MapNode, to: MapNode) => string {
  const callees = new Map<MapNode, number>();
  const callers = new Map<MapNode, number>();
  for (const { from, to } of pairs) {
    callees.set(from, (callees.get(from) ?? 0) + 1);
    callers.set(to, (callers.get(to) ?? 0) + 1);
  }
  return (from, to) =>
    (callees.get(from) ?? 0) >= (callers.get(to) ?? 0) ? `${from.id}>` : `>${to.id}`;
}

function routeOf(fromZone: string, toZone: string, points: readonly Point[]): Route {
  const lengths = [0];
  points.forEach((point, at) => {
    const before = points[at - 1];
    if (before === undefined) return;
    lengths.push((lengths.at(-1) ?? 0) + Math.hypot(point.x - before.x, point.y - before.y));
  });
  return { fromZone, toZone, points, lengths, length: lengths.at(-1) ?? 0 };
}

/** Hands out lanes in gutters and corridors, and ports at cards, as routes ask for them. */
class Plan {
  readonly #layout: MapLayout;
  readonly #wordRows: ReadonlySet<number>;
  readonly #lanes = new Map<string, Map<string, number>>();
  /** Of every gutter and corridor that was asked for. */
  readonly #rooms = new Map<string, number>();
  readonly #draft: Plan | undefined;

  /** With the draft's number of lanes at each place, lanes move together until they fit. */
  constructor(layout: MapLayout, wordRows: ReadonlySet<number>, draft?: Plan) {
    this.#layout = layout;
    this.#wordRows = wordRows;
    this.#draft = draft;
  }

  /** Distance from the edge of a place to a pair's lane in it; lanes never leave their place, and share one before they would. */
  #offset(place: string, pair: string, room: number): number {
    this.#rooms.set(place, room);
    const lane = this.#lane(place, pair);
    const count = this.#draft === undefined ? 1 : this.#draft.#laneCount(place);
    const free = Math.max(0, room - 2 * clearance);
    const pitch = Math.min(laneWidth, free / Math.max(1, count - 1));
    if (pitch >= laneWidthMin) return clearance + lane * pitch;
    return clearance + (lane % lanesIn(room)) * laneWidthMin;
  }

  /** Whether lanes lie so close somewhere that nobody can tell them apart. */
  isCrowded(): boolean {
    return [...this.#rooms].some(([place, room]) => this.#laneCount(place) > lanesIn(room));
  }

  points(source: MapCard, target: MapCard, pair: string): readonly Point[] {
    if (source.row === target.row) return this.#alongRow(source, target, pair);
    const isDown = target.row > source.row;
    const first = isDown ? source.row : source.row - 1;
    const last = isDown ? target.row - 1 : target.row;
    const from = {
      x: this.#port(source, isDown ? "bottom" : "top", pair),
      y: isDown ? source.y + source.height : source.y,
    };
    const to = {
      x: this.#port(target, isDown ? "top" : "bottom", pair),
      y: isDown ? target.y : target.y + target.height,
    };
    const firstY = this.#gutter(first, pair);
    if (first === last) {
      return straightened([from, { x: from.x, y: firstY }, { x: to.x, y: firstY }, to]);
    }
    const lastY = this.#gutter(last, pair);
    const x = this.#corridor(source.zone !== "" ? source : target, pair);
    return straightened([
      from,
      { x: from.x, y: firstY },
      { x, y: firstY },
      { x, y: lastY },
      { x: to.x, y: lastY },
      to,
    ]);
  }

  #alongRow(source: MapCard, target: MapCard, pair: string): readonly Point[] {
    const isRight = target.x > source.x;
    const [left, right] = isRight ? [source, target] : [target, source];
    const between = this.#layout.cards.some(
      (card) => card.row === source.row && card.x > left.x && card.x < right.x,
    );
    const middle = source.y + source.height / 2;
    if (!between && source.zone === target.zone) {
      return [
        { x: isRight ? source.x + source.width : source.x, y: middle },
        { x: isRight ? target.x : target.x + target.width, y: middle },
      ];
    }
    // Over the others: above the top row, else through the gutter below.
    const isTop = source.row === 0;
    const y = isTop
      ? source.y - 8 - this.#lane("top", pair) * laneWidth
      : this.#gutter(source.row, pair);
    const edge = isTop ? "top" : "bottom";
    const at = (card: MapCard) => ({
      x: this.#port(card, edge, pair),
      y: isTop ? card.y : card.y + card.height,
    });
    const [from, to] = [at(source), at(target)];
    return [from, { x: from.x, y }, { x: to.x, y }, to];
  }

  #laneCount(place: string): number {
    return this.#lanes.get(place)?.size ?? 1;
  }

  #lane(place: string, pair: string): number {
    const lanes = this.#lanes.get(place) ?? new Map<string, number>();
    this.#lanes.set(place, lanes);
    const lane = lanes.get(pair) ?? lanes.size;
    lanes.set(pair, lane);
    return lane;
  }

  #gutter(row: number, pair: string): number {
    const bottom = this.#layout.rows[row]?.bottom;
    if (bottom === undefined) return (this.#layout.rows.at(-1)?.bottom ?? 0) + 10;
    // Below the last row of a zone, lanes begin outside the zone.
    const zone = this.#layout.zones.find((each) => {
      const end = each.y + each.height;
      return end > bottom && end < bottom + 20;
    });
    const words = zone === undefined && this.#wordRows.has(row) ? wordsHeight : 0;
    const from = (zone === undefined ? bottom : zone.y + zone.height) + words;
    const below = [
      ...this.#layout.rows.map(({ top }) => top),
      ...this.#layout.zones.map(({ y }) => y),
    ].filter((y) => y > from);
    const room = below.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...below) - from;
    return from + this.#offset(`gutter ${row}`, pair, room);
  }

  #corridor(card: MapCard, pair: string): number {
    const zone = this.#layout.zones.find(({ id }) => id === card.zone);
    const x = zone === undefined ? this.#layout.width - sideRoom : zone.x + zone.width;
    return x + this.#offset("corridor", pair, sideRoom);
  }

  #port(card: MapCard, edge: "top" | "bottom", pair: string): number {
    const lane = this.#lane(`${card.key} ${edge}`, pair);
    // From the middle outwards, to the right first: a zone's name stands at its left.
    const step = lane % 2 === 0 ? lane / 2 : -(lane + 1) / 2;
    const room = card.width / 2 - 8;
    return card.x + card.width / 2 + Math.max(-room, Math.min(room, step * portWidth));
  }
}

/** Lanes that can be told apart in a place. */
function lanesIn(room: number): number {
  return Math.max(1, 1 + Math.floor((room - 2 * clearance) / laneWidthMin));
}

function straightened(points: readonly Point[]): readonly Point[] {
  return points.filter((point, at) => {
    const before = points[at - 1];
    return before === undefined || before.x !== point.x || before.y !== point.y;
  });
}
