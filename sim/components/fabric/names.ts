import type { Kernel } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { KeyedStream } from "../../kernel/random/keyed-stream.ts";

/** Most addresses behind one name. */
const answersMax = 16;

/** What a caller keeps under a name, side by side, as a call looks at all of it. */
const word = {
  /** Instance that it talks to. */
  cached: 0,
  /** Epoch of the caller that asked, of which its successor knows nothing; epochs begin at 1. */
  epoch: 1,
  /** 1 once the connection failed. */
  broken: 2,
  /** How often it has asked. */
  asked: 3,
} as const;
const wordShift = 2;

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
  readonly #words: Int32Array;
  readonly #expiresUs: Float64Array;
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
    this.#words = kernel.int32Array("names.callers", cells << wordShift);
    this.#expiresUs = kernel.float64Array("names.expires-us", cells);
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
    const words = this.#words;
    const base = cell << wordShift;
    const epoch = this.#epoch[caller]!;
    if (words[base | word.epoch] !== epoch) {
      words[base | word.epoch] = epoch;
      words[base | word.broken] = 1;
      this.#expiresUs[cell] = -1;
      words[base | word.cached] = none;
    }
    if (words[base | word.broken] === 0) return words[base | word.cached]!;
    if (this.#kernel.nowUs >= this.#expiresUs[cell]!) {
      const count = this.#answering[0] === 1 ? this.#answerCount[record]! : 0;
      if (count === 0) return none;
      const asked = words[base | word.asked]! + 1;
      words[base | word.asked] = asked;
      const pick = Math.floor(this.#pick.uniform(caller, record, asked) * count);
      words[base | word.cached] = this.#answers[record * answersMax + pick]!;
      this.#expiresUs[cell] = this.#kernel.nowUs + this.#ttlUs[record]!;
    }
    words[base | word.broken] = 0;
    return words[base | word.cached]!;
  }

  /** The connection under this name failed: the caller asks again before its next call. */
  drop(record: number, caller: number): void {
    this.#words[((record * this.#instancesMax + caller) << wordShift) | word.broken] = 1;
  }
}
