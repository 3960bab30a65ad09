import { type ReadonlySignal, useComputed } from "@preact/signals";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { latePart } from "../late-part.ts";
import { placeKey } from "../panels/break-faults.ts";
import type { Picture } from "../playback/picture.ts";
import type { RecordingView } from "../playback/recording-view.ts";
import { replicaLinks } from "../playback/replicas.ts";
import * as state from "../state.ts";
import { Card } from "./card.tsx";
import { farLinks, rowsWithWords } from "./far-links.ts";
import { layoutMap } from "./layout.ts";
import type { Density } from "./layout-metrics.ts";
import { moveFocus } from "./move-focus.ts";
import { aspectOf, fitted, type Size, transformText } from "./placing.ts";
import { regionInView } from "./region-choice.tsx";
import { pairKey } from "./region-entries.ts";
import { arrowHead, type ReplicaRoute, replicaRoutes } from "./replica-routes.ts";
import { pathOf, roundedPath } from "./route-path.ts";
import { type PairRoutes, routePairs } from "./routes.ts";
import { useDrawing } from "./use-drawing.ts";

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
  const region = useComputed(() => regionInView(view)).value;
  const root = useRef<HTMLDivElement>(null);
  const size = useSize(root);
  const aspect = aspectOf(size);
  const layout = useMemo(
    () => layoutMap(view, region === "" ? undefined : region, aspect, density),
    // A live recording grows without changing its platform.
    [view.head.topology, region, aspect, density],
  );
  const replicas = useMemo(() => replicaRoutes(layout, replicaLinks(view)), [layout]);
  const far = useMemo(() => farLinks(layout, view), [layout]);
  const pairs = useMemo(
    () => routePairs(layout, view.pairs, rowsWithWords(layout, far)),
    [layout, far],
  );
  const svg = useRef<SVGSVGElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const share = (per: number) => {
    options.dotScales?.set(label, per);
    return Math.max(per, ...(options.dotScales?.values() ?? []));
  };
  useDrawing({ view, picture, layout, pairs, replicas, far, svg, canvas, size, share });
  usePanAndZoom(root);
  const base = fitted(layout, size);
  const zoneInset = layout.density === "slim" ? 5 : 10;
  return (
    <div class="map" ref={root} data-level={layout.level} data-density={layout.density}>
      <svg
        ref={svg}
        width={size.width}
        height={size.height}
        viewBox={`0 0 ${size.width} ${size.height}`}
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
              <text
                class="region-words"
                data-region-words={each.id}
                x={each.x + each.width - 10}
                y={each.y + 20}
                text-anchor="end"
              />
            </g>
          ))}
          {layout.zones.map((zone) => (
            <g key={zone.id} class="zone" data-zone={zone.id}>
              <rect x={zone.x} y={zone.y} width={zone.width} height={zone.height} rx="6" />
              <ZoneName
                id={zone.id}
                text={
                  layout.level === "world" || layout.density === "slim"
                    ? zone.id.replace(zone.region, "zone ")
                    : zone.id
                }
                x={zone.x + zoneInset}
                y={zone.y + 16}
              />
            </g>
          ))}
          <g class="routes" aria-hidden="true">
            {pairs.map((pair) => (
              <path key={pairKey(pair)} data-pair={pairKey(pair)} d={pathOf(pair)} />
            ))}
          </g>
          <LitRoutes pairs={pairs} />
          <g class="flows" aria-hidden="true" />
          <Replicas routes={replicas} />
          <g class="replicas" aria-hidden="true">
            {far.copies.map(({ key, word }) => (
              <text key={key} data-far={key} x={word.x} y={word.y} />
            ))}
          </g>
          {layout.cards.map((card, at) => (
            <Card key={card.key} card={card} isFirst={at === 0} density={layout.density} />
          ))}
          {layout.zones.map((zone) => (
            <text
              key={zone.id}
              class="zone-words"
              data-words={zone.id}
              x={zone.x + zone.width - zoneInset}
              y={zone.y + 16}
              text-anchor="end"
            />
          ))}
        </g>
      </svg>
      <canvas ref={canvas} aria-hidden="true" />
      <p class="map-far" data-far-calls />
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

/** Stores and their copies in other regions; each frame writes how far the copy is behind. */
function Replicas({ routes }: { routes: readonly ReplicaRoute[] }) {
  return (
    <g class="replicas" aria-hidden="true">
      {routes.map(({ key, points, word }) => (
        <g key={key} data-replica={key}>
          <path class="replica-line" d={roundedPath(points)} />
          <path class="replica-head" d={arrowHead(points)} />
          <text x={word.x} y={word.y + 3.5} text-anchor="middle" />
        </g>
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

/** A zone is a place where something can be broken: its name opens the dialog for it. */
function ZoneName({ id, text, x, y }: { id: string; text: string; x: number; y: number }) {
  const breakIt = () => {
    state.breakPlace.value = placeKey("zone", id);
    state.dialog.value = "break";
  };
  return (
    <text
      class="zone-name"
      x={x}
      y={y}
      role="button"
      tabindex={-1}
      aria-label={`${id}: break it`}
      onClick={breakIt}
      onKeyDown={(event) => {
        if (event.key === "Enter") breakIt();
      }}
    >
      {text}
    </text>
  );
}

function openRegion(id: string): void {
  state.region.value = id;
  state.mapView.value = { x: 0, y: 0, k: 1 };
}

function useSize(root: { readonly current: HTMLElement | null }): Size {
  const [size, setSize] = useState<Size>({ width: 0, height: 0 });
  useEffect(() => {
    const element = root.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => {
      // A sheet of paper shows what was drawn for the screen.
      if (matchMedia("print").matches) return;
      setSize({ width: element.clientWidth, height: element.clientHeight });
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return size;
}

function usePanAndZoom(root: { readonly current: HTMLElement | null }): void {
  useEffect(() => {
    const element = root.current;
    if (element === null) return;
    let isGone = false;
    let forget = () => {};
    // The map is painted before the library that moves it is there.
    void latePart(
      import("./pan-and-zoom.ts"),
      "The map cannot be moved or enlarged with the pointer",
    ).then((part) => {
      if (!isGone && part !== undefined) forget = part.panAndZoom(element);
    });
    return () => {
      isGone = true;
      forget();
    };
  }, []);
}
