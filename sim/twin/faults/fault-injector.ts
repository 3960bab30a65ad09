import type { AssembledFabric } from "../../components/fabric/assemble.ts";
import type { FailureManner } from "../../components/fabric/instances.ts";
import { TwinError } from "../../errors/twin-error.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import { type CellFault, CellFaults } from "./cell-faults.ts";
import type {
  ClientRetriesFault,
  ControlPlaneFreezeFault,
  FaultSpec,
  PlaceFault,
  RackPowerLossFault,
} from "./fault-types.ts";
import { PlaceFaults } from "./place-faults.ts";
import { ReplicationFaults } from "./replication-faults.ts";
import { type ClientControls, ServiceFaults } from "./service-faults.ts";

/** What the twin can do to components beyond their instances; a component that cannot, leaves it out. */
export interface FaultControls {
  /** Instances of a component that are running now, oldest first, of one role if it is named. */
  instancesOf(component: string, role: string | undefined): readonly number[];
  /** Hosts that stand on the rack of a host, itself among them. */
  hostsOnRackOf(host: number): readonly number[];
  /** Components that serve the users of a cell with instances of the platform's own. */
  componentsOfCell(cell: number): readonly string[];
  freezeControlPlane(frozen: boolean, causeSeq: number, components: readonly string[]): void;
  /** What faults change about clients, and how those retry usually. */
  readonly clients: ClientControls;
  readonly usualRetries: Pick<ClientRetriesFault, "retriesMax" | "backoffMs">;
  /** `lateByUs` of -1: nothing arrives at all; 0: as usual. */
  disturbObservability(lateByUs: number, causeSeq: number): void;
}

/**
 * Instants in microseconds, by position of the fault: those of every run that will begin from this one's warm-up. Events
 * at one instant run in the order of scheduling, so a fault that were put on the agenda only after the warm-up would
 * come later among them than in a run of its own; the places of all are taken at the start, and those of others given up.
 */
export type ReservedInstants = readonly (readonly number[])[];

/** Begins a place that is named by the component that stands there. */
const zoneOfPrefix = "zone-of:";

/** A run may be continued with faults that it did not begin with; the state has room for so many in all. */
const faultsRoom = 64;

/**
 * Does to the platform what the scenario says, at the instants it says. A fault strikes places and instances; what
 * follows from it is the components' doing.
 */
export class FaultInjector {
  readonly #fabric: AssembledFabric;
  readonly #faults: readonly FaultSpec[];
  readonly #controls: FaultControls;
  readonly #places: PlaceFaults;
  readonly #cells: CellFaults;
  readonly #replication: ReplicationFaults;
  readonly #service: ServiceFaults;
  /** Zone that a fault has struck, and the log entry that says so, by fault. */
  readonly #struckZone: Int32Array;
  readonly #seq: Int32Array;
  /** Whether a fault has struck and is not over, by fault. */
  readonly #inForce: Uint8Array;
  /** Whether what a fault strikes was there when an earlier fault struck, by fault. */
  readonly #wasThere: Uint8Array;
  readonly #begin: HandlerId;
  readonly #end: HandlerId;
  /** Events on the agenda for the reserved instants, in their order. */
  readonly #reserved: Float64Array;
  readonly #reservedInstants: ReservedInstants;
  readonly #kinds;

  constructor(
    fabric: AssembledFabric,
    faults: readonly FaultSpec[],
    controls: FaultControls,
    reservedInstants?: ReservedInstants,
  ) {
    const { kernel, log } = fabric;
    this.#fabric = fabric;
    this.#faults = faults;
    this.#controls = controls;
    this.#struckZone = kernel
      .int32Array("faults.zone", Math.max(faultsRoom, faults.length))
      .fill(none);
    this.#seq = kernel.int32Array("faults.seq", Math.max(faultsRoom, faults.length)).fill(none);
    this.#inForce = kernel.uint8Array("faults.in-force", Math.max(faultsRoom, faults.length));
    this.#wasThere = kernel.uint8Array("faults.was-there", Math.max(faultsRoom, faults.length));
    this.#reservedInstants = reservedInstants ?? faults.map((fault) => [instantUs(fault)]);
    const placeCount = this.#reservedInstants.reduce((sum, instants) => sum + instants.length, 0);
    this.#reserved = kernel.float64Array("faults.reserved", Math.max(faultsRoom, placeCount));
    this.#begin = kernel.handler("faults.begin", (fault, times) => this.#strike(fault, times));
    this.#end = kernel.handler("faults.end", (fault) => this.#relent(fault));
    this.#places = new PlaceFaults(
      fabric,
      faults,
      (instance, causeSeq) => this.#fail(instance, "power", causeSeq),
      Math.max(faultsRoom, faults.length),
    );
    this.#cells = new CellFaults(fabric, (instance, causeSeq) =>
      this.#fail(instance, "power", causeSeq),
    );
    this.#replication = new ReplicationFaults(fabric);
    this.#service = new ServiceFaults(
      fabric,
      faults,
      controls.clients,
      controls.usualRetries,
      Math.max(faultsRoom, faults.length),
      (component) => this.#cells.isShut(component),
    );
    this.#kinds = {
      instanceFailed: {
        power: log.kind("instance.failed-by-power", "fault"),
        crash: log.kind("instance.failed-by-crash", "fault"),
        hang: log.kind("instance.failed-by-hang", "fault"),
      },
      nothing: log.kind("fault.found-nothing-running", "fault"),
      frozen: log.kind("control-plane.frozen", "fault"),
      thawed: log.kind("control-plane.thawed", "fault"),
      blind: log.kind("observability.lost", "fault"),
      seeing: log.kind("observability.back", "fault"),
    };
  }

  start(): void {
    let place = 0;
    this.#reservedInstants.forEach((instants, at) => {
      for (const atUs of instants) {
        this.#reserved[place] = this.#fabric.kernel.scheduleAt(atUs, this.#begin, at);
        place += 1;
      }
    });
  }

  /** Leaves on the agenda, of all reserved instants, those at which this run's own faults strike. */
  keepOwn(): void {
    let place = 0;
    this.#reservedInstants.forEach((instants, at) => {
      const own = this.#faults[at];
      for (const atUs of instants) {
        if (own === undefined || instantUs(own) !== atUs) {
          this.#fabric.kernel.cancel(this.#reserved[place]!);
        }
        place += 1;
      }
    });
  }

  /** Puts a fault on the agenda, by its position in the scenario. */
  schedule(at: number): void {
    this.#fabric.kernel.scheduleAt(instantUs(this.#faults[at]!), this.#begin, at);
  }

  /** `times`: how often the fault has struck before. */
  #strike(at: number, times: number): void {
    const fault = this.#faults[at]!;
    const { kernel, log } = this.#fabric;
    if (fault.repeat !== undefined && times + 1 < fault.repeat.count) {
      const afterUs = Math.round(fault.repeat.everySeconds * 1_000_000);
      kernel.schedule(afterUs, this.#begin, at, times + 1);
    }
    if (this.#isAway(fault) && (times > 0 || this.#wasThere[at] === 1)) {
      log.append(this.#kinds.nothing, this.#placeStruck(fault), this.#seq[at]!);
      return;
    }
    this.#noteWhoIsThere();
    if ("durationSeconds" in fault) {
      this.#inForce[at] = 1;
      kernel.schedule(Math.round(fault.durationSeconds * 1_000_000), this.#end, at);
    }
    switch (fault.kind) {
      case "zone-power-loss":
      case "zone-partition":
      case "region-power-loss":
      case "region-partition":
      case "link-degradation": {
        const zone = this.#zoneStruck(fault);
        this.#struckZone[at] = zone;
        this.#seq[at] = this.#places.strike(at, fault, zone);
        return;
      }
      case "rack-power-loss":
      case "cell-power-loss":
        this.#seq[at] = this.#cells.strike(
          at,
          fault,
          this.#instancesBelowZone(fault),
          this.#componentsShut(fault),
        );
        this.#service.updateCapacity();
        return;
      case "instance-kill": {
        const found = this.#controls
          .instancesOf(fault.component, fault.role)
          .slice(0, fault.count ?? 1);
        if (found.length === 0) throw this.#nothingToStrike(fault.id, fault.component, "component");
        for (const instance of found) this.#fail(instance, fault.manner ?? "crash", none);
        return;
      }
      case "replication-lag":
        this.#seq[at] = this.#replication.strike(fault);
        return;
      case "control-plane-freeze":
        this.#seq[at] = log.append(this.#kinds.frozen, {}, none);
        this.#freeze(true, this.#seq[at]!, this.#frozenByItAlone(at, fault));
        return;
      case "observability-loss":
        this.#seq[at] = log.append(this.#kinds.blind, {}, none);
        this.#controls.disturbObservability(this.#metricsLateUs(), this.#seq[at]!);
        return;
      default:
        this.#seq[at] = this.#service.strike(at, fault, this.#instancesStruck(fault));
    }
  }

  /** Who is away at a later strike, and was there now, is down by what has happened since. */
  #noteWhoIsThere(): void {
    for (const [at, fault] of this.#faults.entries()) {
      if (!this.#isAway(fault)) this.#wasThere[at] = 1;
    }
  }

  /** Component that a fault would have struck, where it names one. */
  #placeStruck(fault: FaultSpec): { readonly component?: number } {
    const named = "component" in fault ? fault.component : undefined;
    const id =
      named ??
      ("zone" in fault && fault.zone?.startsWith(zoneOfPrefix)
        ? fault.zone.slice(zoneOfPrefix.length)
        : undefined);
    return id === undefined ? {} : { component: this.#fabric.component(id).index };
  }

  /**
   * Whether what a fault strikes does not run at this instant. That is a mistake in the scenario unless it ran when some
   * fault struck before: then it is down by what has happened since, with some seeds and not with others, and the log says so.
   */
  #isAway(fault: FaultSpec): boolean {
    switch (fault.kind) {
      case "instance-kill":
      case "instance-slow":
        return this.#controls.instancesOf(fault.component, fault.role).length === 0;
      case "rack-power-loss":
        return this.#hostsOf(fault).length === 0;
      case "zone-power-loss":
      case "zone-partition":
        return (
          fault.zone.startsWith(zoneOfPrefix) &&
          this.#controls.instancesOf(fault.zone.slice(zoneOfPrefix.length), undefined).length === 0
        );
      default:
        return false;
    }
  }

  /** Running hosts of a capacity provider, of the zone that the fault names. */
  #hostsOf(fault: RackPowerLossFault): readonly number[] {
    const zone = fault.zone === undefined ? none : this.#fabric.zone(fault.zone);
    const { column } = this.#fabric.instances;
    return this.#controls
      .instancesOf(fault.component, undefined)
      .filter((each) => zone === none || column.zone[each] === zone);
  }

  /** Instances that a fault of instances strikes, at this instant. */
  #instancesStruck(fault: FaultSpec): readonly number[] {
    if (fault.kind !== "instance-slow") return [];
    const found = this.#controls.instancesOf(fault.component, fault.role);
    if (found.length === 0) throw this.#nothingToStrike(fault.id, fault.component, "component");
    return found.slice(0, fault.count);
  }

  /** Hosts of the rack, or instances of the cell, that run at this instant. */
  #instancesBelowZone(fault: CellFault): readonly number[] {
    if (fault.kind === "cell-power-loss") {
      return this.#controls
        .componentsOfCell(fault.cell)
        .flatMap((id) => this.#controls.instancesOf(id, undefined));
    }
    const [host] = this.#hostsOf(fault);
    if (host === undefined) throw this.#nothingToStrike(fault.id, fault.component, "component");
    return this.#controls.hostsOnRackOf(host);
  }

  /** Components, by their numbers, that launch nothing while the fault lasts. */
  #componentsShut(fault: CellFault): readonly number[] {
    if (fault.kind === "rack-power-loss") return [];
    return this.#controls
      .componentsOfCell(fault.cell)
      .map((id) => this.#fabric.component(id).index);
  }

  #relent(at: number): void {
    const fault = this.#faults[at]!;
    const { log } = this.#fabric;
    const cause = this.#seq[at]!;
    this.#inForce[at] = 0;
    switch (fault.kind) {
      case "zone-power-loss":
      case "zone-partition":
      case "region-power-loss":
      case "region-partition":
      case "link-degradation":
        this.#places.relent(at, fault, this.#struckZone[at]!, cause);
        return;
      case "rack-power-loss":
      case "cell-power-loss":
        this.#cells.relent(at, fault, this.#componentsShut(fault), cause);
        this.#service.updateCapacity();
        return;
      case "replication-lag":
        this.#replication.relent(fault, cause);
        return;
      case "control-plane-freeze": {
        const thawing = this.#frozenByItAlone(at, fault);
        if (thawing.length === 0) return;
        const seq = log.append(this.#kinds.thawed, {}, cause);
        this.#freeze(false, seq, thawing);
        return;
      }
      case "observability-loss": {
        const lateUs = this.#metricsLateUs();
        const seq = lateUs === 0 ? log.append(this.#kinds.seeing, {}, cause) : cause;
        this.#controls.disturbObservability(lateUs, seq);
        return;
      }
      case "instance-kill":
        return;
      default:
        this.#service.relent(at, fault, cause);
    }
  }

  #freeze(frozen: boolean, causeSeq: number, components: readonly string[]): void {
    if (components.length > 0) this.#controls.freezeControlPlane(frozen, causeSeq, components);
  }

  /** Components whose control planes a freeze holds and no other one does. */
  #frozenByItAlone(at: number, fault: ControlPlaneFreezeFault): readonly string[] {
    const others = this.#faults.filter(
      (other, position): other is ControlPlaneFreezeFault =>
        other.kind === "control-plane-freeze" && position !== at && this.#inForce[position] === 1,
    );
    return this.#fabric.components
      .map(({ id }) => id)
      .filter((id) => (fault.component ?? id) === id)
      .filter((id) => others.every(({ component }) => (component ?? id) !== id));
  }

  /** How late metrics are by the worst fault in force: -1 when nothing arrives at all, 0 when all is as usual. */
  #metricsLateUs(): number {
    let lateUs = 0;
    for (const [at, fault] of this.#faults.entries()) {
      if (fault.kind !== "observability-loss" || this.#inForce[at] === 0) continue;
      if (fault.lateBySeconds === undefined) return -1;
      lateUs = Math.max(lateUs, Math.round(fault.lateBySeconds * 1_000_000));
    }
    return lateUs;
  }

  #fail(instance: number, manner: FailureManner, causeSeq: number): void {
    const { instances, log, calls, components } = this.#fabric;
    const component = instances.column.component[instance]!;
    const place = { component, instance, zone: instances.column.zone[instance]! };
    const seq = log.append(this.#kinds.instanceFailed[manner], place, causeSeq);
    instances.column.causeSeq[instance] = seq;
    calls.failInstance(instance, manner);
    components[component]!.instanceFailed(instance, manner, seq);
  }

  /** Zone that a fault strikes, as it stands at this instant; `none` for a fault of a region. */
  #zoneStruck(fault: PlaceFault): number {
    if ("region" in fault) return none;
    const place = fault.kind === "link-degradation" ? fault.from : fault.zone;
    if (!place.startsWith(zoneOfPrefix)) return this.#fabric.zone(place);
    const component = place.slice(zoneOfPrefix.length);
    const [instance] = this.#controls.instancesOf(component, undefined);
    if (instance !== undefined) return this.#fabric.instances.column.zone[instance]!;
    throw this.#nothingToStrike(fault.id, component, "zone");
  }

  #nothingToStrike(fault: string, component: string, field: "zone" | "component"): TwinError {
    const what = field === "zone" ? `the zone of "${component}"` : `"${component}"`;
    return new TwinError({
      code: "fault.nothing-to-strike",
      problem: `Fault "${fault}" strikes ${what}, which has no such instance running at that instant`,
      remedy: `Name another ${field}, or move the fault to a time at which the component runs`,
      at: `/faults/${fault}/${field}`,
    });
  }
}

/** When a fault strikes, in microseconds since the run began. */
export function instantUs(fault: FaultSpec): number {
  return Math.round(fault.atSeconds * 1_000_000);
}
