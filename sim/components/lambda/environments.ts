import { none } from "../../kernel/none.ts";
import { causeOfSilence } from "../fabric/cause-of-silence.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { status } from "../fabric/instances.ts";
import type { LambdaParameters } from "./lambda-parameters.ts";

const columns = {
  instance: "int32",
  fn: "int32",
  actor: "int32",
  busy: "uint8",
  /** Poller whose batch it works on, and the invocation's number. */
  poller: "int32",
  invocation: "int32",
  /** Call of the function that is open, and the symbol it is for. */
  callAt: "int32",
  symbolAt: "int32",
  symbolCount: "int32",
  idleSinceUs: "float64",
} as const;

export interface EnvironmentsOptions {
  readonly component: number;
  readonly id: string;
  readonly zones: readonly number[];
  readonly parameters: LambdaParameters;
}

/**
 * Execution environments: one invocation at a time, kept warm for a while, gone with their zone. The service places
 * new ones in the zones it believes in, and finds out about a silent zone by looking.
 */
export class Environments {
  readonly column;
  readonly #fabric: Fabric;
  readonly #options: EnvironmentsOptions;
  readonly #pool;
  readonly #believed: Uint8Array;
  readonly #silentSinceUs: Float64Array;
  readonly #leftOut: number;
  readonly #back: number;
  readonly #lost: number;

  constructor(fabric: Fabric, options: EnvironmentsOptions) {
    const { kernel, log } = fabric;
    const { id, zones, parameters } = options;
    this.#fabric = fabric;
    this.#options = options;
    this.#pool = kernel.pool(`${id}.environments`, columns, {
      slotsMax: parameters.environmentsMax.value,
    });
    this.column = this.#pool.column;
    this.#believed = kernel.uint8Array(`${id}.zone-believed`, zones.length).fill(1);
    this.#silentSinceUs = kernel.float64Array(`${id}.zone-silent-since-us`, zones.length).fill(-1);
    this.#leftOut = log.kind("lambda.zone-left-out", "detect");
    this.#back = log.kind("lambda.zone-back", "recover");
    this.#lost = log.kind("lambda.environment-written-off", "decide");
  }

  get count(): number {
    return this.#pool.usedCount;
  }

  get slotsMax(): number {
    return this.#pool.slotsMax;
  }

  isUsed(slot: number): boolean {
    return this.#pool.isUsed(slot);
  }

  generation(slot: number): number {
    return this.#pool.generation[slot]!;
  }

  get busyCount(): number {
    let count = 0;
    for (let slot = 0; slot < this.slotsMax; slot += 1) {
      if (this.#pool.isUsed(slot)) count += this.column.busy[slot]!;
    }
    return count;
  }

  /** The idle environment of a function that worked last, as far as the service knows; `none` when there is none. */
  takeIdle(fn: number): number {
    let best = none;
    for (let slot = 0; slot < this.slotsMax; slot += 1) {
      if (!this.#pool.isUsed(slot)) continue;
      if (this.column.fn[slot] !== fn || this.column.busy[slot] === 1) continue;
      if (this.#isRefusing(slot)) this.end(slot);
      else if (best === none || this.column.idleSinceUs[slot]! > this.column.idleSinceUs[best]!) {
        best = slot;
      }
    }
    return best;
  }

  /** A new environment in the believed zone that has fewest; `none` when all slots are taken or no zone is believed. */
  launch(fn: number): number {
    const { instances, zones, calls } = this.#fabric;
    const place = this.#emptiestZone();
    if (place === none) return none;
    const slot = this.#pool.alloc();
    if (slot === none) return none;
    const zone = this.#options.zones[place]!;
    const instance = instances.create({
      component: this.#options.component,
      zone,
      // A launch into a zone that has just gone dark is as silent as what was there before.
      status: zones.powered[zone] === 1 ? status.up : status.dark,
      serverCount: 0,
      insideMax: 4,
      causeSeq: zones.causeSeq[zone]!,
    });
    instances.column.tag[instance] = slot;
    this.column.instance[slot] = instance;
    this.column.fn[slot] = fn;
    this.column.busy[slot] = 0;
    this.column.actor[slot] = calls.startActor(instance, slot);
    return slot;
  }

  /** Whether the environment runs and can do something. */
  isAlive(slot: number): boolean {
    return this.#fabric.instances.column.status[this.column.instance[slot]!] === status.up;
  }

  /** Whether an answer of the environment reaches the service. */
  isHeard(slot: number): boolean {
    const { instances, zones } = this.#fabric;
    return (
      this.isAlive(slot) && zones.inMajority(instances.column.zone[this.column.instance[slot]!]!)
    );
  }

  /** Ends an environment, whatever it was doing. */
  end(slot: number): void {
    const { calls, instances } = this.#fabric;
    const instance = this.column.instance[slot]!;
    calls.evict(instance, false);
    instances.release(instance);
    this.#pool.free(slot);
  }

  /** Ends an environment that has not answered, and says so; returns the event. */
  writeOff(slot: number): number {
    const { instances, log } = this.#fabric;
    const instance = this.column.instance[slot]!;
    const place = {
      component: this.#options.component,
      instance,
      zone: instances.column.zone[instance]!,
    };
    const seq = log.append(this.#lost, place, causeOfSilence(this.#fabric, instance));
    this.end(slot);
    return seq;
  }

  /** Looks at the zones, and lets go of environments that have long been idle or sit idle in a silent zone. */
  look(): void {
    const { kernel, instances } = this.#fabric;
    const { zones, parameters } = this.#options;
    for (let at = 0; at < zones.length; at += 1) this.#lookAtZone(at);
    for (let slot = 0; slot < this.slotsMax; slot += 1) {
      if (!this.#pool.isUsed(slot) || this.column.busy[slot] === 1) continue;
      const zone = instances.column.zone[this.column.instance[slot]!]!;
      const isOld = kernel.nowUs - this.column.idleSinceUs[slot]! > parameters.idleExpiryUs.value;
      if (isOld || this.#believed[zones.indexOf(zone)] === 0) this.end(slot);
    }
  }

  /** Process gone, host there: the service learns it by asking. */
  #isRefusing(slot: number): boolean {
    return this.#fabric.instances.column.status[this.column.instance[slot]!] === status.crashed;
  }

  #emptiestZone(): number {
    const { instances } = this.#fabric;
    let best = none;
    let bestCount = 0;
    for (let at = 0; at < this.#options.zones.length; at += 1) {
      if (this.#believed[at] === 0) continue;
      let count = 0;
      for (let slot = 0; slot < this.slotsMax; slot += 1) {
        if (!this.#pool.isUsed(slot)) continue;
        const zone = instances.column.zone[this.column.instance[slot]!]!;
        if (zone === this.#options.zones[at]) count += 1;
      }
      if (best === none || count < bestCount) {
        best = at;
        bestCount = count;
      }
    }
    return best;
  }

  #lookAtZone(at: number): void {
    const { kernel, zones, log } = this.#fabric;
    const { component, parameters } = this.#options;
    const zone = this.#options.zones[at]!;
    if (zones.inMajority(zone)) {
      this.#silentSinceUs[at] = -1;
      if (this.#believed[at] === 1) return;
      this.#believed[at] = 1;
      log.append(this.#back, { component, zone }, zones.causeSeq[zone]!);
      return;
    }
    if (this.#silentSinceUs[at]! < 0) this.#silentSinceUs[at] = kernel.nowUs;
    const silentUs = kernel.nowUs - this.#silentSinceUs[at]!;
    if (this.#believed[at] === 0 || silentUs < parameters.zoneEvictionUs.value) return;
    this.#believed[at] = 0;
    log.append(this.#leftOut, { component, zone }, zones.causeSeq[zone]!);
  }
}
