import type { Counter, Kernel, Level, Tally } from "../kernel.ts";
import { KernelError } from "../kernel-error.ts";
import { none } from "../none.ts";
import { roundUs } from "../units.ts";
import { Capacity, type CapacityOptions, requireServers } from "./capacity.ts";
import { requireBound } from "./facility-options.ts";
import { OrderedLine } from "./lines.ts";
import {
  numberAskedUs,
  numberKey,
  numberShift,
  recordShift,
  stateServing,
  wordDone,
  wordEntity,
  wordState,
} from "./request-records.ts";
import {
  noRequest,
  type Patience,
  type RequestHandle,
  type Requests,
  type StepId,
  type Waitable,
} from "./requests.ts";

/** How a facility that serves everybody at once is made. */
export interface SharedFacilityOptions extends CapacityOptions {
  /** Most requests at once, a whole number; more are turned away. Default: as many as come. */
  readonly usersMax?: number;
}

/** What becomes of a request, and how long its entity stays at most: here everybody present counts as waiting. */
export interface ShareOptions extends Patience {
  /** The step after the service. Default: none. */
  readonly done?: StepId;
}

const noOptions: ShareOptions = {};

/**
 * Processor sharing: everybody is served at once, and n requests share c servers, none of them more than one server.
 * It keeps a virtual time that runs as fast as one request is served. Each request ends at a virtual time that is fixed
 * when it comes, so that every change costs O(log n) and one event, however many are present. Made by
 * `simulation.sharedFacility`.
 */
export class SharedFacility implements Waitable {
  /** The name it was assembled with. */
  readonly name: string;
  /** Requests present. */
  readonly users: Level;
  /** From asking to the end of service, in microseconds. */
  readonly staysUs: Tally;
  /** Requests turned away because `usersMax` were present. */
  readonly lost: Counter;
  /** Entities that balked at how many were present. */
  readonly balked: Counter;
  /** Requests that timed out. */
  readonly gaveUp: Counter;
  private readonly kernel: Kernel;
  private readonly requests: Requests;
  private readonly number: number;
  private readonly ended: number;
  private readonly capacity: Capacity;
  private readonly present: OrderedLine;
  /** Virtual time; the instant at which it was that; the event at which the next one ends. */
  private readonly state: Float64Array;
  private readonly usersMax: number;

  constructor(kernel: Kernel, requests: Requests, name: string, options: SharedFacilityOptions) {
    this.kernel = kernel;
    this.requests = requests;
    this.name = name;
    requireBound(name, "usersMax", options.usersMax);
    this.number = requests.own(this);
    this.usersMax = options.usersMax ?? Number.POSITIVE_INFINITY;
    this.users = kernel.level(`${name} users`);
    this.staysUs = kernel.tally(`${name} stays`);
    this.lost = kernel.counter(`${name} lost`);
    this.balked = kernel.counter(`${name} balked`);
    this.gaveUp = kernel.counter(`${name} gave up`);
    this.present = new OrderedLine(requests.records, { worstFirst: false });
    kernel.register(`${name} present`, this.present);
    this.state = kernel.float64Array(`${name} virtual time`, 3);
    this.state[2] = none;
    this.capacity = new Capacity(kernel, name, options, () => {
      this.settle();
      this.aim();
    });
    this.ended = kernel.handler(`${name} ends`, (slot) => this.end(slot));
  }

  /** Servers that can work now. */
  get servers(): number {
    return this.capacity.servers;
  }

  /**
   * Asks for a service of so much work, in microseconds of one server, fractions allowed. `noRequest` when the entity is
   * turned away or balks. Throws `kernel.work` for negative or infinite work.
   */
  use(entity: number, workUs: number, options: ShareOptions = noOptions): RequestHandle {
    if (!(workUs >= 0 && workUs < Number.POSITIVE_INFINITY)) {
      throw new KernelError({
        code: "kernel.work",
        problem: `It was asked for ${workUs} us of work`,
        remedy: "Work is a number of microseconds, 0 or more",
        at: this.name,
      });
    }
    if (this.requests.balks(entity, this.present.length, options, this)) return noRequest;
    if (this.present.length >= this.usersMax) {
      this.lost.add(1);
      this.requests.proceed(options.refused ?? none, entity, 0);
      return noRequest;
    }
    this.settle();
    const slot = this.requests.open(this.number, entity, options.done ?? none, options);
    const { words, numbers } = this.requests.records;
    words[(slot << recordShift) | wordState] = stateServing;
    numbers[(slot << numberShift) | numberKey] = this.state[0]! + workUs;
    this.present.add(slot);
    this.users.add(1);
    this.aim();
    return this.requests.handleOf(slot);
  }

  /** Opens or closes servers from now on, a whole number, 0 or more. Throws `kernel.servers` for other numbers. */
  setServers(servers: number): void {
    requireServers(this.name, servers);
    this.capacity.open(servers);
  }

  /** Forgets what its statistics saw so far, as at the end of a warm-up; those present stay. */
  resetStatistics(): void {
    for (const each of [this.users, this.staysUs]) each.reset();
    for (const each of [this.lost, this.balked, this.gaveUp]) each.reset();
  }

  /** @internal */
  withdraw(slot: number): void {
    this.settle();
    this.leave(slot);
    this.aim();
  }

  private end(slot: number): void {
    const { words, numbers } = this.requests.records;
    const entity = words[(slot << recordShift) | wordEntity]!;
    const done = words[(slot << recordShift) | wordDone]!;
    this.state[2] = none;
    this.settle();
    this.staysUs.record(this.kernel.nowUs - numbers[(slot << numberShift) | numberAskedUs]!);
    this.leave(slot);
    this.requests.close(slot);
    this.aim();
    this.requests.continueWith(done, entity, 0, this.name);
  }

  private leave(slot: number): void {
    this.present.remove(slot);
    this.users.add(-1);
    // Nobody is left who remembers the virtual time, so it begins again, and never loses digits.
    if (this.present.length === 0) this.state[0] = 0;
  }

  private settle(): void {
    const state = this.state;
    const nowUs = this.kernel.nowUs;
    if (this.present.length > 0) state[0]! += (nowUs - state[1]!) * this.speed();
    state[1] = nowUs;
  }

  /** Work done a microsecond for each request. */
  private speed(): number {
    return Math.min(1, this.capacity.servers / this.present.length);
  }

  /** One event for the next to end, to the nearest microsecond. */
  private aim(): void {
    const state = this.state;
    if (state[2] !== none) this.kernel.cancel(state[2]!);
    state[2] = none;
    const slot = this.present.first();
    const speed = this.speed();
    if (slot === none || speed === 0) return;
    const key = this.requests.records.numbers[(slot << numberShift) | numberKey]!;
    const leftUs = (key - state[0]!) / speed;
    state[2] = this.kernel.schedule(roundUs(leftUs), this.ended, slot);
  }
}
