import { useComputed } from "@preact/signals";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { EventRecord, Outage } from "../../../sim/twin/results-types.ts";
import { eventWords, functionTitle } from "../playback/markers.ts";
import { eventCountAt, type RecordingView } from "../playback/recording-view.ts";
import { clockText } from "../playback/times.ts";
import { seek } from "../player.ts";
import * as state from "../state.ts";
import { ZoneWords } from "./zone-words.tsx";

/** Everything that happened, and why it did. */
export function EventsPanel() {
  const view = state.view.value;
  if (view === undefined) return null;
  return (
    <>
      {state.whySeq.value !== undefined && <WhyPanel view={view} seq={state.whySeq.value} />}
      <EventList view={view} />
    </>
  );
}

interface Row {
  readonly event: EventRecord;
  readonly count: number;
}

/** Events of one kind at one instant are one row; repeated ones would drown the rest. */
function rowsOf(events: readonly EventRecord[]): readonly Row[] {
  const rows: { event: EventRecord; count: number }[] = [];
  for (const event of events) {
    const last = rows.at(-1);
    if (
      last?.event.kind === event.kind &&
      event.atUs - last.event.atUs < 1_000_000 &&
      event.causeSeq === last.event.causeSeq &&
      event.causeSeq >= 0
    ) {
      last.count += 1;
    } else rows.push({ event, count: 1 });
  }
  return rows;
}

const stages: readonly EventRecord["stage"][] = [
  "fault",
  "detect",
  "decide",
  "act",
  "recover",
  "info",
];

/** Whether an event has every word that was typed: in what is said of it, in its kind or its component. */
function hasWords(event: EventRecord, words: readonly string[]): boolean {
  const text = `${eventWords(event)} ${event.kind} ${event.component}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

function EventList({ view }: { view: RecordingView }) {
  const [stage, setStage] = useState("");
  const [typed, setTyped] = useState("");
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = useMemo(
    () =>
      stage === "" && typed.trim() === ""
        ? view.events
        : view.events.filter(
            (event) => (stage === "" || event.stage === stage) && hasWords(event, words),
          ),
    [view.events, stage, typed],
  );
  return (
    <>
      <div class="event-filter" role="group" aria-label="Which events">
        <input
          type="search"
          placeholder="Filter"
          aria-label="Words in the event"
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <select
          aria-label="Stage"
          value={stage}
          onChange={(event) => setStage(event.currentTarget.value)}
        >
          <option value="">every stage</option>
          {stages.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
        <span class="muted" role="status">
          {shown === view.events ? "" : `${shown.length.toLocaleString("en-US")} of `}
          {view.events.length.toLocaleString("en-US")}
        </span>
      </div>
      {shown.length === 0 ? (
        <p class="empty">
          {view.events.length === 0
            ? "Nothing has happened that is worth a line."
            : "No event has these words at this stage."}
        </p>
      ) : (
        <EventRows view={view} events={shown} />
      )}
    </>
  );
}

/** Rows that are drawn before and after the block that holds the present one: a long run has too many for a page. */
const rowsAround = 200;

function EventRows({ view, events }: { view: RecordingView; events: readonly EventRecord[] }) {
  const rows = useMemo(() => rowsOf(events), [events]);
  const list = useRef<HTMLOListElement>(null);
  const count = useComputed(() => eventCountAt(view.events, state.instantUs.value));
  const seqNow = view.events[count.value - 1]?.seq ?? -1;
  const current = rows.findLastIndex(({ event }) => event.seq <= seqNow);
  const [wider, setWider] = useState(0);
  const block = Math.floor(Math.max(0, current) / rowsAround) * rowsAround;
  const from = Math.max(0, block - rowsAround * (1 + wider));
  const to = Math.min(rows.length, block + rowsAround * (2 + wider));
  const more = (count: number, what: string) =>
    count === 0 ? null : (
      <li key={what} class="events-more">
        <button type="button" class="link" onClick={() => setWider(wider + 5)}>
          {count.toLocaleString("en-US")} {what}
        </button>
      </li>
    );
  useEffect(() => {
    const row = list.current?.querySelector(".is-now");
    if (!(row instanceof HTMLElement) || list.current === null) return;
    const box = list.current;
    box.scrollTop = row.offsetTop - box.clientHeight * 0.6;
  }, [current]);
  return (
    <ol class="events" ref={list} aria-label="Events">
      {more(from, "earlier")}
      {rows.slice(from, to).map(({ event, count: times }, index) => (
        <li key={event.seq} class={timeClass(from + index, current)}>
          <button
            type="button"
            data-seq={event.seq}
            aria-current={from + index === current ? "time" : undefined}
            onClick={() => {
              seek(event.atUs);
              state.whySeq.value = event.seq;
              state.whyOutage.value = undefined;
            }}
          >
            <span class="event-time">{clockText(event.atUs)}</span>
            <span class="event-stage" data-stage={event.stage}>
              {event.stage}
            </span>
            <span>
              <ZoneWords text={eventWords(event)} />
              {times > 1 ? <span class="muted"> ×{times}</span> : null}
            </span>
          </button>
        </li>
      ))}
      {more(rows.length - to, "later")}
    </ol>
  );
}

function timeClass(at: number, current: number): string {
  if (at === current) return "is-now";
  return at > current ? "is-later" : "";
}

/** Causes of an event, from the first one down to it: by what the log says, never by nearness in time. */
function causesOf(view: RecordingView, seq: number): readonly EventRecord[] {
  const bySeq = new Map(view.events.map((event) => [event.seq, event]));
  const chain: EventRecord[] = [];
  for (let event = bySeq.get(seq); event !== undefined; event = bySeq.get(event.causeSeq)) {
    chain.unshift(event);
    if (chain.length > 200) break;
  }
  return chain;
}

function effectsOf(view: RecordingView, seq: number): readonly EventRecord[] {
  return view.events.filter(({ causeSeq }) => causeSeq === seq);
}

function WhyPanel({ view, seq }: { view: RecordingView; seq: number }) {
  const outage = state.whyOutage.value;
  const chain = outage === undefined ? causesOf(view, seq) : chainOf(view, outage);
  const effects = outage === undefined ? effectsOf(view, seq) : [];
  const first = chain[0];
  return (
    <section class="why" aria-label="Why">
      <header>
        <h3>
          {outage === undefined
            ? "Why did this happen?"
            : `Why was ${functionTitle(outage.function).toLowerCase()} out for ${outage.seconds.toFixed(0)} s?`}
        </h3>
        <button
          type="button"
          class="quiet"
          aria-label="Close why"
          onClick={() => {
            state.whySeq.value = undefined;
            state.whyOutage.value = undefined;
          }}
        >
          Close
        </button>
      </header>
      {outage !== undefined && <PartsBar outage={outage} />}
      <ol class="chain">
        {chain.map((event) => (
          <li key={event.seq}>
            <button type="button" data-chain-seq={event.seq} onClick={() => seek(event.atUs)}>
              <span class="event-time">
                {first === undefined ? "" : `+${clockText(event.atUs - first.atUs)}`}
              </span>
              <span class="event-stage" data-stage={event.stage}>
                {event.stage}
              </span>
              <span>
                <ZoneWords text={eventWords(event)} />
              </span>
            </button>
          </li>
        ))}
      </ol>
      {effects.length > 0 && (
        <p class="muted">
          It led to {effects.length === 1 ? "one event" : `${effects.length} events`}:{" "}
          {effects.slice(0, 4).map((event, at) => (
            <span key={event.seq}>
              {at > 0 ? "; " : ""}
              <button
                type="button"
                class="link"
                onClick={() => {
                  seek(event.atUs);
                  state.whySeq.value = event.seq;
                }}
              >
                <ZoneWords text={eventWords(event)} />
              </button>
            </span>
          ))}
          {effects.length > 4 ? "…" : ""}
        </p>
      )}
    </section>
  );
}

function chainOf(view: RecordingView, outage: Outage): readonly EventRecord[] {
  const bySeq = new Map(view.events.map((event) => [event.seq, event]));
  return outage.chain.flatMap((seq) => bySeq.get(seq) ?? []);
}

const partNames = ["detect", "decide", "act", "recover", "drain"] as const;

/** Where the time of an outage went. */
function PartsBar({ outage }: { outage: Outage }) {
  const { parts, seconds } = outage;
  return (
    <div class="parts">
      <div class="parts-bar" aria-hidden="true">
        {partNames.map((name) => (
          <span
            key={name}
            data-part={name}
            style={`flex-grow:${Math.max(0, parts[name])}`}
            hidden={parts[name] <= 0}
          />
        ))}
      </div>
      <dl>
        {partNames.map((name) => (
          <div key={name}>
            <dt data-part={name}>{name}</dt>
            <dd>
              {parts[name].toFixed(1)} s
              <br />
              <span class="muted">
                {((parts[name] / Math.max(0.1, seconds)) * 100).toFixed(0)}%
              </span>
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
