import { type LobsterMessages, LobsterType } from "./lobster-text.ts";

/**
 * Orders that a message file changes, executes or deletes without ever having announced them. They were entered before the
 * file begins, or where the file could not see them (an N-level file has only what happens inside its N best levels).
 *
 * Exchange ids grow with time, so such an order was entered before the first new order with a larger id: it is put in
 * there. Its size is what all its later messages take away together, the least it can have had.
 */
export interface ImpliedOrders {
  readonly count: number;
  /** The message before which the order is entered; 0: before the first. Rising. */
  readonly beforeRow: Float64Array;
  readonly id: Float64Array;
  readonly side: Float64Array;
  readonly price: Float64Array;
  readonly size: Float64Array;
}

/** Finds the implied orders of a file, in the order of their ids. */
export function findImpliedOrders(messages: LobsterMessages): ImpliedOrders {
  const found = new Map<number, { row: number; size: number }>();
  const announced = new Set<number>();
  for (let row = 0; row < messages.count; row++) {
    const type = messages.type[row]!;
    if (type > LobsterType.execution) continue;
    const id = messages.id[row]!;
    if (type === LobsterType.newOrder) {
      announced.add(id);
    } else if (!announced.has(id)) {
      const order = found.get(id);
      if (order === undefined) found.set(id, { row, size: messages.size[row]! });
      else order.size += messages.size[row]!;
    }
  }
  const orders = [...found].sort(([a], [b]) => a - b);
  const beforeRow = new Float64Array(orders.length);
  let at = 0;
  let row = 0;
  let idMax = -1;
  for (; row < messages.count && at < orders.length; row++) {
    if (messages.type[row]! !== LobsterType.newOrder) continue;
    idMax = Math.max(idMax, messages.id[row]!);
    while (at < orders.length && orders[at]![0] < idMax) beforeRow[at++] = row;
  }
  while (at < orders.length) beforeRow[at++] = row;
  // Never later than the first message that needs the order; and rising, so that ids keep their order.
  for (let i = orders.length - 1, limit = messages.count; i >= 0; i--) {
    limit = Math.min(limit, beforeRow[i]!, orders[i]![1].row);
    beforeRow[i] = limit;
  }
  const firstNew = messages.type.indexOf(LobsterType.newOrder);
  return {
    count: orders.length,
    beforeRow: beforeRow.map((value) => (value <= firstNew ? 0 : value)),
    id: Float64Array.from(orders, ([id]) => id),
    side: Float64Array.from(orders, ([, order]) => messages.side[order.row]!),
    price: Float64Array.from(orders, ([, order]) => messages.price[order.row]!),
    size: Float64Array.from(orders, ([, order]) => order.size),
  };
}
