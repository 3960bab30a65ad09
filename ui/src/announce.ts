import { effect } from "@preact/signals";
import { clockText } from "./playback/times.ts";
import * as state from "./state.ts";

const everyMs = 2000;

/** Tells a screen reader of faults, alarms, recoveries and decisions as playing passes them, at most one every two seconds. */
export function announceWhatHappens(): void {
  let beforeUs = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  effect(() => {
    const atUs = state.instantUs.value;
    const view = state.view.value;
    if (view !== undefined && state.isPlaying.value && atUs > beforeUs) {
      const passed = state.markers.value.findLast(
        (each) => each.atUs > beforeUs && each.atUs <= atUs,
      );
      if (passed !== undefined && performance.now() - lastMs > everyMs) {
        lastMs = performance.now();
        state.announcement.value = `${clockText(passed.atUs, 0)}, ${passed.label}`;
      }
    }
    beforeUs = atUs;
  });
}
