/** `window.twin`: what tests ask of the page, and what anyone may ask from the console. */
import { addressWrites } from "./address.ts";
import { showCrowd } from "./map/dots.ts";
import { bookAt } from "./playback/book.ts";
import { clocksAt } from "./playback/clocks.ts";
import * as player from "./player.ts";
import * as state from "./state.ts";
import { die } from "./worker/client.ts";

export function offerTestDoor(isTesting: boolean): void {
  if (isTesting) document.documentElement.dataset["testing"] = "";
  const twin = {
    ready: async () => {
      while (state.view.value === undefined) await nextFrame();
      await nextFrame();
    },
    /** Until nothing runs and what was asked for is painted. */
    idle: async () => {
      while (state.running.value !== undefined) await nextFrame();
      await nextFrame();
      await nextFrame();
    },
    /** Milliseconds of simulated time. */
    seek: async (toMs: number) => {
      player.pause();
      player.seek(toMs * 1000);
      await nextFrame();
    },
    play: player.play,
    pause: player.pause,
    state: () => {
      const view = state.view.value;
      return {
        instantMs: state.instantUs.value / 1000,
        isPlaying: state.isPlaying.value,
        scenario: view?.head.scenario.id,
        seed: view?.head.seed,
        digest: view?.head.digest,
        isLive: view?.isLive,
        availableMs: (view?.availableUs ?? 0) / 1000,
        selected: state.selected.value,
        opened: state.opened.value,
        region: state.region.value,
        tab: state.tab.value,
        speed: state.speed.value,
        span: state.span.value,
        compare: state.compareId.value,
        branches: state.branches.value.map(({ id, title, view: own }) => ({
          id,
          title,
          digest: own.head.digest,
        })),
        clocks: view === undefined ? [] : clocksAt(view, state.instantUs.value),
        picture: picturePlain(),
        notices: state.notices.value,
        addressWrites,
      };
    },
    head: () => state.view.value?.head,
    results: () => state.view.value?.head.results,
    book: (symbol: string) =>
      state.view.value === undefined
        ? undefined
        : bookAt(state.view.value, symbol, state.instantUs.value),
    frameStats: player.frameStats,
    resetFrameStats: player.resetFrameStats,
    showCrowd,
    killWorker: () => die("the worker was ended by hand"),
  };
  Object.assign(window, { twin });
}

function picturePlain() {
  const picture = state.picture.value;
  if (picture === undefined) return undefined;
  return {
    frame: picture.frame,
    zones: Object.fromEntries(picture.zones),
    components: Object.fromEntries(picture.components),
    control: picture.control,
  };
}

function nextFrame(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}
