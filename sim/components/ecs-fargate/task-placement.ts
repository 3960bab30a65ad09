import { none } from "../../kernel/none.ts";
import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";
import type { Fabric } from "../fabric/fabric.ts";
import type { HostPool } from "./host-pool.ts";
import type { TaskFleetOptions } from "./task-fleet-options.ts";
import { type TaskRows, wanted } from "./task-rows.ts";
import { isActive, stage } from "./task-stage.ts";

/** Hosts of one's own, and a fleet's number there. */
export interface FleetHosts {
  readonly pool: HostPool;
  readonly fleet: number;
}

/**
 * Where tasks come and go: the zone for the next one, and the task that can be spared first. A zone is known to be bad
 * only from placements that failed there.
 */
export class TaskPlacement {
  readonly #fabric: Fabric;
  readonly #options: TaskFleetOptions;
  readonly #rows: TaskRows;
  readonly #draw: KeyedStream;
  readonly #zoneAvoidedUntilUs: Float64Array;
  readonly #zoneHasCapacity: Uint8Array;
  /** Assembly only; undefined on Fargate. */
  #hosts: FleetHosts | undefined;

  constructor(fabric: Fabric, options: TaskFleetOptions, rows: TaskRows, draw: KeyedStream) {
    const { kernel } = fabric;
    const { id, zones } = options;
    this.#fabric = fabric;
    this.#options = options;
    this.#rows = rows;
    this.#draw = draw;
    this.#zoneAvoidedUntilUs = kernel.float64Array(`${id}.zone-avoided-us`, zones.length);
    this.#zoneHasCapacity = kernel.uint8Array(`${id}.zone-capacity`, zones.length).fill(1);
  }

  get hosts(): FleetHosts | undefined {
    return this.#hosts;
  }

  /** Tasks stand on hosts of one's own. While the platform is assembled only. */
  useHosts(hosts: FleetHosts): void {
    this.#hosts = hosts;
  }

  /** Whether new tasks find capacity in a zone. */
  setCapacity(zone: number, available: boolean): void {
    const index = this.#options.zones.indexOf(zone);
    if (index >= 0) this.#zoneHasCapacity[index] = available ? 1 : 0;
  }

  /** Whether Fargate has no capacity in a zone; hosts of one's own were reserved beforehand. */
  isFull(zone: number): boolean {
    const index = this.#options.zones.indexOf(zone);
    return this.#hosts === undefined && this.#zoneHasCapacity[index] === 0;
  }

  /** A placement has failed in a zone: it is avoided for a while. */
  avoid(zone: number): void {
    const index = this.#options.zones.indexOf(zone);
    const untilUs = this.#fabric.kernel.nowUs + this.#options.values.zoneAvoidedUs;
    this.#zoneAvoidedUntilUs[index] = untilUs;
  }

  /**
   * Zone (by its index) with the fewest tasks, among those where placements have not just failed; `none` when no host has room. Which of several
   * equally empty zones ECS takes isn't published; by chance, so that no place in a list is luckier than another.
   */
  zoneWithFewest(tie: "first-listed" | "by-chance"): number {
    const nowUs = this.#fabric.kernel.nowUs;
    const number = this.#rows.wanted[wanted.launched]!;
    let best = none;
    let bestAvoided = true;
    let bestCount = 0;
    let tied = 1;
    for (let zone = 0; zone < this.#options.zones.length; zone += 1) {
      if (!this.#hasRoom(zone)) continue;
      const avoided = this.#zoneAvoidedUntilUs[zone]! > nowUs;
      // Among zones that have all failed lately, the one whose failure lies back longest.
      const count = avoided ? this.#zoneAvoidedUntilUs[zone]! : this.#rows.countInZone(zone);
      const better = avoided === bestAvoided ? count < bestCount : bestAvoided;
      if (best === none || better) {
        best = zone;
        bestAvoided = avoided;
        bestCount = count;
        tied = 1;
      } else if (tie === "by-chance" && avoided === bestAvoided && count === bestCount) {
        tied += 1;
        // The k-th of equals takes the place of the one before it with probability 1/k: all are equally likely.
        if (this.#draw.int(tied, number, zone, 3) === 0) best = zone;
      }
    }
    return best;
  }

  /** Whether a zone can take a task as far as ECS knows: on Fargate it always tries. */
  #hasRoom(zoneIndex: number): boolean {
    const hosts = this.#hosts;
    return hosts === undefined || hosts.pool.hasRoom(hosts.fleet, this.#options.zones[zoneIndex]!);
  }

  /** The youngest task that can be reached in the fullest zone; tasks that have not started yet go first. */
  mostDispensable(): number {
    const { startedUs, zone } = this.#fabric.instances.column;
    let best = none;
    for (let at = 0; at < this.#options.tasksMax; at += 1) {
      if (!isActive(this.#rows.stage[at]!) || !this.#rows.isHeard(this.#rows.instance[at]!))
        continue;
      if (best === none || this.#isMoreDispensable(at, best, startedUs, zone)) best = at;
    }
    return best;
  }

  #isMoreDispensable(at: number, than: number, startedUs: Float64Array, zone: Int32Array): boolean {
    const starting = this.#rows.stage[at]! < stage.running;
    const otherStarting = this.#rows.stage[than]! < stage.running;
    if (starting !== otherStarting) return starting;
    const { zones } = this.#options;
    const here = this.#rows.countInZone(zones.indexOf(zone[this.#rows.instance[at]!]!));
    const there = this.#rows.countInZone(zones.indexOf(zone[this.#rows.instance[than]!]!));
    if (here !== there) return here > there;
    return startedUs[this.#rows.instance[at]!]! > startedUs[this.#rows.instance[than]!]!;
  }
}
