import { useState } from "preact/hooks";
import { bindings } from "../keyboard.ts";
import { fullTitle, nodesOf } from "../map/layout.ts";
import { eventWords } from "../playback/markers.ts";
import { serviceName } from "../playback/service-names.ts";
import { clockText } from "../playback/times.ts";
import { seek } from "../player.ts";
import * as state from "../state.ts";
import { Dialog } from "./dialog.tsx";

interface Found {
  readonly title: string;
  readonly detail: string;
  readonly go: () => void;
}

export function FindDialog() {
  const [words, setWords] = useState("");
  const [at, setAt] = useState(0);
  const found = find(words);
  const go = (each: Found | undefined) => {
    if (each === undefined) return;
    state.dialog.value = "";
    each.go();
  };
  return (
    <Dialog title="Find anything" hasField>
      <input
        type="search"
        class="find"
        aria-label="Find a component, an event or a command"
        autofocus
        value={words}
        onInput={(event) => {
          setWords(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") setAt(Math.min(found.length - 1, at + 1));
          else if (event.key === "ArrowUp") setAt(Math.max(0, at - 1));
          else if (event.key === "Enter") go(found[at]);
          else return;
          event.preventDefault();
        }}
      />
      <ul class="found">
        {found.map((each, index) => (
          <li key={`${each.title}${each.detail}`}>
            <button type="button" class={index === at ? "is-first" : ""} onClick={() => go(each)}>
              {each.title} <span class="muted">{each.detail}</span>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

function find(words: string): readonly Found[] {
  const view = state.view.value;
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (text: string) => wanted.every((word) => text.toLowerCase().includes(word));
  const all: Found[] = [];
  const nodes = view === undefined ? [] : nodesOf(view);
  for (const node of nodes) {
    const go = () => state.choose(node.id);
    all.push({ title: fullTitle(node, nodes), detail: serviceName(node.service), go });
  }
  for (const binding of bindings) {
    all.push({ title: binding.does, detail: binding.keys, go: binding.run });
  }
  for (const event of view?.events ?? []) {
    all.push({
      title: eventWords(event),
      detail: clockText(event.atUs),
      go: () => {
        seek(event.atUs);
        state.whySeq.value = event.seq;
        state.tab.value = "events";
      },
    });
  }
  return all.filter(({ title, detail }) => fits(`${title} ${detail}`)).slice(0, 12);
}
