import { TwinError } from "../../errors/twin-error.ts";
import { assumption, fromFact, usFromFact, valuesOf } from "../../facts/parameter.ts";
import type { Counter } from "../../kernel/containers/counter.ts";
import { compileQuantiles } from "../../kernel/distributions/quantile-table.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";
import type { Operation } from "../fabric/call-sites.ts";
import type { Channel, Component, OwnCall } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { type FailureManner, status } from "../fabric/instances.ts";
import { outcome } from "../fabric/outcome.ts";
import { resolveParameters } from "../fabric/parameters.ts";
import { PeriodGains } from "../fabric/period-gains.ts";
import { outsideZone } from "../fabric/zones.ts";
import { DnsView } from "./dns-view.ts";
import type { LoadBalancerSpec } from "./load-balancer-spec.ts";
import { healthCheckOperation, isTargetService, type TargetService } from "./target-service.ts";

/** Most targets registered at once. */
const targetsMax = 1024;

/** How often a draining target is looked at. Assumption: a second; the documented delay is in minutes. */
const drainLookUs = 1_000_000;

const defaults = {
  healthCheckIntervalUs: usFromFact("alb.health-check.interval-s"),
  healthCheckTimeoutUs: usFromFact("alb.health-check.timeout-s"),
  unhealthyThreshold: fromFact("alb.health-check.unhealthy-threshold"),
  healthyThreshold: fromFact("alb.health-check.healthy-threshold"),
  deregistrationDelayUs: usFromFact("alb.deregistration-delay-s"),
  dnsTtlUs: usFromFact("elb.dns-ttl-s"),
  nodeCheckIntervalUs: usFromFact("route53.health-check.request-interval-s", 0),
  nodeCheckThreshold: fromFact("route53.health-check.failure-threshold"),
  forwardingUs: assumption(
    400,
    "us",
    "Between a same-zone round trip and measured proxy overhead of about a millisecond; AWS gives no figure",
  ),
  nodeInsideMax: assumption(
    100_000,
    "requests",
    "A balancer scales its nodes by itself and no limit is documented; far above what the targets hold",
  ),
};

/** What a node thinks of a target. */
const view = { initial: 0, healthy: 1, unhealthy: 2 } as const;

/** Where a target is in its membership. */
const membership = { free: 0, registered: 1, draining: 2 } as const;

/**
 * An Application Load Balancer.
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
  /** Position of each component among the targets, filled by `start`. Assembly only. */
  readonly #serviceAtByComponent: number[] = [];
  /** 1 for each call that is a health check, by site, filled by `start`: it is asked of every request. Assembly only. */
  #healthCheckSites = new Uint8Array(0);
  readonly #nodes: readonly number[];
  readonly #dns: DnsView;
  readonly #nodeMisses: Int32Array;
  readonly #nodePasses: Int32Array;
  /** Whether a zonal shift keeps the node out of the name. */
  readonly #nodeShifted: Uint8Array;
  /** By target: */
  readonly #targetInstance: Int32Array;
  readonly #targetService: Int32Array;
  readonly #targetMembership: Uint8Array;
  readonly #targetTenancy: Int32Array;
  readonly #targetVerdict: Uint8Array;
  readonly #targetVerdictSeq: Int32Array;
  readonly #drainUntilUs: Float64Array;
  readonly #healthySinceUs: Float64Array;
  /** By node and target: */
  readonly #view: Uint8Array;
  readonly #streak: Int32Array;
  readonly #outstanding: Int32Array;
  readonly #checker: Int32Array;
  readonly #checkerGeneration: Int32Array;
  /** Registered targets of each service in dense lists, and how long the lists are. */
  readonly #listed: Int32Array;
  readonly #listedCount: Int32Array;
  /** Where each node goes on in each service's list. */
  readonly #turn: Int32Array;
  readonly #checks: Int32Array;
  readonly #requests: Counter;
  /** Requests handed to each of the services, health checks apart. */
  readonly #serviceRequests: Float64Array;
  readonly #noTarget: Counter;
  readonly #failedOpen: Counter;
  readonly #draw: KeyedStream;
  readonly #check: HandlerId;
  readonly #nodeLook: HandlerId;
  readonly #drainLook: HandlerId;
  readonly #kinds;

  constructor(fabric: Fabric, index: number, spec: LoadBalancerSpec) {
    const { kernel, log } = fabric;
    this.#fabric = fabric;
    this.#spec = spec;
    this.id = spec.id;
    this.index = index;
    this.#parameters = resolveParameters(spec.id, defaults, overridesOf(spec));
    this.#values = valuesOf(this.#parameters);
    checkHealthCheck(spec.id, this.#values);
    this.operations = [
      {
        name: "serve",
        serviceUs: compileQuantiles({ kind: "deterministic", value: this.#values.forwardingUs }),
      },
    ];
    this.#nodes = spec.zones.map((zone) =>
      fabric.instances.create({
        component: index,
        zone: fabric.zone(zone),
        status: status.up,
        serverCount: 0,
        insideMax: this.#values.nodeInsideMax,
        causeSeq: none,
      }),
    );
    const nodeCount = this.#nodes.length;
    const serviceCount = spec.targets.length;
    this.#dns = new DnsView(kernel, spec.id, { nodeCount, ttlUs: this.#values.dnsTtlUs });
    this.#nodeMisses = kernel.int32Array(`${spec.id}.node.misses`, nodeCount);
    this.#nodePasses = kernel.int32Array(`${spec.id}.node.passes`, nodeCount);
    this.#nodeShifted = kernel.uint8Array(`${spec.id}.node.shifted`, nodeCount);
    this.#targetInstance = kernel.int32Array(`${spec.id}.target.instance`, targetsMax).fill(none);
    this.#targetService = kernel.int32Array(`${spec.id}.target.service`, targetsMax);
    this.#targetMembership = kernel.uint8Array(`${spec.id}.target.membership`, targetsMax);
    this.#targetTenancy = kernel.int32Array(`${spec.id}.target.tenancy`, targetsMax);
    this.#targetVerdict = kernel.uint8Array(`${spec.id}.target.verdict`, targetsMax);
    this.#targetVerdictSeq = kernel.int32Array(`${spec.id}.target.verdict-seq`, targetsMax);
    this.#drainUntilUs = kernel.float64Array(`${spec.id}.target.drain-until-us`, targetsMax);
    this.#healthySinceUs = kernel.float64Array(`${spec.id}.target.healthy-since-us`, targetsMax);
    const pairs = nodeCount * targetsMax;
    this.#view = kernel.uint8Array(`${spec.id}.pair.view`, pairs);
    this.#streak = kernel.int32Array(`${spec.id}.pair.streak`, pairs);
    this.#outstanding = kernel.int32Array(`${spec.id}.pair.outstanding`, pairs);
    this.#checker = kernel.int32Array(`${spec.id}.pair.checker`, pairs).fill(none);
    this.#checkerGeneration = kernel.int32Array(`${spec.id}.pair.checker-generation`, pairs);
    this.#listed = kernel.int32Array(`${spec.id}.listed`, serviceCount * targetsMax);
    this.#listedCount = kernel.int32Array(`${spec.id}.listed-count`, serviceCount);
    this.#turn = kernel.int32Array(`${spec.id}.turn`, nodeCount * serviceCount);
    this.#checks = kernel.int32Array(`${spec.id}.checks`, 1);
    this.#requests = kernel.counter(`${spec.id}.requests`);
    this.#serviceRequests = kernel.float64Array(`${spec.id}.service-requests`, spec.targets.length);
    this.#noTarget = kernel.counter(`${spec.id}.no-target`);
    this.#failedOpen = kernel.counter(`${spec.id}.failed-open`);
    this.#draw = kernel.keyed(`${spec.id}.draw`);
    this.#check = kernel.handler(`${spec.id}.check-target`, (pair, tenancy) => {
      if (this.#targetTenancy[pair % targetsMax] === tenancy) this.#checkTarget(pair);
    });
    this.#nodeLook = kernel.handler(`${spec.id}.look-at-nodes`, () => this.#lookAtNodes());
    this.#drainLook = kernel.handler(`${spec.id}.look-at-draining`, (target, tenancy) => {
      if (this.#targetTenancy[target] === tenancy) this.#lookAtDraining(target);
    });
    this.#kinds = {
      unhealthy: log.kind("load-balancer.target-unhealthy", "detect"),
      healthy: log.kind("load-balancer.target-healthy", "recover"),
      nodeLeft: log.kind("load-balancer.node-left-dns", "detect"),
      nodeBack: log.kind("load-balancer.node-back-in-dns", "recover"),
      shifted: log.kind("load-balancer.zone-shifted-away", "act"),
      shiftEnded: log.kind("load-balancer.zone-shift-ended", "act"),
    };
    this.#addMetrics();
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
    for (const component of this.#fabric.components) {
      this.#serviceAtByComponent.push(this.#spec.targets.indexOf(component.id));
    }
    const { sites, components } = this.#fabric;
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
    const phase = this.#draw.uniform(0, 0, 0) * this.#values.nodeCheckIntervalUs;
    this.#fabric.kernel.schedule(Math.floor(phase), this.#nodeLook);
  }

  // --- Requests -----------------------------------------------------------------------------------------------

  /** Node that the caller's resolver gives it. Callers are spread over the TTL by the key of their call. */
  route(_callerInstance: number, _callerZone: number, frame: number): number {
    const { calls } = this.#fabric;
    const key = calls.keyOf(frame);
    const { nowUs } = this.#fabric.kernel;
    const phase = this.#dns.isSettled(nowUs) ? 0 : this.#draw.uniform(key, 1, 0);
    const mask = this.#dns.maskSeenBy(phase, nowUs);
    let count = 0;
    for (let node = 0; node < this.#nodes.length; node += 1) count += (mask >> node) & 1;
    let skip = this.#draw.int(count, key, calls.siteOf(frame), calls.attemptOf(frame) + 2);
    for (let node = 0; node < this.#nodes.length; node += 1) {
      if (((mask >> node) & 1) === 0) continue;
      if (skip === 0) return this.#nodes[node]!;
      skip -= 1;
    }
    return none;
  }

  admit(): number {
    this.#requests.add(1);
    return outcome.ok;
  }

  /** Task that a node (an instance of this balancer) sends a call to `service` to; `none` when none is registered. */
  pickTarget(nodeInstance: number, service: number, frame: number): number {
    const { calls } = this.#fabric;
    const node = this.#nodes.indexOf(nodeInstance);
    if (this.#isHealthCheck(calls.siteOf(frame))) {
      return this.#targetInstance[calls.dataOf(frame)]!;
    }
    const serviceAt = this.#serviceAt(service);
    const target = this.#choose(node, serviceAt);
    if (target === none) {
      this.#noTarget.add(1);
      return none;
    }
    this.#serviceRequests[serviceAt] = this.#serviceRequests[serviceAt]! + 1;
    const parent = calls.parentOf(frame);
    this.#settle(node, calls.noteOf(parent));
    calls.setNote(parent, noteOf(target, this.#targetTenancy[target]!));
    const pair = node * targetsMax + target;
    this.#outstanding[pair] = this.#outstanding[pair]! + 1;
    return this.#targetInstance[target]!;
  }

  /** A node answers its caller: the target has one request less. */
  answering(frame: number, instance: number): void {
    this.#settle(this.#nodes.indexOf(instance), this.#fabric.calls.noteOf(frame));
  }

  #settle(node: number, note: number): void {
    if (note === none) return;
    const target = note % targetsMax;
    if (note !== noteOf(target, this.#targetTenancy[target]!)) return;
    const pair = node * targetsMax + target;
    this.#outstanding[pair] = Math.max(0, this.#outstanding[pair]! - 1);
  }

  /** Next target of a service for a node: a healthy one, or any when the node finds none healthy. */
  #choose(node: number, serviceAt: number): number {
    const count = this.#listedCount[serviceAt]!;
    if (count === 0) return none;
    const turnCell = node * this.#spec.targets.length + serviceAt;
    const turn = this.#turn[turnCell]! % count;
    let target = this.#isFailOpen(node, serviceAt)
      ? none
      : this.#search(node, serviceAt, turn, true);
    if (target === none) {
      this.#failedOpen.add(1);
      target = this.#search(node, serviceAt, turn, false);
    }
    return target;
  }

  /** Whether too few targets are healthy for a node to go by it. */
  #isFailOpen(node: number, serviceAt: number): boolean {
    const { failOpenBelowShare } = this.#spec;
    if (failOpenBelowShare === undefined) return false;
    const count = this.#listedCount[serviceAt]!;
    let healthy = 0;
    for (let at = 0; at < count; at += 1) {
      const pair = node * targetsMax + this.#listed[serviceAt * targetsMax + at]!;
      if (this.#view[pair] === view.healthy) healthy += 1;
    }
    return healthy < failOpenBelowShare * count;
  }

  /** Whether a target that has just become healthy takes this turn: a share of them that grows with its age. */
  #takesTurn(target: number): boolean {
    const { slowStartSeconds } = this.#spec;
    if (slowStartSeconds === undefined) return true;
    const ageUs = this.#fabric.kernel.nowUs - this.#healthySinceUs[target]!;
    const sinceStart = this.#healthySinceUs[target] === 0;
    if (sinceStart || ageUs >= slowStartSeconds * 1_000_000) return true;
    const luck = this.#draw.uniform(target, this.#requests.value % 0x40000000, 9);
    return luck * slowStartSeconds * 1_000_000 < ageUs;
  }

  #search(node: number, serviceAt: number, turn: number, healthyOnly: boolean): number {
    const count = this.#listedCount[serviceAt]!;
    const byTurn = this.#spec.algorithm !== "least-outstanding-requests";
    let best = none;
    let bestAt = 0;
    let young = none;
    for (let step = 0; step < count; step += 1) {
      const at = turn + step < count ? turn + step : turn + step - count;
      const target = this.#listed[serviceAt * targetsMax + at]!;
      const pair = node * targetsMax + target;
      if (healthyOnly && this.#view[pair] !== view.healthy) continue;
      if (byTurn && healthyOnly && !this.#takesTurn(target)) {
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

  // --- Targets ------------------------------------------------------------------------------------------------

  /** Registers a task. Unless it is known to be healthy, each node uses it after one passed check. */
  register(instance: number, service: number, options: { alreadyHealthy: boolean }): void {
    const target = this.#targetInstance.indexOf(none);
    if (target === none) throw new RangeError(`"${this.id}" has more than ${targetsMax} targets`);
    this.#targetInstance[target] = instance;
    this.#targetService[target] = service;
    this.#targetMembership[target] = membership.registered;
    this.#targetTenancy[target] = this.#targetTenancy[target]! + 1;
    this.#targetVerdict[target] = options.alreadyHealthy ? view.healthy : view.initial;
    this.#targetVerdictSeq[target] = none;
    this.#healthySinceUs[target] = this.#fabric.kernel.nowUs;
    const tenancy = this.#targetTenancy[target]!;
    for (let node = 0; node < this.#nodes.length; node += 1) {
      const pair = node * targetsMax + target;
      this.#view[pair] = this.#targetVerdict[target]!;
      this.#streak[pair] = 0;
      this.#outstanding[pair] = 0;
      const phase = this.#draw.uniform(pair, tenancy, 3) * this.#values.healthCheckIntervalUs;
      this.#fabric.kernel.schedule(Math.floor(phase), this.#check, pair, tenancy);
    }
    this.#relist();
  }

  /** Takes a task out at once: it is known to be gone. Without effect when it is not registered. */
  deregister(instance: number): void {
    const target = this.#targetInstance.indexOf(instance);
    if (target === none) return;
    this.#targetInstance[target] = none;
    this.#targetMembership[target] = membership.free;
    this.#targetTenancy[target] = this.#targetTenancy[target]! + 1;
    for (let node = 0; node < this.#nodes.length; node += 1) {
      const pair = node * targetsMax + target;
      if (this.#hasChecker(pair)) this.#fabric.calls.endActor(this.#checker[pair]!);
      this.#checker[pair] = none;
    }
    this.#relist();
  }

  /** Takes a task out in good order; its service is told when its requests have ended or the delay has passed. */
  drain(instance: number): void {
    const target = this.#targetInstance.indexOf(instance);
    if (target === none || this.#targetMembership[target] !== membership.registered) return;
    const { kernel } = this.#fabric;
    this.#targetMembership[target] = membership.draining;
    this.#drainUntilUs[target] = kernel.nowUs + this.#values.deregistrationDelayUs;
    this.#relist();
    kernel.schedule(drainLookUs, this.#drainLook, target, this.#targetTenancy[target]!);
  }

  /** Whether the balancer as a whole calls a task unhealthy. */
  isUnhealthy(instance: number): boolean {
    const target = this.#targetInstance.indexOf(instance);
    return target !== none && this.#targetVerdict[target] === view.unhealthy;
  }

  /** Event that last changed the balancer's verdict on a task, or `none`. */
  verdictSeq(instance: number): number {
    const target = this.#targetInstance.indexOf(instance);
    return target === none ? none : this.#targetVerdictSeq[target]!;
  }

  #lookAtDraining(target: number): void {
    const { kernel } = this.#fabric;
    let outstanding = 0;
    for (let node = 0; node < this.#nodes.length; node += 1) {
      outstanding += this.#outstanding[node * targetsMax + target]!;
    }
    if (outstanding > 0 && kernel.nowUs < this.#drainUntilUs[target]!) {
      kernel.schedule(drainLookUs, this.#drainLook, target, this.#targetTenancy[target]!);
      return;
    }
    const instance = this.#targetInstance[target]!;
    const service = this.#serviceOf(target);
    this.deregister(instance);
    service.targetDrained(instance);
  }

  #relist(): void {
    this.#listedCount.fill(0);
    for (let target = 0; target < targetsMax; target += 1) {
      if (this.#targetMembership[target] !== membership.registered) continue;
      const serviceAt = this.#serviceAt(this.#targetService[target]!);
      const count = this.#listedCount[serviceAt]!;
      this.#listed[serviceAt * targetsMax + count] = target;
      this.#listedCount[serviceAt] = count + 1;
    }
  }

  // --- Health checks ------------------------------------------------------------------------------------------

  /** One node checks one target, with a real call over its own links. */
  #checkTarget(pair: number): void {
    const { calls, instances, kernel } = this.#fabric;
    const target = pair % targetsMax;
    const node = this.#nodes[(pair - target) / targetsMax]!;
    const tenancy = this.#targetTenancy[target]!;
    kernel.schedule(this.#values.healthCheckIntervalUs, this.#check, pair, tenancy);
    if (instances.column.status[node] !== status.up) return;
    if (!this.#hasChecker(pair)) {
      this.#checker[pair] = calls.startActor(node, pair);
      this.#checkerGeneration[pair] = calls.generationOf(this.#checker[pair]!);
    }
    const serviceId = this.#fabric.components[this.#targetService[target]!]!.id;
    this.#checks[0] = (this.#checks[0]! + 1) & 0x7fffffff;
    const site = this.#fabric.actorSite(this.id, `check-${serviceId}`);
    calls.callAsActor(this.#checker[pair]!, site, this.#checks[0]!, target, 1);
  }

  /** A check has ended. */
  resumed(actor: number, _site: number, result: number): void {
    const pair = this.#fabric.calls.dataOf(actor);
    const target = pair % targetsMax;
    const passed = result === outcome.ok;
    const before = this.#view[pair]!;
    // A streak counts checks in a row against the present view: failures while healthy, passes while unhealthy.
    const againstView = passed ? before !== view.healthy : before !== view.unhealthy;
    this.#streak[pair] = againstView ? this.#streak[pair]! + 1 : 0;
    const needed = passed ? this.#passesNeeded(before) : this.#values.unhealthyThreshold;
    if (!againstView || this.#streak[pair]! < needed) return;
    this.#view[pair] = passed ? view.healthy : view.unhealthy;
    this.#streak[pair] = 0;
    this.#judge(target);
  }

  #passesNeeded(before: number): number {
    return before === view.initial ? 1 : this.#values.healthyThreshold;
  }

  /** The verdict of the balancer as a whole: more than half of the nodes that its control plane reaches. */
  #judge(target: number): void {
    const { instances, zones, log } = this.#fabric;
    let nodes = 0;
    let healthy = 0;
    let unhealthy = 0;
    for (let node = 0; node < this.#nodes.length; node += 1) {
      const instance = this.#nodes[node]!;
      if (instances.column.status[instance] !== status.up) continue;
      if (!zones.inMajority(instances.column.zone[instance]!)) continue;
      const seen = this.#view[node * targetsMax + target]!;
      nodes += 1;
      if (seen === view.healthy) healthy += 1;
      if (seen === view.unhealthy) unhealthy += 1;
    }
    const before = this.#targetVerdict[target]!;
    let verdict = before;
    if (unhealthy * 2 > nodes) verdict = view.unhealthy;
    else if (healthy * 2 > nodes) verdict = view.healthy;
    if (verdict === before) return;
    const instance = this.#targetInstance[target]!;
    const zone = instances.column.zone[instance]!;
    const isHealthy = verdict === view.healthy;
    const previous = this.#targetVerdictSeq[target]!;
    const cause = Math.max(this.#causeFor(instance), isHealthy ? previous : none);
    const kind = isHealthy ? this.#kinds.healthy : this.#kinds.unhealthy;
    const seq = log.append(kind, { component: this.index, instance, zone }, cause);
    this.#targetVerdict[target] = verdict;
    if (isHealthy) this.#healthySinceUs[target] = this.#fabric.kernel.nowUs;
    this.#targetVerdictSeq[target] = seq;
    this.#serviceOf(target).targetJudged(instance, isHealthy, seq);
  }

  /** What has happened last to an instance, or to a zone that is not whole. */
  #causeFor(instance: number): number {
    const { instances, zones } = this.#fabric;
    const zone = instances.column.zone[instance]!;
    const own = instances.column.causeSeq[instance]!;
    return zones.inMajority(zone) ? own : Math.max(own, zones.causeSeq[zone]!);
  }

  // --- Nodes --------------------------------------------------------------------------------------------------

  /**
   * Shifts traffic away from a zone, or ends that: its node leaves the name until the shift ends. Callers follow over the
   * TTL, as with any change of the name. False when the balancer has no node there, or no other node left to go to.
   */
  shiftZone(zone: number, away: boolean, causeSeq: number): boolean {
    const { kernel, log, instances } = this.#fabric;
    const node = this.#nodes.findIndex((each) => instances.column.zone[each] === zone);
    if (node < 0 || (away && this.#dns.isIn(node) && this.#dns.count === 1)) return false;
    this.#nodeShifted[node] = away ? 1 : 0;
    // A node that answers returns at once, one that does not once its checks pass again.
    const isIn = !away && this.#answersFromOutside(this.#nodes[node]!);
    if (isIn !== this.#dns.isIn(node)) this.#dns.set(node, isIn, kernel.nowUs);
    const place = { component: this.index, instance: this.#nodes[node]!, zone };
    log.append(away ? this.#kinds.shifted : this.#kinds.shiftEnded, place, causeSeq);
    return true;
  }

  /** Health checks from outside decide which nodes are in DNS. */
  #lookAtNodes(): void {
    const { kernel, log, instances } = this.#fabric;
    kernel.schedule(this.#values.nodeCheckIntervalUs, this.#nodeLook);
    for (let node = 0; node < this.#nodes.length; node += 1) {
      const answers = this.#answersFromOutside(this.#nodes[node]!);
      this.#nodeMisses[node] = answers ? 0 : this.#nodeMisses[node]! + 1;
      this.#nodePasses[node] = answers ? this.#nodePasses[node]! + 1 : 0;
      const isIn = this.#dns.isIn(node);
      const leaves = isIn && this.#nodeMisses[node]! >= this.#values.nodeCheckThreshold;
      const isKept = this.#nodeShifted[node] === 1;
      const returns =
        !isIn && !isKept && this.#nodePasses[node]! >= this.#values.nodeCheckThreshold;
      if (!leaves && !returns) continue;
      this.#dns.set(node, returns, kernel.nowUs);
      const instance = this.#nodes[node]!;
      const place = { component: this.index, instance, zone: instances.column.zone[instance]! };
      log.append(
        leaves ? this.#kinds.nodeLeft : this.#kinds.nodeBack,
        place,
        this.#causeFor(instance),
      );
    }
    for (let target = 0; target < targetsMax; target += 1) {
      // Who counts may have changed with the zones, so every verdict is read again.
      if (this.#targetMembership[target] === membership.registered) this.#judge(target);
    }
  }

  #answersFromOutside(node: number): boolean {
    const { instances, zones } = this.#fabric;
    const zone = instances.column.zone[node]!;
    const linked = zones.linked(outsideZone, zone) && zones.linked(zone, outsideZone);
    return instances.column.status[node] === status.up && linked;
  }

  instanceFailed(instance: number, _manner: FailureManner, _causeSeq: number): void {
    // Its requests are gone with it. That it is gone is found out by the checks from outside.
    const node = this.#nodes.indexOf(instance);
    this.#outstanding.fill(0, node * targetsMax, (node + 1) * targetsMax);
  }

  /** A node that comes back knows nothing of its targets and uses all of them until it has checked them. */
  powerRestored(instance: number, causeSeq: number): void {
    const { instances } = this.#fabric;
    const node = this.#nodes.indexOf(instance);
    instances.column.status[instance] = status.up;
    instances.column.causeSeq[instance] = causeSeq;
    this.#view.fill(view.initial, node * targetsMax, (node + 1) * targetsMax);
    this.#streak.fill(0, node * targetsMax, (node + 1) * targetsMax);
  }

  // --- Shown to the outside -----------------------------------------------------------------------------------

  channels(): readonly Channel[] {
    const { column } = this.#fabric.instances;
    return [
      {
        name: "in-flight",
        unit: "requests",
        kind: "level",
        // The checkers of a node are inside it too; they are no requests.
        read: () => this.#inFlight(),
      },
      {
        name: "nodes-up",
        unit: "nodes",
        kind: "level",
        read: () => this.#nodes.filter((node) => column.status[node] === status.up).length,
      },
      { name: "nodes-in-dns", unit: "nodes", kind: "level", read: () => this.#dns.count },
      {
        name: "targets-healthy",
        unit: "targets",
        kind: "level",
        read: () => this.#countTargets(view.healthy),
      },
      {
        name: "targets-unhealthy",
        unit: "targets",
        kind: "level",
        read: () => this.#countTargets(view.unhealthy),
      },
      { name: "arrived", unit: "requests", kind: "count", read: () => this.#requests.value },
      { name: "without-target", unit: "requests", kind: "count", read: () => this.#noTarget.value },
      { name: "failed-open", unit: "requests", kind: "count", read: () => this.#failedOpen.value },
    ];
  }

  parameters() {
    return this.#parameters;
  }

  #addMetrics(): void {
    const { metrics, kernel } = this.#fabric;
    const base = { namespace: "AWS/ApplicationELB", component: this.index, unit: "Count" } as const;
    const requests = new PeriodGains(kernel, `${this.id}.metric.requests`, 1);
    const refused = new PeriodGains(kernel, `${this.id}.metric.refused`, 1);
    metrics.add({
      ...base,
      name: "RequestCount",
      sample: () => requests.gain(0, this.#requests.value),
    });
    const handed = new PeriodGains(
      kernel,
      `${this.id}.metric.service-requests`,
      this.#spec.targets.length,
    );
    for (const [serviceAt, value] of this.#spec.targets.entries()) {
      metrics.addUnwatched({
        ...base,
        name: "RequestCount",
        dimension: { name: "TargetGroup", value },
        sample: () => handed.gain(serviceAt, this.#serviceRequests[serviceAt]!),
      });
    }
    metrics.add({
      ...base,
      name: "HTTPCode_ELB_503_Count",
      sample: () => refused.gain(0, this.#noTarget.value),
    });
    metrics.add({
      ...base,
      name: "HealthyHostCount",
      isLevel: true,
      sample: () => this.#countTargets(view.healthy),
    });
    metrics.add({
      ...base,
      name: "UnHealthyHostCount",
      isLevel: true,
      sample: () => this.#countTargets(view.unhealthy),
    });
  }

  #countTargets(verdict: number): number {
    let count = 0;
    for (let serviceAt = 0; serviceAt < this.#spec.targets.length; serviceAt += 1) {
      for (let at = 0; at < this.#listedCount[serviceAt]!; at += 1) {
        const target = this.#listed[serviceAt * targetsMax + at]!;
        if (this.#targetVerdict[target] === verdict) count += 1;
      }
    }
    return count;
  }

  #inFlight(): number {
    let sum = 0;
    for (let target = 0; target < targetsMax; target += 1) {
      if (this.#targetMembership[target] === membership.free) continue;
      for (let node = 0; node < this.#nodes.length; node += 1) {
        sum += this.#outstanding[node * targetsMax + target]!;
      }
    }
    return sum;
  }

  #serviceAt(component: number): number {
    return this.#serviceAtByComponent[component]!;
  }

  #serviceOf(target: number): TargetService {
    return this.#fabric.components[this.#targetService[target]!] as TargetService;
  }

  #hasChecker(pair: number): boolean {
    const actor = this.#checker[pair]!;
    return (
      actor !== none && this.#fabric.calls.generationOf(actor) === this.#checkerGeneration[pair]
    );
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

/** A target and which of its tenants, in one number that a frame can carry. */
function noteOf(target: number, tenancy: number): number {
  return (tenancy & 0xfffff) * targetsMax + target;
}

/** Fields of the specification that are parameters, as overrides by name. */
function overridesOf(spec: LoadBalancerSpec): Readonly<Record<string, number>> {
  const overrides: Record<string, number> = { ...spec.parameters };
  const { healthCheck } = spec;
  const fields: readonly (readonly [string, number | undefined])[] = [
    ["healthCheckIntervalUs", inUs(healthCheck?.intervalSeconds)],
    ["healthCheckTimeoutUs", inUs(healthCheck?.timeoutSeconds)],
    ["unhealthyThreshold", healthCheck?.unhealthyThreshold],
    ["healthyThreshold", healthCheck?.healthyThreshold],
    ["deregistrationDelayUs", inUs(spec.deregistrationDelaySeconds)],
  ];
  for (const [name, value] of fields) if (value !== undefined) overrides[name] = value;
  return overrides;
}

function inUs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * 1_000_000);
}

function checkHealthCheck(
  id: string,
  values: { healthCheckIntervalUs: number; healthCheckTimeoutUs: number },
): void {
  if (values.healthCheckTimeoutUs < values.healthCheckIntervalUs) return;
  throw new TwinError({
    code: "load-balancer.health-check-overlaps",
    problem: `Health checks of "${id}" take up to ${values.healthCheckTimeoutUs / 1_000_000} s and come every ${values.healthCheckIntervalUs / 1_000_000} s`,
    remedy: "Make timeoutSeconds less than intervalSeconds",
    at: `/components/${id}/healthCheck`,
  });
}
