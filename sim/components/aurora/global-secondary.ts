import { lognormalFromQuantiles } from "../../kernel/distributions/lognormal-from-quantiles.ts";
import { compileQuantiles } from "../../kernel/distributions/quantile-table.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { placesTalk, replicationDelayUs } from "../fabric/region-homes.ts";
import type { AuroraParameters } from "./aurora-parameters.ts";

/** What a secondary cluster needs to know of the primary one. */
export interface PrimaryCluster {
  readonly durableCount: number;
  readonly zones: readonly number[];
}

const cell = {
  replicated: 0,
  promoting: 1,
  /** 1 for a cluster that takes writes: the primary, or one that was promoted. */
  promoted: 2,
  cause: 3,
  draws: 4,
  /** 1 while the volume is copied from the primary, before replication can begin again. */
  copying: 5,
  isTicking: 6,
} as const;

/** How often commits leave for the secondary. Assumption: a tenth of the typical lag, so that the lag decides. */
const shipEveryUs = 100_000;

/**
 * The secondary side of an Aurora Global Database: commits of the primary arrive after the replication lag while the
 * regions talk. It takes no writes until people promote it (it never happens by itself: agd.failover.trigger); what had
 * not arrived by then is not in it.
 */
export class GlobalSecondary {
  readonly #fabric: Fabric;
  readonly #cells: Float64Array;
  readonly #promoteUs;
  readonly #draw;
  readonly #finish: HandlerId;
  readonly #ship: HandlerId;
  readonly #copied: HandlerId;
  readonly #copyUs: number;
  readonly #shipEveryUs: number;
  readonly #isBackup: boolean;
  readonly #isInTouch: () => boolean;
  readonly #lacking: () => number;

  constructor(
    fabric: Fabric,
    options: {
      readonly id: string;
      readonly component: number;
      readonly zones: readonly number[];
      readonly parameters: AuroraParameters;
      /** Whether it is the primary at the start. */
      readonly isPrimary: boolean;
      /** Whether it is a copy of backups only: there is no cluster before one is restored. */
      readonly isBackup: boolean;
      /** It takes writes now: the cluster that did becomes its secondary, if it can. */
      readonly tookOver: (causeSeq: number) => void;
    },
    primary: () => PrimaryCluster,
  ) {
    const { kernel, log, zones } = fabric;
    const { id, component, parameters } = options;
    this.#fabric = fabric;
    this.#cells = kernel.float64Array(`${id}.global`, Object.keys(cell).length);
    const { isBackup } = options;
    this.#promoteUs = compileQuantiles(
      lognormalFromQuantiles({
        p50: (isBackup ? parameters.restoreUsP50 : parameters.globalPromoteUsP50).value,
        p95: (isBackup ? parameters.restoreUsP95 : parameters.globalPromoteUsP95).value,
      }),
    );
    this.#shipEveryUs = isBackup ? parameters.backupEveryUs.value : shipEveryUs;
    this.#draw = kernel.keyed(`${id}.global-promotion`);
    this.#lacking = () => primary().durableCount - this.#cells[cell.replicated]!;
    this.#isInTouch = () => placesTalk(zones, primary().zones, options.zones);
    const { volumeGb, restoreGbPerMinute } = parameters;
    this.#copyUs = Math.round((volumeGb.value / restoreGbPerMinute.value) * 60_000_000);
    this.#isBackup = isBackup;
    if (options.isPrimary) this.#cells[cell.promoted] = 1;
    const promoted = log.kind("aurora.secondary-promoted", "act");
    const rejoined = log.kind("aurora.secondary-rejoined", "recover");
    this.#finish = kernel.handler(`${id}.global-promoted`, () => {
      this.#cells[cell.promoting] = 0;
      this.#cells[cell.promoted] = 1;
      const seq = log.append(promoted, { component }, this.#cells[cell.cause]!, this.#lacking());
      options.tookOver(seq);
    });
    this.#copied = kernel.handler(`${id}.global-copied`, () => {
      this.#cells[cell.copying] = 0;
      this.#cells[cell.replicated] = primary().durableCount;
      log.append(rejoined, { component }, this.#cells[cell.cause]!, this.#copyUs / 1_000_000);
      this.start();
    });
    const arrive = kernel.handler(`${id}.global-arrived`, (count, isLate) => {
      // What should have left late has not left a primary that is gone.
      if (isLate === 1 && !this.#isInTouch()) return;
      // What left late, or waited in a slow stream, does not undo what came after it.
      if (!this.isPromoted && count > this.#cells[cell.replicated]!) {
        this.#cells[cell.replicated] = count;
      }
    });
    this.#ship = kernel.handler(`${id}.global-ship`, () => {
      if (this.isPromoted) {
        this.#cells[cell.isTicking] = 0;
        return;
      }
      kernel.schedule(this.#shipEveryUs, this.#ship);
      if (!this.#isInTouch() || this.isCopying) return;
      const lateUs = replicationDelayUs(fabric.zones, primary().zones, options.zones);
      if (lateUs === Number.POSITIVE_INFINITY) return;
      // A backup is copied to the other region when it is complete; its size decides how long that takes.
      const afterUs = isBackup ? this.#copyUs : parameters.globalLagUs.value;
      const isLate = lateUs > 0 ? 1 : 0;
      kernel.schedule(afterUs + lateUs, arrive, primary().durableCount | 0, isLate);
    });
  }

  start(): void {
    if (this.isPromoted || this.#cells[cell.isTicking] === 1) return;
    this.#cells[cell.isTicking] = 1;
    this.#fabric.kernel.schedule(this.#shipEveryUs, this.#ship);
  }

  /** Whether its volume is being copied anew from the primary's. */
  get isCopying(): boolean {
    return this.#cells[cell.copying] === 1;
  }

  /**
   * A former primary becomes a secondary: what it holds is given up, and its volume is copied anew, which takes its size.
   * With `inStep` it had everything already, and takes no copy. False for a secondary, and while the regions don't talk.
   */
  rejoin(inStep: boolean, causeSeq: number): boolean {
    if (!this.isPromoted || this.isPromoting || !this.#isInTouch()) return false;
    this.#cells[cell.promoted] = 0;
    this.#cells[cell.cause] = causeSeq;
    this.#cells[cell.copying] = 1;
    this.#fabric.kernel.schedule(inStep ? 0 : this.#copyUs, this.#copied);
    return true;
  }

  /** Whether there is a cluster at all. */
  get isThere(): boolean {
    return !this.#isBackup || this.isPromoted;
  }

  get isPromoted(): boolean {
    return this.#cells[cell.promoted] === 1;
  }

  get isPromoting(): boolean {
    return this.#cells[cell.promoting] === 1;
  }

  /** Commits of the primary that have not arrived. */
  get lackingCount(): number {
    return this.isPromoted ? 0 : this.#lacking();
  }

  /** An operator asks for the promotion, data loss allowed; false when it has been asked before, or the volume is not there. */
  promote(causeSeq: number): boolean {
    if (this.isPromoted || this.isPromoting || this.isCopying) return false;
    this.#cells[cell.promoting] = 1;
    this.#cells[cell.cause] = causeSeq;
    this.#cells[cell.draws] = this.#cells[cell.draws]! + 1;
    const us = this.#draw.draw(this.#promoteUs, this.#cells[cell.draws]!, none, 0);
    const copyUs = this.#isBackup ? this.#copyUs : 0;
    this.#fabric.kernel.schedule(Math.round(us + copyUs), this.#finish);
    return true;
  }
}
