import { select } from "d3-selection";
import { type D3ZoomEvent, zoom, zoomIdentity } from "d3-zoom";
import * as state from "../state.ts";

/** Lets wheel, pinch and drag move the map; returns what undoes it. */
export function panAndZoom(element: HTMLElement): () => void {
  const behaviour = zoom<HTMLElement, unknown>()
    .scaleExtent([0.5, 8])
    .clickDistance(4)
    .on("zoom", (event: D3ZoomEvent<HTMLElement, unknown>) => {
      const { x, y, k } = event.transform;
      state.mapView.value = { x, y, k };
    });
  const selection = select(element);
  selection.call(behaviour).on("dblclick.zoom", null);
  // Whoever resets the view (another region, the key 0) moves the library along.
  const forget = state.mapView.subscribe(({ x, y, k }) => {
    const own = (element as unknown as { __zoom?: { x: number; y: number; k: number } }).__zoom;
    if (own === undefined || (own.x === x && own.y === y && own.k === k)) return;
    selection.property("__zoom", zoomIdentity.translate(x, y).scale(k));
  });
  return () => {
    forget();
    selection.on(".zoom", null);
  };
}
