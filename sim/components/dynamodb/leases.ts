import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";

/**
 * Leases by conditional writes: who owns a thing, until when, and in which epoch. The epoch rises with every change
 * of owner, so that whoever receives something from a former owner can tell (fencing). An owner is an instance in one
 * life of its slot.
 */
export class Leases {
  readonly #fabric: Fabric;
  readonly #durationUs: number;
  readonly #owner: Int32Array;
  readonly #ownerEpoch: Int32Array;
  readonly #epoch: Int32Array;
  readonly #expiresUs: Float64Array;

  constructor(fabric: Fabric, options: { id: string; leaseCount: number; durationUs: number }) {
    const { kernel } = fabric;
    const { id, leaseCount } = options;
    this.#fabric = fabric;
    this.#durationUs = options.durationUs;
    this.#owner = kernel.int32Array(`${id}.lease-owner`, leaseCount).fill(none);
    this.#ownerEpoch = kernel.int32Array(`${id}.lease-owner-epoch`, leaseCount);
    this.#epoch = kernel.int32Array(`${id}.lease-epoch`, leaseCount);
    this.#expiresUs = kernel.float64Array(`${id}.lease-expires-us`, leaseCount);
  }

  /** Takes or extends a lease; false while another owner's has not run out. */
  take(lease: number, owner: number, ownerEpoch: number): boolean {
    const nowUs = this.#fabric.kernel.nowUs;
    const isSame = this.#owner[lease] === owner && this.#ownerEpoch[lease] === ownerEpoch;
    if (!isSame && this.#expiresUs[lease]! > nowUs) return false;
    if (!isSame) {
      this.#owner[lease] = owner;
      this.#ownerEpoch[lease] = ownerEpoch;
      this.#epoch[lease] = this.#epoch[lease]! + 1;
    }
    this.#expiresUs[lease] = nowUs + this.#durationUs;
    return true;
  }

  /** Ends a lease before its time; false when it belongs to another. */
  giveUp(lease: number, owner: number, ownerEpoch: number): boolean {
    if (this.#owner[lease] !== owner || this.#ownerEpoch[lease] !== ownerEpoch) return false;
    this.#expiresUs[lease] = this.#fabric.kernel.nowUs;
    return true;
  }

  /** Rises with every change of owner; 0 before the first. */
  epoch(lease: number): number {
    return this.#epoch[lease]!;
  }

  /** Instance that took it last, or `none`; it may have run out since. */
  owner(lease: number): number {
    return this.#owner[lease]!;
  }

  expiresUs(lease: number): number {
    return this.#expiresUs[lease]!;
  }
}
