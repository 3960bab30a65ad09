import { expect, test } from "vitest";
import { chainedQueues, type OrderHolder } from "./chained-queues.ts";

function holder(held: readonly number[], sentUs: number): OrderHolder & { tell(): void } {
  let listener: (request: number) => void = () => {};
  return {
    sentUs: (request) => (held.includes(request) ? sentUs : 0),
    forEachRequest: (visit) => {
      for (const request of held) visit(request);
    },
    whenTaken: (each) => {
      listener = each;
    },
    redeliveredCount: 1,
    duplicateCount: 2,
    tell: () => {
      for (const request of held) listener(request);
    },
  };
}

test("an order counts as taken by the first of two queues and as waiting in either", () => {
  const [first, last] = [holder([1, 2], 10), holder([3], 20)];
  const chain = chainedQueues([first], last);
  const [taken, waiting]: number[][] = [[], []];
  chain.whenTaken((request) => taken!.push(request));
  first.tell();
  last.tell();
  chain.forEachRequest((request) => waiting!.push(request));
  expect([taken, waiting]).toEqual([
    [1, 2],
    [1, 2, 3],
  ]);
  expect([chain.sentUs(2), chain.sentUs(3)]).toEqual([10, 0]);
  expect([chain.redeliveredCount, chain.duplicateCount]).toEqual([2, 4]);
});

test("a queue without feeders is itself", () => {
  const only = holder([1], 5);
  expect(chainedQueues([], only)).toBe(only);
});
