import type { Book } from "./book.ts";
import { StpMode } from "./codes.ts";
import type { EngineState } from "./engine-state.ts";
import { Flag, Float, floatShift, Int, intShift } from "./order-pool.ts";

/** An order that might enter, as far as it matters for what it could trade. */
export interface Entrant {
  readonly side: number;
  /** Worst key of the other side it takes; see `BookSide`. */
  readonly limitKey: number;
  readonly quantity: number;
  /** -1 for none. */
  readonly account: number;
  readonly stp: number;
}

/**
 * How much an entrant would trade at once, counted no further than `enough`; nothing changes. It walks as the matching
 * itself does, so fill-or-kill, minimum quantity, all-or-none and post-only can rely on it: slices of icebergs come round
 * again, all-or-none makers are passed by, and self-trade prevention takes away or stops the entrant.
 */
export function rehearse(state: EngineState, book: Book, entrant: Entrant, enough: number): number {
  const other = book.sides[entrant.side ^ 1]!;
  const isSimple =
    other.specialCount === 0 && (entrant.stp === StpMode.none || entrant.account < 0);
  let traded = 0;
  let remaining = entrant.quantity;
  for (let at = other.count - 1; at >= 0; at--) {
    if (other.keys[at]! < entrant.limitKey || remaining === 0 || traded >= enough) break;
    const level = other.levels[at]!;
    if (isSimple) {
      const fill = Math.min(state.levels.shown[level]!, remaining);
      traded += fill;
      remaining -= fill;
      continue;
    }
    const outcome = rehearseLevel(state, level, entrant, remaining);
    traded += outcome.traded;
    remaining = outcome.remaining;
  }
  return traded;
}

interface LevelOutcome {
  readonly traded: number;
  /** What the entrant could still trade; 0 also when self-trade prevention ended it. */
  readonly remaining: number;
}

function rehearseLevel(
  state: EngineState,
  level: number,
  entrant: Entrant,
  quantity: number,
): LevelOutcome {
  const { pool } = state;
  const queue: { slot: number; leaves: number; shown: number }[] = [];
  for (
    let slot = state.levels.head[level]!;
    slot >= 0;
    slot = pool.ints[(slot << intShift) | Int.next]!
  ) {
    queue.push({
      slot,
      leaves: pool.floats[(slot << floatShift) | Float.leaves]!,
      shown: state.shownOf(slot),
    });
  }
  let traded = 0;
  let remaining = quantity;
  for (let at = 0; at < queue.length && remaining > 0; at++) {
    const { slot, leaves, shown } = queue[at]!;
    const flags = pool.ints[(slot << intShift) | Int.flags]!;
    const isAllOrNone = (flags & Flag.allOrNone) !== 0;
    if (isAllOrNone && leaves > remaining) continue;
    const isOwn =
      entrant.stp !== StpMode.none &&
      entrant.account >= 0 &&
      (flags & Flag.account) !== 0 &&
      pool.account[slot]! === entrant.account;
    if (isOwn) {
      if (entrant.stp === StpMode.cancelMaker) continue;
      if (entrant.stp !== StpMode.decrement) return { traded, remaining: 0 };
      remaining -= Math.min(remaining, leaves);
      continue;
    }
    const fill = Math.min(remaining, isAllOrNone ? leaves : shown);
    traded += fill;
    remaining -= fill;
    if (fill < leaves && fill === shown) {
      const rest = leaves - fill;
      queue.push({ slot, leaves: rest, shown: Math.min(pool.display[slot]!, rest) });
    }
  }
  return { traded, remaining };
}
