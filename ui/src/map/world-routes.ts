/** Where calls run on the map of all regions, in little: only what enters a region or crosses between regions, and round every card. */
import type { MapCard, MapLayout } from "./layout.ts";
import type { Point } from "./point.ts";

/** Between a card and the line that enters it from its side. */
const sideRoom = 3;
/** From a row to the first lane under it, and from lane to lane; all of them fit the narrowest gutter. */
const laneFirst = 4;
const lanePitch = 3.5;
const laneCount = 4;
/** From a zone to the line that runs down beside it. */
const columnRoom = 4;

/** `index` is the pair's, by which lines of several keep apart; undefined for what is not drawn at this level. */
export function worldPoints(
  layout: MapLayout,
  source: MapCard,
  target: MapCard,
  index: number,
): readonly Point[] | undefined {
  if (source.node.region === target.node.region && source.node.region !== "") return undefined;
  if (source.row === -1 && target.row === -1) return alongTop(source, target);
  if (source.row === -1) return into(source, target, index);
  if (target.row === -1) return into(target, source, index).toReversed();
  return across(layout, source, target, index);
}

function alongTop(source: MapCard, target: MapCard): readonly Point[] {
  const isRight = target.x > source.x;
  const y = source.y + source.height / 2;
  return [
    { x: isRight ? source.x + source.width : source.x, y },
    { x: isRight ? target.x : target.x + target.width, y },
  ];
}

/** Down beside the card and in from its right: the name of the region stands above its left. */
function into(source: MapCard, target: MapCard, index: number): readonly Point[] {
  const from = { x: source.x + source.width / 2, y: source.y + source.height };
  const lane = from.y + 10 + (index % 6) * 4;
  const right = target.x + target.width;
  const middle = target.y + target.height / 2;
  return [
    from,
    { x: from.x, y: lane },
    { x: right + sideRoom, y: lane },
    { x: right + sideRoom, y: middle },
    { x: right, y: middle },
  ];
}

/** From region to region: through the gutter under the source, down beside the zone of the target, and in from above. */
function across(
  layout: MapLayout,
  source: MapCard,
  target: MapCard,
  index: number,
): readonly Point[] {
  const lane = laneFirst + (index % laneCount) * lanePitch;
  const isLast = source.row >= layout.rows.length - 1;
  const sourceRow = isLast ? source.row - 1 : source.row;
  const sourceY = (layout.rows[sourceRow]?.bottom ?? source.y) + lane;
  const targetAbove = layout.rows[target.row - 1];
  const targetY = targetAbove === undefined ? target.y - lane : targetAbove.bottom + lane;
  const from = {
    x: source.x + source.width / 2,
    y: isLast ? source.y : source.y + source.height,
  };
  const to = { x: target.x + target.width / 2, y: target.y };
  const x = columnBefore(layout, target) - (index % laneCount);
  return [
    from,
    { x: from.x, y: sourceY },
    ...(sourceY === targetY
      ? []
      : [
          { x, y: sourceY },
          { x, y: targetY },
        ]),
    { x: to.x, y: targetY },
    to,
  ];
}

/** The free way down at the left of a card: between two zones, or at the edge of its region. */
function columnBefore(layout: MapLayout, card: MapCard): number {
  const zones = layout.zones.filter(({ region }) => region === card.node.region);
  const middle = card.x + card.width / 2;
  const own = zones.filter((zone) => zone.x <= middle).at(-1) ?? zones[0];
  return (own?.x ?? card.x) - columnRoom;
}
