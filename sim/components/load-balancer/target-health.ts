import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { status } from "../fabric/instances.ts";
import { outcome } from "../fabric/outcome.ts";
import type { LoadBalancerValues } from "./load-balancer-parameters.ts";
import type { TargetService } from "./target-service.ts";
import { type Targets, targetsMax } from "./targets.ts";

/** What a node thinks of a target, and what the balancer as a whole says of it. */
export const view = { initial: 0, healthy: 1, unhealthy: 2 } as const;

export interface TargetHealthOptions {
  readonly component: number;
  readonly id: string;
  /** Instances of the balancer, one a zone. */
  readonly nodes: readonly number[];
  readonly values: LoadBalancerValues;
  readonly draw: KeyedStream;
}

/**
 * Health checks: every node checks every target by itself, with real calls over its own links, and from what more than
 * half of the nodes find that the regional control plane can reach, the balancer as a whole has its verdict.
 */
export class TargetHealth {
  /** View by node and target: `node * targetsMax + target`. */
  readonly view: Uint8Array;
  /** By target: the balancer's verdict, and since when it is healthy by that. */
  readonly verdict: Uint8Array;
  readonly healthySinceUs: Float64Array;
  readonly #fabric: Fabric;
  readonly #options: TargetHealthOptions;
  readonly #targets: Targets;
  readonly #verdictSeq: Int32Array;
  /** By node and target: */
  readonly #streak: Int32Array;
  readonly #checker: Int32Array;
  readonly #checkerGeneration: Int32Array;
  readonly #checks: Int32Array;
  readonly #check: HandlerId;
  readonly #kinds;

  constructor(fabric: Fabric, options: TargetHealthOptions, targets: Targets) {
    const { kernel, log } = fabric;
    const { id, nodes } = options;
    this.#fabric = fabric;
    this.#options = options;
    this.#targets = targets;
    const pairs = nodes.length * targetsMax;
    this.view = kernel.uint8Array(`${id}.pair.view`, pairs);
    this.verdict = kernel.uint8Array(`${id}.target.verdict`, targetsMax);
    this.#verdictSeq = kernel.int32Array(`${id}.target.verdict-seq`, targetsMax);
    this.healthySinceUs = kernel.float64Array(`${id}.target.healthy-since-us`, targetsMax);
    this.#streak = kernel.int32Array(`${id}.pair.streak`, pairs);
    this.#checker = kernel.int32Array(`${id}.pair.checker`, pairs).fill(none);
    this.#checkerGeneration = kernel.int32Array(`${id}.pair.checker-generation`, pairs);
    this.#checks = kernel.int32Array(`${id}.checks`, 1);
    this.#check = kernel.handler(`${id}.check-target`, (pair, tenancy) => {
      if (targets.tenancy[pair % targetsMax] === tenancy) this.#checkTarget(pair);
    });
    this.#kinds = {
      unhealthy: log.kind("load-balancer.target-unhealthy", "detect"),
      healthy: log.kind("load-balancer.target-healthy", "recover"),
    };
  }

  /** Begins to check a target, after so many microseconds. Unless it is known to be healthy, each node uses it after one passed check. */
  begin(target: number, alreadyHealthy: boolean, afterUs: number): void {
    const { kernel } = this.#fabric;
    const { nodes, draw, values } = this.#options;
    const tenancy = this.#targets.tenancy[target]!;
    this.verdict[target] = alreadyHealthy ? view.healthy : view.initial;
    this.#verdictSeq[target] = none;
    this.healthySinceUs[target] = kernel.nowUs;
    for (let node = 0; node < nodes.length; node += 1) {
      const pair = node * targetsMax + target;
      this.view[pair] = this.verdict[target]!;
      this.#streak[pair] = 0;
      const phase = draw.uniform(pair, tenancy, 3) * values.healthCheckIntervalUs;
      kernel.schedule(afterUs + Math.floor(phase), this.#check, pair, tenancy);
    }
  }

  /** Nobody checks a target any more. */
  end(target: number): void {
    for (let node = 0; node < this.#options.nodes.length; node += 1) {
      const pair = node * targetsMax + target;
      if (this.#hasChecker(pair)) this.#fabric.calls.endActor(this.#checker[pair]!);
      this.#checker[pair] = none;
    }
  }

  /** A node that comes back knows nothing of its targets. */
  forgetNode(node: number): void {
    this.view.fill(view.initial, node * targetsMax, (node + 1) * targetsMax);
    this.#streak.fill(0, node * targetsMax, (node + 1) * targetsMax);
  }

  /** Event that last changed the balancer's verdict on a target, or `none`. */
  verdictSeq(target: number): number {
    return this.#verdictSeq[target]!;
  }

  /** One node checks one target, with a real call over its own links. */
  #checkTarget(pair: number): void {
    const { calls, instances, kernel, components } = this.#fabric;
    const { id, nodes, values } = this.#options;
    const target = pair % targetsMax;
    const node = nodes[(pair - target) / targetsMax]!;
    kernel.schedule(
      values.healthCheckIntervalUs,
      this.#check,
      pair,
      this.#targets.tenancy[target]!,
    );
    if (instances.column.status[node] !== status.up) return;
    if (!this.#hasChecker(pair)) {
      this.#checker[pair] = calls.startActor(node, pair);
      this.#checkerGeneration[pair] = calls.generationOf(this.#checker[pair]!);
    }
    const serviceId = components[this.#targets.service[target]!]!.id;
    this.#checks[0] = (this.#checks[0]! + 1) & 0x7fffffff;
    const site = this.#fabric.actorSite(id, `check-${serviceId}`);
    calls.callAsActor(this.#checker[pair]!, site, this.#checks[0]!, target, 1);
  }

  /** A check has ended. */
  checked(actor: number, result: number): void {
    const pair = this.#fabric.calls.dataOf(actor);
    const passed = result === outcome.ok;
    const before = this.view[pair]!;
    // A streak counts checks in a row against the present view: failures while healthy, passes while unhealthy.
    const againstView = passed ? before !== view.healthy : before !== view.unhealthy;
    this.#streak[pair] = againstView ? this.#streak[pair]! + 1 : 0;
    const { unhealthyThreshold } = this.#options.values;
    const needed = passed ? this.#passesNeeded(before) : unhealthyThreshold;
    if (!againstView || this.#streak[pair]! < needed) return;
    this.view[pair] = passed ? view.healthy : view.unhealthy;
    this.#streak[pair] = 0;
    this.judge(pair % targetsMax);
  }

  #passesNeeded(before: number): number {
    return before === view.initial ? 1 : this.#options.values.healthyThreshold;
  }

  /** The verdict of the balancer as a whole: more than half of the nodes that its control plane reaches. */
  judge(target: number): void {
    const { instances, zones, log, kernel } = this.#fabric;
    let nodes = 0;
    let healthy = 0;
    let unhealthy = 0;
    for (let node = 0; node < this.#options.nodes.length; node += 1) {
      const instance = this.#options.nodes[node]!;
      if (instances.column.status[instance] !== status.up) continue;
      if (!zones.inMajority(instances.column.zone[instance]!)) continue;
      const seen = this.view[node * targetsMax + target]!;
      nodes += 1;
      if (seen === view.healthy) healthy += 1;
      if (seen === view.unhealthy) unhealthy += 1;
    }
    const before = this.verdict[target]!;
    let verdict = before;
    if (unhealthy * 2 > nodes) verdict = view.unhealthy;
    else if (healthy * 2 > nodes) verdict = view.healthy;
    if (verdict === before) return;
    const instance = this.#targets.instance[target]!;
    const zone = instances.column.zone[instance]!;
    const isHealthy = verdict === view.healthy;
    const previous = this.#verdictSeq[target]!;
    const cause = Math.max(causeFor(this.#fabric, instance), isHealthy ? previous : none);
    const kind = isHealthy ? this.#kinds.healthy : this.#kinds.unhealthy;
    const seq = log.append(kind, { component: this.#options.component, instance, zone }, cause);
    this.verdict[target] = verdict;
    if (isHealthy) this.healthySinceUs[target] = kernel.nowUs;
    this.#verdictSeq[target] = seq;
    const service = this.#fabric.components[this.#targets.service[target]!] as TargetService;
    service.targetJudged(instance, isHealthy, seq);
  }

  #hasChecker(pair: number): boolean {
    const actor = this.#checker[pair]!;
    return (
      actor !== none && this.#fabric.calls.generationOf(actor) === this.#checkerGeneration[pair]
    );
  }
}

/** What has happened last to an instance, or to a zone that is not whole. */
export function causeFor({ instances, zones }: Fabric, instance: number): number {
  const zone = instances.column.zone[instance]!;
  const own = instances.column.causeSeq[instance]!;
  return zones.inMajority(zone) ? own : Math.max(own, zones.causeSeq[zone]!);
}
