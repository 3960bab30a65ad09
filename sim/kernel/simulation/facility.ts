import type { Counter, Kernel, Level, Tally } from "../kernel.ts";
import { KernelError } from "../kernel-error.ts";
import { none } from "../none.ts";
import { Capacity, requireServers } from "./capacity.ts";
import {
  type Discipline,
  type FacilityOptions,
  requireFacilityOptions,
  type SeizeOptions,
  type UseOptions,
} from "./facility-options.ts";
import { type Line, LinkedLine, OrderedLine, RandomLine } from "./lines.ts";
import {
  noRequest,
  type RequestHandle,
  type Requests,
  requestState,
  type Waitable,
} from "./requests.ts";

const noOptions: UseOptions = {};

/** Servers and the line before them. Made by `simulation.facility`. */
export class Facility implements Waitable {
  /** The name it was assembled with. */
  readonly name: string;
  /** Requests in the line. */
  readonly line: Level;
  /** Servers at work. */
  readonly busy: Level;
  /** From asking to the first beginning of service, in microseconds. */
  readonly waitsUs: Tally;
  /** From asking to the end of service, in microseconds. */
  readonly staysUs: Tally;
  /** Requests turned away because the line was full. */
  readonly lost: Counter;
  /** Entities that balked at the line. */
  readonly balked: Counter;
  /** Requests that timed out. */
  readonly gaveUp: Counter;
  /** Services interrupted. */
  readonly interruptions: Counter;
  private readonly kernel: Kernel;
  private readonly requests: Requests;
  private readonly number: number;
  private readonly ended: number;
  private readonly capacity: Capacity;
  private readonly waiting: Line;
  private readonly outside: LinkedLine;
  /** Those in service, the one to be interrupted first in front; only where services can be interrupted. */
  private readonly serving: OrderedLine | undefined;
  private readonly discipline: Discipline;
  /** Whether the line, or who is interrupted, goes by a key of each request. */
  private readonly ordered: boolean;
  private readonly preemptive: boolean;
  private readonly restarts: boolean;
  private readonly leaves: boolean;
  private readonly closingInterrupts: boolean;
  private readonly lineMax: number;
  private readonly blocks: boolean;

  constructor(kernel: Kernel, requests: Requests, name: string, options: FacilityOptions) {
    this.kernel = kernel;
    this.requests = requests;
    this.name = name;
    requireFacilityOptions(name, options);
    this.number = requests.own(this);
    this.discipline = options.discipline ?? "fcfs";
    this.preemptive = this.discipline === "srpt" || (options.preemptive ?? false);
    this.restarts = options.interrupted === "restart";
    this.leaves = options.interrupted === "leave";
    this.closingInterrupts = options.closing === "interrupt";
    this.lineMax = options.lineMax ?? Number.POSITIVE_INFINITY;
    this.blocks = options.whenFull === "block";
    this.line = kernel.level(`${name} line`);
    this.busy = kernel.level(`${name} busy`);
    this.waitsUs = kernel.tally(`${name} waits`);
    this.staysUs = kernel.tally(`${name} stays`);
    this.lost = kernel.counter(`${name} lost`);
    this.balked = kernel.counter(`${name} balked`);
    this.gaveUp = kernel.counter(`${name} gave up`);
    this.interruptions = kernel.counter(`${name} interruptions`);
    this.waiting = this.createLine();
    kernel.register(`${name} waiting`, this.waiting);
    this.outside = new LinkedLine(requests.column, { lastFirst: false });
    kernel.register(`${name} outside`, this.outside);
    const interruptible =
      this.preemptive || this.closingInterrupts || options.breakdowns !== undefined;
    if (interruptible) {
      this.serving = new OrderedLine(requests.column, { worstFirst: true });
      kernel.register(`${name} serving`, this.serving);
    }
    this.ordered = interruptible || this.waiting instanceof OrderedLine;
    this.capacity = new Capacity(kernel, name, options, (brokeDown) => this.resized(brokeDown));
    this.ended = kernel.handler(`${name} ends`, (slot) => this.end(slot));
  }

  /** Whether a service can be interrupted here: by newcomers, a closing or a breakdown. */
  get isInterruptible(): boolean {
    return this.serving !== undefined;
  }

  /** Servers that can work now. */
  get servers(): number {
    return this.capacity.servers;
  }

  /**
   * Asks for a service of so much work, in whole microseconds, 0 or more. `noRequest` when the entity is turned away or
   * balks. Throws `kernel.work` for other amounts, and `kernel.requests-max` when too many requests are open.
   */
  use(entity: number, workUs: number, options: UseOptions = noOptions): RequestHandle {
    if (!(workUs >= 0) || Math.floor(workUs) !== workUs) this.refuseWork(workUs);
    return this.ask(entity, workUs, workUs, options);
  }

  /**
   * Asks for a server, to hold it until `release`; `done` is the step of the entity that has it. Where servers can be
   * interrupted, the entity is told by its step `interrupted`; it then waits again, and takes `done` again. `noRequest`
   * when it is turned away or balks. Throws `kernel.seize` under "sjf" and "srpt" without `expectedUs`.
   */
  seize(entity: number, options: SeizeOptions = noOptions): RequestHandle {
    const bySize = this.discipline === "sjf" || this.discipline === "srpt";
    const expectedUs = options.expectedUs ?? (bySize ? Number.NaN : 0);
    if (!(expectedUs >= 0) || Math.floor(expectedUs) !== expectedUs) this.refuseSeize(expectedUs);
    return this.ask(entity, none, expectedUs, options);
  }

  /** Whether a request holds a server that was seized here. */
  holds(request: RequestHandle): boolean {
    const slot = this.requests.slotOf(request);
    if (slot === none || this.requests.column.owner[slot] !== this.number) return false;
    return this.requests.column.state[slot] === requestState.holding;
  }

  /** Gives back a server that was seized. Throws `kernel.release` when the request holds none. */
  release(request: RequestHandle): void {
    if (!this.holds(request)) this.refuseRelease(request);
    const slot = this.requests.slotOf(request);
    this.kernel.cancel(this.requests.column.ending[slot]!);
    this.serving?.remove(slot);
    this.staysUs.record(this.kernel.nowUs - this.requests.column.askedUs[slot]!);
    this.busy.add(-1);
    this.requests.close(slot);
    this.dispatch();
  }

  /**
   * Opens or closes servers from now on, a whole number, 0 or more; those that are busy do as the option `closing` says.
   * Throws `kernel.servers` for other numbers.
   */
  setServers(servers: number): void {
    requireServers(this.name, servers);
    this.capacity.open(servers);
  }

  /** @internal */
  withdraw(slot: number): void {
    const column = this.requests.column;
    const state = column.state[slot]!;
    if (state === requestState.outside) this.outside.remove(slot);
    else if (state === requestState.waiting) {
      this.waiting.remove(slot);
      this.line.add(-1);
      this.admit();
    } else {
      this.kernel.cancel(column.ending[slot]!);
      this.serving?.remove(slot);
      this.busy.add(-1);
      this.dispatch();
    }
  }

  /** Work of `none` is a hold until release; `sizeUs` is what the disciplines that look at the work go by. */
  private ask(entity: number, workUs: number, sizeUs: number, options: UseOptions): RequestHandle {
    if (options.balkAt !== undefined) {
      if (this.requests.balks(entity, this.line.value, options, this)) return noRequest;
    }
    const room = this.line.value < this.lineMax || this.hasFreeServer();
    if (!room && !this.blocks && !this.wouldInterrupt(sizeUs, options)) {
      this.lost.add(1);
      this.requests.proceed(options.refused ?? none, entity, 0);
      return noRequest;
    }
    const slot = this.requests.open(this.number, entity, options.done ?? none, options);
    const column = this.requests.column;
    column.begun[slot] = options.begun ?? none;
    column.entered[slot] = options.entered ?? none;
    column.amount[slot] = options.timeoutUntil === "done" ? 1 : 0;
    column.workUs[slot] = workUs;
    column.remainingUs[slot] = sizeUs;
    column.ending[slot] = none;
    if (this.ordered) column.key[slot] = this.keyOf(slot, options.priority ?? 0);
    if (this.serving !== undefined) this.keepOutcomes(slot, options);
    const handle = this.requests.handleOf(slot);
    if (this.outside.length > 0 || (this.blocks && !room)) {
      column.state[slot] = requestState.outside;
      this.outside.add(slot);
    } else this.enter(slot);
    return handle;
  }

  /** What only a facility that interrupts has to remember. */
  private keepOutcomes(slot: number, options: UseOptions): void {
    this.requests.column.interrupted[slot] = options.interrupted ?? none;
    this.requests.column.refused[slot] = options.refused ?? none;
    this.requests.column.beganUs[slot] = none;
  }

  /** Whether a newcomer who finds the line full is served at once nevertheless. */
  private wouldInterrupt(sizeUs: number, options: UseOptions): boolean {
    if (!this.preemptive || this.serving === undefined) return false;
    const worst = this.serving.first();
    if (worst === none) return false;
    if (this.discipline === "lcfs") return true;
    const key = this.discipline === "srpt" ? sizeUs : (options.priority ?? 0);
    return key < this.keyInService(worst);
  }

  private enter(slot: number): void {
    const column = this.requests.column;
    const entered = column.entered[slot]!;
    if (entered !== none) this.requests.proceed(entered, column.entity[slot]!, 0);
    if (this.hasFreeServer()) {
      this.begin(slot);
      return;
    }
    if (this.preemptive && this.interrupts(slot)) {
      this.interruptWorst(this.lineMax);
      this.begin(slot);
      return;
    }
    this.wait(slot);
  }

  private hasFreeServer(): boolean {
    return this.busy.value < this.capacity.servers;
  }

  private wait(slot: number): void {
    this.requests.column.state[slot] = requestState.waiting;
    this.waiting.add(slot);
    this.line.add(1);
  }

  private begin(slot: number): void {
    const column = this.requests.column;
    const nowUs = this.kernel.nowUs;
    this.busy.add(1);
    // Where nothing interrupts, a service begins once.
    if (this.serving === undefined || column.beganUs[slot] === none) {
      this.waitsUs.record(nowUs - column.askedUs[slot]!);
      if (column.amount[slot] === 0) this.requests.stopTimer(slot);
      const begun = column.begun[slot]!;
      if (begun !== none) this.requests.proceed(begun, column.entity[slot]!, 0);
    }
    if (column.workUs[slot] === none) {
      column.state[slot] = requestState.holding;
      column.ending[slot] = this.requests.proceed(column.done[slot]!, column.entity[slot]!, 0);
    } else {
      column.state[slot] = requestState.serving;
      column.ending[slot] = this.kernel.schedule(column.remainingUs[slot]!, this.ended, slot);
    }
    if (this.serving === undefined) return;
    column.beganUs[slot] = nowUs;
    // All that is in service shrinks alike, so the order by the end of service stays true.
    if (this.discipline === "srpt") column.key[slot] = nowUs + column.remainingUs[slot]!;
    this.serving.add(slot);
  }

  private end(slot: number): void {
    const column = this.requests.column;
    const entity = column.entity[slot]!;
    const done = column.done[slot]!;
    this.serving?.remove(slot);
    this.staysUs.record(this.kernel.nowUs - column.askedUs[slot]!);
    this.busy.add(-1);
    this.requests.close(slot);
    this.dispatch();
    this.requests.continueWith(done, entity, 0, this.name);
  }

  /** Free servers take from the line, and what waits outside moves up. */
  private dispatch(): void {
    while (this.hasFreeServer() && this.waiting.length > 0) {
      const slot = this.waiting.shift();
      this.line.add(-1);
      this.begin(slot);
    }
    this.admit();
  }

  private admit(): void {
    while (this.outside.length > 0 && (this.line.value < this.lineMax || this.hasFreeServer())) {
      this.enter(this.outside.shift());
    }
  }

  private resized(brokeDown: boolean): void {
    if (brokeDown || this.closingInterrupts) {
      while (this.busy.value > this.capacity.servers && this.serving!.length > 0) {
        this.interruptWorst(Number.POSITIVE_INFINITY);
      }
    }
    this.dispatch();
  }

  private interrupts(slot: number): boolean {
    if (this.serving === undefined) return false;
    const worst = this.serving.first();
    return worst !== none && this.requests.column.key[slot]! < this.keyInService(worst);
  }

  private keyInService(slot: number): number {
    const key = this.requests.column.key[slot]!;
    return this.discipline === "srpt" ? key - this.kernel.nowUs : key;
  }

  /** Who comes last of those in service goes back into the line, or away if that already holds `lineMax`. */
  private interruptWorst(lineMax: number): void {
    const column = this.requests.column;
    const slot = this.serving!.shift();
    const wasAhead = this.kernel.cancel(column.ending[slot]!);
    this.busy.add(-1);
    this.interruptions.add(1);
    // An entity that was given a server at this very instant, and has not gone on yet, never knew.
    const knows = column.state[slot] === requestState.serving || !wasAhead;
    if (knows) this.requests.proceed(column.interrupted[slot]!, column.entity[slot]!, 0);
    if (this.leaves) {
      this.requests.close(slot);
      return;
    }
    if (this.line.value >= lineMax) {
      this.lost.add(1);
      this.requests.proceed(column.refused[slot]!, column.entity[slot]!, 0);
      this.requests.close(slot);
      return;
    }
    if (!this.restarts) {
      const doneUs = this.kernel.nowUs - column.beganUs[slot]!;
      column.remainingUs[slot] = Math.max(0, column.remainingUs[slot]! - doneUs);
    }
    if (this.discipline === "srpt") column.key[slot] = column.remainingUs[slot]!;
    column.state[slot] = requestState.waiting;
    this.line.add(1);
    if (this.waiting instanceof LinkedLine) this.waiting.addFirst(slot);
    else this.waiting.add(slot);
  }

  private keyOf(slot: number, priority: number): number {
    const column = this.requests.column;
    switch (this.discipline) {
      case "priority":
        if (Number.isNaN(priority)) this.refusePriority(priority);
        return priority;
      case "lcfs":
        return -column.sequence[slot]!;
      case "sjf":
      case "srpt":
        return column.remainingUs[slot]!;
      default:
        return 0;
    }
  }

  private createLine(): Line {
    const { column } = this.requests;
    switch (this.discipline) {
      case "fcfs":
        return new LinkedLine(column, { lastFirst: false });
      case "lcfs":
        return new LinkedLine(column, { lastFirst: true });
      case "random":
        return new RandomLine(column, this.kernel.stream(`${this.name} chances`));
      default:
        return new OrderedLine(column, { worstFirst: false });
    }
  }

  private refusePriority(priority: number): never {
    throw new KernelError({
      code: "kernel.priority",
      problem: `A request has the priority ${priority}`,
      remedy: "Use a number, the smaller the more urgent",
      at: this.name,
    });
  }

  private refuseSeize(expectedUs: number): never {
    throw new KernelError({
      code: "kernel.seize",
      problem: `Under "${this.discipline}" a server was asked for with expectedUs ${expectedUs}`,
      remedy:
        "Tell the expected holding time in whole microseconds: seize(entity, { expectedUs, ... }); or call use(entity, workUs, ...)",
      at: this.name,
    });
  }

  private refuseRelease(request: RequestHandle): never {
    const why = this.requests.slotOf(request) === none ? "is not open" : "waits, or is elsewhere";
    throw new KernelError({
      code: "kernel.release",
      problem: `Request ${request} holds no server: it ${why}`,
      remedy:
        "Release once, what seize returned, and only while it holds: facility.holds(request) tells; a request that waits is withdrawn with simulation.cancel(request)",
      at: this.name,
    });
  }

  private refuseWork(workUs: number): never {
    throw new KernelError({
      code: "kernel.work",
      problem: `It was asked for ${workUs} us of work`,
      remedy:
        "Work is a whole number of microseconds, 0 or more; round drawn durations with roundUs",
      at: this.name,
    });
  }
}
