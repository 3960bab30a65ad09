import { useRef, useState } from "preact/hooks";
import { scenarioText } from "../library.ts";
import { sentence } from "../playback/number-text.ts";
import { openFile } from "../runs/open-recording.ts";
import { runScenario } from "../runs/run-scenario.ts";
import { tellMistakes } from "../runs/shown-run.ts";
import * as state from "../state.ts";
import { ask } from "../worker/client.ts";
import type { ToldMistake } from "../worker/messages.ts";
import { Dialog } from "./dialog.tsx";

/** A file of the user's own: a recording, or a scenario with all its mistakes listed. */
export function OpenDialog() {
  const text = state.draft.value;
  const [isReading, setReading] = useState(false);
  const [trouble, setTrouble] = useState("");
  const editor = useRef<HTMLTextAreaElement>(null);
  const fileName = "scenario.yaml";
  const run = async () => {
    setReading(true);
    setTrouble("");
    try {
      const checked = await ask((worker) => worker.check(text, fileName));
      if (!checked.ok) {
        tellMistakes(fileName, "scenario", checked.mistakes);
        return;
      }
      state.mistakes.value = undefined;
      state.dialog.value = "";
      void runScenario({ kind: "text", text, fileName, seed: "1" }, checked.value.title);
    } catch (error) {
      setTrouble(
        `It could not be read (${error}). Run it again; if that fails, load the page anew.`,
      );
    } finally {
      setReading(false);
    }
  };
  return (
    <Dialog title="Open your own" isWide>
      <p>
        Drop a recording (<code>.stormrec</code>, <code>.json</code>) or a scenario (
        <code>.yaml</code>, <code>.json</code>) anywhere on the page, choose a file, or write a
        scenario here. Nothing leaves this machine.
      </p>
      <p class="row">
        <label class="file">
          <span>Choose a file</span>
          <input
            type="file"
            accept=".stormrec,.json,.yaml,.yml,.gz"
            onChange={(event) => {
              const file = event.currentTarget.files?.[0];
              if (file === undefined) return;
              state.dialog.value = "";
              void openFile(file);
            }}
          />
        </label>
        <button
          type="button"
          onClick={() => {
            scenarioText("az-power-loss").then(
              (example) => {
                state.draft.value = example;
              },
              (error: unknown) => setTrouble(`The example did not come (${error}).`),
            );
          }}
        >
          Load an example
        </button>
      </p>
      <Mistakes onPlace={(place) => showPlace(editor.current, place)} />
      <label class="editor">
        <span class="visually-hidden">Scenario</span>
        <textarea
          ref={editor}
          spellcheck={false}
          rows={16}
          value={text}
          placeholder="id: my-drill"
          onInput={(event) => {
            state.draft.value = event.currentTarget.value;
          }}
        />
      </label>
      <p class="row">
        <button
          type="button"
          class="primary"
          disabled={text.trim() === "" || isReading}
          onClick={() => void run()}
        >
          Run it
        </button>
        <span role="status">{trouble}</span>
      </p>
    </Dialog>
  );
}

/** What is wrong, where, and what to do about it. */
function Mistakes({ onPlace }: { onPlace: (place: string) => void }) {
  const told = state.mistakes.value;
  if (told === undefined) return null;
  const { title, kind, mistakes } = told;
  const count = mistakes.length === 1 ? "One mistake" : `${mistakes.length} mistakes`;
  return (
    <section class="mistakes" aria-label="Mistakes" role="alert">
      <h3>{kind === "file" ? `${title} could not be opened` : `${count} in ${title}`}</h3>
      <ol>
        {mistakes.map((mistake, at) => (
          <li key={at}>
            {kind === "scenario" && <Place mistake={mistake} onPlace={onPlace} />}
            {sentence(mistake.problem)} <em>{sentence(mistake.remedy)}</em>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Place(options: { mistake: ToldMistake; onPlace: (place: string) => void }) {
  const { at } = options.mistake;
  if (!/:\d+:\d+$/.test(at)) return at === "" ? null : <code>{at} </code>;
  return (
    <>
      <button type="button" class="link" onClick={() => options.onPlace(at)}>
        <code>{at}</code>
      </button>{" "}
    </>
  );
}

/** Puts the caret where `file:line:column` says. */
function showPlace(editor: HTMLTextAreaElement | null, place: string): void {
  const [, line, column] = /:(\d+):(\d+)$/.exec(place) ?? [];
  if (editor === null || line === undefined) return;
  const lines = editor.value.split("\n").slice(0, Number(line) - 1);
  const at = lines.reduce((sum, each) => sum + each.length + 1, 0) + Number(column) - 1;
  editor.focus();
  editor.setSelectionRange(at, at);
  const lineHeight = Number.parseFloat(getComputedStyle(editor).lineHeight);
  editor.scrollTop = Math.max(0, (Number(line) - 5) * lineHeight);
}
