import type { IntQueue } from "../../kernel/containers/int-queue.ts";
import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { outcome } from "../fabric/outcome.ts";
import { TimerLane } from "../fabric/timer-lane.ts";
import { Consumers } from "./consumers.ts";
import type { OrderLog } from "./order-log.ts";

/** Most fetches that can wait at once. */
const fetchesMax = 65_536;

export interface FetchesOptions {
  readonly component: number;
  readonly id: string;
  /** Whether a reader that is not heard of loses its partitions to another. */
  readonly isDynamic: boolean;
  /** Kind of the log entry of a reader that takes another's place. */
  readonly tookOver: string;
  /** Microseconds for which a fetch without records waits for some. */
  readonly fetchWaitUs: number;
  /** Microseconds after which what was not committed is handed out again. */
  readonly refetchUs: number;
  /** Microseconds of silence after which a reader of dynamic membership is gone, and until another has its partitions then. */
  readonly consumerSessionUs: number;
  readonly rebalanceUs: number;
}

/**
 * The reading side of the orders: consumers fetch records of their partitions and commit how far they have read. A fetch
 * without records waits for them, half a second at most; what a reader does not commit is handed out again.
 */
export class Fetches {
  readonly #fabric: Fabric;
  readonly #options: FetchesOptions;
  readonly #fetchOver: TimerLane;
  readonly #refetch: TimerLane;
  /** Made by `start`, when it is known who reads: the log, its readers, and their waiting fetches. Assembly only. */
  #log!: OrderLog;
  /** As above. Assembly only. */
  #consumers!: Consumers;
  /** As above. Assembly only. */
  #fetchFrames: IntQueue[] = [];
  /** As above. Assembly only. */
  #fetchGenerations: IntQueue[] = [];
  /** As above. Assembly only. */
  #consumerOfComponent: Int32Array = new Int32Array(0);

  constructor(fabric: Fabric, options: FetchesOptions) {
    const { kernel } = fabric;
    const { id, fetchWaitUs, refetchUs } = options;
    this.#fabric = fabric;
    this.#options = options;
    this.#fetchOver = new TimerLane(
      kernel,
      `${id}.fetch-over`,
      { lengthUs: fetchWaitUs, timersMax: fetchesMax },
      (frame, generation) => {
        if (fabric.calls.generationOf(frame) !== generation) return;
        fabric.calls.setData(frame, none);
        fabric.calls.complete(frame, generation, outcome.ok);
      },
    );
    this.#refetch = new TimerLane(
      kernel,
      `${id}.refetch`,
      { lengthUs: refetchUs, timersMax: fetchesMax },
      (receipt, consumer) => {
        if (this.#log.store(consumer).reveal(receipt) > 0) this.serve(consumer);
      },
    );
  }

  /** `readers` are the components that fetch from the log, each a consumer. */
  start(log: OrderLog, readers: readonly number[]): void {
    const { kernel, components } = this.#fabric;
    const { component, id, isDynamic, tookOver, consumerSessionUs, rebalanceUs } = this.#options;
    this.#log = log;
    this.#consumerOfComponent = new Int32Array(components.length).fill(none);
    readers.forEach((reader, consumer) => {
      this.#consumerOfComponent[reader] = consumer;
    });
    this.#consumers = new Consumers(this.#fabric, {
      component,
      id,
      consumerCount: log.consumerCount,
      isDynamic,
      tookOver,
      sessionUs: consumerSessionUs,
      rebalanceUs,
    });
    const queues = (name: string) =>
      Array.from({ length: log.consumerCount }, (_, consumer) =>
        kernel.queue(`${id}.${name}-${consumer}`, fetchesMax),
      );
    this.#fetchFrames = queues("fetch-frames");
    this.#fetchGenerations = queues("fetch-generations");
  }

  /** Records behind a receipt; 0 when it is no longer open. */
  countOf(receipt: number): number {
    if (receipt === none) return 0;
    return this.#log.store(this.#consumerOfReceipt(receipt)).countOf(this.#serialOf(receipt));
  }

  /** Reads the requests behind a receipt; returns how many they are, 0 when it is no longer open. */
  readBatch(receipt: number, into: Int32Array): number {
    if (receipt === none) return 0;
    const store = this.#log.store(this.#consumerOfReceipt(receipt));
    const serial = this.#serialOf(receipt);
    if (!store.isOpen(serial)) return 0;
    return store.readBatch(serial, into);
  }

  /** A fetch of some instance is there: it is answered with records at once, or waits for them. */
  fetch(frame: number): number {
    const { calls, instances } = this.#fabric;
    const caller = calls.callerInstanceOf(frame);
    const consumer = this.#consumerOfComponent[instances.column.component[caller]!]!;
    const standing = this.#consumers.ask(consumer, caller);
    if (standing === "new-owner") this.#log.store(consumer).revealAll();
    if (standing !== "waits" && this.#log.store(consumer).hasReady) {
      this.#handOut(frame, consumer);
      return outcome.ok;
    }
    const generation = calls.generationOf(frame);
    if (standing !== "waits") {
      this.#fetchFrames[consumer]!.push(frame);
      this.#fetchGenerations[consumer]!.push(generation);
    }
    this.#fetchOver.set(frame, generation);
    return outcome.parked;
  }

  /** Answers a consumer's waiting fetches, as far as there are records for them. */
  serve(consumer: number): void {
    const { calls } = this.#fabric;
    const store = this.#log.store(consumer);
    const frames = this.#fetchFrames[consumer]!;
    const generations = this.#fetchGenerations[consumer]!;
    while (frames.length > 0 && store.hasReady) {
      const frame = frames.shift();
      const generation = generations.shift();
      if (calls.generationOf(frame) !== generation) continue;
      if (!this.#consumers.isOwner(consumer, calls.callerInstanceOf(frame))) continue;
      this.#handOut(frame, consumer);
      calls.complete(frame, generation, outcome.ok);
    }
  }

  #handOut(frame: number, consumer: number): void {
    const serial = this.#log.store(consumer).receive();
    const receipt = serial === none ? none : serial * this.#log.consumerCount + consumer;
    this.#fabric.calls.setData(frame, receipt);
    if (serial !== none) this.#refetch.set(serial, consumer);
  }

  /** The consumer has worked off the records of a receipt. */
  commitOffsets(frame: number): number {
    const receipt = this.#fabric.calls.dataOf(frame);
    const consumer = this.#consumerOfReceipt(receipt);
    const store = this.#log.store(consumer);
    if (!store.delete(this.#serialOf(receipt))) return outcome.refused;
    this.serve(consumer);
    return outcome.ok;
  }

  #consumerOfReceipt(receipt: number): number {
    return receipt % this.#log.consumerCount;
  }

  #serialOf(receipt: number): number {
    return Math.floor(receipt / this.#log.consumerCount);
  }
}
