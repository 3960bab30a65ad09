import type { Kernel } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";

/** A frame is 32 words of 32 bits: two cache lines, which hold all that a step of a call touches. */
const wordsShift = 5;
const wordsPerFrame = 1 << wordsShift;
const bytesPerFrame = 4 * wordsPerFrame;

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
  /** Attempts made so far of the call that is open now, and `childDoubt` beside them. */
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
  /** What an actor's open call is about, kept for its retries. */
  callData: 23,
  callItemCount: 24,
  /** Frame before this one in its instance's line, where lines are left from behind. The last word before the times. */
  previousWaiting: 25,
} as const;

/** Double of a frame that holds a time in microseconds; doubles lie behind the words, 16 to a frame. */
const time = { expiresUs: 13, sentUs: 14, deadlineUs: 15 } as const;

const count = { used: 0, touched: 1, freeHead: 2 } as const;

const inUse = -2;

/**
 * All open call frames, each one record in a single array, so that a step of a call stays within two cache lines. A
 * slot is used again last in, first out; its generation tells later tenants from earlier ones.
 */
export class FrameStore {
  /** Field `f` of a frame is at `at(frame) + word.f`. */
  readonly words: Int32Array;
  readonly framesMax: number;
  readonly #times: Float64Array;
  /** [frames in use, frames used at least once, first free frame] */
  readonly #counts: Int32Array;

  constructor(kernel: Kernel, framesMax: number) {
    const memory = new ArrayBuffer(framesMax * bytesPerFrame);
    this.framesMax = framesMax;
    this.#counts = kernel.int32Array("frames.counts", 3);
    this.#counts[count.freeHead] = none;
    this.words = new Int32Array(memory);
    this.#times = new Float64Array(memory);
    kernel.register("frames", {
      byteLength: () => this.#counts[count.touched]! * bytesPerFrame,
      write: (view, offset) => this.#write(view, offset),
      read: (view, offset, byteLength) => this.#read(view, offset, byteLength),
    });
  }

  /** A frame's first word. */
  at(frame: number): number {
    return frame << wordsShift;
  }

  /** Frames in use. */
  get usedCount(): number {
    return this.#counts[count.used]!;
  }

  /** A free frame, or `none`. What its last tenant left is still in it. */
  alloc(): number {
    const counts = this.#counts;
    const free = counts[count.freeHead]!;
    const frame = free === none ? counts[count.touched]! : free;
    if (frame === this.framesMax) return none;
    const base = frame << wordsShift;
    if (free === none) {
      counts[count.touched] = frame + 1;
      // After a restore, a later future may have left something in it.
      this.words.fill(0, base, base + wordsPerFrame);
      this.words[base + word.lane] = none;
    } else counts[count.freeHead] = this.words[base + word.nextFree]!;
    this.words[base + word.nextFree] = inUse;
    counts[count.used] = counts[count.used]! + 1;
    return frame;
  }

  /** Gives a frame back; its generation goes up. */
  free(frame: number): void {
    const base = frame << wordsShift;
    const counts = this.#counts;
    if (this.words[base + word.nextFree] !== inUse) {
      throw new Error(`Frame ${frame} was freed although it is not in use`);
    }
    this.words[base + word.nextFree] = counts[count.freeHead]!;
    this.words[base + word.generation] = (this.words[base + word.generation]! + 1) | 0;
    counts[count.freeHead] = frame;
    counts[count.used] = counts[count.used]! - 1;
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

  /** When the last of all that wait for the call, near or far, gives up; known where lines drop what has expired. */
  expiresUs(frame: number): number {
    return this.#times[(frame << (wordsShift - 1)) + time.expiresUs]!;
  }

  setExpiresUs(frame: number, atUs: number): void {
    this.#times[(frame << (wordsShift - 1)) + time.expiresUs] = atUs;
  }

  #write(view: DataView, offset: number): void {
    const bytes = new Uint8Array(
      this.words.buffer,
      0,
      this.#counts[count.touched]! * bytesPerFrame,
    );
    new Uint8Array(view.buffer, view.byteOffset + offset, bytes.byteLength).set(bytes);
  }

  #read(view: DataView, offset: number, byteLength: number): void {
    const bytes = new Uint8Array(this.words.buffer);
    if (byteLength > bytes.byteLength)
      throw new Error(`it uses more than ${this.framesMax} frames`);
    bytes.set(new Uint8Array(view.buffer, view.byteOffset + offset, byteLength));
  }
}
