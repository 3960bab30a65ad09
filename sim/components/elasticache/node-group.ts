import { compileQuantiles } from "../../kernel/distributions/quantile-table.ts";
import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { status } from "../fabric/instances.ts";
import type { elasticacheParameters } from "./elasticache-parameters.ts";
import type { CacheKeyCounts, ElastiCacheSpec } from "./elasticache-spec.ts";
import { KeySpace } from "./key-space.ts";
import { Replication } from "./replication.ts";

/** What a node takes itself for; a primary that is cut off still takes itself for one. */
export const nodeRole = { replica: 0, primary: 1 } as const;

/** What the service is doing with a node. */
export const nodeState = { serving: 0, failed: 1, creating: 2, copying: 3 } as const;

const bytesPerGib = 1_073_741_824;

/** The nodes of a replication group with what they hold. Both planes work on it. */
export class NodeGroup {
  readonly instances: readonly number[];
  readonly zones: readonly number[];
  readonly keys: KeySpace;
  readonly replication: Replication;
  readonly keysMax: number;
  /** Name of the primary endpoint. */
  readonly record: number;
  /** What the service is doing with each node (`nodeState`). */
  readonly state: Uint8Array;
  readonly #fabric: Fabric;
  readonly #primary: Int32Array;

  constructor(
    fabric: Fabric,
    index: number,
    spec: ElastiCacheSpec,
    counts: CacheKeyCounts,
    parameters: ReturnType<typeof elasticacheParameters>,
  ) {
    const { kernel } = fabric;
    this.#fabric = fabric;
    this.zones = spec.zones.map((zone) => fabric.zone(zone));
    const nodeCount = this.zones.length;
    this.instances = this.zones.map((zone) =>
      fabric.instances.create({
        component: index,
        zone,
        status: status.up,
        serverCount: 1,
        insideMax: parameters.connectionsMax.value,
        causeSeq: none,
      }),
    );
    this.keysMax = counts.userCount + counts.symbolCount;
    this.state = kernel.uint8Array(`${spec.id}.node-state`, nodeCount);
    this.#primary = kernel.int32Array(`${spec.id}.primary`, 1);
    fabric.instances.column.role[this.instances[0]!] = nodeRole.primary;
    const usableShare = 1 - parameters.memoryReservedPercent.value / 100;
    this.keys = new KeySpace(kernel, {
      id: spec.id,
      nodeCount,
      keysMax: this.keysMax,
      bytesMax: parameters.memoryGib.value * bytesPerGib * usableShare,
      bytesOf: (key) =>
        key < counts.userCount
          ? parameters.riskRecordBytes.value
          : parameters.bookSnapshotBytes.value,
    });
    this.replication = new Replication(kernel, this.keys, {
      id: spec.id,
      nodeCount,
      backlogMax: parameters.replicationBacklogWrites.value,
      lagUs: compileQuantiles({
        kind: "lognormal",
        median: parameters.replicationLagUs.value,
        sigma: parameters.replicationLagSigma.value,
      }),
      reaches: (node) => this.#replicates(node),
      lateUs: (node) =>
        fabric.zones.replicationDelayUs(this.zones[this.primary]!, this.zones[node]!),
    });
    this.record = fabric.names.record(parameters.endpointTtlUs.value);
    fabric.names.publish(this.record, [this.instances[0]!]);
  }

  get nodeCount(): number {
    return this.instances.length;
  }

  /** Node that the service has made the primary. */
  get primary(): number {
    return this.#primary[0]!;
  }

  setPrimary(node: number): void {
    this.#primary[0] = node;
    this.setRole(node, nodeRole.primary);
  }

  role(node: number): number {
    return this.#fabric.instances.column.role[this.instances[node]!]!;
  }

  setRole(node: number, role: number): void {
    this.#fabric.instances.column.role[this.instances[node]!] = role;
  }

  /** Node that lives in an instance slot, or `none`. */
  nodeOf(instance: number): number {
    for (let node = 0; node < this.instances.length; node += 1) {
      if (this.instances[node] === instance) return node;
    }
    return none;
  }

  /** Whether the service's control plane gets an answer from the node. */
  answers(node: number): boolean {
    const { instances, zones } = this.#fabric;
    return (
      instances.column.status[this.instances[node]!] === status.up &&
      zones.inMajority(this.zones[node]!)
    );
  }

  /** Whether a replica takes the primary's stream now. */
  #replicates(node: number): boolean {
    const { instances, zones } = this.#fabric;
    const primary = this.primary;
    if (node === primary || this.role(node) !== nodeRole.replica) return false;
    if (this.state[node] === nodeState.copying) return false;
    const column = instances.column;
    return (
      column.status[this.instances[primary]!] === status.up &&
      column.status[this.instances[node]!] === status.up &&
      zones.linked(this.zones[primary]!, this.zones[node]!)
    );
  }
}
