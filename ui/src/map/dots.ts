/**
 * Dots are computed, not simulated: dot k of a pair left when the pair's count of calls passed k times the calls a dot
 * stands for, and is drawn at its share of the crossing. So seeking is exact, and the density is true.
 */
import { frameAt, lastFrame, type RecordingView, valueAt } from "../playback/recording-view.ts";
import type { PairRoutes, Route } from "./routes.ts";

/** Seconds on screen that a dot takes to cross, at every speed. */
const crossingSeconds = 0.8;

/** Over all ways of a pair, which has up to nine; see docs/decisions/0020. */
const dotsMaxPerPair = 320;
const dotsMax = 2000;

let crowd = 0;

/** For measuring how fast the map is drawn: the busiest instant shows so many dots, whatever pair they belong to. */
export function showCrowd(dots: number): void {
  crowd = dots;
}

/** How many calls a dot stands for, kept for a recording that may still grow. */
export interface DotScale {
  /** A power of two by which no pair shows more than 320 dots, and all of them 2,000. */
  callsPerDot(view: RecordingView, simSecondsPerSecond: number): number;
}

/** The most calls under way at once, as far as the recording has been looked at. */
interface Busiest {
  nextFrame: number;
  ofPair: number;
  ofAll: number;
}

/** A live recording is looked at from where it was left: what has been seen of it does not change. */
export function createDotScale(pairs: readonly PairRoutes[]): DotScale {
  const known = new Map<number, Busiest>();
  return {
    callsPerDot(view, simSecondsPerSecond) {
      const busiest = known.get(simSecondsPerSecond) ?? { nextFrame: 0, ofPair: 0, ofAll: 0 };
      known.set(simSecondsPerSecond, busiest);
      const windowFrames = Math.max(
        1,
        Math.round((crossingSeconds * simSecondsPerSecond * 1_000_000) / view.head.frameStepUs),
      );
      const step = Math.max(1, Math.floor(windowFrames / 2));
      const last = lastFrame(view);
      while (busiest.nextFrame <= last) {
        lookAt(view, pairs, { frame: busiest.nextFrame, windowFrames }, busiest);
        busiest.nextFrame += step;
      }
      // The newest frames of a live recording may be busier than those that were looked at.
      const now = { ...busiest };
      lookAt(view, pairs, { frame: last, windowFrames }, now);
      if (crowd > 0) return Math.max(1, now.ofAll / crowd);
      let calls = 1;
      while (now.ofPair / calls > dotsMaxPerPair || now.ofAll / calls > dotsMax) calls *= 2;
      return calls;
    },
  };
}

function lookAt(
  view: RecordingView,
  pairs: readonly PairRoutes[],
  at: { readonly frame: number; readonly windowFrames: number },
  busiest: Busiest,
): void {
  let all = 0;
  for (const { channels } of pairs) {
    const calls =
      countAt(view, channels, at.frame) - countAt(view, channels, at.frame - at.windowFrames);
    all += calls;
    busiest.ofPair = Math.max(busiest.ofPair, calls);
  }
  busiest.ofAll = Math.max(busiest.ofAll, all);
}

function countAt(view: RecordingView, channels: readonly number[], frame: number): number {
  const shown = Math.max(0, Math.min(frame, lastFrame(view)));
  let sum = 0;
  for (const channel of channels) sum += valueAt(view, channel, shown);
  return sum;
}

/** Count at any instant: calls between two frames are taken to be even. */
function countAtUs(view: RecordingView, channels: readonly number[], atUs: number): number {
  const frame = Math.max(0, atUs / view.head.frameStepUs);
  const before = Math.floor(frame);
  const from = countAt(view, channels, before);
  return from + (countAt(view, channels, before + 1) - from) * (frame - before);
}

/** Calls `draw` with the place of every dot; what it draws is a function of the arguments alone. */
export function forEachDot(
  view: RecordingView,
  pairs: readonly PairRoutes[],
  options: {
    readonly atUs: number;
    readonly simSecondsPerSecond: number;
    readonly callsPerDot: number;
  },
  draw: (x: number, y: number) => void,
): number {
  const windowUs = crossingSeconds * options.simSecondsPerSecond * 1_000_000;
  const per = options.callsPerDot;
  const end = lastFrame(view);
  let drawn = 0;
  for (const pair of pairs) {
    if (pair.routes.length === 0) continue;
    const now = countAtUs(view, pair.channels, options.atUs);
    const then = countAtUs(view, pair.channels, options.atUs - windowUs);
    if (now - then < 1e-9) continue;
    const first = Math.floor(then / per) + 1;
    const last = Math.floor(now / per);
    if (last < first) continue;
    const shares = routeShares(view, pair, options.atUs - windowUs);
    let frame = Math.max(0, Math.floor((options.atUs - windowUs) / view.head.frameStepUs));
    for (let dot = first; dot <= last; dot += 1) {
      const goal = dot * per;
      while (frame < end && countAt(view, pair.channels, frame + 1) < goal) frame += 1;
      const from = countAt(view, pair.channels, frame);
      const rise = countAt(view, pair.channels, frame + 1) - from;
      const leftUs = (frame + (rise > 0 ? (goal - from) / rise : 0)) * view.head.frameStepUs;
      const share = (options.atUs - leftUs) / windowUs;
      if (share < 0 || share > 1) continue;
      const route = routeOfDot(pair, shares, dot);
      if (route === undefined) continue;
      drawOnRoute(route, share, draw);
      drawn += 1;
    }
  }
  return drawn;
}

/**
 * How the calls of a pair are shared out between its routes: in proportion to where calls arrived, at the caller and at
 * the callee, during the second before. The recording counts both; who called whom it does not.
 */
export function routeShares(view: RecordingView, pair: PairRoutes, atUs: number): Float64Array {
  const frame = frameAt(view, Math.max(0, atUs));
  const shares = new Float64Array(pair.routes.length);
  let total = 0;
  pair.routes.forEach((route, at) => {
    const share =
      arrivedShare(view, pair.from.members, route.fromZone, frame) *
      arrivedShare(view, pair.to.members, route.toZone, frame);
    shares[at] = share;
    total += share;
  });
  // Calls that nobody receives come from where the callers are.
  if (total === 0) {
    pair.routes.forEach((route, at) => {
      const share = arrivedShare(view, pair.from.members, route.fromZone, frame);
      shares[at] = share;
      total += share;
    });
  }
  if (total === 0) return shares.fill(1 / Math.max(1, shares.length));
  return shares.map((share) => share / total);
}

function arrivedShare(
  view: RecordingView,
  members: readonly string[],
  zone: string,
  frame: number,
): number {
  if (zone === "") return 1;
  const back = Math.max(1, Math.round(2_000_000 / view.head.frameStepUs));
  let arrived = 0;
  let up = 0;
  for (const id of members) {
    for (const cell of view.byId.get(id)?.cells ?? []) {
      if (cell.zone !== zone) continue;
      arrived +=
        valueAt(view, cell.arrived, frame) - valueAt(view, cell.arrived, Math.max(0, frame - back));
      up += valueAt(view, cell.up, frame);
    }
  }
  // A component that calls on its own account receives no calls; then its instances count.
  return arrived > 0 ? arrived : up * 1e-6;
}

const golden = 0.618_033_988_749_895;

function routeOfDot(pair: PairRoutes, shares: Float64Array, dot: number): Route | undefined {
  let rest = (dot * golden) % 1;
  for (let at = 0; at < shares.length; at += 1) {
    rest -= shares[at] ?? 0;
    if (rest < 0) return pair.routes[at];
  }
  return pair.routes.at(-1);
}

function drawOnRoute(route: Route, share: number, draw: (x: number, y: number) => void): void {
  const distance = share * route.length;
  let at = 1;
  while (at < route.lengths.length - 1 && (route.lengths[at] ?? 0) < distance) at += 1;
  const from = route.points[at - 1];
  const to = route.points[at];
  if (from === undefined || to === undefined) return;
  const begin = route.lengths[at - 1] ?? 0;
  const span = (route.lengths[at] ?? 0) - begin;
  const part = span > 0 ? (distance - begin) / span : 0;
  draw(from.x + (to.x - from.x) * part, from.y + (to.y - from.y) * part);
}
