import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";

/** Most records that can be poisoned in one run of the functions of one component. */
const poisonedMax = 1000;

/**
 * Records that a function fails at, every time that it runs for a batch that holds one. What becomes of them is the source's doing: a
 * stream hands them out again until they are too old, a queue until its dead-letter queue takes them, and an event is dropped
 * after its retries.
 */
export class PoisonedRecords {
  readonly #fabric: Fabric;
  readonly #component: number;
  /** By function: records that are still to be found poisoned, and the log entry of the fault. */
  readonly #left: Int32Array;
  readonly #cause: Int32Array;
  /** How many have been found, whose they are, and which: there are a few, so they are looked through. */
  readonly #known: Int32Array;
  readonly #functionOf: Int32Array;
  readonly #records: Int32Array;
  readonly #failed: number;

  constructor(fabric: Fabric, component: number, id: string, functionCount: number) {
    const { kernel, log } = fabric;
    this.#fabric = fabric;
    this.#component = component;
    this.#left = kernel.int32Array(`${id}.poisoned-left`, functionCount);
    this.#cause = kernel.int32Array(`${id}.poisoned-cause`, functionCount);
    this.#known = kernel.int32Array(`${id}.poisoned-known`, 1);
    this.#functionOf = kernel.int32Array(`${id}.poisoned-function`, poisonedMax);
    this.#records = kernel.int32Array(`${id}.poisoned-records`, poisonedMax);
    this.#failed = log.kind("lambda.failed-at-record", "info");
  }

  /** Of the records that a function meets from now on the first `count` are poisoned. */
  await(fn: number, count: number, causeSeq: number): void {
    const room = poisonedMax - this.#known[0]!;
    this.#left[fn] = Math.min(room, this.#left[fn]! + count);
    this.#cause[fn] = causeSeq;
  }

  /** What a function failed at is harmless from now on. */
  end(fn: number): void {
    this.#left[fn] = 0;
    this.#functionOf.forEach((other, at) => {
      if (other === fn) this.#functionOf[at] = none;
    });
  }

  /** Whether there may be a record that a function fails at. */
  isFeltBy(fn: number): boolean {
    return this.#left[fn]! + this.#known[0]! > 0;
  }

  /** Log entry of a function's failure at a record; `none` when it does not fail at it. */
  failureAt(fn: number, record: number): number {
    if (!this.isFeltBy(fn)) return none;
    return this.#isPoisoned(fn, record) ? this.#noteFailure(fn) : none;
  }

  #noteFailure(fn: number): number {
    const place = { component: this.#component };
    return this.#fabric.log.append(this.#failed, place, this.#cause[fn]!, fn);
  }

  /** A record that is met for the first time may turn out to be poisoned. */
  #isPoisoned(fn: number, record: number): boolean {
    const known = this.#known[0]!;
    for (let at = 0; at < known; at += 1) {
      if (this.#functionOf[at] === fn && this.#records[at] === record) return true;
    }
    if (this.#left[fn] === 0 || known === poisonedMax) return false;
    this.#left[fn] = this.#left[fn]! - 1;
    this.#functionOf[known] = fn;
    this.#records[known] = record;
    this.#known[0] = known + 1;
    return true;
  }
}
