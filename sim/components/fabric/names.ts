import type { Kernel } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";

/** Most addresses behind one name. */
const answersMax = 16;

/**
 * Names as callers see them. A caller resolves a name to one of its addresses and keeps the connection for as long
 * as calls succeed: pools outlive the record. After a failed call it asks again, and until its cached answer has
 * expired it gets the old one. With the name service gone, an expired answer is an error, a live connection is not.
 */
export class Names {
  readonly #kernel: Kernel;
  readonly #recordsMax: number;
  readonly #instancesMax: number;
  readonly #ttlUs: number[] = [];
  readonly #answers: Int32Array;
  readonly #answerCount: Int32Array;
  readonly #cached: Int32Array;
  readonly #cachedEpoch: Int32Array;
  readonly #expiresUs: Float64Array;
  readonly #broken: Uint8Array;
  readonly #asked: Int32Array;
  readonly #answering: Uint8Array;
  readonly #epoch: Int32Array;
  readonly #pick: KeyedStream;

  constructor(
    kernel: Kernel,
    options: { recordsMax: number; instancesMax: number; epoch: Int32Array },
  ) {
    const { recordsMax, instancesMax } = options;
    const cells = recordsMax * instancesMax;
    this.#kernel = kernel;
    this.#recordsMax = recordsMax;
    this.#instancesMax = instancesMax;
    this.#epoch = options.epoch;
    this.#answers = kernel.int32Array("names.answers", recordsMax * answersMax).fill(none);
    this.#answerCount = kernel.int32Array("names.answer-count", recordsMax);
    this.#cached = kernel.int32Array("names.cached", cells).fill(none);
    this.#cachedEpoch = kernel.int32Array("names.cached-epoch", cells).fill(none);
    this.#expiresUs = kernel.float64Array("names.expires-us", cells);
    this.#broken = kernel.uint8Array("names.broken", cells);
    this.#asked = kernel.int32Array("names.asked", cells);
    this.#answering = kernel.uint8Array("names.answering", 1).fill(1);
    this.#pick = kernel.keyed("names.pick");
  }

  /** Declares a name at assembly; callers may keep an answer for `ttlUs` microseconds. */
  record(ttlUs: number): number {
    if (this.#ttlUs.length >= this.#recordsMax) throw new RangeError("raise recordsMax");
    this.#ttlUs.push(ttlUs);
    return this.#ttlUs.length - 1;
  }

  /** Sets the addresses behind a name, as the authority has them from now on (at most 16). */
  publish(record: number, instances: readonly number[]): void {
    const count = Math.min(instances.length, answersMax);
    this.#answerCount[record] = count;
    for (let at = 0; at < count; at += 1) this.#answers[record * answersMax + at] = instances[at]!;
  }

  /** Addresses behind a name as the authority has them. */
  published(record: number): readonly number[] {
    const start = record * answersMax;
    return [...this.#answers.subarray(start, start + this.#answerCount[record]!)];
  }

  /** Whether the name service answers at all. */
  setAnswering(answering: boolean): void {
    this.#answering[0] = answering ? 1 : 0;
  }

  /** The instance that `caller` (an instance slot) talks to under this name; `none` when there is no answer. */
  resolve(record: number, caller: number): number {
    const cell = record * this.#instancesMax + caller;
    const epoch = this.#epoch[caller]!;
    if (this.#cachedEpoch[cell] !== epoch) {
      this.#cachedEpoch[cell] = epoch;
      this.#broken[cell] = 1;
      this.#expiresUs[cell] = -1;
      this.#cached[cell] = none;
    }
    if (this.#broken[cell] === 0) return this.#cached[cell]!;
    if (this.#kernel.nowUs >= this.#expiresUs[cell]!) {
      const count = this.#answering[0] === 1 ? this.#answerCount[record]! : 0;
      if (count === 0) return none;
      const asked = this.#asked[cell]! + 1;
      this.#asked[cell] = asked;
      const pick = Math.floor(this.#pick.uniform(caller, record, asked) * count);
      this.#cached[cell] = this.#answers[record * answersMax + pick]!;
      this.#expiresUs[cell] = this.#kernel.nowUs + this.#ttlUs[record]!;
    }
    this.#broken[cell] = 0;
    return this.#cached[cell]!;
  }

  /** The connection under this name failed: the caller asks again before its next call. */
  drop(record: number, caller: number): void {
    this.#broken[record * this.#instancesMax + caller] = 1;
  }
}
