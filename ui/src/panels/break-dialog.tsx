import { useEffect, useState } from "preact/hooks";
import { clockText } from "../playback/times.ts";
import { pause } from "../player.ts";
import { breakSomething } from "../runs/run-beside.ts";
import * as state from "../state.ts";
import { faultsOf, type Place, type PlaceKind, placeKey, placesOf } from "./break-faults.ts";
import { Unfinished } from "./unfinished.tsx";

const durationChoices = [1, 5, 10, 30];
/** A fault later than this before the end would show too little. */
const restSecondsMin = 30;

/** A further fault at the instant on screen, from what the place understands; the future is simulated anew. */
export function BreakDialog() {
  const view = state.view.value;
  const atUs = state.instantUs.peek();
  const places = view === undefined ? [] : placesOf(view);
  const [chosen, setChosen] = useState(
    state.breakPlace.peek() || placeKey("component", state.selected.peek()),
  );
  useEffect(
    () => () => {
      state.breakPlace.value = "";
    },
    [],
  );
  const place = places.find(({ key }) => key === chosen) ?? places[0];
  const faults = view === undefined || place === undefined ? [] : faultsOf(view, place);
  const [faultKey, setFaultKey] = useState("");
  const fault = faults.find(({ key }) => key === faultKey) ?? faults[0];
  const [minutes, setMinutes] = useState(5);
  if (view?.head.results === undefined || place === undefined || fault === undefined) {
    return <Unfinished then="break something; its past can then be kept as it was" />;
  }
  const end = view.head.durationUs;
  const isTooLate = atUs > end - restSecondsMin * 1_000_000;
  const start = () => {
    const atSeconds = Math.round(atUs / 1e5) / 10;
    const id = `broken-${state.branches.value.length + 1}`;
    pause();
    state.dialog.value = "";
    state.isIntroduced.value = true;
    void breakSomething(
      fault.make(place, { id, atSeconds, durationSeconds: minutes * 60 }),
      `${place.title}: ${fault.title}, from ${clockText(atSeconds * 1e6, 0)}`,
    );
  };
  return (
    <form
      class="break"
      onSubmit={(event) => {
        event.preventDefault();
        start();
      }}
    >
      <p>
        At <b>{clockText(atUs)}</b>, the instant on screen. Everything before it stays as it was;
        what follows is simulated again with the same arrivals.
      </p>
      <label class="field">
        <span>Where</span>
        <select value={place.key} onChange={(event) => setChosen(event.currentTarget.value)}>
          <Places kind="zone" title="Zones" places={places} />
          <Places kind="region" title="Regions" places={places} />
          <Places kind="component" title="Components" places={places} />
          <Places kind="everywhere" title="Everywhere" places={places} />
        </select>
      </label>
      <fieldset>
        <legend>What goes wrong</legend>
        {faults.map(({ key, title }) => (
          <label key={key} class="check">
            <input
              type="radio"
              name="fault"
              checked={key === fault.key}
              onChange={() => setFaultKey(key)}
            />{" "}
            {title}
          </label>
        ))}
      </fieldset>
      {fault.lasts && (
        <label class="field">
          <span>For</span>
          <select
            value={String(minutes)}
            onChange={(event) => setMinutes(Number(event.currentTarget.value))}
          >
            {durationChoices.map((each) => (
              <option key={each} value={String(each)}>
                {each} min
              </option>
            ))}
          </select>
        </label>
      )}
      {isTooLate && (
        <p role="status">The run ends at {clockText(end, 0)}: seek further back first.</p>
      )}
      <p class="row">
        <button type="submit" class="primary" disabled={isTooLate}>
          Break it
        </button>
      </p>
    </form>
  );
}

function Places(options: { kind: PlaceKind; title: string; places: readonly Place[] }) {
  const own = options.places.filter(({ kind }) => kind === options.kind);
  if (own.length === 0) return null;
  return (
    <optgroup label={options.title}>
      {own.map(({ key, title }) => (
        <option key={key} value={key}>
          {title}
        </option>
      ))}
    </optgroup>
  );
}
