import type { AssembledFabric } from "../../components/fabric/assemble.ts";
import { type FailureManner, status } from "../../components/fabric/instances.ts";
import { TwinError } from "../../errors/twin-error.ts";
import type { HandlerId, KeyedStream } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type {
  ClientRetriesFault,
  FaultSpec,
  LinkDegradationFault,
  RegionPowerLossFault,
  ZonePowerLossFault,
} from "./fault-types.ts";
import { type ClientControls, ServiceFaults } from "./service-faults.ts";

/** What the twin can do to components beyond their instances; a component that cannot, leaves it out. */
export interface FaultControls {
  /** Instances of a component that are running now, oldest first, of one role if it is named. */
  instancesOf(component: string, role: string | undefined): readonly number[];
  /** Of one component, or of all. */
  freezeControlPlane(frozen: boolean, causeSeq: number, component: string | undefined): void;
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
  readonly #service: ServiceFaults;
  /** Zone that a fault has struck, and the log entry that says so, by fault. */
  readonly #struckZone: Int32Array;
  readonly #seq: Int32Array;
  /** Faults that hold a zone without power, and a link cut: the last to end mends it. */
  readonly #powerCuts: Int32Array;
  readonly #linkCuts: Int32Array;
  readonly #begin: HandlerId;
  readonly #end: HandlerId;
  readonly #restore: HandlerId;
  readonly #recoveryDraw: KeyedStream;
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
    this.#reservedInstants = reservedInstants ?? faults.map((fault) => [instantUs(fault)]);
    const placeCount = this.#reservedInstants.reduce((sum, instants) => sum + instants.length, 0);
    this.#reserved = kernel.float64Array("faults.reserved", Math.max(faultsRoom, placeCount));
    const { zoneCount } = fabric.zones;
    this.#powerCuts = kernel.int32Array("faults.power-cuts", zoneCount);
    this.#linkCuts = kernel.int32Array("faults.link-cuts", zoneCount * zoneCount);
    this.#begin = kernel.handler("faults.begin", (fault, times) => this.#strike(fault, times));
    this.#end = kernel.handler("faults.end", (fault) => this.#relent(fault));
    this.#restore = kernel.handler("faults.restore", (instance, epoch, seq) => {
      if (fabric.instances.epoch[instance] === epoch) this.#restoreInstance(instance, seq);
    });
    this.#service = new ServiceFaults(
      fabric,
      faults,
      controls.clients,
      controls.usualRetries,
      Math.max(faultsRoom, faults.length),
    );
    this.#recoveryDraw = kernel.keyed("faults.recovery");
    this.#kinds = {
      powerLost: log.kind("zone.power-lost", "fault"),
      powerRestored: log.kind("zone.power-restored", "fault"),
      regionCutOff: log.kind("region.cut-off", "fault"),
      regionRejoined: log.kind("region.rejoined", "fault"),
      cutOff: log.kind("zone.cut-off", "fault"),
      rejoined: log.kind("zone.rejoined", "fault"),
      instanceFailed: {
        power: log.kind("instance.failed-by-power", "fault"),
        crash: log.kind("instance.failed-by-crash", "fault"),
        hang: log.kind("instance.failed-by-hang", "fault"),
      },
      degraded: log.kind("link.degraded", "fault"),
      clear: log.kind("link.clear", "fault"),
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
    const { kernel, log, zones } = this.#fabric;
    if (fault.repeat !== undefined && times + 1 < fault.repeat.count) {
      const afterUs = Math.round(fault.repeat.everySeconds * 1_000_000);
      kernel.schedule(afterUs, this.#begin, at, times + 1);
    }
    if ("durationSeconds" in fault) {
      kernel.schedule(Math.round(fault.durationSeconds * 1_000_000), this.#end, at);
    }
    switch (fault.kind) {
      case "zone-power-loss": {
        const zone = this.#zoneOf(fault.zone, fault.id);
        this.#struckZone[at] = zone;
        this.#darken(zone, at);
        return;
      }
      case "zone-partition": {
        const zone = this.#zoneOf(fault.zone, fault.id);
        this.#struckZone[at] = zone;
        this.#seq[at] = log.append(this.#kinds.cutOff, { zone }, none);
        zones.causeSeq[zone] = this.#seq[at]!;
        this.#cut(zone, fault.direction ?? "both", false);
        return;
      }
      case "instance-kill": {
        const found = this.#controls
          .instancesOf(fault.component, fault.role)
          .slice(0, fault.count ?? 1);
        if (found.length === 0) throw this.#nothingToStrike(fault.id, fault.component, "component");
        for (const instance of found) this.#fail(instance, fault.manner ?? "crash", none);
        return;
      }
      case "link-degradation": {
        const zone = this.#zoneOf(fault.from, fault.id);
        this.#struckZone[at] = zone;
        this.#seq[at] = log.append(this.#kinds.degraded, { zone }, none);
        zones.causeSeq[zone] = this.#seq[at]!;
        this.#degrade(fault, zone, fault.addedLatencyMs * 1000, fault.lossShare);
        return;
      }
      case "region-power-loss":
        for (const zone of this.#zonesOf(fault.region)) this.#darken(zone, at);
        return;
      case "region-partition":
        this.#seq[at] = log.append(this.#kinds.regionCutOff, {}, none);
        this.#cutRegion(fault.region, this.#seq[at]!, false);
        return;
      case "control-plane-freeze":
        this.#seq[at] = log.append(this.#kinds.frozen, {}, none);
        this.#controls.freezeControlPlane(true, this.#seq[at]!, fault.component);
        return;
      case "observability-loss":
        this.#seq[at] = log.append(this.#kinds.blind, {}, none);
        this.#controls.disturbObservability(
          fault.lateBySeconds === undefined ? -1 : Math.round(fault.lateBySeconds * 1_000_000),
          this.#seq[at]!,
        );
        return;
      default:
        this.#seq[at] = this.#service.strike(at, fault, this.#instancesStruck(fault));
    }
  }

  /** Instances that a fault of instances strikes, at this instant. */
  #instancesStruck(fault: FaultSpec): readonly number[] {
    if (fault.kind !== "instance-slow") return [];
    const found = this.#controls.instancesOf(fault.component, fault.role);
    if (found.length === 0) throw this.#nothingToStrike(fault.id, fault.component, "component");
    return found.slice(0, fault.count);
  }

  /** A zone loses power, for a fault that may strike several. */
  #darken(zone: number, at: number): void {
    const { log, zones } = this.#fabric;
    this.#seq[at] = log.append(this.#kinds.powerLost, { zone }, none);
    this.#powerCuts[zone] = this.#powerCuts[zone]! + 1;
    zones.powered[zone] = 0;
    zones.causeSeq[zone] = this.#seq[at]!;
    for (const instance of this.#instancesIn(zone)) this.#fail(instance, "power", this.#seq[at]!);
  }

  #relight(zone: number, fault: ZonePowerLossFault | RegionPowerLossFault, cause: number): void {
    const { log, zones } = this.#fabric;
    this.#powerCuts[zone] = this.#powerCuts[zone]! - 1;
    if (this.#powerCuts[zone]! > 0) return;
    const seq = log.append(this.#kinds.powerRestored, { zone }, cause);
    zones.powered[zone] = 1;
    zones.causeSeq[zone] = seq;
    this.#restoreZone(fault, zone, seq);
  }

  /** Links between a region's zones and everything outside it; those inside stay. */
  #cutRegion(region: string, seq: number, up: boolean): void {
    const { zones } = this.#fabric;
    const own = this.#zonesOf(region);
    for (const zone of own) {
      zones.causeSeq[zone] = seq;
      for (let other = 0; other < zones.zoneCount; other += 1) {
        if (own.includes(other)) continue;
        this.#setLink(zone, other, up);
        this.#setLink(other, zone, up);
      }
    }
  }

  #zonesOf(region: string): readonly number[] {
    const { zones } = this.#fabric.zones;
    return [...zones.keys()].filter((zone) => zones[zone]!.region === region);
  }

  #relent(at: number): void {
    const fault = this.#faults[at]!;
    const { log, zones } = this.#fabric;
    const cause = this.#seq[at]!;
    const zone = this.#struckZone[at]!;
    switch (fault.kind) {
      case "zone-power-loss": {
        this.#relight(zone, fault, cause);
        return;
      }
      case "region-power-loss":
        for (const each of this.#zonesOf(fault.region)) this.#relight(each, fault, cause);
        return;
      case "region-partition":
        this.#cutRegion(fault.region, log.append(this.#kinds.regionRejoined, {}, cause), true);
        return;
      case "zone-partition":
        zones.causeSeq[zone] = log.append(this.#kinds.rejoined, { zone }, cause);
        this.#cut(zone, fault.direction ?? "both", true);
        return;
      case "link-degradation":
        zones.causeSeq[zone] = log.append(this.#kinds.clear, { zone }, cause);
        this.#degrade(fault, zone, 0, 0);
        return;
      case "control-plane-freeze":
        this.#controls.freezeControlPlane(
          false,
          log.append(this.#kinds.thawed, {}, cause),
          fault.component,
        );
        return;
      case "observability-loss":
        this.#controls.disturbObservability(0, log.append(this.#kinds.seeing, {}, cause));
        return;
      case "instance-kill":
        return;
      default:
        this.#service.relent(at, fault, cause);
    }
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

  /** Hosts come back along the curve: each at the time at which the curve reaches its own luck. */
  #restoreZone(fault: ZonePowerLossFault | RegionPowerLossFault, zone: number, seq: number): void {
    const { kernel, instances } = this.#fabric;
    const curve = fault.recoveryCurve ?? [{ afterSeconds: 0, share: 1 }];
    for (const instance of this.#instancesIn(zone)) {
      if (instances.column.status[instance] !== status.dark) continue;
      const luck = this.#recoveryDraw.uniform(instance, zone, seq);
      const afterUs = Math.round(secondsOnCurve(curve, luck) * 1_000_000);
      kernel.schedule(afterUs, this.#restore, instance, instances.epoch[instance]!, seq);
    }
  }

  #restoreInstance(instance: number, seq: number): void {
    const { instances, zones, components } = this.#fabric;
    const zone = instances.column.zone[instance]!;
    if (instances.column.status[instance] !== status.dark || zones.powered[zone] === 0) return;
    components[instances.column.component[instance]!]!.powerRestored(instance, seq);
  }

  #cut(zone: number, direction: "both" | "inbound" | "outbound", up: boolean): void {
    const { zones } = this.#fabric;
    for (let other = 0; other < zones.zoneCount; other += 1) {
      if (other === zone) continue;
      if (direction !== "inbound") this.#setLink(zone, other, up);
      if (direction !== "outbound") this.#setLink(other, zone, up);
    }
  }

  #setLink(from: number, to: number, up: boolean): void {
    const { zones } = this.#fabric;
    const link = from * zones.zoneCount + to;
    const cuts = this.#linkCuts[link]! + (up ? -1 : 1);
    this.#linkCuts[link] = cuts;
    zones.setLink(from, to, cuts === 0);
  }

  #degrade(
    fault: LinkDegradationFault,
    from: number,
    addedLatencyUs: number,
    lossShare: number,
  ): void {
    const { zones } = this.#fabric;
    for (let to = 0; to < zones.zoneCount; to += 1) {
      if (to === from) continue;
      if (fault.to !== undefined && to !== this.#zoneOf(fault.to, fault.id)) continue;
      zones.degrade(from, to, addedLatencyUs, lossShare);
      zones.degrade(to, from, addedLatencyUs, lossShare);
    }
  }

  #zoneOf(place: string, fault: string): number {
    const prefix = "zone-of:";
    if (!place.startsWith(prefix)) return this.#fabric.zone(place);
    const component = place.slice(prefix.length);
    const [instance] = this.#controls.instancesOf(component, undefined);
    if (instance !== undefined) return this.#fabric.instances.column.zone[instance]!;
    throw this.#nothingToStrike(fault, component, "zone");
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

  #instancesIn(zone: number): number[] {
    const { column, slotsMax } = this.#fabric.instances;
    const found: number[] = [];
    for (let slot = 0; slot < slotsMax; slot += 1) {
      if (column.zone[slot] === zone && column.status[slot] !== status.gone) found.push(slot);
    }
    return found;
  }
}

/** Seconds after which a share of the hosts given by the curve (linear between its points) is back. */
export function secondsOnCurve(
  curve: readonly { readonly afterSeconds: number; readonly share: number }[],
  share: number,
): number {
  let previous = { afterSeconds: 0, share: 0 };
  for (const point of curve) {
    if (share <= point.share) {
      const rise = point.share - previous.share;
      const part = rise > 0 ? (share - previous.share) / rise : 1;
      return previous.afterSeconds + part * (point.afterSeconds - previous.afterSeconds);
    }
    previous = point;
  }
  return previous.afterSeconds;
}

/** When a fault strikes, in microseconds since the run began. */
export function instantUs(fault: FaultSpec): number {
  return Math.round(fault.atSeconds * 1_000_000);
}
