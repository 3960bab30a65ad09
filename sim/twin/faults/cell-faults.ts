import type { AssembledFabric } from "../../components/fabric/assemble.ts";
import { status } from "../../components/fabric/instances.ts";
import { none } from "../../kernel/none.ts";
import type { CellPowerLossFault, RackPowerLossFault } from "./fault-types.ts";

/** What strikes a part of a zone, or of the platform across zones. */
export type CellFault = RackPowerLossFault | CellPowerLossFault;

/**
 * Faults below the zone: a rack, with exactly the hosts on it; a cell, with exactly the instances that serve its users.
 * What is struck goes silent at once and has its power back when the fault ends, unless it was given up meanwhile.
 */
export class CellFaults {
  readonly #fabric: AssembledFabric;
  readonly #loseInstance: (instance: number, causeSeq: number) => void;
  /** By instance: the fault that holds it without power, or `none`, and its epoch when it was struck. */
  readonly #struckBy: Int32Array;
  readonly #struckEpoch: Int32Array;
  /** Faults that keep a component from launching anything, by component. */
  readonly #shut: Int32Array;
  readonly #kinds;

  constructor(fabric: AssembledFabric, loseInstance: (instance: number, causeSeq: number) => void) {
    const { kernel, log } = fabric;
    const { slotsMax } = fabric.instances;
    this.#fabric = fabric;
    this.#loseInstance = loseInstance;
    this.#struckBy = kernel.int32Array("faults.struck-by", slotsMax).fill(none);
    this.#struckEpoch = kernel.int32Array("faults.struck-epoch", slotsMax);
    this.#shut = kernel.int32Array("faults.shut", fabric.components.length);
    this.#kinds = {
      rackLost: log.kind("rack.power-lost", "fault"),
      rackBack: log.kind("rack.power-restored", "fault"),
      cellLost: log.kind("cell.power-lost", "fault"),
      cellBack: log.kind("cell.power-restored", "fault"),
    };
  }

  /** Whether a component finds no hosts because its cell is dark. */
  isShut(component: number): boolean {
    return this.#shut[component]! > 0;
  }

  /** Begins a fault of a rack with these hosts, or of a cell of these components with these instances. Returns its log entry. */
  strike(
    at: number,
    fault: CellFault,
    instances: readonly number[],
    components: readonly number[],
  ): number {
    const { log, instances: all } = this.#fabric;
    const [first] = instances;
    const isRack = fault.kind === "rack-power-loss";
    const place =
      isRack && first !== undefined
        ? { component: all.column.component[first]!, zone: all.column.zone[first]! }
        : {};
    const kind = isRack ? this.#kinds.rackLost : this.#kinds.cellLost;
    const seq = log.append(kind, place, none, isRack ? instances.length : fault.cell);
    for (const component of components) this.#shut[component] = this.#shut[component]! + 1;
    for (const instance of instances) {
      // A host may have taken tasks of the same cell along already.
      const now = all.column.status[instance];
      if (now === status.gone || now === status.dark) continue;
      this.#struckBy[instance] = at;
      this.#loseInstance(instance, seq);
      this.#struckEpoch[instance] = all.epoch[instance]!;
    }
    return seq;
  }

  /** Ends a fault; `cause` is the entry of its beginning. */
  relent(at: number, fault: CellFault, components: readonly number[], cause: number): void {
    const { log, instances, components: all } = this.#fabric;
    const kind = fault.kind === "rack-power-loss" ? this.#kinds.rackBack : this.#kinds.cellBack;
    const seq = log.append(kind, {}, cause);
    for (const component of components) this.#shut[component] = this.#shut[component]! - 1;
    for (let slot = 0; slot < instances.slotsTouched; slot += 1) {
      if (this.#struckBy[slot] !== at) continue;
      this.#struckBy[slot] = none;
      // What its zone has darkened since is of another epoch, and comes back with the zone's power.
      const isSame = instances.epoch[slot] === this.#struckEpoch[slot];
      if (!isSame || instances.column.status[slot] !== status.dark) continue;
      all[instances.column.component[slot]!]!.powerRestored(slot, seq);
    }
  }
}
