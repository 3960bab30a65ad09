import type { Parameters } from "../../facts/parameter.ts";
import { compileQuantiles } from "../../kernel/distributions/quantile-table.ts";
import { none } from "../../kernel/none.ts";
import type { Operation } from "../fabric/call-sites.ts";
import { type Channel, countChannel, levelChannel } from "../fabric/channel.ts";
import { ClientPools } from "../fabric/client-pools.ts";
import type { Component } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { type FailureManner, status } from "../fabric/instances.ts";
import { outcome } from "../fabric/outcome.ts";
import { PeriodGains } from "../fabric/period-gains.ts";
import { Resize } from "../fabric/resize.ts";
import { elasticacheParameters } from "./elasticache-parameters.ts";
import type { CacheKeyCounts, ElastiCacheSpec } from "./elasticache-spec.ts";
import { GroupControl } from "./group-control.ts";
import { NodeGroup, nodeRole, nodeState } from "./node-group.ts";

const operation = { readRisk: 0, writeRisk: 1, readBook: 2, writeBook: 3, refreshBook: 4 } as const;

const counted = { hits: 0, misses: 1, writes: 2 } as const;

/** Positions of the totals whose gains are published. */
const period = { hits: 0, misses: 1, evictions: 2, busyUs: 3, nowUs: 4 } as const;

/** Shortest service time as a share of the mean, and its mirror image. Assumption: commands on small values vary little. */
const serviceShareLow = 0.5;

/**
 * ElastiCache for Redis: a primary that serves with one thread, replicas that follow asynchronously, and a service
 * that promotes one of them or, without one, makes an empty node. It holds keys, not a hit ratio: the risk record of
 * each user and the book snapshot of each symbol. A read of a key that is not there ends as `outcome.missed`, so the
 * flow's fallback is taken, and a `write-...` that follows the fallback fills the key.
 *
 * | operation      | `data` is | key                          |
 * | -------------- | --------- | ---------------------------- |
 * | `read-risk`    | a request | risk record of its user      |
 * | `write-risk`   | a request | risk record of its user      |
 * | `read-book`    | a request | book snapshot of its symbol  |
 * | `write-book`   | a request | book snapshot of its symbol  |
 * | `refresh-book` | a symbol  | its book snapshot            |
 */
export class ElastiCache implements Component {
  readonly id: string;
  readonly service = "elasticache";
  readonly index: number;
  readonly operations: readonly Operation[];
  readonly #fabric: Fabric;
  readonly #spec: ElastiCacheSpec;
  readonly #userCount: number;
  readonly #parameters;
  readonly #group: NodeGroup;
  readonly #control: GroupControl;
  readonly #counts: Float64Array;
  readonly #pools: ClientPools;
  readonly #resize: Resize;
  readonly #gains: PeriodGains;

  constructor(fabric: Fabric, index: number, spec: ElastiCacheSpec, counts: CacheKeyCounts) {
    const { kernel, instances } = fabric;
    this.id = spec.id;
    this.index = index;
    this.#fabric = fabric;
    this.#spec = spec;
    this.#userCount = counts.userCount;
    this.#parameters = elasticacheParameters(spec);
    const meanUs = 1_000_000 / this.#parameters.operationsPerSecond.value;
    const serviceUs = compileQuantiles({
      kind: "uniform",
      low: meanUs * serviceShareLow,
      high: meanUs * (2 - serviceShareLow),
    });
    this.operations = ["read-risk", "write-risk", "read-book", "write-book", "refresh-book"].map(
      (name) => ({ name, serviceUs, perItemUs: meanUs, decides: true }),
    );
    this.#group = new NodeGroup(fabric, index, spec, counts, this.#parameters);
    this.#control = new GroupControl(fabric, this.#group, {
      component: index,
      id: spec.id,
      multiAz: spec.multiAz ?? spec.zones.length > 1,
      parameters: this.#parameters,
    });
    this.#counts = kernel.float64Array(`${spec.id}.counts`, Object.keys(counted).length);
    this.#pools = new ClientPools(kernel, instances, spec.id);
    this.#gains = new PeriodGains(kernel, `${spec.id}.metric-totals`, Object.keys(period).length);
    this.#resize = new Resize(kernel, fabric.log, {
      id: spec.id,
      component: index,
      durationUs: this.#parameters.largerNodesUs.value,
      done: (factor) => this.#group.keys.setSize(factor),
    });
    this.#warm();
    this.#publishMetrics();
  }

  start(): void {
    this.#control.start();
  }

  route(callerInstance: number): number {
    const { names } = this.#fabric;
    if (callerInstance === none) return names.published(this.#group.record)[0] ?? none;
    const instance = names.resolve(this.#group.record, callerInstance);
    this.#pools.connect(callerInstance, instance);
    return instance;
  }

  /** A replica refuses writes (READONLY), and a node that takes a full copy refuses everything (LOADING). */
  admit(frame: number, instance: number): number {
    const node = this.#group.nodeOf(instance);
    if (this.#group.state[node] === nodeState.copying) return outcome.unavailable;
    const isRead = this.#isRead(this.#operationOf(frame));
    return isRead || this.#group.role(node) === nodeRole.primary ? outcome.ok : outcome.unavailable;
  }

  worked(frame: number, instance: number): number {
    const asked = this.#operationOf(frame);
    const node = this.#group.nodeOf(instance);
    const key = this.#keyOf(asked, this.#fabric.calls.dataOf(frame));
    if (this.#isRead(asked)) {
      const isHit = this.#group.keys.read(node, key);
      this.#count(isHit ? counted.hits : counted.misses);
      return isHit ? outcome.ok : outcome.missed;
    }
    this.#write(node, key);
    return outcome.ok;
  }

  callFailed(callerInstance: number, _site: number, result: number): void {
    if (result === outcome.refused) return;
    this.#fabric.names.drop(this.#group.record, callerInstance);
    this.#pools.disconnect(callerInstance);
  }

  /** Online vertical scaling: larger nodes take over with the keys of the present ones; false while that is under way. */
  scaleUp(factor: number, causeSeq: number): boolean {
    return this.#resize.order(factor, causeSeq);
  }

  get isScalingUp(): boolean {
    return this.#resize.isUnderWay;
  }

  /** Everything cached is forgotten, as by FLUSHALL: on the primary, and by replication on its replicas. */
  flush(): void {
    for (let node = 0; node < this.#spec.zones.length; node += 1) this.#group.keys.clear(node);
  }

  instanceFailed(_instance: number, _manner: FailureManner, _causeSeq: number): void {
    // The probes of the control plane will find out.
  }

  /** The host runs again, without a Redis process: memory does not outlive power. */
  powerRestored(instance: number, causeSeq: number): void {
    const { column } = this.#fabric.instances;
    column.status[instance] = status.crashed;
    column.causeSeq[instance] = causeSeq;
    this.#group.keys.clear(this.#group.nodeOf(instance));
  }

  setControlPlaneFrozen(frozen: boolean): void {
    this.#control.setFrozen(frozen);
  }

  /** Instance that is the primary, as the service sees it. */
  get primaryInstance(): number {
    return this.#group.instances[this.#group.primary]!;
  }

  /** Whether the primary would answer a read of a user's risk record with a hit. */
  holdsRisk(user: number): boolean {
    return this.#group.keys.read(this.#group.primary, user);
  }

  /** Writes that callers were told had succeeded and that no node remembers. */
  get lostWriteCount(): number {
    return this.#control.lostWrites;
  }

  get hitCount(): number {
    return this.#counts[counted.hits]!;
  }

  get missCount(): number {
    return this.#counts[counted.misses]!;
  }

  channels(): readonly Channel[] {
    const { instances } = this.#fabric;
    const primary = () => this.primaryInstance;
    return [
      levelChannel(
        "nodes up",
        "nodes",
        () =>
          this.#group.instances.filter((each) => instances.column.status[each] === status.up)
            .length,
      ),
      levelChannel("in primary", "operations", () => instances.column.insideCount[primary()]!),
      countChannel("hits", "reads", () => this.#counts[counted.hits]!),
      countChannel("misses", "reads", () => this.#counts[counted.misses]!),
      countChannel("writes", "writes", () => this.#counts[counted.writes]!),
      countChannel("writes lost", "writes", () => this.#control.lostWrites),
      levelChannel(
        "primary's thread",
        "share of capacity",
        () => instances.column.busyCount[primary()]!,
      ),
    ];
  }

  parameters(): Parameters {
    return this.#parameters;
  }

  #write(node: number, key: number): void {
    const { kernel } = this.#fabric;
    const parameters = this.#parameters;
    const ttlUs =
      key < this.#userCount ? parameters.riskRecordTtlUs.value : parameters.bookSnapshotTtlUs.value;
    const expiresUs = kernel.nowUs + ttlUs;
    this.#count(counted.writes);
    this.#group.keys.put(node, key, expiresUs);
    if (node === this.#group.primary) this.#group.replication.append(key, expiresUs);
    else this.#control.noteDivergentWrite(node);
  }

  #keyOf(asked: number, data: number): number {
    const { requests } = this.#fabric;
    if (asked === operation.refreshBook) return this.#userCount + data;
    if (asked === operation.readRisk || asked === operation.writeRisk) {
      return requests.column.user[data]!;
    }
    return this.#userCount + requests.column.symbol[data]!;
  }

  #operationOf(frame: number): number {
    return this.#fabric.sites[this.#fabric.calls.siteOf(frame)]!.operation;
  }

  #isRead(asked: number): boolean {
    return asked === operation.readRisk || asked === operation.readBook;
  }

  #count(what: number): void {
    this.#counts[what] = this.#counts[what]! + 1;
  }

  #busyUs(): number {
    const { instances } = this.#fabric;
    instances.account(this.primaryInstance);
    return instances.column.busyUs[this.primaryInstance]!;
  }

  /** Keys as after hours of operation: present on every node, each somewhere in its time to live. */
  #warm(): void {
    const group = this.#group;
    const draw = this.#fabric.kernel.keyed(`${this.id}.warm-keys`);
    const warmShare = this.#spec.warmShare ?? 1;
    const { riskRecordTtlUs, bookSnapshotTtlUs } = this.#parameters;
    for (let key = 0; key < group.keysMax; key += 1) {
      if (draw.uniform(key, 0, 0) >= warmShare) continue;
      const ttlUs = key < this.#userCount ? riskRecordTtlUs.value : bookSnapshotTtlUs.value;
      group.keys.put(0, key, 1 + Math.floor(draw.uniform(key, 1, 0) * ttlUs));
    }
    for (let node = 1; node < group.nodeCount; node += 1) group.keys.copy(0, node);
  }

  #publishMetrics(): void {
    const { metrics, kernel, instances } = this.#fabric;
    const gains = this.#gains;
    const source = { namespace: "AWS/ElastiCache", component: this.index, unit: "Count" } as const;
    const isUp = () => instances.column.status[this.primaryInstance] === status.up;
    const whenUp = (value: number) => (isUp() ? value : Number.NaN);
    /** What a node counted before it went down in the middle of a period is shown all the same. */
    const whenCounted = (value: number) => (value > 0 ? value : whenUp(value));
    metrics.add({
      ...source,
      name: "CacheHits",
      sample: () => whenCounted(gains.gain(period.hits, this.#counts[counted.hits]!)),
    });
    metrics.add({
      ...source,
      name: "CacheMisses",
      sample: () => whenCounted(gains.gain(period.misses, this.#counts[counted.misses]!)),
    });
    metrics.add({
      ...source,
      name: "Evictions",
      sample: () => whenCounted(gains.gain(period.evictions, this.#group.keys.evictionCount)),
    });
    metrics.add({
      ...source,
      name: "EngineCPUUtilization",
      isLevel: true,
      unit: "Percent",
      sample: () => {
        const elapsedUs = gains.gain(period.nowUs, kernel.nowUs);
        const busyUs = gains.gain(period.busyUs, this.#busyUs());
        return whenUp((100 * busyUs) / Math.max(1, elapsedUs));
      },
    });
    metrics.add({
      ...source,
      name: "CurrConnections",
      isLevel: true,
      sample: () =>
        whenUp(
          this.#pools.clientCount(this.primaryInstance) *
            this.#parameters.connectionsPerClient.value,
        ),
    });
  }
}

/** A Redis replication group with its keys. */
export function createElastiCache(
  fabric: Fabric,
  index: number,
  spec: ElastiCacheSpec,
  counts: CacheKeyCounts,
): ElastiCache {
  return new ElastiCache(fabric, index, spec, counts);
}
