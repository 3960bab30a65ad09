/** What is on screen: a recording, the runs beside it, and what is told of a file or a scenario. */
import { batch } from "@preact/signals";
import type { RecordingView } from "../playback/recording-view.ts";
import { pause } from "../player.ts";
import * as state from "../state.ts";
import type { ToldMistake } from "../worker/messages.ts";

/** What is shown is the newest of what was asked for and could be opened. */
let orderCount = 0;
let shownOrder = 0;

/** Number of a wish to see something; a later one has the higher number. */
export function nextOrder(): number {
  orderCount += 1;
  return orderCount;
}

/** Whether something that was asked for later is on screen already. */
export function isOvertaken(order: number): boolean {
  return order < shownOrder;
}

/** Shows a recording from its beginning; branches of the one before are dropped. */
export function show(view: RecordingView, source: state.Source, order: number): void {
  shownOrder = order;
  pause();
  // At once: what depends on several of them is worked out a single time.
  batch(() => {
    state.view.value = view;
    state.source.value = source;
    state.instantUs.value = 0;
    state.selected.value = "";
    state.opened.value = "";
    state.region.value = "";
    state.whySeq.value = undefined;
    state.span.value = undefined;
    state.branches.value = [];
    state.compareId.value = "";
    state.failure.value = undefined;
    state.mapView.value = { x: 0, y: 0, k: 1 };
  });
}

/** Puts a run beside the one that it was made for, unless that has left the screen meanwhile. */
export function addBranch(base: RecordingView | undefined, branch: Omit<state.Branch, "id">): void {
  if (base === undefined || state.view.value !== base) return;
  const id = `b${state.branches.value.length + 1}`;
  state.branches.value = [...state.branches.value, { id, ...branch }];
  state.compareId.value = id;
  state.tab.value = "compare";
}

/** Opens the dialog of mistakes with what is wrong with a scenario or a file. */
export function tellMistakes(
  title: string,
  kind: "scenario" | "file",
  mistakes: readonly ToldMistake[],
): void {
  state.mistakes.value = { title, kind, mistakes };
  state.dialog.value = "open";
}

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
