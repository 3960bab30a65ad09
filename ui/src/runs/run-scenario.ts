/** Runs scenarios in the worker and shows them from their first frames on. */
import { shippedScenario } from "../library.ts";
import { play, seek } from "../player.ts";
import * as state from "../state.ts";
import type { RunRequest } from "../worker/messages.ts";
import { isOvertaken, messageOf, nextOrder, show } from "./shown-run.ts";
import { cancelRun, watchRun } from "./watch-run.ts";

/** A shipped scenario; undefined, and told, when there is none of this id or it does not come. */
export async function shippedOrTold(id: string): ReturnType<typeof shippedScenario> {
  try {
    const found = await shippedScenario(id);
    if (found === undefined) {
      state.notify(`No scenario "${id}" is shipped. Choose one from the list of scenarios.`);
    }
    return found;
  } catch (error) {
    state.notify(
      `Scenario "${id}" did not come (${messageOf(error)}). See that what serves this page still runs.`,
    );
    return undefined;
  }
}

/** Runs a shipped scenario; false when there is none of this id, or it did not come to its end. */
export async function runShipped(
  id: string,
  options: { readonly seed: string; readonly openAtUs?: number },
): Promise<boolean> {
  const found = await shippedOrTold(id);
  if (found === undefined) return false;
  const request = { kind: "shipped", id, seed: options.seed, ...found } as const;
  return runScenario(request, found.scenario.title, { openAtUs: options.openAtUs });
}

/**
 * Runs a scenario in the worker and shows it from its first frames on. With `openAtUs`, it goes to the instant that matters
 * as soon as the run has come there, unless the reader has gone elsewhere.
 */
export function runScenario(
  request: RunRequest,
  title: string,
  options: { readonly openAtUs?: number | undefined; readonly order?: number | undefined } = {},
): Promise<boolean> {
  const { openAtUs = 0, order = nextOrder() } = options;
  let isToOpen = openAtUs > 0;
  return watchRun(request, title, {
    again: () => runScenario(request, title, { openAtUs }),
    began: (view) => {
      if (isOvertaken(order)) {
        cancelRun();
        return;
      }
      const isShipped = request.kind === "shipped";
      const source = {
        kind: isShipped ? "scenario" : "file",
        name: isShipped ? request.id : title,
      } as const;
      show(view, source, order);
      if (!state.reducedMotion.value) play();
    },
    advanced: (view) => {
      state.view.value = view;
      if (!isToOpen || view.availableUs < openAtUs) return;
      isToOpen = false;
      if (state.instantUs.value < openAtUs && state.isPlaying.value) seek(openAtUs);
    },
  });
}
