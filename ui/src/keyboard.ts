/** Every key of the page in one list: it binds them, and Help shows it. */
import { cycleTheme } from "./panels/header.tsx";
import { panTimeline, zoomTimeline } from "./panels/player-bar.tsx";
import * as player from "./player.ts";
import * as state from "./state.ts";

interface Binding {
  /** As Help shows it. */
  readonly keys: string;
  readonly does: string;
  readonly matches: (event: KeyboardEvent) => boolean;
  readonly run: () => void;
}

const plain = (event: KeyboardEvent) => !event.ctrlKey && !event.metaKey && !event.altKey;
/** By the printed character; `letter` ones can be turned off. */
const key =
  (...characters: readonly string[]) =>
  (event: KeyboardEvent) =>
    plain(event) &&
    characters.includes(event.key.length === 1 ? event.key.toLowerCase() : event.key);
/** By its place on the keyboard, so that these sit together on every layout. */
const code = (name: string) => (event: KeyboardEvent) => plain(event) && event.code === name;
const control = (name: string) => (event: KeyboardEvent) =>
  (event.ctrlKey || event.metaKey) && event.key === name;

const regions = ["header", "map", "inspector", "player"];

function cycleRegion(direction: 1 | -1): void {
  const at = regions.findIndex(
    (name) => document.activeElement?.closest(`[data-region="${name}"]`) !== null,
  );
  const next = regions[(at + direction + regions.length) % regions.length];
  document.querySelector<HTMLElement>(`[data-region="${next}"]`)?.focus();
}

function zoomAboutNow(factor: number): void {
  zoomTimeline(factor, state.instantUs.value);
}

/** One level back: a dialog, the component, the region, the selection. */
export function back(): void {
  if (state.dialog.value !== "") state.dialog.value = "";
  else if (state.opened.value !== "") closeComponent();
  else if (state.region.value !== "") state.region.value = "";
  else if (state.whySeq.value !== undefined) state.whySeq.value = undefined;
  else if (state.selected.value !== "") {
    const id = state.selected.value;
    state.selected.value = "";
    focusCard(id);
  }
}

/** Back from one component to the map, with the focus where it was. */
function closeComponent(): void {
  const id = state.opened.value;
  state.opened.value = "";
  focusCard(id);
}

function focusCard(id: string): void {
  requestAnimationFrame(() => {
    const escaped = CSS.escape(id);
    document
      .querySelector<HTMLElement>(
        `[data-key="${escaped}"], [data-key^="${escaped}@"], [data-list-key^="${escaped}@"]`,
      )
      ?.focus();
  });
}

export const bindings: readonly Binding[] = [
  { keys: "Space or K", does: "play, pause", matches: key(" ", "k"), run: player.togglePlay },
  { keys: ",", does: "one frame back", matches: key(","), run: () => player.stepFrames(-1) },
  { keys: ".", does: "one frame on", matches: key("."), run: () => player.stepFrames(1) },
  { keys: "J", does: "10 s back", matches: key("j"), run: () => player.seekBy(-10_000_000) },
  { keys: "L", does: "10 s on", matches: key("l"), run: () => player.seekBy(10_000_000) },
  {
    keys: "[ or Ctrl+Left",
    does: "previous marker",
    matches: (event) => key("[")(event) || control("ArrowLeft")(event),
    run: () => player.seekMarker(-1),
  },
  {
    keys: "] or Ctrl+Right",
    does: "next marker",
    matches: (event) => key("]")(event) || control("ArrowRight")(event),
    run: () => player.seekMarker(1),
  },
  { keys: "Home", does: "start", matches: key("Home"), run: () => player.seek(0) },
  {
    keys: "End",
    does: "end",
    matches: key("End"),
    run: () => player.seek(state.durationUs.value),
  },
  { keys: "W", does: "zoom timeline in", matches: code("KeyW"), run: () => zoomAboutNow(0.6) },
  { keys: "S", does: "zoom timeline out", matches: code("KeyS"), run: () => zoomAboutNow(1.7) },
  { keys: "A", does: "pan timeline left", matches: code("KeyA"), run: () => panTimeline(-0.25) },
  { keys: "D", does: "pan timeline right", matches: code("KeyD"), run: () => panTimeline(0.25) },
  {
    keys: "0",
    does: "whole run, whole map",
    matches: key("0"),
    run: () => {
      state.span.value = undefined;
      state.mapView.value = { x: 0, y: 0, k: 1 };
    },
  },
  { keys: "-", does: "slower", matches: key("-"), run: () => player.changeSpeed(-1) },
  { keys: "=", does: "faster", matches: key("=", "+"), run: () => player.changeSpeed(1) },
  ...state.tabs.map(
    (tab, at): Binding => ({
      keys: String(at + 1),
      does: tab.title,
      matches: key(String(at + 1)),
      run: () => {
        state.tab.value = tab.id;
      },
    }),
  ),
  {
    keys: "/ or Ctrl+K",
    does: "find anything",
    matches: (event) => key("/")(event) || control("k")(event),
    run: () => {
      state.dialog.value = "find";
    },
  },
  {
    keys: "F6, Shift+F6",
    does: "next, previous part of the page",
    matches: key("F6"),
    run: () => {},
  },
  {
    keys: "G",
    does: "go to a time",
    matches: key("g"),
    run: () => {
      state.dialog.value = "goto";
    },
  },
  {
    keys: "M",
    does: "mark this instant",
    matches: key("m"),
    run: () => {
      state.marks.value = [...state.marks.value, state.instantUs.value];
    },
  },
  {
    keys: "B",
    does: "break something here",
    matches: key("b"),
    run: () => {
      state.dialog.value = "break";
    },
  },
  {
    keys: "C",
    does: "compare",
    matches: key("c"),
    run: () => {
      state.tab.value = "compare";
    },
  },
  { keys: "T", does: "light, dark, system", matches: key("t"), run: cycleTheme },
  {
    keys: "V",
    does: "map or list",
    matches: key("v"),
    run: () => {
      state.isList.value = !state.isList.value;
    },
  },
  { keys: "Esc", does: "back one level", matches: key("Escape"), run: back },
  {
    keys: "?",
    does: "this table",
    matches: key("?"),
    run: () => {
      state.dialog.value = "help";
    },
  },
];

/** What works on what has the focus, and so is bound there. */
export const placedKeys: readonly { keys: string; does: string }[] = [
  { keys: "Arrows (map)", does: "to the neighbouring component" },
  { keys: "Enter (map)", does: "open the component" },
  { keys: "Left, Right (timeline)", does: "one second" },
  { keys: "PageUp, PageDown (timeline)", does: "ten seconds" },
];

const typing = "input, textarea, select, [contenteditable]";

export function bindKeys(): void {
  document.addEventListener("keydown", (event) => {
    const target = event.target instanceof Element ? event.target : undefined;
    if (event.key === "F6") {
      event.preventDefault();
      cycleRegion(event.shiftKey ? -1 : 1);
      return;
    }
    if (target?.matches(typing) === true && event.key !== "Escape") return;
    // A button does what it says when Space is pressed on it.
    const isOwn = target?.closest("button, a, [role=button]") !== null && target !== undefined;
    if (isOwn && (event.key === " " || event.key === "Enter")) return;
    const isCharacter = event.key.length === 1 && plain(event);
    if (isCharacter && !state.singleKeys.value) return;
    if (state.dialog.value !== "" && event.key !== "Escape") return;
    const found = bindings.find((binding) => binding.matches(event));
    if (found === undefined) return;
    event.preventDefault();
    found.run();
  });
}
