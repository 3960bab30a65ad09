import { compileQuantiles, type QuantileTable } from "../../kernel/distributions/quantile-table.ts";
import type { HandlerId, KeyedStream } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { outcome } from "../fabric/outcome.ts";
import { TokenBucket } from "../fabric/token-bucket.ts";
import type { ZonalHosts } from "../fabric/zonal-hosts.ts";
import { lognormalFrom99 } from "./delivery-latency.ts";
import type { NumberedTarget } from "./event-rules.ts";
import { busCounted } from "./eventbridge-figures.ts";
import type { EventBridgeParameters } from "./eventbridge-parameters.ts";

const columns = {
  record: "int32",
  target: "int32",
  /** Place of the event among all that the bus has taken. */
  serial: "int32",
  /** Tries that have failed. */
  failures: "int32",
  /** Host that has it under way, or `none`. */
  host: "int32",
  /** 1 for an event of a replay. */
  replayed: "int32",
  takenUs: "float64",
} as const;

/** Kinds of draws. */
const draw = { latency: 0, wait: 1 } as const;

/** Doublings after which a wait is longer than the longest. */
const doublingsMax = 20;

/** How often deliveries that the quota holds back are looked at. Assumption: a hundredth of a second. */
const paceUs = 10_000;

/** How long a bus that no host can serve waits before it looks again. Assumption: one second. */
const unservedUs = 1_000_000;

export interface DeliveriesOptions {
  readonly component: number;
  readonly id: string;
  readonly parameters: EventBridgeParameters;
  readonly targets: readonly NumberedTarget[];
  readonly symbolCount: number;
  readonly hosts: ZonalHosts;
  readonly counts: Float64Array;
  /** Told of every delivery that a target has taken. */
  readonly delivered: (serial: number, target: number, isReplayed: boolean) => void;
  /** Where an event goes that was given up and has a dead-letter queue. */
  readonly deadLettered: (record: number, target: number, serial: number) => void;
}

/**
 * Events on their way to targets. One row is one event for one target:
 *
 *   taken -> (delivery latency) -> (quota of invocations) -> call -> delivered
 *                    ^                                        | no answer, or turned away
 *                    +---- exponential wait with jitter ------+-> 185 tries or 24 hours: dead-letter queue, or dropped
 *
 * A call whose answer nobody heard, because its host went dark or stands in a minority, is made again: at least once.
 */
export class Deliveries {
  readonly #fabric: Fabric;
  readonly #options: DeliveriesOptions;
  readonly #pool;
  readonly #draws: KeyedStream;
  readonly #latency: QuantileTable;
  readonly #invocations: TokenBucket;
  /** Rows in the order in which they were made, with their generations: the first that is open is the oldest. */
  readonly #orderRows;
  readonly #orderGenerations;
  /** Rows that the quota holds back. */
  readonly #heldRows;
  readonly #heldGenerations;
  /** Serial of the last event delivered, by target and symbol. */
  readonly #lastSerial: Int32Array;
  /** [serials given, calls made, whether the pace is set] */
  readonly #numbers: Int32Array;
  readonly #due: HandlerId;
  readonly #pace: HandlerId;
  readonly #gaveUp: number;
  /** Call sites by target. Assembly only. */
  #sites: readonly number[] = [];

  constructor(fabric: Fabric, options: DeliveriesOptions) {
    const { kernel } = fabric;
    const { id, parameters, targets, symbolCount } = options;
    const slotsMax = parameters.deliveriesMax.value;
    this.#fabric = fabric;
    this.#options = options;
    this.#pool = kernel.pool(`${id}.deliveries`, columns, { slotsMax });
    this.#draws = kernel.keyed(`${id}.deliveries`);
    this.#latency = compileQuantiles(
      lognormalFrom99({
        p50: parameters.deliveryMsP50.value * 1000,
        p99: parameters.deliveryMsP99.value * 1000,
      }),
    );
    const ratePerSecond = parameters.invocationsPerSecond.value;
    this.#invocations = new TokenBucket(kernel, `${id}.invocations`, {
      ratePerSecond,
      burst: ratePerSecond,
    });
    this.#orderRows = kernel.queue(`${id}.order-rows`, slotsMax * 2);
    this.#orderGenerations = kernel.queue(`${id}.order-generations`, slotsMax * 2);
    this.#heldRows = kernel.queue(`${id}.held-rows`, slotsMax);
    this.#heldGenerations = kernel.queue(`${id}.held-generations`, slotsMax);
    this.#lastSerial = kernel
      .int32Array(`${id}.last-serial`, targets.length * symbolCount)
      .fill(none);
    this.#numbers = kernel.int32Array(`${id}.numbers`, 3);
    this.#due = kernel.handler(`${id}.deliver`, (row, generation) => {
      if (this.#pool.generation[row] === generation) this.#deliver(row);
    });
    this.#pace = kernel.handler(`${id}.pace`, () => this.#release());
    this.#gaveUp = fabric.log.kind("bus.event-given-up", "info");
  }

  /** Assembly only. */
  connect(sites: readonly number[]): void {
    this.#sites = sites;
  }

  /** Whether there is room for an event that goes to every target. */
  get hasRoom(): boolean {
    return this.#pool.usedCount + this.#options.targets.length <= this.#pool.slotsMax;
  }

  get waitingCount(): number {
    return this.#pool.usedCount;
  }

  /** Microseconds that the oldest event has waited; 0 when none does. */
  get oldestAgeUs(): number {
    const row = this.#orderRows.peek();
    return row === none ? 0 : this.#fabric.kernel.nowUs - this.#pool.column.takenUs[row]!;
  }

  /** Number of the next event. */
  nextSerial(): number {
    const serial = this.#numbers[0]!;
    this.#numbers[0] = serial + 1;
    return serial;
  }

  add(record: number, target: number, serial: number, isReplayed = false): void {
    const row = this.#pool.alloc();
    const { column } = this.#pool;
    column.record[row] = record;
    column.target[row] = target;
    column.serial[row] = serial;
    column.failures[row] = 0;
    column.host[row] = none;
    column.replayed[row] = isReplayed ? 1 : 0;
    column.takenUs[row] = this.#fabric.kernel.nowUs;
    this.#orderRows.push(row);
    this.#orderGenerations.push(this.#pool.generation[row]!);
    this.#schedule(row, this.#draws.draw(this.#latency, serial, target, draw.latency));
  }

  setQuotaShare(share: number): void {
    this.#invocations.setShare(share);
  }

  /** A call to a target has ended. */
  resumed(actor: number, result: number): void {
    const { calls } = this.#fabric;
    const row = calls.dataOf(actor);
    const host = calls.instanceOf(actor);
    calls.endActor(actor);
    this.#pool.column.host[row] = none;
    if (!this.#options.hosts.canServe(host)) this.#again(row);
    else if (result === outcome.ok) this.#delivered(row);
    else this.#failed(row);
  }

  /** What a host had under way is delivered again, once the service has noticed. */
  hostFailed(host: number): void {
    const { column, slotsTouched } = this.#pool;
    for (let row = 0; row < slotsTouched; row += 1) {
      if (!this.#pool.isUsed(row) || column.host[row] !== host) continue;
      column.host[row] = none;
      this.#again(row);
    }
  }

  #again(row: number): void {
    this.#schedule(row, this.#options.parameters.hostEvictionUs.value);
  }

  #schedule(row: number, afterUs: number): void {
    this.#fabric.kernel.schedule(Math.round(afterUs), this.#due, row, this.#pool.generation[row]!);
  }

  #deliver(row: number): void {
    if (this.#fabric.kernel.nowUs >= this.#expiresUs(row)) {
      this.#giveUp(row);
      return;
    }
    if (this.#heldRows.length === 0 && this.#invocations.take(1)) {
      this.#call(row);
      return;
    }
    this.#count(busCounted.delayed, 1);
    this.#heldRows.push(row);
    this.#heldGenerations.push(this.#pool.generation[row]!);
    this.#setPace();
  }

  /** Calls for what the quota held back, in its order, as far as it allows by now. */
  #release(): void {
    this.#numbers[2] = 0;
    while (this.#heldRows.length > 0 && this.#invocations.take(1)) {
      const row = this.#heldRows.shift();
      const generation = this.#heldGenerations.shift();
      if (this.#pool.generation[row] === generation) this.#call(row);
    }
    if (this.#heldRows.length > 0) this.#setPace();
  }

  #setPace(): void {
    if (this.#numbers[2] === 1) return;
    this.#numbers[2] = 1;
    this.#fabric.kernel.schedule(paceUs, this.#pace);
  }

  #call(row: number): void {
    const { calls } = this.#fabric;
    const host = this.#hostFor(row);
    if (host === none) {
      this.#schedule(row, unservedUs);
      return;
    }
    const { column } = this.#pool;
    column.host[row] = host;
    this.#count(busCounted.attempts, 1);
    const key = this.#numbers[1]!;
    this.#numbers[1] = (key + 1) | 0;
    const site = this.#sites[column.target[row]!]!;
    const actor = calls.startActor(host, row);
    calls.callAsActor(actor, site, key, column.record[row]!, 1);
  }

  /** Hosts take turns; those that can't serve are passed over. */
  #hostFor(row: number): number {
    const { hosts } = this.#options.hosts;
    const { serial, failures } = this.#pool.column;
    for (let at = 0; at < hosts.length; at += 1) {
      const host = hosts[(serial[row]! + failures[row]! + at) % hosts.length]!;
      if (this.#options.hosts.canServe(host)) return host;
    }
    return none;
  }

  #delivered(row: number): void {
    const { column } = this.#pool;
    const symbol = this.#fabric.requests.symbolOf(column.record[row]!);
    const at = column.target[row]! * this.#options.symbolCount + symbol;
    const serial = column.serial[row]!;
    const isReplayed = column.replayed[row] === 1;
    // A replay is told apart by its mark: that its events are old says nothing of the bus's order.
    if (serial >= this.#lastSerial[at]!) this.#lastSerial[at] = serial;
    else if (!isReplayed) this.#count(busCounted.overtaken, 1);
    this.#options.delivered(serial, column.target[row]!, isReplayed);
    this.#count(busCounted.delivered, 1);
    this.#count(busCounted.deliveredUs, this.#fabric.kernel.nowUs - column.takenUs[row]!);
    this.#free(row);
  }

  #failed(row: number): void {
    const { column } = this.#pool;
    const { parameters, targets } = this.#options;
    const failures = column.failures[row]! + 1;
    column.failures[row] = failures;
    this.#count(busCounted.failed, 1);
    const { retriesMax = parameters.retriesMax.value } = targets[column.target[row]!]!.target;
    if (failures > retriesMax) {
      this.#giveUp(row);
      return;
    }
    const spanUs = Math.min(
      parameters.retryUsMost.value,
      parameters.retryUsFirst.value * (1 << Math.min(failures - 1, doublingsMax)),
    );
    const luck = this.#draws.uniform(
      column.serial[row]!,
      column.target[row]!,
      draw.wait + failures,
    );
    const leftUs = this.#expiresUs(row) - this.#fabric.kernel.nowUs;
    this.#schedule(row, Math.max(0, Math.min((spanUs * (1 + luck)) / 2, leftUs)));
  }

  /** When an event is given up for this target. */
  #expiresUs(row: number): number {
    const { parameters, targets } = this.#options;
    const { column } = this.#pool;
    const { eventAgeSecondsMax = parameters.retryHoursMax.value * 3600 } =
      targets[column.target[row]!]!.target;
    return column.takenUs[row]! + eventAgeSecondsMax * 1_000_000;
  }

  #giveUp(row: number): void {
    const { component, targets } = this.#options;
    const { column } = this.#pool;
    const { deadLetterQueue } = targets[column.target[row]!]!.target;
    this.#count(deadLetterQueue === true ? busCounted.deadLettered : busCounted.dropped, 1);
    if (deadLetterQueue === true) {
      this.#options.deadLettered(column.record[row]!, column.target[row]!, column.serial[row]!);
    }
    // One entry for each that is given up would fill the log; the first of each thousand speaks for them.
    const given =
      this.#options.counts[busCounted.deadLettered]! + this.#options.counts[busCounted.dropped]!;
    if (given % 1000 === 1) {
      this.#fabric.log.append(this.#gaveUp, { component }, none, column.failures[row]!);
    }
    this.#free(row);
  }

  #free(row: number): void {
    this.#pool.free(row);
    while (this.#orderRows.length > 0) {
      const first = this.#orderRows.peek();
      if (this.#pool.generation[first] === this.#orderGenerations.peek()) return;
      this.#orderRows.shift();
      this.#orderGenerations.shift();
    }
  }

  #count(what: number, by: number): void {
    const { counts } = this.#options;
    counts[what] = counts[what]! + by;
  }
}
