import { type ReadonlySignal, useComputed } from "@preact/signals";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { numberText } from "../playback/number-text.ts";
import type { Health, Picture } from "../playback/picture.ts";
import { lastFrame, type RecordingView, valueAt } from "../playback/recording-view.ts";
import { countDots, onFrame, speedNow } from "../player.ts";
import * as state from "../state.ts";
import { cardPicture } from "./card-picture.ts";
import { createDotScale, forEachDot } from "./dots.ts";
import { type Density, layoutMap, type MapCard, type MapLayout } from "./layout.ts";
import { type PairRoutes, type Point, routePairs } from "./routes.ts";

const margin = 12;
/** Room for the legend. */
const top = 20;

/** The platform at one instant: zones, components and the orders between them. */
export function MapView(options: {
  view: RecordingView;
  /** What it shows; of the same recording. */
  picture: ReadonlySignal<Picture | undefined>;
  label: string;
  /** `compact` where two maps share the room. */
  density?: Density;
  /** Calls a dot by map: maps that share this show the same number, the larger one. */
  dotScales?: Map<string, number>;
}) {
  const { view, picture, label, density = "full" } = options;
  const region = useComputed(() => state.region.value).value;
  const root = useRef<HTMLDivElement>(null);
  const size = useSize(root);
  const aspect =
    size.height === 0 ? 0 : (size.width - 2 * margin) / (size.height - 2 * margin - top);
  const layout = useMemo(
    () => layoutMap(view, region === "" ? undefined : region, aspect, density),
    // A live recording grows without changing its platform.
    [view.head.topology, region, aspect, density],
  );
  const pairs = useMemo(() => routePairs(layout, view.pairs), [layout]);
  const svg = useRef<SVGSVGElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const share = (per: number) => {
    options.dotScales?.set(label, per);
    return Math.max(per, ...(options.dotScales?.values() ?? []));
  };
  useDrawing({ view, picture, layout, pairs, svg, canvas, size, share });
  usePanAndZoom(root);
  const base = fitted(layout, size);
  return (
    <div class="map" ref={root} data-level={layout.level} data-density={layout.density}>
      <svg
        ref={svg}
        width={size.width}
        height={size.height}
        role="group"
        aria-label={`${label}; arrow keys move between components, Enter opens one`}
        onKeyDown={(event) => moveFocus(event, layout)}
      >
        <g class="map-content" transform={transformText(base)}>
          {layout.regions.map((each) => (
            <g key={each.id}>
              <rect
                class="region"
                x={each.x}
                y={each.y}
                width={each.width}
                height={each.height}
                rx="6"
              />
              <RegionName id={each.id} x={each.x + 10} y={each.y + 20} />
            </g>
          ))}
          {layout.zones.map((zone) => (
            <g key={zone.id} class="zone" data-zone={zone.id}>
              <rect x={zone.x} y={zone.y} width={zone.width} height={zone.height} rx="6" />
              <text class="zone-name" x={zone.x + 10} y={zone.y + 16}>
                {layout.level === "world" ? zone.id.replace(`${zone.region}`, "zone ") : zone.id}
              </text>
            </g>
          ))}
          <g class="routes" aria-hidden="true">
            {pairs.map((pair) => (
              <path key={`${pair.from.id}>${pair.to.id}`} d={pathOf(pair)} />
            ))}
          </g>
          <LitRoutes pairs={pairs} />
          <g class="flows" aria-hidden="true" />
          {layout.cards.map((card, at) => (
            <Card key={card.key} card={card} isFirst={at === 0} density={layout.density} />
          ))}
          {layout.zones.map((zone) => (
            <text
              key={zone.id}
              class="zone-words"
              data-words={zone.id}
              x={zone.x + zone.width - 10}
              y={zone.y + 16}
              text-anchor="end"
            />
          ))}
        </g>
      </svg>
      <canvas ref={canvas} aria-hidden="true" />
      <p class="map-legend" data-legend />
    </div>
  );
}

/** The calls of what is selected, apart from all others. */
function LitRoutes({ pairs }: { pairs: readonly PairRoutes[] }) {
  const id = useComputed(() => state.selected.value).value;
  const own = id === "" ? [] : pairs.filter(({ from, to }) => from.id === id || to.id === id);
  return (
    <g class="routes is-lit" aria-hidden="true">
      {own.map((pair) => (
        <path key={`${pair.from.id}>${pair.to.id}`} d={pathOf(pair)} />
      ))}
    </g>
  );
}

function RegionName({ id, x, y }: { id: string; x: number; y: number }) {
  return (
    <text
      class="region-name"
      x={x}
      y={y}
      role="button"
      tabindex={0}
      onClick={() => openRegion(id)}
      onKeyDown={(event) => {
        if (event.key === "Enter") openRegion(id);
      }}
    >
      {id}
    </text>
  );
}

function openRegion(id: string): void {
  state.region.value = id;
  state.mapView.value = { x: 0, y: 0, k: 1 };
}

function Card({ card, isFirst, density }: { card: MapCard; isFirst: boolean; density: Density }) {
  const isSelected = useComputed(() => state.selected.value === card.node.id);
  const open = () => {
    if (card.node.members.length > 0) state.opened.value = card.node.id;
  };
  const pipCount =
    card.zone !== ""
      ? card.node.members.length > 1
        ? card.node.members.length
        : 0
      : Math.max(card.node.members.length, 3);
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
      <rect class="card-box" width={card.width} height={card.height} rx="4" />
      {density === "full" ? (
        <>
          <Title card={card} x={10} y={18} size={12} />
          <use class="glyph" href="#glyph-unknown" x="10" y="25" width="10" height="10" />
          <text class="card-words" x="25" y="34" />
          <text class="card-figure" x="10" y="49" />
          <rect class="card-bar" x="1" y={card.height - 3} width="0" height="2" />
          {Array.from({ length: Math.min(pipCount, 12) }, (_, at) => (
            <rect
              key={at}
              class="pip"
              x={card.width - 10 - (Math.min(pipCount, 12) - at) * 7}
              y="27"
              width="5"
              height="6"
            />
          ))}
        </>
      ) : (
        <>
          <use
            class="glyph"
            href="#glyph-unknown"
            x="6"
            y={card.height / 2 - 5}
            width="10"
            height="10"
          />
          <Title card={card} x={20} y={card.height / 2 + 4} size={10} />
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

/** A title is never cut off and never leaves its card: one that is too long for it is set narrower. */
function Title(options: { card: MapCard; x: number; y: number; size: number }) {
  const { card, x, y, size } = options;
  const { title } = card.node;
  const room = card.width - x - 4;
  const isLong = useMemo(() => widthOf(title, size) > room, [title, size, room]);
  return (
    <text
      class="card-title"
      x={x}
      y={y}
      {...(isLong ? { textLength: room, lengthAdjust: "spacingAndGlyphs" } : {})}
    >
      {title}
    </text>
  );
}

/** State is told by shape as well as by colour. */
export function Symbols() {
  return (
    <defs>
      <symbol id="glyph-healthy" viewBox="0 0 10 10">
        <circle cx="5" cy="5" r="4.2" fill="currentColor" />
      </symbol>
      <symbol id="glyph-degraded" viewBox="0 0 10 10">
        <circle cx="5" cy="5" r="3.9" fill="none" stroke="currentColor" stroke-width="1.2" />
        <path d="M5 0.8a4.2 4.2 0 0 1 0 8.4z" fill="currentColor" />
      </symbol>
      <symbol id="glyph-failed" viewBox="0 0 10 10">
        <path d="M1.5 1.5 8.5 8.5M8.5 1.5 1.5 8.5" stroke="currentColor" stroke-width="2.2" />
      </symbol>
      <symbol id="glyph-unknown" viewBox="0 0 10 10">
        <circle
          cx="5"
          cy="5"
          r="3.9"
          fill="none"
          stroke="currentColor"
          stroke-width="1.2"
          stroke-dasharray="2 1.4"
        />
      </symbol>
    </defs>
  );
}

interface Size {
  readonly width: number;
  readonly height: number;
}

interface Placing {
  readonly x: number;
  readonly y: number;
  readonly k: number;
}

function useSize(root: { readonly current: HTMLElement | null }): Size {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  useEffect(() => {
    const element = root.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => {
      setSize({ width: element.clientWidth, height: element.clientHeight });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return size;
}

/** Where the map stands when nobody has moved it: whole, in the middle, never larger than its own size by a third. */
function fitted(layout: MapLayout, { width, height }: Size): Placing {
  if (width === 0 || height === 0) return { x: 0, y: 0, k: 1 };
  const k = Math.max(
    0.1,
    Math.min(
      1.35,
      (width - 2 * margin) / layout.width,
      (height - top - 2 * margin) / layout.height,
    ),
  );
  return {
    x: (width - layout.width * k) / 2,
    y: top + margin + Math.max(0, (height - top - 2 * margin - layout.height * k) / 2),
    k,
  };
}

function composed(base: Placing): Placing {
  const { x, y, k } = state.mapView.value;
  return { x: x + base.x * k, y: y + base.y * k, k: base.k * k };
}

function transformText({ x, y, k }: Placing): string {
  return `translate(${x} ${y}) scale(${k})`;
}

function usePanAndZoom(root: { readonly current: HTMLElement | null }): void {
  useEffect(() => {
    const element = root.current;
    if (element === null) return;
    let isGone = false;
    let forget = () => {};
    // The map is painted before the library that moves it is there.
    void import("./pan-and-zoom.ts").then(({ panAndZoom }) => {
      if (!isGone) forget = panAndZoom(element);
    });
    return () => {
      isGone = true;
      forget();
    };
  }, []);
}

interface Drawing {
  readonly view: RecordingView;
  readonly picture: ReadonlySignal<Picture | undefined>;
  readonly layout: MapLayout;
  readonly pairs: readonly PairRoutes[];
  readonly svg: { readonly current: SVGSVGElement | null };
  readonly canvas: { readonly current: HTMLCanvasElement | null };
  readonly size: Size;
  /** The calls a dot stands for here, given what would do for this map alone. */
  readonly share: (callsPerDot: number) => number;
}

/** Writes each frame straight into the elements: nothing is rendered anew while playing. */
function useDrawing(drawing: Drawing): void {
  const { view, picture, layout, pairs, svg, canvas, size, share } = drawing;
  const latest = useRef(view);
  latest.current = view;
  useEffect(() => {
    const elements = svg.current === null ? undefined : findElements(svg.current, layout);
    const context = canvas.current?.getContext("2d") ?? null;
    if (elements === undefined || canvas.current === null || context === null) return;
    const pixels = window.devicePixelRatio;
    canvas.current.width = Math.round(size.width * pixels);
    canvas.current.height = Math.round(size.height * pixels);
    canvas.current.style.width = `${size.width}px`;
    canvas.current.style.height = `${size.height}px`;
    const style = getComputedStyle(canvas.current);
    const base = fitted(layout, size);
    const dotScale = createDotScale(pairs);
    const depthMaxOf = createDepthMax();
    return onFrame(() => {
      const shown = latest.current;
      const now = picture.value;
      if (now === undefined) return;
      const placing = composed(base);
      elements.content.setAttribute("transform", transformText(placing));
      updateElements(elements, layout, now, depthMaxOf(shown));
      const { simSecondsPerSecond } = speedNow();
      const per = share(dotScale.callsPerDot(shown, simSecondsPerSecond));
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, context.canvas.width, context.canvas.height);
      elements.legend(per, state.reducedMotion.value);
      if (state.reducedMotion.value) {
        updateStaticFlows(elements, shown, pairs, now);
        return;
      }
      const scale = placing.k * pixels;
      context.setTransform(scale, 0, 0, scale, placing.x * pixels, placing.y * pixels);
      context.fillStyle = style.color;
      const radius = layout.density === "compact" ? 2 : 1.9;
      // Each dot is a path of its own: thousands of arcs in one are slow to fill.
      const drawn = forEachDot(
        shown,
        pairs,
        { atUs: now.atUs, simSecondsPerSecond, callsPerDot: per },
        (x, y) => {
          context.beginPath();
          context.arc(x, y, radius, 0, 6.3);
          context.fill();
        },
      );
      countDots(drawn);
    });
  }, [layout, pairs, size, picture]);
}

/** The most messages that any queue held so far: what a full bar means. A live recording is looked at from where it was left. */
function createDepthMax(): (view: RecordingView) => number {
  let most = 100;
  let nextFrame = 0;
  return (view) => {
    const last = lastFrame(view);
    if (nextFrame > last) return most;
    for (const component of view.components) {
      const channel = component.channels.get("visible");
      if (channel === undefined) continue;
      for (let frame = nextFrame; frame <= last; frame += 1) {
        most = Math.max(most, valueAt(view, channel, frame));
      }
    }
    nextFrame = last + 1;
    return most;
  };
}

interface CardElements {
  readonly group: Element;
  readonly glyph: Element | null;
  readonly words: Element | null;
  readonly figure: Element | null;
  readonly bar: Element | null;
  readonly pips: readonly Element[];
}

interface MapElements {
  readonly content: Element;
  readonly flows: Element;
  readonly cards: ReadonlyMap<string, CardElements>;
  readonly zones: ReadonlyMap<string, Element>;
  readonly zoneWords: ReadonlyMap<string, Element>;
  readonly legend: (callsPerDot: number, isStatic: boolean) => void;
}

function findElements(svg: SVGSVGElement, layout: MapLayout): MapElements | undefined {
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

function updateElements(
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

/** Without motion a flow is a line with a width and a number. */
function updateStaticFlows(
  elements: MapElements,
  view: RecordingView,
  pairs: readonly PairRoutes[],
  picture: Picture,
): void {
  const back = Math.max(1, Math.round(1_000_000 / view.head.frameStepUs));
  pairs.forEach((pair, at) => {
    const [route] = pair.routes;
    let path = elements.flows.children[at * 2];
    let text = elements.flows.children[at * 2 + 1];
    if (path === undefined || text === undefined) {
      path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      text = document.createElementNS("http://www.w3.org/2000/svg", "text");
      elements.flows.append(path, text);
      path.setAttribute("d", pathOf(pair));
    }
    let rate = 0;
    for (const channel of pair.channels) {
      const before = Math.max(0, picture.frame - back);
      rate += valueAt(view, channel, picture.frame) - valueAt(view, channel, before);
    }
    set(path, "stroke-width", (rate <= 0 ? 0 : Math.min(4, 0.8 + Math.log10(1 + rate))).toFixed(1));
    const end = route?.points.at(-1);
    if (end !== undefined && rate >= 1) {
      set(text, "x", (end.x + 3).toFixed(1));
      set(text, "y", (end.y - 3).toFixed(1));
      write(text, String(Math.round(rate)));
    } else write(text, "");
  });
}

function set(element: Element, name: string, value: string): void {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

function write(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

function pathOf(pair: PairRoutes): string {
  return pair.routes.map(({ points }) => roundedPath(points)).join("");
}

function roundedPath(points: readonly Point[]): string {
  const radius = 3;
  let d = "";
  points.forEach((point, at) => {
    const before = points[at - 1];
    const after = points[at + 1];
    if (before === undefined) d += `M${round(point.x)} ${round(point.y)}`;
    else if (after === undefined) d += `L${round(point.x)} ${round(point.y)}`;
    else {
      const from = towards(point, before, radius);
      const to = towards(point, after, radius);
      d += `L${round(from.x)} ${round(from.y)}Q${round(point.x)} ${round(point.y)} ${round(to.x)} ${round(to.y)}`;
    }
  });
  return d;
}

function towards(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  const part = length === 0 ? 0 : Math.min(distance, length / 2) / length;
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Arrows move to the nearest card that lies that way. */
function moveFocus(event: KeyboardEvent, layout: MapLayout): void {
  const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[
    event.key
  ];
  const key = (event.target as Element | null)?.getAttribute?.("data-key");
  const from = layout.cards.find((card) => card.key === key);
  if (way === undefined || from === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  const [dx = 0, dy = 0] = way;
  const distance = (card: MapCard) => {
    const x = card.x + card.width / 2 - from.x - from.width / 2;
    const y = card.y - from.y;
    const along = x * dx + y * dy;
    return along <= 1 ? Number.POSITIVE_INFINITY : along + 3 * Math.abs(x * dy + y * dx);
  };
  const next = [...layout.cards].sort((a, b) => distance(a) - distance(b))[0];
  if (next === undefined || !Number.isFinite(distance(next))) return;
  const svg = event.currentTarget as SVGSVGElement;
  for (const card of svg.querySelectorAll("[data-key]")) card.setAttribute("tabindex", "-1");
  const element = svg.querySelector<SVGElement>(`[data-key="${CSS.escape(next.key)}"]`);
  element?.setAttribute("tabindex", "0");
  element?.focus();
}
