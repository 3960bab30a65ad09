import { describe, expect, test } from "vitest";
import { lobsterToOrderFlow, replayLobster } from "../../sim/engine/index.ts";
import { seededRandom } from "./random-commands.ts";

interface Resting {
  readonly id: number;
  readonly side: 1 | -1;
  readonly price: number;
  size: number;
}

/** An exchange that writes LOBSTER files: a plain list of orders, and a row after every event that its levels show. */
class PaperExchange {
  readonly messages: string[] = [];
  readonly books: string[] = [];
  private readonly levelCount: number;
  private orders: Resting[] = [];
  private nextId = 1;
  private second = 34_200;
  private lastView: string;

  constructor(levelCount: number) {
    this.levelCount = levelCount;
    this.lastView = this.view();
  }

  enter(side: 1 | -1, price: number, size: number): void {
    let left = size;
    for (const maker of this.line(-side as 1 | -1)) {
      if (left === 0 || (price - maker.price) * side < 0) break;
      const fill = Math.min(left, maker.size);
      left -= fill;
      this.take(maker, fill, 4);
    }
    const id = this.nextId++;
    if (left === 0) return;
    this.orders.push({ id, side, price, size: left });
    this.write(1, id, left, price, side);
  }

  /** Removes some (type 2) or all (type 3) of the order at `at` in age. */
  withdraw(at: number, size: number): void {
    const order = this.orders[at % Math.max(1, this.orders.length)];
    if (order === undefined) return;
    if (size < order.size) this.take(order, size, 2);
    else this.take(order, order.size, 3);
  }

  /** An event that no level shows: a hidden execution, a cross, a halt. */
  remark(type: 5 | 6 | 7): void {
    const row = { 5: "0,10,1005000,1", 6: "-1,500,1000000,-1", 7: "0,0,-1,-1" }[type];
    this.messages.push(`${this.time()},${type},${row}`);
    this.books.push(this.view());
  }

  get orderCount(): number {
    return this.orders.length;
  }

  private take(order: Resting, size: number, type: number): void {
    order.size -= size;
    if (order.size === 0) this.orders = this.orders.filter((each) => each !== order);
    this.write(type, order.id, size, order.price, order.side);
  }

  private line(side: 1 | -1): Resting[] {
    // The sort is stable, so age decides among equals.
    return this.orders
      .filter((order) => order.side === side)
      .sort((a, b) => (b.price - a.price) * side);
  }

  /** A file of N levels has only the events that its levels show. */
  private write(type: number, id: number, size: number, price: number, side: number): void {
    const view = this.view();
    if (view === this.lastView) return;
    this.lastView = view;
    this.messages.push(`${this.time()},${type},${id},${size},${price},${side}`);
    this.books.push(view);
  }

  private time(): string {
    this.second += 0.25;
    return this.second.toFixed(9);
  }

  private view(): string {
    const sides = ([-1, 1] as const).map((side) => {
      const levels = new Map<number, number>();
      for (const { price, size } of this.line(side)) {
        levels.set(price, (levels.get(price) ?? 0) + size);
      }
      const empty = side === 1 ? "-9999999999,0" : "9999999999,0";
      const cells = [...levels].map(([price, size]) => `${price},${size}`);
      return Array.from({ length: this.levelCount }, (_, at) => cells[at] ?? empty);
    });
    return Array.from(
      { length: this.levelCount },
      (_, at) => `${sides[0]?.[at]},${sides[1]?.[at]}`,
    ).join(",");
  }
}

function randomDay(levelCount: number, seed: number, bidShare = 0.5): PaperExchange {
  const random = seededRandom(seed);
  const exchange = new PaperExchange(levelCount);
  for (let i = 0; i < 1500; i++) {
    const roll = random();
    const side = random() < bidShare ? 1 : -1;
    const away = Math.floor(60 * random() * random()) - (roll < 0.08 ? 12 : 0);
    if (roll < 0.03) exchange.remark(([5, 6, 7] as const)[i % 3] ?? 5);
    else if (roll < 0.55 || exchange.orderCount < 30) {
      const size = 1 + Math.floor(random() * 90);
      exchange.enter(side, 1_000_000 - side * (away + 1) * 100, size);
    } else exchange.withdraw(Math.floor(random() * 1000), 1 + Math.floor(random() * 120));
  }
  return exchange;
}

describe("LOBSTER pairs of other depths", () => {
  test.each([1, 2, 5, 10, 30, 50])("%i levels are reproduced row by row", (levelCount) => {
    for (const seed of [1, 2, 3]) {
      const day = randomDay(levelCount, seed);
      const { result, mistakes } = replayLobster(day.messages.join("\n"), day.books.join("\n"));
      expect([...mistakes.messages, ...mistakes.books]).toEqual([]);
      expect(result).toMatchObject({
        method: "rows",
        levelCount,
        compared: day.messages.length,
        reproduced: day.messages.length,
        firstDifferences: [],
      });
      const { executions, atBestPrice, knownExecutions, atHead } = result?.priority ?? {};
      expect(executions).toBeGreaterThan(10);
      expect([atBestPrice, atHead]).toEqual([executions, knownExecutions]);
    }
  });

  test("a book with one side only is reproduced", () => {
    const day = randomDay(5, 4, 1);
    const { result } = replayLobster(day.messages.join("\n"), day.books.join("\n"));
    expect(day.books.at(-1)).toContain("9999999999,0");
    expect(result?.reproduced).toBe(day.messages.length);
  });

  test("a file that begins in the middle of the day is reproduced from its first row on", () => {
    for (const from of [200, 201, 202, 203, 204, 205, 206, 207]) {
      const day = randomDay(5, 5);
      const { result } = replayLobster(
        day.messages.slice(from).join("\n"),
        day.books.slice(from).join("\n"),
      );
      expect(result?.reproduced).toBe(day.messages.length - from);
    }
  });

  test("column names, Windows line ends and a byte-order mark change nothing", () => {
    const day = randomDay(5, 6);
    const plain = replayLobster(day.messages.join("\n"), day.books.join("\n")).result;
    const names = Array.from({ length: 5 }, (_, at) =>
      ["ask_price", "ask_size", "bid_price", "bid_size"].map((name) => `${name}_${at + 1}`),
    );
    const messages = ["\ufeffTime,Type,OrderID,Size,Price,Direction", ...day.messages, ""];
    const books = [names.join(","), ...day.books, ""];
    const odd = replayLobster(messages.join("\r\n"), books.join("\r\n"));
    expect(odd.result).toEqual(plain);
  });

  test("lines are counted in the file, its header included", () => {
    const day = randomDay(1, 7);
    const header = "ask price,ask size,bid price,bid size";
    const row = (day.books[9] ?? "").replace(/\d+$/, "777");
    const books = [header, ...day.books.with(9, row)];
    const found = replayLobster(day.messages.join("\n"), books.join("\n")).result;
    expect(found?.firstDifferences[0]).toMatchObject({ line: 11, what: "bid level 1" });
    const bad = ["time,type,id,size,price,direction", ...day.messages.with(4, "34201.5,1,7,5,100")];
    const { mistakes } = replayLobster(bad.join("\n"), day.books.join("\n"));
    expect(mistakes.messages.map(({ line, code }) => [line, code])).toEqual([
      [6, "lobster.columns"],
    ]);
  });

  test("best prices of a whole day are compared with deeper messages of its first part", () => {
    const random = seededRandom(8);
    const deep = new PaperExchange(50);
    const shallow = new PaperExchange(1);
    for (let i = 0; i < 1200; i++) {
      const side = random() < 0.5 ? 1 : -1;
      const price = 1_000_000 - side * (Math.floor(40 * random() * random()) - 3) * 100;
      const size = 1 + Math.floor(random() * 90);
      const at = Math.floor(random() * 1000);
      for (const exchange of i < 900 ? [deep, shallow] : [shallow]) {
        if (i % 3 < 2) exchange.enter(side, price, size);
        else exchange.withdraw(at, size);
      }
    }
    const { result } = replayLobster(deep.messages.join("\n"), shallow.books.join("\n"));
    expect(result?.method).toBe("states");
    expect(result?.compared).toBeGreaterThan(100);
    expect(result?.reproduced).toBe(result?.compared);
  });

  test("the messages alone become requests of which every cancel finds its order", () => {
    const { commands, mistakes } = lobsterToOrderFlow(randomDay(10, 9).messages.join("\n"));
    expect(mistakes).toEqual([]);
    expect(commands.count).toBeGreaterThan(500);
  });
});
