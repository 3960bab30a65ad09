import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { LibraryClaim, LibraryEntry } from "../library.ts";
import { plainSentence } from "../playback/number-text.ts";
import { clockText } from "../playback/times.ts";
import { loadDemonstration } from "../runs/open-recording.ts";
import { runShipped } from "../runs/run-scenario.ts";
import * as state from "../state.ts";
import { LibraryWords, useLibrary } from "./use-library.tsx";

const kinds: readonly { kind: LibraryEntry["kind"]; title: string; what: string }[] = [
  { kind: "scenario", title: "Scenarios", what: "faults and loads, on each topology" },
  { kind: "incident", title: "Incidents that happened", what: "replayed on the current topology" },
];

const sections = [
  { id: "", title: "All" },
  { id: "scenario", title: "Scenarios" },
  { id: "incident", title: "Incidents" },
  { id: "claim", title: "Claims" },
] as const;

function entryText(entry: LibraryEntry): string {
  const { id, title, topology, verdict = notRun, sentence, description } = entry;
  return `${id} ${title} ${topology} ${verdict} ${sentence ?? description}`;
}

const seed = "1";
/** Seconds shown before the instant that matters. */
const leadSeconds = 5;

/** What can be played: each with its verdict, a sentence and a picture, opened at the instant that matters. */
export function StartPage() {
  const { shipped, problem } = useLibrary();
  const [section, setSection] = useState<(typeof sections)[number]["id"]>("");
  const [typed, setTyped] = useState("");
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const isShown = (text: string) => words.every((word) => text.toLowerCase().includes(word));
  const claims = (shipped?.claims ?? []).filter((claim) =>
    isShown(`${claim.words} ${claim.verdict} ${claim.section} ${claim.ours}`),
  );
  const isEmpty =
    (section === "claim" || section === "" ? claims.length === 0 : true) &&
    (shipped?.entries ?? []).every(
      (entry) =>
        entry.kind === "claim" ||
        (section !== "" && entry.kind !== section) ||
        !isShown(entryText(entry)),
    );
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
        <span class="muted">
          Every run below is simulated here, in this browser. The small curves are the share of good
          order entries, from 0 to 100 %.
        </span>
      </p>
      {shipped === undefined ? (
        <LibraryWords problem={problem} />
      ) : (
        <>
          <EarlierVerdicts entries={shipped.entries} />
          <div class="start-filter" role="group" aria-label="What to show">
            <div class="segmented">
              {sections.map(({ id, title }) => (
                <button
                  key={id}
                  type="button"
                  aria-pressed={section === id}
                  onClick={() => setSection(id)}
                >
                  {title}
                </button>
              ))}
            </div>
            <input
              type="search"
              placeholder="Filter"
              aria-label="Words in the title or the verdict"
              value={typed}
              onInput={(event) => setTyped(event.currentTarget.value)}
            />
          </div>
          {kinds.map(({ kind, title, what }) => {
            const own = shipped.entries.filter(
              (entry) => entry.kind === kind && isShown(entryText(entry)),
            );
            if (own.length === 0 || (section !== "" && section !== kind)) return null;
            return (
              <section key={kind}>
                <h3>
                  {title} <span class="muted">{what}</span>
                </h3>
                <ul class="entries">
                  {own.map((entry) => (
                    <Entry key={entry.id} entry={entry} />
                  ))}
                </ul>
              </section>
            );
          })}
          {claims.length > 0 && (section === "" || section === "claim") && (
            <Claims claims={claims} entries={shipped.entries} />
          )}
          {isEmpty && <p class="empty">Nothing here has these words.</p>}
        </>
      )}
    </div>
  );
}

/** How many verdicts a run of today might not give; nothing when there are none. */
function EarlierVerdicts({ entries }: { entries: readonly LibraryEntry[] }) {
  const count = entries.filter(({ isEarlier }) => isEarlier === true).length;
  if (count === 0) return null;
  return (
    <p class="muted" data-earlier={count}>
      {count} of {entries.length} verdicts come from runs of an earlier version of the simulation or
      of the scenario. Opening one runs it as it is now.
    </p>
  );
}

/** An address of its own, so that it can be opened beside this page or sent to a colleague. */
function RunLink(options: { entry: LibraryEntry; class: string; children: ComponentChildren }) {
  const { entry } = options;
  const atSeconds = Math.max(0, (entry.atSeconds ?? 0) - leadSeconds);
  return (
    <a
      class={options.class}
      data-entry={entry.id}
      href={`#/run/${encodeURIComponent(entry.id)}?v=1&seed=${seed}&t=${atSeconds}`}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        state.dialog.value = "";
        state.isIntroduced.value = true;
        void runShipped(entry.id, { seed, openAtUs: atSeconds * 1e6 });
      }}
    >
      {options.children}
    </a>
  );
}

function Entry({ entry }: { entry: LibraryEntry }) {
  return (
    <li>
      <RunLink entry={entry} class="entry">
        <span class="entry-title">{entry.title}</span>
        <span class="entry-result">
          <Verdict words={entry.verdict ?? notRun} />
          <Spark values={entry.spark ?? []} />
        </span>
        <span class="muted">{plainSentence(entry.sentence ?? entry.description)}</span>
        <span class="muted entry-facts">
          {entry.topology} · {entry.ratePerSecond.toLocaleString("en-US")}/s ·{" "}
          {clockText(entry.durationSeconds * 1e6, 0)}
          {entry.isEarlier === true ? " · run by an earlier version" : ""}
        </span>
      </RunLink>
    </li>
  );
}

/** Instead of the verdict of a scenario that came in after the verdicts were made. */
const notRun = "not run yet";

function Verdict({ words }: { words: string }) {
  const tone = toneOf(words);
  return (
    <span class="entry-verdict" data-tone={tone}>
      <Sign tone={tone} /> {words}
    </span>
  );
}

function toneOf(verdict: string): string {
  if (verdict === "met" || verdict === "holds") return "healthy";
  if (verdict === "missed" || verdict === "does not hold") return "failed";
  return verdict === "cannot be tested" || verdict === notRun ? "unknown" : "degraded";
}

function Sign({ tone }: { tone: string }) {
  return (
    <svg width="10" height="10" aria-hidden="true">
      <use href={`#glyph-${tone}`} width="10" height="10" />
    </svg>
  );
}

/** Share of good order entries over the run, in little. */
function Spark({ values }: { values: readonly number[] }) {
  const x = (at: number) => ((at / Math.max(1, values.length - 1)) * 96).toFixed(1);
  const y = (value: number) => (23 - value * 21).toFixed(1);
  const line = values.map((value, at) => `${x(at)},${y(value)}`).join(" ");
  return (
    <svg class="spark" width="96" height="24" viewBox="0 0 96 24" aria-hidden="true">
      {values.length > 0 && (
        <>
          <polygon points={`0,23 ${line} 96,23`} />
          <polyline points={line} />
        </>
      )}
    </svg>
  );
}

/** The strategy's claims, with the runs that their verdicts rest on; some rest on facts and sums alone. */
function Claims(options: { claims: readonly LibraryClaim[]; entries: readonly LibraryEntry[] }) {
  const byId = new Map(options.entries.map((entry) => [entry.id, entry]));
  const sections = [...new Set(options.claims.map(({ section }) => section))];
  return (
    <section>
      <h3>
        Claims of the strategy <span class="muted">judged by runs, facts and sums</span>
      </h3>
      {sections.map((section) => (
        <section key={section} aria-label={section}>
          <h4>{section}</h4>
          <ul class="claims">
            {options.claims
              .filter((claim) => claim.section === section)
              .map((claim) => (
                <li key={claim.id} data-claim={claim.id}>
                  <Verdict words={claim.verdict} />
                  <span>
                    {claim.words}. <span class="muted">Ours: {claim.ours}.</span>
                  </span>
                  <span class="claim-runs">
                    {claim.scenarios.flatMap((id) => {
                      const entry = byId.get(id);
                      return entry === undefined
                        ? []
                        : [
                            <RunLink key={id} entry={entry} class="claim-run">
                              <Spark values={entry.spark ?? []} />
                              <span class="visually-hidden">{entry.title}</span>
                              <span aria-hidden="true">run ›</span>
                            </RunLink>,
                          ];
                    })}
                  </span>
                </li>
              ))}
          </ul>
        </section>
      ))}
    </section>
  );
}
