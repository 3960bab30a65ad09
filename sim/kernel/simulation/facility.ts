import type { Counter, Kernel, Level, Tally } from "../kernel.ts";
import { KernelError } from "../kernel-error.ts";
import { none } from "../none.ts";
import { Capacity, type CapacityOptions, requireServers } from "./capacity.ts";
import { type Line, LinkedLine, OrderedLine, RandomLine } from "./lines.ts";
import {
  noRequest,
  type Patience,
  type RequestHandle,
  type Requests,
  requestState,
  type StepId,
  type Waitable,
} from "./requests.ts";

/**
 * Who is served next: the first or the last to come; the smallest `priority`, and of equal ones the first to come; any,
 * by chance; the shortest work; the shortest work that remains, which interrupts longer work.
 */
export type Discipline = "fcfs" | "lcfs" | "priority" | "random" | "sjf" | "srpt";

/** How a facility serves. */
export interface FacilityOptions extends CapacityOptions {
  /** Default "fcfs". */
  readonly discipline?: Discipline;
  /** Under "lcfs" and "priority": whether a newcomer interrupts whoever comes after it in the order. Default false. */
  readonly preemptive?: boolean;
  /** Interrupted work goes on where it stopped, or begins again. Default "resume". */
  readonly interrupted?: "resume" | "restart";
  /** When servers go off shift: they finish what they do, or leave it at once. A breakdown always interrupts. Default "finish". */
  readonly closing?: "finish" | "interrupt";
  /** Most requests in the line. Default: as many as come. */
  readonly lineMax?: number;
  /** Whoever finds the line full is turned away, or waits outside, first come first in. Default "lose". */
  readonly whenFull?: "lose" | "block";
}

/** What becomes of a request, and how long it waits. */
export interface UseOptions extends Patience {
  /** The step after the service. */
  readonly done?: StepId;
  /** A step as soon as the service first begins. */
  readonly begun?: StepId;
  /** A step as soon as the request is inside, where `whenFull` is "block". */
  readonly entered?: StepId;
  /** The step of an entity that is turned away, or balks. */
  readonly refused?: StepId;
  /** The entity balks when so many, or more, are in the line. */
  readonly balkAt?: number;
  /** The timeout ends with the beginning of the service, or with its end. Default "begun". */
  readonly timeoutUntil?: "begun" | "done";
  /** Smaller goes first. Default 0. */
  readonly priority?: number;
}

/** Servers and the line before them. */
export class Facility implements Waitable {
  readonly name: string;
  /** Requests in the line. */
  readonly line: Level;
  /** Servers at work. */
  readonly busy: Level;
  /** From asking to the first beginning of service, in microseconds. */
  readonly waitsUs: Tally;
  /** From asking to the end of service, in microseconds. */
  readonly staysUs: Tally;
  /** Requests turned away, and entities that balked. */
  readonly lost: Counter;
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
  private readonly preemptive: boolean;
  private readonly restarts: boolean;
  private readonly closingInterrupts: boolean;
  private readonly lineMax: number;
  private readonly blocks: boolean;

  constructor(kernel: Kernel, requests: Requests, name: string, options: FacilityOptions) {
    this.kernel = kernel;
    this.requests = requests;
    this.name = name;
    this.number = requests.own(this);
    this.discipline = options.discipline ?? "fcfs";
    this.preemptive = this.discipline === "srpt" || (options.preemptive ?? false);
    this.restarts = options.interrupted === "restart";
    this.closingInterrupts = options.closing === "interrupt";
    this.lineMax = options.lineMax ?? Number.POSITIVE_INFINITY;
    this.blocks = options.whenFull === "block";
    if (this.preemptive && !["lcfs", "priority", "srpt"].includes(this.discipline)) {
      throw new KernelError({
        code: "kernel.preemptive",
        problem: `Under "${this.discipline}" no newcomer goes before those in service`,
        remedy: 'Leave preemptive out, or use "lcfs", "priority" or "srpt"',
        at: name,
      });
    }
    this.line = kernel.level(`${name} line`);
    this.busy = kernel.level(`${name} busy`);
    this.waitsUs = kernel.tally(`${name} waits`);
    this.staysUs = kernel.tally(`${name} stays`);
    this.lost = kernel.counter(`${name} lost`);
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
    this.capacity = new Capacity(kernel, name, options, (brokeDown) => this.resized(brokeDown));
    this.ended = kernel.handler(`${name} ends`, (slot) => this.end(slot));
  }

  /** Servers that can work now. */
  get servers(): number {
    return this.capacity.servers;
  }

  /** Asks for a service of so much work, in whole microseconds. `noRequest` when the entity is turned away or balks. */
  use(entity: number, workUs: number, options: UseOptions): RequestHandle {
    if (!(workUs >= 0) || Math.floor(workUs) !== workUs) this.refuseWork(workUs);
    return this.ask(entity, workUs, options);
  }

  /** Asks for a server, to hold it until `release`; `done` is the step of the entity that has it. */
  seize(entity: number, options: UseOptions): RequestHandle {
    if (this.serving !== undefined || this.discipline === "sjf") {
      throw new KernelError({
        code: "kernel.seize",
        problem:
          "Its servers are interrupted or chosen by the work to do, which seize does not tell",
        remedy: "Call use(entity, workUs, ...) instead",
        at: this.name,
      });
    }
    return this.ask(entity, none, options);
  }

  /** Gives back a server that was seized. False when the request does not hold one. */
  release(request: RequestHandle): boolean {
    const slot = this.requests.slotOf(request);
    if (slot === none || this.requests.column.owner[slot] !== this.number) return false;
    if (this.requests.column.state[slot] !== requestState.holding) return false;
    this.staysUs.record(this.kernel.nowUs - this.requests.column.askedUs[slot]!);
    this.busy.add(-1);
    this.requests.close(slot);
    this.dispatch();
    return true;
  }

  /** Opens or closes servers from now on; those that are busy do as the option `closing` says. */
  setServers(servers: number): void {
    requireServers(this.name, servers);
    this.capacity.open(servers);
  }

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

  private ask(entity: number, workUs: number, options: UseOptions): RequestHandle {
    const room = this.line.value < this.lineMax || this.hasFreeServer();
    const turnedAway = !room && !this.blocks && !this.wouldInterrupt(workUs, options);
    if (turnedAway || this.line.value >= (options.balkAt ?? Number.POSITIVE_INFINITY)) {
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
    column.remainingUs[slot] = workUs;
    column.key[slot] = this.keyOf(slot, options.priority ?? 0);
    const handle = this.requests.handleOf(slot);
    if (this.outside.length > 0 || !(room || this.interrupts(slot))) {
      column.state[slot] = requestState.outside;
      this.outside.add(slot);
    } else this.enter(slot);
    return handle;
  }

  /** Whether a newcomer who finds the line full is served at once nevertheless. */
  private wouldInterrupt(workUs: number, options: UseOptions): boolean {
    if (!this.preemptive || this.serving === undefined) return false;
    const worst = this.serving.first();
    if (worst === none) return false;
    if (this.discipline === "lcfs") return true;
    const key = this.discipline === "srpt" ? workUs : (options.priority ?? 0);
    return key < this.keyInService(worst);
  }

  private enter(slot: number): void {
    const column = this.requests.column;
    this.requests.proceed(column.entered[slot]!, column.entity[slot]!, 0);
    if (this.hasFreeServer()) {
      this.begin(slot);
      return;
    }
    if (this.interrupts(slot)) {
      this.interruptWorst();
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
    const workUs = column.workUs[slot]!;
    this.busy.add(1);
    if (column.beganUs[slot] === none) {
      this.waitsUs.record(nowUs - column.askedUs[slot]!);
      if (column.amount[slot] === 0) this.requests.stopTimer(slot);
      this.requests.proceed(column.begun[slot]!, column.entity[slot]!, 0);
    }
    column.beganUs[slot] = nowUs;
    if (workUs === none) {
      column.state[slot] = requestState.holding;
      column.ending[slot] = this.requests.proceed(column.done[slot]!, column.entity[slot]!, 0);
      return;
    }
    column.state[slot] = requestState.serving;
    const remainingUs = column.remainingUs[slot]!;
    column.ending[slot] = this.kernel.schedule(remainingUs, this.ended, slot);
    if (this.serving === undefined) return;
    // All that is in service shrinks alike, so the order by the end of service stays true.
    if (this.discipline === "srpt") column.key[slot] = nowUs + remainingUs;
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
    this.requests.continueWith(done, entity, 0);
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
        this.interruptWorst();
      }
    }
    this.dispatch();
  }

  private interrupts(slot: number): boolean {
    if (!this.preemptive || this.serving === undefined) return false;
    const worst = this.serving.first();
    return worst !== none && this.requests.column.key[slot]! < this.keyInService(worst);
  }

  private keyInService(slot: number): number {
    const key = this.requests.column.key[slot]!;
    return this.discipline === "srpt" ? key - this.kernel.nowUs : key;
  }

  private interruptWorst(): void {
    const column = this.requests.column;
    const slot = this.serving!.shift();
    this.kernel.cancel(column.ending[slot]!);
    this.busy.add(-1);
    this.interruptions.add(1);
    if (this.restarts) column.remainingUs[slot] = column.workUs[slot]!;
    else column.remainingUs[slot]! -= this.kernel.nowUs - column.beganUs[slot]!;
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
        return priority;
      case "lcfs":
        return -column.sequence[slot]!;
      case "sjf":
      case "srpt":
        return column.workUs[slot]!;
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
