import { none } from "../../kernel/none.ts";
import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";
import type { Fabric } from "./fabric.ts";
import { status } from "./instances.ts";

export interface ZonalHostsOptions {
  /** Component the hosts belong to. */
  readonly component: number;
  readonly id: string;
  /** Zones with a host each. */
  readonly zones: readonly number[];
  /** Most requests inside one host at once. */
  readonly insideMax: number;
  /** Microseconds from a host's silence until the service's own routing leaves it out. */
  readonly evictAfterUs: number;
  /** Whether a host can only serve while it reaches a majority of its region's zones (replicated writes). */
  readonly needsMajority: boolean;
}

/** How often the service's own routing looks at its hosts. Assumption: one second. */
const watchPeriodUs = 1_000_000;

/**
 * The zonal hosts behind a regional endpoint (API Gateway, DynamoDB, SQS, Kinesis...). Requests spread over the
 * hosts that the service believes in. Loss of a zone silences its host's share of the requests until the service
 * leaves the host out, which is why even a "transparent" zone loss costs some seconds of partial errors.
 */
export class ZonalHosts {
  readonly hosts: readonly number[];
  readonly #fabric: Fabric;
  readonly #options: ZonalHostsOptions;
  /** Whether the service's routing sends requests to the host, by host position. */
  readonly #inService: Uint8Array;
  readonly #silentSinceUs: Float64Array;
  readonly #spread: KeyedStream;
  readonly #evicted: number;
  readonly #returned: number;
  readonly #watch: number;

  constructor(fabric: Fabric, options: ZonalHostsOptions) {
    const { kernel, instances, log } = fabric;
    this.#fabric = fabric;
    this.#options = options;
    this.hosts = options.zones.map((zone) =>
      instances.create({
        component: options.component,
        zone,
        status: status.up,
        serverCount: 0,
        insideMax: options.insideMax,
        causeSeq: none,
      }),
    );
    this.#inService = kernel.uint8Array(`${options.id}.in-service`, this.hosts.length).fill(1);
    this.#silentSinceUs = kernel
      .float64Array(`${options.id}.silent-since-us`, this.hosts.length)
      .fill(-1);
    this.#spread = kernel.keyed(`${options.id}.spread`);
    this.#evicted = log.kind("host.left-out", "detect");
    this.#returned = log.kind("host.back-in-service", "recover");
    this.#watch = kernel.handler(`${options.id}.watch-hosts`, () => this.#look());
  }

  start(): void {
    this.#fabric.kernel.schedule(watchPeriodUs, this.#watch);
  }

  /** Host for a request: any that the service believes in, the same for the same key and attempt. */
  route(frame: number): number {
    const { calls } = this.#fabric;
    let believed = 0;
    for (let at = 0; at < this.hosts.length; at += 1) believed += this.#inService[at]!;
    if (believed === 0) return none;
    const draw = this.#spread.uniform(
      calls.keyOf(frame),
      calls.siteOf(frame),
      calls.attemptOf(frame),
    );
    let skip = Math.floor(draw * believed);
    for (let at = 0; at < this.hosts.length; at += 1) {
      if (this.#inService[at] === 0) continue;
      if (skip === 0) return this.hosts[at]!;
      skip -= 1;
    }
    return none;
  }

  /** Whether a host can serve: with power and, where writes are replicated, with a majority of the zones. */
  canServe(host: number): boolean {
    const { instances, zones } = this.#fabric;
    if (instances.column.status[host] !== status.up) return false;
    return !this.#options.needsMajority || zones.inMajority(instances.column.zone[host]!);
  }

  get inServiceCount(): number {
    let count = 0;
    for (let at = 0; at < this.hosts.length; at += 1) count += this.#inService[at]!;
    return count;
  }

  /** Power is back: the host serves again once the service has looked at it. */
  powerRestored(host: number, causeSeq: number): void {
    const { instances } = this.#fabric;
    instances.column.status[host] = status.up;
    instances.column.causeSeq[host] = causeSeq;
  }

  #look(): void {
    const { kernel, zones, instances, log } = this.#fabric;
    for (let at = 0; at < this.hosts.length; at += 1) {
      const host = this.hosts[at]!;
      const zone = instances.column.zone[host]!;
      const answers = instances.column.status[host] === status.up && zones.inMajority(zone);
      const place = { component: this.#options.component, instance: host, zone };
      if (answers) {
        this.#silentSinceUs[at] = -1;
        if (this.#inService[at] === 0) {
          this.#inService[at] = 1;
          log.append(this.#returned, place, instances.column.causeSeq[host]!);
        }
        continue;
      }
      if (this.#silentSinceUs[at]! < 0) this.#silentSinceUs[at] = kernel.nowUs;
      const silentUs = kernel.nowUs - this.#silentSinceUs[at]!;
      if (this.#inService[at] === 1 && silentUs >= this.#options.evictAfterUs) {
        this.#inService[at] = 0;
        instances.column.causeSeq[host] = log.append(
          this.#evicted,
          place,
          instances.column.causeSeq[host]!,
        );
      }
    }
    kernel.schedule(watchPeriodUs, this.#watch);
  }
}
