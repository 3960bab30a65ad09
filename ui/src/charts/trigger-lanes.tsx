import { useMemo } from "preact/hooks";
import type { RecordingView } from "../playback/recording-view.ts";
import { clockText } from "../playback/times.ts";
import {
  hasRung,
  stageSymbols,
  type TriggerView,
  triggerStages,
  triggersOf,
} from "../playback/triggers.ts";
import { seek } from "../player.ts";
import * as state from "../state.ts";

/** Each alarm over the axis of the charts: when it was beyond its bound, when it rang, when that was acted on, when it helped. */
export function TriggerLanes({ view }: { view: RecordingView }) {
  const triggers = useMemo(() => triggersOf(view), [view]);
  const [fromUs, toUs] = state.span.value ?? [0, state.durationUs.value];
  if (triggers.length === 0) return null;
  const rang = triggers.filter(hasRung);
  // Two alarms of one bound, as those that scale out and in, are told of once.
  const silent = [
    ...new Set(
      triggers
        .filter((each) => !hasRung(each))
        .map(({ title, stages }) => `${title} (${clockText(stages[0]?.atUs ?? 0, 0)})`),
    ),
  ];
  return (
    <section class="chart triggers" aria-label="Alarms and what came of them">
      <header>
        <h3>Alarms</h3>
        <span class="chart-key muted">
          {triggerStages.map((name) => (
            <span key={name}>
              {stageSymbols[name]} {name}
            </span>
          ))}
        </span>
      </header>
      <ul>
        {rang.map((trigger) => (
          <Lane key={trigger.id} trigger={trigger} fromUs={fromUs} toUs={toUs} />
        ))}
      </ul>
      {silent.length > 0 && (
        <p>Beyond its bound, but not for long enough to ring: {silent.join("; ")}.</p>
      )}
    </section>
  );
}

/** Share of the axis that a sign takes, percent: one that would stand on the sign before it stands beside it. */
const signPercent = 3.8;

/** Where each sign stands, percent of the axis. */
function signPlaces(shares: readonly number[]): readonly number[] {
  const places: number[] = [];
  for (const share of shares) {
    const before = places.at(-1);
    places.push(before === undefined ? share : Math.max(share, before + signPercent));
  }
  return places;
}

function Lane(options: { trigger: TriggerView; fromUs: number; toUs: number }) {
  const { trigger, fromUs, toUs } = options;
  const share = (atUs: number) =>
    Math.max(0, Math.min(1, (atUs - fromUs) / Math.max(1, toUs - fromUs))) * 100;
  const shown = trigger.stages.filter(({ atUs }) => atUs >= fromUs && atUs <= toUs);
  const places = signPlaces(shown.map(({ atUs }) => share(atUs)));
  const [first] = trigger.stages;
  const alarmed = trigger.stages.find(({ name }) => name === "alarmed");
  const begin = share(first?.atUs ?? 0);
  const rang = share(alarmed?.atUs ?? trigger.endUs);
  return (
    <li data-trigger={trigger.id}>
      <span>{trigger.title}</span>
      <div class="lane">
        <i class="lane-before" style={`left:${begin}%;width:${Math.max(0, rang - begin)}%`} />
        {alarmed !== undefined && (
          <i class="lane-alarm" style={`left:${rang}%;width:${share(trigger.endUs) - rang}%`} />
        )}
        {shown.map(({ name, atUs, seq }, at) => (
          <button
            key={name}
            type="button"
            data-stage={name}
            style={`left:${places[at] ?? 0}%`}
            title={`${name} at ${clockText(atUs)}`}
            aria-label={`${trigger.title}: ${name} at ${clockText(atUs)}`}
            onClick={() => {
              seek(atUs);
              if (seq === undefined) return;
              state.whySeq.value = seq;
              state.whyOutage.value = undefined;
              state.tab.value = "events";
            }}
          >
            {stageSymbols[name]}
          </button>
        ))}
      </div>
    </li>
  );
}
