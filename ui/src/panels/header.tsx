import { useComputed } from "@preact/signals";
import { type Clock, clocksAt } from "../playback/clocks.ts";
import { functionTitle } from "../playback/markers.ts";
import { eventCountAt } from "../playback/recording-view.ts";
import { clockText } from "../playback/times.ts";
import * as state from "../state.ts";

/** What is being shown, and whether the promises hold: the page's answer in one line. */
export function Header() {
  const view = state.view.value;
  const scaling = view?.head.results?.scaling;
  // What is not known yet holds its place unseen, so that nothing on screen moves when it is.
  const whenLoaded = { visibility: view === undefined ? "hidden" : "visible" } as const;
  const clocks = useComputed(() =>
    state.view.value === undefined ? [] : clocksAt(state.view.value, state.instantUs.value),
  );
  return (
    <header class="top" tabIndex={-1} data-region="header">
      <h1 class="wordmark">stormbell</h1>
      <button
        type="button"
        class="scenario"
        style={whenLoaded}
        aria-haspopup="dialog"
        onClick={() => {
          state.dialog.value = "start";
        }}
      >
        <ScenarioTitle
          text={`${view?.head.scenario.title ?? "Loading"}${
            scaling === undefined ? "" : ` (sample 1:${scaling.oneOf})`
          }`}
        />
      </button>
      <span class="muted seed" style={whenLoaded}>
        seed {view?.head.seed ?? "–"}
      </span>
      <div class="clocks" style={whenLoaded}>
        {clocks.value.map((clock) => (
          <RtoClock key={clock.function} clock={clock} />
        ))}
        <RpoCount />
        <TradesToSettle />
        <CostNow />
      </div>
      <div class="top-tools">
        <button type="button" class="quiet" onClick={cycleTheme} title="Light, dark, system (T)">
          <svg width="14" height="14" viewBox="0 0 10 10" aria-hidden="true">
            <use href="#glyph-degraded" />
          </svg>
          {state.theme.value === "system" ? "Auto" : functionTitle(state.theme.value)}
        </button>
        <button
          type="button"
          class="quiet"
          title="Keyboard and help (?)"
          onClick={() => {
            state.dialog.value = "help";
          }}
        >
          Help
        </button>
      </div>
    </header>
  );
}

/** Its last word keeps the sign that it opens something, which would else stand on a line of its own. */
function ScenarioTitle({ text }: { text: string }) {
  const at = text.lastIndexOf(" ") + 1;
  return (
    <span class="scenario-title">
      {text.slice(0, at)}
      <span class="kept-together">
        {text.slice(at)}
        <span class="chevron" aria-hidden="true" />
      </span>
    </span>
  );
}

export function cycleTheme(): void {
  const order: readonly state.Theme[] = ["system", "light", "dark"];
  state.theme.value = order[(order.indexOf(state.theme.value) + 1) % 3] ?? "system";
}

/** Time without service against its target; the words carry the state, the colour repeats it. */
function RtoClock({ clock }: { clock: Clock }) {
  const { seconds, targetSeconds, words, outage } = clock;
  const tone =
    words === "in service" || words === "in time"
      ? "healthy"
      : words === "out"
        ? "degraded"
        : "failed";
  const target = targetSeconds === undefined ? "" : `/${clockText(targetSeconds * 1e6, 0)}`;
  return (
    <button
      type="button"
      class="clock"
      data-tone={tone}
      data-function={clock.function}
      data-seconds={seconds.toFixed(1)}
      disabled={outage === undefined}
      title={
        outage === undefined
          ? `${functionTitle(clock.function)}: recovery time objective`
          : `Why was ${functionTitle(clock.function).toLowerCase()} out of service?`
      }
      onClick={() => {
        const last = outage?.chain.at(-1);
        if (last === undefined) return;
        state.whySeq.value = last;
        state.whyOutage.value = outage;
        state.tab.value = "events";
      }}
    >
      <span class="clock-name">{functionTitle(clock.function)} RTO</span>
      <span class="clock-time">
        {clockText(seconds * 1e6, 0)}
        <span class="muted">{target}</span>
      </span>
      <span class="clock-words">{words}</span>
    </button>
  );
}

function RpoCount() {
  const view = state.view.value;
  const declared = view?.head.results?.rpo.find((each) => each.declared);
  const bound = view?.head.scenario.objectives.find((each) => each.kind === "rpo");
  const isSample = view?.head.results?.scaling !== undefined;
  const lost = isSample ? undefined : declared?.lostCount;
  const limit = bound?.kind === "rpo" ? bound.lostMax : 0;
  const unknown = isSample ? "not judged" : "at the end";
  const words = lost === undefined ? unknown : lost > limit ? "lost" : "none lost";
  return (
    <button
      type="button"
      class="clock"
      data-tone={lost === undefined ? "unknown" : lost > limit ? "failed" : "healthy"}
      data-function="rpo"
      disabled={lost === undefined}
      title={
        isSample
          ? "A sample of the symbols tells nothing of losses: run it without scale"
          : "Accepted orders that the recovered books have lost, over the whole run"
      }
      onClick={() => {
        state.dialog.value = "orders";
      }}
    >
      <span class="clock-name">Orders lost, RPO</span>
      <span class="clock-time">
        {lost === undefined ? "–" : lost.toLocaleString("en-US")}
        <span class="muted">/{limit.toLocaleString("en-US")}</span>
      </span>
      <span class="clock-words">{words}</span>
    </button>
  );
}

/** Trades that clients were told of and no history holds: how many have been decided on by now. */
function TradesToSettle() {
  const found = state.view.value?.head.results?.tradeSettlement?.found ?? 0;
  const decided = useComputed(() => {
    const events = state.view.value?.events ?? [];
    const count = eventCountAt(events, state.instantUs.value);
    let sum = 0;
    for (let at = 0; at < count; at += 1) {
      const kind = events[at]?.kind;
      if (kind === "trades.busted" || kind === "trades.re-instated") sum += 1;
    }
    return sum;
  });
  if (found === 0) return null;
  const isSettled = decided.value >= found;
  return (
    <button
      type="button"
      class="clock"
      data-tone={isSettled ? "healthy" : "degraded"}
      data-function="trades"
      title="Trades that clients were told of and no history holds, and how many of them are settled"
      onClick={() => {
        state.dialog.value = "orders";
      }}
    >
      <span class="clock-name">Lost trades</span>
      <span class="clock-time">
        {decided}
        <span class="muted">/{found}</span>
      </span>
      <span class="clock-words">settled</span>
    </button>
  );
}

/** Only where the recording has figures: a cost that is not recorded is not shown. */
function CostNow() {
  const text = useComputed(() => {
    const view = state.view.value;
    const channel = view?.runChannels.get("cost per hour");
    if (view === undefined || channel === undefined) return "";
    const frame = state.picture.value?.frame ?? 0;
    const value = view.frames[channel]?.[frame] ?? 0;
    return `$${value.toFixed(0)}/h`;
  });
  if (text.value === "") return null;
  return (
    <span class="clock" data-function="cost">
      <span class="clock-name">Cost</span>
      <span class="clock-time">{text}</span>
    </span>
  );
}
