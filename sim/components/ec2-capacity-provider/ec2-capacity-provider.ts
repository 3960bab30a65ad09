import {
  assumption,
  fromFact,
  type Parameters,
  usFromFact,
  valuesOf,
} from "../../facts/parameter.ts";
import { lognormalFromQuantiles } from "../../kernel/distributions/lognormal-from-quantiles.ts";
import { compileQuantiles, type QuantileTable } from "../../kernel/distributions/quantile-table.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";
import type { HostedFleet, HostPool, TaskRoom } from "../ecs-fargate/host-pool.ts";
import type { Operation } from "../fabric/call-sites.ts";
import type { Channel, Component } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { type FailureManner, status } from "../fabric/instances.ts";
import { resolveParameters } from "../fabric/parameters.ts";
import type { C7gSize, Ec2CapacityProviderSpec } from "./ec2-capacity-provider-spec.ts";
import { rackForHost } from "./racks.ts";

function defaultsOf(size: C7gSize) {
  return {
    hostVcpu: fromFact("ec2.c7g.spec", size, 0),
    hostMemoryGb: fromFact("ec2.c7g.spec", size, 1),
    hostReservedGb: assumption(
      0.6,
      "GB",
      "what the system and the agent of a host keep for themselves, so that its last GB holds no task",
    ),
    targetPercent: fromFact("ecs.capacity-provider.target-percent"),
    launchUsP50: assumption(
      120_000_000,
      "us",
      "60 to 90 s until it runs and 30 to 60 s until its agent is registered (ec2.launch-time says 'a few minutes')",
    ),
    launchUsP95: assumption(180_000_000, "us", "as above"),
    reviewUs: usFromFact("cloudwatch.metric.standard-period-s"),
    warmUpUs: usFromFact("ecs.capacity-provider.instance-warmup-s"),
    scaleInDatapoints: fromFact("ecs.capacity-provider.scale-in-datapoints"),
    statusChecksFailed: assumption(
      2,
      "status checks in a row",
      "a host that is silent at two checks (ec2.status-check.period-s, the period of review) is replaced",
    ),
    spreadMax: fromFact("ec2.placement.spread-max"),
    partitionsMax: fromFact("ec2.placement.partitions-max"),
    racksPerZone: assumption(
      40,
      "racks",
      "over which hosts without a placement group spread; AWS tells nobody on which rack a host stands",
    ),
    hostsPerRack: assumption(
      16,
      "hosts",
      "of a cluster placement group that find room on one rack; AWS publishes none",
    ),
    clusterRacks: assumption(
      2,
      "racks",
      "close enough to each other for one cluster placement group with room left on them; AWS publishes none",
    ),
    zoneAvoidedUs: assumption(
      300_000_000,
      "us",
      "after a launch that found no host in a zone, others are tried for a while; unpublished",
    ),
  } satisfies Parameters;
}

/** What the Auto Scaling group believes of a host. */
const hostStage = { free: 0, launching: 1, registered: 2 } as const;

/** Cells of `#group`. */
const group = { desired: 0, reviewsBelow: 1, launched: 2, created: 3 } as const;

/** A handle says which host of all that have stood in a position. */
const handleSpan = 4096;

const fleetsMax = 256;

/**
 * A capacity provider of ECS: hosts in an Auto Scaling group, on which tasks of services that name it are placed (fullest host
 * with room first). A task for which no host has room waits. Managed scaling looks each minute how many hosts the tasks
 * need, waiting ones included, and keeps that at the target share of those there are: at 100 % the next host is launched when it is
 * needed, which takes minutes; below, hosts stand by. It adds at once, then not again while new hosts warm up; it takes empty hosts away
 * after a quarter of an hour, no more than half at a time.
 *
 * Each host stands on a rack, chosen by the group's placement strategy; a fault of a rack takes exactly the hosts on it.
 *
 * A host that fails takes its tasks along. The group replaces it once it has failed its status checks.
 */
export class Ec2CapacityProvider implements Component, HostPool {
  readonly id: string;
  readonly service = "ec2-capacity-provider";
  readonly index: number;
  readonly operations: readonly Operation[] = [];
  readonly #fabric: Fabric;
  readonly #spec: Ec2CapacityProviderSpec;
  readonly #parameters;
  readonly #values;
  readonly #zones: readonly number[];
  readonly #stage: Uint8Array;
  readonly #instance: Int32Array;
  readonly #tenancy: Int32Array;
  /** Rack of a host, within its zone. */
  readonly #rack: Int32Array;
  readonly #freeVcpu: Float64Array;
  readonly #freeMemoryGb: Float64Array;
  readonly #taskCount: Int32Array;
  readonly #failedChecks: Int32Array;
  readonly #group: Int32Array;
  readonly #scaledOutAtUs: Float64Array;
  readonly #zoneAvoidedUntilUs: Float64Array;
  readonly #zoneHasCapacity: Uint8Array;
  readonly #frozen: Uint8Array;
  /** Tasks that wait for a host, and why, by fleet. */
  readonly #waiting: Int32Array;
  readonly #waitingSeq: Int32Array;
  /** Filled while the platform is assembled. */
  readonly #fleets: { readonly fleet: HostedFleet; readonly room: TaskRoom }[] = [];
  readonly #launchUs: QuantileTable;
  readonly #draw: KeyedStream;
  readonly #review: HandlerId;
  readonly #ready: HandlerId;
  readonly #kinds;

  constructor(fabric: Fabric, index: number, spec: Ec2CapacityProviderSpec) {
    const { kernel, log } = fabric;
    const { id } = spec;
    this.id = id;
    this.index = index;
    this.#fabric = fabric;
    this.#spec = spec;
    this.#parameters = resolveParameters(
      id,
      defaultsOf(spec.instanceType.slice("c7g.".length) as C7gSize),
      spec.parameters,
    );
    this.#values = valuesOf(this.#parameters);
    this.#zones = spec.zones.map((zone) => fabric.zone(zone));
    // Hosts that are given up stand until their replacements are launched.
    const hostsMax = spec.hostCountMax * 2;
    this.#stage = kernel.uint8Array(`${id}.host.stage`, hostsMax);
    this.#instance = kernel.int32Array(`${id}.host.instance`, hostsMax).fill(none);
    this.#tenancy = kernel.int32Array(`${id}.host.tenancy`, hostsMax);
    this.#rack = kernel.int32Array(`${id}.host.rack`, hostsMax);
    this.#freeVcpu = kernel.float64Array(`${id}.host.free-vcpu`, hostsMax);
    this.#freeMemoryGb = kernel.float64Array(`${id}.host.free-memory-gb`, hostsMax);
    this.#taskCount = kernel.int32Array(`${id}.host.tasks`, hostsMax);
    this.#failedChecks = kernel.int32Array(`${id}.host.failed-checks`, hostsMax);
    this.#group = kernel.int32Array(`${id}.group`, Object.keys(group).length);
    this.#scaledOutAtUs = kernel.float64Array(`${id}.scaled-out-at-us`, 1).fill(-1e15);
    this.#zoneAvoidedUntilUs = kernel.float64Array(`${id}.zone-avoided-us`, spec.zones.length);
    this.#zoneHasCapacity = kernel.uint8Array(`${id}.zone-capacity`, spec.zones.length).fill(1);
    this.#frozen = kernel.uint8Array(`${id}.frozen`, 1);
    this.#waiting = kernel.int32Array(`${id}.waiting`, fleetsMax);
    this.#waitingSeq = kernel.int32Array(`${id}.waiting-seq`, fleetsMax).fill(none);
    const { launchUsP50, launchUsP95 } = this.#values;
    this.#launchUs = compileQuantiles(
      launchUsP95 > launchUsP50
        ? lognormalFromQuantiles({ p50: launchUsP50, p95: launchUsP95 })
        : { kind: "deterministic", value: launchUsP50 },
    );
    this.#draw = kernel.keyed(`${id}.hosts`);
    this.#review = kernel.handler(`${id}.review`, () => this.#lookAround());
    this.#ready = kernel.handler(`${id}.host-ready`, (host, tenancy, seq) => {
      if (this.#tenancy[host] === tenancy) this.#register(host, seq);
    });
    this.#kinds = {
      launched: log.kind("ec2.host-launched", "decide"),
      launchFailed: log.kind("ec2.launch-failed", "decide"),
      ready: log.kind("ec2.host-ready", "act"),
      lost: log.kind("ec2.host-lost", "detect"),
      ended: log.kind("ec2.host-ended", "info"),
    };
    this.#group[group.desired] = spec.hostCount;
    for (let count = 0; count < spec.hostCount; count += 1) {
      const host = this.#create(this.#zones[count % this.#zones.length]!, none);
      if (host !== none) this.#register(host, none);
    }
    this.#publishMetrics();
  }

  start(): void {
    const phaseUs = Math.floor(this.#draw.uniform(0, 0, 0) * this.#values.reviewUs);
    this.#fabric.kernel.schedule(phaseUs, this.#review);
  }

  join(fleet: HostedFleet, room: TaskRoom): number {
    if (this.#fleets.length >= fleetsMax) throw new RangeError("raise fleetsMax");
    this.#fleets.push({ fleet, room });
    return this.#fleets.length - 1;
  }

  hasRoom(fleet: number, zone: number): boolean {
    return this.#bestHost(this.#fleets[fleet]!.room, zone) !== none;
  }

  reserve(fleet: number, zone: number): number {
    const { room } = this.#fleets[fleet]!;
    const host = this.#bestHost(room, zone);
    if (host === none) return none;
    this.#freeVcpu[host] = this.#freeVcpu[host]! - room.vcpu;
    this.#freeMemoryGb[host] = this.#freeMemoryGb[host]! - room.memoryGb;
    this.#taskCount[host] = this.#taskCount[host]! + 1;
    return this.#tenancy[host]! * handleSpan + host;
  }

  free(fleet: number, handle: number): void {
    const host = handle % handleSpan;
    if (this.#tenancy[host] !== Math.floor(handle / handleSpan)) return;
    const { room } = this.#fleets[fleet]!;
    this.#freeVcpu[host] = this.#freeVcpu[host]! + room.vcpu;
    this.#freeMemoryGb[host] = this.#freeMemoryGb[host]! + room.memoryGb;
    this.#taskCount[host] = this.#taskCount[host]! - 1;
  }

  want(fleet: number, taskCount: number, causeSeq: number): void {
    this.#waiting[fleet] = taskCount;
    this.#waitingSeq[fleet] = causeSeq;
  }

  /** Hosts that ECS may place tasks on. */
  get registeredCount(): number {
    return this.#count((host) => this.#stage[host] === hostStage.registered);
  }

  /** Hosts that run or are on their way. */
  get hostCount(): number {
    return this.#count((host) => this.#stage[host] !== hostStage.free);
  }

  get waitingTaskCount(): number {
    let sum = 0;
    for (let fleet = 0; fleet < this.#fleets.length; fleet += 1) sum += this.#waiting[fleet]!;
    return sum;
  }

  /** Hosts that the tasks need, as a share of those there are: 200 when there are none and some are needed. */
  get reservationPercent(): number {
    const needed = this.#neededCount();
    const count = this.hostCount;
    if (count > 0) return (100 * needed) / count;
    return needed > 0 ? 200 : 100;
  }

  /** Instances on the rack of a host, itself among them: what a fault of the rack takes. */
  hostsOnRackOf(instance: number): readonly number[] {
    const { column } = this.#fabric.instances;
    const own = this.#instance.indexOf(instance);
    const found: number[] = [];
    for (let host = 0; host < this.#stage.length; host += 1) {
      if (this.#stage[host] === hostStage.free || this.#rack[host] !== this.#rack[own]) continue;
      const each = this.#instance[host]!;
      if (column.zone[each] === column.zone[instance]) found.push(each);
    }
    return found;
  }

  /** Racks on which hosts stand, over all zones. */
  get rackCount(): number {
    const { column } = this.#fabric.instances;
    let count = 0;
    for (let host = 0; host < this.#stage.length; host += 1) {
      if (this.#stage[host] === hostStage.free) continue;
      const zone = column.zone[this.#instance[host]!];
      let isFirst = true;
      for (let before = 0; before < host && isFirst; before += 1) {
        isFirst =
          this.#stage[before] === hostStage.free ||
          this.#rack[before] !== this.#rack[host] ||
          column.zone[this.#instance[before]!] !== zone;
      }
      if (isFirst) count += 1;
    }
    return count;
  }

  setControlPlaneFrozen(frozen: boolean): void {
    this.#frozen[0] = frozen ? 1 : 0;
  }

  /** Whether new hosts are to be had in a zone; tasks go on finding room on those there are. */
  setZoneCapacity(zone: number, available: boolean): void {
    const at = this.#zones.indexOf(zone);
    if (at >= 0) this.#zoneHasCapacity[at] = available ? 1 : 0;
  }

  /** What struck a zone strikes its tasks by itself; a host that fails alone takes its tasks along. */
  instanceFailed(instance: number, manner: FailureManner, causeSeq: number): void {
    const { zones, instances } = this.#fabric;
    if (manner === "power" && zones.powered[instances.column.zone[instance]!] === 0) return;
    const host = this.#instance.indexOf(instance);
    if (host === none) return;
    const handle = this.#tenancy[host]! * handleSpan + host;
    for (const { fleet } of this.#fleets) fleet.hostFailed(handle, manner, causeSeq);
  }

  /** The host boots again and registers anew, unless it has been given up. */
  powerRestored(instance: number, causeSeq: number): void {
    const host = this.#instance.indexOf(instance);
    const { column } = this.#fabric.instances;
    column.status[instance] = status.starting;
    column.causeSeq[instance] = causeSeq;
    if (host !== none) this.#scheduleReady(host, causeSeq);
  }

  #lookAround(): void {
    const { kernel } = this.#fabric;
    kernel.schedule(this.#values.reviewUs, this.#review);
    if (this.#frozen[0] === 1) return;
    this.#checkHosts();
    this.#scale();
  }

  /** Hosts that stay silent or are broken are ended; the group launches others in their stead. */
  #checkHosts(): void {
    for (let host = 0; host < this.#stage.length; host += 1) {
      if (this.#stage[host] === hostStage.free) continue;
      const instance = this.#instance[host]!;
      const isWell = this.#stage[host] === hostStage.launching || this.#isConnected(host);
      const { column } = this.#fabric.instances;
      const isBroken = column.status[instance] === status.dark;
      if (isWell && !isBroken) {
        this.#failedChecks[host] = 0;
        continue;
      }
      this.#failedChecks[host] = this.#failedChecks[host]! + 1;
      if (this.#failedChecks[host]! < this.#values.statusChecksFailed) continue;
      const zoneSeq = this.#fabric.zones.causeSeq[column.zone[instance]!]!;
      const own = column.causeSeq[instance]!;
      this.#end(
        host,
        this.#note(this.#kinds.lost, instance, isBroken || own !== none ? own : zoneSeq),
      );
    }
  }

  #scale(): void {
    const { kernel } = this.#fabric;
    const { hostCount: least, hostCountMax } = this.#spec;
    const target = this.#spec.targetPercent ?? this.#values.targetPercent;
    const wanted = Math.min(
      hostCountMax,
      Math.max(least, Math.ceil((100 * this.#neededCount()) / target)),
    );
    const desired = this.#group[group.desired]!;
    const isWarm = kernel.nowUs - this.#scaledOutAtUs[0]! >= this.#values.warmUpUs;
    if (wanted > desired && isWarm) {
      this.#group[group.desired] = wanted;
      this.#scaledOutAtUs[0] = kernel.nowUs;
    }
    this.#group[group.reviewsBelow] = wanted < desired ? this.#group[group.reviewsBelow]! + 1 : 0;
    if (this.#group[group.reviewsBelow]! >= this.#values.scaleInDatapoints) {
      this.#scaleIn(desired - wanted);
    }
    const missing = this.#group[group.desired]! - this.hostCount;
    for (let at = 0; at < missing; at += 1) this.#launch();
    if (missing <= 0) this.#rebalance();
  }

  /** A zone with two hosts more than another gives up an empty one, and the other gets it: the group keeps zones even. */
  #rebalance(): void {
    const to = this.#zoneForHost();
    if (this.#zoneAvoidedUntilUs[to]! > this.#fabric.kernel.nowUs) return;
    const few = this.#hostsIn(this.#zones[to]!);
    for (let host = this.#stage.length - 1; host >= 0; host -= 1) {
      if (this.#stage[host] !== hostStage.registered || this.#taskCount[host]! > 0) continue;
      const zone = this.#fabric.instances.column.zone[this.#instance[host]!]!;
      if (this.#hostsIn(zone) < few + 2) continue;
      if (this.#launch()) this.#end(host, none);
      return;
    }
  }

  /** Empty hosts only, and half of the group at most. */
  #scaleIn(excess: number): void {
    let left = Math.min(excess, Math.floor(this.hostCount / 2));
    for (let host = this.#stage.length - 1; host >= 0 && left > 0; host -= 1) {
      if (this.#stage[host] !== hostStage.registered || this.#taskCount[host]! > 0) continue;
      this.#end(host, none);
      this.#group[group.desired] = this.#group[group.desired]! - 1;
      left -= 1;
    }
  }

  /** Launches a host; false when there is none to be had. */
  #launch(): boolean {
    const { kernel, zones, log } = this.#fabric;
    const at = this.#zoneForHost();
    const zone = this.#zones[at]!;
    const cause = this.#causeOfNeed();
    const place = { component: this.index, zone };
    if (!zones.inMajority(zone) || zones.powered[zone] === 0 || this.#zoneHasCapacity[at] === 0) {
      log.append(this.#kinds.launchFailed, place, cause);
      this.#zoneAvoidedUntilUs[at] = kernel.nowUs + this.#values.zoneAvoidedUs;
      return false;
    }
    const host = this.#create(zone, cause);
    if (host === none) {
      log.append(this.#kinds.launchFailed, place, cause);
      this.#zoneAvoidedUntilUs[at] = kernel.nowUs + this.#values.zoneAvoidedUs;
      return false;
    }
    const seq = this.#note(this.#kinds.launched, this.#instance[host]!, cause);
    this.#fabric.instances.column.causeSeq[this.#instance[host]!] = seq;
    this.#scheduleReady(host, seq);
    return true;
  }

  #scheduleReady(host: number, seq: number): void {
    const number = this.#group[group.launched]!;
    this.#group[group.launched] = number + 1;
    const delayUs = Math.round(this.#draw.draw(this.#launchUs, number, 1, 0));
    this.#fabric.kernel.schedule(delayUs, this.#ready, host, this.#tenancy[host]!, seq);
  }

  #create(zone: number, causeSeq: number): number {
    const host = this.#stage.indexOf(hostStage.free);
    const rack = this.#rackFor(zone);
    if (host < 0 || rack === none) return none;
    this.#rack[host] = rack;
    this.#instance[host] = this.#fabric.instances.create({
      component: this.index,
      zone,
      status: status.starting,
      serverCount: 0,
      insideMax: 0,
      causeSeq,
    });
    this.#stage[host] = hostStage.launching;
    this.#tenancy[host] = (this.#tenancy[host]! + 1) % 500_000;
    this.#failedChecks[host] = 0;
    this.#taskCount[host] = 0;
    this.#freeVcpu[host] = this.#values.hostVcpu;
    this.#freeMemoryGb[host] = this.#values.hostMemoryGb - this.#values.hostReservedGb;
    return host;
  }

  #rackFor(zone: number): number {
    const { column } = this.#fabric.instances;
    const number = this.#group[group.created]!;
    this.#group[group.created] = number + 1;
    const isOn = (host: number, rack: number) =>
      this.#stage[host] !== hostStage.free &&
      this.#rack[host] === rack &&
      column.zone[this.#instance[host]!] === zone;
    return rackForHost(this.#spec.placement, this.#values, {
      hostsOn: (rack) => this.#count((host) => isOn(host, rack)),
      isDark: (rack) =>
        this.#count(
          (host) => isOn(host, rack) && column.status[this.#instance[host]!] === status.dark,
        ) > 0,
      luck: this.#draw.uniform(number, 2, zone),
    });
  }

  #register(host: number, seq: number): void {
    const { column } = this.#fabric.instances;
    const instance = this.#instance[host]!;
    if (column.status[instance] !== status.starting) return;
    this.#stage[host] = hostStage.registered;
    column.status[instance] = status.up;
    column.causeSeq[instance] = seq === none ? none : this.#note(this.#kinds.ready, instance, seq);
  }

  #end(host: number, causeSeq: number): void {
    const { instances, calls } = this.#fabric;
    const instance = this.#instance[host]!;
    this.#note(this.#kinds.ended, instance, causeSeq);
    calls.evict(instance, true);
    instances.release(instance);
    this.#stage[host] = hostStage.free;
    this.#instance[host] = none;
    this.#tenancy[host] = (this.#tenancy[host]! + 1) % 500_000;
  }

  /** Whether ECS hears of a host's agent; one whose connection is gone gets no more tasks. */
  #isConnected(host: number): boolean {
    const { instances, zones } = this.#fabric;
    const instance = this.#instance[host]!;
    return (
      instances.column.status[instance] === status.up &&
      zones.inMajority(instances.column.zone[instance]!)
    );
  }

  /** The host in the zone that has room and would have the least of it left. */
  #bestHost(room: TaskRoom, zone: number): number {
    const { column } = this.#fabric.instances;
    let best = none;
    for (let host = 0; host < this.#stage.length; host += 1) {
      if (this.#stage[host] !== hostStage.registered) continue;
      if (column.zone[this.#instance[host]!] !== zone || !this.#isConnected(host)) continue;
      if (this.#freeVcpu[host]! < room.vcpu || this.#freeMemoryGb[host]! < room.memoryGb) continue;
      if (best === none || this.#freeVcpu[host]! < this.#freeVcpu[best]!) best = host;
    }
    return best;
  }

  /**
   * Hosts with tasks, and as many more as those that wait would fill. The group launches where it has fewest hosts, whoever
   * waits for them: empty hosts in zones where no task that waits may stand are no help, and are counted on top, so
   * that the group grows until a host stands in the right zone.
   */
  #neededCount(): number {
    const isWaiting = this.waitingTaskCount > 0;
    let needed = this.#count(
      (host) =>
        this.#stage[host] === hostStage.registered &&
        (this.#taskCount[host]! > 0 || (isWaiting && !this.#helps(host))),
    );
    const { hostVcpu, hostMemoryGb, hostReservedGb } = this.#values;
    for (const [fleet, { room }] of this.#fleets.entries()) {
      const byMemory = Math.floor((hostMemoryGb - hostReservedGb) / room.memoryGb);
      const perHost = Math.min(Math.floor(hostVcpu / room.vcpu), byMemory);
      if (perHost > 0) needed += Math.ceil(this.#waiting[fleet]! / perHost);
    }
    return needed;
  }

  /** Whether some task that waits may stand in the zone of a host. */
  #helps(host: number): boolean {
    const zone = this.#fabric.instances.column.zone[this.#instance[host]!]!;
    return this.#fleets.some(
      ({ room }, fleet) => this.#waiting[fleet]! > 0 && room.zones.includes(zone),
    );
  }

  #causeOfNeed(): number {
    for (let fleet = 0; fleet < this.#fleets.length; fleet += 1) {
      if (this.#waiting[fleet]! > 0) return this.#waitingSeq[fleet]!;
    }
    return none;
  }

  /** The zone with the fewest hosts, among those where launches have not just failed. */
  #zoneForHost(): number {
    const { nowUs } = this.#fabric.kernel;
    let best = 0;
    let bestRank = Number.POSITIVE_INFINITY;
    for (const [at, zone] of this.#zones.entries()) {
      const isAvoided = this.#zoneAvoidedUntilUs[at]! > nowUs;
      const rank = this.#hostsIn(zone) + (isAvoided ? 1e6 : 0);
      if (rank >= bestRank) continue;
      best = at;
      bestRank = rank;
    }
    return best;
  }

  /** Hosts of a zone that run or are on their way. */
  #hostsIn(zone: number): number {
    const { column } = this.#fabric.instances;
    return this.#count(
      (host) => this.#stage[host] !== hostStage.free && column.zone[this.#instance[host]!] === zone,
    );
  }

  #count(is: (host: number) => boolean): number {
    let count = 0;
    for (let host = 0; host < this.#stage.length; host += 1) if (is(host)) count += 1;
    return count;
  }

  #note(kind: number, instance: number, causeSeq: number): number {
    const zone = this.#fabric.instances.column.zone[instance]!;
    return this.#fabric.log.append(kind, { component: this.index, instance, zone }, causeSeq);
  }

  #publishMetrics(): void {
    this.#fabric.metrics.add({
      namespace: "AWS/ECS/ManagedScaling",
      component: this.index,
      name: "CapacityProviderReservation",
      unit: "Percent",
      sample: () => this.reservationPercent,
    });
  }

  route(): number {
    return none;
  }

  channels(): readonly Channel[] {
    return [
      {
        name: "hosts-wanted",
        unit: "hosts",
        kind: "level",
        read: () => this.#group[group.desired]!,
      },
      { name: "hosts-registered", unit: "hosts", kind: "level", read: () => this.registeredCount },
      { name: "hosts", unit: "hosts", kind: "level", read: () => this.hostCount },
      { name: "racks", unit: "racks", kind: "level", read: () => this.rackCount },
      {
        name: "tasks-waiting-for-a-host",
        unit: "tasks",
        kind: "level",
        read: () => this.waitingTaskCount,
      },
    ];
  }

  parameters(): Parameters {
    return this.#parameters;
  }
}

/** Hosts on EC2 for tasks of ECS. */
export function createEc2CapacityProvider(
  fabric: Fabric,
  index: number,
  spec: Ec2CapacityProviderSpec,
): Ec2CapacityProvider {
  return new Ec2CapacityProvider(fabric, index, spec);
}
