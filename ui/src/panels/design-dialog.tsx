import { useState } from "preact/hooks";
import type { LibraryEntry } from "../library.ts";
import { pause } from "../player.ts";
import { openFile } from "../runs/open-recording.ts";
import { compareDesign } from "../runs/run-beside.ts";
import * as state from "../state.ts";
import { Unfinished } from "./unfinished.tsx";
import { LibraryWords, useLibrary } from "./use-library.tsx";

/** A second design beside the one on screen: the same scenario on another topology, another scenario, or a file. */
export function DesignDialog() {
  const view = state.view.value;
  const { shipped, problem } = useLibrary();
  const [chosen, setChosen] = useState("");
  if (view?.head.results === undefined) {
    return <Unfinished then="compare it with another" />;
  }
  if (shipped === undefined) return <LibraryWords problem={problem} />;
  const { scenario, seed } = view.head;
  const workload = JSON.stringify(scenario.workload);
  const others = shipped.entries.filter(({ id, kind }) => id !== scenario.id && kind !== "claim");
  const same = others.filter((entry) => entry.workload === workload);
  const different = others.filter((entry) => entry.workload !== workload);
  const topologies = shipped.topologies.filter((name) => name !== scenario.topology);
  const choice =
    chosen === ""
      ? optionOf(same.find(({ id }) => id.startsWith(scenario.id)) ?? same[0] ?? others[0])
      : chosen;
  const leave = () => {
    pause();
    state.dialog.value = "";
    state.isIntroduced.value = true;
  };
  const start = () => {
    leave();
    const [kind = "", name = ""] = choice.split(" ");
    if (kind === "topology") void compareDesign({ kind, name }, `On ${name}: ${scenario.title}`);
    else {
      const entry = others.find(({ id }) => id === name);
      void compareDesign({ kind: "scenario", id: name }, entry?.title ?? name);
    }
  };
  return (
    <form
      class="design"
      onSubmit={(event) => {
        event.preventDefault();
        start();
      }}
    >
      <p>
        The run on screen stays as A. B is simulated now with the same seed ({seed}), and the two
        are shown over one time axis.
      </p>
      <dl class="designs">
        <div>
          <dt>A</dt>
          <dd>
            {scenario.title} <span class="muted">({scenario.topology})</span>
          </dd>
        </div>
        <div>
          <dt>
            <label for="design-b">B</label>
          </dt>
          <dd>
            <select
              id="design-b"
              value={choice}
              onChange={(event) => setChosen(event.currentTarget.value)}
            >
              <Options title="Another scenario, same arrivals" entries={same} />
              {topologies.length > 0 && (
                <optgroup label="This scenario on another topology">
                  {topologies.map((name) => (
                    <option key={name} value={`topology ${name}`}>
                      {name}
                    </option>
                  ))}
                </optgroup>
              )}
              <Options title="Another scenario, other arrivals" entries={different} />
            </select>
          </dd>
        </div>
      </dl>
      <p class="row">
        <button type="submit" class="primary">
          Compare
        </button>
        <label class="file">
          <span>A file as B</span>
          <input
            type="file"
            accept=".stormrec,.json,.yaml,.yml,.gz"
            onChange={(event) => {
              const file = event.currentTarget.files?.[0];
              if (file === undefined) return;
              leave();
              void openFile(file, true);
            }}
          />
        </label>
      </p>
    </form>
  );
}

function optionOf(entry: LibraryEntry | undefined): string {
  return entry === undefined ? "" : `scenario ${entry.id}`;
}

function Options({ title, entries }: { title: string; entries: readonly LibraryEntry[] }) {
  if (entries.length === 0) return null;
  return (
    <optgroup label={title}>
      {entries.map((entry) => (
        <option key={entry.id} value={optionOf(entry)}>
          {entry.title} ({entry.topology})
        </option>
      ))}
    </optgroup>
  );
}
