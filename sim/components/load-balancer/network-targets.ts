import type { Counter } from "../../kernel/containers/counter.ts";
import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";
import type { LoadBalancerSpec } from "./load-balancer-spec.ts";
import { type TargetHealth, view } from "./target-health.ts";
import { type Targets, targetsMax } from "./targets.ts";

export interface NetworkTargetsOptions {
  readonly spec: LoadBalancerSpec;
  /** Whether a zonal shift keeps a node out of the name. */
  readonly nodeShifted: Uint8Array;
}

/** Nodes and targets of a balancer. */
export interface BalancerTargets {
  /** Instances of the balancer, one a zone. */
  readonly nodes: readonly number[];
  readonly targets: Targets;
  readonly health: TargetHealth;
  readonly failedOpen: Counter;
}

/**
 * Which targets the nodes of a Network Load Balancer have. Unless it balances across zones, a node has those of its own zone
 * only. All nodes go by what the balancer as a whole says of a target (AWS speaks of a consensus of distributed checks);
 * a node that is cut off from the others goes by what it finds itself.
 */
export class NetworkTargets {
  readonly #fabric: Fabric;
  readonly #balancer: BalancerTargets;
  readonly #options: NetworkTargetsOptions;
  readonly #candidates = new Int32Array(targetsMax);

  constructor(fabric: Fabric, balancer: BalancerTargets, options: NetworkTargetsOptions) {
    this.#fabric = fabric;
    this.#balancer = balancer;
    this.#options = options;
  }

  /** Target of a service for a new connection, by its hash (0..1); `none` when the node has no target at all. */
  choose(node: number, serviceAt: number, hash: number): number {
    const isOpen = this.#failsOpen(node, serviceAt);
    const count = this.#collect(node, serviceAt, !isOpen);
    if (count === 0) return none;
    if (isOpen) this.#balancer.failedOpen.add(1);
    return this.#candidates[Math.floor(hash * count)]!;
  }

  /** Whether a node resets connections to a target: it is unhealthy, others are not, and connections are not kept. */
  breaksFlows(node: number, serviceAt: number, target: number): boolean {
    if (this.#options.spec.terminateUnhealthyConnections === false) return false;
    if (this.#viewOf(node, target) !== view.unhealthy) return false;
    return !this.#failsOpen(node, serviceAt);
  }

  /** Whether a node has a healthy target of every service, without which its zone leaves the name. */
  servesAll(node: number): boolean {
    return this.#options.spec.targets.every(
      (_, serviceAt) => this.#collect(node, serviceAt, true) > 0,
    );
  }

  /** Event that last made a target of a node unhealthy, or `none`. */
  causeOf(node: number): number {
    const { targets, health } = this.#balancer;
    let cause = none;
    for (let target = 0; target < targetsMax; target += 1) {
      if (targets.isFree(target) || !this.#isOf(node, target)) continue;
      if (health.verdict[target] === view.healthy) continue;
      cause = Math.max(cause, health.verdictSeq(target));
    }
    return cause;
  }

  /** Whether too few targets are healthy for a node to go by it: none, or less than the share that is stated. */
  #failsOpen(node: number, serviceAt: number): boolean {
    const share = this.#options.spec.failOpenBelowShare ?? 0;
    const healthy = this.#collect(node, serviceAt, true);
    return healthy === 0 || healthy < share * this.#collect(node, serviceAt, false);
  }

  #collect(node: number, serviceAt: number, healthyOnly: boolean): number {
    const { targets } = this.#balancer;
    let count = 0;
    for (let at = 0; at < targets.listedCount[serviceAt]!; at += 1) {
      const target = targets.listed[serviceAt * targetsMax + at]!;
      if (!this.#isOf(node, target)) continue;
      if (healthyOnly && this.#viewOf(node, target) !== view.healthy) continue;
      this.#candidates[count] = target;
      count += 1;
    }
    return count;
  }

  /** Whether a node has a target: it stands in the node's zone, or in any that is not shifted away. */
  #isOf(node: number, target: number): boolean {
    const { spec, nodeShifted } = this.#options;
    const { nodes, targets } = this.#balancer;
    const { zone } = this.#fabric.instances.column;
    const targetZone = zone[targets.instance[target]!];
    if (spec.crossZone !== true) return zone[nodes[node]!] === targetZone;
    const nodeThere = nodes.findIndex((each) => zone[each] === targetZone);
    return nodeThere < 0 || nodeShifted[nodeThere] === 0;
  }

  #viewOf(node: number, target: number): number {
    const { nodes, health } = this.#balancer;
    const { instances, zones } = this.#fabric;
    const isInformed = zones.inMajority(instances.column.zone[nodes[node]!]!);
    return isInformed ? health.verdict[target]! : health.view[node * targetsMax + target]!;
  }
}
