import { compileQuantiles } from "../../kernel/distributions/quantile-table.ts";
import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";
import type { GroupParameters } from "./aurora-parameters.ts";

/** Most segments of a volume, as room for one commit's latencies. */
const segmentsMax = 12;

/**
 * The storage volume of a cluster: six segments, two in each of three zones. A commit is durable when four have it,
 * and takes as long as the fourth fastest of those that can be reached: with one zone gone all four that are left must
 * answer, which is a little slower; with more gone commits stall and nothing is lost.
 */
export class StorageVolume {
  readonly #fabric: Fabric;
  readonly #zones: readonly number[];
  readonly #segmentsPerZone: number;
  readonly #writeQuorum: number;
  readonly #readQuorum: number;
  readonly #writeUs;
  readonly #readUs;
  readonly #draw;
  /** Room for the latencies of one commit; nothing in it outlives a call. */
  readonly #latencies = new Float64Array(segmentsMax);

  constructor(
    fabric: Fabric,
    options: { id: string; zones: readonly number[]; parameters: GroupParameters },
  ) {
    const { parameters, zones } = options;
    this.#fabric = fabric;
    this.#zones = zones;
    this.#segmentsPerZone = Math.floor(parameters.segmentCount.value / zones.length);
    this.#writeQuorum = parameters.writeQuorum.value;
    this.#readQuorum = parameters.readQuorum.value;
    this.#writeUs = compileQuantiles({
      kind: "lognormal",
      median: parameters.segmentWriteUs.value,
      sigma: parameters.segmentWriteSigma.value,
    });
    this.#readUs = compileQuantiles({
      kind: "lognormal",
      median: parameters.segmentReadUs.value,
      sigma: parameters.segmentWriteSigma.value,
    });
    this.#draw = fabric.kernel.keyed(`${options.id}.segments`);
  }

  /** Segments that have power and talk, both ways, with an instance in a zone. */
  reachableCount(fromZone: number): number {
    let count = 0;
    for (const zone of this.#zones)
      if (this.#reaches(fromZone, zone)) count += this.#segmentsPerZone;
    return count;
  }

  /** Segments that have power, whoever can reach them. */
  poweredCount(): number {
    let count = 0;
    for (const zone of this.#zones) {
      if (this.#fabric.zones.powered[zone] === 1) count += this.#segmentsPerZone;
    }
    return count;
  }

  hasWriteQuorum(segments: number): boolean {
    return segments >= this.#writeQuorum;
  }

  canRead(fromZone: number): boolean {
    return this.reachableCount(fromZone) >= this.#readQuorum;
  }

  /** Microseconds until a quorum has acknowledged redo sent now; `none` without a quorum. `number` keys the draws. */
  commitUs(fromZone: number, number: number): number {
    const { zones } = this.#fabric;
    let found = 0;
    for (let at = 0; at < this.#zones.length; at += 1) {
      const zone = this.#zones[at]!;
      if (!this.#reaches(fromZone, zone)) continue;
      const wayUs = zones.latencyUs(fromZone, zone) + zones.latencyUs(zone, fromZone);
      for (let copy = 0; copy < this.#segmentsPerZone; copy += 1) {
        const writeUs = this.#draw.draw(this.#writeUs, number, at, copy);
        this.#insert(found, wayUs + writeUs);
        found += 1;
      }
    }
    return found < this.#writeQuorum ? none : this.#latencies[this.#writeQuorum - 1]!;
  }

  /** Microseconds to fetch pages from storage, one after the other. */
  readUs(fromZone: number, pages: number, number: number): number {
    const wayUs = 2 * this.#fabric.zones.latencyUs(fromZone, fromZone);
    return pages * (wayUs + this.#draw.draw(this.#readUs, number, -1, 0));
  }

  #reaches(fromZone: number, zone: number): boolean {
    const { zones } = this.#fabric;
    if (zones.powered[zone] === 0) return false;
    return zone === fromZone || (zones.linked(fromZone, zone) && zones.linked(zone, fromZone));
  }

  /** Puts a latency in its place among the first `count`. */
  #insert(count: number, latencyUs: number): void {
    let at = count;
    while (at > 0 && this.#latencies[at - 1]! > latencyUs) {
      this.#latencies[at] = this.#latencies[at - 1]!;
      at -= 1;
    }
    this.#latencies[at] = latencyUs;
  }
}
