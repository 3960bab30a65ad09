import { useState } from "preact/hooks";
import { clockText, parseClock } from "../playback/times.ts";
import { seek } from "../player.ts";
import * as state from "../state.ts";
import { Dialog } from "./dialog.tsx";

export function GoToDialog() {
  const [text, setText] = useState(clockText(state.instantUs.peek(), 0));
  const atUs = parseClock(text);
  return (
    <Dialog title="Go to a time" hasField>
      <form
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
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />{" "}
        <button type="submit" disabled={atUs === undefined}>
          Go
        </button>
        <p class="muted" role="status">
          {atUs === undefined ? "Write seconds (870.5) or minutes and seconds (14:30)." : ""}
        </p>
      </form>
    </Dialog>
  );
}
