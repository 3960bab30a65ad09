/** Calls as lines with rounded corners, as the `d` of an SVG path. */
import type { Point } from "./point.ts";
import type { PairRoutes } from "./routes.ts";

export function pathOf(pair: PairRoutes): string {
  return pair.routes.map(({ points }) => roundedPath(points)).join("");
}

export function roundedPath(points: readonly Point[]): string {
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
