import { useComputed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { chartsOf } from "./charts/chart-data.ts";
import { ChartView } from "./charts/chart-view.tsx";
import { TriggerLanes } from "./charts/trigger-lanes.tsx";
import { back } from "./keyboard.ts";
import { ComponentLevel } from "./map/component-level.tsx";
import { MapView } from "./map/map-view.tsx";
import { RegionChoice } from "./map/region-choice.tsx";
import { Symbols } from "./map/symbols.tsx";
import { BookPanel } from "./panels/book-panel.tsx";
import { baseTitle, ComparePanel } from "./panels/compare-panel.tsx";
import { ComponentPanel } from "./panels/component-panel.tsx";
import { ControlPlane } from "./panels/control-plane.tsx";
import { Dialogs } from "./panels/dialogs.tsx";
import { EventsPanel } from "./panels/events-panel.tsx";
import { Header } from "./panels/header.tsx";
import { ListView } from "./panels/list-view.tsx";
import { Part } from "./panels/part.tsx";
import { PlayerBar } from "./panels/player-bar.tsx";
import type { RecordingView } from "./playback/recording-view.ts";
import { storyAt } from "./playback/story.ts";
import { clockText } from "./playback/times.ts";
import { cancelRun } from "./runs/watch-run.ts";
import * as state from "./state.ts";

export function App() {
  return (
    <>
      <svg class="symbols" width="0" height="0" aria-hidden="true">
        <Symbols />
      </svg>
      <Header />
      <Notices />
      <MapRegion />
      <Inspector />
      <PlayerBar />
      <Dialogs />
      <p class="visually-hidden" role="status" aria-live="polite">
        {state.announcement}
      </p>
    </>
  );
}

function MapRegion() {
  const view = state.view.value;
  return (
    <main class="map-region" tabIndex={-1} data-region="map" aria-label="Map">
      <MapBar />
      {state.failure.value !== undefined && <StoppedPage />}
      <Part key={partKey(view)} title="The map">
        {view === undefined ? (
          state.failure.value === undefined && <Loading />
        ) : state.opened.value !== "" ? (
          <ComponentLevel view={view} id={state.opened.value} />
        ) : state.isList.value ? (
          <ListView view={view} />
        ) : state.compared.value !== undefined && state.tab.value === "compare" ? (
          <TwoMaps />
        ) : (
          <MapView view={view} picture={state.picture} label={view.head.topology.title} />
        )}
        <ControlPlane />
      </Part>
    </main>
  );
}

const partKeys = new WeakMap<object, string>();
let partCount = 0;

/** Another platform is tried anew, whatever could not be drawn of the one before. */
function partKey(view: RecordingView | undefined): string {
  if (view === undefined) return "none";
  const known = partKeys.get(view.head.topology);
  if (known !== undefined) return known;
  partCount += 1;
  partKeys.set(view.head.topology, String(partCount));
  return String(partCount);
}

/** Both futures at the same instant, one playhead. */
function TwoMaps() {
  const view = state.view.value;
  const branch = state.compared.value;
  const dotScales = useMemo(() => new Map<string, number>(), [view, branch]);
  if (view === undefined || branch === undefined) return null;
  const maps = [
    { title: baseTitle(branch, view), view, picture: state.picture },
    { title: branch.title, view: branch.view, picture: state.branchPicture },
  ];
  return (
    <div class="two-maps">
      {(state.isSwapped.value ? [...maps].reverse() : maps).map((each, at) => (
        <figure key={each.title}>
          <figcaption class={`key key-${at}`}>
            <b>{at === 0 ? "A" : "B"}</b> {each.title}
          </figcaption>
          <MapView
            view={each.view}
            picture={each.picture}
            label={each.title}
            density="compact"
            dotScales={dotScales}
          />
        </figure>
      ))}
    </div>
  );
}

/** Where the reader is, what is happening, and the three things to do first. */
function MapBar() {
  const view = state.view.value;
  const story = useComputed(() =>
    state.view.value === undefined ? undefined : storyAt(state.view.value, state.instantUs.value),
  );
  const time = useComputed(() => (story.value === undefined ? "" : clockText(story.value.atUs, 0)));
  const text = useComputed(() => story.value?.text ?? "");
  const regions = view?.head.topology.regions ?? [];
  const isDeep =
    state.opened.value !== "" ||
    (regions.length > 1 && state.region.value !== "" && !state.isNarrow.value);
  return (
    <div class="map-bar">
      {isDeep && (
        <button type="button" class="quiet back" onClick={back} title="Back one level (Esc)">
          ‹ {state.opened.value === "" ? "all regions" : state.region.value || "the map"}
        </button>
      )}
      <p class="story" data-story>
        <span class="figure">{time}</span> <span>{text}</span>
      </p>
      {!state.isIntroduced.value && view !== undefined && (
        <div class="first-buttons" role="group" aria-label="Begin here">
          <button
            type="button"
            class="primary"
            onClick={() => {
              state.isIntroduced.value = true;
              state.dialog.value = "break";
            }}
          >
            Break something
          </button>
          <button
            type="button"
            onClick={() => {
              state.isIntroduced.value = true;
              state.dialog.value = "design";
            }}
          >
            Compare two designs
          </button>
          <button
            type="button"
            onClick={() => {
              state.isIntroduced.value = true;
              state.dialog.value = "open";
            }}
          >
            Open your own
          </button>
        </div>
      )}
      <Running />
      <div class="segmented" role="group" aria-label="Show as">
        <button
          type="button"
          aria-pressed={!state.isList.value}
          onClick={() => {
            state.isList.value = false;
          }}
        >
          Map
        </button>
        <button
          type="button"
          aria-pressed={state.isList.value}
          onClick={() => {
            state.isList.value = true;
          }}
        >
          List
        </button>
      </div>
      {view !== undefined && state.opened.value === "" && <RegionChoice view={view} />}
    </div>
  );
}

/** The map's outline at its final size, so that nothing moves when it comes. */
function Loading() {
  return (
    <div class="map loading" role="status" aria-label="Loading the recording">
      <div class="outline" aria-hidden="true">
        {Array.from({ length: 3 }, (_, at) => (
          <span key={at} />
        ))}
      </div>
    </div>
  );
}

/** A run that takes longer than a second says how far it is; longer than ten, what is slow. */
function Running() {
  const run = state.running.value;
  if (run === undefined) return null;
  const passedMs = performance.now() - run.startedMs;
  if (passedMs < 1000) return null;
  const share = run.doneUs / Math.max(1, run.durationUs);
  return (
    <div class="running" role="status">
      <progress max="1" value={share} aria-label={`Simulating ${run.title}`} />
      <button type="button" class="quiet" onClick={cancelRun}>
        Cancel
      </button>
      <span class="figure">
        {clockText(run.doneUs, 0)} of {clockText(run.durationUs, 0)} simulated,{" "}
        {Math.round(run.rate)} s a second
        {passedMs > 10_000 ? "; every order is matched, which takes its time" : ""}
      </span>
    </div>
  );
}

function StoppedPage() {
  const failure = state.failure.value;
  if (failure === undefined) return null;
  return (
    <section class="stopped" role="alert">
      <h2>{failure.title}</h2>
      {failure.lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
      <p class="row">
        <button type="button" class="primary" onClick={failure.again.act}>
          {failure.again.label}
        </button>
        <button
          type="button"
          onClick={() => {
            navigator.clipboard.writeText(failure.report).then(
              () => state.notify("The report is on the clipboard."),
              // Without leave to write there, it is shown to be copied by hand.
              () => state.notify(failure.report),
            );
          }}
        >
          Copy report
        </button>
        {state.view.value === undefined && (
          <button
            type="button"
            onClick={() => {
              state.dialog.value = "open";
            }}
          >
            Open your own
          </button>
        )}
        <button
          type="button"
          class="quiet"
          onClick={() => {
            state.failure.value = undefined;
          }}
        >
          Dismiss
        </button>
      </p>
    </section>
  );
}

function Inspector() {
  const tab = state.tab.value;
  return (
    <aside class="inspector" tabIndex={-1} data-region="inspector" aria-label="Inspector">
      <div class="tabs" role="tablist" aria-label="Inspector">
        {state.tabs.map((each) => (
          <button
            key={each.id}
            type="button"
            role="tab"
            id={`tab-${each.id}`}
            aria-selected={tab === each.id}
            aria-controls="tab-panel"
            onClick={() => {
              state.tab.value = each.id;
            }}
          >
            {each.title}
          </button>
        ))}
      </div>
      <div class="panel" id="tab-panel" role="tabpanel" aria-labelledby={`tab-${tab}`} tabIndex={0}>
        <h2 class="visually-hidden">{state.tabs.find(({ id }) => id === tab)?.title}</h2>
        <Part key={`${tab} ${partKey(state.view.value)}`} title="This panel">
          {tab === "charts" && <Charts />}
          {tab === "book" && <BookPanel />}
          {tab === "events" && <EventsPanel />}
          {tab === "component" && <ComponentPanel />}
          {tab === "compare" && <ComparePanel />}
        </Part>
      </div>
    </aside>
  );
}

function Charts() {
  const view = state.steadyView.value;
  const charts = useMemo(() => (view === undefined ? [] : chartsOf(view)), [view]);
  return (
    <div class="charts">
      {charts.slice(0, 2).map((chart) => (
        <ChartView key={chart.id} chart={chart} height={104} />
      ))}
      {view !== undefined && <TriggerLanes view={view} />}
      {charts.slice(2).map((chart) => (
        <ChartView key={chart.id} chart={chart} height={104} />
      ))}
    </div>
  );
}

function Notices() {
  const notices = state.notices.value;
  if (notices.length === 0) return null;
  return (
    <section class="notices" aria-label="Notices">
      {notices.map((notice) => (
        <div key={notice}>
          <span role="status">{notice}</span>{" "}
          <button
            type="button"
            class="quiet"
            aria-label="Dismiss notice"
            onClick={() => {
              state.notices.value = notices.filter((each) => each !== notice);
            }}
          >
            ×
          </button>
        </div>
      ))}
    </section>
  );
}
