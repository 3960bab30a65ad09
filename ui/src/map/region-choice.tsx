import { type ReadonlySignal, useComputed } from "@preact/signals";
import type { Health, Picture } from "../playback/picture.ts";
import type { RecordingView } from "../playback/recording-view.ts";
import * as state from "../state.ts";

/** The region that the map shows, empty for all: on a page as narrow as a telephone several would be too small to read. */
export function regionInView(view: RecordingView): string {
  const { regions } = view.head.topology;
  const isOneAtATime = state.isNarrow.value && regions.length > 1;
  return state.region.value === "" && isOneAtATime ? (regions[0]?.id ?? "") : state.region.value;
}

/** Where one region is shown at a time: which one, with the state of each. */
export function RegionChoice({ view }: { view: RecordingView }) {
  const { regions } = view.head.topology;
  const shown = useComputed(() => regionInView(view)).value;
  if (!state.isNarrow.value || regions.length < 2 || state.isList.value) return null;
  return (
    <div class="segmented region-choice" role="group" aria-label="Region">
      {regions.map(({ id }) => (
        <button
          key={id}
          type="button"
          aria-pressed={shown === id}
          onClick={() => {
            state.region.value = id;
            state.mapView.value = { x: 0, y: 0, k: 1 };
          }}
        >
          <RegionSign view={view} region={id} picture={state.picture} /> {id}
        </button>
      ))}
    </div>
  );
}

function RegionSign(options: {
  view: RecordingView;
  region: string;
  picture: ReadonlySignal<Picture | undefined>;
}) {
  const { view, region, picture } = options;
  const health = useComputed(() => healthOf(view, region, picture.value)).value;
  return (
    <svg width="10" height="10" data-health={health} role="img" aria-label={health}>
      <use href={`#glyph-${health}`} width="10" height="10" />
    </svg>
  );
}

/** As its zones are: failed with all of them, degraded with one of them. */
function healthOf(view: RecordingView, region: string, picture: Picture | undefined): Health {
  const zones = view.head.zones.filter((zone) => zone.region === region);
  const states = zones.map(({ id }) => picture?.zones.get(id)?.health ?? "unknown");
  const [first = "unknown"] = states;
  if (states.every((each) => each === first)) return first;
  return "degraded";
}
