import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";

export interface ConsumersOptions {
  readonly component: number;
  readonly id: string;
  readonly consumerCount: number;
  readonly isDynamic: boolean;
  /** Kind of the log entry of a reader that takes another's place. */
  readonly tookOver: string;
  readonly sessionUs: number;
  readonly rebalanceUs: number;
}

/**
 * Who reads the partitions of each consumer. A new task that takes a consumer's place gets its partitions at once when
 * the group's members are static, and otherwise when the old task's session is over and the group has rebalanced.
 */
export class Consumers {
  readonly #fabric: Fabric;
  readonly #options: ConsumersOptions;
  readonly #owner: Int32Array;
  /** When the owner started: another task may stand in its place by now. */
  readonly #ownerStartedUs: Float64Array;
  readonly #seenUs: Float64Array;
  /** Task that waits for the partitions, and when it gets them. */
  readonly #heir: Int32Array;
  readonly #heirsAtUs: Float64Array;
  readonly #rebalanced: number;

  constructor(fabric: Fabric, options: ConsumersOptions) {
    const { kernel, log } = fabric;
    const { id, consumerCount } = options;
    this.#fabric = fabric;
    this.#options = options;
    this.#owner = kernel.int32Array(`${id}.owner`, consumerCount).fill(none);
    this.#ownerStartedUs = kernel.float64Array(`${id}.owner-started-us`, consumerCount);
    this.#seenUs = kernel.float64Array(`${id}.owner-seen-us`, consumerCount);
    this.#heir = kernel.int32Array(`${id}.heir`, consumerCount).fill(none);
    this.#heirsAtUs = kernel.float64Array(`${id}.heirs-at-us`, consumerCount);
    this.#rebalanced = log.kind(options.tookOver, "act");
  }

  /**
   * A task asks for records of a consumer: `owner` when the partitions are its own, `new-owner` when they have become so
   * just now, `waits` while they are another's.
   */
  ask(consumer: number, instance: number): "owner" | "new-owner" | "waits" {
    const { kernel, instances } = this.#fabric;
    const owner = this.#owner[consumer]!;
    const startedUs = instances.column.startedUs[instance]!;
    const ownerStartedUs = this.#ownerStartedUs[consumer]!;
    if (owner === instance && startedUs === ownerStartedUs) {
      this.#seenUs[consumer] = kernel.nowUs;
      return "owner";
    }
    // A former owner that hears of the world again has lost its place to the younger one.
    if (owner !== none && startedUs < ownerStartedUs) return "waits";
    if (owner !== none && this.#options.isDynamic && this.#waitUs(consumer, instance) > 0) {
      return "waits";
    }
    this.#owner[consumer] = instance;
    this.#ownerStartedUs[consumer] = startedUs;
    this.#seenUs[consumer] = kernel.nowUs;
    this.#heir[consumer] = none;
    if (owner === none) return "owner";
    const zone = instances.column.zone[instance]!;
    const place = { component: this.#options.component, instance, zone };
    this.#fabric.log.append(
      this.#rebalanced,
      place,
      instances.column.causeSeq[instance]!,
      consumer,
    );
    return "new-owner";
  }

  /** Whether partitions of a consumer are read by an instance. */
  isOwner(consumer: number, instance: number): boolean {
    return this.#owner[consumer] === instance;
  }

  #waitUs(consumer: number, instance: number): number {
    const { kernel } = this.#fabric;
    if (this.#heir[consumer] !== instance) {
      const { sessionUs, rebalanceUs } = this.#options;
      const sessionOverUs = Math.max(kernel.nowUs, this.#seenUs[consumer]! + sessionUs);
      this.#heir[consumer] = instance;
      this.#heirsAtUs[consumer] = sessionOverUs + rebalanceUs;
    }
    return this.#heirsAtUs[consumer]! - kernel.nowUs;
  }
}
