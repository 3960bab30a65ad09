import { assert } from "./assert.ts";
import { BlobReader, BlobWriter } from "./blob-io.ts";
import type { Book } from "./book.ts";
import type { BookSide } from "./book-side.ts";
import { OrderType, TimeInForce } from "./codes.ts";
import type { EngineState } from "./engine-state.ts";
import { waitForTrigger } from "./entry.ts";
import { Flag, Float, floatShift, Int, intShift, Term, termShift } from "./order-pool.ts";

/**
 * The whole engine as bytes: little-endian, the same on every machine, in priority order, so that reading rebuilds every
 * chain by appending. Slots and free lists are not written; nothing that a command can see depends on them.
 */
const magic = 0x31454253;
const headerBytes = 4 + 4 + 8 * 3 + 4 * 4;
const bookBytes = 4 + 4 + 8 + 8 + 4 * 3;
const levelBytes = 8 + 4;
const requestBytes = 8 + 8 + 4;

/** Bytes of one order: the common fields, and each rare one only where its flag says so. */
function orderBytes(flags: number): number {
  let bytes = 4 + 4 + 8 + 8;
  if (flags & Flag.account) bytes += 4;
  if (flags & Flag.iceberg) bytes += 16;
  if (flags & Flag.minQty) bytes += 8;
  if (flags & Flag.waiting) bytes += 24;
  if (isGtd(flags)) bytes += 8;
  return bytes;
}

function isGtd(flags: number): boolean {
  return (flags & Flag.tifMask) >> Flag.tifShift === TimeInForce.gtd;
}

/** Bytes that `writeBlob` needs. */
export function blobLength(state: EngineState): number {
  let bytes = headerBytes + state.ids.bitWords * 4 + state.requests.count * requestBytes;
  bytes += state.accounts.killedCount * 4;
  for (const book of state.books) {
    bytes += bookBytes + (book.sides[0].count + book.sides[1].count) * levelBytes;
  }
  const { pool } = state;
  pool.forEach((slot) => {
    bytes += orderBytes(pool.ints[(slot << intShift) | Int.flags]!);
  });
  return bytes;
}

/** Writes `blobLength` bytes. */
export function writeBlob(state: EngineState, view: DataView, byteOffset: number): void {
  const out = new BlobWriter(view, byteOffset);
  out.u32(magic);
  out.u32(state.books.length);
  out.f64(state.sequence);
  out.f64(state.entrySequence);
  out.f64(state.now);
  out.u32(state.ids.usedEnd);
  out.u32(state.requests.count);
  out.u32(state.accounts.killedCount);
  out.u32(state.accounts.isAllKilled ? 1 : 0);
  state.ids.writeBits(out);
  state.requests.forEach((requestId, sequence, reason) => {
    out.f64(requestId);
    out.f64(sequence);
    out.u32(reason);
  });
  state.accounts.forEachKilled((account) => out.u32(account));
  const sizes = sizesOf(state);
  for (const book of state.books) writeBook(state, book, sizes, out);
}

/** Orders and bytes of each row of the level pool. */
interface LevelSizes {
  readonly count: Int32Array;
  readonly bytes: Float64Array;
}

function sizesOf({ pool, levels }: EngineState): LevelSizes {
  const count = new Int32Array(levels.head.length);
  const bytes = new Float64Array(levels.head.length);
  pool.forEach((slot) => {
    const level = pool.ints[(slot << intShift) | Int.level]!;
    if (level < 0) return;
    count[level] = count[level]! + 1;
    bytes[level] = bytes[level]! + orderBytes(pool.ints[(slot << intShift) | Int.flags]!);
  });
  return { count, bytes };
}

function writeBook(state: EngineState, book: Book, sizes: LevelSizes, out: BlobWriter): void {
  const { pool } = state;
  out.u32(book.phase);
  out.u32(book.stopsDue ? 1 : 0);
  out.f64(book.last);
  out.f64(book.reference);
  for (const side of book.sides) {
    out.u32(side.count);
    writeSide(state, side, sizes, out);
  }
  out.u32(book.stopCount);
  for (let slot = book.stopHead; slot >= 0; slot = pool.ints[(slot << intShift) | Int.next]!)
    writeOrder(state, slot, pool.terms[(slot << termShift) | Term.entry]!, out);
}

/** Levels that are written at the same time. */
const laneCount = 16;

/**
 * Writes the levels of a side, one behind the other. An order says which is the next only when memory has answered, so
 * the chains of several levels are walked in turns and their answers awaited together: a snapshot is mostly waiting.
 */
function writeSide(state: EngineState, side: BookSide, sizes: LevelSizes, out: BlobWriter): void {
  const lanes = new Lanes(state);
  let begun = 0;
  let end = out.at;
  do {
    while (begun < side.count && lanes.openCount < laneCount) {
      const level = side.levels[begun]!;
      out.at = end;
      out.f64(side.keys[begun]!);
      out.u32(sizes.count[level]!);
      lanes.open(state.levels.head[level]!, out.at);
      end = out.at + sizes.bytes[level]!;
      begun++;
    }
    lanes.writeOneEach(out);
  } while (lanes.openCount > 0 || begun < side.count);
  out.at = end;
}

/** Levels under way: for each the order to be written next, and where. Those that are done make room at once. */
class Lanes {
  openCount = 0;
  private readonly state: EngineState;
  private readonly slots = new Int32Array(laneCount);
  private readonly nexts = new Int32Array(laneCount);
  private readonly entries = new Float64Array(laneCount);
  private readonly ats = new Float64Array(laneCount);

  constructor(state: EngineState) {
    this.state = state;
  }

  open(head: number, at: number): void {
    this.slots[this.openCount] = head;
    this.ats[this.openCount++] = at;
  }

  /** Writes the next order of each level. All are fetched before the first is needed. */
  writeOneEach(out: BlobWriter): void {
    const { state, slots, nexts, entries, ats } = this;
    const { ints, terms } = state.pool;
    for (let lane = 0; lane < this.openCount; lane++) {
      nexts[lane] = ints[(slots[lane]! << intShift) | Int.next]!;
      entries[lane] = terms[(slots[lane]! << termShift) | Term.entry]!;
    }
    let kept = 0;
    for (let lane = 0; lane < this.openCount; lane++) {
      out.at = ats[lane]!;
      writeOrder(state, slots[lane]!, entries[lane]!, out);
      if (nexts[lane]! < 0) continue;
      slots[kept] = nexts[lane]!;
      ats[kept++] = out.at;
    }
    this.openCount = kept;
  }
}

function writeOrder(state: EngineState, slot: number, entry: number, out: BlobWriter): void {
  const { pool } = state;
  const flags = pool.ints[(slot << intShift) | Int.flags]!;
  out.u32(pool.ints[(slot << intShift) | Int.id]!);
  out.u32(flags);
  out.f64(pool.floats[(slot << floatShift) | Float.leaves]!);
  out.f64(entry);
  if (flags & Flag.account) out.u32(pool.account[slot]!);
  if (flags & Flag.iceberg) {
    out.f64(pool.display[slot]!);
    out.f64(pool.shown[slot]!);
  }
  if (flags & Flag.minQty) out.f64(pool.minQty[slot]!);
  if (flags & Flag.waiting) {
    out.f64(pool.terms[(slot << termShift) | Term.price]!);
    out.f64(pool.stop[slot]!);
    out.f64(pool.mark[slot]!);
  }
  if (isGtd(flags)) out.f64(pool.expireAt[slot]!);
}

/** Replaces everything the state holds by what was written. */
export function readBlob(
  state: EngineState,
  view: DataView,
  byteOffset: number,
  byteLength: number,
): void {
  const input = new BlobReader(view, byteOffset, byteLength);
  assert(input.u32() === magic, "this is no engine blob");
  const symbolCount = input.u32();
  assert(
    symbolCount === state.books.length,
    `the blob holds ${symbolCount} symbols, this engine ${state.books.length}`,
  );
  state.clear();
  state.sequence = input.f64();
  state.entrySequence = input.f64();
  state.now = input.f64();
  const usedEnd = input.u32();
  const requestCount = input.u32();
  const killedCount = input.u32();
  state.accounts.isAllKilled = input.u32() === 1;
  state.ids.readBits(input, usedEnd);
  for (let i = 0; i < requestCount; i++) {
    const requestId = input.f64();
    const sequence = input.f64();
    state.requests.add(requestId, sequence, input.u32());
  }
  for (let i = 0; i < killedCount; i++) state.accounts.kill(input.u32());
  for (let symbol = 0; symbol < symbolCount; symbol++) readBook(state, symbol, input);
  state.findNextExpiry();
  assert(
    input.at === byteOffset + byteLength,
    `the blob is ${byteLength} bytes, not all were used`,
  );
}

function readBook(state: EngineState, symbol: number, input: BlobReader): void {
  const { levels } = state;
  const book = state.books[symbol]!;
  book.phase = input.u32();
  const stopsDue = input.u32() === 1;
  book.last = input.f64();
  book.reference = input.f64();
  for (const side of book.sides) {
    const levelCount = input.u32();
    for (let at = 0; at < levelCount; at++) {
      const key = input.f64();
      const orderCount = input.u32();
      const level = levels.allocate(key);
      side.insert(at, key, level);
      let shown = 0;
      for (let i = 0; i < orderCount; i++) {
        const slot = readOrder(state, symbol, input, key);
        state.append(slot, level);
        state.countSpecial(slot, 1);
        shown += state.shownOf(slot);
      }
      levels.shown[level] = shown;
    }
  }
  const stopCount = input.u32();
  for (let i = 0; i < stopCount; i++) waitForTrigger(state, readOrder(state, symbol, input, 0));
  book.stopsDue = stopsDue;
}

function readOrder(state: EngineState, symbol: number, input: BlobReader, key: number): number {
  const { pool } = state;
  const slot = pool.allocate(input.u32());
  const flags = input.u32();
  pool.ints[(slot << intShift) | Int.flags] = flags;
  pool.ints[(slot << intShift) | Int.symbol] = symbol;
  pool.ints[(slot << intShift) | Int.level] = -1;
  pool.floats[(slot << floatShift) | Float.leaves] = input.f64();
  pool.terms[(slot << termShift) | Term.entry] = input.f64();
  const isMarket = (flags & Flag.typeMask) >> Flag.typeShift === OrderType.market;
  pool.terms[(slot << termShift) | Term.price] = isMarket ? 0 : flags & Flag.side ? -key : key;
  if (flags & (Flag.account | Flag.iceberg | Flag.minQty | Flag.waiting) || isGtd(flags)) {
    pool.ensureRare();
  }
  if (flags & Flag.account) pool.account[slot] = input.u32();
  if (flags & Flag.iceberg) {
    pool.display[slot] = input.f64();
    pool.shown[slot] = input.f64();
  }
  if (flags & Flag.minQty) pool.minQty[slot] = input.f64();
  if (flags & Flag.waiting) {
    pool.terms[(slot << termShift) | Term.price] = input.f64();
    pool.stop[slot] = input.f64();
    pool.mark[slot] = input.f64();
  }
  if (isGtd(flags)) pool.expireAt[slot] = input.f64();
  state.ids.bind(pool.ints[(slot << intShift) | Int.id]!, slot);
  state.accounts.openOrder(flags & Flag.account ? pool.account[slot]! : -1);
  return slot;
}
