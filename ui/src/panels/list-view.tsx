import { useComputed } from "@preact/signals";
import { cardPicture } from "../map/card-picture.ts";
import type { MapCard, MapNode } from "../map/layout.ts";
import { fullTitle, nodesOf } from "../map/layout.ts";
import { replicaWords } from "../map/replica-words.ts";
import { replicaNow } from "../map/update-replicas.ts";
import type { RecordingView } from "../playback/recording-view.ts";
import { replicaLinks } from "../playback/replicas.ts";
import * as state from "../state.ts";

/** The facts of the map as a table: region, zone, component, state, figure. */
export function ListView({ view }: { view: RecordingView }) {
  const second = useComputed(() => Math.floor(state.instantUs.value / 500_000));
  void second.value;
  const picture = state.picture.peek();
  if (picture === undefined) return null;
  const nodes = nodesOf(view);
  const regions = ["", ...view.head.topology.regions.map(({ id }) => id)];
  return (
    <div class="list" data-list tabIndex={0} role="region" aria-label="Platform as a list">
      {regions.map((region) => {
        const own = nodes.filter((node) => node.region === region);
        const zones = view.head.zones.filter((zone) => zone.region === region && region !== "");
        if (own.length === 0) return null;
        const wide = own.filter((node) => node.zones.length === 0);
        return (
          <section key={region} aria-label={region === "" ? "Global" : region}>
            <h2>{region === "" ? "Global" : region}</h2>
            <Group title="" nodes={wide} zone="" />
            {zones.map(({ id }) => {
              const zone = picture.zones.get(id);
              return (
                <Group
                  key={id}
                  title={id}
                  words={zone?.words ?? ""}
                  health={zone?.health ?? "unknown"}
                  nodes={own.filter((node) => node.zones.includes(id))}
                  zone={id}
                />
              );
            })}
          </section>
        );
      })}
      <Copies view={view} nodes={nodes} />
    </div>
  );
}

/** Stores with a copy in another region, and how far each is behind. */
function Copies({ view, nodes }: { view: RecordingView; nodes: readonly MapNode[] }) {
  const picture = state.picture.peek();
  const links = replicaLinks(view);
  if (links.length === 0 || picture === undefined) return null;
  const titleOf = (id: string) => {
    const node = nodes.find(({ members }) => members.includes(id));
    return node === undefined ? id : fullTitle(node, nodes);
  };
  return (
    <section aria-label="Copies in other regions">
      <h2>Copies in other regions</h2>
      <table>
        <thead class="visually-hidden">
          <tr>
            <th scope="col">Copy</th>
            <th scope="col">Of</th>
            <th scope="col">Behind</th>
          </tr>
        </thead>
        <tbody>
          {links.map((link) => {
            const words = replicaWords(replicaNow(view, link, picture));
            return (
              <tr key={`${link.from} ${link.to}`} data-copy={link.to}>
                <th scope="row">
                  <button type="button" class="link" onClick={() => state.choose(link.to)}>
                    {titleOf(link.to)}
                  </button>
                </th>
                <td>
                  of {titleOf(link.from)}
                  {link.by === undefined ? "" : `, by ${titleOf(link.by).toLowerCase()}`}
                </td>
                <td class="figure" data-health={words.health}>
                  {words.long}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function Group(options: {
  title: string;
  words?: string;
  health?: string;
  nodes: readonly MapNode[];
  zone: string;
}) {
  const picture = state.picture.peek();
  if (options.nodes.length === 0 || picture === undefined) return null;
  return (
    <table>
      {options.title !== "" && (
        <caption data-health={options.health} data-zone-row={options.zone}>
          {options.title}:{" "}
          {options.health === "failed" ? `failed, ${options.words}` : options.words}
        </caption>
      )}
      <colgroup>
        <col class="list-name" />
        <col class="list-state" />
        <col />
      </colgroup>
      <thead class="visually-hidden">
        <tr>
          <th scope="col">Component</th>
          <th scope="col">State</th>
          <th scope="col">Figure</th>
        </tr>
      </thead>
      <tbody>
        {options.nodes.map((node) => {
          const card: MapCard = {
            key: `${node.id}@${options.zone}`,
            node,
            zone: options.zone,
            x: 0,
            y: 0,
            width: 0,
            height: 0,
            row: 0,
          };
          const shown = cardPicture(card, picture, 100);
          return (
            <tr key={card.key}>
              <th scope="row">
                <button
                  type="button"
                  class="link"
                  data-list-key={card.key}
                  onClick={() => state.choose(node.id)}
                >
                  {node.title}
                </button>
              </th>
              <td data-health={shown.health}>
                <svg width="10" height="10" aria-hidden="true">
                  <use href={`#glyph-${shown.health}`} width="10" height="10" />
                </svg>{" "}
                {shown.words}
              </td>
              <td class="figure">{shown.figure}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
