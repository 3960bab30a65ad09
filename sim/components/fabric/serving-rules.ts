import type { Counter } from "../../kernel/containers/counter.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { Instances } from "./instances.ts";
import type { AdaptiveLimitSpec, ServingSpec } from "./serving-spec.ts";

/** Share of an adaptive limit that a slow answer leaves. Assumption: multiplicative decrease by a tenth, as common limiters have it. */
const limitKept = 0.9;

/** What components declare about serving, for the call runtime. Exists only in platforms where one declares anything. */
export class ServingRules {
  /** Calls that were dropped from a line before they were served. */
  readonly dropped: Counter;
  /** Whether a call's time of expiry is kept at all. */
  readonly tracksExpiry: boolean;
  readonly #kernel: Kernel;
  readonly #instances: Instances;
  readonly #specs: readonly (ServingSpec | undefined)[];
  /** What an instance with an adaptive limit may hold, whose it is, and until when it shrinks no more. */
  readonly #limit: Float64Array;
  readonly #limitEpoch: Int32Array;
  readonly #calmUntilUs: Float64Array;
  /** Requests that an instance with a cold start has begun to serve, and whose count that is. */
  readonly #begun: Float64Array;
  readonly #begunEpoch: Int32Array;

  constructor(kernel: Kernel, instances: Instances, specs: readonly (ServingSpec | undefined)[]) {
    this.#kernel = kernel;
    this.#instances = instances;
    this.#specs = specs;
    this.tracksExpiry = specs.some((spec) => spec?.dropExpired === true);
    this.#limit = kernel.float64Array("serving.limit", instances.slotsMax);
    this.#limitEpoch = kernel.int32Array("serving.limit-epoch", instances.slotsMax);
    this.#calmUntilUs = kernel.float64Array("serving.limit-calm-until-us", instances.slotsMax);
    this.#begun = kernel.float64Array("serving.begun", instances.slotsMax);
    this.#begunEpoch = kernel.int32Array("serving.begun-epoch", instances.slotsMax);
    this.dropped = kernel.counter("serving.calls-dropped");
  }

  #of(instance: number): ServingSpec | undefined {
    return this.#specs[this.#instances.column.component[instance]!];
  }

  isLifo(instance: number): boolean {
    return this.#of(instance)?.order === "lifo";
  }

  dropsExpired(instance: number): boolean {
    return this.#of(instance)?.dropExpired === true;
  }

  /** Whether urgent calls go before others. */
  heedsUrgency(instance: number): boolean {
    return this.#of(instance)?.urgentFirst === true;
  }

  /** Whether an instance has as much as its component lets it take on, apart from its bound on frames. */
  isSaturated(instance: number): boolean {
    const spec = this.#of(instance);
    if (spec === undefined) return false;
    const column = this.#instances.column;
    const { waitingMax, adaptiveLimit } = spec;
    if (adaptiveLimit !== undefined) {
      if (column.insideCount[instance]! >= this.#limitOf(instance)) return true;
    }
    return (
      waitingMax !== undefined &&
      column.busyCount[instance]! >= column.serverCount[instance]! &&
      column.waitingCount[instance]! >= waitingMax
    );
  }

  /** Times as long for work that begins now. */
  stretch(instance: number): number {
    const spec = this.#of(instance);
    if (spec === undefined) return 1;
    const column = this.#instances.column;
    let factor = 1;
    if (spec.contention !== undefined) {
      const { waits = 0, talks = 0 } = spec.contention;
      const inside = column.insideCount[instance]!;
      factor += waits * (inside - 1) + talks * inside * (inside - 1);
    }
    const { coldStart } = spec;
    // What stood when the run began has been serving for long.
    if (coldStart !== undefined && column.startedUs[instance]! > 0) {
      const left = 1 - this.#countBegun(instance) / coldStart.requests;
      if (left > 0) factor *= 1 + (coldStart.factor - 1) * left;
    }
    return factor;
  }

  /** Requests that an instance had begun before this one. */
  #countBegun(instance: number): number {
    const epoch = this.#instances.epoch[instance]!;
    if (this.#begunEpoch[instance] !== epoch) {
      this.#begunEpoch[instance] = epoch;
      this.#begun[instance] = 0;
    }
    const before = this.#begun[instance]!;
    this.#begun[instance] = before + 1;
    return before;
  }

  /** A call to an instance has been answered, so many microseconds after it was sent. */
  answered(instance: number, tookUs: number): void {
    const limiter = this.#of(instance)?.adaptiveLimit;
    if (limiter === undefined) return;
    const limit = this.#limitOf(instance);
    const nowUs = this.#kernel.nowUs;
    const mostFrames = this.#instances.column.insideMax[instance]!;
    if (tookUs <= limiter.targetMs * 1000) {
      // A limit that nobody comes near says nothing about what is too much.
      if (this.#instances.column.insideCount[instance]! * 2 >= limit) {
        this.#limit[instance] = Math.min(mostFrames, limit + 1 / limit);
      }
    } else if (nowUs >= this.#calmUntilUs[instance]!) {
      this.#limit[instance] = Math.max(leastOf(limiter), limit * limitKept);
      this.#calmUntilUs[instance] = nowUs + limiter.targetMs * 1000;
    }
  }

  /** An instance begins with room for all its servers twice, and at least as much as the limit may shrink to. */
  #limitOf(instance: number): number {
    const epoch = this.#instances.epoch[instance]!;
    if (this.#limitEpoch[instance] !== epoch) {
      const servers = this.#instances.column.serverCount[instance]!;
      this.#limitEpoch[instance] = epoch;
      this.#limit[instance] = Math.max(leastOf(this.#of(instance)!.adaptiveLimit!), servers * 2);
      this.#calmUntilUs[instance] = 0;
    }
    return this.#limit[instance]!;
  }
}

function leastOf({ least = 1 }: AdaptiveLimitSpec): number {
  return least;
}
