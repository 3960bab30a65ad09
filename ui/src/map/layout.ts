/**
 * Where everything stands on the map: zones side by side, tiers in rows, services of a region in strips above and below.
 * The places follow from the topology by rule, so that a platform of the user's own is drawn as well as the shipped ones.
 * See docs/decisions/0020.
 */
import {
  type ComponentView,
  clientsId,
  type RecordingView,
  titleOf,
} from "../playback/recording-view.ts";

import { replicaLinks } from "../playback/replicas.ts";
import {
  compact,
  type Density,
  detailed,
  halved,
  type Metrics,
  slim,
  twoLines,
} from "./layout-metrics.ts";

/** One thing on the map: a component, or several copies of one that share the load. */
export interface MapNode {
  readonly id: string;
  readonly title: string;
  readonly service: string;
  /** Component ids; more than one for copies of one component. */
  readonly members: readonly string[];
  /** Region, or empty for what is global. */
  readonly region: string;
  /** Zones in which it is drawn; empty when it is drawn once for its whole region. */
  readonly zones: readonly string[];
}

/** A place where a node is drawn. */
export interface MapCard {
  readonly key: string;
  readonly node: MapNode;
  /** Zone, or empty. */
  readonly zone: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Row of the region, counted from the top; gutters lie between rows. */
  readonly row: number;
}

export interface MapZone {
  readonly id: string;
  readonly region: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface MapRegion {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface MapLayout {
  readonly level: "world" | "region";
  /** `compact` cards have a sign and a name alone: many stand in little room; `slim` ones have words too, and stand in narrow columns. */
  readonly density: Density;
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly MapNode[];
  readonly cards: readonly MapCard[];
  readonly zones: readonly MapZone[];
  readonly regions: readonly MapRegion[];
  /** Top and bottom of each row of cards; calls run between them. */
  readonly rows: readonly { readonly top: number; readonly bottom: number }[];
}

/** Share of its size to which a map may shrink so that its small cards have room for words. */
const shrinkMax = 0.88;

/** Order of services from the client inwards. */
const entryServices = ["route53", "cloudfront", "waf", "api-gateway", "load-balancer"];
const zonalRows: readonly (readonly string[])[] = [
  ["ecs-fargate"],
  ["rds-proxy"],
  ["elasticache", "aurora", "aurora-limitless"],
  ["matching-service", "journal"],
];
const zonalServices = zonalRows.flat();
const controlServices = ["cloudwatch", "application-auto-scaling", "ec2-capacity-provider"];

function isControlPlane(service: string): boolean {
  return controlServices.includes(service);
}

/** Nodes of a recording, copies of one component drawn as one. */
export function nodesOf(view: RecordingView): readonly MapNode[] {
  const regionOf = new Map(view.head.zones.map(({ id, region }) => [id, region]));
  const groups = new Map<string, { base: string; ids: string[] }>();
  for (const { id, service } of view.components) {
    const base = id.replace(/-\d+(?=(-standby)?$)/, "");
    const key = base === id ? id : `${service}:${base}`;
    const group = groups.get(key) ?? { base, ids: [] };
    group.ids.push(id);
    groups.set(key, group);
  }
  const nodes: MapNode[] = [];
  for (const { base, ids } of groups.values()) {
    const [first] = ids.map((id) => view.byId.get(id));
    if (first === undefined) continue;
    const zones = [
      ...new Set(ids.flatMap((id) => view.byId.get(id)?.cells.map(({ zone }) => zone) ?? [])),
    ].filter((zone) => regionOf.get(zone) !== "");
    const regions = new Set(zones.map((zone) => regionOf.get(zone) ?? ""));
    const region = regions.size === 1 ? ([...regions][0] ?? "") : "";
    const isZonal =
      zonalServices.includes(first.service) && (first.service !== "journal" || zones.length === 1);
    nodes.push({
      id: ids.length === 1 ? first.id : base,
      title: titleOfGroup(first, region, ids.length),
      service: first.service,
      members: ids,
      region,
      zones: isZonal && region !== "" ? zones : [],
    });
  }
  return nodes;
}

/**
 * Without the region, which the map writes around it, and without the number of a copy: `Matching service us-east-1 3` is
 * one of the `Matching service ×10` of us-east-1, and `Matching service eu-west-1 3 for us-east-1` one of a standby there.
 */
function titleOfGroup(first: ComponentView, region: string, count: number): string {
  const isStandby = first.id.endsWith("-standby");
  const named = isStandby ? first.title.replace(/ for \S+$/, "") : first.title;
  const number = isStandby ? /\s\d+$/ : /[\s-]+\d+$/;
  const title = count === 1 && !isStandby ? named : named.replace(number, "");
  const isCopy = region !== "" && title.endsWith(` ${region}`);
  const own = isCopy
    ? titleOf(title.slice(0, -region.length - 1), first.id.replace(`-${region}`, ""), first.service)
    : title;
  return `${own}${isStandby ? " standby" : ""}${count === 1 ? "" : ` ×${count}`}`;
}

/** As `nodesOf` names it, with its region where several have one of it. */
export function fullTitle(node: MapNode, nodes: readonly MapNode[]): string {
  const isOnly = !nodes.some(({ id, title }) => title === node.title && id !== node.id);
  return isOnly || node.region === "" ? node.title : `${node.title} in ${node.region}`;
}

const clientsNode: MapNode = {
  id: clientsId,
  title: "Clients",
  service: "clients",
  members: [],
  region: "",
  zones: [],
};

/** `region` names the one to draw; all of them side by side, in little, when left out. */
export function layoutMap(
  view: RecordingView,
  region: string | undefined,
  /** Width against height of the room there is; the rows move apart to fill it. */
  aspect = 0,
  density: Density = "full",
): MapLayout {
  const nodes = [clientsNode, ...nodesOf(view).filter((node) => !isControlPlane(node.service))];
  const regions = view.head.topology.regions.map(({ id }) => id);
  const level = region === undefined && regions.length > 1 ? "world" : "region";
  const shown = level === "world" ? regions : [region ?? regions[0] ?? ""];
  const usual = level === "world" ? compact : density === "compact" ? halved : detailed;
  const widthOf = (metrics: Metrics) => {
    const { width, height } = place(view, nodes, shown, metrics, level);
    return Math.max(width, height * aspect);
  };
  const small = level === "region" && aspect > 0 ? suited(usual, widthOf) : usual;
  const isRoomy = (each: MapLayout) => aspect > 0 && each.width / each.height >= aspect * shrinkMax;
  const tall = { ...small, cardHeight: twoLines };
  const isTall = small.cardHeight < twoLines && isRoomy(place(view, nodes, shown, tall, level));
  const metrics = isTall ? tall : small;
  const close = place(view, nodes, shown, metrics, level);
  if (aspect <= 0) return close;
  const spare = close.width / aspect - close.height;
  const spareGutter = Math.floor(spare / Math.max(1, close.rows.length - 1));
  const gutterMax = level === "world" ? 36 : 84;
  for (
    let gutter = Math.min(gutterMax, metrics.gutter + spareGutter);
    gutter > metrics.gutter;
    gutter -= 1
  ) {
    const stretched = place(view, nodes, shown, { ...metrics, gutter }, level);
    if (stretched.width / stretched.height >= aspect) return stretched;
  }
  return close;
}

/** From here on a platform is too large to be read with the usual cards; three zones with two columns each take 1,096. */
const crowdedWidth = 1750;

/** Where narrow columns show everything so much larger, the room is narrow itself. */
const slimShare = 0.6;

function suited(usual: Metrics, widthOf: (metrics: Metrics) => number): Metrics {
  return widthOf(slim) < slimShare * widthOf(usual) ? slim : uncrowded(usual, widthOf);
}

/** Small cards, in as many columns as show them largest, where the usual ones would be too many. */
function uncrowded(usual: Metrics, widthOf: (metrics: Metrics) => number): Metrics {
  let best = usual;
  let bestWidth = widthOf(usual);
  if (bestWidth <= crowdedWidth) return usual;
  for (let zoneColumns = 2; zoneColumns <= 6; zoneColumns += 1) {
    const metrics = { ...halved, zoneColumns, stripColumns: zoneColumns * 3 };
    const width = widthOf(metrics);
    if (width < bestWidth) [best, bestWidth] = [metrics, width];
  }
  return best;
}

/** Beside the zones, for lines that go round them; on both sides, so that the picture stands in the middle. */
export const sideRoom = 24;

/** Between two regions; with copies of stores there is room for the word that says their lag. */
const plainGap = 28;
const replicatedGap = 72;

function place(
  view: RecordingView,
  nodes: readonly MapNode[],
  shown: readonly string[],
  metrics: Metrics,
  level: "world" | "region",
): MapLayout {
  const isEntry = (node: MapNode) => node.id === clientsId || entryServices.includes(node.service);
  const rank = (node: MapNode) =>
    node.id === clientsId ? -1 : entryServices.indexOf(node.service);
  const global = nodes.filter((node) => node.region === "" && node.zones.length === 0);
  const isRegional = level === "region";
  const cards: MapCard[] = [];
  const zones: MapZone[] = [];
  const regions: MapRegion[] = [];
  const blocks = shown.map((region) => {
    const own = nodes.filter((node) => node.region === region);
    const entry = own.filter((node) => node.zones.length === 0 && isEntry(node));
    return {
      region,
      zoneIds: view.head.zones.filter((zone) => zone.region === region).map(({ id }) => id),
      // With one region in view, what is global stands in the same strip as its entry.
      entry: (isRegional ? [...global.filter(isEntry), ...entry] : entry).sort(
        (a, b) => rank(a) - rank(b),
      ),
      stores: [
        ...own.filter((node) => node.zones.length === 0 && !isEntry(node)),
        ...(isRegional ? global.filter((node) => !isEntry(node)) : []),
      ],
      zonal: zonalRows.map((services) =>
        own.filter((node) => node.zones.length > 0 && services.includes(node.service)),
      ),
    };
  });
  const top = isRegional ? 0 : metrics.cardHeight + 3 * metrics.gutter;
  const entryRows = Math.max(0, ...blocks.map(({ entry }) => stripRows(entry, metrics)));
  const zonalRowCounts = zonalRows.map((_, row) =>
    Math.max(
      0,
      ...blocks.map(({ zonal }) => Math.ceil((zonal[row]?.length ?? 0) / metrics.zoneColumns)),
    ),
  );
  const storeRows = Math.max(0, ...blocks.map(({ stores }) => stripRows(stores, metrics)));

  const regionGap = replicaLinks(view).length > 0 ? replicatedGap : plainGap;
  const rows: { top: number; bottom: number }[] = [];
  let y = top + (isRegional ? 0 : metrics.zoneHeader);
  const addRows = (count: number) => {
    const first = rows.length;
    for (let at = 0; at < count; at += 1) {
      rows.push({ top: y, bottom: y + metrics.cardHeight });
      y += metrics.cardHeight + metrics.gutter;
    }
    return first;
  };
  const entryFirst = addRows(entryRows);
  const zonesTop = y - 4;
  y += metrics.zoneHeader;
  const zonalFirst = zonalRowCounts.map(addRows);
  const zonesBottom = y - metrics.gutter + metrics.zonePadding;
  // Most lines of all run here.
  y = zonesBottom + 1.25 * metrics.gutter;
  const storeFirst = addRows(storeRows);
  const bottom = (rows.at(-1)?.bottom ?? y) + (isRegional ? 0 : metrics.zonePadding);

  let x = isRegional ? sideRoom : metrics.zonePadding;
  const zoneWidth =
    metrics.zoneColumns * metrics.cardWidth +
    (metrics.zoneColumns - 1) * metrics.cardGap +
    2 * metrics.zonePadding;
  for (const block of blocks) {
    const blockX = x;
    const zonesWidth = Math.max(
      block.zoneIds.length * zoneWidth + (block.zoneIds.length - 1) * metrics.zoneGap,
      Math.min(metrics.stripColumns, Math.max(block.entry.length, block.stores.length)) *
        (metrics.cardWidth + metrics.cardGap) -
        metrics.cardGap,
    );
    // Fewer zones than the strips are wide stand in the middle.
    const ownWidth = block.zoneIds.length * (zoneWidth + metrics.zoneGap) - metrics.zoneGap;
    const zonesX = blockX + (zonesWidth - ownWidth) / 2;
    block.zoneIds.forEach((zone, column) => {
      const zoneX = zonesX + column * (zoneWidth + metrics.zoneGap);
      zones.push({
        id: zone,
        region: block.region,
        x: zoneX,
        y: zonesTop,
        width: zoneWidth,
        height: zonesBottom - zonesTop,
      });
      block.zonal.forEach((group, rowGroup) => {
        group.forEach((node, at) => {
          if (!node.zones.includes(zone)) return;
          const row = (zonalFirst[rowGroup] ?? 0) + Math.floor(at / metrics.zoneColumns);
          cards.push({
            key: `${node.id}@${zone}`,
            node,
            zone,
            x:
              zoneX +
              metrics.zonePadding +
              (at % metrics.zoneColumns) * (metrics.cardWidth + metrics.cardGap),
            y: rows[row]?.top ?? 0,
            width: metrics.cardWidth,
            height: metrics.cardHeight,
            row,
          });
        });
      });
    });
    const strip = (group: readonly MapNode[], firstRow: number) => {
      // As many columns as all zones have together stand under theirs, so that the corridors between them go on.
      const isUnderZones = metrics.stripColumns === block.zoneIds.length * metrics.zoneColumns;
      const ownPitch = metrics.cardWidth + metrics.cardGap;
      const columnX = (column: number) =>
        zonesX +
        Math.floor(column / metrics.zoneColumns) * (zoneWidth + metrics.zoneGap) +
        metrics.zonePadding +
        (column % metrics.zoneColumns) * ownPitch;
      const isAligned = isUnderZones && metrics.stripColumns > detailed.stripColumns;
      const columns = Math.min(metrics.stripColumns, group.length);
      const roomFor = Math.round(zonesWidth / (metrics.cardWidth + metrics.cardGap));
      const pitch =
        (zonesWidth + metrics.cardGap) /
        Math.max(columns, isRegional ? Math.min(metrics.stripColumns, roomFor) : 3);
      group.forEach((node, at) => {
        const row = firstRow + Math.floor(at / metrics.stripColumns);
        cards.push({
          key: node.id,
          node,
          zone: "",
          x: isAligned
            ? columnX(at % metrics.stripColumns)
            : blockX + (at % metrics.stripColumns) * pitch,
          y: rows[row]?.top ?? 0,
          width: isAligned
            ? metrics.cardWidth
            : Math.min(metrics.cardWidth * (isRegional ? 1.4 : 1.1), pitch - metrics.cardGap),
          height: metrics.cardHeight,
          row,
        });
      });
    };
    strip(block.entry, entryFirst);
    strip(block.stores, storeFirst);
    if (!isRegional) {
      regions.push({
        id: block.region,
        x: blockX - metrics.zonePadding,
        y: top - 8,
        width: zonesWidth + 2 * metrics.zonePadding,
        height: bottom - top + 8,
      });
    }
    x += zonesWidth + (isRegional ? 0 : 2 * metrics.zonePadding + regionGap);
  }
  const width = isRegional ? x + sideRoom : x - regionGap;
  if (!isRegional) {
    const entry = global.filter(isEntry).sort((a, b) => rank(a) - rank(b));
    const rest = global.filter((node) => !isEntry(node));
    const line = [...entry, ...rest];
    const pitch = Math.min(metrics.cardWidth + 40, width / Math.max(1, line.length));
    const from = (width - pitch * line.length) / 2;
    line.forEach((node, at) => {
      cards.push({
        key: node.id,
        node,
        zone: "",
        x: from + at * pitch,
        y: 0,
        width: Math.min(metrics.cardWidth, pitch - metrics.cardGap),
        height: metrics.cardHeight,
        row: -1,
      });
    });
  }
  const { density } = metrics;
  return { level, density, width, height: bottom, nodes, cards, zones, regions, rows };
}

function stripRows(group: readonly MapNode[], metrics: Metrics): number {
  return Math.ceil(group.length / metrics.stripColumns);
}
