import { useEffect, useState } from "preact/hooks";
import { loadDemonstration, runScenario } from "../load.ts";
import { clockText } from "../playback/times.ts";
import * as state from "../state.ts";
import { simulation } from "../worker/client.ts";
import type { LibraryEntry } from "../worker/messages.ts";
import verdicts from "./library-verdicts.json";

interface Verdict {
  readonly verdict: string;
  readonly sentence: string;
  readonly spark: readonly number[];
}

const known: Readonly<Record<string, Verdict>> = verdicts;

const kinds: readonly { kind: LibraryEntry["kind"]; title: string }[] = [
  { kind: "scenario", title: "Scenarios" },
  { kind: "incident", title: "Incidents that happened" },
  { kind: "claim", title: "Claims of the strategy" },
];

/** What can be played: each with its verdict, a sentence and a picture, opened at the instant that matters. */
export function StartPage() {
  const [entries, setEntries] = useState<readonly LibraryEntry[] | undefined>(undefined);
  useEffect(() => {
    void simulation().library().then(setEntries);
  }, []);
  return (
    <div class="start">
      <p class="row">
        <button
          type="button"
          onClick={() => {
            state.dialog.value = "";
            void loadDemonstration({ autoplay: true });
          }}
        >
          Play the demonstration
        </button>
        <button
          type="button"
          onClick={() => {
            state.dialog.value = "open";
          }}
        >
          Open your own
        </button>
        <span class="muted">Every scenario below runs here, in this browser.</span>
      </p>
      {entries === undefined && <p role="status">Reading the scenarios…</p>}
      {kinds.map(({ kind, title }) => {
        const own = (entries ?? []).filter((entry) => entry.kind === kind);
        if (own.length === 0) return null;
        return (
          <section key={kind}>
            <h3>{title}</h3>
            <ul class="entries">
              {own.map((entry) => (
                <Entry key={entry.id} entry={entry} />
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}

function Entry({ entry }: { entry: LibraryEntry }) {
  const verdict = known[entry.id];
  return (
    <li>
      <button
        type="button"
        class="entry"
        data-entry={entry.id}
        onClick={() => {
          state.dialog.value = "";
          state.isIntroduced.value = true;
          void runScenario({ kind: "library", id: entry.id, seed: "1" }, entry.title);
        }}
      >
        <Spark values={verdict?.spark ?? []} />
        <span class="entry-title">{entry.title}</span>
        {verdict !== undefined && (
          <span class="entry-verdict" data-tone={verdict.verdict === "met" ? "healthy" : "failed"}>
            {verdict.verdict}
          </span>
        )}
        <span class="muted">{verdict?.sentence ?? entry.description}</span>
        <span class="muted entry-facts">
          {entry.topology} · {entry.ratePerSecond.toLocaleString("en-US")}/s ·{" "}
          {clockText(entry.durationSeconds * 1e6, 0)}
        </span>
      </button>
    </li>
  );
}

/** Share of good order entries over the run, in little. */
function Spark({ values }: { values: readonly number[] }) {
  const points = values
    .map((value, at) => `${(at / Math.max(1, values.length - 1)) * 96},${23 - value * 22}`)
    .join(" ");
  return (
    <svg class="spark" width="96" height="24" viewBox="0 0 96 24" aria-hidden="true">
      {values.length > 0 && <polyline points={points} />}
    </svg>
  );
}
