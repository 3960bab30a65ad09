import { MistakeList } from "../../errors/twin-error.ts";
import { assumption, fromFact, usFromFact, valuesOf } from "../../facts/parameter.ts";
import type { Counter } from "../../kernel/containers/counter.ts";
import { lognormalFromQuantiles } from "../../kernel/distributions/lognormal-from-quantiles.ts";
import { compileQuantiles, type QuantileTable } from "../../kernel/distributions/quantile-table.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";
import type { Operation } from "../fabric/call-sites.ts";
import { type Channel, countChannel, levelChannel } from "../fabric/channel.ts";
import type { Component } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { status } from "../fabric/instances.ts";
import { outcome } from "../fabric/outcome.ts";
import { resolveParameters } from "../fabric/parameters.ts";
import { PeriodGains } from "../fabric/period-gains.ts";
import { placesTalk } from "../fabric/region-homes.ts";
import { outsideZone } from "../fabric/zones.ts";
import type { Route53Spec } from "./route53-spec.ts";

/** Users whose resolver caches are kept apart; beyond it several share one, as clients of one resolver do. */
const usersMax = 65_536;

const defaults = {
  ttlUs: usFromFact("route53.dns.health-checked-record-ttl-s"),
  failureThreshold: fromFact("route53.health-check.failure-threshold"),
  healthyPercent: fromFact("route53.health-check.aggregate-healthy-percent"),
  checkerCount: assumption(
    16,
    "checkers",
    "AWS probes from some fifteen places at once; they share the outside world's links here, loss apart",
  ),
  lookupUsP50: assumption(
    20_000,
    "us",
    "A recursive lookup that misses the resolver's cache, as public resolver measurements show",
  ),
  lookupUsP95: assumption(
    120_000,
    "us",
    "The tail of the same measurements: a second hop or a resend",
  ),
  propagationUs: usFromFact("route53.dns.record-change-propagation-s"),
  routingControlUs: assumption(
    5_000_000,
    "us",
    "a routing control is a health check that is turned by hand on the data plane; answers follow within seconds",
  ),
  resolverGivesUpUs: assumption(
    5_000_000,
    "us",
    "Common time-out of stub resolvers (resolv.conf's default) before the name is said not to resolve",
  ),
};

/**
 * Route 53: the authority for the platform's public names, the health checks behind them, and the resolver caches of
 * clients. A call to `resolve` costs nothing while the user's cached answer lives, a recursive lookup when it has
 * expired, and with the name service impaired a resolver's time-out and an error. What the client does with the name
 * stands beneath the call in the flow.
 *
 * Health checkers stand outside and probe each endpoint; an endpoint is healthy while more than 18 % of them pass,
 * and a record whose endpoints all fail is answered as if none did. Health-check failover changes answers on the data
 * plane, at once for whoever asks; the propagation of up to 60 s belongs to edited records, and nothing edits one here.
 */
/** An event has room for three numbers: the home region of the users who are led lies above that from which they go. */
const onlyHome = 256;

export class Route53 implements Component {
  readonly id: string;
  readonly service = "route53";
  readonly index: number;
  readonly operations: readonly Operation[] = [{ name: "resolve", decides: true }];
  readonly #fabric: Fabric;
  readonly #spec: Route53Spec;
  readonly #parameters;
  readonly #values;
  readonly #resolver: number;
  readonly #expiresUs: Float64Array;
  readonly #answering: Uint8Array;
  /** Record of each name in `fabric.names`. */
  readonly #records: readonly number[];
  /** By record and endpoint: healthy or not, event that said so; and by checker: its verdict and streak. */
  readonly #healthy: Uint8Array;
  readonly #healthSeq: Int32Array;
  readonly #checkerPasses: Uint8Array;
  readonly #checkerStreak: Int32Array;
  readonly #published: Int32Array;
  readonly #probes: Int32Array;
  readonly #endpointsMax: number;
  readonly #lookups: Counter;
  readonly #unanswered: Counter;
  readonly #lookupUs: QuantileTable;
  readonly #draw: KeyedStream;
  readonly #lookedUp: HandlerId;
  readonly #probe: HandlerId;
  readonly #moved: HandlerId;
  /** What each user's resolver was told, as a turn of `homes`. */
  readonly #answerTurn: Int32Array;
  readonly #kinds;

  constructor(fabric: Fabric, index: number, spec: Route53Spec) {
    const { kernel, log } = fabric;
    this.#fabric = fabric;
    this.#spec = spec;
    this.id = spec.id;
    this.index = index;
    const ttl = spec.ttlSeconds === undefined ? {} : { ttlUs: spec.ttlSeconds * 1_000_000 };
    this.#parameters = resolveParameters(spec.id, defaults, { ...spec.parameters, ...ttl });
    this.#values = valuesOf(this.#parameters);
    this.#resolver = fabric.instances.create({
      component: index,
      zone: outsideZone,
      status: status.up,
      serverCount: 0,
      insideMax: 1_000_000,
      causeSeq: none,
    });
    this.#expiresUs = kernel.float64Array(`${spec.id}.cache.expires-us`, usersMax).fill(-1);
    this.#answering = kernel.uint8Array(`${spec.id}.answering`, 1).fill(1);
    this.#records = spec.records.map(() => fabric.names.record(this.#values.ttlUs));
    this.#endpointsMax = Math.max(0, ...spec.records.map((record) => record.endpoints.length));
    const endpoints = spec.records.length * this.#endpointsMax;
    const { checkerCount, lookupUsP50, lookupUsP95 } = this.#values;
    this.#healthy = kernel.uint8Array(`${spec.id}.endpoint.healthy`, endpoints).fill(1);
    this.#healthSeq = kernel.int32Array(`${spec.id}.endpoint.seq`, endpoints).fill(none);
    this.#checkerPasses = kernel
      .uint8Array(`${spec.id}.checker.passes`, endpoints * checkerCount)
      .fill(1);
    this.#checkerStreak = kernel.int32Array(`${spec.id}.checker.streak`, endpoints * checkerCount);
    this.#published = kernel.int32Array(`${spec.id}.published`, spec.records.length).fill(none);
    this.#probes = kernel.int32Array(`${spec.id}.probes`, 1);
    this.#lookups = kernel.counter(`${spec.id}.lookups`);
    this.#unanswered = kernel.counter(`${spec.id}.unanswered`);
    this.#lookupUs = compileQuantiles(
      lookupUsP95 > lookupUsP50
        ? lognormalFromQuantiles({ p50: lookupUsP50, p95: lookupUsP95 })
        : { kind: "deterministic", value: lookupUsP50 },
    );
    this.#draw = kernel.keyed(`${spec.id}.draw`);
    this.#lookedUp = kernel.handler(`${spec.id}.looked-up`, (frame, generation, user) => {
      this.#lookupEnded(frame, generation, user);
    });
    this.#probe = kernel.handler(`${spec.id}.probe`, (endpoint, checker) => {
      this.#probeEndpoint(endpoint, checker);
    });
    this.#answerTurn = kernel.int32Array(`${spec.id}.cache.turn`, usersMax);
    this.#moved = kernel.handler(`${spec.id}.users-moved`, (packed, to, causeSeq) => {
      const home = Math.floor(packed / onlyHome) - 1;
      const only = home < 0 ? undefined : home;
      if (!fabric.homes.moveUsers(packed % onlyHome, to, only)) return;
      log.append(this.#kinds.usersMoved, { component: index }, causeSeq, to);
    });
    this.#kinds = {
      usersMoved: log.kind("route53.region-changed", "recover"),
      failed: log.kind("route53.endpoint-failed", "detect"),
      healthy: log.kind("route53.endpoint-healthy", "info"),
      answerChanged: log.kind("route53.answer-changed", "act"),
    };
    this.#addMetrics();
  }

  start(): void {
    const mistakes = new MistakeList();
    const ids = this.#fabric.components.map((component) => component.id);
    this.#spec.records.forEach((record, at) => {
      for (const endpoint of record.endpoints) {
        if (ids.includes(endpoint)) continue;
        mistakes.add({
          code: "route53.endpoint-unknown",
          problem: `The name "${record.name}" leads to "${endpoint}", which the topology does not have`,
          remedy: `Use one of ${ids.join(", ")}`,
          at: `/components/${this.id}/records/${at}`,
        });
      }
    });
    mistakes.throwIfAny(`Component "${this.id}"`);
    this.#spec.records.forEach((record, at) => {
      this.#publish(at, none);
      const intervalUs = (record.healthCheckIntervalSeconds ?? 0) * 1_000_000;
      if (intervalUs === 0) return;
      record.endpoints.forEach((_, place) => {
        const endpoint = at * this.#endpointsMax + place;
        for (let checker = 0; checker < this.#values.checkerCount; checker += 1) {
          const phase = this.#draw.uniform(endpoint, checker, 1) * intervalUs;
          this.#fabric.kernel.schedule(Math.floor(phase), this.#probe, endpoint, checker);
        }
      });
    });
  }

  // --- Resolving ----------------------------------------------------------------------------------------------

  route(): number {
    return this.#resolver;
  }

  /** A cached answer is free; otherwise the frame waits for the lookup. */
  worked(frame: number): number {
    const { calls, kernel, requests } = this.#fabric;
    const user = requests.column.user[calls.dataOf(frame)]! % usersMax;
    if (kernel.nowUs < this.#expiresUs[user]!) return outcome.ok;
    this.#lookups.add(1);
    const drawnUs = this.#draw.draw(this.#lookupUs, calls.keyOf(frame), calls.attemptOf(frame), 0);
    const isAnswered = this.#answering[0] === 1;
    const afterUs = Math.round(isAnswered ? drawnUs : this.#values.resolverGivesUpUs);
    kernel.schedule(afterUs, this.#lookedUp, frame, calls.generationOf(frame), user);
    return outcome.parked;
  }

  #lookupEnded(frame: number, generation: number, user: number): void {
    const { calls, kernel } = this.#fabric;
    if (this.#answering[0] === 0) {
      this.#unanswered.add(1);
      calls.complete(frame, generation, outcome.unavailable);
      return;
    }
    this.#expiresUs[user] = kernel.nowUs + this.#values.ttlUs;
    this.#answerTurn[user] = this.#fabric.homes.turn;
    calls.complete(frame, generation, outcome.ok);
  }

  /** Region that a user at home in a region goes to: as its resolver was told, or is told when it asks again now. */
  regionFor(user: number, home: number): number {
    const { homes, kernel } = this.#fabric;
    const place = user % usersMax;
    const asksAgain = kernel.nowUs >= this.#expiresUs[place]! && this.#answering[0] === 1;
    return homes.usersAt(asksAgain ? homes.turn : this.#answerTurn[place]!, home);
  }

  /**
   * Lets the public name lead users from one region to another. Editing a record goes through the service's control plane,
   * which stands in us-east-1 and is as dark as that, and takes time to reach all name servers; a routing control
   * is turned on the data plane. All users are led whom the name leads there, or those at home in one region (`home`). False
   * when the control plane can't be reached.
   */
  redirect(
    from: number,
    to: number,
    by: "record-edit" | "routing-control",
    causeSeq: number,
    home: number = none,
  ): boolean {
    const { zones, kernel, homes } = this.#fabric;
    const control = zones.zones.flatMap(({ region }, at) => (region === "us-east-1" ? [at] : []));
    const isReachable = control.length === 0 || placesTalk(zones, control, [outsideZone]);
    if (from === none || to === none || homes.turn > 60) return false;
    if (by === "record-edit" && !isReachable) return false;
    const { propagationUs, routingControlUs } = this.#values;
    const afterUs = by === "record-edit" ? propagationUs : routingControlUs;
    kernel.schedule(afterUs, this.#moved, from + (home + 1) * onlyHome, to, causeSeq);
    return true;
  }

  /** Impairs or mends the name service, for clients and for names inside the platform alike. */
  setAnswering(answering: boolean): void {
    this.#answering[0] = answering ? 1 : 0;
    this.#fabric.names.setAnswering(answering);
  }

  // --- Health checks ------------------------------------------------------------------------------------------

  /** One checker probes one endpoint; its verdict changes after three results in a row. */
  #probeEndpoint(endpoint: number, checker: number): void {
    const { kernel } = this.#fabric;
    const record = Math.floor(endpoint / this.#endpointsMax);
    const intervalSeconds = this.#spec.records[record]!.healthCheckIntervalSeconds ?? 30;
    kernel.schedule(intervalSeconds * 1_000_000, this.#probe, endpoint, checker);
    const cell = endpoint * this.#values.checkerCount + checker;
    this.#probes[0] = (this.#probes[0]! + 1) & 0x7fffffff;
    const passed = this.#isReached(endpoint, this.#probes[0]!);
    if (passed === (this.#checkerPasses[cell] === 1)) {
      this.#checkerStreak[cell] = 0;
      return;
    }
    this.#checkerStreak[cell] = this.#checkerStreak[cell]! + 1;
    if (this.#checkerStreak[cell]! < this.#values.failureThreshold) return;
    this.#checkerStreak[cell] = 0;
    this.#checkerPasses[cell] = passed ? 1 : 0;
    this.#judge(record, endpoint);
  }

  /** Whether any instance of the endpoint answers a probe from outside. */
  #isReached(endpoint: number, probe: number): boolean {
    const { instances, zones } = this.#fabric;
    const component = this.#endpointComponent(endpoint);
    for (let slot = 0; slot < instances.slotsMax; slot += 1) {
      if (instances.column.component[slot] !== component) continue;
      if (instances.column.status[slot] !== status.up) continue;
      const zone = instances.column.zone[slot]!;
      const arrives = zones.delivers(outsideZone, zone, probe);
      if (arrives && zones.delivers(zone, outsideZone, probe)) return true;
    }
    return false;
  }

  #judge(record: number, endpoint: number): void {
    const { log } = this.#fabric;
    const { checkerCount, healthyPercent } = this.#values;
    let passing = 0;
    for (let checker = 0; checker < checkerCount; checker += 1) {
      passing += this.#checkerPasses[endpoint * checkerCount + checker]!;
    }
    const isHealthy = passing * 100 > healthyPercent * checkerCount;
    if (isHealthy === (this.#healthy[endpoint] === 1)) return;
    this.#healthy[endpoint] = isHealthy ? 1 : 0;
    const component = this.#endpointComponent(endpoint);
    const kind = isHealthy ? this.#kinds.healthy : this.#kinds.failed;
    const cause = Math.max(this.#latestCause(component), this.#healthSeq[endpoint]!);
    const seq = log.append(kind, { component }, cause, passing);
    this.#healthSeq[endpoint] = seq;
    this.#publish(record, seq);
  }

  /** What has happened last to any instance of a component. */
  #latestCause(component: number): number {
    const { instances } = this.#fabric;
    let latest = none;
    for (let slot = 0; slot < instances.slotsMax; slot += 1) {
      if (instances.column.status[slot] === status.gone) continue;
      if (instances.column.component[slot] !== component) continue;
      latest = Math.max(latest, instances.column.causeSeq[slot]!);
    }
    return latest;
  }

  /** Answers with the first healthy endpoint; when all have failed, as if none had. */
  #publish(record: number, causeSeq: number): void {
    const { endpoints } = this.#spec.records[record]!;
    let chosen = 0;
    for (let at = endpoints.length - 1; at >= 0; at -= 1) {
      if (this.#healthy[record * this.#endpointsMax + at] === 1) chosen = at;
    }
    if (this.#published[record] === chosen) return;
    this.#published[record] = chosen;
    const { instances, names, log } = this.#fabric;
    const component = this.#endpointComponent(record * this.#endpointsMax + chosen);
    const addresses: number[] = [];
    for (let slot = 0; slot < instances.slotsMax; slot += 1) {
      const isOf = instances.column.component[slot] === component;
      if (isOf && instances.column.status[slot] !== status.gone) addresses.push(slot);
    }
    names.publish(this.#records[record]!, addresses);
    if (causeSeq !== none) log.append(this.#kinds.answerChanged, { component }, causeSeq, record);
  }

  /** Component that a name leads to now, by its number; `none` for a name that is not there. */
  answerOf(name: string): number {
    const record = this.#spec.records.findIndex((each) => each.name === name);
    if (record < 0) return none;
    return this.#endpointComponent(record * this.#endpointsMax + this.#published[record]!);
  }

  #endpointComponent(endpoint: number): number {
    const record = Math.floor(endpoint / this.#endpointsMax);
    const place = endpoint - record * this.#endpointsMax;
    return this.#fabric.component(this.#spec.records[record]!.endpoints[place]!).index;
  }

  // --- Shown to the outside -----------------------------------------------------------------------------------

  instanceFailed(): void {
    // Resolvers and name servers are many and everywhere; the service is impaired as a whole, by `setAnswering`.
  }

  powerRestored(instance: number): void {
    this.#fabric.instances.column.status[instance] = status.up;
  }

  channels(): readonly Channel[] {
    return [
      countChannel("lookups", "lookups", () => this.#lookups.value),
      countChannel("unanswered", "lookups", () => this.#unanswered.value),
      levelChannel("answering", "yes/no", () => this.#answering[0]!),
    ];
  }

  parameters() {
    return this.#parameters;
  }

  #addMetrics(): void {
    const queries = new PeriodGains(this.#fabric.kernel, `${this.id}.metric.queries`, 1);
    this.#fabric.metrics.add({
      namespace: "AWS/Route53",
      name: "DNSQueries",
      component: this.index,
      unit: "Count",
      sample: () => queries.gain(0, this.#lookups.value),
    });
  }
}

export function createRoute53(fabric: Fabric, index: number, spec: Route53Spec): Route53 {
  return new Route53(fabric, index, spec);
}
