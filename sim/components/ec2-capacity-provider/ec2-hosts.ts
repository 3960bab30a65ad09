import { none } from "../../kernel/none.ts";
import type { TaskRoom } from "../ecs-fargate/host-pool.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { status } from "../fabric/instances.ts";
import type { Ec2CapacityProviderSpec } from "./ec2-capacity-provider-spec.ts";
import { type RackLimits, rackForHost } from "./racks.ts";

/** What the Auto Scaling group believes of a host. */
export const hostStage = { free: 0, launching: 1, registered: 2 } as const;

/** A handle says which host of all that have stood in a position. */
const handleSpan = 4096;

interface HostNumbers extends RackLimits {
  readonly hostVcpu: number;
  readonly hostMemoryGb: number;
  readonly hostReservedGb: number;
}

/** The hosts of a capacity provider: where each stands, what room it has left and what is known of it. */
export class Ec2Hosts {
  readonly #fabric: Fabric;
  readonly #component: number;
  readonly #placement: Ec2CapacityProviderSpec["placement"];
  readonly #numbers: HostNumbers;
  /** One of `hostStage`. */
  readonly stage: Uint8Array;
  readonly instance: Int32Array;
  /** How many hosts have stood in a position. */
  readonly tenancy: Int32Array;
  /** Rack of a host, within its zone. */
  readonly #rack: Int32Array;
  readonly #freeVcpu: Float64Array;
  readonly #freeMemoryGb: Float64Array;
  readonly taskCount: Int32Array;
  /** Status checks failed in a row. */
  readonly failedChecks: Int32Array;

  constructor(
    fabric: Fabric,
    component: number,
    spec: Ec2CapacityProviderSpec,
    numbers: HostNumbers,
  ) {
    const { kernel } = fabric;
    const { id } = spec;
    this.#fabric = fabric;
    this.#component = component;
    this.#placement = spec.placement;
    this.#numbers = numbers;
    // Hosts that are given up stand until their replacements are launched.
    const hostsMax = spec.hostCountMax * 2;
    this.stage = kernel.uint8Array(`${id}.host.stage`, hostsMax);
    this.instance = kernel.int32Array(`${id}.host.instance`, hostsMax).fill(none);
    this.tenancy = kernel.int32Array(`${id}.host.tenancy`, hostsMax);
    this.#rack = kernel.int32Array(`${id}.host.rack`, hostsMax);
    this.#freeVcpu = kernel.float64Array(`${id}.host.free-vcpu`, hostsMax);
    this.#freeMemoryGb = kernel.float64Array(`${id}.host.free-memory-gb`, hostsMax);
    this.taskCount = kernel.int32Array(`${id}.host.tasks`, hostsMax);
    this.failedChecks = kernel.int32Array(`${id}.host.failed-checks`, hostsMax);
  }

  /** Hosts that ECS may place tasks on. */
  get registeredCount(): number {
    return this.count((host) => this.stage[host] === hostStage.registered);
  }

  /** Hosts that run or are on their way. */
  get standingCount(): number {
    return this.count((host) => this.stage[host] !== hostStage.free);
  }

  count(is: (host: number) => boolean): number {
    let count = 0;
    for (let host = 0; host < this.stage.length; host += 1) if (is(host)) count += 1;
    return count;
  }

  zoneOf(host: number): number {
    return this.#fabric.instances.column.zone[this.instance[host]!]!;
  }

  /** Hosts of a zone that run or are on their way. */
  countIn(zone: number): number {
    return this.count((host) => this.stage[host] !== hostStage.free && this.zoneOf(host) === zone);
  }

  /** Whether ECS hears of a host's agent; one whose connection is gone gets no more tasks. */
  isConnected(host: number): boolean {
    const { instances, zones } = this.#fabric;
    return (
      instances.column.status[this.instance[host]!] === status.up &&
      zones.inMajority(this.zoneOf(host))
    );
  }

  /** The host in the zone that has room and would have the least of it left; `none` if there is none. */
  best(room: TaskRoom, zone: number): number {
    let best = none;
    for (let host = 0; host < this.stage.length; host += 1) {
      if (this.stage[host] !== hostStage.registered) continue;
      if (this.zoneOf(host) !== zone || !this.isConnected(host)) continue;
      if (this.#freeVcpu[host]! < room.vcpu || this.#freeMemoryGb[host]! < room.memoryGb) continue;
      if (best === none || this.#freeVcpu[host]! < this.#freeVcpu[best]!) best = host;
    }
    return best;
  }

  /** Takes room for a task on a host and gives the handle by which it is freed. */
  take(host: number, room: TaskRoom): number {
    this.#freeVcpu[host] = this.#freeVcpu[host]! - room.vcpu;
    this.#freeMemoryGb[host] = this.#freeMemoryGb[host]! - room.memoryGb;
    this.taskCount[host] = this.taskCount[host]! + 1;
    return this.handleOf(host);
  }

  /** Gives the room back; nothing is done if the host that the handle speaks of is gone. */
  free(handle: number, room: TaskRoom): void {
    const host = handle % handleSpan;
    if (this.tenancy[host] !== Math.floor(handle / handleSpan)) return;
    this.#freeVcpu[host] = this.#freeVcpu[host]! + room.vcpu;
    this.#freeMemoryGb[host] = this.#freeMemoryGb[host]! + room.memoryGb;
    this.taskCount[host] = this.taskCount[host]! - 1;
  }

  handleOf(host: number): number {
    return this.tenancy[host]! * handleSpan + host;
  }

  /** A host on its way; `none` if no position or no rack is free. `luck` (0..1) decides on a rack that nobody places. */
  create(zone: number, luck: number, causeSeq: number): number {
    const host = this.stage.indexOf(hostStage.free);
    const rack = this.#rackFor(zone, luck);
    if (host < 0 || rack === none) return none;
    this.#rack[host] = rack;
    this.instance[host] = this.#fabric.instances.create({
      component: this.#component,
      zone,
      status: status.starting,
      serverCount: 0,
      insideMax: 0,
      causeSeq,
    });
    this.stage[host] = hostStage.launching;
    this.#renew(host);
    this.failedChecks[host] = 0;
    this.taskCount[host] = 0;
    this.#freeVcpu[host] = this.#numbers.hostVcpu;
    this.#freeMemoryGb[host] = this.#numbers.hostMemoryGb - this.#numbers.hostReservedGb;
    return host;
  }

  /** Takes a host away, with what was being done on it. */
  remove(host: number): void {
    const { instances, calls } = this.#fabric;
    const instance = this.instance[host]!;
    calls.evict(instance, true);
    instances.release(instance);
    this.stage[host] = hostStage.free;
    this.instance[host] = none;
    this.#renew(host);
  }

  /** Instances on the rack of a host, itself among them: what a fault of the rack takes. */
  instancesOnRackOf(instance: number): readonly number[] {
    const own = this.instance.indexOf(instance);
    const found: number[] = [];
    for (let host = 0; host < this.stage.length; host += 1) {
      if (this.#sharesRack(host, own)) found.push(this.instance[host]!);
    }
    return found;
  }

  /** Racks on which hosts stand, over all zones. */
  get rackCount(): number {
    let count = 0;
    for (let host = 0; host < this.stage.length; host += 1) {
      if (this.stage[host] === hostStage.free) continue;
      let isFirst = true;
      for (let before = 0; before < host && isFirst; before += 1) {
        isFirst = !this.#sharesRack(before, host);
      }
      if (isFirst) count += 1;
    }
    return count;
  }

  #sharesRack(host: number, other: number): boolean {
    return (
      this.stage[host] !== hostStage.free &&
      this.#rack[host] === this.#rack[other] &&
      this.zoneOf(host) === this.zoneOf(other)
    );
  }

  #rackFor(zone: number, luck: number): number {
    const { column } = this.#fabric.instances;
    const isOn = (host: number, rack: number) =>
      this.stage[host] !== hostStage.free &&
      this.#rack[host] === rack &&
      this.zoneOf(host) === zone;
    return rackForHost(this.#placement, this.#numbers, {
      hostsOn: (rack) => this.count((host) => isOn(host, rack)),
      isDark: (rack) =>
        this.count(
          (host) => isOn(host, rack) && column.status[this.instance[host]!] === status.dark,
        ) > 0,
      luck,
    });
  }

  #renew(host: number): void {
    this.tenancy[host] = (this.tenancy[host]! + 1) % 500_000;
  }
}
