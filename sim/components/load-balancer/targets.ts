import type { Kernel } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";

/** Most targets registered at once. */
export const targetsMax = 1024;

/** Where a target is in its membership. */
const membership = { free: 0, registered: 1, draining: 2 } as const;

/**
 * The tasks that stand behind a balancer: a row each, taken again by others when it is free, and dense lists of those that
 * get new requests.
 */
export class Targets {
  /** By target: its task, or `none`; the component of that; and how many tasks have had the row. */
  readonly instance: Int32Array;
  readonly service: Int32Array;
  readonly tenancy: Int32Array;
  /** When a target that is on its way out is let go at the latest. */
  readonly drainUntilUs: Float64Array;
  /** Registered targets of each service, `targetsMax` cells for each, and how many they are. */
  readonly listed: Int32Array;
  readonly listedCount: Int32Array;
  readonly #id: string;
  readonly #membership: Uint8Array;
  /** Position of each component among the services, filled by `start`. Assembly only. */
  readonly #serviceAtByComponent: number[] = [];

  constructor(kernel: Kernel, id: string, serviceCount: number) {
    this.#id = id;
    this.instance = kernel.int32Array(`${id}.target.instance`, targetsMax).fill(none);
    this.service = kernel.int32Array(`${id}.target.service`, targetsMax);
    this.#membership = kernel.uint8Array(`${id}.target.membership`, targetsMax);
    this.tenancy = kernel.int32Array(`${id}.target.tenancy`, targetsMax);
    this.drainUntilUs = kernel.float64Array(`${id}.target.drain-until-us`, targetsMax);
    this.listed = kernel.int32Array(`${id}.listed`, serviceCount * targetsMax);
    this.listedCount = kernel.int32Array(`${id}.listed-count`, serviceCount);
  }

  /** Ids of all components by number, and of the services that are targets. */
  start(componentIds: readonly string[], serviceIds: readonly string[]): void {
    for (const id of componentIds) this.#serviceAtByComponent.push(serviceIds.indexOf(id));
  }

  /** Position of a component among the services behind the balancer. */
  serviceAt(component: number): number {
    return this.#serviceAtByComponent[component]!;
  }

  /** Row of a task, or `none`. */
  of(instance: number): number {
    return this.instance.indexOf(instance);
  }

  isFree(target: number): boolean {
    return this.#membership[target] === membership.free;
  }

  isRegistered(target: number): boolean {
    return this.#membership[target] === membership.registered;
  }

  /** Gives a task a row, and returns that. */
  add(instance: number, service: number): number {
    const target = this.instance.indexOf(none);
    if (target === none) throw new RangeError(`"${this.#id}" has more than ${targetsMax} targets`);
    this.instance[target] = instance;
    this.service[target] = service;
    this.#membership[target] = membership.registered;
    this.tenancy[target] = this.tenancy[target]! + 1;
    this.#relist();
    return target;
  }

  /** Frees a row. */
  remove(target: number): void {
    this.instance[target] = none;
    this.#membership[target] = membership.free;
    this.tenancy[target] = this.tenancy[target]! + 1;
    this.#relist();
  }

  /** Takes a target off the lists, and gives it until then to finish what it has. */
  drain(target: number, untilUs: number): void {
    this.#membership[target] = membership.draining;
    this.drainUntilUs[target] = untilUs;
    this.#relist();
  }

  #relist(): void {
    this.listedCount.fill(0);
    for (let target = 0; target < targetsMax; target += 1) {
      if (!this.isRegistered(target)) continue;
      const serviceAt = this.serviceAt(this.service[target]!);
      const count = this.listedCount[serviceAt]!;
      this.listed[serviceAt * targetsMax + count] = target;
      this.listedCount[serviceAt] = count + 1;
    }
  }
}
