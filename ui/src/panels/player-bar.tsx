import { useComputed, useSignalEffect } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { clocksAt } from "../playback/clocks.ts";
import { functionTitle, markerSymbols } from "../playback/markers.ts";
import type { RecordingView } from "../playback/recording-view.ts";
import { type SpeedChoice, speedChoices } from "../playback/speed.ts";
import { clockText } from "../playback/times.ts";
import * as player from "../player.ts";
import * as state from "../state.ts";
import { drawMinimap } from "./minimap.ts";
import { TriggerStrip } from "./trigger-strip.tsx";

/** Transport, timeline and speed. */
export function PlayerBar() {
  const time = useComputed(() => clockText(state.instantUs.value));
  const isPlaying = state.isPlaying.value;
  const isAtEnd = useComputed(
    () =>
      state.view.value !== undefined &&
      !state.view.value.isLive &&
      state.instantUs.value >= state.view.value.availableUs,
  );
  return (
    <footer class="player" tabIndex={-1} data-region="player" aria-label="Player">
      <div class="transport" role="group" aria-label="Transport">
        <IconButton label="Start (Home)" icon="start" onClick={() => player.seek(0)} />
        <IconButton
          label="Previous marker ([)"
          icon="previous"
          onClick={() => player.seekMarker(-1)}
        />
        <IconButton
          label={isPlaying ? "Pause (Space)" : isAtEnd.value ? "Replay (Space)" : "Play (Space)"}
          icon={isPlaying ? "pause" : "play"}
          isMain
          onClick={player.togglePlay}
        />
        <IconButton label="Next marker (])" icon="next" onClick={() => player.seekMarker(1)} />
      </div>
      <div class="time">
        <output class="time-now" data-time>
          {time}
        </output>
        <span class="muted">/ {clockText(state.durationUs.value, 0)}</span>
      </div>
      <Timeline />
      <Speed />
      <button
        type="button"
        class="quiet"
        title="Mark this instant (M)"
        onClick={() => {
          state.marks.value = [...state.marks.value, state.instantUs.value];
        }}
      >
        Mark
      </button>
      <button
        type="button"
        class="quiet"
        onClick={() => {
          state.dialog.value = "export";
        }}
      >
        Share
      </button>
    </footer>
  );
}

const icons = {
  play: "M4 2.5v11l9-5.5z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  start: "M3 3h2v10H3zM13 3v10L6 8z",
  previous: "M11 3v10L4 8z",
  next: "M5 3v10l7-5z",
} as const;

function IconButton(options: {
  label: string;
  icon: keyof typeof icons;
  isMain?: boolean;
  onClick: () => void;
}) {
  return (
    <button
      type="button"
      class={options.isMain ? "icon main" : "icon"}
      aria-label={options.label}
      title={options.label}
      onClick={options.onClick}
    >
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
        <path d={icons[options.icon]} fill="currentColor" />
      </svg>
    </button>
  );
}

function Speed() {
  const now = useComputed(() => {
    void [state.instantUs.value, state.speed.value];
    return player.speedNow();
  });
  const note = useComputed(() =>
    state.speed.value === "fit"
      ? now.value.isSlowed
        ? "10× near a fault"
        : `${Math.round(now.value.simSecondsPerSecond)}×`
      : "\u00a0",
  );
  return (
    <label class="speed">
      <span class="visually-hidden">Speed</span>
      <select
        value={String(state.speed.value)}
        onChange={(event) => {
          const text = event.currentTarget.value;
          state.speed.value = (text === "fit" ? "fit" : Number(text)) as SpeedChoice;
        }}
      >
        {speedChoices.map((choice) => (
          <option key={choice} value={String(choice)}>
            {choice === "fit" ? "fit in 60 s" : `${choice.toLocaleString("en-US")}×`}
          </option>
        ))}
      </select>
      <span class="speed-note muted">{note}</span>
    </label>
  );
}

function spanOf(): readonly [number, number] {
  return state.span.value ?? [0, state.durationUs.value];
}

function Timeline() {
  const track = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const knob = useRef<HTMLDivElement>(null);
  const view = state.view.value;
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const element = track.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useSignalEffect(() => {
    const [from, to] = spanOf();
    const shown = state.steadyView.value;
    void state.shownTheme.value;
    if (canvas.current !== null && shown !== undefined && width > 0) {
      drawMinimap(canvas.current, shown, { fromUs: from, toUs: to, width });
    }
  });
  useEffect(() => {
    const [from, to] = spanOf();
    const shown = state.steadyView.peek();
    if (canvas.current !== null && shown !== undefined && width > 0) {
      drawMinimap(canvas.current, shown, { fromUs: from, toUs: to, width });
    }
  }, [width]);
  useEffect(
    () =>
      player.onFrame(() => {
        const [begin, end] = spanOf();
        const share = (state.instantUs.peek() - begin) / Math.max(1, end - begin);
        if (knob.current === null) return;
        knob.current.style.transform = `translateX(${(share * width).toFixed(1)}px)`;
        knob.current.style.visibility = share < 0 || share > 1 ? "hidden" : "visible";
      }),
    [width],
  );
  const atPointer = (event: PointerEvent | WheelEvent) => {
    const box = track.current?.getBoundingClientRect();
    const [from, to] = spanOf();
    if (box === undefined) return 0;
    const share = Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
    return from + share * (to - from);
  };
  const drag = useRef<{ wasPlaying: boolean } | undefined>(undefined);
  const [from, to] = spanOf();
  const shareOf = (atUs: number) => (atUs - from) / Math.max(1, to - from);
  const place = (atUs: number) => `${(shareOf(atUs) * 100).toFixed(3)}%`;
  const shown = (atUs: number) => atUs >= from && atUs <= to;
  const markers = state.markers.value;
  return (
    <div class="timeline">
      <div
        class="track"
        ref={track}
        role="slider"
        tabIndex={0}
        data-scrubber
        aria-label="Timeline"
        aria-valuemin={0}
        aria-valuemax={Math.round((view?.availableUs ?? 0) / 1000)}
        aria-valuenow={useComputed(() => Math.round(state.instantUs.value / 1000))}
        aria-valuetext={useComputed(valueText)}
        onKeyDown={scrubberKey}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          event.currentTarget.focus();
          drag.current = { wasPlaying: state.isPlaying.value };
          player.pause();
          player.seek(atPointer(event));
        }}
        onPointerMove={(event) => {
          if (drag.current !== undefined) player.seek(atPointer(event));
        }}
        onPointerUp={() => {
          if (drag.current?.wasPlaying) player.play();
          drag.current = undefined;
        }}
        onWheel={(event) => {
          event.preventDefault();
          zoomTimeline(event.deltaY > 0 ? 1.25 : 0.8, atPointer(event));
        }}
      >
        <canvas ref={canvas} aria-hidden="true" />
        {markers
          .filter(({ atUs }) => shown(atUs))
          .map((marker) => (
            <span
              key={`${marker.kind}${marker.seq}`}
              class="marker"
              data-kind={marker.kind}
              style={`left:${place(marker.atUs)}`}
              aria-hidden="true"
            >
              {marker.kind === "recovery" ? "" : markerSymbols[marker.kind]}
            </span>
          ))}
        {state.marks.value.filter(shown).map((mark) => (
          <span key={mark} class="mark" style={`left:${place(mark)}`} aria-hidden="true" />
        ))}
        <div class="knob" ref={knob} aria-hidden="true" />
      </div>
      <TriggerStrip view={view} place={shareOf} />
      <div class="ticks" aria-hidden="true">
        {ticksOf(from, to, width).map((tick) => (
          <span key={tick} style={`left:${place(tick)}`}>
            {clockText(tick, 0)}
          </span>
        ))}
      </div>
    </div>
  );
}

/** Pixels that the text of a tick takes, with room before the next. */
const tickRoom = 52;

/** Round times, and both ends. */
function ticksOf(fromUs: number, toUs: number, width: number): readonly number[] {
  const steps = [1, 2, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 28_800];
  const span = (toUs - fromUs) / 1e6;
  const most = Math.max(1, Math.min(8, Math.floor(width / tickRoom) - 1));
  const step = (steps.find((each) => span / each <= most) ?? 86_400) * 1e6;
  const ticks: number[] = [];
  for (let at = Math.ceil(fromUs / step) * step; at <= toUs; at += step) ticks.push(at);
  if (width <= 0 || toUs <= fromUs) return ticks.slice(0, 1);
  // The end's own text stands before it.
  const endRoom = ((toUs - fromUs) * tickRoom * 1.5) / width;
  return [...ticks.filter((tick) => tick < toUs - endRoom), toUs];
}

/** Zooms the timeline about an instant. */
export function zoomTimeline(factor: number, aboutUs: number): void {
  const [from, to] = spanOf();
  const duration = state.durationUs.value;
  const length = Math.max(5_000_000, Math.min(duration, (to - from) * factor));
  if (length >= duration) {
    state.span.value = undefined;
    return;
  }
  const share = (aboutUs - from) / Math.max(1, to - from);
  const begin = Math.max(0, Math.min(duration - length, aboutUs - share * length));
  state.span.value = [begin, begin + length];
}

export function panTimeline(share: number): void {
  const [from, to] = spanOf();
  if (state.span.value === undefined) return;
  const length = to - from;
  const begin = Math.max(0, Math.min(state.durationUs.value - length, from + share * length));
  state.span.value = [begin, begin + length];
}

function scrubberKey(event: KeyboardEvent): void {
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowDown: -1,
    ArrowRight: 1,
    ArrowUp: 1,
    PageDown: -10,
    PageUp: 10,
  };
  const second = 1_000_000;
  const step = steps[event.key];
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (step !== undefined) player.seekBy(step * second);
  else if (event.key === "Home") player.seek(0);
  else if (event.key === "End") player.seek(state.durationUs.value);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** "06:42, us-east-1a no power, order entry 42 of 60 seconds". */
function valueText(): string {
  const view: RecordingView | undefined = state.view.value;
  const picture = state.picture.value;
  if (view === undefined || picture === undefined) return "nothing loaded";
  const zones = [...picture.zones.values()]
    .filter(({ health }) => health !== "healthy")
    .map(({ id, words }) => `${id} ${words}`);
  const clocks = clocksAt(view, picture.atUs)
    .filter(({ isRunning }) => isRunning)
    .map(
      (clock) =>
        `${functionTitle(clock.function)} out ${Math.floor(clock.seconds)}${
          clock.targetSeconds === undefined ? "" : ` of ${clock.targetSeconds}`
        } seconds`,
    );
  const states = [...zones, ...clocks];
  return [clockText(picture.atUs, 0), ...(states.length > 0 ? states : ["all in service"])].join(
    ", ",
  );
}
