/** Gets recordings and files onto the screen: the demonstration, what the server has beside the page, a file of the reader's own. */
import * as Comlink from "comlink";
import { createRecordingView } from "../playback/recording-view.ts";
import { play, seek } from "../player.ts";
import * as state from "../state.ts";
import { ask } from "../worker/client.ts";
import type { OpenedRecording, Outcome, RunRequest } from "../worker/messages.ts";
import { runBeside } from "./run-beside.ts";
import { runScenario } from "./run-scenario.ts";
import { addBranch, isOvertaken, messageOf, nextOrder, show, tellMistakes } from "./shown-run.ts";
import { cancelRun } from "./watch-run.ts";

/** Microseconds of the demonstration that are played before its fault. */
const demonstrationLeadUs = 40_000_000;

/** The recording that comes with the page, from shortly before its fault. */
export async function loadDemonstration(options: { readonly autoplay: boolean }): Promise<void> {
  const order = nextOrder();
  const bytes = await fetched("./demonstration.stormrec", "The demonstration");
  if (bytes === undefined) return;
  const source = { kind: "demonstration", name: "" } as const;
  const opened = await openBytes(bytes, "demonstration", { source, order });
  if (!opened) return;
  const [fault] = state.faultInstants.value;
  seek(Math.max(0, (fault ?? 0) - demonstrationLeadUs));
  if (options.autoplay && !state.reducedMotion.value) play();
}

/** The files that `stormbell ui FILE [OTHER]` serves beside the page, the second one to compare; false when there is none. */
export async function openServedFiles(): Promise<boolean> {
  const names = [...document.querySelectorAll<HTMLMetaElement>("meta[name=stormbell-file]")].map(
    ({ content }) => content,
  );
  let isOpen = false;
  for (const [at, name] of names.entries()) {
    const isBeside = at > 0;
    if (isBeside && !isOpen) break;
    const bytes = await fetched(`./file/${at + 1}`, name);
    if (bytes === undefined) return true;
    const opened = await openContent(bytes, name, isBeside);
    if (at === 0) isOpen = opened;
  }
  return isOpen;
}

/** The bytes of a file that the server has; undefined, and told, when they do not come. */
async function fetched(path: string, title: string): Promise<Uint8Array | undefined> {
  let problem: string;
  try {
    const response = await fetch(path);
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
    problem = `The server answered ${response.status} ${response.statusText} for ${path}`;
  } catch (error) {
    problem = `${path} did not come: ${messageOf(error)}`;
  }
  state.failure.value = {
    title: `${title} could not be fetched`,
    lines: [`${problem}. See that what serves this page still runs, then load the page again.`],
    report: problem,
    again: { label: "Load again", act: () => location.reload() },
  };
  return undefined;
}

/** A file of the user's own, chosen or dropped. */
export async function openFile(file: File, isBeside = false): Promise<boolean> {
  const order = isBeside ? undefined : nextOrder();
  state.mistakes.value = undefined;
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch (error) {
    tellMistakes(file.name, "file", [
      {
        code: "input.unreadable",
        problem: `The file could not be read (${messageOf(error)})`,
        remedy: "Choose a file that is still there, and no folder",
        at: file.name,
      },
    ]);
    return false;
  }
  return openContent(bytes, file.name, isBeside, order);
}

/** A file's content: a recording, or a scenario in YAML or JSON. */
async function openContent(
  bytes: Uint8Array,
  name: string,
  isBeside: boolean,
  order?: number,
): Promise<boolean> {
  if (!isScenario(bytes, name)) {
    const source = { kind: "file", name } as const;
    return openBytes(bytes, name, { source, order: order ?? nextOrder(), isBeside });
  }
  const text = new TextDecoder().decode(bytes);
  state.draft.value = text;
  const seed = isBeside ? (state.view.value?.head.seed ?? "1") : "1";
  const request: RunRequest = { kind: "text", text, fileName: name, seed };
  if (isBeside) return runBeside(request, name, { kind: "file" });
  state.isIntroduced.value = true;
  return runScenario(request, name, { order });
}

/** By its ending; JSON may be either, and a recording says what it is in its first words. */
function isScenario(bytes: Uint8Array, name: string): boolean {
  if (/\.ya?ml$/i.test(name)) return true;
  if (!/\.json$/i.test(name)) return false;
  return !new TextDecoder().decode(bytes.subarray(0, 200)).includes('"stormbell-recording"');
}

interface Opening {
  readonly source: state.Source;
  readonly order: number;
  readonly isBeside?: boolean;
}

/** A recording, as the program writes it or as JSON: shown, or put beside the run on screen. */
async function openBytes(bytes: Uint8Array, name: string, opening: Opening): Promise<boolean> {
  const base = state.view.value;
  let outcome: Outcome<OpenedRecording>;
  try {
    outcome = await ask((worker) =>
      worker.open(Comlink.transfer(bytes, [bytes.buffer as ArrayBuffer]), name),
    );
  } catch (error) {
    tellMistakes(name, "file", [
      {
        code: "page.reader-ended",
        problem: `What reads files in this page did not come, or ended (${messageOf(error)})`,
        remedy:
          "See that what serves this page still runs, load the page again and open the file anew",
        at: name,
      },
    ]);
    return false;
  }
  if (!outcome.ok) {
    tellMistakes(name, "file", outcome.mistakes);
    return false;
  }
  try {
    const view = createRecordingView(outcome.value.head, outcome.value.frames);
    if (opening.isBeside === true) {
      addBranch(base, { title: name, view, fromUs: 0, decision: { kind: "file" } });
    } else {
      if (isOvertaken(opening.order)) return false;
      if (state.running.value !== undefined) cancelRun();
      show(view, opening.source, opening.order);
    }
  } catch (error) {
    tellMistakes(name, "file", [
      {
        code: "recording.unfit",
        problem: `The recording does not fit together (${messageOf(error)})`,
        remedy: "Copy it again from where it was written, or run its scenario again",
        at: name,
      },
    ]);
    return false;
  }
  return true;
}
