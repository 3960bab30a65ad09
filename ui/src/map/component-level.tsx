import { useComputed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { type Chart, componentCharts } from "../charts/chart-data.ts";
import { ChartView } from "../charts/chart-view.tsx";
import { whole } from "../playback/picture.ts";
import { clientsId, type RecordingView, rateAt, valueAt } from "../playback/recording-view.ts";
import { serviceName } from "../playback/service-names.ts";
import * as state from "../state.ts";
import { type MapNode, nodesOf } from "./layout.ts";

interface Neighbour {
  readonly node: MapNode | undefined;
  readonly title: string;
  readonly channels: readonly number[];
}

/** The third level of the map: one component, its instances zone by zone, who calls it and whom it calls. */
export function ComponentLevel({ view, id }: { view: RecordingView; id: string }) {
  const nodes = useMemo(() => nodesOf(view), [view.head.topology]);
  const node = nodes.find((each) => each.id === id);
  const { callers, callees } = useMemo(
    () => neighboursOf(view, nodes, node),
    [view.head.topology, node],
  );
  const charts = useMemo(
    () => (node === undefined ? [] : livelyCharts(view, node.members)),
    [view, node],
  );
  if (node === undefined) return null;
  return (
    <div class="component-level" data-level="component">
      <nav aria-label="Callers">
        <h2>Receives from</h2>
        <Neighbours view={view} neighbours={callers} />
      </nav>
      <section class="component-body" aria-label={node.title}>
        <h2>{node.title}</h2>
        <p class="muted">
          {serviceName(node.service)}
          {node.members.length > 1 ? `, ${node.members.length} copies` : ""}
          {node.region === "" ? "" : `, ${node.region}`}
        </p>
        {node.members.map((member) => (
          <Member key={member} view={view} id={member} isOnly={node.members.length === 1} />
        ))}
        <div class="level-charts">
          {charts.map((chart) => (
            <ChartView key={chart.id} chart={chart} height={96} />
          ))}
        </div>
      </section>
      <nav aria-label="Callees">
        <h2>Sends to</h2>
        <Neighbours view={view} neighbours={callees} />
      </nav>
    </div>
  );
}

const chartsMax = 6;

/** The figures that move the most against their own size: a line that stands still says little. */
function livelyCharts(view: RecordingView, members: readonly string[]): readonly Chart[] {
  const moves = ({ lines }: Chart) => {
    const values = lines[0]?.values ?? new Float64Array(1);
    let most = 0;
    let sum = 0;
    for (const value of values) {
      most = Math.max(most, Math.abs(value));
      sum += Math.abs(value);
    }
    return most === 0 ? 0 : 1 - sum / values.length / most;
  };
  return [...componentCharts(view, members)]
    .filter((chart) => moves(chart) > 0.001)
    .sort((a, b) => moves(b) - moves(a))
    .slice(0, chartsMax);
}

function Member({ view, id, isOnly }: { view: RecordingView; id: string; isOnly: boolean }) {
  const now = useComputed(() => state.picture.value?.components.get(id));
  const component = view.byId.get(id);
  const shown = now.value;
  if (component === undefined || shown === undefined) return null;
  return (
    <div class="member">
      {!isOnly && <h3>{component.title}</h3>}
      <p class="state" data-health={shown.health}>
        <Glyph health={shown.health} /> {shown.words}
        <strong class="figure">{shown.figure}</strong>
      </p>
      <div class="instance-zones">
        {shown.cells.map((cell) => {
          const words = state.picture.value?.zones.get(cell.zone)?.words ?? "";
          const up = Math.round(cell.up);
          const down = Math.max(0, Math.round(cell.instances) - up);
          return (
            <div key={cell.zone} class="instance-zone" data-health={cell.health}>
              <h3>{cell.zone === "outside" ? "everywhere" : cell.zone}</h3>
              <div class="instances" aria-hidden="true">
                {Array.from({ length: Math.min(60, up) }, (_, at) => (
                  <span key={at} data-health="healthy" />
                ))}
                {Array.from({ length: Math.min(60, down) }, (_, at) => (
                  <span key={`d${at}`} data-health={words === "no power" ? "failed" : "unknown"} />
                ))}
              </div>
              <p>
                {cell.instances === 0 && up === 0
                  ? "none here"
                  : `${whole(up)} of ${whole(cell.instances)} up`}
                <br />
                {words !== "in service" && words !== "" ? (
                  <>
                    <b>{words}</b>
                    <br />
                  </>
                ) : null}
                <span class="muted">
                  {whole(cell.inside)} in flight · {whole(arrivals(view, id, cell.zone))}/s
                </span>
              </p>
            </div>
          );
        })}
      </div>
    </div>
  );
}

function arrivals(view: RecordingView, id: string, zone: string): number {
  const cell = view.byId.get(id)?.cells.find((each) => each.zone === zone);
  const frame = state.picture.peek()?.frame ?? 0;
  return cell === undefined ? 0 : rateAt(view, cell.arrived, frame);
}

function Glyph({ health }: { health: string }) {
  return (
    <svg width="12" height="12" aria-hidden="true">
      <use href={`#glyph-${health}`} width="12" height="12" />
    </svg>
  );
}

function neighboursOf(
  view: RecordingView,
  nodes: readonly MapNode[],
  node: MapNode | undefined,
): { callers: readonly Neighbour[]; callees: readonly Neighbour[] } {
  const callers = new Map<
    string,
    { node: MapNode | undefined; title: string; channels: number[] }
  >();
  const callees = new Map<
    string,
    { node: MapNode | undefined; title: string; channels: number[] }
  >();
  const members = new Set(node?.members ?? []);
  const add = (into: typeof callers, other: string, channels: readonly number[]) => {
    const found = nodes.find((each) => each.members.includes(other));
    const key = found?.id ?? other;
    const isFar = found !== undefined && found.region !== "" && found.region !== node?.region;
    const title = found?.title ?? (other === clientsId ? "Clients" : other);
    const place = isFar ? `${title} in ${found.region}` : title;
    const known = into.get(key) ?? { node: found, title: place, channels: [] };
    known.channels.push(...channels);
    into.set(key, known);
  };
  for (const { from, to, channels } of view.pairs) {
    if (members.has(to) && !members.has(from)) add(callers, from, channels);
    if (members.has(from) && !members.has(to)) add(callees, to, channels);
  }
  return { callers: [...callers.values()], callees: [...callees.values()] };
}

function Neighbours(options: { view: RecordingView; neighbours: readonly Neighbour[] }) {
  const { view, neighbours } = options;
  if (neighbours.length === 0) return <p class="muted">nothing</p>;
  return (
    <ul>
      {neighbours.map(({ node, title, channels }) => (
        <li key={title}>
          <button
            type="button"
            disabled={node === undefined}
            onClick={() => {
              if (node === undefined) return;
              state.opened.value = node.id;
              state.choose(node.id);
            }}
          >
            {title}
            <CallRate view={view} channels={channels} />
          </button>
        </li>
      ))}
    </ul>
  );
}

function CallRate({ view, channels }: { view: RecordingView; channels: readonly number[] }) {
  const text = useComputed(() => {
    const frame = state.picture.value?.frame ?? 0;
    const back = Math.max(0, frame - Math.max(1, Math.round(1e6 / view.head.frameStepUs)));
    const calls = channels.reduce(
      (sum, channel) => sum + valueAt(view, channel, frame) - valueAt(view, channel, back),
      0,
    );
    return `${whole(calls)}/s`;
  });
  return <span class="figure">{text}</span>;
}
