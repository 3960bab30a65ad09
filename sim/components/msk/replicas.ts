import type { Kernel } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";

export interface ReplicasOptions {
  readonly id: string;
  readonly partitionCount: number;
  readonly zoneCount: number;
  readonly brokersPerZone: number;
  readonly replicationFactor: number;
}

/**
 * Which brokers keep each partition, who leads it, and who is in sync. Brokers are numbered zone by zone in turn, so
 * that a partition's replicas stand in zones of their own: replica r of partition p is in zone (p + r) mod zones.
 * Partitions of the same number lie alike in every topic.
 */
export class Replicas {
  readonly brokerCount: number;
  readonly factor: number;
  readonly partitionCount: number;
  /** Broker that leads each partition, or `none`. */
  readonly leader: Int32Array;
  /** Rises with each election, by partition. */
  readonly epoch: Int32Array;
  readonly #brokerOf: Int32Array;
  /** Whether a replica is in sync. */
  readonly #inSync: Uint8Array;
  /** For a replica out of sync: the instant up to which it has everything. */
  readonly #completeUs: Float64Array;

  constructor(kernel: Kernel, options: ReplicasOptions) {
    const { id, partitionCount, zoneCount, brokersPerZone } = options;
    this.partitionCount = partitionCount;
    this.brokerCount = zoneCount * brokersPerZone;
    this.factor = Math.min(options.replicationFactor, zoneCount);
    const cells = partitionCount * this.factor;
    this.leader = kernel.int32Array(`${id}.leader`, partitionCount);
    this.epoch = kernel.int32Array(`${id}.leader-epoch`, partitionCount);
    this.#inSync = kernel.uint8Array(`${id}.in-sync`, cells).fill(1);
    this.#completeUs = kernel.float64Array(`${id}.complete-us`, cells);
    this.#brokerOf = Int32Array.from({ length: cells }, (_, at) => {
      const partition = Math.floor(at / this.factor);
      const zone = (partition + (at % this.factor)) % zoneCount;
      return (Math.floor(partition / zoneCount) % brokersPerZone) * zoneCount + zone;
    });
    for (let partition = 0; partition < partitionCount; partition += 1) {
      this.leader[partition] = this.brokerOf(partition, 0);
    }
  }

  brokerOf(partition: number, replica: number): number {
    return this.#brokerOf[partition * this.factor + replica]!;
  }

  /** Replica that a broker keeps of a partition, or `none`. */
  replicaOn(partition: number, broker: number): number {
    for (let replica = 0; replica < this.factor; replica += 1) {
      if (this.brokerOf(partition, replica) === broker) return replica;
    }
    return none;
  }

  isInSync(partition: number, replica: number): boolean {
    return this.#inSync[partition * this.factor + replica] === 1;
  }

  inSyncCount(partition: number): number {
    let count = 0;
    for (let replica = 0; replica < this.factor; replica += 1) {
      count += this.#inSync[partition * this.factor + replica]!;
    }
    return count;
  }

  /** A replica falls out of sync; it has everything up to an instant. */
  leave(partition: number, replica: number, completeUs: number): void {
    const at = partition * this.factor + replica;
    this.#inSync[at] = 0;
    this.#completeUs[at] = completeUs;
  }

  join(partition: number, replica: number): void {
    this.#inSync[partition * this.factor + replica] = 1;
  }

  /** Instant up to which a replica that is out of sync has everything. */
  completeUs(partition: number, replica: number): number {
    return this.#completeUs[partition * this.factor + replica]!;
  }

  /** Another broker leads a partition from now on, or nobody does. */
  setLeader(partition: number, broker: number): void {
    this.leader[partition] = broker;
    this.epoch[partition] = this.epoch[partition]! + 1;
  }

  /** Partitions that lack a replica in sync. */
  get underReplicatedCount(): number {
    let count = 0;
    for (let partition = 0; partition < this.partitionCount; partition += 1) {
      if (this.inSyncCount(partition) < this.factor) count += 1;
    }
    return count;
  }

  /** Partitions without a leader. */
  get offlineCount(): number {
    let count = 0;
    for (let partition = 0; partition < this.partitionCount; partition += 1) {
      if (this.leader[partition] === none) count += 1;
    }
    return count;
  }
}
