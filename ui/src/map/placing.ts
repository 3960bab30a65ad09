/** Where the map stands in its room: fitted, and as the reader has moved it. */
import * as state from "../state.ts";
import type { MapLayout } from "./layout.ts";

const margin = 12;
/** Room for the legend, which takes two lines on a narrow page. */
const topRoom = (width: number) => (width < 700 ? 36 : 20);

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Placing {
  readonly x: number;
  readonly y: number;
  readonly k: number;
}

/** Width against height of the room for the map; 0 while there is none. */
export function aspectOf({ width, height }: Size): number {
  return height === 0 ? 0 : (width - 2 * margin) / (height - 2 * margin - topRoom(width));
}

/** Where the map stands when nobody has moved it: whole, in the middle, and on a wall of screens no larger than can be taken in. */
export function fitted(layout: MapLayout, { width, height }: Size): Placing {
  if (width === 0 || height === 0) return { x: 0, y: 0, k: 1 };
  const top = topRoom(width);
  const k = Math.max(
    0.1,
    Math.min(1.8, (width - 2 * margin) / layout.width, (height - top - 2 * margin) / layout.height),
  );
  return {
    x: (width - layout.width * k) / 2,
    y: top + margin + Math.max(0, (height - top - 2 * margin - layout.height * k) / 2),
    k,
  };
}

export function composed(base: Placing): Placing {
  const { x, y, k } = state.mapView.value;
  return { x: x + base.x * k, y: y + base.y * k, k: base.k * k };
}

export function transformText({ x, y, k }: Placing): string {
  return `translate(${x} ${y}) scale(${k})`;
}
