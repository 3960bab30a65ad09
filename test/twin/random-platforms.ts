/**
 * Platforms, workloads and faults at random, each given by its seed alone. Zones, copies, sizes, intervals and durations
 * are drawn from what files may say, their edges included; what AWS takes minutes for is hastened in most platforms, so
 * that a run of a minute gets through failures and recoveries.
 */
import { createKernel, type Stream } from "../../sim/kernel/kernel.ts";
import type { ComponentSpec, Topology } from "../../sim/twin/topology-types.ts";
import { shippedTopology } from "./small-drill.ts";

/** Choices of one case, in the order in which they are made. */
export class Choices {
  readonly #stream: Stream;

  constructor(seed: number, about: string) {
    const kernel = createKernel({ seed: String(seed), programVersion: "random-platforms" });
    this.#stream = kernel.stream(about);
  }

  chance(share: number): boolean {
    return this.#stream.uniform() < share;
  }

  /** Whole, both ends included. */
  between(low: number, high: number): number {
    return low + this.#stream.int(high - low + 1);
  }

  oneOf<Item>(items: readonly Item[]): Item {
    return first(items.slice(this.#stream.int(items.length)));
  }

  /** So many different ones, in random order. */
  several<Item>(items: readonly Item[], count: number): Item[] {
    const left = [...items];
    return Array.from({ length: Math.min(count, items.length) }, () =>
      left.splice(this.#stream.int(left.length), 1),
    ).flat();
  }
}

function first<Item>(items: readonly Item[]): Item {
  const [item] = items;
  if (item === undefined) throw new Error("there is nothing to choose from");
  return item;
}

interface Region {
  readonly id: string;
  /** What follows the region's name in its zones'. */
  readonly zones: readonly string[];
}

const regionIds = ["us-east-1", "eu-west-1", "ap-southeast-1"];

/** Components that stand outside all regions. */
const global = ["dns", "edge", "firewall"];
const venue = ["order-queue", "matching", "journal"];

export function randomTopology(seed: number): Topology {
  const choices = new Choices(seed, "topology");
  const regions = regionIds.slice(0, choices.oneOf([1, 1, 1, 2, 2, 3])).map(
    (id): Region => ({
      id,
      zones: ["a", "b", "c", "d"].slice(0, choices.oneOf([1, 2, 2, 3, 3, 3, 3, 4])),
    }),
  );
  const partitionCount = choices.oneOf([1, 1, 2, 3, 4]);
  const isHasty = choices.chance(0.8);
  const shipped = shippedTopology();
  const components = shipped.components.map((component) => {
    if (global.includes(component.id)) return component;
    const sized = hastened(
      { ...component, ...sizes(component, choices) } as ComponentSpec,
      isHasty,
    );
    const places = Object.fromEntries(
      regions.map(({ id, zones }) => [id, placement(component, zones, choices)]),
    );
    const isDivided = venue.includes(component.id) && partitionCount > 1;
    const partitions = isDivided ? { count: partitionCount, by: "symbol" } : undefined;
    return placed(
      { ...sized, ...(partitions && { partitions }) } as ComponentSpec,
      regions,
      places,
    );
  });
  const hosted = choices.chance(0.25) ? [hostsFor(regions, isHasty)] : [];
  const onHosts = (component: ComponentSpec) =>
    hosted.length > 0 && ["matching", "market-data-service"].includes(component.id)
      ? ({ ...component, capacityProvider: "hosts" } as ComponentSpec)
      : component;
  const random: Topology = {
    ...shipped,
    id: `random-${seed}`,
    acceptance: choices.oneOf(["queue", "journal"]),
    regions: regions.map(({ id, zones }) => ({
      id,
      ...(choices.chance(0.5) && { share: choices.between(1, 3) }),
      zones: zones.map((zone) => ({ id: `${id}${zone}` })),
    })),
    components: [...components.map(onHosts), ...hosted],
  };
  const further = choices.chance(0.25) ? withEventBus(random, regions, choices) : random;
  const divided = withCells(withPlacement(further, choices), choices);
  const kept = withKeeping(withLimitless(withChangeCapture(divided, seed), seed), seed);
  return withOrderStream(kept, seed, isHasty);
}

/** A data stream in the place of the queues, in some platforms; its draws are its own. */
function withOrderStream(topology: Topology, seed: number, isHasty: boolean): Topology {
  const choices = new Choices(seed, "order-stream");
  const perEngine = choices.between(1, 3);
  const queue = topology.components.find(({ service }) => service === "sqs-fifo");
  if (!choices.chance(0.25) || queue === undefined) return topology;
  const { id, zones, inRegions, perRegion, partitions } = queue as ComponentSpec & {
    readonly zones: readonly string[];
  };
  const stream = {
    id,
    service: "kinesis",
    zones,
    shardCount: perEngine * (partitions?.count ?? 1),
    ...(inRegions !== undefined && { inRegions, perRegion }),
    ...(isHasty && { parameters: { shardLeaseUs: 3_000_000, orderReadAgainUs: 6_000_000 } }),
  } as ComponentSpec;
  return {
    ...topology,
    components: topology.components.map((each): ComponentSpec => {
      if (each.id === id) return stream;
      if (each.service !== "cloudwatch") return each;
      // A stream has an age and no depth.
      const metric = "GetRecords.IteratorAgeMilliseconds";
      const alarms = each.alarms.map((alarm) =>
        alarm.component === id ? { ...alarm, metric } : alarm,
      );
      return { ...each, alarms };
    }),
  };
}

/** Dead-letter queues, archives of buses, and a replica of the first region's bucket, in some platforms; its draws are its own. */
function withKeeping(topology: Topology, seed: number): Topology {
  const choices = new Choices(seed, "keeping");
  const receivesMax = choices.chance(0.3) ? choices.oneOf([1, 2, 5]) : undefined;
  const archives = choices.chance(0.5)
    ? [
        { id: "all", ...(choices.chance(0.5) && { retentionDays: 7 }) },
        { id: "placed", events: ["place"], symbols: [0] },
      ]
    : undefined;
  const components = topology.components.map((each): ComponentSpec => {
    if (each.service === "sqs-fifo" && receivesMax !== undefined) {
      return { ...each, deadLetters: { receivesMax } };
    }
    if (each.service === "eventbridge" && archives !== undefined) {
      return { ...each, archives } as ComponentSpec;
    }
    return each;
  });
  const [home, other] = topology.regions;
  const isReplicated = choices.chance(0.5);
  const replicationTimeControl = choices.chance(0.5);
  if (home === undefined || other === undefined || !isReplicated)
    return { ...topology, components };
  const replica = {
    id: "storage-replica",
    service: "s3",
    zones: other.zones.map(({ id }) => id),
    replicaOf: `storage-${home.id}`,
    replicationTimeControl,
  } as ComponentSpec;
  return { ...topology, components: [...components, replica] };
}

/** A copy of the database that change capture keeps, in some platforms of one region; its draws are its own. */
function withChangeCapture(topology: Topology, seed: number): Topology {
  const choices = new Choices(seed, "change-capture");
  const database = topology.components.find(({ service }) => service === "aurora");
  if (!choices.chance(0.25) || topology.regions.length > 1 || database === undefined) {
    return topology;
  }
  const zones = first(topology.regions).zones.map(({ id }) => id);
  const capture = {
    service: "dms",
    id: "capture",
    source: database.id,
    zones: choices.several(zones, choices.between(1, 2)),
    applies: choices.oneOf(["transactional", "batch"]),
    afterLoss: choices.oneOf(["resume", "restart"]),
    ...(choices.chance(0.8) && {
      parameters: { takeOverUsLow: 3_000_000, takeOverUsHigh: 8_000_000, bootUsLow: 5_000_000 },
    }),
  } as unknown as ComponentSpec;
  return {
    ...topology,
    components: [...topology.components, { ...database, id: "copy" } as ComponentSpec, capture],
    actorCalls: [
      ...topology.actorCalls,
      {
        component: "capture",
        calls: { apply: { to: "copy", operation: "write", timeoutMs: 10_000 } },
      },
    ],
  };
}

/** A Limitless database in the place of the cluster, in some platforms; its draws are its own. */
function withLimitless(topology: Topology, seed: number): Topology {
  const choices = new Choices(seed, "limitless");
  if (!choices.chance(0.2)) return topology;
  const acuMax = choices.oneOf([16, 64, 450]);
  const own = {
    acuMax,
    computeRedundancy: choices.oneOf([0, 1, 2]),
    ...(choices.chance(0.5) && { acuMin: 16 }),
    ...(choices.chance(0.3) && { shardCount: choices.between(1, 5) }),
    ...(choices.chance(0.3) && { routerCount: choices.between(1, 3) }),
  };
  const zonesOf = ({ writerZone, readerZones }: Record<string, unknown>) => ({
    zones: [...new Set([writerZone, ...(readerZones as readonly unknown[])])],
  });
  return {
    ...topology,
    components: topology.components.map((each): ComponentSpec => {
      // Change capture reads from a cluster, and writes to either.
      const isRead = topology.components.some(
        (other) => other.service === "dms" && other.source === each.id,
      );
      if (each.service !== "aurora" || isRead) return each;
      const { id, title, inRegions } = each;
      const perRegion = Object.entries(each.perRegion ?? {}).map(
        ([region, places]) => [region, zonesOf(places)] as const,
      );
      return {
        id,
        ...(title !== undefined && { title }),
        service: "aurora-limitless",
        ...zonesOf({ ...each }),
        ...(inRegions !== undefined && { inRegions, perRegion: Object.fromEntries(perRegion) }),
        ...own,
      } as ComponentSpec;
    }),
  };
}

/** Hosts in a placement group. */
function withPlacement(topology: Topology, choices: Choices): Topology {
  const strategy = choices.oneOf(["cluster", "partition", "spread", "none"] as const);
  const partitions = choices.between(1, 7);
  if (strategy === "none") return topology;
  const placement = { strategy, ...(strategy === "partition" && { partitions }) };
  return {
    ...topology,
    components: topology.components.map((each) =>
      each.service === "ec2-capacity-provider" ? { ...each, placement } : each,
    ),
  };
}

/** Users divided into cells with tasks and a balancer of their own. */
function withCells(topology: Topology, choices: Choices): Topology {
  const count = choices.oneOf([0, 0, 2, 3]);
  if (count === 0) return topology;
  const inCells = ["balancer", "order-service", "market-data-service"];
  return {
    ...topology,
    components: topology.components.map((each) =>
      inCells.includes(each.id) ? { ...each, partitions: { count, by: "user" } } : each,
    ),
  };
}

/** What the engines have executed goes through a bus of the region, which sends it on to the stream and to a function. */
function withEventBus(topology: Topology, regions: readonly Region[], choices: Choices): Topology {
  const policy = () => ({
    ...(choices.chance(0.3) && { retriesMax: choices.between(0, 5) }),
    ...(choices.chance(0.3) && { eventAgeSecondsMax: 60 }),
    ...(choices.chance(0.5) && { deadLetterQueue: true }),
  });
  const bus = {
    id: "bus",
    service: "eventbridge",
    zones: [],
    rules: [
      { id: "record", sendTo: [{ call: "record", ...policy() }] },
      {
        id: "tell",
        ...(choices.chance(0.5) && { events: ["place", "market-step"] }),
        ...(choices.chance(0.5) && { symbols: [0, 1] }),
        sendTo: [{ call: "tell", ...policy() }],
      },
    ],
    parameters: {
      ...(choices.chance(0.5) && { invocationsPerSecond: choices.between(1, 50) }),
      ...(choices.chance(0.3) && { putsPerSecond: choices.between(1, 50) }),
    },
  } as unknown as ComponentSpec;
  const places = Object.fromEntries(regions.map(({ id, zones }) => [id, { zones: [...zones] }]));
  const tell = {
    id: "tell",
    batchSizeMax: 1,
    durationMs: { median: 20, sigma: 0.4 },
    memoryMb: 128,
  };
  return {
    ...topology,
    components: [
      ...topology.components.map((each): ComponentSpec => {
        if (each.service === "matching-service") return { ...each, stream: "bus" };
        if (each.service !== "lambda") return each;
        return { ...each, functions: [...each.functions, tell] };
      }),
      placed(bus, regions, places),
    ],
    actorCalls: [
      ...topology.actorCalls.map((each) =>
        each.component === "matching"
          ? {
              ...each,
              calls: {
                ...each.calls,
                publish: { to: "bus", operation: "put-events", timeoutMs: 5000 },
              },
            }
          : each,
      ),
      {
        component: "bus",
        calls: {
          record: { to: "trades", operation: "put", timeoutMs: 5000 },
          tell: { to: "functions", operation: "invoke-tell", timeoutMs: 5000 },
        },
      },
    ],
  };
}

/** Hosts for tasks, too few for all of them at times. */
function hostsFor(regions: readonly Region[], isHasty: boolean): ComponentSpec {
  const [only] = regions;
  const isRegional = regions.length > 1;
  return {
    service: "ec2-capacity-provider",
    id: "hosts",
    instanceType: "c7g.2xlarge",
    hostCount: 3,
    hostCountMax: 12,
    targetPercent: 80,
    zones: isRegional ? ["a"] : (only?.zones ?? []).map((zone) => `${only?.id}${zone}`),
    ...(isRegional && { inRegions: regions.map(({ id }) => id) }),
    ...(isRegional && {
      perRegion: Object.fromEntries(regions.map(({ id, zones }) => [id, { zones }])),
    }),
    ...(isHasty && {
      // As quick as everything else in these short runs.
      parameters: {
        launchUsP50: 8_000_000,
        launchUsP95: 15_000_000,
        reviewUs: 5_000_000,
        warmUpUs: 10_000_000,
        zoneAvoidedUs: 15_000_000,
      },
    }),
  } as ComponentSpec;
}

type Placement = Readonly<Record<string, string | readonly string[]>>;

/** Where a component stands in a region: everywhere, or where the draw has it. */
function placement(
  { service }: ComponentSpec,
  zones: readonly string[],
  choices: Choices,
): Placement {
  switch (service) {
    case "aurora":
      return {
        writerZone: choices.oneOf(zones),
        readerZones: Array.from({ length: choices.between(0, 4) }, () => choices.oneOf(zones)),
      };
    case "elasticache":
      return { zones: Array.from({ length: choices.between(1, 3) }, () => choices.oneOf(zones)) };
    case "journal":
    case "matching-service":
    case "ecs-fargate":
      return { zones: choices.several(zones, choices.between(1, zones.length)) };
    case "application-auto-scaling":
    case "cloudwatch":
      return {};
    default:
      return { zones: [...zones] };
  }
}

/** In one region a component names its zones in full; in several, it stands for one in each. */
function placed(
  component: ComponentSpec,
  regions: readonly Region[],
  places: Readonly<Record<string, Placement>>,
): ComponentSpec {
  const named = (change: (zone: string) => string, { id } = first(regions)) =>
    Object.fromEntries(
      Object.entries(places[id] ?? {}).map(([field, value]) => [
        field,
        typeof value === "string" ? change(value) : value.map(change),
      ]),
    );
  if (regions.length === 1) {
    return { ...component, ...named((zone) => `${first(regions).id}${zone}`) };
  }
  // Every region has a zone "a"; what really holds is said for each region.
  return {
    ...component,
    ...named(() => "a"),
    inRegions: regions.map(({ id }) => id),
    perRegion: places,
  } as ComponentSpec;
}

/** Sizes and manners of a component that a file may choose. */
function sizes(component: ComponentSpec, choices: Choices): object {
  switch (component.service) {
    case "ecs-fargate": {
      const taskCount = choices.between(2, 6);
      return {
        taskCount,
        threadsMax: choices.oneOf([5, 50, 200]),
        containerHealthCheck: choices.chance(0.7),
        zoneRebalancing: choices.chance(0.7),
        scaling: {
          targetCpuPercent: choices.oneOf([40, 70]),
          taskCountMin: choices.between(1, taskCount),
          taskCountMax: taskCount + choices.between(0, 10),
        },
      };
    }
    case "matching-service":
      return {
        pollerCount: choices.oneOf([1, 3, 8]),
        snapshotIntervalSeconds: choices.oneOf([2, 5, 15, 60]),
        parameters: {
          reopenHaltedSeconds: choices.oneOf([0, 1, 3]),
          reopenCancelOnlySeconds: choices.oneOf([0, 1, 4]),
          reopenAuctionSeconds: choices.oneOf([0, 1, 4]),
          reopenDirectBelowSeconds: choices.oneOf([0, 5, 15]),
        },
      };
    case "journal":
      return { survivesPowerLoss: choices.chance(0.6) };
    case "sqs-fifo":
      return { highThroughput: choices.chance(0.3) };
    case "elasticache":
      return { multiAz: choices.chance(0.7), warmShare: choices.oneOf([0, 0.5, 1]) };
    case "kinesis":
      return { shardCount: choices.between(1, 4) };
    case "lambda":
      return { concurrencyMax: choices.oneOf([1, 3, 1000]) };
    case "load-balancer":
      return {
        algorithm: choices.oneOf(["round-robin", "least-outstanding-requests"]),
        deregistrationDelaySeconds: choices.oneOf([0, 5, 300]),
        healthCheck: {
          intervalSeconds: 5,
          timeoutSeconds: choices.oneOf([2, 4]),
          unhealthyThreshold: choices.between(2, 3),
          healthyThreshold: choices.between(2, 4),
        },
      };
    case "aurora":
      return choices.chance(0.25)
        ? { instanceClass: "db.serverless", serverless: { acuMin: 0.5, acuMax: 16 } }
        : {};
    case "api-gateway":
      return { api: choices.oneOf(["rest", "http"]) };
    case "dynamodb":
      if (!choices.chance(0.3)) return {};
      return {
        mode: "provisioned",
        provisioned: { readUnits: 200, writeUnits: 50 },
        ...(choices.chance(0.5) && { scaling: tableScaling }),
      };
    default:
      return {};
  }
}

const tableScaling = {
  targetPercent: 50,
  readUnitsMin: 50,
  readUnitsMax: 5000,
  writeUnitsMin: 20,
  writeUnitsMax: 500,
  cloudwatch: "observability",
};

/** What takes minutes at AWS, in seconds: as much happens in a short run as in a long one. */
function hastened(component: ComponentSpec, isHasty: boolean): ComponentSpec {
  const { parameters } = component;
  const own = isHasty ? hasty[component.service] : undefined;
  return own === undefined ? component : { ...component, parameters: { ...own, ...parameters } };
}

const fleet = {
  startUsP50: 4_000_000,
  startUsP95: 8_000_000,
  agentLossUs: 10_000_000,
  placementFailsAfterUs: 3_000_000,
  zoneAvoidedUs: 15_000_000,
  rebalancePeriodUs: 8_000_000,
  stopTimeoutUs: 5_000_000,
};

const hasty: Readonly<Partial<Record<ComponentSpec["service"], Readonly<Record<string, number>>>>> =
  {
    "ecs-fargate": fleet,
    "matching-service": fleet,
    "sqs-fifo": { visibilityTimeoutUs: 6_000_000, longPollUs: 3_000_000 },
  };
