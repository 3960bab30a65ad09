import type { HandlerId, Kernel } from "../../kernel/kernel.ts";
import { TokenBucket } from "../fabric/token-bucket.ts";

/** The two kinds of capacity. */
export const capacityKind = { read: 0, write: 1 } as const;

export interface TableCapacityOptions {
  readonly id: string;
  readonly partitionCount: number;
  /** Units a second that one partition serves, by kind. */
  readonly partitionUnits: readonly [number, number];
  /** Units a second that the table serves at first, by kind. */
  readonly tableUnits: readonly [number, number];
  /** Seconds of unused table capacity that can be used later. */
  readonly burstSeconds: number;
  /** Growth of an on-demand table; a provisioned one has none. */
  readonly growth?: {
    /** Headroom over the earlier peak. */
    readonly factor: number;
    /** Microseconds before a peak counts as earlier. */
    readonly windowUs: number;
    /** Most units a second of the table, whatever its history. */
    readonly unitsMax: number;
  };
}

/** Consumption is averaged over a minute to tell a peak from a spike. */
const peakPeriodUs = 60_000_000;

/**
 * What a table may consume. Each partition has a ceiling of its own, so a hot key throttles while the table idles.
 * The table as a whole has what was provisioned or, on demand, twice the highest minute that lies longer back than
 * the window: growth faster than that is throttled.
 */
export class TableCapacity {
  readonly #kernel: Kernel;
  readonly #options: TableCapacityOptions;
  readonly #table: readonly TokenBucket[];
  readonly #partitions: readonly (readonly TokenBucket[])[];
  /** Units consumed since the run began, by kind. */
  readonly #consumed: Float64Array;
  readonly #consumedBefore: Float64Array;
  /** Average units a second of recent minutes: kind after kind, `windowCount` each. */
  readonly #windows: Float64Array;
  readonly #windowAt: Int32Array;
  /** Highest minute that lies longer back than the window, by kind. */
  readonly #earlierPeak: Float64Array;
  readonly #limits: Float64Array;
  /** Units times microseconds that were provisioned, and until when they are counted; by kind. */
  readonly #provisioned: Float64Array;
  readonly #accountedUs: Float64Array;
  readonly #windowCount: number;
  readonly #minute: HandlerId;

  constructor(kernel: Kernel, options: TableCapacityOptions) {
    const { id } = options;
    this.#kernel = kernel;
    this.#options = options;
    const kinds = ["read", "write"] as const;
    this.#table = kinds.map((name, kind) => {
      const ratePerSecond = options.tableUnits[kind]!;
      return new TokenBucket(kernel, `${id}.table-${name}`, {
        ratePerSecond,
        burst: ratePerSecond * options.burstSeconds,
      });
    });
    this.#partitions = kinds.map((name, kind) =>
      Array.from({ length: options.partitionCount }, (_, partition) => {
        const ratePerSecond = options.partitionUnits[kind]!;
        return new TokenBucket(kernel, `${id}.partition-${partition}-${name}`, {
          ratePerSecond,
          burst: ratePerSecond,
        });
      }),
    );
    this.#consumed = kernel.float64Array(`${id}.consumed`, kinds.length);
    this.#consumedBefore = kernel.float64Array(`${id}.consumed-before`, kinds.length);
    this.#windowCount = Math.max(1, Math.round((options.growth?.windowUs ?? 0) / peakPeriodUs));
    this.#windows = kernel.float64Array(`${id}.minutes`, kinds.length * this.#windowCount);
    this.#windowAt = kernel.int32Array(`${id}.minute-at`, 1);
    this.#earlierPeak = kernel.float64Array(`${id}.earlier-peak`, kinds.length);
    this.#limits = kernel.float64Array(`${id}.limits`, kinds.length);
    this.#limits.set(options.tableUnits);
    this.#provisioned = kernel.float64Array(`${id}.provisioned`, kinds.length);
    this.#accountedUs = kernel.float64Array(`${id}.provisioned-until`, kinds.length);
    this.#minute = kernel.handler(`${id}.minute`, () => this.#endMinute());
  }

  start(): void {
    if (this.#options.growth !== undefined) this.#kernel.schedule(peakPeriodUs, this.#minute);
  }

  /** Takes units for an item whose key hashes to `hash`; false when the partition or the table has none left. */
  take(kind: number, hash: number, units: number): boolean {
    const partition = (hash >>> 0) % this.#options.partitionCount;
    if (!this.#partitions[kind]![partition]!.take(units)) return false;
    if (!this.#table[kind]!.take(units)) return false;
    this.#consumed[kind] = this.#consumed[kind]! + units;
    return true;
  }

  /** Leaves a share of what table and partitions grant, 0..1. */
  setShare(share: number): void {
    for (const bucket of [...this.#table, ...this.#partitions.flat()]) bucket.setShare(share);
  }

  /** Units consumed since the run began. */
  consumed(kind: number): number {
    return this.#consumed[kind]!;
  }

  /** Provisions other units a second from now on; what has been saved for bursts stays, within the new bound. */
  setTableUnits(kind: number, ratePerSecond: number): void {
    this.#accountProvisioned(kind);
    this.#limits[kind] = ratePerSecond;
    const burst = ratePerSecond * this.#options.burstSeconds;
    this.#table[kind]!.setQuota({ ratePerSecond, burst });
  }

  /** Units that were provisioned, times the hours for which they were. */
  provisionedUnitHours(kind: number): number {
    this.#accountProvisioned(kind);
    return this.#provisioned[kind]! / 3_600_000_000;
  }

  #accountProvisioned(kind: number): void {
    const sinceUs = this.#kernel.nowUs - this.#accountedUs[kind]!;
    this.#accountedUs[kind] = this.#kernel.nowUs;
    this.#provisioned[kind] = this.#provisioned[kind]! + this.#limits[kind]! * sinceUs;
  }

  /** Units a second that the table serves now. */
  limit(kind: number): number {
    return this.#limits[kind]!;
  }

  #endMinute(): void {
    const { growth, tableUnits, burstSeconds } = this.#options;
    if (growth === undefined) return;
    const at = this.#windowAt[0]!;
    for (let kind = 0; kind < this.#consumed.length; kind += 1) {
      const place = kind * this.#windowCount + at;
      this.#earlierPeak[kind] = Math.max(this.#earlierPeak[kind]!, this.#windows[place]!);
      const units = this.#consumed[kind]! - this.#consumedBefore[kind]!;
      this.#consumedBefore[kind] = this.#consumed[kind]!;
      this.#windows[place] = (units * 1_000_000) / peakPeriodUs;
      const grown = Math.max(tableUnits[kind]!, growth.factor * this.#earlierPeak[kind]!);
      const ratePerSecond = Math.min(growth.unitsMax, grown);
      if (ratePerSecond === this.#limits[kind]) continue;
      this.#limits[kind] = ratePerSecond;
      this.#table[kind]!.setQuota({ ratePerSecond, burst: ratePerSecond * burstSeconds });
    }
    this.#windowAt[0] = (at + 1) % this.#windowCount;
    this.#kernel.schedule(peakPeriodUs, this.#minute);
  }
}
