import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import * as state from "../state.ts";

/** A window over the page, left with Esc; the focus goes back to where it was. */
export function Dialog(options: {
  title: string;
  isWide?: boolean;
  /** Whether something inside takes the focus, rather than the title. */
  hasField?: boolean;
  children: ComponentChildren;
}) {
  const element = useRef<HTMLDialogElement>(null);
  // Before the next key is pressed, which belongs to the dialog.
  useLayoutEffect(() => {
    const own = element.current;
    const before = document.activeElement;
    own?.showModal();
    return () => {
      own?.close();
      if (before instanceof HTMLElement || before instanceof SVGElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={element}
      class={options.isWide ? "dialog is-wide" : "dialog"}
      aria-label={options.title}
      onCancel={(event) => {
        event.preventDefault();
        state.dialog.value = "";
      }}
      onClick={(event) => {
        if (event.target === element.current) state.dialog.value = "";
      }}
    >
      <header>
        <h2 tabIndex={-1} autofocus={options.hasField !== true}>
          {options.title}
        </h2>
        <button
          type="button"
          class="quiet"
          onClick={() => {
            state.dialog.value = "";
          }}
        >
          Close
        </button>
      </header>
      <div class="dialog-body">{options.children}</div>
    </dialog>
  );
}
