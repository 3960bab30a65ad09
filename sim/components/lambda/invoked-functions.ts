import { factNumberAt } from "../../facts/facts.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { outcome } from "../fabric/outcome.ts";
import { Executions } from "./executions.ts";
import type { FunctionsHost } from "./functions-host.ts";
import type { CompiledFunction } from "./stream-functions.ts";

/** Kinds of draws; 0 to 3 are those of functions that streams and queues feed. */
const draw = { cold: 4, duration: 5, wait: 6 } as const;

/** Most events that wait in the service's own queue. Assumption: bound of the simulation. */
const eventsMax = 131_072;

/** What AWS does with an event whose function failed, and with one that found no concurrency. */
const errorRetriesMax = factNumberAt("lambda.async.function-error", 0);
const errorWaitUs = [1, 2].map((at) => factNumberAt("lambda.async.function-error", at) * 1_000_000);
const throttledWaitUsFirst = factNumberAt("lambda.async.throttled", 0) * 1_000_000;
const throttledWaitUsMost = factNumberAt("lambda.async.throttled", 1) * 1_000_000;
const ageUsMax = factNumberAt("lambda.async.throttled", 2) * 1_000_000;

/** Doublings after which a wait is longer than the longest. */
const doublingsMax = 16;

const columns = {
  fn: "int32",
  record: "int32",
  /** Runs that failed, and tries that found no concurrency. */
  errors: "int32",
  throttles: "int32",
  /** Environment that works on it, or `none`. */
  environment: "int32",
  acceptedUs: "float64",
} as const;

/**
 * Functions that are invoked with an event and answer nobody: the service takes the event into a queue of its own and runs the
 * function for it. One that fails or outlives its time-out runs twice more, a minute and two minutes later; one that finds no
 * concurrency waits, a second at first and five minutes at most, until it is six hours old. What is left then is dropped.
 */
export class InvokedFunctions {
  readonly #fabric: Fabric;
  readonly #host: FunctionsHost;
  readonly #functions: readonly CompiledFunction[];
  readonly #events;
  /** By environment. */
  readonly #eventOf: Int32Array;
  readonly #begin: HandlerId;
  readonly #executions: Executions;
  /** Sites of a function's calls. Assembly only. */
  readonly #sites: (readonly number[])[] = [];

  constructor(
    fabric: Fabric,
    id: string,
    functions: readonly CompiledFunction[],
    host: FunctionsHost,
  ) {
    const { kernel } = fabric;
    const { slotsMax } = host.environments;
    this.#fabric = fabric;
    this.#host = host;
    this.#functions = functions;
    this.#events = kernel.pool(`${id}.invoked-events`, columns, { slotsMax: eventsMax });
    this.#eventOf = kernel.int32Array(`${id}.invoked-event-of`, slotsMax).fill(none);
    this.#begin = kernel.handler(`${id}.invoked-begin`, (event, generation) => {
      if (this.#events.generation[event] === generation) this.#run(event);
    });
    this.#executions = new Executions(fabric, `${id}.invoked`, host, {
      worked: (slot) => this.#worked(slot),
      timedOut: (slot) => this.#writeOff(slot),
    });
  }

  /** Assembly only. */
  connect(fn: number, sites: readonly number[]): void {
    this.#sites[fn] = sites;
  }

  /** Whether an environment belongs to a function that is invoked. */
  owns(slot: number): boolean {
    return this.#sites[this.#host.environments.column.fn[slot]!] !== undefined;
  }

  /** Events that wait or are being worked on. */
  get waitingCount(): number {
    return this.#events.usedCount;
  }

  /** Takes an event for a function; false when the queue is full. */
  accept(fn: number, record: number): boolean {
    const event = this.#events.alloc();
    if (event === none) return false;
    const { column } = this.#events;
    column.fn[event] = fn;
    column.record[event] = record;
    column.errors[event] = 0;
    column.throttles[event] = 0;
    column.environment[event] = none;
    column.acceptedUs[event] = this.#fabric.kernel.nowUs;
    this.#run(event);
    return true;
  }

  /** A call of an environment has ended. */
  resumed(slot: number, site: number, result: number): void {
    if (this.#host.environments.column.busy[slot] === 0) return;
    if (result === outcome.ok || this.#fabric.sites[site]!.optional) this.#callNext(slot);
    else this.#finish(slot, false);
  }

  #run(event: number): void {
    const { kernel } = this.#fabric;
    const { environments, draws } = this.#host;
    const { column } = this.#events;
    if (kernel.nowUs - column.acceptedUs[event]! >= ageUsMax) {
      this.#drop(event);
      return;
    }
    const fn = column.fn[event]!;
    let slot = this.#host.hasRoom ? environments.takeIdle(fn) : none;
    const isCold = slot === none;
    if (isCold && this.#host.hasRoom && this.#host.takeLaunch(fn)) slot = environments.launch(fn);
    if (slot === none) {
      this.#host.throttled();
      const throttles = column.throttles[event]!;
      column.throttles[event] = throttles + 1;
      const spanUs = throttledWaitUsFirst * (1 << Math.min(throttles, doublingsMax));
      // Assumption: jitter, so that what was turned away together does not come back together.
      const serial = this.#host.nextCall();
      const luck = draws.uniform(serial, draw.wait, fn);
      this.#tryLater(event, Math.round((Math.min(spanUs, throttledWaitUsMost) * (1 + luck)) / 2));
      return;
    }
    column.environment[event] = slot;
    this.#eventOf[slot] = event;
    const { durationUs, timeoutUs } = this.#functions[fn]!;
    this.#executions.begin(slot, { fn, durationUs, timeoutUs, isCold, draw });
  }

  /** The function's own work is over: it has failed at its event, or makes its calls. */
  #worked(slot: number): void {
    const fn = this.#host.environments.column.fn[slot]!;
    const record = this.#events.column.record[this.#eventOf[slot]!]!;
    if (this.#host.poisoned.failureAt(fn, record) === none) this.#callNext(slot);
    else this.#finish(slot, false);
  }

  #callNext(slot: number): void {
    const { column } = this.#host.environments;
    const fn = column.fn[slot]!;
    const at = column.callAt[slot]!;
    const site = this.#sites[fn]![at];
    const event = this.#eventOf[slot]!;
    if (site === undefined) {
      this.#finish(slot, true);
      return;
    }
    column.callAt[slot] = at + 1;
    const record = this.#events.column.record[event]!;
    const isBySymbol = this.#functions[fn]!.calls[at]!.per === "symbol";
    const data = isBySymbol ? this.#fabric.requests.symbolOf(record) : record;
    this.#fabric.calls.callAsActor(column.actor[slot]!, site, this.#host.nextCall(), data, 1);
  }

  #finish(slot: number, isWell: boolean): void {
    const { environments } = this.#host;
    // Without an answer that is heard, the time-out decides.
    if (!environments.isHeard(slot)) return;
    const { column } = environments;
    const durationUs = this.#executions.end(slot);
    const event = this.#release(slot);
    column.idleSinceUs[slot] = this.#fabric.kernel.nowUs;
    this.#host.ended(column.fn[slot]!, durationUs, isWell ? 1 : 0, !isWell);
    if (isWell) this.#events.free(event);
    else this.#failed(event);
  }

  /** No answer within the function's time-out: the environment is written off. */
  #writeOff(slot: number): void {
    const fn = this.#host.environments.column.fn[slot]!;
    const event = this.#release(slot);
    this.#host.environments.writeOff(slot);
    this.#host.writtenOff(fn);
    this.#failed(event);
  }

  #release(slot: number): number {
    const event = this.#eventOf[slot]!;
    this.#eventOf[slot] = none;
    this.#events.column.environment[event] = none;
    return event;
  }

  #failed(event: number): void {
    const { column } = this.#events;
    const errors = column.errors[event]!;
    column.errors[event] = errors + 1;
    if (errors >= errorRetriesMax) this.#drop(event);
    else this.#tryLater(event, errorWaitUs[errors]!);
  }

  #drop(event: number): void {
    this.#host.skipped(1);
    this.#events.free(event);
  }

  #tryLater(event: number, afterUs: number): void {
    this.#fabric.kernel.schedule(afterUs, this.#begin, event, this.#events.generation[event]!);
  }
}
