/**
 * A disaster-recovery strategy for any topology: what stands in a second region, how much of it runs, and what is copied
 * there. Nothing fails over by itself; that is the runbook's part.
 */
import * as z from "zod";
import type { Topology } from "../sim/twin/topology-types.ts";
import { id, share } from "./fields.ts";
import type { Finding } from "./schema-mistakes.ts";
import { isObject } from "./schema-walk.ts";

export const recoverySchema = z
  .strictObject({
    strategy: z
      .enum(["backup-restore", "pilot-light", "warm-standby", "active-active"])
      .describe(
        "From the slowest and cheapest: copies of backups; data without tasks; data and some tasks; two homes that stand by for each other",
      ),
    region: id
      .describe(
        "The second region; its zones are called like those at home. Left out where several regions are active: each stands by for the one before",
      )
      .exactOptional(),
    taskShare: share
      .describe("For warm-standby: part of the tasks that runs there; a third when left out")
      .exactOptional(),
  })
  .describe("A second region for a topology of one, or standbys for one of several");

export type RecoverySpec = z.output<typeof recoverySchema>;

type Data = Readonly<Record<string, unknown>>;
type OneWay = Exclude<RecoverySpec["strategy"], "active-active">;

interface Regions {
  readonly home: string;
  readonly other: string;
}

const taskShareDefault = 1 / 3;

/** Services at the edge, which stand in no region. */
const edgeServices: readonly unknown[] = ["route53", "cloudfront", "waf"];

/** Services that hold orders, books or rows: each region's own have a standby in the other. */
const heldServices: readonly unknown[] = [
  "aurora",
  "journal",
  "matching-service",
  "msk",
  "sqs-fifo",
];

const zoneLists = ["zones", "readerZones", "storageZones"];

/**
 * Assumption: segments of the journal are shipped every five minutes, the loss that the strategy allows; S3 copies most
 * objects in seconds (fact s3.rtc).
 */
const shippedJournal = {
  shipEveryUs: 300_000_000,
  replicaLagUsP50: 15_000_000,
  replicaLagUsP95: 60_000_000,
};

/** The topology with its strategy, or why it can't have it. */
export function withRecoveryRegion(
  topology: Topology,
  recovery: RecoverySpec,
): { readonly topology: Topology; readonly findings: readonly Finding[] } {
  const findings = misfits(topology, recovery);
  if (findings.length > 0) return { topology, findings };
  const ids = topology.regions.map((region) => region.id);
  const [home = "", second] = ids;
  if (second !== undefined) return { topology: inRing(topology, ids), findings };
  const regions = { home, other: recovery.region ?? "" };
  const components = topology.components.map((spec) =>
    inTwoRegions(spec as unknown as Data, regions, recovery),
  ) as unknown as Topology["components"];
  const isShared = recovery.strategy === "active-active";
  return {
    topology: {
      ...topology,
      regions: topology.regions.flatMap((region) => [
        { ...region, share: 1 },
        {
          id: regions.other,
          share: isShared ? 1 : 0,
          zones: region.zones.map((zone) => ({
            id: `${regions.other}${suffixOf(zone.id, home)}`,
          })),
        },
      ]),
      components,
    },
    findings,
  };
}

function misfits(topology: Topology, recovery: RecoverySpec): readonly Finding[] {
  const { strategy, region, taskShare } = recovery;
  const ids = topology.regions.map((each) => each.id);
  const at = ["disasterRecovery"];
  if (taskShare !== undefined && strategy !== "warm-standby") {
    return [
      {
        code: "topology.recovery-task-share",
        problem: `taskShare is for a warm standby, and ${strategy} runs ${strategy === "active-active" ? "all tasks in each region" : "no tasks there"}`,
        remedy: "Leave taskShare out, or use strategy: warm-standby",
        path: [...at, "taskShare"],
      },
    ];
  }
  if (ids.length > 1) {
    if (strategy === "active-active" && region === undefined) return [];
    return [
      {
        code: "topology.recovery-of-several",
        problem: `"${topology.id}" is active in ${ids.join(", ")} already`,
        remedy:
          "Use strategy: active-active and leave region out: each region then stands by for the one before it",
        path: at,
      },
    ];
  }
  const [home = ""] = ids;
  if (region === undefined || region === home) {
    return [
      {
        code: "topology.recovery-region-missing",
        problem: `A strategy for "${topology.id}" needs a region beside ${home}`,
        remedy: "Add region, such as eu-west-1",
        path: at,
      },
    ];
  }
  return topology.regions.flatMap(({ zones }) =>
    zones
      .filter((zone) => !zone.id.startsWith(home))
      .map((zone) => ({
        code: "topology.recovery-zone-name",
        problem: `Zone "${zone.id}" is not called after its region ${home}, so its twin in ${region} has no name`,
        remedy: `Call it ${home}a or alike in the topology that is extended`,
        path: at,
      })),
  );
}

/** Each region's engines, queues, journals and databases get a standby in the next region, the last one's in the first. */
function inRing(topology: Topology, ids: readonly string[]): Topology {
  const standbyIn = Object.fromEntries(
    ids.map((region, at) => [region, ids[(at + 1) % ids.length] ?? region]),
  );
  return {
    ...topology,
    components: topology.components.map((spec) =>
      heldServices.includes(spec.service) && spec.inRegions !== undefined
        ? { ...spec, standbyIn, ...asStandbyOf(spec as unknown as Data) }
        : spec,
    ) as Topology["components"],
  };
}

function inTwoRegions(spec: Data, regions: Regions, recovery: RecoverySpec): Data {
  if (edgeServices.includes(spec["service"])) return spec;
  const { home, other } = regions;
  const placed = { ...withoutRegion(spec, home), inRegions: [home, other] };
  const isHeld = heldServices.includes(spec["service"]);
  if (recovery.strategy === "active-active" && isHeld) {
    return { ...placed, standbyIn: { [home]: other, [other]: home }, ...asStandbyOf(placed) };
  }
  const own =
    recovery.strategy === "active-active"
      ? sharedElsewhere(spec, home)
      : elsewhere(placed, home, recovery.strategy, recovery.taskShare ?? taskShareDefault);
  return own === undefined ? placed : { ...placed, perRegion: { [other]: own } };
}

/** A standby of a database has one reader, which is promoted. */
function asStandbyOf(spec: Data): Data {
  if (spec["service"] !== "aurora") return {};
  return { asStandby: { readerZones: [secondZoneOf(spec)] } };
}

/** What is the same table in both regions. */
function sharedElsewhere(spec: Data, home: string): Data | undefined {
  return spec["service"] === "dynamodb"
    ? { replicaOf: `${String(spec["id"])}-${home}` }
    : undefined;
}

/** Fields that a component has in the region that only stands by; undefined when it is the same there. */
function elsewhere(
  spec: Data,
  home: string,
  strategy: OneWay,
  taskShare: number,
): Data | undefined {
  const owner = `${String(spec["id"])}-${home}`;
  switch (spec["service"]) {
    case "ecs-fargate":
      return tasksElsewhere(spec, strategy === "warm-standby" ? taskShare : 0);
    case "matching-service":
      return { standbyFor: owner, ...(strategy === "warm-standby" ? {} : { taskCount: 0 }) };
    case "dynamodb":
      return { replicaOf: owner };
    case "elasticache":
      return { warmShare: 0 };
    case "aurora": {
      const reader = { readerZones: [secondZoneOf(spec)] };
      return strategy === "backup-restore"
        ? { backupOf: owner, ...reader }
        : { secondaryOf: owner, ...reader };
    }
    case "journal":
      return {
        replicaOf: owner,
        ...(strategy === "backup-restore" ? { parameters: shippedJournal } : {}),
      };
    default:
      return undefined;
  }
}

function tasksElsewhere(spec: Data, taskShare: number): Data {
  const taskCount = Math.ceil(Number(spec["taskCount"]) * taskShare);
  const { scaling } = spec;
  return {
    taskCount,
    ...(isObject(scaling) ? { scaling: { ...scaling, taskCountMin: taskCount } } : {}),
  };
}

function secondZoneOf(spec: Data): unknown {
  const [first] = Array.isArray(spec["readerZones"]) ? (spec["readerZones"] as unknown[]) : [];
  return first ?? spec["writerZone"];
}

/** Zones are called by what follows their region's name in a component that stands in several. */
function withoutRegion(spec: Data, home: string): Data {
  return Object.fromEntries(
    Object.entries(spec).map(([field, value]) => {
      if (zoneLists.includes(field) && Array.isArray(value)) {
        return [field, value.map((zone) => suffixOf(String(zone), home))];
      }
      return [field, field === "writerZone" ? suffixOf(String(value), home) : value];
    }),
  );
}

function suffixOf(zone: string, region: string): string {
  return zone.startsWith(region) ? zone.slice(region.length) : zone;
}
