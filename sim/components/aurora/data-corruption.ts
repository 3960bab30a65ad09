import { lognormalFromQuantiles } from "../../kernel/distributions/lognormal-from-quantiles.ts";
import { compileQuantiles, type QuantileTable } from "../../kernel/distributions/quantile-table.ts";
import type { HandlerId, KeyedStream } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";
import type { AuroraParameters } from "./aurora-parameters.ts";

const cell = {
  /** Share of reads that meet a bad row; 0 when there are none. */
  share: 0,
  /** When the first bad row was written, microseconds. */
  sinceUs: 1,
  /** Event of the fault, and of the first read that met a bad row (`none` before). */
  faultSeq: 2,
  metSeq: 3,
  /** Whether a restore is under way, to which point, why, and how many there have been. */
  isRestoring: 4,
  pointUs: 5,
  causeSeq: 6,
  restores: 7,
  /** Looks at the history so far. */
  looks: 8,
} as const;

/** Looks that are remembered: an hour and more, one every probe of the control plane. */
const looksMax = 2048;

/** What a cluster's volume is for someone who restores it. */
export interface RestoredVolume {
  readonly durableCount: number;
  /** Sessions break, and the restored volume is served from now on. */
  readonly switched: () => void;
}

/**
 * Bad rows in the volume. They are as durable as good ones, in every copy and replica: only a restore to a point before the
 * first of them takes them away, and with them everything that was written since.
 */
export class DataCorruption {
  readonly #fabric: Fabric;
  readonly #component: number;
  readonly #parameters: AuroraParameters;
  readonly #volume: () => RestoredVolume;
  readonly #cells: Float64Array;
  readonly #lookUs: Float64Array;
  readonly #lookCount: Float64Array;
  readonly #draw: KeyedStream;
  readonly #restoreUs: QuantileTable;
  readonly #restored: HandlerId;
  readonly #kinds;

  constructor(
    fabric: Fabric,
    options: {
      readonly id: string;
      readonly component: number;
      readonly parameters: AuroraParameters;
    },
    volume: () => RestoredVolume,
  ) {
    const { kernel, log } = fabric;
    const { id, component, parameters } = options;
    this.#fabric = fabric;
    this.#component = component;
    this.#parameters = parameters;
    this.#volume = volume;
    this.#cells = kernel.float64Array(`${id}.corruption`, Object.keys(cell).length);
    this.#cells[cell.metSeq] = none;
    this.#lookUs = kernel.float64Array(`${id}.history-us`, looksMax);
    this.#lookCount = kernel.float64Array(`${id}.history-count`, looksMax);
    this.#draw = kernel.keyed(`${id}.corruption`);
    this.#restoreUs = compileQuantiles(
      lognormalFromQuantiles({
        p50: parameters.restoreUsP50.value,
        p95: parameters.restoreUsP95.value,
      }),
    );
    this.#kinds = {
      met: log.kind("aurora.bad-row-read", "info"),
      began: log.kind("aurora.restore-began", "act"),
      restored: log.kind("aurora.restored", "recover"),
    };
    this.#restored = kernel.handler(`${id}.restored`, () => this.#finish());
  }

  /** Remembers how much is durable now. */
  look(): void {
    const at = this.#cells[cell.looks]! % looksMax;
    this.#lookUs[at] = this.#fabric.kernel.nowUs;
    this.#lookCount[at] = this.#volume().durableCount;
    this.#cells[cell.looks] = this.#cells[cell.looks]! + 1;
  }

  /** A bad writer has begun; a share of the reads meets what it writes from now on, for as long as it is there. */
  begin(share: number, causeSeq: number): void {
    if (this.#cells[cell.share] === 0) this.#cells[cell.sinceUs] = this.#fabric.kernel.nowUs;
    this.#cells[cell.share] = Math.max(this.#cells[cell.share]!, share);
    this.#cells[cell.faultSeq] = causeSeq;
  }

  get isThere(): boolean {
    return this.#cells[cell.share]! > 0;
  }

  get isRestoring(): boolean {
    return this.#cells[cell.isRestoring] === 1;
  }

  /** Point to which it was restored last, microseconds; `none` before. */
  get restoredToUs(): number {
    return this.#cells[cell.restores] === 0 ? none : this.#cells[cell.pointUs]!;
  }

  /** Whether a read, by its number, meets a bad row. */
  isMet(statement: number): boolean {
    const share = this.#cells[cell.share]!;
    if (share === 0 || this.#draw.uniform(statement, 0, 0) >= share) return false;
    if (this.#cells[cell.metSeq] === none) {
      this.#cells[cell.metSeq] = this.#fabric.log.append(
        this.#kinds.met,
        { component: this.#component },
        this.#cells[cell.faultSeq]!,
      );
    }
    return true;
  }

  /**
   * Begins a restore to so long before the first bad row, or to the newest point that can be restored when there is none.
   * A new volume is made while the old one goes on being served; false when one is under way.
   */
  restore(marginUs: number, causeSeq: number): boolean {
    if (this.isRestoring) return false;
    const { kernel, log } = this.#fabric;
    const newestUs = Math.max(0, kernel.nowUs - this.#parameters.latestRestorableUs.value);
    const cleanUs = this.isThere ? this.#cells[cell.sinceUs]! - marginUs : newestUs;
    const { volumeGb, restoreGbPerMinute } = this.#parameters;
    const number = this.#cells[cell.restores]! + 1;
    const copyUs = (volumeGb.value / restoreGbPerMinute.value) * 60_000_000;
    const afterUs = this.#draw.draw(this.#restoreUs, number, 1, 0) + copyUs;
    this.#cells[cell.isRestoring] = 1;
    this.#cells[cell.pointUs] = Math.max(0, Math.min(cleanUs, newestUs));
    this.#cells[cell.causeSeq] = log.append(
      this.#kinds.began,
      { component: this.#component },
      causeSeq,
      (kernel.nowUs - this.#cells[cell.pointUs]!) / 1_000_000,
    );
    kernel.schedule(Math.round(afterUs), this.#restored);
    return true;
  }

  #finish(): void {
    const { durableCount, switched } = this.#volume();
    const lacking = durableCount - this.#countAt(this.#cells[cell.pointUs]!);
    this.#cells[cell.isRestoring] = 0;
    this.#cells[cell.restores] = this.#cells[cell.restores]! + 1;
    if (this.#cells[cell.pointUs]! <= this.#cells[cell.sinceUs]!) this.#cells[cell.share] = 0;
    switched();
    const place = { component: this.#component };
    this.#fabric.log.append(this.#kinds.restored, place, this.#cells[cell.causeSeq]!, lacking);
  }

  /** Commits that were durable at an instant, as far as is remembered. */
  #countAt(us: number): number {
    const looks = this.#cells[cell.looks]!;
    for (let back = 1; back <= Math.min(looks, looksMax); back += 1) {
      const at = (looks - back) % looksMax;
      if (this.#lookUs[at]! <= us) return this.#lookCount[at]!;
    }
    return 0;
  }
}
