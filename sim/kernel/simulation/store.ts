import type { Pool } from "../containers/pool.ts";
import type { Counter, Kernel, Level, Tally } from "../kernel.ts";
import { KernelError } from "../kernel-error.ts";
import { none } from "../none.ts";
import type { WaitOptions } from "./buffer.ts";
import { LinkedLine } from "./lines.ts";
import {
  numberAskedUs,
  numberShift,
  recordShift,
  wordAmount,
  wordFilter,
} from "./request-records.ts";
import { noRequest, type RequestHandle, type Requests, type Waitable } from "./requests.ts";

/** How many items a store holds. */
export interface StoreOptions {
  /** Most items inside, a whole number, 1 or more. */
  readonly capacity: number;
}

/** Which items a request wants. */
export type Filter = (item: number, argument: number) => boolean;

/** Number of a named filter. */
export type FilterId = number;

/** What becomes of a request for an item, which items will do, and how long it waits. */
export interface GetOptions extends WaitOptions {
  /** Default: any item. */
  readonly filter?: FilterId;
  /** Told to the filter: a whole number of 32 bits. Default 0. */
  readonly argument?: number;
}

const noOptions: GetOptions = {};

const itemColumns = { item: "int32", before: "int32", after: "int32" } as const;

/**
 * Things with an identity, each a whole number of 32 bits. The oldest item that will do is taken; of those who wait, the
 * first whom an item suits gets it. Made by `simulation.store`.
 */
export class Store {
  /** The name it was assembled with. */
  readonly name: string;
  /** Items inside. */
  readonly level: Level;
  /** How long those waited who got an item, in microseconds. */
  readonly waitsUs: Tally;
  /** Entities that balked at those who wait to get, or to put. */
  readonly balked: Counter;
  /** Requests that timed out. */
  readonly gaveUp: Counter;
  private readonly kernel: Kernel;
  private readonly requests: Requests;
  private readonly items: Pool<typeof itemColumns>;
  private readonly itemLine: LinkedLine;
  private readonly getters: LinkedLine;
  private readonly putters: LinkedLine;
  private readonly getNumber: number;
  private readonly putNumber: number;
  private readonly filters: Filter[] = [];

  constructor(kernel: Kernel, requests: Requests, name: string, options: StoreOptions) {
    this.kernel = kernel;
    this.requests = requests;
    this.name = name;
    this.level = kernel.level(`${name} level`);
    this.waitsUs = kernel.tally(`${name} waits`);
    if (!(Number.isInteger(options.capacity) && options.capacity >= 1)) {
      throw new KernelError({
        code: "kernel.store-capacity",
        problem: `Its capacity is ${options.capacity}`,
        remedy: "Use a whole number, 1 or more",
        at: name,
      });
    }
    this.balked = kernel.counter(`${name} balked`);
    this.gaveUp = kernel.counter(`${name} gave up`);
    this.items = kernel.pool(`${name} items`, itemColumns, { slotsMax: options.capacity });
    this.itemLine = new LinkedLine(this.items.column, { lastFirst: false });
    this.getters = new LinkedLine(requests.records, { lastFirst: false });
    this.putters = new LinkedLine(requests.records, { lastFirst: false });
    kernel.register(`${name} order`, this.itemLine);
    kernel.register(`${name} getters`, this.getters);
    kernel.register(`${name} putters`, this.putters);
    this.getNumber = requests.own(this.side(`${name} (get)`, this.getters));
    this.putNumber = requests.own(this.side(`${name} (put)`, this.putters));
  }

  /** Assembly: a way to choose items. It must depend on nothing but the item, the argument and registered state. */
  filter(filter: Filter): FilterId {
    return this.filters.push(filter) - 1;
  }

  /** Those who wait for an item. */
  get gettersWaiting(): number {
    return this.getters.length;
  }

  /** Those who wait to bring an item. */
  get puttersWaiting(): number {
    return this.putters.length;
  }

  /**
   * Asks for an item; the step `done` is told which. `noRequest` when the entity balks. Throws `kernel.filter-unknown`
   * for a filter of another store.
   */
  get(entity: number, options: GetOptions = noOptions): RequestHandle {
    const filter = options.filter ?? none;
    if (filter !== none && this.filters[filter] === undefined) {
      throw new KernelError({
        code: "kernel.filter-unknown",
        problem: `There is no filter ${filter}`,
        remedy: "Use the number that store.filter(...) returned",
        at: this.name,
      });
    }
    if (this.requests.balks(entity, this.getters.length, options, this)) return noRequest;
    const slot = this.requests.open(this.getNumber, entity, options.done ?? none, options);
    const handle = this.requests.handleOf(slot);
    const { words } = this.requests.records;
    words[(slot << recordShift) | wordFilter] = filter;
    words[(slot << recordShift) | wordAmount] = options.argument ?? 0;
    if (!this.serve(slot)) this.getters.add(slot);
    return handle;
  }

  /**
   * Brings an item, a whole number of 32 bits; the step `done` comes once there is room. `noRequest` when the entity
   * balks. Throws `kernel.item` for other numbers.
   */
  put(entity: number, item: number, options: WaitOptions = noOptions): RequestHandle {
    if ((item | 0) !== item) this.refuseItem(item);
    if (this.requests.balks(entity, this.putters.length, options, this)) return noRequest;
    const slot = this.requests.open(this.putNumber, entity, options.done ?? none, options);
    const handle = this.requests.handleOf(slot);
    this.requests.records.words[(slot << recordShift) | wordAmount] = item;
    this.putters.add(slot);
    this.fill();
    return handle;
  }

  /** Lets items in while there is room, each first to those who wait for one. */
  private fill(): void {
    while (this.putters.length > 0 && this.itemLine.length < this.items.slotsMax) {
      const putter = this.putters.shift();
      const place = this.items.alloc();
      const item = this.requests.records.words[(putter << recordShift) | wordAmount]!;
      this.items.column.item[place] = item;
      this.itemLine.add(place);
      this.level.add(1);
      this.requests.grant(putter, item);
      this.offer(place);
    }
  }

  private offer(place: number): void {
    const item = this.items.column.item[place]!;
    for (let slot = this.getters.first(); slot !== none; slot = this.getters.following(slot)) {
      if (!this.suits(slot, item)) continue;
      this.getters.remove(slot);
      this.hand(slot, place);
      return;
    }
  }

  /** Hands over the oldest item that suits; false when there is none. */
  private serve(slot: number): boolean {
    for (
      let place = this.itemLine.first();
      place !== none;
      place = this.itemLine.following(place)
    ) {
      if (!this.suits(slot, this.items.column.item[place]!)) continue;
      this.hand(slot, place);
      this.fill();
      return true;
    }
    return false;
  }

  private suits(slot: number, item: number): boolean {
    const { words } = this.requests.records;
    const filter = words[(slot << recordShift) | wordFilter]!;
    return (
      filter === none || this.filters[filter]!(item, words[(slot << recordShift) | wordAmount]!)
    );
  }

  private hand(slot: number, place: number): void {
    const item = this.items.column.item[place]!;
    this.itemLine.remove(place);
    this.items.free(place);
    this.level.add(-1);
    const askedUs = this.requests.records.numbers[(slot << numberShift) | numberAskedUs]!;
    this.waitsUs.record(this.kernel.nowUs - askedUs);
    this.requests.grant(slot, item);
  }

  private refuseItem(item: number): never {
    throw new KernelError({
      code: "kernel.item",
      problem: `It was brought the item ${item}`,
      remedy: "An item is a whole number of 32 bits, such as a row of simulation.entities(...)",
      at: this.name,
    });
  }

  private side(name: string, line: LinkedLine): Waitable {
    return { name, gaveUp: this.gaveUp, withdraw: (slot) => line.remove(slot) };
  }
}
