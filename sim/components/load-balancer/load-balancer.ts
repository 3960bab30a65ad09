import { TwinError } from "../../errors/twin-error.ts";
import { valuesOf } from "../../facts/parameter.ts";
import type { Counter } from "../../kernel/containers/counter.ts";
import { compileQuantiles } from "../../kernel/distributions/quantile-table.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";
import type { Operation } from "../fabric/call-sites.ts";
import type { Channel } from "../fabric/channel.ts";
import type { Component, OwnCall } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { type FailureManner, status } from "../fabric/instances.ts";
import { outcome } from "../fabric/outcome.ts";
import { outsideZone } from "../fabric/zones.ts";
import { DnsView } from "./dns-view.ts";
import { loadBalancerChannels, publishLoadBalancerMetrics } from "./load-balancer-figures.ts";
import {
  loadBalancerParameters,
  type NetworkBalancerValues,
  networkBalancerParameters,
} from "./load-balancer-parameters.ts";
import type { LoadBalancerSpec } from "./load-balancer-spec.ts";
import { networkBalancerChannels, publishNetworkBalancerMetrics } from "./network-figures.ts";
import { NetworkFlows } from "./network-flows.ts";
import { TargetChoice } from "./target-choice.ts";
import { causeFor, TargetHealth, view } from "./target-health.ts";
import { healthCheckOperation, isTargetService, type TargetService } from "./target-service.ts";
import { Targets, targetsMax } from "./targets.ts";

/** How often a draining target is looked at. Assumption: a second; the documented delay is in minutes. */
const drainLookUs = 1_000_000;

/**
 * An Application Load Balancer, or a Network Load Balancer where the specification says so (`NetworkFlows` has what is that one's own).
 *
 * It has a node in each zone. Every node checks every target by itself, with real calls over its own links, and
 * routes by what it has found: a node in a cut-off zone finds everything else unhealthy and keeps to the targets of
 * its own zone, while the others go on as before. What the balancer as a whole says of a target (DescribeTargetHealth,
 * and what ECS acts upon) is the verdict of more than half of the nodes that its regional control plane can reach, so
 * an isolated node condemns nobody but itself. When no target is healthy in the eyes of a node, it uses all.
 *
 *   resolver caches (TTL) -> node in DNS -> target healthy for that node -> task
 *
 * A node leaves DNS when health checks from outside fail three times in a row. (With cross-zone balancing on, a zone
 * without healthy targets keeps its node as long as any zone has some.) Clients go on using the node they know until
 * their cached answer expires; what they send to a dark node meanwhile is lost.
 */
export class LoadBalancer implements Component {
  readonly id: string;
  readonly service = "load-balancer";
  readonly passesThrough = true;
  readonly index: number;
  readonly operations: readonly Operation[];
  readonly #fabric: Fabric;
  readonly #spec: LoadBalancerSpec;
  readonly #parameters;
  readonly #values;
  /** 1 for each call that is a health check, by site, filled by `start`: it is asked of every request. Assembly only. */
  #healthCheckSites = new Uint8Array(0);
  readonly nodes: readonly number[];
  readonly dns: DnsView;
  readonly targets: Targets;
  readonly health: TargetHealth;
  /** Requests that a node has handed to a target and awaits, by node and target. */
  readonly outstanding: Int32Array;
  readonly #nodeMisses: Int32Array;
  readonly #nodePasses: Int32Array;
  /** Whether a zonal shift keeps the node out of the name. */
  readonly #nodeShifted: Uint8Array;
  readonly #choice: TargetChoice;
  /** Connections, which only a Network Load Balancer keeps. */
  readonly network: NetworkFlows | undefined;
  readonly requests: Counter;
  /** Requests handed to each of the services, health checks apart. */
  readonly serviceRequests: Float64Array;
  readonly noTarget: Counter;
  readonly failedOpen: Counter;
  readonly #draw: KeyedStream;
  readonly #nodeLook: HandlerId;
  readonly #drainLook: HandlerId;
  readonly #kinds;

  constructor(fabric: Fabric, index: number, spec: LoadBalancerSpec) {
    const { kernel, log } = fabric;
    this.#fabric = fabric;
    this.#spec = spec;
    this.id = spec.id;
    this.index = index;
    const isNetwork = spec.type === "network";
    this.#parameters = isNetwork ? networkBalancerParameters(spec) : loadBalancerParameters(spec);
    this.#values = valuesOf(this.#parameters);
    this.operations = [
      {
        name: "serve",
        serviceUs: compileQuantiles({ kind: "deterministic", value: this.#values.forwardingUs }),
      },
    ];
    this.nodes = spec.zones.map((zone) =>
      fabric.instances.create({
        component: index,
        zone: fabric.zone(zone),
        status: status.up,
        serverCount: 0,
        insideMax: this.#values.nodeInsideMax,
        causeSeq: none,
      }),
    );
    const nodeCount = this.nodes.length;
    const serviceCount = spec.targets.length;
    this.dns = new DnsView(kernel, spec.id, { nodeCount, ttlUs: this.#values.dnsTtlUs });
    this.#nodeMisses = kernel.int32Array(`${spec.id}.node.misses`, nodeCount);
    this.#nodePasses = kernel.int32Array(`${spec.id}.node.passes`, nodeCount);
    this.#nodeShifted = kernel.uint8Array(`${spec.id}.node.shifted`, nodeCount);
    this.targets = new Targets(kernel, spec.id, serviceCount);
    this.outstanding = kernel.int32Array(`${spec.id}.pair.outstanding`, nodeCount * targetsMax);
    this.requests = kernel.counter(`${spec.id}.requests`);
    this.serviceRequests = kernel.float64Array(`${spec.id}.service-requests`, spec.targets.length);
    this.noTarget = kernel.counter(`${spec.id}.no-target`);
    this.failedOpen = kernel.counter(`${spec.id}.failed-open`);
    this.#draw = kernel.keyed(`${spec.id}.draw`);
    this.health = new TargetHealth(
      fabric,
      { component: index, id: spec.id, nodes: this.nodes, values: this.#values, draw: this.#draw },
      this.targets,
    );
    this.#choice = new TargetChoice(kernel, nodeCount, {
      spec,
      targets: this.targets,
      health: this.health,
      outstanding: this.outstanding,
      requests: this.requests,
      failedOpen: this.failedOpen,
      draw: this.#draw,
    });
    this.network = isNetwork
      ? new NetworkFlows(fabric, this, {
          spec,
          nodeShifted: this.#nodeShifted,
          draw: this.#draw,
          values: this.#values as NetworkBalancerValues,
        })
      : undefined;
    this.#nodeLook = kernel.handler(`${spec.id}.look-at-nodes`, () => this.#lookAtNodes());
    this.#drainLook = kernel.handler(`${spec.id}.look-at-draining`, (target, tenancy) => {
      if (this.targets.tenancy[target] === tenancy) this.#lookAtDraining(target);
    });
    this.#kinds = {
      nodeLeft: log.kind("load-balancer.node-left-dns", "detect"),
      nodeBack: log.kind("load-balancer.node-back-in-dns", "recover"),
      shifted: log.kind("load-balancer.zone-shifted-away", "act"),
      shiftEnded: log.kind("load-balancer.zone-shift-ended", "act"),
    };
    if (this.network === undefined) publishLoadBalancerMetrics(fabric, this);
    else publishNetworkBalancerMetrics(fabric, this, this.network);
  }

  get targetIds(): readonly string[] {
    return this.#spec.targets;
  }

  /** Health checks of a node against the targets of each service. */
  ownCalls(): readonly OwnCall[] {
    const timeoutMs = this.#values.healthCheckTimeoutUs / 1000;
    return this.#spec.targets.map((to) => ({
      name: `check-${to}`,
      call: { to, operation: healthCheckOperation, timeoutMs },
    }));
  }

  start(): void {
    const { sites, components } = this.#fabric;
    this.targets.start(
      components.map(({ id }) => id),
      this.#spec.targets,
    );
    this.#healthCheckSites = Uint8Array.from(sites, ({ component, operation }) =>
      Number(components[component]!.operations[operation]!.name === healthCheckOperation),
    );
    for (const id of this.#spec.targets) {
      if (isTargetService(this.#fabric.component(id))) continue;
      throw new TwinError({
        code: "load-balancer.target-unfit",
        problem: `"${id}" cannot stand behind the load balancer "${this.id}"`,
        remedy: "Name services of ecs-fargate as its targets",
        at: `/components/${this.id}/targets`,
      });
    }
    this.network?.start();
    const phase = this.#draw.uniform(0, 0, 0) * this.#values.nodeCheckIntervalUs;
    this.#fabric.kernel.schedule(Math.floor(phase), this.#nodeLook);
  }

  // --- Requests -----------------------------------------------------------------------------------------------

  route(callerInstance: number, _callerZone: number, frame: number): number {
    if (this.network === undefined) return this.nodes[this.#nodeFromDns(frame)]!;
    return this.network.route(callerInstance, frame, () => this.#nodeFromDns(frame));
  }

  /** Node that the caller's resolver gives it. Callers are spread over the TTL by the key of their call. */
  #nodeFromDns(frame: number): number {
    const { calls } = this.#fabric;
    const key = calls.keyOf(frame);
    const { nowUs } = this.#fabric.kernel;
    const phase = this.dns.isSettled(nowUs) ? 0 : this.#draw.uniform(key, 1, 0);
    const mask = this.dns.maskSeenBy(phase, nowUs);
    let count = 0;
    for (let node = 0; node < this.nodes.length; node += 1) count += (mask >> node) & 1;
    let skip = this.#draw.int(count, key, calls.siteOf(frame), calls.attemptOf(frame) + 2);
    for (let node = 0; node < this.nodes.length; node += 1) {
      if (((mask >> node) & 1) === 0) continue;
      if (skip === 0) return node;
      skip -= 1;
    }
    return none;
  }

  admit(frame: number): number {
    this.requests.add(1);
    return this.network === undefined ? outcome.ok : this.network.admit(frame);
  }

  /** Task that a node (an instance of this balancer) sends a call to `service` to; `none` when none is registered. */
  pickTarget(nodeInstance: number, service: number, frame: number): number {
    const { calls } = this.#fabric;
    const node = this.nodes.indexOf(nodeInstance);
    if (this.#isHealthCheck(calls.siteOf(frame))) {
      return this.targets.instance[calls.dataOf(frame)]!;
    }
    const serviceAt = this.targets.serviceAt(service);
    const parent = calls.parentOf(frame);
    const target =
      this.network === undefined
        ? this.#choice.choose(node, serviceAt)
        : this.network.targetFor(node, serviceAt, parent);
    if (target === none) {
      this.noTarget.add(1);
      return none;
    }
    this.serviceRequests[serviceAt] = this.serviceRequests[serviceAt]! + 1;
    this.#settle(node, calls.noteOf(parent));
    calls.setNote(parent, noteOf(target, this.targets.tenancy[target]!));
    const pair = node * targetsMax + target;
    this.outstanding[pair] = this.outstanding[pair]! + 1;
    return this.targets.instance[target]!;
  }

  /** A node answers its caller: the target has one request less. */
  answering(frame: number, instance: number, result: number): void {
    this.#settle(this.nodes.indexOf(instance), this.#fabric.calls.noteOf(frame));
    this.network?.answering(frame, result);
  }

  #settle(node: number, note: number): void {
    if (note === none) return;
    const target = note % targetsMax;
    if (note !== noteOf(target, this.targets.tenancy[target]!)) return;
    const pair = node * targetsMax + target;
    this.outstanding[pair] = Math.max(0, this.outstanding[pair]! - 1);
  }

  // --- Targets ------------------------------------------------------------------------------------------------

  /** Registers a task. Unless it is known to be healthy, each node uses it after one passed check. */
  register(instance: number, service: number, options: { alreadyHealthy: boolean }): void {
    const target = this.targets.add(instance, service);
    for (let node = 0; node < this.nodes.length; node += 1) {
      this.outstanding[node * targetsMax + target] = 0;
    }
    const { alreadyHealthy } = options;
    this.health.begin(target, alreadyHealthy, this.network?.registrationUs(alreadyHealthy) ?? 0);
  }

  /** Takes a task out at once: it is known to be gone. Without effect when it is not registered. */
  deregister(instance: number): void {
    const target = this.targets.of(instance);
    if (target === none) return;
    this.network?.targetGone(target);
    this.targets.remove(target);
    this.health.end(target);
  }

  /** Takes a task out in good order; its service is told when its requests have ended or the delay has passed. */
  drain(instance: number): void {
    const target = this.targets.of(instance);
    if (target === none || !this.targets.isRegistered(target)) return;
    const { kernel } = this.#fabric;
    this.targets.drain(target, kernel.nowUs + this.#values.deregistrationDelayUs);
    kernel.schedule(drainLookUs, this.#drainLook, target, this.targets.tenancy[target]!);
  }

  /** Whether the balancer as a whole calls a task unhealthy. */
  isUnhealthy(instance: number): boolean {
    const target = this.targets.of(instance);
    return target !== none && this.health.verdict[target] === view.unhealthy;
  }

  /** Whether a network balancer has yet to take a task into service, which takes minutes. (An application balancer's seconds are let go.) */
  isRegistering(instance: number): boolean {
    if (this.network === undefined) return false;
    const target = this.targets.of(instance);
    return target !== none && this.health.verdict[target] === view.initial;
  }

  /** Event that last changed the balancer's verdict on a task, or `none`. */
  verdictSeq(instance: number): number {
    const target = this.targets.of(instance);
    return target === none ? none : this.health.verdictSeq(target);
  }

  #lookAtDraining(target: number): void {
    const { kernel, components } = this.#fabric;
    let outstanding = this.network?.openTo(target) ?? 0;
    for (let node = 0; node < this.nodes.length; node += 1) {
      outstanding += this.outstanding[node * targetsMax + target]!;
    }
    if (outstanding > 0 && kernel.nowUs < this.targets.drainUntilUs[target]!) {
      kernel.schedule(drainLookUs, this.#drainLook, target, this.targets.tenancy[target]!);
      return;
    }
    const instance = this.targets.instance[target]!;
    const service = components[this.targets.service[target]!] as TargetService;
    this.deregister(instance);
    service.targetDrained(instance);
  }

  /** A health check has ended. */
  resumed(actor: number, _site: number, result: number): void {
    this.health.checked(actor, result);
  }

  // --- Nodes --------------------------------------------------------------------------------------------------

  /**
   * Shifts traffic away from a zone, or ends that: its node leaves the name until the shift ends. Callers follow over the
   * TTL, as with any change of the name. False when the balancer has no node there, or no other node left to go to.
   */
  shiftZone(zone: number, away: boolean, causeSeq: number): boolean {
    const { kernel, log, instances } = this.#fabric;
    const node = this.nodes.findIndex((each) => instances.column.zone[each] === zone);
    if (node < 0 || (away && this.dns.isIn(node) && this.dns.count === 1)) return false;
    if (this.network !== undefined && !canShift(this.#spec)) return false;
    this.#nodeShifted[node] = away ? 1 : 0;
    // A node that answers returns at once, one that does not once its checks pass again.
    const isIn = !away && this.#answersFromOutside(this.nodes[node]!) && this.#hasTargets(node);
    if (isIn !== this.dns.isIn(node)) this.dns.set(node, isIn, kernel.nowUs);
    const place = { component: this.index, instance: this.nodes[node]!, zone };
    log.append(away ? this.#kinds.shifted : this.#kinds.shiftEnded, place, causeSeq);
    return true;
  }

  /** Health checks from outside decide which nodes are in DNS. */
  #lookAtNodes(): void {
    const { kernel, log, instances } = this.#fabric;
    kernel.schedule(this.#values.nodeCheckIntervalUs, this.#nodeLook);
    for (let node = 0; node < this.nodes.length; node += 1) {
      const answers = this.#answersFromOutside(this.nodes[node]!);
      this.#nodeMisses[node] = answers ? 0 : this.#nodeMisses[node]! + 1;
      this.#nodePasses[node] = answers ? this.#nodePasses[node]! + 1 : 0;
      const isIn = this.dns.isIn(node);
      const hasTargets = this.#hasTargets(node);
      const misses = this.#nodeMisses[node]!;
      const leaves = isIn && (misses >= this.#values.nodeCheckThreshold || !hasTargets);
      const isKept = this.#nodeShifted[node] === 1;
      const returns =
        !isIn &&
        !isKept &&
        hasTargets &&
        this.#nodePasses[node]! >= this.#values.nodeCheckThreshold;
      if (!leaves && !returns) continue;
      this.dns.set(node, returns, kernel.nowUs);
      const instance = this.nodes[node]!;
      const place = { component: this.index, instance, zone: instances.column.zone[instance]! };
      log.append(
        leaves ? this.#kinds.nodeLeft : this.#kinds.nodeBack,
        place,
        Math.max(causeFor(this.#fabric, instance), this.network?.targets.causeOf(node) ?? none),
      );
    }
    this.network?.lookAtSilent(this.#values.nodeCheckIntervalUs);
    for (let target = 0; target < targetsMax; target += 1) {
      // Who counts may have changed with the zones, so every verdict is read again.
      if (this.targets.isRegistered(target)) this.health.judge(target);
    }
  }

  /** Whether a node keeps its place in the name by its targets; one of an application balancer has those of every zone. */
  #hasTargets(node: number): boolean {
    return this.network === undefined || this.network.targets.servesAll(node);
  }

  #answersFromOutside(node: number): boolean {
    const { instances, zones } = this.#fabric;
    const zone = instances.column.zone[node]!;
    const linked = zones.linked(outsideZone, zone) && zones.linked(zone, outsideZone);
    return instances.column.status[node] === status.up && linked;
  }

  instanceFailed(instance: number, _manner: FailureManner, _causeSeq: number): void {
    // Its requests are gone with it. That it is gone is found out by the checks from outside.
    const node = this.nodes.indexOf(instance);
    this.outstanding.fill(0, node * targetsMax, (node + 1) * targetsMax);
  }

  /** A node that comes back knows nothing of its targets and uses all of them until it has checked them. */
  powerRestored(instance: number, causeSeq: number): void {
    const { instances } = this.#fabric;
    const node = this.nodes.indexOf(instance);
    instances.column.status[instance] = status.up;
    instances.column.causeSeq[instance] = causeSeq;
    this.health.forgetNode(node);
    this.network?.nodeReturned(node);
  }

  // --- Shown to the outside -----------------------------------------------------------------------------------

  channels(): readonly Channel[] {
    const channels = loadBalancerChannels(this.#fabric, this);
    return this.network === undefined
      ? channels
      : [...channels, ...networkBalancerChannels(this.network)];
  }

  parameters() {
    return this.#parameters;
  }

  #isHealthCheck(site: number): boolean {
    return this.#healthCheckSites[site] === 1;
  }
}

export function createLoadBalancer(
  fabric: Fabric,
  index: number,
  spec: LoadBalancerSpec,
): LoadBalancer {
  return new LoadBalancer(fabric, index, spec);
}

/** Whether zonal shift can be turned on: across zones only where connections to unhealthy targets are kept, as AWS documents. */
function canShift({ crossZone, terminateUnhealthyConnections }: LoadBalancerSpec): boolean {
  return crossZone !== true || terminateUnhealthyConnections === false;
}

/** A target and which of its tenants, in one number that a frame can carry. */
function noteOf(target: number, tenancy: number): number {
  return (tenancy & 0xfffff) * targetsMax + target;
}
