import type { AssembledFabric } from "../../components/fabric/assemble.ts";
import { none } from "../../kernel/none.ts";
import type { ReplicationLagFault } from "./fault-types.ts";

/**
 * Faults that touch nothing but what is replicated asynchronously from one place to another: it leaves late, or not at all, while
 * calls over the same links go on. Delays of several faults add up; one that stops it stops it.
 */
export class ReplicationFaults {
  readonly #fabric: AssembledFabric;
  /** Faults that stop a link, and the delay of the others in microseconds, by link. */
  readonly #stops: Int32Array;
  readonly #addedUs: Float64Array;
  readonly #kinds;

  constructor(fabric: AssembledFabric) {
    const { kernel, log, zones } = fabric;
    this.#fabric = fabric;
    const links = zones.zoneCount * zones.zoneCount;
    this.#stops = kernel.int32Array("faults.replication-stops", links);
    this.#addedUs = kernel.float64Array("faults.replication-added-us", links);
    this.#kinds = {
      stopped: log.kind("replication.stopped", "fault"),
      slowed: log.kind("replication.slowed", "fault"),
      usual: log.kind("replication.as-usual", "fault"),
    };
  }

  strike(fault: ReplicationLagFault): number {
    this.#change(fault, 1);
    const isStopped = fault.addedSeconds === undefined;
    const kind = isStopped ? this.#kinds.stopped : this.#kinds.slowed;
    const [zone] = this.#zonesOf(fault.fromPlace);
    return this.#fabric.log.append(kind, { zone: zone! }, none, fault.addedSeconds ?? 0);
  }

  relent(fault: ReplicationLagFault, cause: number): void {
    this.#change(fault, -1);
    const [zone] = this.#zonesOf(fault.fromPlace);
    this.#fabric.log.append(this.#kinds.usual, { zone: zone! }, cause);
  }

  #change(fault: ReplicationLagFault, by: 1 | -1): void {
    const { zones } = this.#fabric;
    const { addedSeconds } = fault;
    for (const from of this.#zonesOf(fault.fromPlace)) {
      for (const to of this.#zonesOf(fault.toPlace)) {
        if (from === to) continue;
        const link = from * zones.zoneCount + to;
        if (addedSeconds === undefined) this.#stops[link] = this.#stops[link]! + by;
        else {
          const addedUs = this.#addedUs[link]! + by * Math.round(addedSeconds * 1_000_000);
          this.#addedUs[link] = addedUs;
        }
        const isStopped = this.#stops[link]! > 0;
        zones.delayReplication(
          from,
          to,
          isStopped ? Number.POSITIVE_INFINITY : this.#addedUs[link]!,
        );
      }
    }
  }

  /** Zones of a place: one, or all of a region. */
  #zonesOf(place: string): readonly number[] {
    const { zones } = this.#fabric.zones;
    return [...zones.keys()].filter((zone) => {
      const { id, region } = zones[zone]!;
      return id === place || region === place;
    });
  }
}
