import type { Kernel } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";

/** A frame is 32 words of 32 bits: two cache lines, which hold all that a step of a call touches. */
const wordsShift = 5;
const bytesPerFrame = 4 << wordsShift;

/** Word of a frame that holds a field. */
export const word = {
  site: 0,
  parent: 1,
  child: 2,
  phase: 3,
  instance: 4,
  instanceEpoch: 5,
  callerInstance: 6,
  callerZone: 7,
  /** Coordinate for draws: grows with the frame's own attempt and with those of its callers. */
  attempt: 8,
  /** Attempts made so far of the call that is open now. */
  childAttempt: 9,
  /** Number that this frame's draws are keyed by: the request's, or an actor's own count. */
  key: 10,
  /** The request or item the call is about; its meaning belongs to the components. */
  data: 11,
  /** Items in the call (messages of a batch, rows). */
  itemCount: 12,
  nextWaiting: 13,
  previousInside: 14,
  nextInside: 15,
  /** A number for the use of the component that the frame is inside of; `none` when it enters. */
  note: 16,
  /** Microseconds by which the frame is ahead of the clock; see `Component.passesThrough`. */
  carriedUs: 17,
  generation: 18,
  /** Next free frame, or `inUse`. */
  nextFree: 19,
  previousInLane: 20,
  nextInLane: 21,
  lane: 22,
} as const;

/** Double of a frame that holds a time in microseconds; doubles lie behind the words, 16 to a frame. */
const time = { sentUs: 14, deadlineUs: 15 } as const;

const inUse = -2;

/**
 * All open call frames, each one record in a single array, so that a step of a call stays within two cache lines. A
 * slot is used again last in, first out; its generation tells later tenants from earlier ones.
 */
export class FrameStore {
  /** Field `f` of a frame is at `at(frame) + word.f`. */
  readonly words: Int32Array;
  readonly framesMax: number;
  usedCount = 0;
  readonly #times: Float64Array;
  #touchedCount = 0;
  #freeHead: number = none;

  constructor(kernel: Kernel, framesMax: number) {
    const memory = new ArrayBuffer(framesMax * bytesPerFrame);
    this.framesMax = framesMax;
    this.words = new Int32Array(memory);
    this.#times = new Float64Array(memory);
    kernel.register("frames", {
      byteLength: () => 24 + this.#touchedCount * bytesPerFrame,
      write: (view, offset) => this.#write(view, offset),
      read: (view, offset) => this.#read(view, offset),
    });
  }

  /** A frame's first word. */
  at(frame: number): number {
    return frame << wordsShift;
  }

  /** A free frame, or `none`. What its last tenant left is still in it. */
  alloc(): number {
    const frame = this.#freeHead;
    if (frame !== none) {
      this.#freeHead = this.words[(frame << wordsShift) + word.nextFree]!;
      this.words[(frame << wordsShift) + word.nextFree] = inUse;
      this.usedCount += 1;
      return frame;
    }
    if (this.#touchedCount === this.framesMax) return none;
    this.words[(this.#touchedCount << wordsShift) + word.nextFree] = inUse;
    this.words[(this.#touchedCount << wordsShift) + word.lane] = none;
    this.usedCount += 1;
    this.#touchedCount += 1;
    return this.#touchedCount - 1;
  }

  /** Gives a frame back; its generation goes up. */
  free(frame: number): void {
    const base = frame << wordsShift;
    if (this.words[base + word.nextFree] !== inUse) {
      throw new Error(`Frame ${frame} was freed although it is not in use`);
    }
    this.words[base + word.nextFree] = this.#freeHead;
    this.words[base + word.generation] = (this.words[base + word.generation]! + 1) | 0;
    this.#freeHead = frame;
    this.usedCount -= 1;
  }

  /** When the call was sent, microseconds. */
  sentUs(frame: number): number {
    return this.#times[(frame << (wordsShift - 1)) + time.sentUs]!;
  }

  setSentUs(frame: number, atUs: number): void {
    this.#times[(frame << (wordsShift - 1)) + time.sentUs] = atUs;
  }

  deadlineUs(frame: number): number {
    return this.#times[(frame << (wordsShift - 1)) + time.deadlineUs]!;
  }

  setDeadlineUs(frame: number, atUs: number): void {
    this.#times[(frame << (wordsShift - 1)) + time.deadlineUs] = atUs;
  }

  #write(view: DataView, offset: number): void {
    view.setFloat64(offset, this.#touchedCount, true);
    view.setFloat64(offset + 8, this.usedCount, true);
    view.setFloat64(offset + 16, this.#freeHead, true);
    const bytes = new Uint8Array(this.words.buffer, 0, this.#touchedCount * bytesPerFrame);
    new Uint8Array(view.buffer, view.byteOffset + offset + 24, bytes.byteLength).set(bytes);
  }

  #read(view: DataView, offset: number): void {
    const count = view.getFloat64(offset, true);
    if (count > this.framesMax) throw new Error(`it uses ${count} frames of ${this.framesMax}`);
    this.#touchedCount = count;
    this.usedCount = view.getFloat64(offset + 8, true);
    this.#freeHead = view.getFloat64(offset + 16, true);
    const bytes = new Uint8Array(this.words.buffer);
    bytes.fill(0, count * bytesPerFrame);
    bytes.set(new Uint8Array(view.buffer, view.byteOffset + offset + 24, count * bytesPerFrame));
  }
}
