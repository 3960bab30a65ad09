import { expect, test } from "vitest";
import { EventBuffer } from "./event-buffer.ts";

/** Row `row`, in the order of the arguments of `push`, then what `noteShown` said. */
function rowOf(events: EventBuffer, row: number): number[] {
  return [
    events.kind(row),
    events.reason(row),
    events.side(row),
    events.symbol(row),
    events.orderId(row),
    events.otherId(row),
    events.price(row),
    events.quantity(row),
    events.sequence(row),
    events.shownBefore(row),
    events.levelShown(row),
  ];
}

test("every row keeps its values while the buffer grows, whatever they are", () => {
  const events = new EventBuffer(2);
  const big = 2 ** 40;
  for (let row = 0; row < 9; row++) {
    events.push(row, row + 1, row & 1, row + 2, row + 3, -row, big + row, row + 0.5, big * 2 + row);
    events.noteShown(row + 6, row + 7);
  }
  expect(events.count).toBe(9);
  for (let row = 0; row < 9; row++) {
    expect(rowOf(events, row)).toEqual([
      row,
      row + 1,
      row & 1,
      row + 2,
      row + 3,
      -row + 0,
      big + row,
      row + 0.5,
      big * 2 + row,
      row + 6,
      row + 7,
    ]);
  }
});

test("it holds as many as asked for and doubles when it is full", () => {
  const events = new EventBuffer(3);
  for (let row = 0; row < 3; row++) events.push(1, 0, 0, 0, 0, 0, 0, 0, 0);
  expect(events.capacity).toBe(3);
  events.push(1, 0, 0, 0, 0, 0, 0, 0, 0);
  expect(events.capacity).toBe(6);
  expect(new EventBuffer().capacity).toBe(1024);
});
