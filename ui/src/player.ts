/** Moves the instant while playing, and everything that seeks. */
import { effect } from "@preact/signals";
import { advance, speedAt, speedChoices } from "./playback/speed.ts";
import * as state from "./state.ts";

const drawers = new Set<() => void>();
const scriptMs: number[] = [];
const frameIntervalsMs: number[] = [];
let dotsLeast = Number.POSITIVE_INFINITY;
let lastMs = 0;
let isQueued = false;

/** Adds something that draws the present instant; it is called at most once a frame, and keeps nothing between calls. */
export function onFrame(draw: () => void): () => void {
  drawers.add(draw);
  requestDraw();
  return () => drawers.delete(draw);
}

function requestDraw(): void {
  if (isQueued || document.hidden) return;
  isQueued = true;
  if (isDrawnLess()) setTimeout(() => requestAnimationFrame(tick), liveRestMs);
  else requestAnimationFrame(tick);
}

/** Milliseconds without a picture after each one while a run is being simulated: about thirty a second. */
const liveRestMs = 20;

/** Drawing takes processor time from the run that is simulated beside it, so it is given less. */
function isDrawnLess(): boolean {
  return state.isPlaying.peek() && state.view.peek()?.isLive === true;
}

function tick(nowMs: number): void {
  isQueued = false;
  const beganMs = performance.now();
  const wallMs = lastMs === 0 ? 16 : nowMs - lastMs;
  lastMs = nowMs;
  if (state.isPlaying.value) {
    frameIntervalsMs.push(wallMs);
    step(wallMs);
  }
  for (const draw of drawers) draw();
  if (state.isPlaying.value) {
    scriptMs.push(performance.now() - beganMs);
    if (scriptMs.length > 4000) scriptMs.splice(0, 2000);
    if (frameIntervalsMs.length > 4000) frameIntervalsMs.splice(0, 2000);
    requestDraw();
  } else {
    lastMs = 0;
  }
}

/** With reduced motion, play moves on in steps of a second. */
let waitedMs = 0;

function step(wallMs: number): void {
  const view = state.view.value;
  if (view === undefined) return;
  let passedMs = wallMs;
  if (state.reducedMotion.value) {
    waitedMs += wallMs;
    if (waitedMs < 1000) return;
    passedMs = 250;
    waitedMs = 0;
  }
  const times = state.reducedMotion.value ? 4 : 1;
  let atUs = state.instantUs.value;
  for (let count = 0; count < times; count += 1) {
    atUs = advance(state.speed.value, {
      atUs,
      wallMs: passedMs,
      durationUs: view.head.durationUs,
      faultInstantsUs: state.faultInstants.value,
    });
  }
  // A live run is shown as far as it has come.
  state.instantUs.value = Math.min(atUs, view.availableUs);
  if (!view.isLive && state.instantUs.value >= endUs()) state.isPlaying.value = false;
}

function endUs(): number {
  return state.view.value?.availableUs ?? 0;
}

export function play(): void {
  if (state.view.value === undefined) return;
  if (state.instantUs.value >= endUs() && !state.view.value.isLive) state.instantUs.value = 0;
  state.isPlaying.value = true;
  requestDraw();
}

export function pause(): void {
  state.isPlaying.value = false;
}

export function togglePlay(): void {
  if (state.isPlaying.value) pause();
  else play();
}

export function seek(toUs: number): void {
  state.instantUs.value = Math.max(0, Math.min(endUs(), toUs));
  requestDraw();
}

export function seekBy(byUs: number): void {
  seek(state.instantUs.value + byUs);
}

export function stepFrames(count: number): void {
  const view = state.view.value;
  if (view === undefined) return;
  pause();
  const step = view.head.frameStepUs;
  seek((Math.round(state.instantUs.value / step) + count) * step);
}

export function seekMarker(direction: 1 | -1): void {
  const at = state.instantUs.value;
  const instants = [...state.markers.value.map(({ atUs }) => atUs), ...state.marks.value].sort(
    (a, b) => a - b,
  );
  const next =
    direction > 0 ? instants.find((each) => each > at) : instants.findLast((each) => each < at);
  if (next !== undefined) seek(next);
}

export function changeSpeed(direction: 1 | -1): void {
  const at = speedChoices.indexOf(state.speed.value) + direction;
  const next = speedChoices[Math.max(0, Math.min(speedChoices.length - 1, at))];
  if (next !== undefined) state.speed.value = next;
}

export function speedNow() {
  return speedAt(state.speed.value, {
    atUs: state.instantUs.value,
    durationUs: state.durationUs.value,
    faultInstantsUs: state.faultInstants.value,
  });
}

/** Told by the map how many dots it drew. */
export function countDots(drawn: number): void {
  dotsLeast = Math.min(dotsLeast, drawn);
}

/** Of the frames played since the last reset. */
export function frameStats() {
  const sorted = (values: readonly number[]) => [...values].sort((a, b) => a - b);
  const at = (values: readonly number[], share: number) =>
    values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? 0;
  const script = sorted(scriptMs);
  const mean =
    frameIntervalsMs.reduce((sum, value) => sum + value, 0) / Math.max(1, frameIntervalsMs.length);
  return {
    count: script.length,
    dotsLeast,
    scriptMsP50: at(script, 0.5),
    scriptMsP95: at(script, 0.95),
    framesPerSecond: mean > 0 ? 1000 / mean : 0,
  };
}

export function resetFrameStats(): void {
  scriptMs.length = 0;
  frameIntervalsMs.length = 0;
  dotsLeast = Number.POSITIVE_INFINITY;
}

/** Whatever a picture depends on. */
effect(() => {
  void [state.view.value, state.instantUs.value, state.span.value, state.speed.value];
  void [state.mapView.value, state.reducedMotion.value, state.shownTheme.value];
  requestDraw();
});

document.addEventListener("visibilitychange", () => {
  lastMs = 0;
  requestDraw();
});
