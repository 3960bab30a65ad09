import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { bindings, placedKeys } from "../keyboard.ts";
import { scenarioText } from "../library.ts";
import { loadDemonstration, openContent, runScenario, tellMistakes } from "../load.ts";
import { fullTitle, nodesOf } from "../map/layout.ts";
import { eventWords } from "../playback/markers.ts";
import { plainSentence } from "../playback/number-text.ts";
import { clockText, parseClock } from "../playback/times.ts";
import { seek } from "../player.ts";
import * as state from "../state.ts";
import { simulation } from "../worker/client.ts";
import { BreakDialog } from "./break-dialog.tsx";
import { DesignDialog } from "./design-dialog.tsx";
import { ExportDialog } from "./export-dialog.tsx";
import { StartPage } from "./start-page.tsx";

/** Whatever stands over the page; one at a time, left with Esc. */
export function Dialogs() {
  switch (state.dialog.value) {
    case "":
      return null;
    case "help":
      return <HelpDialog />;
    case "start":
      return (
        <Dialog title="Scenarios, incidents, claims" isWide>
          <StartPage />
        </Dialog>
      );
    case "open":
      return <OpenDialog />;
    case "break":
      return (
        <Dialog title="Break something">
          <BreakDialog />
        </Dialog>
      );
    case "design":
      return (
        <Dialog title="Compare two designs" isWide>
          <DesignDialog />
        </Dialog>
      );
    case "find":
      return <FindDialog />;
    case "goto":
      return <GoToDialog />;
    case "orders":
      return <OrdersDialog />;
    case "export":
      return (
        <Dialog title="Share and export">
          <ExportDialog />
        </Dialog>
      );
  }
}

function Dialog(options: {
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

function HelpDialog() {
  return (
    <Dialog title="Help" isWide>
      <p>
        The page plays a recorded run. Drag the timeline to any instant, choose a component to see
        its figures and the numbers it works with, choose an event to see what caused it.
      </p>
      <p class="introduction-again">
        <button
          type="button"
          onClick={() => {
            state.isIntroduced.value = false;
            state.dialog.value = "";
          }}
        >
          Show the first line and buttons again
        </button>{" "}
        <button
          type="button"
          onClick={() => {
            state.dialog.value = "";
            void loadDemonstration({ autoplay: true });
          }}
        >
          Play the demonstration
        </button>
      </p>
      <label class="check">
        <input
          type="checkbox"
          checked={state.singleKeys.value}
          onChange={(event) => {
            state.singleKeys.value = event.currentTarget.checked;
          }}
        />{" "}
        Single-key shortcuts
      </label>
      <table class="keys">
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col">Does</th>
          </tr>
        </thead>
        <tbody>
          {[...bindings, ...placedKeys].map(({ keys, does }) => (
            <tr key={`${keys} ${does}`}>
              <th scope="row">
                <kbd>{keys}</kbd>
              </th>
              <td>{does}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h3>What the signs mean</h3>
      <ul class="signs">
        {(["healthy", "degraded", "failed", "unknown"] as const).map((health) => (
          <li key={health} data-health={health}>
            <svg width="12" height="12" aria-hidden="true">
              <use href={`#glyph-${health}`} width="12" height="12" />
            </svg>{" "}
            {health === "unknown" ? "unknown, starting, or not there" : health}
          </li>
        ))}
        <li>▲ fault</li>
        <li>◆ alarm</li>
        <li>■ scaling</li>
        <li>● decision</li>
      </ul>
      <p class="muted">
        Each dot stands for the calls that the legend names; the calls on a line and those that
        reach each zone are counted, and which caller a dot comes from is drawn in proportion to
        where calls arrived.
      </p>
    </Dialog>
  );
}

/** A file of the user's own: a recording, or a scenario with all its mistakes listed. */
function OpenDialog() {
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

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
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

interface Found {
  readonly title: string;
  readonly detail: string;
  readonly go: () => void;
}

function FindDialog() {
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
    all.push({ title: fullTitle(node, nodes), detail: node.service, go });
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

function GoToDialog() {
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

const lostShownMax = 200;

/** `order-entry-rto` is `Order entry RTO`. */
function objectiveTitle(id: string): string {
  const words = id.replace(/-/g, " ").replace(/\b(rto|rpo)\b/g, (each) => each.toUpperCase());
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Without the chain of events, which the why panel shows, and with figures that can be read. */
function reasonOf(because: string): string {
  const [reason = ""] = because.split("; the chain that ended it was");
  return sentence(plainSentence(reason.charAt(0).toUpperCase() + reason.slice(1)));
}

/** What became of the orders: lost, doubled, reordered, stranded, with the last place each was known to be. */
function OrdersDialog() {
  const results = state.view.value?.head.results;
  if (results === undefined) return null;
  return (
    <Dialog title="Orders and verdicts" isWide>
      <table>
        <thead>
          <tr>
            <th scope="col">Counted as accepted at</th>
            <th scope="col">accepted</th>
            <th scope="col">lost</th>
            <th scope="col">doubled</th>
            <th scope="col">reordered</th>
            <th scope="col">stranded</th>
          </tr>
        </thead>
        <tbody>
          {results.rpo.map((rpo) => (
            <tr key={rpo.acceptance}>
              <th scope="row">
                the {rpo.acceptance}
                {rpo.declared ? " (declared)" : ""}
              </th>
              <td>{rpo.acceptedCount.toLocaleString("en-US")}</td>
              <td>{rpo.lostCount}</td>
              <td>{rpo.doubledCount}</td>
              <td>{rpo.reorderedCount}</td>
              <td>{rpo.strandedCount}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>
        {results.books.equal
          ? "The recovered books equal the reference engine's, order by order."
          : `${results.books.differingOrderIds.length} orders differ from the reference engine's.`}{" "}
        {results.totals.commandsInDoubt.toLocaleString("en-US")} commands ended in doubt;{" "}
        {results.totals.commandsInDoubtThatTookEffect.toLocaleString("en-US")} of them took effect.
      </p>
      {results.differences.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Order</th>
              <th scope="col">what</th>
              <th scope="col">fate</th>
              <th scope="col">accepted at</th>
              <th scope="col">last known place</th>
            </tr>
          </thead>
          <tbody>
            {results.differences.slice(0, lostShownMax).map((each) => (
              <tr key={`${each.kind}${each.orderId}${each.what}`}>
                <th scope="row">{each.orderId}</th>
                <td>{each.what}</td>
                <td>{each.kind}</td>
                <td>{each.acceptedUs < 0 ? "" : clockText(each.acceptedUs)}</td>
                <td>{each.lastPlace}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {results.differences.length > lostShownMax && (
        <p class="muted">
          {results.differences.length - lostShownMax} more are in the JSON export.
        </p>
      )}
      <h3>Verdicts</h3>
      <ul class="verdicts">
        {results.objectives.map((objective) => (
          <li key={objective.id} data-tone={objective.met ? "healthy" : "failed"}>
            <b>{objective.met ? "met" : "missed"}</b>
            <span>{objectiveTitle(objective.id)}</span>
            <span class="muted">{reasonOf(objective.because)}</span>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
