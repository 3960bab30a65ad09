/** Workloads and faults at random for a given platform; each case is given by its seed alone. */

import type { FaultSpec } from "../../sim/twin/faults/fault-types.ts";
import { cellCount } from "../../sim/twin/platform/cells.ts";
import { expandTopology, type Platform } from "../../sim/twin/platform/expand-topology.ts";
import type { Scenario } from "../../sim/twin/scenario-types.ts";
import type { Topology } from "../../sim/twin/topology-types.ts";
import { Choices } from "./random-choices.ts";

/** Parts of a run that lets the platform recover, in seconds. */
export interface Spans {
  /** Traffic and faults. */
  readonly storm: number;
  /** Next to no traffic, and everything that was broken is whole again. */
  readonly lull: number;
  /** Traffic again, and then none, so that what waits can be matched. */
  readonly again: number;
  readonly close: number;
}

export interface RandomScenario {
  readonly scenario: Scenario;
  /** Of a run that goes on until the platform has recovered; `undefined` for one that ends in the middle of it. */
  readonly spans: Spans | undefined;
}

/** Load in a lull, as a share of the usual one: enough to keep the next arrival near. */
const lullFactor = 0.02;

export function randomScenario(seed: number, topology: Topology): RandomScenario {
  const choices = new Choices(seed, "scenario");
  const reported = randomReports(new Choices(seed, "reports"));
  const platform = expandTopology(topology);
  const storm = choices.between(25, 60);
  const spans = choices.chance(0.5) ? { storm, lull: 240, again: 15, close: 15 } : undefined;
  const symbolCount = choices.between(4, 16);
  const drawn = Array.from({ length: choices.between(0, 5) }, (_, at) =>
    randomFault(`fault-${at + 1}`, { choices, platform, storm, symbolCount }),
  );
  const onCopies = copyFaults({ choices: new Choices(seed, "copies"), platform, storm });
  const ofMarket = marketFaults({
    choices: new Choices(seed, "market"),
    platform,
    storm,
    symbolCount,
  });
  return {
    spans,
    scenario: {
      id: "random",
      title: `Random case ${seed}`,
      description: "Drawn by test/twin/random-scenarios.ts",
      topology: topology.id,
      warmUpSeconds: 2,
      durationSeconds: spans === undefined ? storm : storm + spans.lull + spans.again + spans.close,
      workload: {
        ratePerSecond: choices.between(20, 60),
        mix: choices.oneOf([
          {
            place: 0.4,
            cancel: 0.3,
            amend: 0.1,
            "query-book": 0.1,
            "order-status": 0.05,
            "log-in": 0.05,
          },
          { place: 0.6, cancel: 0.2, "query-book": 0.1, "log-in": 0.1 },
        ]),
        userCount: choices.between(20, 300),
        symbolCount,
        symbolSkew: choices.oneOf([0, 0.8, 1.5]),
        selfExcitation: choices.oneOf([0, 0.5, 0.9]),
        excitationDecaySeconds: choices.oneOf([0.2, 2]),
        client: {
          retriesMax: choices.between(0, 4),
          backoffMs: choices.oneOf([0, 100, 1000]),
          ...reported.client,
        },
      },
      ...reported.policy,
      faults: [...drawn, ...onCopies, ...ofMarket, ...lulls(spans)],
      objectives: [
        { kind: "invariants", id: "invariants" },
        ...(["order-entry", "matching"] as const).map((name) => ({
          kind: "service" as const,
          id: name,
          function: name,
          goodShareMin: 0.9,
          latencyMsMax: 2000,
          holdSeconds: 5,
        })),
      ],
    },
  };
}

/** In half of the cases the venue sends execution reports, and does something about trades that it lost. */
function randomReports(choices: Choices) {
  if (!choices.chance(0.5)) return { client: {}, policy: {} };
  return {
    client: {
      executionReports: {
        heartbeatSeconds: choices.oneOf([2, 30]),
        bufferMs: choices.oneOf([0, 20, 2000]),
        resendReportsMax: choices.oneOf([1, 500]),
        askAgainSeconds: choices.oneOf([0.5, 10]),
      },
    },
    policy: {
      lostTrades: {
        policy: choices.oneOf(["bust", "honour"] as const),
        compareEverySeconds: choices.oneOf([1, 10]),
      },
    },
  };
}

function lulls(spans: Spans | undefined): readonly FaultSpec[] {
  if (spans === undefined) return [];
  const { storm, lull, again, close } = spans;
  const kind = "load-change";
  return [
    { id: "lull", kind, factor: lullFactor, atSeconds: storm, durationSeconds: lull },
    {
      id: "close",
      kind,
      factor: lullFactor,
      atSeconds: storm + lull + again,
      durationSeconds: close,
    },
  ];
}

/** Faults that nothing but asynchronous copies feel, in half of the cases; their draws are their own. */
function copyFaults({
  choices,
  platform,
  storm,
}: Omit<Surroundings, "symbolCount">): readonly FaultSpec[] {
  if (!choices.chance(0.5)) return [];
  const regions = platform.regions.map(({ id }) => id);
  const places = [
    ...(regions.length > 1 ? regions : []),
    ...platform.regions.flatMap(({ zones }) => zones.map(({ id }) => id)),
  ];
  // An open transaction is felt where change capture reads.
  const sources = platform.components.flatMap((each) =>
    each.service === "dms" ? [each.source] : [],
  );
  const clusters = platform.components.filter(({ id }) => sources.includes(id));
  if (clusters.length === 0 && places.length < 2) return [];
  return Array.from({ length: choices.between(1, 3) }, (_, at): FaultSpec => {
    const atSeconds = choices.between(1, storm - 6) + choices.between(0, 999) / 1000;
    const left = storm - atSeconds;
    const lasting = {
      id: `copies-${at + 1}`,
      atSeconds,
      ...repeated(
        left,
        Math.max(0.5, Math.round(left * choices.between(5, 100) * 10) / 1000),
        choices,
      ),
    };
    if (places.length < 2 || (clusters.length > 0 && choices.chance(0.5))) {
      return { ...lasting, kind: "open-transaction", component: choices.oneOf(clusters).id };
    }
    const fromPlace = choices.oneOf(places);
    return {
      ...lasting,
      kind: "replication-lag",
      fromPlace,
      toPlace: choices.oneOf(places.filter((place) => place !== fromPlace)),
      ...(choices.chance(0.6) && { addedSeconds: choices.oneOf([0.05, 1, 20]) }),
    };
  });
}

/** What orders and records bring by themselves, in half of the cases; its draws are its own. */
function marketFaults({
  choices,
  platform,
  storm,
  symbolCount,
}: Surroundings): readonly FaultSpec[] {
  if (!choices.chance(0.5)) return [];
  const services = platform.components.filter((each) => each.service === "matching-service");
  const owners = services.filter(({ standbyFor }) => standbyFor === undefined);
  const functions = platform.components.flatMap((each) =>
    each.service === "lambda" ? each.functions.map((fn) => [each.id, fn.id] as const) : [],
  );
  const about = () => (choices.chance(0.5) ? { symbol: choices.between(0, symbolCount - 1) } : {});
  return Array.from({ length: choices.between(1, 3) }, (_, at): FaultSpec => {
    const atSeconds = choices.between(1, storm - 6) + choices.between(0, 999) / 1000;
    const left = storm - atSeconds;
    const durationSeconds = Math.max(0.5, Math.round(left * choices.between(5, 100) * 10) / 1000);
    const lasting = {
      id: `market-${at + 1}`,
      atSeconds,
      ...repeated(left, durationSeconds, choices),
    };
    const count = choices.between(1, 3);
    const kinds: readonly (() => FaultSpec)[] = [
      () => ({
        ...lasting,
        kind: "volatility-burst",
        factor: choices.oneOf([2, 20, 1000]),
        ...about(),
      }),
      () => ({
        ...lasting,
        kind: "one-sided-flow",
        side: choices.oneOf(["buy", "sell"]),
        share: choices.oneOf([0.6, 0.9, 1]),
        ...about(),
      }),
      () => ({
        ...lasting,
        kind: "trading-halt",
        ...(choices.chance(0.5) && { component: choices.oneOf(owners).id }),
      }),
      () => ({
        ...lasting,
        kind: "poison-message",
        component: choices.oneOf(services).id,
        count,
      }),
      ...functions.map(
        ([component, name]) =>
          (): FaultSpec => ({
            ...lasting,
            kind: "poison-message",
            component,
            function: name,
            count,
          }),
      ),
    ];
    return choices.oneOf(kinds)();
  });
}

interface Surroundings {
  readonly choices: Choices;
  readonly platform: Platform;
  readonly storm: number;
  readonly symbolCount: number;
}

/** One fault of any kind that its target understands, beginning and ending within the storm. */
function randomFault(id: string, surroundings: Surroundings): FaultSpec {
  const { choices, platform, storm } = surroundings;
  const zones = platform.regions.flatMap((region) => region.zones.map((zone) => zone.id));
  const ofService = (...services: string[]) =>
    platform.components.filter(({ service }) => services.includes(service)).map((each) => each.id);
  const answeringByThemselves = (...services: string[]) =>
    ofService(...services).filter((id) => {
      const spec = platform.components.find((each) => each.id === id);
      return spec?.service !== "load-balancer" || spec.type !== "network";
    });
  const atSeconds = choices.between(3, storm - 6) + choices.between(0, 999) / 1000;
  const left = storm - atSeconds;
  const durationSeconds = Math.max(0.5, Math.round(left * choices.between(5, 100) * 10) / 1000);
  const striking = { id, atSeconds };
  const lasting = { ...striking, ...repeated(left, durationSeconds, choices) };
  const owned = ofService(...ownedServices);
  const place = () =>
    choices.chance(0.2) ? `zone-of:${choices.oneOf(owned)}` : choices.oneOf(zones);
  const curve = choices.chance(0.3)
    ? {
        recoveryCurve: [
          { afterSeconds: choices.between(0, 3), share: 0.4 },
          { afterSeconds: choices.between(4, 8), share: 1 },
        ],
      }
    : {};
  const drawing: Drawing = {
    ...surroundings,
    striking,
    lasting,
    zones,
    ofService,
    answeringByThemselves,
  };
  const ofPlaces = (): readonly (() => FaultSpec)[] => [
    () => ({ ...lasting, kind: "zone-power-loss", zone: place(), ...curve }),
    () => ({
      ...lasting,
      kind: "zone-partition",
      zone: place(),
      direction: choices.oneOf(["both", "inbound", "outbound"]),
    }),
    () => ({
      ...lasting,
      kind: "region-power-loss",
      region: choices.oneOf(platform.regions).id,
      ...curve,
    }),
    () => ({ ...lasting, kind: "region-partition", region: choices.oneOf(platform.regions).id }),
    ...ofService("ec2-capacity-provider").map(
      (component) => (): FaultSpec => ({
        ...lasting,
        kind: "rack-power-loss",
        component,
      }),
    ),
    ...(cellCount(platform.copies) > 0
      ? [
          (): FaultSpec => ({
            ...lasting,
            kind: "cell-power-loss",
            cell: choices.between(1, cellCount(platform.copies)),
          }),
        ]
      : []),
    () => ({ ...striking, kind: "instance-kill", ...victim(surroundings) }),
    () => ({ ...striking, kind: "instance-kill", ...victim(surroundings) }),
    () => ({
      ...striking,
      kind: "instance-kill",
      component: choices.oneOf(ofService("matching-service")),
      manner: choices.oneOf(["crash", "power", "hang"]),
    }),
    () => ({
      ...lasting,
      kind: "instance-slow",
      component: choices.oneOf(owned),
      factor: choices.oneOf([1.5, 10, 100]),
      ...(choices.chance(0.5) && { count: choices.between(1, 3) }),
    }),
    () => ({
      ...lasting,
      kind: "link-degradation",
      ...ends(zones, choices),
      addedLatencyMs: choices.oneOf([0, 20, 500, 3000]),
      lossShare: choices.oneOf([0, 0.1, 0.5, 1]),
    }),
    () => ({
      ...lasting,
      kind: "control-plane-freeze",
      ...(choices.chance(0.5) && { component: choices.oneOf(owned) }),
    }),
    () => ({
      ...lasting,
      kind: "observability-loss",
      ...(choices.chance(0.5) && { lateBySeconds: choices.between(1, 120) }),
    }),
  ];
  return choices.oneOf([...ofPlaces(), ...serviceFaults(drawing)])();
}

/** What a fault of services is made of. */
interface Drawing extends Surroundings {
  readonly striking: Pick<FaultSpec, "id" | "atSeconds">;
  readonly lasting: Drawing["striking"] & ReturnType<typeof repeated>;
  readonly zones: readonly string[];
  readonly ofService: (...services: string[]) => readonly string[];
  /** Those of the services that could answer with errors of their own. */
  readonly answeringByThemselves: (...services: string[]) => readonly string[];
}

/** Faults that strike no place, and what clients do. */
function serviceFaults(drawing: Drawing): readonly (() => FaultSpec)[] {
  const { choices, symbolCount, striking, lasting, zones, ofService, answeringByThemselves } =
    drawing;
  return [
    () => ({ ...lasting, kind: "name-service-outage", component: "dns" }),
    () => ({
      ...lasting,
      kind: "quota-cut",
      component: choices.oneOf(
        ofService("api-gateway", "dynamodb", "eventbridge", "kinesis", "sqs-fifo"),
      ),
      share: choices.oneOf([0, 0.001, 0.05, 0.5]),
    }),
    () => ({
      ...lasting,
      kind: "service-errors",
      component: choices.oneOf(
        answeringByThemselves(
          "api-gateway",
          "dynamodb",
          "eventbridge",
          "kinesis",
          "load-balancer",
          "s3",
          "sqs-fifo",
        ),
      ),
      share: choices.oneOf([0.1, 0.5, 1]),
    }),
    () => ({
      ...lasting,
      kind: "capacity-shortage",
      ...(choices.chance(0.5) && { zone: choices.oneOf(zones) }),
    }),
    () => ({
      ...lasting,
      kind: "bad-deployment",
      component: choices.oneOf(ofService("ecs-fargate", "matching-service")),
      slowFactor: choices.oneOf([1, 3, 50]),
      ...(choices.chance(0.5) && { crashAfterSeconds: choices.between(1, 10) }),
    }),
    () => {
      const { repeat } = lasting;
      return {
        ...striking,
        ...(repeat && { repeat }),
        kind: "cache-flush",
        component: choices.oneOf(ofService("elasticache")),
      };
    },
    () => ({
      ...lasting,
      kind: "load-change",
      factor: choices.oneOf([0.1, 2, 5]),
      ...(choices.chance(0.5) && { rampSeconds: choices.between(1, 10) }),
    }),
    () => ({
      ...lasting,
      kind: "hot-symbol",
      symbol: choices.between(0, symbolCount - 1),
      share: choices.oneOf([0.3, 1]),
    }),
    () => ({
      ...lasting,
      kind: "client-retries",
      retriesMax: choices.between(0, 7),
      backoffMs: choices.oneOf([0, 500]),
    }),
  ];
}

/** How long a fault lasts, or how often it flaps until the storm is over. */
function repeated(left: number, durationSeconds: number, choices: Choices) {
  const count = choices.oneOf([1, 1, 1, 2, 4]);
  if (count === 1) return { durationSeconds };
  const everySeconds = Math.round((left / count) * 100) / 100;
  const share = choices.oneOf([0.3, 0.95]);
  return {
    durationSeconds: Math.round(everySeconds * share * 1000) / 1000,
    repeat: { count, everySeconds },
  };
}

function ends(zones: readonly string[], choices: Choices) {
  const from = choices.oneOf(zones);
  const others = zones.filter((zone) => zone !== from);
  return others.length > 0 && choices.chance(0.6) ? { from, to: choices.oneOf(others) } : { from };
}

/** Services whose instances are the platform's own. */
const ownedServices: readonly string[] = [
  "aurora",
  "aurora-limitless",
  "dms",
  "elasticache",
  "ecs-fargate",
  "matching-service",
];

const roles: Readonly<Record<string, readonly string[]>> = {
  aurora: ["writer", "reader"],
  "aurora-limitless": ["primary", "standby", "router"],
  elasticache: ["primary", "replica"],
  "matching-service": ["active"],
};

/** Instances of a component that a kill takes: one or some, of any role that there is. */
function victim({ choices, platform }: Surroundings) {
  const component = choices.oneOf(
    platform.components.filter(({ service }) => ownedServices.includes(service)),
  );
  const role = choices.chance(0.5) ? choices.oneOf(roles[component.service] ?? [""]) : "";
  return {
    component: component.id,
    manner: choices.oneOf(["crash", "power", "hang"] as const),
    ...(choices.chance(0.5) && { count: choices.between(1, 4) }),
    ...(role !== "" && { role }),
  };
}
