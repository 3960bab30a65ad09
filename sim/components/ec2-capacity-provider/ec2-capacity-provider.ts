import { TwinError } from "../../errors/twin-error.ts";
import { type Parameters, valuesOf } from "../../facts/parameter.ts";
import { lognormalFromQuantiles } from "../../kernel/distributions/lognormal-from-quantiles.ts";
import { compileQuantiles, type QuantileTable } from "../../kernel/distributions/quantile-table.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";
import type { HostedFleet, HostPool, TaskRoom } from "../ecs-fargate/host-pool.ts";
import type { Operation } from "../fabric/call-sites.ts";
import { type Channel, levelChannel } from "../fabric/channel.ts";
import type { Component } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { type FailureManner, status } from "../fabric/instances.ts";
import { resolveParameters } from "../fabric/parameters.ts";
import { ec2CapacityProviderDefaults } from "./ec2-capacity-provider-parameters.ts";
import type { C7gSize, Ec2CapacityProviderSpec } from "./ec2-capacity-provider-spec.ts";
import { Ec2Hosts, hostStage } from "./ec2-hosts.ts";

/** Cells of `#group`. */
const group = { desired: 0, reviewsBelow: 1, launched: 2, created: 3 } as const;

/** Most services that can place tasks on the hosts. */
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
  readonly #hosts: Ec2Hosts;
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
      ec2CapacityProviderDefaults(spec.instanceType.slice("c7g.".length) as C7gSize),
      spec.parameters,
    );
    this.#values = valuesOf(this.#parameters);
    this.#zones = spec.zones.map((zone) => fabric.zone(zone));
    this.#hosts = new Ec2Hosts(fabric, index, spec, this.#values);
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
      if (this.#hosts.tenancy[host] === tenancy) this.#register(host, seq);
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
    if (this.#tasksPerHost(room) < 1) this.#refuseTooLarge(room);
    this.#fleets.push({ fleet, room });
    return this.#fleets.length - 1;
  }

  hasRoom(fleet: number, zone: number): boolean {
    return this.#hosts.best(this.#fleets[fleet]!.room, zone) !== none;
  }

  reserve(fleet: number, zone: number): number {
    const { room } = this.#fleets[fleet]!;
    const host = this.#hosts.best(room, zone);
    return host === none ? none : this.#hosts.take(host, room);
  }

  free(fleet: number, handle: number): void {
    this.#hosts.free(handle, this.#fleets[fleet]!.room);
  }

  want(fleet: number, taskCount: number, causeSeq: number): void {
    this.#waiting[fleet] = taskCount;
    this.#waitingSeq[fleet] = causeSeq;
  }

  get waitingTaskCount(): number {
    let sum = 0;
    for (let fleet = 0; fleet < this.#fleets.length; fleet += 1) sum += this.#waiting[fleet]!;
    return sum;
  }

  /** Hosts that the tasks need, as a share of those there are: 200 when there are none and some are needed. */
  get reservationPercent(): number {
    const needed = this.#neededCount();
    const count = this.#hosts.standingCount;
    if (count > 0) return (100 * needed) / count;
    return needed > 0 ? 200 : 100;
  }

  /** Hosts that ECS may place tasks on. */
  get registeredCount(): number {
    return this.#hosts.registeredCount;
  }

  /** Hosts that run or are on their way. */
  get hostCount(): number {
    return this.#hosts.standingCount;
  }

  /** Instances on the rack of a host, itself among them: what a fault of the rack takes. */
  hostsOnRackOf(instance: number): readonly number[] {
    return this.#hosts.instancesOnRackOf(instance);
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
    const host = this.#hosts.instance.indexOf(instance);
    if (host === none) return;
    const handle = this.#hosts.handleOf(host);
    for (const { fleet } of this.#fleets) fleet.hostFailed(handle, manner, causeSeq);
  }

  /** The host boots again and registers anew, unless it has been given up. */
  powerRestored(instance: number, causeSeq: number): void {
    const host = this.#hosts.instance.indexOf(instance);
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
    for (let host = 0; host < this.#hosts.stage.length; host += 1) {
      if (this.#hosts.stage[host] === hostStage.free) continue;
      const instance = this.#hosts.instance[host]!;
      const isWell =
        this.#hosts.stage[host] === hostStage.launching || this.#hosts.isConnected(host);
      const { column } = this.#fabric.instances;
      const isBroken = column.status[instance] === status.dark;
      if (isWell && !isBroken) {
        this.#hosts.failedChecks[host] = 0;
        continue;
      }
      this.#hosts.failedChecks[host] = this.#hosts.failedChecks[host]! + 1;
      if (this.#hosts.failedChecks[host]! < this.#values.statusChecksFailed) continue;
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
    const missing = this.#group[group.desired]! - this.#hosts.standingCount;
    for (let at = 0; at < missing; at += 1) this.#launch();
    if (missing <= 0) this.#rebalance();
  }

  /** A zone with two hosts more than another gives up an empty one, and the other gets it: the group keeps zones even. */
  #rebalance(): void {
    const to = this.#zoneForHost();
    if (this.#zoneAvoidedUntilUs[to]! > this.#fabric.kernel.nowUs) return;
    const few = this.#hosts.countIn(this.#zones[to]!);
    for (let host = this.#hosts.stage.length - 1; host >= 0; host -= 1) {
      if (this.#hosts.stage[host] !== hostStage.registered || this.#hosts.taskCount[host]! > 0)
        continue;
      const zone = this.#hosts.zoneOf(host);
      if (this.#hosts.countIn(zone) < few + 2) continue;
      if (this.#launch()) this.#end(host, none);
      return;
    }
  }

  /** Empty hosts only, and half of the group at most. */
  #scaleIn(excess: number): void {
    let left = Math.min(excess, Math.floor(this.#hosts.standingCount / 2));
    for (let host = this.#hosts.stage.length - 1; host >= 0 && left > 0; host -= 1) {
      if (this.#hosts.stage[host] !== hostStage.registered || this.#hosts.taskCount[host]! > 0)
        continue;
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
    const seq = this.#note(this.#kinds.launched, this.#hosts.instance[host]!, cause);
    this.#fabric.instances.column.causeSeq[this.#hosts.instance[host]!] = seq;
    this.#scheduleReady(host, seq);
    return true;
  }

  #scheduleReady(host: number, seq: number): void {
    const number = this.#group[group.launched]!;
    this.#group[group.launched] = number + 1;
    const delayUs = Math.round(this.#draw.draw(this.#launchUs, number, 1, 0));
    this.#fabric.kernel.schedule(delayUs, this.#ready, host, this.#hosts.tenancy[host]!, seq);
  }

  #create(zone: number, causeSeq: number): number {
    const number = this.#group[group.created]!;
    this.#group[group.created] = number + 1;
    return this.#hosts.create(zone, this.#draw.uniform(number, 2, zone), causeSeq);
  }

  #register(host: number, seq: number): void {
    const { column } = this.#fabric.instances;
    const instance = this.#hosts.instance[host]!;
    if (column.status[instance] !== status.starting) return;
    this.#hosts.stage[host] = hostStage.registered;
    column.status[instance] = status.up;
    column.causeSeq[instance] = seq === none ? none : this.#note(this.#kinds.ready, instance, seq);
  }

  #end(host: number, causeSeq: number): void {
    this.#note(this.#kinds.ended, this.#hosts.instance[host]!, causeSeq);
    this.#hosts.remove(host);
  }

  /**
   * Hosts with tasks, and as many more as those that wait would fill. The group launches where it has fewest hosts, whoever
   * waits for them: empty hosts in zones where no task that waits may stand are no help, and are counted on top, so
   * that the group grows until a host stands in the right zone.
   */
  #neededCount(): number {
    const isWaiting = this.waitingTaskCount > 0;
    let needed = this.#hosts.count(
      (host) =>
        this.#hosts.stage[host] === hostStage.registered &&
        (this.#hosts.taskCount[host]! > 0 || (isWaiting && !this.#helps(host))),
    );
    for (const [fleet, { room }] of this.#fleets.entries()) {
      needed += Math.ceil(this.#waiting[fleet]! / this.#tasksPerHost(room));
    }
    return needed;
  }

  /** Tasks of a kind on a host that holds nothing else. */
  #tasksPerHost(room: TaskRoom): number {
    const { hostVcpu, hostMemoryGb, hostReservedGb } = this.#values;
    const byMemory = Math.floor((hostMemoryGb - hostReservedGb) / room.memoryGb);
    return Math.min(Math.floor(hostVcpu / room.vcpu), byMemory);
  }

  #refuseTooLarge({ service, vcpu, memoryGb }: TaskRoom): never {
    const { hostVcpu, hostMemoryGb, hostReservedGb } = this.#values;
    const { id, instanceType } = this.#spec;
    const roomGb = hostMemoryGb - hostReservedGb;
    throw new TwinError({
      code: "ec2-capacity-provider.task-too-large",
      problem: `A task of "${service}" takes ${vcpu} vCPU and ${memoryGb} GB; a host of "${id}" (${instanceType}) has ${hostVcpu} vCPU and ${roomGb} GB for tasks`,
      remedy: "Name a larger instanceType, or make the tasks smaller",
      at: `/components/${service}/vcpu`,
    });
  }

  /** Whether some task that waits may stand in the zone of a host. */
  #helps(host: number): boolean {
    const zone = this.#hosts.zoneOf(host);
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
      const rank = this.#hosts.countIn(zone) + (isAvoided ? 1e6 : 0);
      if (rank >= bestRank) continue;
      best = at;
      bestRank = rank;
    }
    return best;
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
      levelChannel("hosts-wanted", "hosts", () => this.#group[group.desired]!),
      levelChannel("hosts-registered", "hosts", () => this.#hosts.registeredCount),
      levelChannel("hosts", "hosts", () => this.#hosts.standingCount),
      levelChannel("racks", "racks", () => this.#hosts.rackCount),
      levelChannel("tasks-waiting-for-a-host", "tasks", () => this.waitingTaskCount),
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
