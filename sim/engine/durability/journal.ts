import { assert } from "../assert.ts";
import { COMMAND_RECORD_WORDS } from "../commands.ts";
import { checksumWords } from "./checksum.ts";

/**
 * The command journal: a header, then one frame for each sequenced command, in sequence. A frame is whole 8-byte words:
 *
 *     word 0      frame length in words and form, marked (low 32 bits) | checksum of the rest (high 32 bits)
 *     word 1      sequence number
 *     word 2...   the command record, without zeros at its end
 *
 * A record of 32-bit whole numbers, as nearly all are, stands there as such, two to a word; any other as 64-bit floats. So
 * a plain order takes 40 bytes and a cancel 32. All numbers are little-endian. A record that was cut, overwritten or
 * never finished fails its length, its checksum or its number, and everything from there on is not part of the journal.
 */
const journalMagic = 0x314a4253;
const frameMark = 0x53430000;
const frameMarkMask = 0xffff0000 | 0;
const frameLengthMask = 0xff;
/** The record stands as floats. */
const frameIsWide = 0x100;
const headerBytes = 16;
const frameHeaderWords = 2;
const frameWordsMax = frameHeaderWords + COMMAND_RECORD_WORDS;
const narrowMax = frameHeaderWords + COMMAND_RECORD_WORDS / 2;
const bytesMaxDefault = 2 ** 31;

/**
 * Appends commands. What was appended stands in `bytes()` until `markStored` says that it is safe elsewhere; who writes it
 * to a disk decides when it is durable. With that done every few thousand commands, the same memory serves for ever.
 */
export class JournalWriter {
  private readonly bytesMax: number;
  private floats: Float64Array<ArrayBuffer>;
  private ints: Int32Array<ArrayBuffer>;
  /** End of the last frame in `floats`, in 8-byte words. */
  private wordCount: number;
  private storedBytes = 0;
  /** Number of the last command in it, or that of the snapshot before its first. */
  lastSequence: number;

  /** A new journal whose first command will have the number after `lastSequence`. */
  constructor(lastSequence = 0, bytesMax = bytesMaxDefault) {
    this.bytesMax = bytesMax;
    this.floats = new Float64Array(8192);
    this.ints = new Int32Array(this.floats.buffer);
    this.ints[0] = journalMagic;
    this.ints[1] = COMMAND_RECORD_WORDS;
    this.floats[1] = lastSequence;
    this.wordCount = headerBytes / 8;
    this.lastSequence = lastSequence;
  }

  /** Goes on where a recovered journal ended: the torn rest, if any, is dropped. */
  static resume(scan: JournalScan, bytesMax = bytesMaxDefault): JournalWriter {
    const writer = new JournalWriter(scan.baseSequence, bytesMax);
    writer.reserve(scan.goodBytes / 8);
    new Uint8Array(writer.floats.buffer).set(scan.bytes.subarray(0, scan.goodBytes));
    writer.wordCount = Math.max(scan.goodBytes, headerBytes) / 8;
    writer.lastSequence = scan.lastSequence;
    return writer;
  }

  /** Length of the whole journal, what is stored included. */
  get byteLength(): number {
    return this.storedBytes + this.wordCount * 8;
  }

  /** What was appended and not yet marked as stored, header first, as a view that the next append may outdate. */
  bytes(): Uint8Array {
    return new Uint8Array(this.floats.buffer, 0, this.wordCount * 8);
  }

  /** Forgets what `bytes()` shows: it was appended to what was stored before. */
  markStored(): void {
    this.storedBytes += this.wordCount * 8;
    this.wordCount = 0;
  }

  /** Appends the command record at `offset`, which the engine numbered `sequence`. Returns the bytes appended. */
  append(words: Int32Array | Float64Array, offset: number, sequence: number): number {
    // Not as an assert: its message would be put together for every command.
    if (sequence !== this.lastSequence + 1) throw this.outOfLine(sequence);
    const start = this.wordCount;
    if (start + frameWordsMax > this.floats.length) this.reserve(start + frameWordsMax);
    const isNarrow = words instanceof Int32Array || isOfInts(words, offset);
    const recordWords = isNarrow
      ? this.putInts(words, offset, start)
      : this.putFloats(words, offset, start);
    const { floats, ints } = this;
    const frameWords = frameHeaderWords + recordWords;
    const lead = frameMark | (isNarrow ? 0 : frameIsWide) | frameWords;
    floats[start + 1] = sequence;
    ints[start * 2] = lead;
    ints[start * 2 + 1] = checksumWords(ints, (start + 1) * 2, (start + frameWords) * 2, lead);
    this.wordCount = start + frameWords;
    this.lastSequence = sequence;
    return frameWords * 8;
  }

  /** Puts the record behind the frame's header, two numbers to a word; returns the words used. */
  private putInts(words: Int32Array | Float64Array, offset: number, start: number): number {
    const { ints } = this;
    const at = (start + frameHeaderWords) * 2;
    ints[at] = words[offset]!;
    ints[at + 1] = words[offset + 1]!;
    ints[at + 2] = words[offset + 2]!;
    ints[at + 3] = words[offset + 3]!;
    const quantity = words[offset + 4]!;
    const requestId = words[offset + 5]!;
    let rest = 0;
    for (let word = 6; word < COMMAND_RECORD_WORDS; word++) rest |= words[offset + word]!;
    if ((rest | quantity | requestId) === 0) return 2;
    ints[at + 4] = quantity;
    ints[at + 5] = requestId;
    if (rest === 0) return 3;
    for (let word = 6; word < COMMAND_RECORD_WORDS; word++) ints[at + word] = words[offset + word]!;
    return COMMAND_RECORD_WORDS / 2;
  }

  private putFloats(words: Int32Array | Float64Array, offset: number, start: number): number {
    let length = COMMAND_RECORD_WORDS;
    while (length > 1 && words[offset + length - 1] === 0) length--;
    const at = start + frameHeaderWords;
    for (let word = 0; word < length; word++) this.floats[at + word] = words[offset + word]!;
    return length;
  }

  private outOfLine(sequence: number): Error {
    return new Error(
      `matching engine: journal ends at ${this.lastSequence}, command is ${sequence}`,
    );
  }

  private reserve(wordCount: number): void {
    let capacity = this.floats.length;
    while (capacity < wordCount) capacity *= 2;
    if (capacity === this.floats.length) return;
    assert(capacity * 8 <= this.bytesMax, `journal is above ${this.bytesMax} bytes`);
    const wide = new Float64Array(capacity);
    wide.set(this.floats);
    this.floats = wide;
    this.ints = new Int32Array(wide.buffer);
  }
}

/** True for a record of 32-bit whole numbers. */
function isOfInts(words: Float64Array, offset: number): boolean {
  for (let word = 0; word < COMMAND_RECORD_WORDS; word++) {
    const value = words[offset + word]!;
    if ((value | 0) !== value) return false;
  }
  return true;
}

/** What a journal holds. */
export interface JournalScan {
  readonly bytes: Uint8Array;
  /** End of the last whole record; what follows is torn. */
  readonly goodBytes: number;
  /** The number before its first command. */
  readonly baseSequence: number;
  readonly lastSequence: number;
  readonly recordCount: number;
  /** Why reading stopped before the end of the bytes; undefined when every byte belongs to a whole record. */
  readonly tornReason: string | undefined;
}

/** Reads every whole record in order, up to the first torn one. `record` is overwritten between visits. */
export function scanJournal(
  bytes: Uint8Array,
  visit: (sequence: number, record: Float64Array) => void = () => {},
): JournalScan {
  const whole = new Uint8Array((bytes.length >>> 3) << 3);
  whole.set(bytes.subarray(0, whole.length));
  const ints = new Int32Array(whole.buffer);
  const floats = new Float64Array(whole.buffer);
  const isHeaderGood =
    bytes.length >= headerBytes && ints[0] === journalMagic && ints[1] === COMMAND_RECORD_WORDS;
  if (!isHeaderGood) {
    const tornReason =
      bytes.length < headerBytes ? "the header is cut" : "this is no journal of this version";
    return { bytes, goodBytes: 0, baseSequence: 0, lastSequence: 0, recordCount: 0, tornReason };
  }
  const baseSequence = floats[1]!;
  const record = new Float64Array(COMMAND_RECORD_WORDS);
  let sequence = baseSequence;
  let at = headerBytes / 8;
  let tornReason: string | undefined;
  while (at < floats.length) {
    tornReason = frameProblem(ints, floats, at, sequence + 1);
    if (tornReason !== undefined) break;
    const lead = ints[at * 2]!;
    const frameWords = lead & frameLengthMask;
    const from = at + frameHeaderWords;
    record.fill(0);
    if (lead & frameIsWide) record.set(floats.subarray(from, at + frameWords));
    else record.set(ints.subarray(from * 2, (at + frameWords) * 2));
    sequence++;
    visit(sequence, record);
    at += frameWords;
  }
  if (tornReason === undefined && whole.length < bytes.length) tornReason = "the record is cut";
  return {
    bytes,
    goodBytes: at * 8,
    baseSequence,
    lastSequence: sequence,
    recordCount: sequence - baseSequence,
    tornReason,
  };
}

function frameProblem(
  ints: Int32Array,
  floats: Float64Array,
  at: number,
  sequence: number,
): string | undefined {
  const lead = ints[at * 2]!;
  const frameWords = lead & frameLengthMask;
  if ((lead & frameMarkMask) !== frameMark) return "no record begins here";
  const isPossible = lead & frameIsWide ? frameWords <= frameWordsMax : frameWords <= narrowMax;
  if (frameWords <= frameHeaderWords || !isPossible) return "its length is impossible";
  if (at + frameWords > floats.length) return "the record is cut";
  const checksum = checksumWords(ints, (at + 1) * 2, (at + frameWords) * 2, lead);
  if (checksum !== ints[at * 2 + 1]) return "its checksum is wrong";
  if (floats[at + 1] !== sequence) return `it is numbered ${floats[at + 1]} instead of ${sequence}`;
  return undefined;
}
