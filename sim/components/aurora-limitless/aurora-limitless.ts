import type { Parameters } from "../../facts/parameter.ts";
import { compileQuantiles } from "../../kernel/distributions/quantile-table.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import { databaseRole } from "../aurora/database-group.ts";
import type { Operation } from "../fabric/call-sites.ts";
import type { Channel } from "../fabric/channel.ts";
import type { Component, OwnCall } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { type FailureManner, status } from "../fabric/instances.ts";
import { outcome } from "../fabric/outcome.ts";
import { partitionWithin } from "../fabric/partition-law.ts";
import { limitlessChannels, publishLimitlessMetrics } from "./aurora-limitless-figures.ts";
import {
  type AuroraLimitlessParameters,
  auroraLimitlessParameters,
  shardGroupSize,
} from "./aurora-limitless-parameters.ts";
import type { AuroraLimitlessSpec } from "./aurora-limitless-spec.ts";
import { DistributedTransactions } from "./distributed-transactions.ts";
import { Routers } from "./routers.ts";
import { createShards, type Shard, ShardGroupCapacity, zoneOf } from "./shards.ts";

/** Those of a cluster, which routers take, and what routers ask of shards. */
const operation = {
  read: 0,
  readWriter: 1,
  write: 2,
  commit: 3,
  shardRead: 4,
  shardWrite: 5,
  shardPrepare: 6,
  shardCommit: 7,
} as const;

const counted = { rowsWritten: 0, pagesFetched: 1 } as const;

/**
 * Aurora PostgreSQL Limitless: routers in front of shards, with the operations of an Aurora cluster.
 *
 * A request's rows lie where its user does; a batch of rows of several users (a matching service's, a change capture's) lies on as
 * many shards as its users do, and is a transaction over all of them. Reads of a request touch one shard.
 *
 *   caller -> router (plans) -> primary of a shard: CPU, memory, volume -> answer
 *                           \-> primary of another
 */
export class AuroraLimitless implements Component {
  readonly id: string;
  readonly service = "aurora-limitless";
  readonly index: number;
  readonly operations: readonly Operation[];
  readonly shards: readonly Shard[];
  readonly routers: Routers;
  readonly capacity: ShardGroupCapacity;
  readonly transactions: DistributedTransactions;
  readonly acuMin: number;
  readonly acuMax: number;
  readonly #fabric: Fabric;
  readonly #parameters: AuroraLimitlessParameters;
  readonly #statementNumber: Int32Array;
  readonly #counts: Float64Array;
  readonly #fetched: HandlerId;
  /** Shard of an instance slot, or `none`. Assembly only: shards keep their instances. */
  readonly #shardOf: Int32Array;
  /** Room for the rows of one statement by shard; nothing in it outlives a call. */
  readonly #rows: Int32Array;

  constructor(fabric: Fabric, index: number, spec: AuroraLimitlessSpec) {
    const { kernel, instances } = fabric;
    const { id } = spec;
    this.id = id;
    this.index = index;
    this.#fabric = fabric;
    this.#parameters = auroraLimitlessParameters(spec);
    this.operations = operationsOf(this.#parameters);
    const size = shardGroupSize(spec);
    this.acuMax = spec.acuMax;
    this.acuMin = size.acuMinPerNode * (size.routerCount + size.shardCount);
    this.transactions = new DistributedTransactions(fabric, {
      id,
      commitRetryUs: this.#parameters.commitRetryUs.value,
      rowsByShard: (frame) => this.#rowsByShard(frame),
    });
    this.routers = new Routers(fabric, {
      component: index,
      id,
      zones: Array.from({ length: size.routerCount }, (_, at) =>
        fabric.zone(zoneOf(spec.zones, at)),
      ),
      parameters: this.#parameters,
      lost: (instance) => this.transactions.routerLost(instance),
    });
    this.shards = createShards(fabric, {
      component: index,
      spec,
      size,
      parameters: this.#parameters,
      heard: () => {},
    });
    this.capacity = new ShardGroupCapacity(fabric, {
      id,
      acuMax: spec.acuMax,
      size,
      parameters: this.#parameters,
      routers: this.routers.instances,
      shards: this.shards,
    });
    this.#rows = new Int32Array(size.shardCount);
    this.#shardOf = new Int32Array(instances.slotsMax).fill(none);
    for (const [shard, { group }] of this.shards.entries()) {
      for (const instance of group.instances) this.#shardOf[instance] = shard;
    }
    this.#statementNumber = kernel.int32Array(`${id}.statement-number`, 1);
    this.#counts = kernel.float64Array(`${id}.counts`, Object.keys(counted).length);
    this.#fetched = kernel.handler(`${id}.pages-fetched`, (frame, generation) =>
      this.#pagesFetched(frame, generation),
    );
    publishLimitlessMetrics(fabric, this);
  }

  ownCalls(): readonly OwnCall[] {
    const timeoutMs = this.#parameters.shardTimeoutUs.value / 1000;
    return ["shard-read", "shard-write", "shard-prepare", "shard-commit"].map((name) => ({
      name,
      call: { to: this.id, operation: name, timeoutMs },
    }));
  }

  start(): void {
    const site = (name: string) => this.#fabric.actorSite(this.id, name);
    this.transactions.connect({
      read: site("shard-read"),
      write: site("shard-write"),
      prepare: site("shard-prepare"),
      commit: site("shard-commit"),
    });
    this.routers.start();
    for (const { control } of this.shards) control.start();
    this.capacity.start();
  }

  route(callerInstance: number, _callerZone: number, frame: number): number {
    if (this.#operationOf(frame) >= operation.shardRead) {
      // Routers hear of a promotion from the service itself, as proxies do.
      return this.primaryOf(this.#fabric.calls.dataOf(frame));
    }
    const { names } = this.#fabric;
    if (callerInstance === none) return names.published(this.routers.record)[0] ?? none;
    return names.resolve(this.routers.record, callerInstance);
  }

  admit(frame: number, instance: number): number {
    if (this.#operationOf(frame) < operation.shardRead) return outcome.ok;
    const { role } = this.#fabric.instances.column;
    return role[instance] === databaseRole.writer ? outcome.ok : outcome.unavailable;
  }

  worked(frame: number, instance: number): number {
    const asked = this.#operationOf(frame);
    if (asked < operation.shardRead) {
      const writes = asked === operation.write || asked === operation.commit;
      return this.transactions.begin(frame, instance, writes)
        ? outcome.parked
        : outcome.unavailable;
    }
    const { group, commits } = this.shards[this.#shardOf[instance]!]!;
    const member = group.memberOf(instance);
    const { calls, kernel } = this.#fabric;
    const fetchUs = asked === operation.shardCommit ? 0 : this.#fetchUs(frame, instance);
    if (asked === operation.shardRead) {
      if (fetchUs === 0) return outcome.ok;
      kernel.schedule(fetchUs, this.#fetched, frame, calls.generationOf(frame));
      return outcome.parked;
    }
    if (asked !== operation.shardCommit) {
      this.#count(counted.rowsWritten, calls.itemCountOf(frame));
    }
    return commits.start(frame, member, fetchUs) ? outcome.parked : outcome.unavailable;
  }

  resumed(conversation: number, _site: number, result: number): void {
    this.transactions.resumed(conversation, result);
  }

  callFailed(callerInstance: number, _site: number, result: number): void {
    if (result === outcome.refused || this.#isOwn(callerInstance)) return;
    this.#fabric.names.drop(this.routers.record, callerInstance);
  }

  instanceFailed(instance: number, manner: FailureManner, _causeSeq: number): void {
    const shard = this.#shardOf[instance]!;
    if (shard !== none) {
      const { group, commits } = this.shards[shard]!;
      commits.instanceFailed(group.memberOf(instance));
    } else if (manner !== "hang") this.transactions.routerLost(instance);
  }

  powerRestored(instance: number, causeSeq: number): void {
    const { column } = this.#fabric.instances;
    column.status[instance] = status.crashed;
    column.causeSeq[instance] = causeSeq;
    const shard = this.#shardOf[instance]!;
    if (shard === none) this.routers.hostIsBack(this.routers.at(instance));
    else {
      const { group, control } = this.shards[shard]!;
      control.hostIsBack(group.memberOf(instance));
    }
  }

  setControlPlaneFrozen(frozen: boolean): void {
    this.routers.setFrozen(frozen);
    this.capacity.setFrozen(frozen);
    for (const { control } of this.shards) control.setFrozen(frozen);
  }

  /** Instance from which a shard's volume takes redo. */
  primaryOf(shard: number): number {
    const { group } = this.shards[shard]!;
    return group.instances[group.writer]!;
  }

  /** Shard on which the rows of a user lie. */
  shardOfUser(user: number): number {
    return partitionWithin("user", user, this.shards.length);
  }

  get rowsWritten(): number {
    return this.#counts[counted.rowsWritten]!;
  }

  get pagesFetched(): number {
    return this.#counts[counted.pagesFetched]!;
  }

  channels(): readonly Channel[] {
    return limitlessChannels(this.#fabric, this);
  }

  parameters(): Parameters {
    return this.#parameters;
  }

  #isOwn(instance: number): boolean {
    return this.#fabric.instances.column.component[instance] === this.index;
  }

  /** Rows of a statement by shard: those of a request lie with its user, those of a batch each with its own. */
  #rowsByShard(frame: number): Int32Array {
    const { calls, requests, components } = this.#fabric;
    const rows = this.#rows.fill(0);
    const caller = this.#fabric.sites[calls.siteOf(frame)]!.caller;
    const isBatch = caller !== none && components[caller]!.writesRowsOfManyUsers === true;
    const itemCount = calls.itemCountOf(frame);
    const first = calls.dataOf(frame);
    if (!isBatch) {
      const shard = this.shardOfUser(requests.column.user[first]!);
      rows[shard] = itemCount;
      return rows;
    }
    // A batch says where its first row stands; who the users of the rest are is drawn by their places.
    for (let at = 0; at < itemCount; at += 1) {
      const shard = partitionWithin("item", first + at, rows.length);
      rows[shard] = rows[shard]! + 1;
    }
    return rows;
  }

  /** Microseconds to bring the pages that a statement misses from storage; 0 when memory has them. */
  #fetchUs(frame: number, instance: number): number {
    const { group } = this.shards[this.#shardOf[instance]!]!;
    const member = group.memberOf(instance);
    const number = (this.#statementNumber[0]! + 1) | 0;
    this.#statementNumber[0] = number;
    const pages = group.cache.misses(member, this.#fabric.calls.itemCountOf(frame), number);
    if (pages === 0) return 0;
    this.#count(counted.pagesFetched, pages);
    return Math.max(1, Math.round(group.volume.readUs(group.zones[member]!, pages, number)));
  }

  #pagesFetched(frame: number, generation: number): void {
    const { calls, kernel } = this.#fabric;
    if (calls.generationOf(frame) !== generation) return;
    const instance = calls.instanceOf(frame);
    const { group } = this.shards[this.#shardOf[instance]!]!;
    if (group.volume.canRead(group.zones[group.memberOf(instance)]!)) {
      calls.complete(frame, generation, outcome.ok);
    } else {
      kernel.schedule(this.#parameters.stallRetryUs.value, this.#fetched, frame, generation);
    }
  }

  #operationOf(frame: number): number {
    return this.#fabric.sites[this.#fabric.calls.siteOf(frame)]!.operation;
  }

  #count(what: number, by: number): void {
    this.#counts[what] = this.#counts[what]! + by;
  }
}

function operationsOf(parameters: AuroraLimitlessParameters): readonly Operation[] {
  const cpu = (medianUs: number) =>
    compileQuantiles({ kind: "lognormal", median: medianUs, sigma: parameters.cpuSigma.value });
  const perItemUs = parameters.rowCpuUs.value;
  const planning = { serviceUs: cpu(parameters.routerCpuUs.value), decides: true };
  const write = { serviceUs: cpu(parameters.writeCpuUs.value), perItemUs, decides: true };
  return [
    ...["read", "read-writer", "write", "commit"].map((name) => ({ name, ...planning })),
    {
      name: "shard-read",
      serviceUs: cpu(parameters.readCpuUs.value),
      perItemUs,
      decides: true,
    },
    { name: "shard-write", ...write },
    { name: "shard-prepare", ...write },
    { name: "shard-commit", serviceUs: cpu(parameters.commitCpuUs.value), decides: true },
  ];
}

/** An Aurora PostgreSQL Limitless database. */
export function createAuroraLimitless(
  fabric: Fabric,
  index: number,
  spec: AuroraLimitlessSpec,
): AuroraLimitless {
  return new AuroraLimitless(fabric, index, spec);
}
