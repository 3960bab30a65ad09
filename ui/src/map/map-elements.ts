/** The elements of a drawn map, and what each frame writes into them. */
import { numberText } from "../playback/number-text.ts";
import type { Health, Picture } from "../playback/picture.ts";
import { cardPicture } from "./card-picture.ts";
import type { MapLayout } from "./layout.ts";

interface CardElements {
  readonly group: Element;
  readonly glyph: Element | null;
  readonly words: Element | null;
  readonly figure: Element | null;
  readonly bar: Element | null;
  readonly pips: readonly Element[];
}

export interface MapElements {
  readonly svg: SVGSVGElement;
  readonly content: Element;
  readonly flows: Element;
  readonly cards: ReadonlyMap<string, CardElements>;
  readonly zones: ReadonlyMap<string, Element>;
  readonly zoneWords: ReadonlyMap<string, Element>;
  readonly legend: (callsPerDot: number, isStatic: boolean) => void;
}

export function findElements(svg: SVGSVGElement, layout: MapLayout): MapElements | undefined {
  const content = svg.querySelector(".map-content");
  const flows = svg.querySelector(".flows");
  const legend = svg.parentElement?.querySelector("[data-legend]");
  if (content === null || flows === null) return undefined;
  flows.replaceChildren();
  const cards = new Map<string, CardElements>();
  for (const group of svg.querySelectorAll("[data-key]")) {
    cards.set(group.getAttribute("data-key") ?? "", {
      group,
      glyph: group.querySelector(".glyph"),
      words: group.querySelector(".card-words"),
      figure: group.querySelector(".card-figure"),
      bar: group.querySelector(".card-bar"),
      pips: [...group.querySelectorAll(".pip")],
    });
  }
  const zones = new Map<string, Element>();
  const zoneWords = new Map<string, Element>();
  for (const { id } of layout.zones) {
    const zone = svg.querySelector(`[data-zone="${CSS.escape(id)}"]`);
    const words = svg.querySelector(`[data-words="${CSS.escape(id)}"]`);
    if (zone !== null) zones.set(id, zone);
    if (words !== null) zoneWords.set(id, words);
  }
  return {
    svg,
    content,
    flows,
    cards,
    zones,
    zoneWords,
    legend: (per, isStatic) => {
      if (legend === undefined || legend === null) return;
      write(
        legend,
        isStatic
          ? "Width and number of a line: calls a second"
          : `1 dot = ${per === 1 ? "1 call" : `${numberText(per)} calls`}`,
      );
    },
  };
}

export function updateElements(
  elements: MapElements,
  layout: MapLayout,
  picture: Picture,
  depthMax: number,
): void {
  for (const card of layout.cards) {
    const element = elements.cards.get(card.key);
    if (element === undefined) continue;
    const shown = cardPicture(card, picture, depthMax);
    set(element.group, "data-health", shown.health);
    if (element.glyph !== null) set(element.glyph, "href", `#glyph-${shown.health}`);
    if (element.words !== null) write(element.words, shown.words);
    if (element.figure !== null) write(element.figure, shown.figure);
    if (element.bar !== null) {
      const width = Math.max(0, Math.min(1, shown.bar)) * (card.width - 2);
      set(element.bar, "width", width.toFixed(1));
    }
    element.pips.forEach((pip, at) => {
      set(pip, "data-health", shown.pips[at] ?? "absent");
    });
    const where = card.zone === "" ? "" : ` in ${card.zone}`;
    set(
      element.group,
      "aria-label",
      `${card.node.title}${where}: ${shown.words}${shown.figure === "" ? "" : `, ${shown.figure}`}`,
    );
  }
  for (const zone of layout.zones) {
    const shown = picture.zones.get(zone.id);
    const element = elements.zones.get(zone.id);
    const words = elements.zoneWords.get(zone.id);
    if (shown === undefined) continue;
    const health: Health = shown.health;
    if (element !== undefined) set(element, "data-health", health);
    if (words !== undefined) {
      set(words, "data-health", health);
      write(words, health === "healthy" ? "" : shown.words);
    }
  }
}

export function set(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

export function write(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
