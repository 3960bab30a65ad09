import type { Counter } from "../../kernel/containers/counter.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";
import type { LoadBalancerSpec } from "./load-balancer-spec.ts";
import { type TargetHealth, view } from "./target-health.ts";
import { type Targets, targetsMax } from "./targets.ts";

/** What a choice goes by. */
export interface TargetChoiceOptions {
  readonly spec: LoadBalancerSpec;
  readonly targets: Targets;
  readonly health: TargetHealth;
  /** Requests that a node has handed to a target and awaits, by node and target. */
  readonly outstanding: Int32Array;
  /** Requests that the balancer has had, and those that went to a target although none was healthy. */
  readonly requests: Counter;
  readonly failedOpen: Counter;
  readonly draw: KeyedStream;
}

/** Which target a node sends the next request to: one that is healthy in its eyes, in turn or with the fewest requests. */
export class TargetChoice {
  readonly #kernel: Kernel;
  readonly #spec: LoadBalancerSpec;
  readonly #targets: Targets;
  readonly #health: TargetHealth;
  readonly #outstanding: Int32Array;
  readonly #requests: Counter;
  readonly #failedOpen: Counter;
  readonly #draw: KeyedStream;
  /** Where each node goes on in each service's list. */
  readonly #turn: Int32Array;

  constructor(kernel: Kernel, nodeCount: number, options: TargetChoiceOptions) {
    const { spec } = options;
    this.#kernel = kernel;
    this.#spec = spec;
    this.#targets = options.targets;
    this.#health = options.health;
    this.#outstanding = options.outstanding;
    this.#requests = options.requests;
    this.#failedOpen = options.failedOpen;
    this.#draw = options.draw;
    this.#turn = kernel.int32Array(`${spec.id}.turn`, nodeCount * spec.targets.length);
  }

  /** Next target of a service for a node: a healthy one, or any when the node finds none healthy. */
  choose(node: number, serviceAt: number): number {
    const count = this.#targets.listedCount[serviceAt]!;
    if (count === 0) return none;
    const turnCell = node * this.#spec.targets.length + serviceAt;
    const turn = this.#turn[turnCell]! % count;
    const { failOpenBelowShare } = this.#spec;
    const isOpen =
      failOpenBelowShare !== undefined && this.#hasTooFew(node, serviceAt, failOpenBelowShare);
    let target = isOpen ? none : this.#search(node, serviceAt, turn, true);
    if (target === none) {
      this.#failedOpen.add(1);
      target = this.#search(node, serviceAt, turn, false);
    }
    return target;
  }

  /** Whether less than a share of the targets is healthy for a node. */
  #hasTooFew(node: number, serviceAt: number, share: number): boolean {
    const count = this.#targets.listedCount[serviceAt]!;
    let healthy = 0;
    for (let at = 0; at < count; at += 1) {
      const pair = node * targetsMax + this.#targets.listed[serviceAt * targetsMax + at]!;
      if (this.#health.view[pair] === view.healthy) healthy += 1;
    }
    return healthy < share * count;
  }

  /** Whether a target that has just become healthy takes this turn: a share of them that grows with its age. */
  #takesTurn(target: number, slowStartSeconds: number): boolean {
    const ageUs = this.#kernel.nowUs - this.#health.healthySinceUs[target]!;
    const sinceStart = this.#health.healthySinceUs[target] === 0;
    if (sinceStart || ageUs >= slowStartSeconds * 1_000_000) return true;
    const luck = this.#draw.uniform(target, this.#requests.value % 0x40000000, 9);
    return luck * slowStartSeconds * 1_000_000 < ageUs;
  }

  #search(node: number, serviceAt: number, turn: number, healthyOnly: boolean): number {
    const count = this.#targets.listedCount[serviceAt]!;
    const byTurn = this.#spec.algorithm !== "least-outstanding-requests";
    const { slowStartSeconds } = this.#spec;
    let best = none;
    let bestAt = 0;
    let young = none;
    for (let step = 0; step < count; step += 1) {
      const at = turn + step < count ? turn + step : turn + step - count;
      const target = this.#targets.listed[serviceAt * targetsMax + at]!;
      const pair = node * targetsMax + target;
      if (healthyOnly && this.#health.view[pair] !== view.healthy) continue;
      const isGradual = byTurn && healthyOnly && slowStartSeconds !== undefined;
      if (isGradual && !this.#takesTurn(target, slowStartSeconds)) {
        if (young === none) young = target;
        continue;
      }
      const isBetter =
        best === none || this.#outstanding[pair]! < this.#outstanding[node * targetsMax + best]!;
      if (isBetter) {
        best = target;
        bestAt = at;
      }
      if (byTurn) break;
    }
    if (best === none && young !== none) return young;
    if (best !== none) this.#turn[node * this.#spec.targets.length + serviceAt] = bestAt + 1;
    return best;
  }
}
