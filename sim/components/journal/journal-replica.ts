import { assumption, type Parameters } from "../../facts/parameter.ts";
import { lognormalFromQuantiles } from "../../kernel/distributions/lognormal-from-quantiles.ts";
import { compileQuantiles, type QuantileTable } from "../../kernel/distributions/quantile-table.ts";
import type { HandlerId, KeyedStream } from "../../kernel/kernel.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { placesTalk, replicationDelayUs } from "../fabric/region-homes.ts";

export const replicaDefaults = {
  shipEveryUs: assumption(
    100_000,
    "us",
    "batches of a tenth of a second, as log shippers make them",
  ),
  replicaLagUsP50: assumption(
    400_000,
    "us",
    "from leaving to being readable in the other region; with the batch under the second that Aurora's global storage usually takes (agd.lag-typical-s)",
  ),
  replicaLagUsP95: assumption(900_000, "us", "as above"),
} satisfies Parameters;

export type ReplicaValues = { readonly [Name in keyof typeof replicaDefaults]: number };

/** A log in another place of which a replica is kept. */
export interface ReplicatedLog {
  readonly end: number;
  readonly zones: readonly number[];
}

const cell = { arrived: 0, batch: 1, latest: 2, isTicking: 3 } as const;

/**
 * How far a copy of a log in another region has got. Every tenth of a second what has been added leaves, if the regions
 * talk, and arrives after a lag: whatever had not arrived when the source went dark is not here.
 */
export class ReplicaProgress {
  readonly #fabric: Fabric;
  readonly #cells: Float64Array;
  readonly #lag: QuantileTable;
  readonly #draw: KeyedStream;
  readonly #shipEveryUs: number;
  readonly #ship: HandlerId;
  readonly #source: () => ReplicatedLog;
  readonly #zones: readonly number[];

  constructor(
    fabric: Fabric,
    options: {
      readonly id: string;
      readonly zones: readonly number[];
      readonly values: ReplicaValues;
      /** Told whenever the regions talk, before anything leaves. */
      readonly inTouch: () => void;
      /** Whether it is a copy now: one that has become the history itself gets nothing more. */
      readonly isFollowing: () => boolean;
    },
    source: () => ReplicatedLog,
  ) {
    const { kernel } = fabric;
    const { id, values } = options;
    this.#fabric = fabric;
    this.#zones = options.zones;
    this.#source = source;
    this.#cells = kernel.float64Array(`${id}.replica`, Object.keys(cell).length);
    this.#lag = compileQuantiles(
      lognormalFromQuantiles({ p50: values.replicaLagUsP50, p95: values.replicaLagUsP95 }),
    );
    this.#draw = kernel.keyed(`${id}.replica-lag`);
    this.#shipEveryUs = values.shipEveryUs;
    const arrive = kernel.handler(`${id}.replica-arrived`, (end, isLate) => {
      // What should have left late has not left a source that is gone.
      if (isLate === 1 && !this.isInTouch) return;
      this.#cells[cell.arrived] = Math.max(this.#cells[cell.arrived]!, end);
    });
    this.#ship = kernel.handler(`${id}.replica-ship`, () => {
      kernel.schedule(this.#shipEveryUs, this.#ship);
      if (!this.isInTouch) return;
      options.inTouch();
      if (!options.isFollowing()) return;
      const lateUs = replicationDelayUs(fabric.zones, this.#source().zones, this.#zones);
      if (lateUs === Number.POSITIVE_INFINITY) return;
      const batch = (this.#cells[cell.batch]! + 1) | 0;
      this.#cells[cell.batch] = batch;
      const { end } = this.#source();
      if (end === this.#cells[cell.latest]) return;
      this.#cells[cell.latest] = end;
      const afterUs = Math.round(this.#draw.draw(this.#lag, batch, 0, 0));
      kernel.schedule(afterUs + lateUs, arrive, end, lateUs > 0 ? 1 : 0);
    });
  }

  start(): void {
    if (this.#cells[cell.isTicking] === 1) return;
    this.#cells[cell.isTicking] = 1;
    this.#fabric.kernel.schedule(this.#shipEveryUs, this.#ship);
  }

  /** It is a copy again, and has everything up to a position already. */
  followFrom(position: number): void {
    this.#cells[cell.arrived] = position;
    this.#cells[cell.latest] = position;
    this.start();
  }

  /** Position up to which everything has arrived. */
  get arrived(): number {
    return this.#cells[cell.arrived]!;
  }

  get isInTouch(): boolean {
    return placesTalk(this.#fabric.zones, this.#source().zones, this.#zones);
  }
}
