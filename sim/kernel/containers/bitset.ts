import { KernelError } from "../kernel-error.ts";
import { type Registered, readArray, writeArray } from "./registered.ts";

/** How large a bitset may become. */
export interface BitsetOptions {
  /** Members are 0 to `bitsMax - 1`; adding one beyond stops the run. */
  readonly bitsMax: number;
  /** Room taken at first. Default 1024. */
  readonly bitsInitial?: number;
}

/** A set of small whole numbers at one bit each; grows with its largest member. */
export class Bitset implements Registered {
  /** How many members it has. */
  count = 0;
  private readonly name: string;
  private readonly bitsMax: number;
  private words: Int32Array;

  constructor(name: string, options: BitsetOptions) {
    this.name = name;
    this.bitsMax = options.bitsMax;
    const bits = Math.min(options.bitsInitial ?? 1024, options.bitsMax);
    this.words = new Int32Array(Math.max(1, Math.ceil(bits / 32)));
  }

  /** Whether a number is a member. */
  has(bit: number): boolean {
    const word = bit >>> 5;
    return word < this.words.length && ((this.words[word]! >>> (bit & 31)) & 1) === 1;
  }

  /** Adds a member; false when it was there already. Throws `kernel.bitset-range` outside 0 to bitsMax - 1. */
  add(bit: number): boolean {
    if (!(bit >= 0 && bit < this.bitsMax)) this.refuse(bit);
    const word = bit >>> 5;
    if (word >= this.words.length) this.grow(word + 1);
    const mask = 1 << (bit & 31);
    const before = this.words[word]!;
    if ((before & mask) !== 0) return false;
    this.words[word] = before | mask;
    this.count += 1;
    return true;
  }

  /** Removes a member; false when it was not there. */
  delete(bit: number): boolean {
    if (bit < 0 || !this.has(bit)) return false;
    this.words[bit >>> 5]! &= ~(1 << (bit & 31));
    this.count -= 1;
    return true;
  }

  /** Removes every member. */
  clear(): void {
    this.words.fill(0);
    this.count = 0;
  }

  byteLength(): number {
    return 8 + this.usedWords() * 4;
  }

  write(view: DataView, byteOffset: number): void {
    view.setFloat64(byteOffset, this.count, true);
    writeArray(this.words.subarray(0, this.usedWords()), view, byteOffset + 8);
  }

  read(view: DataView, byteOffset: number, byteLength: number): void {
    const wordCount = (byteLength - 8) / 4;
    if (wordCount > Math.ceil(this.bitsMax / 32))
      throw new Error(`it needs ${wordCount * 32} bits`);
    this.words = new Int32Array(Math.max(this.words.length, wordCount));
    this.count = view.getFloat64(byteOffset, true);
    readArray(this.words.subarray(0, wordCount), view, byteOffset + 8);
  }

  private usedWords(): number {
    let wordCount = this.words.length;
    while (wordCount > 0 && this.words[wordCount - 1] === 0) wordCount -= 1;
    return wordCount;
  }

  private grow(wordsNeeded: number): void {
    const wordsMax = Math.ceil(this.bitsMax / 32);
    const larger = new Int32Array(Math.min(wordsMax, Math.max(wordsNeeded, this.words.length * 2)));
    larger.set(this.words);
    this.words = larger;
  }

  private refuse(bit: number): never {
    throw new KernelError({
      code: "kernel.bitset-range",
      problem: `Bitset "${this.name}" holds 0 to ${this.bitsMax - 1}, not ${bit}`,
      remedy: "Raise its bitsMax, or intern the number first",
      at: this.name,
    });
  }
}
