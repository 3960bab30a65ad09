import type { AssembledFabric } from "../../components/fabric/assemble.ts";
import type { EventPlace } from "../../components/fabric/event-log.ts";
import { status } from "../../components/fabric/instances.ts";
import { assertNever } from "../../kernel/assert.ts";
import type { HandlerId, KeyedStream } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type {
  FaultSpec,
  LinkDegradationFault,
  PlaceFault,
  RegionPowerLossFault,
  ZonePowerLossFault,
} from "./fault-types.ts";

type PowerLossFault = ZonePowerLossFault | RegionPowerLossFault;

/**
 * Faults that strike zones and regions: power that is gone, links that are cut or bad. Several may hold a zone dark or a
 * link cut at once; the last to end mends it. Where several degrade a link, what they add to its latency adds up, and a
 * message must survive them all.
 */
export class PlaceFaults {
  readonly #fabric: AssembledFabric;
  readonly #faults: readonly FaultSpec[];
  readonly #loseInstance: (instance: number, causeSeq: number) => void;
  /** Faults that hold a zone without power, and a link cut. */
  readonly #powerCuts: Int32Array;
  readonly #linkCuts: Int32Array;
  /** Zone whose links a fault degrades now, or `none`, by fault. */
  readonly #degrades: Int32Array;
  readonly #restore: HandlerId;
  readonly #recoveryDraw: KeyedStream;
  readonly #kinds;

  /** `loseInstance` is told of every instance that stands in a zone when its power goes. */
  constructor(
    fabric: AssembledFabric,
    faults: readonly FaultSpec[],
    loseInstance: (instance: number, causeSeq: number) => void,
    room: number,
  ) {
    const { kernel, log } = fabric;
    const { zoneCount } = fabric.zones;
    this.#fabric = fabric;
    this.#faults = faults;
    this.#degrades = kernel.int32Array("faults.degrades", room).fill(none);
    this.#loseInstance = loseInstance;
    this.#powerCuts = kernel.int32Array("faults.power-cuts", zoneCount);
    this.#linkCuts = kernel.int32Array("faults.link-cuts", zoneCount * zoneCount);
    this.#restore = kernel.handler("faults.restore", (instance, epoch, seq) => {
      if (fabric.instances.epoch[instance] === epoch) this.#restoreInstance(instance, seq);
    });
    this.#recoveryDraw = kernel.keyed("faults.recovery");
    this.#kinds = {
      powerLost: log.kind("zone.power-lost", "fault"),
      powerRestored: log.kind("zone.power-restored", "fault"),
      regionCutOff: log.kind("region.cut-off", "fault"),
      regionRejoined: log.kind("region.rejoined", "fault"),
      cutOff: log.kind("zone.cut-off", "fault"),
      rejoined: log.kind("zone.rejoined", "fault"),
      degraded: log.kind("link.degraded", "fault"),
      clear: log.kind("link.clear", "fault"),
    };
  }

  /** Begins a fault; `zone` is the one that it strikes, `none` for a fault of a region. Returns its last log entry. */
  strike(at: number, fault: PlaceFault, zone: number): number {
    const { log, zones } = this.#fabric;
    switch (fault.kind) {
      case "zone-power-loss":
        return this.#darken(zone);
      case "region-power-loss": {
        let seq = none;
        for (const each of this.#zonesOf(fault.region)) seq = this.#darken(each, seq);
        return seq;
      }
      case "zone-partition": {
        const seq = log.append(this.#kinds.cutOff, { zone }, none);
        zones.causeSeq[zone] = seq;
        this.#cut(zone, fault.direction ?? "both", false);
        return seq;
      }
      case "region-partition": {
        const seq = log.append(this.#kinds.regionCutOff, this.#placeOf(fault.region), none);
        this.#cutRegion(fault.region, seq, false);
        return seq;
      }
      case "link-degradation": {
        const seq = log.append(this.#kinds.degraded, { zone }, none);
        zones.causeSeq[zone] = seq;
        this.#degrades[at] = zone;
        this.#degrade(fault, zone);
        return seq;
      }
      default:
        return assertNever(fault, "fault");
    }
  }

  /** Ends a fault that struck `zone`; `cause` is the entry of its beginning. */
  relent(at: number, fault: PlaceFault, zone: number, cause: number): void {
    const { log, zones } = this.#fabric;
    switch (fault.kind) {
      case "zone-power-loss":
        this.#relight(zone, fault, cause);
        return;
      case "region-power-loss":
        for (const each of this.#zonesOf(fault.region)) this.#relight(each, fault, cause);
        return;
      case "zone-partition":
        zones.causeSeq[zone] = log.append(this.#kinds.rejoined, { zone }, cause);
        this.#cut(zone, fault.direction ?? "both", true);
        return;
      case "region-partition":
        this.#cutRegion(
          fault.region,
          log.append(this.#kinds.regionRejoined, this.#placeOf(fault.region), cause),
          true,
        );
        return;
      case "link-degradation":
        this.#degrades[at] = none;
        if (!this.#degrades.includes(zone)) {
          zones.causeSeq[zone] = log.append(this.#kinds.clear, { zone }, cause);
        }
        this.#degrade(fault, zone);
        return;
      default:
        assertNever(fault, "fault");
    }
  }

  #darken(zone: number, before = none): number {
    const { log, zones } = this.#fabric;
    // A zone that nobody uses goes dark with those beside it, and is no news.
    const isNews = zones.zones[zone]!.isUnused !== true;
    const seq = isNews ? log.append(this.#kinds.powerLost, { zone }, none) : before;
    this.#powerCuts[zone] = this.#powerCuts[zone]! + 1;
    zones.powered[zone] = 0;
    zones.causeSeq[zone] = seq;
    for (const instance of this.#instancesIn(zone)) this.#loseInstance(instance, seq);
    return seq;
  }

  #relight(zone: number, fault: PowerLossFault, cause: number): void {
    const { log, zones } = this.#fabric;
    this.#powerCuts[zone] = this.#powerCuts[zone]! - 1;
    if (this.#powerCuts[zone]! > 0) return;
    const isNews = zones.zones[zone]!.isUnused !== true;
    const seq = isNews ? log.append(this.#kinds.powerRestored, { zone }, cause) : cause;
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

  /** A region is named by its first zone: what happens to it happens to all of them. */
  #placeOf(region: string): EventPlace {
    return { zone: this.#zonesOf(region)[0]! };
  }

  #zonesOf(region: string): readonly number[] {
    const { zones } = this.#fabric.zones;
    return [...zones.keys()].filter((zone) => zones[zone]!.region === region);
  }

  /** Hosts come back along the curve: each at the time at which the curve reaches its own luck. */
  #restoreZone(fault: PowerLossFault, zone: number, seq: number): void {
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

  /** Gives the links that a fault is about what all faults in force make of them. */
  #degrade(fault: LinkDegradationFault, from: number): void {
    const { zones } = this.#fabric;
    for (let to = 0; to < zones.zoneCount; to += 1) {
      if (!this.#isAbout(fault, from, from, to)) continue;
      let addedLatencyUs = 0;
      let lossShare = 0;
      for (const [at, other] of this.#faults.entries()) {
        if (other.kind !== "link-degradation" || this.#degrades[at] === none) continue;
        if (!this.#isAbout(other, this.#degrades[at]!, from, to)) continue;
        addedLatencyUs += other.addedLatencyMs * 1000;
        lossShare += other.lossShare - lossShare * other.lossShare;
      }
      zones.degrade(from, to, addedLatencyUs, lossShare);
      zones.degrade(to, from, addedLatencyUs, lossShare);
    }
  }

  /** Whether a fault that struck `zone` is about the links between two zones. */
  #isAbout(fault: LinkDegradationFault, zone: number, from: number, to: number): boolean {
    if (from === to || (zone !== from && zone !== to)) return false;
    const other = zone === from ? to : from;
    return fault.to === undefined || other === this.#fabric.zone(fault.to);
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
