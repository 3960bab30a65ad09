/** Parts of the page that are fetched when they are first wanted. */
import { messageOf } from "./runs/shown-run.ts";
import * as state from "./state.ts";

/** A part that comes later; undefined when it does not come, which the reader is told with what is missing for it. */
export async function latePart<Part>(
  coming: Promise<Part>,
  missing: string,
): Promise<Part | undefined> {
  try {
    return await coming;
  } catch (error) {
    state.notify(
      `${missing}: a part of the page did not come (${messageOf(error)}). See that what serves this page still runs, then load the page again.`,
    );
    return undefined;
  }
}
