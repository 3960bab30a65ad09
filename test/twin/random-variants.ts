/** What only some random platforms have: each variant takes a platform and gives it back with, or without, its own. */
import type { ComponentSpec, Topology } from "../../sim/twin/topology-types.ts";
import { Choices, first } from "./random-choices.ts";
import { placed, type Region } from "./random-places.ts";

/** A data stream in the place of the queues, in some platforms; its draws are its own. */
export function withOrderStream(topology: Topology, seed: number, isHasty: boolean): Topology {
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
export function withKeeping(topology: Topology, seed: number): Topology {
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
export function withChangeCapture(topology: Topology, seed: number): Topology {
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
export function withLimitless(topology: Topology, seed: number): Topology {
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
export function withPlacement(topology: Topology, choices: Choices): Topology {
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
export function withCells(topology: Topology, choices: Choices): Topology {
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
export function withEventBus(
  topology: Topology,
  regions: readonly Region[],
  choices: Choices,
): Topology {
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
