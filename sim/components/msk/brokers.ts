import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { status } from "../fabric/instances.ts";
import type { MskParameters } from "./msk-parameters.ts";

const mebibyte = 1_048_576;

export interface BrokersOptions {
  readonly component: number;
  readonly id: string;
  /** Zones, by number; broker n stands in zone n mod zones. */
  readonly zones: readonly number[];
  readonly brokersPerZone: number;
  readonly parameters: MskParameters;
}

/**
 * The brokers as machines: where they stand, whether they can be talked to, and when each is done with the bytes that
 * it was given. A broker's disk takes every record of the partitions that it keeps, leader or not; its network sends
 * each record that it leads to the followers and to a consumer besides.
 */
export class Brokers {
  readonly instances: readonly number[];
  readonly #fabric: Fabric;
  /** When each broker's disk, and what it sends, will be done with what they have before them. */
  readonly #diskFreeUs: Float64Array;
  readonly #networkFreeUs: Float64Array;
  /** Microseconds that one record takes of a disk, and that sending it once takes of a network. */
  readonly #diskUs: number;
  readonly #networkUs: number;
  /** Times that the leader of a record sends it: to its followers and to one consumer. */
  readonly #sendings: number;

  constructor(fabric: Fabric, options: BrokersOptions) {
    const { kernel, instances } = fabric;
    const { component, id, zones, brokersPerZone, parameters } = options;
    this.#fabric = fabric;
    this.instances = Array.from({ length: zones.length * brokersPerZone }, (_, broker) =>
      instances.create({
        component,
        zone: zones[broker % zones.length]!,
        status: status.up,
        serverCount: 0,
        insideMax: 1_000_000,
        causeSeq: none,
      }),
    );
    this.#diskFreeUs = kernel.float64Array(`${id}.disk-free-us`, this.instances.length);
    this.#networkFreeUs = kernel.float64Array(`${id}.network-free-us`, this.instances.length);
    const bytesUs = (mibPerSecond: number) =>
      (parameters.recordBytes.value * 1_000_000) / (mibPerSecond * mebibyte);
    this.#diskUs = bytesUs(parameters.brokerDiskMibPerSecond.value);
    this.#networkUs = bytesUs(parameters.brokerNetworkMibPerSecond.value);
    this.#sendings = Math.min(parameters.replicationFactor.value, zones.length);
  }

  /** Broker that an instance is, or `none`. */
  brokerOf(instance: number): number {
    return this.instances.indexOf(instance);
  }

  /** Whether a broker runs and talks to most of its region. */
  isAlive(broker: number): boolean {
    const { instances, zones } = this.#fabric;
    const instance = this.instances[broker]!;
    if (instances.column.status[instance] !== status.up) return false;
    return zones.inMajority(instances.column.zone[instance]!);
  }

  /** Gives a broker records to write, and to send on when it leads them. Returns the microseconds until it can begin. */
  take(broker: number, recordCount: number, leads: boolean): number {
    const { nowUs } = this.#fabric.kernel;
    const diskUs = Math.max(nowUs, this.#diskFreeUs[broker]!);
    this.#diskFreeUs[broker] = diskUs + recordCount * this.#diskUs;
    if (!leads) return diskUs - nowUs;
    const networkUs = Math.max(nowUs, this.#networkFreeUs[broker]!);
    this.#networkFreeUs[broker] = networkUs + recordCount * this.#networkUs * this.#sendings;
    return Math.max(diskUs, networkUs) - nowUs;
  }

  /** Microseconds of work that a broker has before it. */
  behindUs(broker: number): number {
    const freeUs = Math.max(this.#diskFreeUs[broker]!, this.#networkFreeUs[broker]!);
    return Math.max(0, freeUs - this.#fabric.kernel.nowUs);
  }
}
