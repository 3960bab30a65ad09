import { useState } from "preact/hooks";
import { clockText, parseClock } from "../playback/times.ts";
import { seek } from "../player.ts";
import * as state from "../state.ts";
import { Dialog } from "./dialog.tsx";

export function GoToDialog() {
  const [text, setText] = useState(clockText(state.instantUs.peek(), 0));
  const atUs = parseClock(text);
  const endUs = state.durationUs.value;
  return (
    <Dialog title="Go to a time" hasField>
      <form
        class="go-to"
        onSubmit={(event) => {
          event.preventDefault();
          if (atUs === undefined) return;
          seek(atUs);
          state.dialog.value = "";
        }}
      >
        <input
          aria-label="Minutes and seconds since the run began"
          autofocus
          onFocus={(event) => event.currentTarget.select()}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button type="submit" disabled={atUs === undefined}>
          Go
        </button>
        <p class="muted" role="status">
          {atUs === undefined
            ? "Write seconds (870.5) or minutes and seconds (14:30)."
            : atUs > endUs
              ? `The run ends at ${clockText(endUs, 0)}.`
              : ""}
        </p>
      </form>
    </Dialog>
  );
}
