import { type Parameters, valuesOf } from "../../facts/parameter.ts";
import { lognormalFromQuantiles } from "../../kernel/distributions/lognormal-from-quantiles.ts";
import { compileQuantiles } from "../../kernel/distributions/quantile-table.ts";
import { none } from "../../kernel/none.ts";
import type { Operation } from "../fabric/call-sites.ts";
import type { Channel } from "../fabric/channel.ts";
import type { Component } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { FrameNotes } from "../fabric/frame-notes.ts";
import type { FailureManner } from "../fabric/instances.ts";
import { outcome } from "../fabric/outcome.ts";
import { resolveParameters } from "../fabric/parameters.ts";
import { ZonalHosts } from "../fabric/zonal-hosts.ts";
import { capacityOf, isProvisioned } from "./declared-capacity.ts";
import { publishTableMetrics, tableChannels, tableCounted } from "./dynamodb-figures.ts";
import { dynamoDbDefaults } from "./dynamodb-parameters.ts";
import type { DynamoDbSpec, TableCounts } from "./dynamodb-spec.ts";
import { Leases } from "./leases.ts";
import { Sessions } from "./sessions.ts";
import { TableAutoScaling } from "./table-auto-scaling.ts";
import { capacityKind, TableCapacity } from "./table-capacity.ts";

const operation = {
  readSession: 0,
  writeSession: 1,
  lease: 2,
  endLease: 3,
  read: 4,
  write: 5,
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
  readonly sessions: Sessions;
  readonly #leaseUs: number;
  readonly #fabric: Fabric;
  readonly #parameters: typeof dynamoDbDefaults;
  readonly #values;
  readonly #hosts: ZonalHosts;
  readonly #capacity: TableCapacity;
  readonly #callerEpochs: FrameNotes;
  readonly #counts: Float64Array;
  readonly #spec: DynamoDbSpec;
  readonly #scaling: TableAutoScaling | undefined;

  constructor(fabric: Fabric, index: number, spec: DynamoDbSpec, counts: TableCounts) {
    const { kernel } = fabric;
    this.id = spec.id;
    this.index = index;
    this.#fabric = fabric;
    this.#spec = spec;
    this.#parameters = resolveParameters(spec.id, dynamoDbDefaults, spec.parameters);
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
    this.sessions = new Sessions(fabric, {
      id: spec.id,
      component: index,
      zones: this.zones,
      userCount: counts.userCount,
      sessionUs: values.sessionUs,
      globalLagUs: values.globalLagUs,
    });
    this.#counts = kernel.float64Array(`${spec.id}.counts`, Object.keys(tableCounted).length);
    publishTableMetrics(fabric, this.#figures());
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
      this.sessions.joinTableOf(other.sessions);
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
    this.#count(tableCounted.requests);
    if (isWrite && !this.#hosts.canServe(host)) return outcome.unavailable;
    const kind = isWrite ? capacityKind.write : capacityKind.read;
    const perItem = isWrite ? this.#values.writeUnitsPerItem : this.#values.readUnitsPerItem;
    const hash = hashOfKey(this.#keyOf(asked, calls.dataOf(frame)));
    if (!this.#capacity.take(kind, hash, perItem * calls.itemCountOf(frame))) {
      this.#count(isWrite ? tableCounted.writeThrottles : tableCounted.readThrottles);
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
        if (this.sessions.isLoggedIn(requests.column.user[data]!)) return outcome.ok;
        this.#count(tableCounted.absentSessions);
        return outcome.refused;
      case operation.writeSession:
        this.sessions.logIn(requests.column.user[data]!);
        return outcome.ok;
      case operation.lease:
        if (this.leases.take(data, caller, this.#callerEpochs.get(frame))) return outcome.ok;
        this.#count(tableCounted.refusedLeases);
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

  get throttledCount(): number {
    return this.#counts[tableCounted.readThrottles]! + this.#counts[tableCounted.writeThrottles]!;
  }

  /** Units a second that the table serves now. */
  get writeUnitsLimit(): number {
    return this.#capacity.limit(capacityKind.write);
  }

  channels(): readonly Channel[] {
    return tableChannels(this.#figures());
  }

  #figures() {
    return {
      id: this.id,
      index: this.index,
      counts: this.#counts,
      hosts: this.#hosts,
      capacity: this.#capacity,
      sessions: this.sessions,
      isScaled: isProvisioned(this.#spec) && this.#spec.scaling !== undefined,
      isReplica: this.#spec.replicaOf !== undefined,
    };
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
