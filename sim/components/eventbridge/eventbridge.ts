import { TwinError } from "../../errors/twin-error.ts";
import { type Parameters, valuesOf } from "../../facts/parameter.ts";
import { lognormalFromQuantiles } from "../../kernel/distributions/lognormal-from-quantiles.ts";
import { compileQuantiles } from "../../kernel/distributions/quantile-table.ts";
import { none } from "../../kernel/none.ts";
import type { Operation } from "../fabric/call-sites.ts";
import type { Channel } from "../fabric/channel.ts";
import type { Component } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import type { FailureManner } from "../fabric/instances.ts";
import { outcome } from "../fabric/outcome.ts";
import { TokenBucket } from "../fabric/token-bucket.ts";
import { ZonalHosts } from "../fabric/zonal-hosts.ts";
import { PutBatches } from "../kinesis/put-batches.ts";
import { SentBatches } from "../kinesis/sent-batches.ts";
import type { DeadLetters } from "../sqs-fifo/dead-letters.ts";
import { DeadEvents } from "./dead-events.ts";
import { Deliveries } from "./deliveries.ts";
import { EventArchives, type ReplayWindow } from "./event-archives.ts";
import { EventRules } from "./event-rules.ts";
import { busChannels, busCounted, publishBusMetrics } from "./eventbridge-figures.ts";
import { type EventBridgeParameters, eventBridgeParameters } from "./eventbridge-parameters.ts";
import type { EventBridgeSpec } from "./eventbridge-spec.ts";

const operation = { put: 0, putEvents: 1 } as const;

/**
 * An EventBridge event bus: takes events, matches them with rules, and calls each matching rule's targets until they answer.
 * An event that was taken is kept in several zones. It is delivered at least once, and in no order.
 *
 * | operation    | `data`               | effect                                               |
 * | ------------ | -------------------- | ---------------------------------------------------- |
 * | `put`        | a request            | one event about it                                   |
 * | `put-events` | a batch of `batches` | an event for each record, ten at most (PutEvents)    |
 *
 * With archives, people can have it send again what it took ({@link EventArchives}); what lies in a dead-letter queue, too.
 *
 * Targets are actor calls that the topology declares for the bus, with the event's request as `data`.
 */
export class EventBridge implements Component {
  readonly id: string;
  readonly service = "eventbridge";
  readonly index: number;
  readonly operations: readonly Operation[];
  /** What producers want to put. */
  readonly batches: PutBatches;
  readonly counts: Float64Array;
  readonly #fabric: Fabric;
  readonly #parameters: EventBridgeParameters;
  readonly #hosts: ZonalHosts;
  readonly #puts: TokenBucket;
  readonly #rules: EventRules;
  readonly #deliveries: Deliveries;
  readonly #dead: DeadEvents | undefined;
  readonly #archives: EventArchives | undefined;
  readonly #sent: SentBatches;
  readonly #takeEvent: (record: number) => boolean;
  readonly #send: (record: number, target: number, serial: number) => void;

  constructor(fabric: Fabric, index: number, spec: EventBridgeSpec, symbolCount: number) {
    const { kernel } = fabric;
    const { id } = spec;
    this.id = id;
    this.index = index;
    this.#fabric = fabric;
    this.#parameters = eventBridgeParameters(spec);
    const values = valuesOf(this.#parameters);
    const serviceUs = compileQuantiles(
      lognormalFromQuantiles({ p50: values.putUsP50, p95: values.putUsP95 }),
    );
    this.operations = ["put", "put-events"].map((name) => ({ name, serviceUs, decides: true }));
    this.#hosts = new ZonalHosts(fabric, {
      component: index,
      id,
      zones: spec.zones.map((zone) => fabric.zone(zone)),
      insideMax: 1_000_000,
      evictAfterUs: values.hostEvictionUs,
      needsMajority: true,
    });
    this.batches = new PutBatches(fabric, id, values.entriesMax);
    this.#puts = new TokenBucket(kernel, `${id}.puts`, {
      ratePerSecond: values.putsPerSecond,
      burst: values.putsPerSecond,
    });
    this.counts = kernel.float64Array(`${id}.counts`, Object.keys(busCounted).length);
    this.#rules = new EventRules(fabric, spec.rules);
    this.#deliveries = new Deliveries(fabric, {
      component: index,
      id,
      parameters: this.#parameters,
      targets: this.#rules.targets,
      symbolCount,
      hosts: this.#hosts,
      counts: this.counts,
      delivered: (serial, target, isReplayed) =>
        this.#archives?.delivered(serial, target, isReplayed),
      deadLettered: (record, target, serial) => this.#dead?.add(record, target, serial),
    });
    this.#dead = this.#newDeadEvents();
    this.#archives = this.#newArchives(spec);
    this.#sent = new SentBatches(fabric, id, this.batches);
    this.#takeEvent = (record) => this.#take(record);
    this.#send = (record, target, serial) => this.#deliveries.add(record, target, serial);
    publishBusMetrics(fabric, this);
  }

  #newDeadEvents(): DeadEvents | undefined {
    if (!this.#rules.targets.some(({ target }) => target.deadLetterQueue === true))
      return undefined;
    return new DeadEvents(this.#fabric, {
      component: this.index,
      id: this.id,
      parameters: this.#parameters,
      hasRoom: () => this.#deliveries.hasRoom,
      deliver: (record, target, serial) => this.#deliveries.add(record, target, serial),
    });
  }

  #newArchives({ archives = [] }: EventBridgeSpec): EventArchives | undefined {
    if (archives.length === 0) return undefined;
    return new EventArchives(this.#fabric, {
      component: this.index,
      id: this.id,
      archives,
      rules: this.#rules,
      parameters: this.#parameters,
      counts: this.counts,
      hasRoom: () => this.#deliveries.hasRoom,
      deliver: (record, target, serial) => this.#deliveries.add(record, target, serial, true),
    });
  }

  start(): void {
    this.#deliveries.connect(
      this.#rules.targets.map(({ rule, target }) => this.#siteOf(rule, target.call)),
    );
    this.#hosts.start();
    this.#sent.start();
  }

  route(_callerInstance: number, _callerZone: number, frame: number): number {
    return this.#hosts.route(frame);
  }

  admit(frame: number, host: number): number {
    if (!this.#hosts.canServe(host)) return outcome.unavailable;
    if (!this.#puts.take(1)) {
      this.#count(busCounted.putsThrottled, 1);
      return outcome.throttled;
    }
    if (this.#operationOf(frame) === operation.putEvents) this.#sent.admit(frame);
    return outcome.ok;
  }

  worked(frame: number, host: number): number {
    if (!this.#hosts.canServe(host)) return outcome.unavailable;
    const data = this.#fabric.calls.dataOf(frame);
    if (this.#operationOf(frame) === operation.put) {
      return this.#take(data) ? outcome.ok : outcome.throttled;
    }
    if (!this.#sent.isOpen(frame)) return outcome.refused;
    return this.batches.offer(data, this.#takeEvent) === 0 ? outcome.ok : outcome.throttled;
  }

  resumed(actor: number, _site: number, result: number): void {
    this.#deliveries.resumed(actor, result);
  }

  instanceFailed(host: number, _manner: FailureManner, _causeSeq: number): void {
    this.#deliveries.hostFailed(host);
  }

  /** Leaves a share of both quotas: puts are turned away beyond it, deliveries wait. */
  setQuotaShare(share: number): void {
    this.#puts.setShare(share);
    this.#deliveries.setQuotaShare(share);
  }

  powerRestored(host: number, causeSeq: number): void {
    this.#hosts.powerRestored(host, causeSeq);
  }

  get deadLetters(): DeadLetters | undefined {
    return this.#dead?.letters;
  }

  get isArchiving(): boolean {
    return this.#archives !== undefined;
  }

  /** People send what lies in the dead-letter queue again; false without one, and while it is being done. */
  redrive(eventsPerSecond: number | undefined, causeSeq: number): boolean {
    const rate = eventsPerSecond ?? this.#parameters.redrivePerSecond.value;
    return this.#dead?.letters.redrive(rate, causeSeq) === true;
  }

  get isRedriving(): boolean {
    return this.#dead?.letters.isRedriving === true;
  }

  /** People start a replay; false without the archive, and while another is under way. */
  replay(window: ReplayWindow, causeSeq: number): boolean {
    return this.#archives?.replay(window, causeSeq) === true;
  }

  get isReplaying(): boolean {
    return this.#archives?.isReplaying === true;
  }

  /** Deliveries that have yet to be made. */
  get waitingCount(): number {
    return this.#deliveries.waitingCount;
  }

  /** Microseconds that the oldest of them has waited. */
  get oldestAgeUs(): number {
    return this.#deliveries.oldestAgeUs;
  }

  get hostsInService(): number {
    return this.#hosts.inServiceCount;
  }

  channels(): readonly Channel[] {
    return busChannels(this);
  }

  parameters(): Parameters {
    return this.#parameters;
  }

  #take(record: number): boolean {
    if (!this.#deliveries.hasRoom) return false;
    this.#count(busCounted.events, 1);
    const serial = this.#deliveries.nextSerial();
    this.#archives?.taken(record);
    this.#count(busCounted.matched, this.#rules.match(record, serial, this.#send));
    return true;
  }

  #siteOf(rule: string, call: string): number {
    const site = this.#fabric.actorSite(this.id, call);
    if (site !== none) return site;
    throw new TwinError({
      code: "topology.actor-call-missing",
      problem: `Rule "${rule}" of "${this.id}" has a target "${call}" that is no declared call`,
      remedy: `Declare an actor call "${call}" of "${this.id}", or take the target out of the rule`,
      at: `/components/${this.id}/rules/${rule}/sendTo`,
    });
  }

  #operationOf(frame: number): number {
    return this.#fabric.sites[this.#fabric.calls.siteOf(frame)]!.operation;
  }

  #count(what: number, by: number): void {
    this.counts[what] = this.counts[what]! + by;
  }
}

/** An event bus. */
export function createEventBridge(
  fabric: Fabric,
  index: number,
  spec: EventBridgeSpec,
  symbolCount: number,
): EventBridge {
  return new EventBridge(fabric, index, spec, symbolCount);
}
