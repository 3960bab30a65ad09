import { useState } from "preact/hooks";
import type { FaultSpec } from "../../../sim/twin/faults/fault-types.ts";
import { breakSomething } from "../load.ts";
import { fullTitle, nodesOf } from "../map/layout.ts";
import { clockText } from "../playback/times.ts";
import { pause } from "../player.ts";
import * as state from "../state.ts";

type FaultKind = FaultSpec["kind"];

const kindTitles: Readonly<Partial<Record<FaultKind, string>>> = {
  "zone-power-loss": "Zone loses power",
  "zone-partition": "Zone is cut off",
  "link-degradation": "Zone's links get slow and lossy",
  "instance-kill": "Instances die",
  "control-plane-freeze": "Control planes freeze",
  "observability-loss": "CloudWatch goes blind",
};

/** A further fault at the instant on screen, from what the place understands; the future is simulated anew. */
export function BreakDialog() {
  const view = state.view.value;
  const atUs = state.instantUs.peek();
  const [kind, setKind] = useState<FaultKind>("zone-power-loss");
  const zones = view?.head.zones.filter(({ region }) => region !== "").map(({ id }) => id) ?? [];
  const killable = (view === undefined ? [] : nodesOf(view)).filter(({ service }) =>
    ["ecs-fargate", "matching-service", "elasticache", "aurora"].includes(service),
  );
  const [zone, setZone] = useState(zones[0] ?? "");
  const [component, setComponent] = useState(
    killable.find(({ id }) => id === state.selected.peek())?.id ?? killable[0]?.id ?? "",
  );
  const [minutes, setMinutes] = useState(5);
  const [manner, setManner] = useState<"crash" | "power" | "hang">("crash");
  if (view?.head.results === undefined) {
    return (
      <p>
        The run is still going on. Break something when it has ended; its past can then be kept as
        it was.
      </p>
    );
  }
  const end = view.head.durationUs;
  const isTooLate = atUs > end - 30_000_000;
  const start = () => {
    const seconds = Math.round(atUs / 1e5) / 10;
    const id = `broken-${state.branches.value.length + 1}`;
    const fault = faultOf(kind, {
      id,
      seconds,
      zone,
      component: memberOf(killable, component),
      minutes,
      manner,
    });
    const place =
      kind === "instance-kill"
        ? component
        : kind.includes("zone") || kind === "link-degradation"
          ? zone
          : "";
    pause();
    state.dialog.value = "";
    state.isIntroduced.value = true;
    void breakSomething(
      fault,
      `${kindTitles[kind] ?? kind}${place === "" ? "" : `, ${place}`} at ${clockText(seconds * 1e6, 0)}`,
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
      <fieldset>
        <legend>What goes wrong</legend>
        {Object.entries(kindTitles).map(([each, title]) => (
          <label key={each} class="check">
            <input
              type="radio"
              name="kind"
              checked={kind === each}
              onChange={() => setKind(each as FaultKind)}
            />{" "}
            {title}
          </label>
        ))}
      </fieldset>
      {(kind === "zone-power-loss" || kind === "zone-partition" || kind === "link-degradation") && (
        <label class="field">
          <span>Zone</span>
          <select value={zone} onChange={(event) => setZone(event.currentTarget.value)}>
            {zones.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
      )}
      {kind === "instance-kill" && (
        <>
          <label class="field">
            <span>Component</span>
            <select value={component} onChange={(event) => setComponent(event.currentTarget.value)}>
              {killable.map((node) => (
                <option key={node.id} value={node.id}>
                  {fullTitle(node, killable)}
                </option>
              ))}
            </select>
          </label>
          <label class="field">
            <span>Callers see</span>
            <select
              value={manner}
              onChange={(event) =>
                setManner(event.currentTarget.value as "crash" | "power" | "hang")
              }
            >
              <option value="crash">refused connections</option>
              <option value="power">silence</option>
              <option value="hang">accepted, never answered</option>
            </select>
          </label>
        </>
      )}
      {kind !== "instance-kill" && (
        <label class="field">
          <span>For</span>
          <select
            value={String(minutes)}
            onChange={(event) => setMinutes(Number(event.currentTarget.value))}
          >
            {[1, 5, 10, 30].map((each) => (
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

function memberOf(
  nodes: readonly { readonly id: string; readonly members: readonly string[] }[],
  id: string,
): string {
  return nodes.find((node) => node.id === id)?.members[0] ?? id;
}

function faultOf(
  kind: FaultKind,
  options: {
    id: string;
    seconds: number;
    zone: string;
    component: string;
    minutes: number;
    manner: "crash" | "power" | "hang";
  },
): FaultSpec {
  const { id, seconds: atSeconds, zone, component, minutes, manner } = options;
  const durationSeconds = minutes * 60;
  switch (kind) {
    case "zone-partition":
      return { kind, id, atSeconds, zone, durationSeconds };
    case "link-degradation":
      return {
        kind,
        id,
        atSeconds,
        from: zone,
        addedLatencyMs: 40,
        lossShare: 0.02,
        durationSeconds,
      };
    case "instance-kill":
      return { kind, id, atSeconds, component, manner };
    case "control-plane-freeze":
      return { kind, id, atSeconds, durationSeconds };
    case "observability-loss":
      return { kind, id, atSeconds, durationSeconds };
    default:
      return { kind: "zone-power-loss", id, atSeconds, zone, durationSeconds };
  }
}
