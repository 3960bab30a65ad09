import { useRef, useState } from "preact/hooks";
import { scenarioText } from "../library.ts";
import { openContent, runScenario, tellMistakes } from "../load.ts";
import { sentence } from "../playback/number-text.ts";
import * as state from "../state.ts";
import { simulation } from "../worker/client.ts";
import { Dialog } from "./dialog.tsx";

/** A file of the user's own: a recording, or a scenario with all its mistakes listed. */
export function OpenDialog() {
  const [text, setText] = useState("");
  const [isRunning, setRunning] = useState(false);
  const mistakes = state.mistakes.value;
  const editor = useRef<HTMLTextAreaElement>(null);
  const fileName = "scenario.yaml";
  const run = async (own: string, name: string) => {
    setRunning(true);
    const checked = await simulation().check(own, name);
    setRunning(false);
    if (!checked.ok) {
      tellMistakes(name, checked.mistakes);
      return;
    }
    state.mistakes.value = undefined;
    state.dialog.value = "";
    await runScenario({ kind: "text", text: own, fileName: name, seed: "1" }, checked.value.title);
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
              if (file !== undefined) void openFile(file, setText);
            }}
          />
        </label>
        <button
          type="button"
          onClick={() => {
            void scenarioText("az-power-loss").then(setText);
          }}
        >
          Load an example
        </button>
      </p>
      {mistakes !== undefined && (
        <section class="mistakes" aria-label="Mistakes" role="alert">
          <h3>
            {mistakes.mistakes.length === 1
              ? "One mistake"
              : `${mistakes.mistakes.length} mistakes`}{" "}
            in {mistakes.title}
          </h3>
          <ol>
            {mistakes.mistakes.map((mistake) => (
              <li key={`${mistake.at}${mistake.problem}`}>
                <button
                  type="button"
                  class="link"
                  onClick={() => showPlace(editor.current, mistake.at)}
                >
                  <code>{mistake.at}</code>
                </button>{" "}
                {sentence(mistake.problem)} <em>{sentence(mistake.remedy)}</em>
              </li>
            ))}
          </ol>
        </section>
      )}
      <label class="editor">
        <span class="visually-hidden">Scenario</span>
        <textarea
          ref={editor}
          spellcheck={false}
          rows={16}
          value={text}
          placeholder="id: my-drill"
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <p class="row">
        <button
          type="button"
          class="primary"
          disabled={text.trim() === "" || isRunning}
          onClick={() => {
            void run(text, fileName);
          }}
        >
          Run it
        </button>
      </p>
    </Dialog>
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

/** A chosen file; a scenario's text also goes to the editor, where its mistakes can be mended. */
async function openFile(file: File, edit: (text: string) => void): Promise<void> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (/\.ya?ml$/i.test(file.name)) edit(new TextDecoder().decode(bytes));
  state.dialog.value = "";
  await openContent(bytes, file.name);
}
