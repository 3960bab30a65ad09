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
  numberAskedUs,
  numberBeganUs,
  numberKey,
  numberRemainingUs,
  numberSequence,
  numberShift,
  numberTold,
  numberWorkUs,
  type RequestRecords,
  recordShift,
  stateHolding,
  stateOutside,
  stateServing,
  stateWaiting,
  wishBegun,
  wishEntered,
  wishUntilDone,
  wordBegun,
  wordDone,
  wordEnding,
  wordEntered,
  wordEntity,
  wordInterrupted,
  wordOwner,
  wordRefused,
  wordState,
  wordWishes,
} from "./request-records.ts";
import { noRequest, type RequestHandle, type Requests, type Waitable } from "./requests.ts";

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
  private readonly records: RequestRecords;
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
  private readonly isBounded: boolean;
  private readonly lineMax: number;
  private readonly blocks: boolean;

  constructor(kernel: Kernel, requests: Requests, name: string, options: FacilityOptions) {
    this.kernel = kernel;
    this.requests = requests;
    this.records = requests.records;
    this.name = name;
    requireFacilityOptions(name, options);
    this.number = requests.own(this);
    this.discipline = options.discipline ?? "fcfs";
    this.preemptive = this.discipline === "srpt" || (options.preemptive ?? false);
    this.restarts = options.interrupted === "restart";
    this.leaves = options.interrupted === "leave";
    this.closingInterrupts = options.closing === "interrupt";
    this.lineMax = options.lineMax ?? Number.POSITIVE_INFINITY;
    this.isBounded = this.lineMax !== Number.POSITIVE_INFINITY;
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
    this.outside = new LinkedLine(requests.records, { lastFirst: false });
    kernel.register(`${name} outside`, this.outside);
    const interruptible =
      this.preemptive || this.closingInterrupts || options.breakdowns !== undefined;
    if (interruptible) {
      this.serving = new OrderedLine(requests.records, { worstFirst: true });
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
    const slot = this.ask(entity, workUs, workUs, options);
    return slot < 0 ? noRequest : this.requests.handleOf(slot);
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
    const slot = this.ask(entity, none, expectedUs, options);
    return slot < 0 ? noRequest : this.requests.handleOf(slot);
  }

  /** Whether a request holds a server that was seized here. */
  holds(request: RequestHandle): boolean {
    const slot = this.requests.slotOf(request);
    if (slot === none || this.word(slot, wordOwner) !== this.number) return false;
    return this.word(slot, wordState) === stateHolding;
  }

  /** Gives back a server that was seized. Throws `kernel.release` when the request holds none. */
  release(request: RequestHandle): void {
    if (!this.holds(request)) this.refuseRelease(request);
    const slot = this.requests.slotOf(request);
    this.kernel.cancel(this.double(slot, numberTold));
    this.serving?.remove(slot);
    this.staysUs.record(this.kernel.nowUs - this.double(slot, numberAskedUs));
    this.requests.close(slot);
    this.vacate();
  }

  /**
   * Opens or closes servers from now on, a whole number, 0 or more; those that are busy do as the option `closing` says.
   * Throws `kernel.servers` for other numbers.
   */
  setServers(servers: number): void {
    requireServers(this.name, servers);
    this.capacity.open(servers);
  }

  /** Forgets what its statistics saw so far, as at the end of a warm-up; the line and those in service stay. */
  resetStatistics(): void {
    for (const each of [this.line, this.busy, this.waitsUs, this.staysUs]) each.reset();
    for (const each of [this.lost, this.balked, this.gaveUp, this.interruptions]) each.reset();
  }

  /** @internal */
  withdraw(slot: number): void {
    const state = this.word(slot, wordState);
    if (state === stateOutside) this.outside.remove(slot);
    else if (state === stateWaiting) {
      this.waiting.remove(slot);
      this.line.add(-1);
      this.admit();
    } else {
      this.stop(slot);
      this.serving?.remove(slot);
      this.vacate();
    }
  }

  /**
   * The slot of a new request, or `none`. Work of `none` is a hold until release; `sizeUs` is what the disciplines that
   * look at the work go by.
   */
  private ask(entity: number, workUs: number, sizeUs: number, options: UseOptions): number {
    if (options.balkAt !== undefined) {
      if (this.requests.balks(entity, this.line.value, options, this)) return none;
    }
    const room = !this.isBounded || this.line.value < this.lineMax || this.hasFreeServer();
    if (!room && !this.blocks && !this.wouldInterrupt(sizeUs, options)) {
      this.lost.add(1);
      this.requests.proceed(options.refused ?? none, entity, 0);
      return none;
    }
    const slot = this.requests.open(this.number, entity, options.done ?? none, options);
    this.records.numbers[(slot << numberShift) | numberWorkUs] = workUs;
    if (options.begun !== undefined) this.keep(slot, wishBegun, wordBegun, options.begun);
    if (options.entered !== undefined) this.keep(slot, wishEntered, wordEntered, options.entered);
    if (options.timeoutUntil === "done") this.keep(slot, wishUntilDone, wordWishes, 0);
    if (this.ordered) this.rank(slot, sizeUs, options);
    if (this.blocks && (this.outside.length > 0 || !room)) this.stayOutside(slot);
    else this.enter(slot);
    return slot;
  }

  /** Notes that a request has a wish, and the step that it names. */
  private keep(slot: number, bit: number, word: number, step: number): void {
    const { words } = this.records;
    if (word !== wordWishes) words[(slot << recordShift) | word] = step;
    words[(slot << recordShift) | wordWishes]! |= bit;
  }

  /** What only a facility that goes by a key, or interrupts, has to remember. */
  private rank(slot: number, sizeUs: number, options: UseOptions): void {
    const { words, numbers } = this.records;
    const at = slot << numberShift;
    numbers[at | numberKey] = this.keyOf(slot, sizeUs, options.priority ?? 0);
    if (this.serving === undefined) return;
    numbers[at | numberRemainingUs] = sizeUs;
    numbers[at | numberBeganUs] = none;
    words[(slot << recordShift) | wordInterrupted] = options.interrupted ?? none;
    words[(slot << recordShift) | wordRefused] = options.refused ?? none;
  }

  private stayOutside(slot: number): void {
    this.records.words[(slot << recordShift) | wordState] = stateOutside;
    this.outside.add(slot);
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
    const { words } = this.records;
    const base = slot << recordShift;
    if ((words[base | wordWishes]! & wishEntered) !== 0) {
      this.requests.proceed(words[base | wordEntered]!, words[base | wordEntity]!, 0);
    }
    if (this.hasFreeServer()) {
      this.busy.add(1);
      this.begin(slot);
      return;
    }
    if (this.preemptive && this.interrupts(slot)) {
      // The server passes from one to the other: it is not idle for an instant.
      this.interruptWorst(this.lineMax);
      this.begin(slot);
      return;
    }
    words[base | wordState] = stateWaiting;
    this.waiting.add(slot);
    this.line.add(1);
  }

  private hasFreeServer(): boolean {
    return this.busy.value < this.capacity.servers;
  }

  /** A service begins on a server that counts as busy already. */
  private begin(slot: number): void {
    const { words, numbers } = this.records;
    const base = slot << recordShift;
    const at = slot << numberShift;
    // Where nothing interrupts, a service begins once.
    if (this.serving === undefined || numbers[at | numberBeganUs] === none) {
      this.waitsUs.record(this.kernel.nowUs - numbers[at | numberAskedUs]!);
      if (words[base | wordWishes] !== 0) this.beginWishes(slot);
    }
    if (this.serving !== undefined) this.beginInterruptible(slot, this.serving);
    else if (numbers[at | numberWorkUs] === none) this.hold(slot);
    else {
      words[base | wordState] = stateServing;
      const workUs = numbers[at | numberWorkUs]!;
      words[base | wordEnding] = this.kernel.enter(workUs, this.ended, slot, 0, 0);
    }
  }

  /** What a request wishes at the beginning of its service. */
  private beginWishes(slot: number): void {
    const wishes = this.word(slot, wordWishes);
    if ((wishes & wishUntilDone) === 0) this.requests.stopTimer(slot);
    if ((wishes & wishBegun) === 0) return;
    this.requests.proceed(this.word(slot, wordBegun), this.word(slot, wordEntity), 0);
  }

  /** The entity has the server until it gives it back. */
  private hold(slot: number): void {
    const { words, numbers } = this.records;
    const base = slot << recordShift;
    words[base | wordState] = stateHolding;
    const told = this.requests.proceed(words[base | wordDone]!, words[base | wordEntity]!, 0);
    numbers[(slot << numberShift) | numberTold] = told;
  }

  /** The beginning, or going on, of a service that may be interrupted. */
  private beginInterruptible(slot: number, serving: OrderedLine): void {
    const { words, numbers } = this.records;
    const at = slot << numberShift;
    const remainingUs = numbers[at | numberRemainingUs]!;
    if (numbers[at | numberWorkUs] === none) this.hold(slot);
    else {
      const base = slot << recordShift;
      words[base | wordState] = stateServing;
      words[base | wordEnding] = this.kernel.enter(remainingUs, this.ended, slot, 0, 0);
    }
    const { nowUs } = this.kernel;
    numbers[at | numberBeganUs] = nowUs;
    // All that is in service shrinks alike, so the order by the end of service stays true.
    if (this.discipline === "srpt") numbers[at | numberKey] = nowUs + remainingUs;
    serving.add(slot);
  }

  private end(slot: number): void {
    const { words, numbers } = this.records;
    const base = slot << recordShift;
    const entity = words[base | wordEntity]!;
    const done = words[base | wordDone]!;
    if (this.serving !== undefined) this.serving.remove(slot);
    this.staysUs.record(this.kernel.nowUs - numbers[(slot << numberShift) | numberAskedUs]!);
    this.requests.close(slot);
    this.vacate();
    if (done !== none) this.requests.continueWith(done, entity, 0, this.name);
  }

  /** A server has no work any more: it passes to the next in line without an idle instant, if it may work on. */
  private vacate(): void {
    if (this.waiting.length > 0 && this.busy.value <= this.capacity.servers) {
      const slot = this.waiting.shift();
      this.line.add(-1);
      this.begin(slot);
    } else this.busy.add(-1);
    if (this.blocks) this.admit();
  }

  /** Free servers take from the line, and what waits outside moves up. */
  private dispatch(): void {
    while (this.hasFreeServer() && this.waiting.length > 0) {
      const slot = this.waiting.shift();
      this.line.add(-1);
      this.busy.add(1);
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
        this.busy.add(-1);
      }
    }
    this.dispatch();
  }

  private interrupts(slot: number): boolean {
    if (this.serving === undefined) return false;
    const worst = this.serving.first();
    return worst !== none && this.double(slot, numberKey) < this.keyInService(worst);
  }

  private keyInService(slot: number): number {
    const key = this.double(slot, numberKey);
    return this.discipline === "srpt" ? key - this.kernel.nowUs : key;
  }

  /**
   * Who comes last of those in service goes back into the line, or away if that already holds `lineMax`. The server
   * still counts as busy: the caller knows what becomes of it.
   */
  private interruptWorst(lineMax: number): void {
    const { words, numbers } = this.records;
    const slot = this.serving!.shift();
    const base = slot << recordShift;
    const at = slot << numberShift;
    const entity = words[base | wordEntity]!;
    const wasAhead = this.stop(slot);
    this.interruptions.add(1);
    // An entity that was given a server at this very instant, and has not gone on yet, never knew.
    const knows = words[base | wordState] === stateServing || !wasAhead;
    if (knows) this.requests.proceed(words[base | wordInterrupted]!, entity, 0);
    if (this.leaves) {
      this.requests.close(slot);
      return;
    }
    if (this.line.value >= lineMax) {
      this.lost.add(1);
      this.requests.proceed(words[base | wordRefused]!, entity, 0);
      this.requests.close(slot);
      return;
    }
    const place = at | numberRemainingUs;
    if (!this.restarts) {
      const doneUs = this.kernel.nowUs - numbers[at | numberBeganUs]!;
      numbers[place] = Math.max(0, numbers[place]! - doneUs);
    }
    if (this.discipline === "srpt") numbers[at | numberKey] = numbers[place]!;
    words[base | wordState] = stateWaiting;
    this.line.add(1);
    if (this.waiting instanceof LinkedLine) this.waiting.addFirst(slot);
    else this.waiting.add(slot);
  }

  /** Stops a service, or the news of a server to hold; false when that was known already. */
  private stop(slot: number): boolean {
    if (this.word(slot, wordState) === stateHolding) {
      return this.kernel.cancel(this.double(slot, numberTold));
    }
    this.kernel.cancelSlot(this.word(slot, wordEnding));
    return true;
  }

  private keyOf(slot: number, sizeUs: number, priority: number): number {
    switch (this.discipline) {
      case "priority":
        if (Number.isNaN(priority)) this.refusePriority(priority);
        return priority;
      case "lcfs":
        return -this.double(slot, numberSequence);
      case "sjf":
      case "srpt":
        return sizeUs;
      default:
        return 0;
    }
  }

  private word(slot: number, which: number): number {
    return this.records.words[(slot << recordShift) | which]!;
  }

  private double(slot: number, which: number): number {
    return this.records.numbers[(slot << numberShift) | which]!;
  }

  private createLine(): Line {
    const { records } = this;
    switch (this.discipline) {
      case "fcfs":
        return new LinkedLine(records, { lastFirst: false });
      case "lcfs":
        return new LinkedLine(records, { lastFirst: true });
      case "random":
        return new RandomLine(records, this.kernel.stream(`${this.name} chances`));
      default:
        return new OrderedLine(records, { worstFirst: false });
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
