import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { decodeRecording } from "../../../sim/twin/recording/recording-file.ts";
import type { RecordingHead } from "../../../sim/twin/recording/recording-types.ts";
import { createRecordingView, type RecordingView } from "../playback/recording-view.ts";
import { createDotScale, forEachDot } from "./dots.ts";
import { farLinks } from "./far-links.ts";
import { fullTitle, layoutMap, type MapLayout } from "./layout.ts";
import { routePairs } from "./routes.ts";

const { head, frames } = decodeRecording(
  gunzipSync(readFileSync("ui/public/demonstration.stormrec")),
);
const oneRegion = createRecordingView(head, frames);

const shards = 10;
const regionIds = ["us-east-1", "eu-west-1", "ap-southeast-1"];

/** Shaped like the strategy's second phase: three regions of three zones, ten shards of queue, engine and journal in each. */
function threeRegions(): RecordingView {
  const zones = regionIds.flatMap((region) =>
    ["a", "b", "c"].map((letter) => ({ id: `${region}${letter}`, region })),
  );
  // As copies are named: `order-service-us-east-1` is titled `order-service us-east-1`.
  const component = (id: string, service: string) => ({
    id,
    service,
    title: regionIds.reduce((title, region) => title.replace(`-${region}`, ` ${region}`), id),
  });
  const components = [
    component("dns", "route53"),
    component("edge", "cloudfront"),
    component("firewall", "waf"),
    ...regionIds.flatMap((region) => [
      component(`api-${region}`, "api-gateway"),
      component(`balancer-${region}`, "load-balancer"),
      component(`order-service-${region}`, "ecs-fargate"),
      component(`market-data-${region}`, "ecs-fargate"),
      component(`cache-${region}`, "elasticache"),
      component(`database-${region}`, "aurora"),
      component(`sessions-${region}`, "dynamodb"),
      component(`trades-${region}`, "kinesis"),
      component(`functions-${region}`, "lambda"),
      component(`storage-${region}`, "s3"),
      ...Array.from({ length: shards }, (_, at) => [
        component(`queue-${region}-${at + 1}`, "sqs-fifo"),
        component(`matching-${region}-${at + 1}`, "matching-service"),
        component(`journal-${region}-${at + 1}`, "journal"),
      ]).flat(),
    ]),
  ].map((each) => ({
    ...each,
    spec: { id: each.id, service: each.service, functions: [] },
    parameters: {},
  }));
  const channels = components.flatMap(({ id }) => {
    const region = regionIds.find((each) => id.includes(each));
    const own =
      region === undefined
        ? ["outside"]
        : zones.filter((zone) => zone.region === region).map((zone) => zone.id);
    return own.flatMap((zone) =>
      ["up", "instances", "inside", "arrived"].map((name) => ({
        component: id,
        name: `${name}@${zone}`,
        unit: "",
        kind: name === "arrived" ? ("count" as const) : ("level" as const),
      })),
    );
  });
  const shaped = {
    ...head,
    zones: [{ id: "outside", region: "" }, ...zones],
    topology: {
      ...head.topology,
      regions: regionIds.map((id) => ({
        id,
        zones: zones.filter(({ region }) => region === id).map((zone) => ({ id: zone.id })),
      })),
    },
    components,
    channels,
    edges: regionIds.flatMap((region) => [
      { path: "p", from: "edge", to: `api-${region}`, channel: 3 },
      { path: "p", from: `api-${region}`, to: `balancer-${region}`, channel: 3 },
      { path: "p", from: `balancer-${region}`, to: `order-service-${region}`, channel: 3 },
    ]),
    events: [],
  } as unknown as RecordingHead;
  return createRecordingView(
    shaped,
    channels.map(({ kind }) =>
      kind === "count"
        ? new Float64Array(head.frameCount)
        : new Float32Array(head.frameCount).fill(1),
    ),
  );
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function overlaps(layout: MapLayout): readonly string[] {
  return layout.cards.flatMap((card, at) =>
    layout.cards
      .slice(at + 1)
      .filter((other) => overlap(card, other))
      .map((other) => `${card.key} and ${other.key}`),
  );
}

const cases: readonly [string, RecordingView, string | undefined][] = [
  ["one region", oneRegion, undefined],
  ["three regions", threeRegions(), undefined],
  ["one of three regions", threeRegions(), "eu-west-1"],
];

test.each(cases)(
  "on the map of %s nothing overlaps, and everything in a zone stands in it",
  (_, view, region) => {
    for (const aspect of [0, 0.6, 1.4, 3]) {
      const layout = layoutMap(view, region, aspect);
      expect(overlaps(layout)).toEqual([]);
      for (const card of layout.cards) {
        const zone = layout.zones.find(({ id }) => id === card.zone);
        const outside = layout.zones.filter((each) => each.id !== card.zone && overlap(each, card));
        expect(outside.map(({ id }) => `${card.key} in ${id}`)).toEqual([]);
        if (zone === undefined) continue;
        expect(card.x).toBeGreaterThanOrEqual(zone.x);
        expect(card.y + card.height).toBeLessThanOrEqual(zone.y + zone.height);
      }
      for (const box of [...layout.cards, ...layout.zones]) {
        expect(box.x + box.width).toBeLessThanOrEqual(layout.width + 1);
        expect(box.y + box.height).toBeLessThanOrEqual(layout.height + 1);
      }
    }
  },
);

/** The demonstration's platform with forty components more, each called by the load balancer, half of them in zones. */
function sixtyComponents(): RecordingView {
  const extra = Array.from({ length: 40 }, (_, at) => ({
    ...oneRegion.byId.get(at % 2 === 0 ? "order-service" : "sessions")!,
    id: `more-${String.fromCharCode(97 + (at % 26))}${at > 25 ? "x" : ""}`,
    title: `More ${at}`,
  }));
  const components = [...oneRegion.components, ...extra];
  const byId = new Map(components.map((each) => [each.id, each]));
  const balancer = oneRegion.components.find(({ service }) => service === "load-balancer")!.id;
  const calls = extra.map(({ id }) => ({ from: balancer, to: id, channels: [3] }));
  return { ...oneRegion, components, byId, pairs: [...oneRegion.pairs, ...calls] };
}

test("a platform of sixty components is laid out as wide as its room, in cards that can be read", () => {
  const aspect = 1.6;
  const layout = layoutMap(sixtyComponents(), undefined, aspect);
  expect(overlaps(layout)).toEqual([]);
  const width = Math.max(layout.width, layout.height * aspect);
  const [card] = layout.cards.filter(({ zone }) => zone !== "");
  // Of a map 1,040 pixels wide; names are 10 high on a card of 124.
  expect(((card?.width ?? 0) / width) * 1040).toBeGreaterThan(75);
});

test("however many call each other, no line runs behind a card, and lines that go the same way lie on each other or apart", () => {
  const view = sixtyComponents();
  for (const aspect of [0.8, 1.6]) {
    const layout = layoutMap(view, undefined, aspect);
    const pairs = routePairs(layout, view.pairs);
    const behind = pairs.flatMap((pair) =>
      pair.routes.flatMap(({ points }) =>
        crossed(layout, points).map((key) => `${pair.from.id}>${pair.to.id} behind ${key}`),
      ),
    );
    expect(behind).toEqual([]);
    const levels = pairs.flatMap(({ routes }) =>
      routes.flatMap(({ points }) =>
        points.slice(1).flatMap((to, at) => (points[at]!.y === to.y ? [to.y] : [])),
      ),
    );
    const distinct = [...new Set(levels.map((y) => Math.round(y * 100) / 100))].sort(
      (a, b) => a - b,
    );
    expect(distinct.length).toBeGreaterThan(8);
    const nearest = Math.min(...distinct.slice(1).map((y, at) => y - distinct[at]!));
    expect(nearest).toBeGreaterThan(2);
  }
});

test("on a page as narrow as a telephone a zone is one card wide, and its names can be read", () => {
  // 336 by 500 pixels of room.
  const layout = layoutMap(oneRegion, undefined, 336 / 500);
  expect(layout.density).toBe("slim");
  expect(overlaps(layout)).toEqual([]);
  const scale = 336 / Math.max(layout.width, (layout.height * 336) / 500);
  // Names are 12 high at full size.
  expect(scale * 12).toBeGreaterThan(8.5);
  expect(layoutMap(oneRegion, undefined, 1.5).density).toBe("full");
});

/** Cards that a line runs behind: those that a segment has more in common with than its edge. */
function crossed(layout: MapLayout, points: readonly { x: number; y: number }[]) {
  return points.slice(1).flatMap((to, at) => {
    const from = points[at]!;
    const line = {
      x: Math.min(from.x, to.x) - 0.25,
      y: Math.min(from.y, to.y) - 0.25,
      width: Math.abs(to.x - from.x) + 0.5,
      height: Math.abs(to.y - from.y) + 0.5,
    };
    return layout.cards
      .filter(({ x, y, width, height }) =>
        overlap({ x: x + 1, y: y + 1, width: width - 2, height: height - 2 }, line),
      )
      .map(({ key }) => key);
  });
}

test("on the map of all regions no line runs behind a card, nor through a region's name", () => {
  const view = threeRegions();
  const far = view.components.flatMap(({ id: from }) =>
    view.components.map(({ id: to }) => ({ from, to, channels: [3] })),
  );
  for (const aspect of [0, 1.4, 3]) {
    const layout = layoutMap(view, undefined, aspect);
    const routes = routePairs(layout, far).flatMap((pair) =>
      pair.routes.map(({ points }) => ({ name: `${pair.from.id}>${pair.to.id}`, pair, points })),
    );
    const isCall = ({ pair }: (typeof routes)[number]) =>
      (pair.from.region !== "" && pair.to.region !== "") || pair.from.service === "cloudfront";
    const between = routes.filter(isCall);
    expect(between.length).toBeGreaterThan(100);
    const behind = between.flatMap(({ name, points }) =>
      crossed(layout, points).map((key) => `${name} behind ${key}`),
    );
    // Of the entry row of a region only the first card is called from outside.
    expect(behind.filter((each) => !/^edge>(?!api)/.test(each))).toEqual([]);
    const names = layout.regions.map(({ x, y }) => ({
      x: x + 10,
      y: y + 6,
      width: 95,
      height: 16,
    }));
    const throughNames = routes
      .filter(({ name }) => /^edge>api/.test(name))
      .filter(({ points }) =>
        points.slice(1).some((to, at) => {
          const from = points[at]!;
          return names.some((name) =>
            overlap(name, {
              x: Math.min(from.x, to.x),
              y: Math.min(from.y, to.y),
              width: Math.abs(to.x - from.x) + 0.1,
              height: Math.abs(to.y - from.y) + 0.1,
            }),
          );
        }),
      );
    expect(throughNames.map(({ name }) => name)).toEqual([]);
  }
});

test("with one region in view, what leads to another says so beside its card", () => {
  const view = threeRegions();
  const pairs = [
    { from: "order-service-eu-west-1", to: "order-service-us-east-1", channels: [3] },
    { from: "order-service-ap-southeast-1", to: "order-service-us-east-1", channels: [3] },
  ];
  const journal = (region: string) => `journal-${region}-1`;
  const components = view.head.components.map((each) =>
    each.id === journal("us-east-1")
      ? { ...each, spec: { ...each.spec, service: "journal", replicaOf: journal("eu-west-1") } }
      : each,
  );
  const linked = { ...view, pairs, head: { ...view.head, components } } as RecordingView;
  const layout = layoutMap(linked, "eu-west-1", 1.4);
  const far = farLinks(layout, linked);
  expect(far.calls).toEqual([{ region: "us-east-1", out: [3], in: [] }]);
  expect(far.copies.map(({ prefix }) => prefix)).toEqual(["→ us-east-1"]);
  const boxes = far.copies.map(({ word }) => ({
    x: word.x,
    y: word.y - 9,
    width: 120,
    height: 10,
  }));
  const covered = boxes.flatMap((box) => layout.cards.filter((card) => overlap(card, box)));
  expect(covered.map(({ key }) => key)).toEqual([]);
  expect(farLinks(layoutMap(linked, undefined, 1.4), linked)).toEqual({ copies: [], calls: [] });
});

test("ten shards are one node of the map with ten members, in each region its own", () => {
  const layout = layoutMap(threeRegions(), undefined);
  const matching = layout.nodes.filter(({ service }) => service === "matching-service");
  expect(matching.map(({ region, members }) => [region, members.length])).toEqual(
    regionIds.map((region) => [region, shards]),
  );
  expect(layout.level).toBe("world");
});

test("a card says what it is and leaves the region to the map around it", () => {
  const { nodes } = layoutMap(threeRegions(), undefined);
  expect(nodes.filter(({ title }) => regionIds.some((region) => title.includes(region)))).toEqual(
    [],
  );
  const titles = new Set(nodes.map(({ title }) => title));
  expect(titles).toContain("API Gateway");
  expect(titles).toContain("Load balancer");
  expect(titles).toContain("matching ×10");
  const matching = nodes.filter(({ service }) => service === "matching-service");
  expect(matching.map((node) => fullTitle(node, nodes))).toEqual(
    regionIds.map((region) => `matching ×10 in ${region}`),
  );
});

test("the standbys of ten shards are one card beside those that they stand by for", () => {
  const view = threeRegions();
  const standby = (at: number) => ({
    ...view.byId.get(`matching-eu-west-1-${at}`)!,
    id: `matching-us-east-1-${at}-standby`,
    title: `matching eu-west-1 ${at} for us-east-1`,
  });
  const components = [...view.components, standby(1), standby(2), standby(3)];
  const byId = new Map(components.map((each) => [each.id, each]));
  const { nodes } = layoutMap({ ...view, components, byId }, undefined);
  const here = nodes.filter(({ id }) => id.endsWith("-standby"));
  expect(here.map(({ title, region, members }) => [title, region, members.length])).toEqual([
    ["matching standby ×3", "eu-west-1", 3],
  ]);
});

test("every component stands on the map or in the control plane", () => {
  const layout = layoutMap(oneRegion, undefined);
  const drawn = new Set(layout.cards.flatMap(({ node }) => node.members));
  const missing = oneRegion.components.filter(({ id }) => !drawn.has(id));
  expect(missing.map(({ service }) => service).sort()).toEqual([
    "application-auto-scaling",
    "cloudwatch",
  ]);
});

test("as many dots are on their way as calls were made during a crossing, and none stands beside a line", () => {
  const layout = layoutMap(oneRegion, undefined);
  const pairs = routePairs(layout, oneRegion.pairs);
  const simSecondsPerSecond = 10;
  const per = createDotScale(pairs).callsPerDot(oneRegion, simSecondsPerSecond);
  const atUs = 300_000_000;
  for (const pair of pairs) {
    const count = (at: number) =>
      pair.channels.reduce(
        (sum, channel) =>
          sum + (oneRegion.frames[channel]?.[Math.floor(at / head.frameStepUs)] ?? 0),
        0,
      );
    const calls = count(atUs) - count(atUs - 0.8 * simSecondsPerSecond * 1e6);
    let dots = 0;
    forEachDot(oneRegion, [pair], { atUs, simSecondsPerSecond, callsPerDot: per }, (x, y) => {
      dots += 1;
      expect(x).toBeGreaterThanOrEqual(-1);
      expect(y).toBeLessThanOrEqual(layout.height + 60);
    });
    expect(Math.abs(dots - calls / per)).toBeLessThanOrEqual(2);
  }
});

test("a live recording shows at most 2,000 dots, however short it still is", () => {
  const layout = layoutMap(oneRegion, undefined);
  const pairs = routePairs(layout, oneRegion.pairs);
  const scale = createDotScale(pairs);
  const simSecondsPerSecond = 20;
  for (let seconds = 0.5; seconds < 200; seconds *= 1.4) {
    const live = { ...oneRegion, availableUs: seconds * 1e6, isLive: true };
    const per = scale.callsPerDot(live, simSecondsPerSecond);
    const options = { atUs: live.availableUs, simSecondsPerSecond, callsPerDot: per };
    expect(forEachDot(live, pairs, options, () => {})).toBeLessThanOrEqual(2000);
  }
  expect(scale.callsPerDot(oneRegion, simSecondsPerSecond)).toBe(
    createDotScale(pairs).callsPerDot(oneRegion, simSecondsPerSecond),
  );
});
