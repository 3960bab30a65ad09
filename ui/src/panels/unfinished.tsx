import { clockText } from "../playback/times.ts";
import { runAgain } from "../runs/watch-run.ts";
import * as state from "../state.ts";

/** What stands where a run's end is needed: it goes on still, or it was stopped. */
export function Unfinished({ then }: { then: string }) {
  const view = state.view.value;
  if (view === undefined) return <p>Nothing is open yet.</p>;
  if (view.isLive) return <p>The run is still going on. When it has ended, {then}.</p>;
  return (
    <>
      <p>
        The run was stopped at {clockText(view.availableUs, 0)}, before its end. Run it to its end,
        then {then}.
      </p>
      <p class="row">
        <button
          type="button"
          class="primary"
          onClick={() => {
            state.dialog.value = "";
            runAgain();
          }}
        >
          Run again
        </button>
      </p>
    </>
  );
}
