import {
  assumption,
  fromFact,
  type Parameters,
  usFromFact,
  valuesOf,
} from "../../facts/parameter.ts";
import { lognormalFromQuantiles } from "../../kernel/distributions/lognormal-from-quantiles.ts";
import { compileQuantiles } from "../../kernel/distributions/quantile-table.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { Operation } from "../fabric/call-sites.ts";
import type { Channel, Component } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { FrameNotes } from "../fabric/frame-notes.ts";
import type { FailureManner } from "../fabric/instances.ts";
import { outcome } from "../fabric/outcome.ts";
import { resolveParameters } from "../fabric/parameters.ts";
import { PeriodGains } from "../fabric/period-gains.ts";
import { placesTalk, replicationDelayUs } from "../fabric/region-homes.ts";
import { ZonalHosts } from "../fabric/zonal-hosts.ts";
import type { DynamoDbSpec, TableCounts } from "./dynamodb-spec.ts";
import { Leases } from "./leases.ts";
import { TableAutoScaling } from "./table-auto-scaling.ts";
import { capacityKind, TableCapacity } from "./table-capacity.ts";

const defaults = {
  partitionWriteUnits: fromFact("dynamodb.partition.wcu"),
  partitionReadUnits: fromFact("dynamodb.partition.rcu"),
  tableUnitsMax: fromFact("dynamodb.table.quota"),
  onDemandWriteUnits: fromFact("dynamodb.ondemand.initial", "writes"),
  onDemandReadUnits: fromFact("dynamodb.ondemand.initial", "reads"),
  onDemandGrowth: fromFact("dynamodb.ondemand.double-peak"),
  onDemandWindowUs: usFromFact("dynamodb.ondemand.window-s"),
  provisionedBurstSeconds: fromFact("dynamodb.burst-s"),
  onDemandBurstSeconds: assumption(1, "s", "an on-demand table smooths over a second, no more"),
  readUnitsPerItem: assumption(0.5, "units", "items up to 4 KB, read eventually consistent"),
  writeUnitsPerItem: assumption(1, "units", "items up to 1 KB"),
  latencyUsP50: assumption(3_500, "us", "'single-digit' milliseconds (dynamodb.latency)"),
  latencyUsP95: assumption(
    8_500,
    "us",
    "so that the 99th percentile is near 12 ms (dynamodb.latency)",
  ),
  itemUs: assumption(300, "us", "each further item of a batch"),
  sessionUs: assumption(43_200_000_000, "us", "a session of a trading day lasts twelve hours"),
  leaseUs: assumption(10_000_000, "us", "as long as a silent owner may hold up its successor"),
  globalLagUs: usFromFact("dgt.mrec.lag-s"),
  scaleOutDatapoints: assumption(
    2,
    "one-minute points in a row",
    "two consecutive minutes above the target, as AWS's knowledge centre says",
  ),
  scaleInDatapoints: assumption(
    15,
    "one-minute points in a row",
    "fifteen consecutive minutes well below the target, by the same source",
  ),
  scaleInPointsBelow: assumption(
    20,
    "percentage points below the target",
    "'20% or more below the target ... (50 RCUs)' of a target of 70, by the same source",
  ),
  capacityUpdateUs: assumption(
    60_000_000,
    "us",
    "until the table has the capacity that it was updated to; AWS publishes 'several minutes' for the whole (dynamodb.autoscaling-delay)",
  ),
  settleUs: assumption(
    240_000_000,
    "us",
    "after an update, until a whole minute at the new capacity is shown: what was measured before is a share of another capacity",
  ),
  decreasesADay: assumption(4, "decreases", "at any time of a day; then one an hour"),
  decreaseEveryUs: assumption(3_600_000_000, "us", "between further decreases of a day"),
  hostEvictionUs: assumption(
    5_000_000,
    "us",
    "until the service's own routing leaves out a silent zone; AWS publishes none",
  ),
} satisfies Parameters;

const operation = {
  readSession: 0,
  writeSession: 1,
  lease: 2,
  endLease: 3,
  read: 4,
  write: 5,
} as const;

const counted = {
  readThrottles: 0,
  writeThrottles: 1,
  absentSessions: 2,
  refusedLeases: 3,
  requests: 4,
  /** Writes of other regions on their way here. */
  notArrived: 5,
  /** Writes of other regions that met a later one here, and are gone. */
  overwritten: 6,
  replicated: 7,
} as const;

/** Positions of the totals whose gains are published. */
const period = {
  readUnits: 0,
  writeUnits: 1,
  readThrottles: 2,
  writeThrottles: 3,
  throttles: 4,
} as const;

/**
 * DynamoDB: a replicated table behind zonal hosts. It holds the session of each user, with its end, and leases.
 *
 * | operation       | `data` is | effect                                                                  |
 * | --------------- | --------- | ----------------------------------------------------------------------- |
 * | `read-session`  | a request | `ok` when its user is logged in, `refused` when not                     |
 * | `write-session` | a request | logs its user in                                                        |
 * | `lease`         | a lease   | `ok`: the calling instance owns it from now; `refused`: another does    |
 * | `end-lease`     | a lease   | gives it up; `refused` when another owns it                             |
 * | `read`, `write` | a key     | an item of no further meaning here; `itemCount` of them                 |
 *
 * Writes need a majority of the zones. A zone that is lost costs the calls of some seconds and no item.
 */
export class DynamoDb implements Component {
  readonly id: string;
  readonly service = "dynamodb";
  readonly index: number;
  readonly operations: readonly Operation[];
  readonly leases: Leases;
  readonly #leaseUs: number;
  readonly #fabric: Fabric;
  readonly #parameters: typeof defaults;
  readonly #values;
  readonly #hosts: ZonalHosts;
  readonly #capacity: TableCapacity;
  readonly #callerEpochs: FrameNotes;
  readonly #sessionEndsUs: Float64Array;
  readonly #counts: Float64Array;
  readonly #spec: DynamoDbSpec;
  readonly #replicated: HandlerId;
  /** Tables of other regions that hear of sessions. Filled at assembly. */
  readonly #replicas: DynamoDb[] = [];
  readonly #gains: PeriodGains;
  readonly #scaling: TableAutoScaling | undefined;

  constructor(fabric: Fabric, index: number, spec: DynamoDbSpec, counts: TableCounts) {
    const { kernel } = fabric;
    this.id = spec.id;
    this.index = index;
    this.#fabric = fabric;
    this.#spec = spec;
    this.#parameters = resolveParameters(spec.id, defaults, spec.parameters);
    const values = valuesOf(this.#parameters);
    this.#values = values;
    const serviceUs = compileQuantiles(
      lognormalFromQuantiles({ p50: values.latencyUsP50, p95: values.latencyUsP95 }),
    );
    const names = ["read-session", "write-session", "lease", "end-lease", "read", "write"];
    this.operations = names.map((name) => ({
      name,
      serviceUs,
      perItemUs: values.itemUs,
      decides: true,
    }));
    this.#hosts = new ZonalHosts(fabric, {
      component: index,
      id: spec.id,
      zones: spec.zones.map((zone) => fabric.zone(zone)),
      insideMax: 1_000_000,
      evictAfterUs: values.hostEvictionUs,
      needsMajority: true,
    });
    this.#capacity = new TableCapacity(kernel, capacityOf(spec, values));
    this.#leaseUs = values.leaseUs;
    this.leases = new Leases(fabric, {
      id: spec.id,
      leaseCount: counts.leaseCount,
      durationUs: values.leaseUs,
    });
    this.#callerEpochs = new FrameNotes(kernel, `${spec.id}.caller-epochs`);
    this.#sessionEndsUs = kernel.float64Array(`${spec.id}.session-ends-us`, counts.userCount);
    const warm = kernel.keyed(`${spec.id}.warm-sessions`);
    for (let user = 0; user < counts.userCount; user += 1) {
      this.#sessionEndsUs[user] = Math.floor(warm.uniform(user, 0, 0) * values.sessionUs);
    }
    this.#counts = kernel.float64Array(`${spec.id}.counts`, Object.keys(counted).length);
    this.#gains = new PeriodGains(kernel, `${spec.id}.metric-totals`, Object.keys(period).length);
    this.#replicated = kernel.handler(`${spec.id}.replicated`, (user, from, endsMs) =>
      this.#arrived(user, from, endsMs),
    );
    this.#publishMetrics();
    if (isProvisioned(spec) && spec.scaling !== undefined) {
      this.#scaling = new TableAutoScaling(fabric, this, spec.scaling, {
        values,
        capacity: this.#capacity,
      });
    }
  }

  /** Microseconds for which a lease is granted or extended: as long as a silent owner may hold up its successor. */
  get leaseUs(): number {
    return this.#leaseUs;
  }

  start(): void {
    this.#hosts.start();
    if (this.#spec.replicaOf !== undefined) {
      const other = this.#fabric.component(this.#spec.replicaOf) as DynamoDb;
      other.#replicas.push(this);
      this.#replicas.push(other);
      // What was written before the run has long arrived.
      this.#sessionEndsUs.set(other.#sessionEndsUs);
    }
    this.#capacity.start();
    this.#scaling?.start();
  }

  setControlPlaneFrozen(frozen: boolean): void {
    this.#scaling?.setFrozen(frozen);
  }

  route(_callerInstance: number, _callerZone: number, frame: number): number {
    return this.#hosts.route(frame);
  }

  admit(frame: number, host: number): number {
    const { calls, instances } = this.#fabric;
    const asked = this.#operationOf(frame);
    const isWrite = asked !== operation.readSession && asked !== operation.read;
    this.#count(counted.requests);
    if (isWrite && !this.#hosts.canServe(host)) return outcome.unavailable;
    const kind = isWrite ? capacityKind.write : capacityKind.read;
    const perItem = isWrite ? this.#values.writeUnitsPerItem : this.#values.readUnitsPerItem;
    const hash = hashOfKey(this.#keyOf(asked, calls.dataOf(frame)));
    if (!this.#capacity.take(kind, hash, perItem * calls.itemCountOf(frame))) {
      this.#count(isWrite ? counted.writeThrottles : counted.readThrottles);
      return outcome.throttled;
    }
    // An owner is known by its life: the slot of a dead caller may have a new tenant before the work is done.
    const caller = calls.callerInstanceOf(frame);
    this.#callerEpochs.set(frame, caller === none ? none : instances.epoch[caller]!);
    return outcome.ok;
  }

  worked(frame: number, host: number): number {
    const { calls } = this.#fabric;
    const { requests } = this.#fabric;
    const asked = this.#operationOf(frame);
    const data = calls.dataOf(frame);
    const caller = calls.callerInstanceOf(frame);
    const isRead = asked === operation.readSession || asked === operation.read;
    if (!isRead && !this.#hosts.canServe(host)) return outcome.unavailable;
    switch (asked) {
      case operation.readSession:
        if (this.isLoggedIn(requests.column.user[data]!)) return outcome.ok;
        this.#count(counted.absentSessions);
        return outcome.refused;
      case operation.writeSession:
        this.#logIn(requests.column.user[data]!);
        return outcome.ok;
      case operation.lease:
        if (this.leases.take(data, caller, this.#callerEpochs.get(frame))) return outcome.ok;
        this.#count(counted.refusedLeases);
        return outcome.refused;
      case operation.endLease:
        return this.leases.giveUp(data, caller, this.#callerEpochs.get(frame))
          ? outcome.ok
          : outcome.refused;
      default:
        return outcome.ok;
    }
  }

  instanceFailed(_instance: number, _manner: FailureManner, _causeSeq: number): void {
    // The hosts' own watch notices; what was in flight has gone with the host's frames.
  }

  setQuotaShare(share: number): void {
    this.#capacity.setShare(share);
  }

  powerRestored(host: number, causeSeq: number): void {
    this.#hosts.powerRestored(host, causeSeq);
  }

  /** Zones of its hosts. */
  get zones(): readonly number[] {
    return this.#spec.zones.map((zone) => this.#fabric.zone(zone));
  }

  #logIn(user: number): void {
    const { kernel, zones } = this.#fabric;
    const endsUs = kernel.nowUs + this.#values.sessionUs;
    this.#sessionEndsUs[user] = endsUs;
    const endsMs = Math.floor(endsUs / 1000);
    for (const other of this.#replicas) {
      other.#count(counted.notArrived);
      const lateUs = replicationDelayUs(zones, this.zones, other.zones);
      const usualUs = this.#values.globalLagUs;
      // What can't leave is asked for again on arrival, once a lag.
      const afterUs = lateUs === Number.POSITIVE_INFINITY ? usualUs : usualUs + lateUs;
      kernel.schedule(afterUs, other.#replicated, user, this.index, endsMs);
    }
  }

  /** What another region wrote arrives, or waits until the regions talk; the later session wins. */
  #arrived(user: number, from: number, endsMs: number): void {
    const { kernel, zones, components } = this.#fabric;
    const source = components[from] as DynamoDb;
    const isStopped =
      replicationDelayUs(zones, source.zones, this.zones) === Number.POSITIVE_INFINITY;
    if (isStopped || !placesTalk(zones, source.zones, this.zones)) {
      kernel.schedule(this.#values.globalLagUs, this.#replicated, user, from, endsMs);
      return;
    }
    const { notArrived, overwritten, replicated } = counted;
    this.#counts[notArrived] = this.#counts[notArrived]! - 1;
    this.#count(replicated);
    if (this.#sessionEndsUs[user]! > endsMs * 1000) this.#count(overwritten);
    else this.#sessionEndsUs[user] = endsMs * 1000;
  }

  /** Writes of other regions that have not arrived: what this table lacks if they are lost now. */
  get notArrivedCount(): number {
    return this.#counts[counted.notArrived]!;
  }

  /** Writes of other regions that a later write here has overwritten. */
  get overwrittenCount(): number {
    return this.#counts[counted.overwritten]!;
  }

  /** Whether a user has a session that has not ended. */
  isLoggedIn(user: number): boolean {
    return this.#sessionEndsUs[user]! > this.#fabric.kernel.nowUs;
  }

  /** Ends a user's session now (a log-out, or a fault that loses sessions). */
  endSession(user: number): void {
    this.#sessionEndsUs[user] = 0;
  }

  get throttledCount(): number {
    return this.#counts[counted.readThrottles]! + this.#counts[counted.writeThrottles]!;
  }

  /** Units a second that the table serves now. */
  get writeUnitsLimit(): number {
    return this.#capacity.limit(capacityKind.write);
  }

  channels(): readonly Channel[] {
    const count = (name: string, what: number): Channel => ({
      name,
      unit: "requests",
      kind: "count",
      read: () => this.#counts[what]!,
    });
    return [
      {
        name: "hosts in service",
        unit: "hosts",
        kind: "level",
        read: () => this.#hosts.inServiceCount,
      },
      count("requests", counted.requests),
      count("reads throttled", counted.readThrottles),
      count("writes throttled", counted.writeThrottles),
      count("sessions absent", counted.absentSessions),
      {
        name: "read units",
        unit: "units",
        kind: "count",
        read: () => this.#capacity.consumed(capacityKind.read),
      },
      {
        name: "write units",
        unit: "units",
        kind: "count",
        read: () => this.#capacity.consumed(capacityKind.write),
      },
      ...(this.#scaling === undefined ? [] : this.#capacityChannels()),
      ...(this.#spec.replicaOf === undefined
        ? []
        : [
            {
              name: "writes not yet arrived",
              unit: "items",
              kind: "level",
              read: () => this.notArrivedCount,
            } as const,
            count("writes overwritten by later ones", counted.overwritten),
            count("writes replicated", counted.replicated),
          ]),
    ];
  }

  #capacityChannels(): readonly Channel[] {
    const { read, write } = capacityKind;
    const hours = (name: string, kind: number): Channel => ({
      name,
      unit: "unit hours",
      kind: "count",
      read: () => this.#capacity.provisionedUnitHours(kind),
    });
    const units = (name: string, kind: number): Channel => ({
      name,
      unit: "units a second",
      kind: "level",
      read: () => this.#capacity.limit(kind),
    });
    return [
      units("provisioned for reads", read),
      units("provisioned for writes", write),
      hours("read capacity", read),
      hours("write capacity", write),
    ];
  }

  parameters(): Parameters {
    return this.#parameters;
  }

  /** A number for the item: users, leases and other keys do not share numbers. */
  #keyOf(asked: number, data: number): number {
    if (asked === operation.readSession || asked === operation.writeSession) {
      return this.#fabric.requests.column.user[data]! * 3;
    }
    return asked === operation.lease || asked === operation.endLease ? data * 3 + 1 : data * 3 + 2;
  }

  #operationOf(frame: number): number {
    return this.#fabric.sites[this.#fabric.calls.siteOf(frame)]!.operation;
  }

  #count(what: number): void {
    this.#counts[what] = this.#counts[what]! + 1;
  }

  #publishMetrics(): void {
    const { metrics } = this.#fabric;
    const add = (name: string, position: number, total: () => number) => {
      metrics.add({
        namespace: "AWS/DynamoDB",
        component: this.index,
        unit: "Count",
        name,
        sample: () => this.#gains.gain(position, total()),
      });
    };
    const consumed = (kind: number) => () => this.#capacity.consumed(kind);
    add("ConsumedReadCapacityUnits", period.readUnits, consumed(capacityKind.read));
    add("ConsumedWriteCapacityUnits", period.writeUnits, consumed(capacityKind.write));
    const throttles = (what: number) => () => this.#counts[what]!;
    add("ReadThrottleEvents", period.readThrottles, throttles(counted.readThrottles));
    add("WriteThrottleEvents", period.writeThrottles, throttles(counted.writeThrottles));
    add("ThrottledRequests", period.throttles, () => this.throttledCount);
  }
}

type Values = { readonly [Name in keyof typeof defaults]: number };

function capacityOf(spec: DynamoDbSpec, values: Values) {
  const provisioned = isProvisioned(spec) ? spec.provisioned : undefined;
  const readUnits = provisioned?.readUnits ?? values.onDemandReadUnits;
  const writeUnits = provisioned?.writeUnits ?? values.onDemandWriteUnits;
  // A table that scales is divided as for the most that it may become: partitions are never merged again.
  const { readUnitsMax = readUnits, writeUnitsMax = writeUnits } =
    provisioned === undefined ? {} : (spec.scaling ?? {});
  const byReads = Math.max(readUnits, readUnitsMax) / values.partitionReadUnits;
  const byWrites = Math.max(writeUnits, writeUnitsMax) / values.partitionWriteUnits;
  const growth = {
    factor: values.onDemandGrowth,
    windowUs: values.onDemandWindowUs,
    unitsMax: values.tableUnitsMax,
  };
  return {
    id: spec.id,
    // A provisioned table has partitions for reads and writes together, an on-demand one for the larger of both.
    partitionCount: Math.ceil(provisioned ? byReads + byWrites : Math.max(byReads, byWrites)),
    partitionUnits: [values.partitionReadUnits, values.partitionWriteUnits] as const,
    tableUnits: [readUnits, writeUnits] as const,
    burstSeconds: provisioned ? values.provisionedBurstSeconds : values.onDemandBurstSeconds,
    ...(provisioned ? {} : { growth }),
  };
}

function isProvisioned({ mode, provisioned }: DynamoDbSpec): boolean {
  return mode === "provisioned" && provisioned !== undefined;
}

/** Spreads neighbouring keys over the partitions. */
function hashOfKey(key: number): number {
  const mixed = Math.imul(key ^ (key >>> 16), 0x7feb352d);
  return Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
}

/** A DynamoDB table with sessions and leases. */
export function createDynamoDb(
  fabric: Fabric,
  index: number,
  spec: DynamoDbSpec,
  counts: TableCounts,
): DynamoDb {
  return new DynamoDb(fabric, index, spec, counts);
}
