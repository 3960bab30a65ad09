import type { ReadonlySignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Picture } from "../playback/picture.ts";
import { lastFrame, type RecordingView, valueAt } from "../playback/recording-view.ts";
import { countDots, onFrame, speedNow } from "../player.ts";
import * as state from "../state.ts";
import { createDotCanvas } from "./dot-stamps.ts";
import { createDotScale, forEachDot } from "./dots.ts";
import type { FarLinks } from "./far-links.ts";
import type { MapLayout } from "./layout.ts";
import { findElements, set, updateElements } from "./map-elements.ts";
import { composed, fitted, type Size, transformText } from "./placing.ts";
import { createRegionEntries, updateRegions } from "./region-entries.ts";
import type { ReplicaRoute } from "./replica-routes.ts";
import type { PairRoutes } from "./routes.ts";
import { updateStaticFlows } from "./static-flows.ts";
import { updateFarLinks, updateReplicas } from "./update-replicas.ts";

interface Drawing {
  readonly view: RecordingView;
  readonly picture: ReadonlySignal<Picture | undefined>;
  readonly layout: MapLayout;
  readonly pairs: readonly PairRoutes[];
  readonly replicas: readonly ReplicaRoute[];
  readonly far: FarLinks;
  readonly svg: { readonly current: SVGSVGElement | null };
  readonly canvas: { readonly current: HTMLCanvasElement | null };
  readonly size: Size;
  /** The calls a dot stands for here, given what would do for this map alone. */
  readonly share: (callsPerDot: number) => number;
}

/** Writes each frame straight into the elements: nothing is rendered anew while playing. */
export function useDrawing(drawing: Drawing): void {
  const { view, picture, layout, pairs, replicas, far, svg, canvas, size, share } = drawing;
  const latest = useRef(view);
  latest.current = view;
  useEffect(() => {
    const elements = svg.current === null ? undefined : findElements(svg.current, layout);
    // Its pixels are written here and not by a graphics processor.
    const context = canvas.current?.getContext("2d", { willReadFrequently: true }) ?? null;
    if (elements === undefined || canvas.current === null || context === null) return;
    const pixels = window.devicePixelRatio;
    // Before it has room there is nothing to see, and no image without a pixel.
    canvas.current.width = Math.max(1, Math.round(size.width * pixels));
    canvas.current.height = Math.max(1, Math.round(size.height * pixels));
    const style = getComputedStyle(canvas.current);
    const dots = createDotCanvas(context);
    const base = fitted(layout, size);
    const dotScale = createDotScale(pairs);
    const depthMaxOf = createDepthMax();
    const entries = createRegionEntries(layout, pairs);
    let writtenUs = -1;
    return onFrame(() => {
      const shown = latest.current;
      const now = picture.value;
      if (now === undefined) return;
      const placing = composed(base);
      // Only when it has changed: else the whole map would be laid out and painted anew.
      set(elements.content, "transform", transformText(placing));
      updateElements(elements, layout, now, depthMaxOf(shown));
      if (now.atUs !== writtenUs) {
        writtenUs = now.atUs;
        updateRegions(elements.svg, shown, entries, now);
        updateReplicas(elements.svg, shown, replicas, now);
        updateFarLinks(elements.svg, shown, far, now);
      }
      const { simSecondsPerSecond } = speedNow();
      const per = share(dotScale.callsPerDot(shown, simSecondsPerSecond));
      elements.legend(per, state.reducedMotion.value);
      if (state.reducedMotion.value) {
        context.clearRect(0, 0, context.canvas.width, context.canvas.height);
        updateStaticFlows(elements.flows, shown, pairs, now);
        return;
      }
      const scale = placing.k * pixels;
      const [left, top] = [placing.x * pixels, placing.y * pixels];
      dots.begin(style.color, (layout.density === "compact" ? 2 : 1.9) * scale);
      const drawn = forEachDot(
        shown,
        pairs,
        { atUs: now.atUs, simSecondsPerSecond, callsPerDot: per },
        (x, y) => dots.dot(left + x * scale, top + y * scale),
      );
      dots.end();
      countDots(drawn);
    });
  }, [layout, pairs, replicas, far, size, picture]);
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
