import type { ComponentChildren } from "preact";
import { useErrorBoundary } from "preact/hooks";
import * as state from "../state.ts";

/** A part of the page, in whose place a sentence stands when it cannot be drawn; the other parts go on. */
export function Part({ title, children }: { title: string; children: ComponentChildren }) {
  const [error, reset] = useErrorBoundary();
  if (error === undefined) return <>{children}</>;
  return (
    <section class="undrawn" role="alert">
      <h2>{title} could not be drawn</h2>
      <p>
        {String(error)}. What is open may be damaged or from another program: open it again, or open
        something else.
      </p>
      <p class="row">
        <button type="button" class="primary" onClick={reset}>
          Draw it again
        </button>
        <button
          type="button"
          onClick={() => {
            state.dialog.value = "start";
          }}
        >
          Open something else
        </button>
      </p>
    </section>
  );
}
