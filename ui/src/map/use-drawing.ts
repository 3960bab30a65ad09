import type { ReadonlySignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Picture } from "../playback/picture.ts";
import { lastFrame, type RecordingView, valueAt } from "../playback/recording-view.ts";
import { countDots, onFrame, speedNow } from "../player.ts";
import * as state from "../state.ts";
import { createDotScale, forEachDot } from "./dots.ts";
import type { FarLinks } from "./far-links.ts";
import type { MapLayout } from "./layout.ts";
import { findElements, updateElements } from "./map-elements.ts";
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
    const context = canvas.current?.getContext("2d") ?? null;
    if (elements === undefined || canvas.current === null || context === null) return;
    const pixels = window.devicePixelRatio;
    canvas.current.width = Math.round(size.width * pixels);
    canvas.current.height = Math.round(size.height * pixels);
    const style = getComputedStyle(canvas.current);
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
      elements.content.setAttribute("transform", transformText(placing));
      updateElements(elements, layout, now, depthMaxOf(shown));
      if (now.atUs !== writtenUs) {
        writtenUs = now.atUs;
        updateRegions(elements.svg, shown, entries, now);
        updateReplicas(elements.svg, shown, replicas, now);
        updateFarLinks(elements.svg, shown, far, now);
      }
      const { simSecondsPerSecond } = speedNow();
      const per = share(dotScale.callsPerDot(shown, simSecondsPerSecond));
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, context.canvas.width, context.canvas.height);
      elements.legend(per, state.reducedMotion.value);
      if (state.reducedMotion.value) {
        updateStaticFlows(elements.flows, shown, pairs, now);
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
