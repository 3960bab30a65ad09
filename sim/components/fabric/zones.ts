import type { Kernel } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";

/** A place that can lose power or be cut off: the outside world, or an availability zone of a region. */
export interface Zone {
  readonly id: string;
  /** Region of the zone; the outside world has none. */
  readonly region: string | undefined;
  /** The region has it, and no component of the platform stands there. */
  readonly isUnused?: boolean;
}

/** Id of the zone in which the clients live. */
export const outside = "outside";

/** Number of the zone in which the clients live; it never fails and belongs to no region. */
export const outsideZone = 0;

/**
 * Zones and the directed links between them. A link is up or cut, has a base one-way latency, and may carry
 * added latency and loss (grey failure). One direction can fail alone.
 */
export class Zones {
  readonly zones: readonly Zone[];
  readonly zoneCount: number;
  readonly powered: Uint8Array;
  /** Sequence number of the event that last changed the zone's power or links; whoever causes one writes it. */
  readonly causeSeq: Int32Array;
  /** Number of each zone's region: that of the first zone declared in it. */
  readonly #region: Int32Array;
  readonly #up: Uint8Array;
  readonly #latencyUs: Float64Array;
  readonly #addedLatencyUs: Float64Array;
  readonly #lossShare: Float64Array;
  readonly #replicationDelayUs: Float64Array;
  readonly #lossDraw: KeyedStream;

  constructor(
    kernel: Kernel,
    zones: readonly Zone[],
    latencyUs: (from: number, to: number) => number,
  ) {
    this.zones = zones;
    this.zoneCount = zones.length;
    const regions = zones.map(({ region }) => region);
    this.#region = Int32Array.from(regions, (region) => regions.indexOf(region));
    const pairs = this.zoneCount * this.zoneCount;
    this.powered = kernel.uint8Array("zones.powered", this.zoneCount).fill(1);
    this.causeSeq = kernel.int32Array("zones.cause-seq", this.zoneCount).fill(none);
    this.#up = kernel.uint8Array("zones.link-up", pairs).fill(1);
    this.#latencyUs = kernel.float64Array("zones.latency-us", pairs);
    this.#addedLatencyUs = kernel.float64Array("zones.added-latency-us", pairs);
    this.#lossShare = kernel.float64Array("zones.loss-share", pairs);
    this.#replicationDelayUs = kernel.float64Array("zones.replication-delay-us", pairs);
    this.#lossDraw = kernel.keyed("zones.loss");
    for (let from = 0; from < this.zoneCount; from += 1) {
      for (let to = 0; to < this.zoneCount; to += 1) {
        this.#latencyUs[from * this.zoneCount + to] = latencyUs(from, to);
      }
    }
  }

  /** One-way latency in microseconds, with what a grey failure adds. */
  latencyUs(from: number, to: number): number {
    const link = from * this.zoneCount + to;
    return this.#latencyUs[link]! + this.#addedLatencyUs[link]!;
  }

  /** Whether a message sent now arrives. `draw` numbers the message, so that its luck is its own. */
  delivers(from: number, to: number, draw: number): boolean {
    const link = from * this.zoneCount + to;
    if (this.#up[link] === 0) return false;
    const lossShare = this.#lossShare[link]!;
    return lossShare === 0 || this.#lossDraw.uniform(draw, from, to) >= lossShare;
  }

  /** Whether messages may get lost one by one on a link that is up. */
  isLossy(from: number, to: number): boolean {
    return this.#lossShare[from * this.zoneCount + to] !== 0;
  }

  /** Whether anything gets through: a link that loses every message is as good as cut. */
  linked(from: number, to: number): boolean {
    const link = from * this.zoneCount + to;
    return this.#up[link] === 1 && this.#lossShare[link]! < 1;
  }

  setLink(from: number, to: number, up: boolean): void {
    this.#up[from * this.zoneCount + to] = up ? 1 : 0;
  }

  /** Cuts or restores a zone against every other zone, in both directions; links inside it stay. */
  isolate(zone: number, cut: boolean): void {
    for (let other = 0; other < this.zoneCount; other += 1) {
      if (other === zone) continue;
      this.setLink(zone, other, !cut);
      this.setLink(other, zone, !cut);
    }
  }

  /** Sets added latency (microseconds) and loss (share 0..1) from one zone to another. */
  degrade(from: number, to: number, addedLatencyUs: number, lossShare: number): void {
    const link = from * this.zoneCount + to;
    this.#addedLatencyUs[link] = addedLatencyUs;
    this.#lossShare[link] = lossShare;
  }

  /** Delays what is replicated asynchronously from one zone to another by microseconds; with an infinite delay nothing leaves. */
  delayReplication(from: number, to: number, delayUs: number): void {
    this.#replicationDelayUs[from * this.zoneCount + to] = delayUs;
  }

  /** Microseconds by which asynchronous replication from one zone to another is late; infinite while it stands still. */
  replicationDelayUs(from: number, to: number): number {
    return this.#replicationDelayUs[from * this.zoneCount + to]!;
  }

  /** Zones of the same region, itself included, in declared order. */
  regionOf(zone: number): readonly number[] {
    const region = this.zones[zone]!.region;
    const same: number[] = [];
    for (let other = 0; other < this.zoneCount; other += 1) {
      if (this.zones[other]!.region === region) same.push(other);
    }
    return same;
  }

  /**
   * Whether a zone has power and talks, both ways, with a majority of its region's powered or unpowered zones
   * (itself counted). A replicated regional service can commit only from such a zone, and a regional control
   * plane can see only what lives in one.
   */
  inMajority(zone: number): boolean {
    if (this.powered[zone] === 0) return false;
    const region = this.#region[zone]!;
    let total = 0;
    let reached = 0;
    for (let other = 0; other < this.zoneCount; other += 1) {
      if (this.#region[other] !== region) continue;
      total += 1;
      const bothWays = this.linked(zone, other) && this.linked(other, zone);
      if (this.powered[other] === 1 && (other === zone || bothWays)) reached += 1;
    }
    return reached * 2 > total;
  }
}
