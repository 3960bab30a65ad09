import { useComputed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import * as state from "../state.ts";
import { cardOutline, kindOf } from "./card-outline.ts";
import type { MapCard } from "./layout.ts";
import { type Density, twoLines } from "./layout-metrics.ts";

/** A component on the map, or its part in one zone; each frame writes its state into it. */
export function Card({
  card,
  isFirst,
  density,
}: {
  card: MapCard;
  isFirst: boolean;
  density: Density;
}) {
  const isSelected = useComputed(() => state.selected.value === card.node.id);
  const open = () => {
    if (card.node.members.length > 0) state.opened.value = card.node.id;
  };
  const hasWords = card.height >= twoLines;
  /** Of the line that the title is on. */
  const middle = hasWords ? 13 : card.height / 2;
  const pipCount =
    card.zone !== ""
      ? card.node.members.length > 1
        ? card.node.members.length
        : 0
      : Math.max(card.node.members.length, 3);
  const shownPips = Math.min(pipCount, 12);
  /** Many stand closer, so that the state in words keeps its room before them. */
  const pipStep = shownPips > 6 ? 5 : 7;
  return (
    <g
      class={isSelected.value ? "card is-selected" : "card"}
      data-key={card.key}
      transform={`translate(${card.x} ${card.y})`}
      role="button"
      tabindex={isFirst ? 0 : -1}
      onClick={() => state.choose(card.node.members.length > 0 ? card.node.id : "")}
      onDblClick={open}
      onKeyDown={(event) => {
        if (event.key === "Enter") {
          event.stopPropagation();
          state.choose(card.node.members.length > 0 ? card.node.id : "");
          open();
        }
      }}
    >
      <path class="card-box" d={cardOutline(kindOf(card.node.service), card.width, card.height)} />
      {density === "full" ? (
        <>
          <Title card={card} x={10} y={18} size={12} />
          <use class="glyph" href="#glyph-unknown" x="10" y="25" width="10" height="10" />
          <text class="card-words" x="25" y="34" />
          <text class="card-figure" x="10" y="49" />
          <rect class="card-bar" x="1" y={card.height - 3} width="0" height="2" />
          {Array.from({ length: shownPips }, (_, at) => (
            <rect
              key={at}
              class="pip"
              x={card.width - 4 - (shownPips - at) * pipStep}
              y="27"
              width={pipStep - 2}
              height="6"
            />
          ))}
        </>
      ) : (
        <>
          <use class="glyph" href="#glyph-unknown" x="7" y={middle - 5} width="10" height="10" />
          <Title card={card} x={21} y={middle + 4} size={density === "slim" ? 12 : 10} />
          {hasWords && <text class="card-words" x="21" y={middle + 17} />}
        </>
      )}
    </g>
  );
}

const measuring = document.createElement("canvas").getContext("2d");

function widthOf(text: string, size: number): number {
  if (measuring === null) return text.length * size * 0.6;
  measuring.font = `500 ${size}px ${getComputedStyle(document.body).fontFamily}`;
  return measuring.measureText(text).width;
}

/** Words that a title can do without where it has no room for them: which service it is, the others say. */
const spareWords = [" PostgreSQL", " service"];

/** A title without what it can spare, as far as that is needed. */
function fittingTitle(
  whole: string,
  fits: (text: string) => boolean,
  fitsNarrowly: (text: string) => boolean,
): { readonly title: string; readonly isLong: boolean } {
  let title = whole;
  for (const word of spareWords) {
    if (fits(title)) break;
    const shorter = title.replace(word, "");
    if (shorter.trim() !== "") title = shorter;
  }
  if (!fitsNarrowly(title)) title = withoutMiddle(whole, fitsNarrowly);
  return { title, isLong: !fits(title) };
}

/** How narrow a title may be set and still be read. */
const narrowestShare = 0.62;

/** Of a title that is far too long its middle is left out: what tells two of a kind apart stands at the ends. */
function withoutMiddle(title: string, fits: (text: string) => boolean): string {
  for (let kept = title.length - 2; kept > 6; kept -= 1) {
    const head = Math.ceil(kept * 0.6);
    const text = `${title.slice(0, head).trimEnd()}…${title.slice(head - kept).trimStart()}`;
    if (fits(text)) return text;
  }
  return title;
}

/** A title never leaves its card: one that is still too long for it is set narrower, and cut in its middle only beyond that. */
function Title(options: { card: MapCard; x: number; y: number; size: number }) {
  const { card, x, y, size } = options;
  const room = card.width - x - 4;
  const { title, isLong } = useMemo(
    () =>
      fittingTitle(
        card.node.title,
        (text) => widthOf(text, size) <= room,
        (text) => widthOf(text, size) * narrowestShare <= room,
      ),
    [card.node.title, size, room],
  );
  return (
    <text
      class="card-title"
      x={x}
      y={y}
      {...(isLong ? { textLength: room, lengthAdjust: "spacingAndGlyphs" } : {})}
    >
      {title}
      {title.includes("…") && <title>{card.node.title}</title>}
    </text>
  );
}
