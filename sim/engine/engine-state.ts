import { Accounts } from "./accounts.ts";
import { Book, type BookLimits, limitsOf, type SymbolConfig } from "./book.ts";
import { BookSide } from "./book-side.ts";
import { EventKind, OrderType, TimeInForce } from "./codes.ts";
import type { PlaceExtras } from "./commands.ts";
import { EventBuffer } from "./event-buffer.ts";
import { LevelPool } from "./level-pool.ts";
import { OrderIds } from "./order-ids.ts";
import {
  Flag,
  Float,
  floatShift,
  Int,
  intShift,
  OrderPool,
  Term,
  termShift,
} from "./order-pool.ts";
import { RequestLog } from "./request-log.ts";

/** Bounds of one engine; meeting `ordersMax` rejects, meeting `orderIdMax` is a mistake of the caller. */
export interface EngineBounds {
  readonly ordersMax: number;
  readonly orderIdMax: number;
  readonly requestsMax: number;
}

/**
 * Everything the engine knows, and the few moves by which orders enter and leave books. What decides (matching, validation,
 * stops, auctions) is functions over this state in the files beside it.
 */
export class EngineState {
  readonly books: readonly Book[];
  /** Best key of each side, at twice the symbol and the side; NaN where nobody stands. Kept by the sides. */
  readonly bestKeys: Float64Array;
  readonly pool: OrderPool;
  readonly levels = new LevelPool();
  readonly ids: OrderIds;
  readonly accounts = new Accounts();
  readonly requests: RequestLog;
  readonly events = new EventBuffer();
  /** Number of the last sequenced command. */
  sequence = 0;
  /** Number of the last entry into a book. */
  entrySequence = 0;
  /** The clock of GTD orders; arrives as a command. */
  now = 0;
  /** No GTD order expires before this. */
  expireAtMin = Number.POSITIVE_INFINITY;

  constructor(configs: readonly SymbolConfig[], bounds: EngineBounds) {
    this.bestKeys = new Float64Array(2 * configs.length).fill(Number.NaN);
    const limits = new Map<SymbolConfig, BookLimits>();
    for (const config of configs) if (!limits.has(config)) limits.set(config, limitsOf(config));
    this.books = configs.map((config, symbol) => {
      const sides = [
        new BookSide(this.bestKeys, 2 * symbol),
        new BookSide(this.bestKeys, 2 * symbol + 1),
      ] as const;
      return new Book(config, limits.get(config)!, sides);
    });
    this.pool = new OrderPool(bounds.ordersMax);
    this.ids = new OrderIds(bounds.orderIdMax);
    this.requests = new RequestLog(bounds.requestsMax);
  }

  emit(
    kind: number,
    reason: number,
    side: number,
    symbol: number,
    orderId: number,
    price: number,
    quantity: number,
  ): void {
    this.events.push(kind, reason, side, symbol, orderId, -1, price, quantity, this.sequence);
  }

  /** Says something about an order that refuses and removes nothing. */
  emitOrder(kind: number, slot: number, quantity: number): void {
    const { pool } = this;
    const side = pool.ints[(slot << intShift) | Int.flags]! & Flag.side;
    this.emit(
      kind,
      0,
      side,
      pool.ints[(slot << intShift) | Int.symbol]!,
      pool.ints[(slot << intShift) | Int.id]!,
      pool.terms[(slot << termShift) | Term.price]!,
      quantity,
    );
  }

  /** Slot of a live order, or -1. */
  slotOf(id: number): number {
    if (!(id >= 0)) return -1;
    const { pool } = this;
    const home = pool.homeOf(id);
    return pool.isAt(home, id) ? home : this.awaySlotOf(id);
  }

  private awaySlotOf(id: number): number {
    const slot = this.ids.givenSlot(id);
    return slot >= 0 && this.pool.isAt(slot, id) ? slot : -1;
  }

  /** The quantity of this order that others see. */
  shownOf(slot: number): number {
    const { pool } = this;
    return pool.ints[(slot << intShift) | Int.flags]! & Flag.iceberg
      ? pool.shown[slot]!
      : pool.floats[(slot << floatShift) | Float.leaves]!;
  }

  /** Puts an order at the back of `key` on its side, shows its slice, and says so. */
  rest(slot: number, key: number): void {
    const { pool, levels } = this;
    const flags = pool.ints[(slot << intShift) | Int.flags]!;
    const symbol = pool.ints[(slot << intShift) | Int.symbol]!;
    const side = this.books[symbol]!.sides[flags & Flag.side]!;
    let shown = pool.floats[(slot << floatShift) | Float.leaves]!;
    if (flags & (Flag.iceberg | Flag.allOrNone)) {
      this.countSpecial(slot, 1);
      if (flags & Flag.iceberg) {
        if (pool.display[slot]! < shown) shown = pool.display[slot]!;
        pool.shown[slot] = shown;
      }
    }
    let level = side.levelOf(key, levels);
    if (level < 0) {
      level = levels.allocate(key);
      side.insert(side.indexOf(key), key, level);
    }
    levels.shown[level] = levels.shown[level]! + shown;
    this.append(slot, level);
    this.emit(
      EventKind.rested,
      0,
      flags & Flag.side,
      symbol,
      pool.ints[(slot << intShift) | Int.id]!,
      pool.terms[(slot << termShift) | Term.price]!,
      shown,
    );
    this.events.noteShown(0, levels.shown[level]!);
  }

  /** Chains an order to the back of a level. Totals are the caller's. */
  append(slot: number, level: number): void {
    const { pool, levels } = this;
    const tail = levels.tail[level]!;
    pool.ints[(slot << intShift) | Int.level] = level;
    pool.ints[(slot << intShift) | Int.next] = -1;
    pool.ints[(slot << intShift) | Int.prev] = tail;
    if (tail < 0) levels.head[level] = slot;
    else pool.ints[(tail << intShift) | Int.next] = slot;
    levels.tail[level] = slot;
  }

  /** Takes an order out of its level's chain. Totals and empty levels are the caller's. */
  unchain(slot: number): void {
    const { pool, levels } = this;
    const level = pool.ints[(slot << intShift) | Int.level]!;
    const next = pool.ints[(slot << intShift) | Int.next]!;
    const prev = pool.ints[(slot << intShift) | Int.prev]!;
    if (prev < 0) levels.head[level] = next;
    else pool.ints[(prev << intShift) | Int.next] = next;
    if (next < 0) levels.tail[level] = prev;
    else pool.ints[(next << intShift) | Int.prev] = prev;
  }

  /**
   * Takes an order out of its book, with its level when it was the last there, and returns what it showed. The order
   * stays live.
   */
  unrest(slot: number): number {
    const { levels } = this;
    const { ints, floats } = this.pool;
    const row = slot << intShift;
    const flags = ints[row | Int.flags]!;
    const level = ints[row | Int.level]!;
    const next = ints[row | Int.next]!;
    const prev = ints[row | Int.prev]!;
    let shown = floats[(slot << floatShift) | Float.leaves]!;
    if (flags & (Flag.iceberg | Flag.allOrNone)) {
      shown = this.shownOf(slot);
      this.countSpecial(slot, -1);
    }
    levels.shown[level] = levels.shown[level]! - shown;
    if (next < 0) levels.tail[level] = prev;
    else ints[(next << intShift) | Int.prev] = prev;
    ints[row | Int.level] = -1;
    if (prev >= 0) ints[(prev << intShift) | Int.next] = next;
    else if (next >= 0) levels.head[level] = next;
    else this.dropLevel(this.books[ints[row | Int.symbol]!]!.sides[flags & Flag.side]!, level);
    return shown;
  }

  /** Takes a live order out of its book, to enter anew or to trade as taker, and says so. */
  leaveBook(slot: number): void {
    const shown = this.shownOf(slot);
    const level = this.pool.ints[(slot << intShift) | Int.level]!;
    this.emitOrder(EventKind.unrested, slot, shown);
    this.events.noteShown(shown, this.levels.shown[level]! - shown);
    this.unrest(slot);
  }

  /** Notes that an order which the plain matching loop must not take came to (1) or left (-1) its side. */
  countSpecial(slot: number, change: number): void {
    const flags = this.pool.ints[(slot << intShift) | Int.flags]!;
    if (!(flags & (Flag.iceberg | Flag.allOrNone))) return;
    const book = this.books[this.pool.ints[(slot << intShift) | Int.symbol]!]!;
    const side = book.sides[flags & Flag.side]!;
    side.specialCount += change;
    if (!(flags & Flag.allOrNone)) return;
    side.allOrNoneCount += change;
    book.allOrNoneCount += change;
  }

  private dropLevel(side: BookSide, level: number): void {
    side.removeAt(side.indexOf(this.levels.key[level]!));
    this.levels.release(level);
  }

  /** Adds a stop to the back of its symbol's waiting list. */
  chainStop(slot: number): void {
    const { pool } = this;
    const book = this.books[pool.ints[(slot << intShift) | Int.symbol]!]!;
    pool.ints[(slot << intShift) | Int.flags] =
      pool.ints[(slot << intShift) | Int.flags]! | Flag.waiting;
    pool.ints[(slot << intShift) | Int.level] = -1;
    pool.ints[(slot << intShift) | Int.next] = -1;
    pool.ints[(slot << intShift) | Int.prev] = book.stopTail;
    if (book.stopTail < 0) book.stopHead = slot;
    else pool.ints[(book.stopTail << intShift) | Int.next] = slot;
    book.stopTail = slot;
    book.stopCount++;
    book.stopsDue = true;
  }

  unchainStop(slot: number): void {
    const { pool } = this;
    const book = this.books[pool.ints[(slot << intShift) | Int.symbol]!]!;
    const next = pool.ints[(slot << intShift) | Int.next]!;
    const prev = pool.ints[(slot << intShift) | Int.prev]!;
    if (prev < 0) book.stopHead = next;
    else pool.ints[(prev << intShift) | Int.next] = next;
    if (next < 0) book.stopTail = prev;
    else pool.ints[(next << intShift) | Int.prev] = prev;
    pool.ints[(slot << intShift) | Int.flags] =
      pool.ints[(slot << intShift) | Int.flags]! & ~Flag.waiting;
    book.stopCount--;
  }

  /** Ends an order that is in no chain: its slot is free, its id stays used. */
  retire(slot: number): void {
    const { pool } = this;
    const flags = pool.ints[(slot << intShift) | Int.flags]!;
    this.accounts.closeOrder(flags & Flag.account ? pool.account[slot]! : -1);
    pool.release(slot);
  }

  /** Removes a live order from wherever it is and says why. */
  remove(slot: number, reason: number): void {
    const { ints, floats } = this.pool;
    const row = slot << intShift;
    const flags = ints[row | Int.flags]!;
    const price = this.priceOf(slot);
    const level = ints[row | Int.level]!;
    let shownBefore = 0;
    let levelShown = 0;
    if (flags & Flag.waiting) this.unchainStop(slot);
    else if (level >= 0) {
      const before = this.levels.shown[level]!;
      shownBefore = this.unrest(slot);
      levelShown = before - shownBefore;
    }
    const leaves = floats[(slot << floatShift) | Float.leaves]!;
    const symbol = ints[row | Int.symbol]!;
    const id = ints[row | Int.id]!;
    this.emit(EventKind.cancelled, reason, flags & Flag.side, symbol, id, price, leaves);
    this.events.noteShown(shownBefore, levelShown);
    this.retire(slot);
  }

  /** The price of an order; where it stands in a book its level knows, and is nearer at hand. */
  private priceOf(slot: number): number {
    const { ints, terms } = this.pool;
    const level = ints[(slot << intShift) | Int.level]!;
    if (level < 0) return terms[(slot << termShift) | Term.price]!;
    const key = this.levels.key[level]!;
    if (key === Number.POSITIVE_INFINITY) return 0;
    return ints[(slot << intShift) | Int.flags]! & Flag.side ? -key : key;
  }

  typeOf(slot: number): number {
    return (this.pool.ints[(slot << intShift) | Int.flags]! & Flag.typeMask) >> Flag.typeShift;
  }

  tifOf(slot: number): number {
    return (this.pool.ints[(slot << intShift) | Int.flags]! & Flag.tifMask) >> Flag.tifShift;
  }

  /** True for orders that execute at any price and never rest. */
  isMarket(slot: number): boolean {
    return this.typeOf(slot) === OrderType.market;
  }

  isGtd(slot: number): boolean {
    return this.tifOf(slot) === TimeInForce.gtd;
  }

  /** Live orders that `wanted` picks, by age: everything that removes many orders removes them in this order. */
  slotsByEntry(wanted: (slot: number) => boolean): number[] {
    const { pool } = this;
    const slots: number[] = [];
    pool.forEach((slot) => {
      if (wanted(slot)) slots.push(slot);
    });
    return slots.sort(
      (a, b) =>
        pool.terms[(a << termShift) | Term.entry]! - pool.terms[(b << termShift) | Term.entry]!,
    );
  }

  /** Notes what only some orders have. The common columns are filled already. */
  describe(slot: number, type: number, timeInForce: number, extras: PlaceExtras): void {
    const { pool } = this;
    pool.ensureRare();
    let flags = pool.ints[(slot << intShift) | Int.flags]! | ((extras.stp ?? 0) << Flag.stpShift);
    if (extras.postOnly) flags |= Flag.postOnly;
    if (extras.allOrNone) flags |= Flag.allOrNone;
    if (extras.account !== undefined && extras.account >= 0) {
      flags |= Flag.account;
      pool.account[slot] = extras.account;
    }
    if (extras.display !== undefined) {
      flags |= Flag.iceberg;
      pool.display[slot] = extras.display;
      pool.shown[slot] = 0;
    }
    if (extras.minQty !== undefined && extras.minQty > 0) {
      flags |= Flag.minQty;
      pool.minQty[slot] = extras.minQty;
    }
    if (type === OrderType.stop || type === OrderType.stopLimit) {
      pool.stop[slot] = extras.stopPrice!;
      pool.mark[slot] = Number.NaN;
    } else if (type === OrderType.trailingStop) {
      pool.stop[slot] = extras.trail!;
      pool.mark[slot] = this.books[pool.ints[(slot << intShift) | Int.symbol]!]!.last;
    }
    if (timeInForce === TimeInForce.gtd) {
      const expireAt = extras.expireAt ?? Number.POSITIVE_INFINITY;
      pool.expireAt[slot] = expireAt;
      if (expireAt < this.expireAtMin) this.expireAtMin = expireAt;
    }
    pool.ints[(slot << intShift) | Int.flags] = flags;
  }

  /** Forgets everything but the rules. */
  clear(): void {
    for (const book of this.books) book.clear();
    this.pool.clear();
    this.levels.clear();
    this.ids.clear();
    this.accounts.clear();
    this.requests.clear();
    this.events.count = 0;
    this.expireAtMin = Number.POSITIVE_INFINITY;
  }

  /** Looks for the earliest expiry of the GTD orders that are left. */
  findNextExpiry(): void {
    const { pool } = this;
    this.expireAtMin = Number.POSITIVE_INFINITY;
    pool.forEach((slot) => {
      if (this.isGtd(slot) && pool.expireAt[slot]! < this.expireAtMin) {
        this.expireAtMin = pool.expireAt[slot]!;
      }
    });
  }
}
