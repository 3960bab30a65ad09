import { useMemo } from "preact/hooks";
import type { RecordingView } from "../playback/recording-view.ts";
import { hasRung, triggersOf } from "../playback/triggers.ts";

/** Lanes beyond these are told in the inspector alone. */
const lanesMax = 4;
/** Pixels. */
const laneHeight = 3;

/** The alarms that rang under the timeline, a thin lane each; the inspector names them. Its room is kept while there are none. */
export function TriggerStrip(options: {
  view: RecordingView | undefined;
  place: (atUs: number) => number;
}) {
  const { view, place } = options;
  const triggers = useMemo(() => (view === undefined ? [] : triggersOf(view)), [view]);
  const shown = triggers.filter(hasRung).slice(0, lanesMax);
  return (
    <div class="trigger-strip" aria-hidden="true">
      {shown.map((trigger, lane) =>
        trigger.stages.map(({ name, atUs }, at) => {
          const from = Math.max(0, place(atUs));
          const to = Math.min(1, place(trigger.stages[at + 1]?.atUs ?? trigger.endUs));
          return to < from ? null : (
            <i
              key={`${trigger.id} ${name}`}
              data-stage={name}
              style={`top:${lane * laneHeight}px;left:${(from * 100).toFixed(3)}%;width:${((to - from) * 100).toFixed(3)}%`}
            />
          );
        }),
      )}
    </div>
  );
}
