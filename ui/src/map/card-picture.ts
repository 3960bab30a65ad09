/** What one card of the map shows at an instant. */
import { type Health, type Picture, whole } from "../playback/picture.ts";
import type { MapCard } from "./layout.ts";

export interface CardPicture {
  readonly health: Health;
  /** The state in words; it carries what colour and shape repeat. */
  readonly words: string;
  readonly figure: string;
  /** Share of the bar that is filled, 0..1; -1 for no bar. */
  readonly bar: number;
  /** One for each zone of a regional service, or each copy of a group. */
  readonly pips: readonly Health[];
}

export function cardPicture(card: MapCard, picture: Picture, depthMax: number): CardPicture {
  return card.zone === "" ? wholePicture(card, picture, depthMax) : zonePicture(card, picture);
}

function zonePicture(card: MapCard, picture: Picture): CardPicture {
  const zone = picture.zones.get(card.zone);
  const members = card.node.members.flatMap((id) => {
    const component = picture.components.get(id);
    const cell = component?.cells.find((each) => each.zone === card.zone);
    return component === undefined || cell === undefined ? [] : [{ component, cell }];
  });
  const cells = members.map(({ cell }) => cell);
  const up = sum(cells, ({ up }) => up);
  const instances = sum(cells, ({ instances }) => instances);
  const inside = sum(cells, ({ inside }) => inside);
  const pips = members.length > 1 ? cells.map(({ health }) => health) : [];
  const loads = members.filter(({ cell }) => cell.up > 0).map(({ component }) => component.load);
  const bar = up > 0 ? Math.max(-1, ...loads) : 0;
  if (zone?.words === "no power") {
    return {
      health: "failed",
      words: "no power",
      figure: `0/${whole(instances)} up`,
      bar: 0,
      pips,
    };
  }
  if (instances === 0) return { health: "unknown", words: "none here", figure: "", bar: -1, pips };
  const figure = `${whole(up)}/${whole(instances)} up · ${whole(inside)} in flight`;
  if (up === 0) return { health: "unknown", words: "starting", figure, bar: 0, pips };
  if (zone?.words === "cut off") return { health: "failed", words: "cut off", figure, bar, pips };
  if (up < instances) return { health: "degraded", words: "partly up", figure, bar, pips };
  const single = members.length === 1 ? members[0]?.component : undefined;
  if (single?.words === "saturated") {
    return { health: "degraded", words: "saturated", figure, bar, pips };
  }
  if (zone?.words === "slow links")
    return { health: "degraded", words: "slow links", figure, bar, pips };
  return { health: "healthy", words: "healthy", figure, bar, pips };
}

function wholePicture(card: MapCard, picture: Picture, depthMax: number): CardPicture {
  const members = card.node.members.flatMap((id) => picture.components.get(id) ?? []);
  const [first] = members;
  if (first === undefined)
    return { health: "healthy", words: "sending", figure: "", bar: -1, pips: [] };
  const worst = members.reduce((a, b) => (rank[b.health] > rank[a.health] ? b : a), first);
  const allFailed = members.every(({ health }) => health === "failed");
  const health = worst.health === "failed" && !allFailed ? "degraded" : worst.health;
  const isQueue = card.node.service === "sqs-fifo";
  const waiting = isQueue ? sum(members, ({ figure }) => numberIn(figure)) : 0;
  return {
    health,
    words: allFailed || members.length === 1 ? worst.words : health,
    figure: members.length === 1 ? first.figure : total(members.map(({ figure }) => figure)),
    bar: isQueue ? waiting / Math.max(1, depthMax) : Math.max(...members.map(({ load }) => load)),
    pips:
      members.length > 1
        ? members.map((member) => member.health)
        : first.cells.length > 1
          ? first.cells.map((cell) => cell.health)
          : [],
  };
}

const rank: Readonly<Record<Health, number>> = { healthy: 0, unknown: 1, degraded: 2, failed: 3 };

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

function numberIn(figure: string): number {
  return Number(figure.replace(/,/g, "").match(/^\d+/)?.[0] ?? 0);
}

/** `3 waiting` and `4 waiting` are `7 waiting`. */
function total(figures: readonly string[]): string {
  const [first] = figures;
  if (first === undefined) return "";
  return first.replace(/^[\d,]+/, whole(sum(figures, numberIn)));
}
