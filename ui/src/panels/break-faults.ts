/** What can go wrong where: the faults that each place on the map understands. */
import type { FaultSpec } from "../../../sim/twin/faults/fault-types.ts";
import { fullTitle, type MapNode, nodesOf } from "../map/layout.ts";
import type { RecordingView } from "../playback/recording-view.ts";
import { replicaLinks } from "../playback/replicas.ts";

export type PlaceKind = "zone" | "region" | "component" | "everywhere";

/** A place where something can be broken. */
export interface Place {
  /** `zone us-east-1a`, `component matching`, `everywhere`. */
  readonly key: string;
  readonly kind: PlaceKind;
  readonly title: string;
  /** Zone, region or component, as a fault names it. */
  readonly id: string;
  /** Of a component; empty for other places. */
  readonly service: string;
}

/** When it strikes, and for how long; seconds. */
export interface FaultMoment {
  readonly id: string;
  readonly atSeconds: number;
  readonly durationSeconds: number;
}

export interface FaultChoice {
  readonly key: string;
  readonly title: string;
  /** Whether it lasts for a time that the reader chooses. */
  readonly lasts: boolean;
  readonly make: (place: Place, moment: FaultMoment) => FaultSpec;
}

const everywhere = "everywhere";

export function placeKey(kind: "zone" | "region" | "component", id: string): string {
  return `${kind} ${id}`;
}

/** Every place of the platform that understands a fault, zones first. */
export function placesOf(view: RecordingView): readonly Place[] {
  const nodes = nodesOf(view);
  const regions = view.head.topology.regions.map(({ id }) => id);
  const named = (kind: "zone" | "region", id: string): Place => ({
    key: placeKey(kind, id),
    kind,
    title: id,
    id,
    service: "",
  });
  return [
    ...view.head.zones.filter(({ region }) => region !== "").map(({ id }) => named("zone", id)),
    ...(regions.length > 1 ? regions.map((id) => named("region", id)) : []),
    ...nodes.map(placeOf(nodes)).filter((place) => ownFaults(view, place).length > 0),
    { key: everywhere, kind: "everywhere", title: "The whole platform", id: "", service: "" },
  ];
}

function placeOf(nodes: readonly MapNode[]): (node: MapNode) => Place {
  return (node) => ({
    key: placeKey("component", node.id),
    kind: "component",
    title: fullTitle(node, nodes),
    // Of several copies the first.
    id: node.members[0] ?? node.id,
    service: node.service,
  });
}

export function faultsOf(view: RecordingView, place: Place): readonly FaultChoice[] {
  if (place.kind === "zone") return zoneFaults;
  if (place.kind === "region") return [...regionFaults, ...replicationFaults(view, place)];
  if (place.kind === "everywhere") return [...platformFaults, ...moodsOf(view)];
  const own = ownFaults(view, place);
  return isCaptured(view, place) ? [...own, staysOpen] : own;
}

/** What can go wrong in a component itself: a balancer that passes packets on answers nothing, so no errors either. */
function ownFaults(view: RecordingView, { id, service }: Place): readonly FaultChoice[] {
  const spec = view.head.components.find((each) => each.id === id)?.spec;
  if (spec?.service === "load-balancer" && spec.type === "network") return [];
  const usual = componentFaults[service] ?? [];
  // A standby has no market that could be halted.
  if (spec?.service === "matching-service" && spec.standbyFor !== undefined) {
    return usual.filter(({ key }) => key !== "trading-halt");
  }
  if (spec?.service !== "lambda") return usual;
  return [
    ...usual,
    ...spec.functions.map((fn) =>
      lasting(`poison-message ${fn.id}`, `${fn.id} fails at a record, each time`, () => ({
        kind: "poison-message",
        component: id,
        function: fn.id,
        count: 1,
      })),
    ),
  ];
}

function moodsOf({ head }: RecordingView): readonly FaultChoice[] {
  return (head.scenario.workload.mix.place ?? 0) > 0 ? moods : [];
}

/** Seconds by which what is replicated is late when it is slowed down. */
const replicationLateSeconds = 60;

/** What a region replicates to each of the others, stopped or late, where something is replicated between the two. */
function replicationFaults(view: RecordingView, place: Place): readonly FaultChoice[] {
  const regionOf = new Map(view.head.zones.map(({ id, region }) => [id, region]));
  const isIn = (id: string, region: string) =>
    view.byId.get(id)?.cells.some(({ zone }) => regionOf.get(zone) === region) ?? false;
  const links = replicaLinks(view);
  return view.head.topology.regions.flatMap(({ id: to }) => {
    const isFed = links.some((link) => isIn(link.from, place.id) && isIn(link.to, to));
    if (to === place.id || !isFed) return [];
    const lag = { kind: "replication-lag", fromPlace: place.id, toPlace: to } as const;
    return [
      lasting(`replication-stopped ${to}`, `replicates nothing to ${to}`, () => lag),
      lasting(
        `replication-late ${to}`,
        `replicates to ${to} ${replicationLateSeconds} s late`,
        () => ({ ...lag, addedSeconds: replicationLateSeconds }),
      ),
    ];
  });
}

/** Whether change capture reads its commits: nobody else minds a transaction that stays open. */
function isCaptured(view: RecordingView, place: Place): boolean {
  return view.head.components.some(
    ({ spec }) => spec.service === "dms" && spec.source === place.id,
  );
}

function lasting(
  key: string,
  title: string,
  of: (place: Place) => DistributiveOmit<FaultSpec, keyof FaultMoment>,
): FaultChoice {
  return {
    key,
    title,
    lasts: true,
    make: (place, moment) => ({ ...of(place), ...moment }) as FaultSpec,
  };
}

type DistributiveOmit<Value, Keys extends PropertyKey> = Value extends unknown
  ? Omit<Value, Keys>
  : never;

function atOnce(
  key: string,
  title: string,
  make: (place: Place, moment: Omit<FaultMoment, "durationSeconds">) => FaultSpec,
): FaultChoice {
  return {
    key,
    title,
    lasts: false,
    make: (place, { id, atSeconds }) => make(place, { id, atSeconds }),
  };
}

const zoneFaults = [
  lasting("zone-power-loss", "loses power", ({ id }) => ({ kind: "zone-power-loss", zone: id })),
  lasting("zone-partition", "is cut off", ({ id }) => ({ kind: "zone-partition", zone: id })),
  lasting("link-degradation", "has slow, lossy links (40 ms more, 2% lost)", ({ id }) => ({
    kind: "link-degradation",
    from: id,
    addedLatencyMs: 40,
    lossShare: 0.02,
  })),
  lasting("capacity-shortage", "has no room for new tasks", ({ id }) => ({
    kind: "capacity-shortage",
    zone: id,
  })),
];

const regionFaults = [
  lasting("region-power-loss", "loses power", ({ id }) => ({
    kind: "region-power-loss",
    region: id,
  })),
  lasting("region-partition", "is cut off", ({ id }) => ({ kind: "region-partition", region: id })),
];

const platformFaults = [
  lasting("control-plane-freeze", "nothing can be launched", () => ({
    kind: "control-plane-freeze",
  })),
  lasting("observability-loss", "CloudWatch goes blind", () => ({ kind: "observability-loss" })),
  lasting("load-change", "ten times the load", () => ({ kind: "load-change", factor: 10 })),
];

/** Moods of the market, where clients place orders. */
const moods = [
  lasting("volatility-burst", "prices move twenty times as far", () => ({
    kind: "volatility-burst",
    factor: 20,
  })),
  lasting("one-sided-flow", "nearly everybody sells", () => ({
    kind: "one-sided-flow",
    side: "sell",
    share: 0.9,
  })),
];

const dies = atOnce("crash", "an instance dies; connections are refused", ({ id }, moment) => ({
  kind: "instance-kill",
  component: id,
  manner: "crash",
  ...moment,
}));
const goesSilent = atOnce("power", "an instance goes silent", ({ id }, moment) => ({
  kind: "instance-kill",
  component: id,
  manner: "power",
  ...moment,
}));
const hangs = atOnce("hang", "an instance hangs: accepts, never answers", ({ id }, moment) => ({
  kind: "instance-kill",
  component: id,
  manner: "hang",
  ...moment,
}));
const instanceDies = [dies, goesSilent, hangs];
const slows = lasting("instance-slow", "every instance takes three times as long", ({ id }) => ({
  kind: "instance-slow",
  component: id,
  factor: 3,
}));
const answersErrors = lasting("service-errors", "answers half its calls with errors", ({ id }) => ({
  kind: "service-errors",
  component: id,
  share: 0.5,
}));
const quotaCut = lasting("quota-cut", "grants a quarter of its quota", ({ id }) => ({
  kind: "quota-cut",
  component: id,
  share: 0.25,
}));

const staysOpen = lasting(
  "open-transaction",
  "a session leaves a transaction open; change capture waits for its end",
  ({ id }) => ({ kind: "open-transaction", component: id }),
);

const componentFaults: Readonly<Record<string, readonly FaultChoice[]>> = {
  aurora: [
    atOnce("writer", "the writer dies", ({ id }, moment) => ({
      kind: "instance-kill",
      component: id,
      role: "writer",
      ...moment,
    })),
    atOnce("data-corruption", "one read in ten meets a corrupted row", ({ id }, moment) => ({
      kind: "data-corruption",
      component: id,
      readShare: 0.1,
      ...moment,
    })),
  ],
  "api-gateway": [quotaCut, answersErrors],
  dms: [dies, goesSilent],
  dynamodb: [quotaCut, answersErrors],
  "ec2-capacity-provider": [
    dies,
    lasting("rack-power-loss", "the rack of its oldest host loses power", ({ id }) => ({
      kind: "rack-power-loss",
      component: id,
    })),
  ],
  "ecs-fargate": [
    ...instanceDies,
    slows,
    lasting("bad-deployment", "a bad release: work takes three times as long", ({ id }) => ({
      kind: "bad-deployment",
      component: id,
      slowFactor: 3,
    })),
  ],
  elasticache: [
    dies,
    atOnce("cache-flush", "forgets everything", ({ id }, moment) => ({
      kind: "cache-flush",
      component: id,
      ...moment,
    })),
    slows,
  ],
  eventbridge: [quotaCut, answersErrors],
  kinesis: [quotaCut, answersErrors],
  lambda: [quotaCut],
  "load-balancer": [answersErrors],
  "matching-service": [
    ...instanceDies,
    slows,
    lasting("trading-halt", "trading is halted", ({ id }) => ({
      kind: "trading-halt",
      component: id,
    })),
    lasting("poison-message", "an order comes that kills it, each time", ({ id }) => ({
      kind: "poison-message",
      component: id,
      count: 1,
    })),
  ],
  msk: [dies, slows, answersErrors],
  route53: [
    lasting("name-service-outage", "names are not answered", ({ id }) => ({
      kind: "name-service-outage",
      component: id,
    })),
  ],
  s3: [answersErrors],
  "sqs-fifo": [quotaCut, answersErrors],
};
