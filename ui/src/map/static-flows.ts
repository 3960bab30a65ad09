/** Without motion a flow is a line with a width and a number: each way by its own share of the calls. */
import type { Picture } from "../playback/picture.ts";
import { type RecordingView, rateAt } from "../playback/recording-view.ts";
import { routeShares } from "./dots.ts";
import { set, write } from "./map-elements.ts";
import type { Point } from "./point.ts";
import { roundedPath } from "./route-path.ts";
import type { PairRoutes } from "./routes.ts";

/** A number stands beside the end of its line, or above the numbers that stand there already. */
const numberHeight = 12;
const numberWidth = 24;
/** Below this there is no line: nobody is called a second. */
const rateMin = 0.5;

const svgNamespace = "http://www.w3.org/2000/svg";

/** Writes into `flows`, an empty group the first time and its own elements afterwards. */
export function updateStaticFlows(
  flows: Element,
  view: RecordingView,
  pairs: readonly PairRoutes[],
  picture: Picture,
): void {
  let at = 0;
  const next = (name: "path" | "text") => {
    const known = flows.children[at];
    at += 1;
    if (known !== undefined) return known;
    const made = document.createElementNS(svgNamespace, name);
    flows.append(made);
    return made;
  };
  const numbers = pairs.map((pair) => {
    const rate = pair.channels.reduce(
      (sum, channel) => sum + Math.max(0, rateAt(view, channel, picture.frame)),
      0,
    );
    const shares = routeShares(view, pair, picture.atUs);
    let busiest = 0;
    pair.routes.forEach((route, index) => {
      const path = next("path");
      if (path.getAttribute("d") === null) path.setAttribute("d", roundedPath(route.points));
      const own = rate * (shares[index] ?? 0);
      set(path, "stroke-width", widthOf(own).toFixed(1));
      if ((shares[index] ?? 0) > (shares[busiest] ?? 0)) busiest = index;
    });
    return { rate, end: pair.routes[busiest]?.points.at(-1) };
  });
  // After every line, so that none is drawn over a number.
  const taken: Point[] = [];
  for (const { rate, end } of numbers) {
    const text = next("text");
    if (end === undefined || rate < rateMin) {
      write(text, "");
      continue;
    }
    const place = { x: end.x + 3, y: end.y - 3 };
    while (
      taken.some(
        ({ x, y }) => Math.abs(x - place.x) < numberWidth && Math.abs(y - place.y) < numberHeight,
      )
    ) {
      place.y -= numberHeight;
    }
    taken.push(place);
    set(text, "x", place.x.toFixed(1));
    set(text, "y", place.y.toFixed(1));
    write(text, String(Math.round(rate)));
  }
}

/** Pixels; grows with the calls, and slower than they do. */
function widthOf(callsPerSecond: number): number {
  return callsPerSecond < rateMin ? 0 : Math.min(4, 0.8 + Math.log10(1 + callsPerSecond));
}
