import { Agenda } from "./agenda/agenda.ts";
import { AgendaPart } from "./agenda/agenda-part.ts";
import {
  EventSlots,
  slotShift,
  timePlace,
  timeShift,
  wordA,
  wordB,
  wordC,
  wordHandler,
} from "./agenda/event-slots.ts";
import type { ArrivalProcess } from "./arrivals/arrival-process.ts";
import { ArrivalSource } from "./arrivals/arrival-source.ts";
import { Bitset, type BitsetOptions } from "./containers/bitset.ts";
import type { Columns } from "./containers/columns.ts";
import { Counter } from "./containers/counter.ts";
import { IntMap } from "./containers/int-map.ts";
import { IntQueue } from "./containers/int-queue.ts";
import { Pool, type PoolOptions } from "./containers/pool.ts";
import { type NumberArray, type Registered, RegisteredArray } from "./containers/registered.ts";
import { Ring } from "./containers/ring.ts";
import { StateMachine, type StateMachineDefinition } from "./containers/state-machine.ts";
import { Table, type TableOptions } from "./containers/table.ts";
import { Digest } from "./digest.ts";
import { EventTrace, type TracedEvent } from "./event-trace.ts";
import { KernelError } from "./kernel-error.ts";
import { KernelState } from "./kernel-state.ts";
import { none } from "./none.ts";
import { KeyedStream } from "./random/keyed-stream.ts";
import { Stream } from "./random/stream.ts";
import {
  refuseArguments,
  refuseEvents,
  refuseHandler,
  refuseLateAssembly,
  refuseName,
  refusePending,
  refuseSeed,
  refuseTime,
  refuseUntil,
  refuseWhileRunning,
} from "./refusals.ts";
import { readSnapshot, writeSnapshot } from "./snapshot.ts";
import { BatchMeans, type BatchMeansOptions } from "./statistics/batch-means.ts";
import { Histogram, type HistogramOptions } from "./statistics/histogram.ts";
import { Level } from "./statistics/level.ts";
import { Rate } from "./statistics/rate.ts";
import { Tally } from "./statistics/tally.ts";
import { timeUsMax } from "./units.ts";

export type { ArrivalSource } from "./arrivals/arrival-source.ts";
export type { Bitset } from "./containers/bitset.ts";
export type { ColumnArrays, ColumnKind, Columns } from "./containers/columns.ts";
export type { Counter } from "./containers/counter.ts";
export type { IntMap } from "./containers/int-map.ts";
export type { IntQueue } from "./containers/int-queue.ts";
export type { Pool } from "./containers/pool.ts";
export type { Registered } from "./containers/registered.ts";
export type { Ring } from "./containers/ring.ts";
export type { StateMachine } from "./containers/state-machine.ts";
export type { Table } from "./containers/table.ts";
export type { KeyedStream } from "./random/keyed-stream.ts";
export type { Stream } from "./random/stream.ts";
export type { BatchMeans } from "./statistics/batch-means.ts";
export type { Histogram } from "./statistics/histogram.ts";
export type { Level } from "./statistics/level.ts";
export type { Rate } from "./statistics/rate.ts";
export type { Tally } from "./statistics/tally.ts";

/** Number of a named handler. */
export type HandlerId = number;

/** Names one scheduled event until it has run or is cancelled: slot and generation in one exact double. */
export type EventHandle = number;

/** What an event does: three whole numbers of 32 bits are all it is told. */
export type EventRun = (a: number, b: number, c: number) => void;

/** The handle of no event. */
export const noEvent: EventHandle = none;

/** What a kernel is made from. */
export interface KernelOptions {
  /** With the names of the streams, decides every draw. */
  readonly seed: string | number;
  /** Written into snapshots; a snapshot of another version is refused. */
  readonly programVersion: string;
  /** Events that may run before the run is stopped with `kernel.events-max`. Default: no bound. */
  readonly eventsMax?: number;
  /** Most events pending at once, at most 16,777,216. Default 4,194,304. */
  readonly pendingMax?: number;
  /** How many executed events `lastEvents` remembers, rounded up to a power of two. Default 32; 0 to remember none. */
  readonly traceLast?: number;
}

/** What becomes of chance when a snapshot is restored: the same future, or another one. */
export type RestoreRandom =
  | { readonly random: "same" }
  | { readonly random: "fresh"; readonly seed: string | number };

/** A kernel with nothing in it yet: register parts and handlers, schedule, then run. */
export function createKernel(options: KernelOptions): Kernel {
  return new Kernel(options);
}

/** Slots have numbers of 24 bits. */
const pendingMaxMost = 16_777_216;

/** Cancelled events are reclaimed at once when they are more than this and outnumber the living. */
const sweepMin = 64;

/**
 * Simulated time, the agenda of events, named streams of chance, and every registered part of a simulation's state.
 * Handlers, streams and parts are named while the simulation is assembled, that is, before its first event.
 */
export class Kernel {
  /** Simulated time in whole microseconds. Read it; only the kernel writes it. */
  nowUs = 0;
  /** Events executed so far. */
  eventCount = 0;
  /** The version that its snapshots carry. */
  readonly programVersion: string;
  private readonly eventsMax: number;
  private readonly pendingMax: number;
  private readonly slots: EventSlots;
  private readonly agenda: Agenda;
  private readonly chain = new Digest();
  private readonly trace: EventTrace;
  private readonly handlerNames: string[] = [];
  private readonly runs: EventRun[] = [];
  private readonly parts = new Map<string, Registered>();
  private readonly streams = new Map<string, Stream>();
  private readonly keyedStreams = new Map<string, KeyedStream>();
  private seed: string;
  private assembling = true;
  private running = false;

  constructor(options: KernelOptions) {
    // A field that once held a fraction stays a double, so the first late instant does not throw away compiled code.
    this.nowUs = 0.5;
    this.nowUs = 0;
    this.eventCount = 0.5;
    this.eventCount = 0;
    this.seed = seedText(options.seed);
    this.programVersion = options.programVersion;
    this.eventsMax = options.eventsMax ?? Number.POSITIVE_INFINITY;
    this.pendingMax = options.pendingMax ?? 4_194_304;
    if (!(this.pendingMax >= 1 && this.pendingMax <= pendingMaxMost)) {
      throw new KernelError({
        code: "kernel.pending-max",
        problem: `pendingMax is ${this.pendingMax}`,
        remedy: `Use a whole number from 1 to ${pendingMaxMost}`,
      });
    }
    this.trace = new EventTrace(options.traceLast ?? 32);
    this.slots = new EventSlots(this.pendingMax);
    this.agenda = new Agenda(this.slots);
  }

  /** Events that are scheduled and neither run nor cancelled. */
  get pendingCount(): number {
    return this.slots.usedCount - this.slots.deadCount;
  }

  /** Names what an event may do. Assembly only; a name is used once. */
  handler(name: string, run: EventRun): HandlerId {
    this.requireAssembly("handler", name);
    if (this.handlerNames.includes(name)) refuseName("handler", name);
    this.handlerNames.push(name);
    this.runs.push(run);
    return this.runs.length - 1;
  }

  /** Schedules an event after a delay in whole microseconds, 0 or more. Events at one instant run in this order. */
  schedule(delayUs: number, handler: HandlerId, a = 0, b = 0, c = 0): EventHandle {
    // In two parts: this one is inlined wherever it is called, and makes no handle where nobody takes it.
    return this.slots.handleOf(this.enter(delayUs, handler, a, b, c));
  }

  /** Schedules an event at an instant in whole microseconds, not before now. */
  scheduleAt(atUs: number, handler: HandlerId, a = 0, b = 0, c = 0): EventHandle {
    return this.schedule(atUs - this.nowUs, handler, a, b, c);
  }

  /** Cancels a scheduled event; false when it has run, was cancelled before, or never was. */
  cancel(handle: EventHandle): boolean {
    const slot = this.slots.slotOf(handle);
    if (slot === none) return false;
    this.cancelSlot(slot);
    return true;
  }

  /** Runs the next event; false when none is pending. */
  step(): boolean {
    this.begin();
    try {
      return this.runNext(Number.POSITIVE_INFINITY);
    } catch (error) {
      throw this.traced(error);
    } finally {
      this.running = false;
    }
  }

  /** Runs every event up to and including an instant, and leaves the clock there. */
  runUntil(untilUs: number): void {
    if (!(untilUs >= this.nowUs && untilUs === Math.floor(untilUs)))
      refuseUntil(untilUs, this.nowUs);
    this.begin();
    try {
      while (this.runNext(untilUs)) {
        // Everything happens in the events.
      }
      if (untilUs !== Number.POSITIVE_INFINITY) this.nowUs = untilUs;
    } catch (error) {
      throw this.traced(error);
    } finally {
      this.running = false;
    }
  }

  /** Runs so many events at most, up to and including an instant; false when that was too few: the clock is then there. */
  runEvents(eventsMax: number, untilUs: number): boolean {
    if (!(untilUs >= this.nowUs && untilUs === Math.floor(untilUs)))
      refuseUntil(untilUs, this.nowUs);
    this.begin();
    try {
      for (let left = eventsMax; left > 0; left -= 1) {
        if (this.runNext(untilUs)) continue;
        if (untilUs !== Number.POSITIVE_INFINITY) this.nowUs = untilUs;
        return false;
      }
      return true;
    } catch (error) {
      throw this.traced(error);
    } finally {
      this.running = false;
    }
  }

  /** Bytes of state that a snapshot would hold now. */
  stateBytes(): number {
    let byteCount = 0;
    for (const part of this.snapshotParts().values()) byteCount += part.byteLength();
    return byteCount;
  }

  /** The last executed events, oldest first, the one that is running included: for the report of a failure. */
  lastEvents(): TracedEvent[] {
    return this.trace.list((handler) => this.handlerName(handler));
  }

  /** A stream of chance of its own, by name; its state is part of every snapshot. Assembly only. */
  stream(name: string): Stream {
    this.requireAssembly("stream", name);
    if (this.streams.has(name)) refuseName("stream", name);
    const stream = new Stream(this.seed, name);
    this.streams.set(name, stream);
    return this.keep(`stream ${name}`, stream);
  }

  /** Draws that are a pure function of (seed, name, a, b, c). Assembly only. */
  keyed(name: string): KeyedStream {
    this.requireAssembly("keyed stream", name);
    if (this.keyedStreams.has(name)) refuseName("keyed stream", name);
    const keyed = new KeyedStream(this.seed, name);
    this.keyedStreams.set(name, keyed);
    return keyed;
  }

  /** The instants of an arrival process, drawn from a stream of its own. Assembly only. */
  arrivals(name: string, process: ArrivalProcess): ArrivalSource {
    return this.keep(name, new ArrivalSource(process, this.stream(`arrivals ${name}`)));
  }

  /** An array of whole numbers from -2^31 to 2^31 - 1, zero at first, that belongs to every snapshot. Assembly only. */
  int32Array(name: string, length: number): Int32Array {
    return this.keepArray(name, new Int32Array(length));
  }

  /** An array of whole numbers from 0 to 2^32 - 1, zero at first, that belongs to every snapshot. Assembly only. */
  uint32Array(name: string, length: number): Uint32Array {
    return this.keepArray(name, new Uint32Array(length));
  }

  /** An array of whole numbers from 0 to 255, zero at first, that belongs to every snapshot. Assembly only. */
  uint8Array(name: string, length: number): Uint8Array {
    return this.keepArray(name, new Uint8Array(length));
  }

  /** An array of doubles, zero at first, that belongs to every snapshot. Assembly only. */
  float64Array(name: string, length: number): Float64Array {
    return this.keepArray(name, new Float64Array(length));
  }

  /** Rows kept column by column that grow up to a bound. */
  table<const C extends Columns>(name: string, columns: C, options: TableOptions): Table<C> {
    return this.keep(name, new Table(name, columns, options));
  }

  /** Rows that come and go within a fixed number of slots. */
  pool<const C extends Columns>(name: string, columns: C, options: PoolOptions): Pool<C> {
    return this.keep(name, new Pool(columns, options));
  }

  /** A first-in first-out line of whole numbers. */
  queue(name: string, capacityMax: number): IntQueue {
    return this.keep(name, new IntQueue(capacityMax));
  }

  /** A bounded map from whole numbers to whole numbers, walked in order of insertion. */
  intMap(name: string, capacityMax: number): IntMap {
    return this.keep(name, new IntMap(capacityMax));
  }

  /** A set of small whole numbers at one bit each. */
  bitset(name: string, options: BitsetOptions): Bitset {
    return this.keep(name, new Bitset(name, options));
  }

  /** A running total. */
  counter(name: string): Counter {
    return this.keep(name, new Counter());
  }

  /** Counts by size, with a stated relative error. */
  histogram(name: string, options: HistogramOptions): Histogram {
    return this.keep(name, new Histogram(options));
  }

  /** Mean, variance and extremes of observations. */
  tally(name: string): Tally {
    return this.keep(name, new Tally());
  }

  /** A quantity averaged over time, with its busy periods. */
  level(name: string): Level {
    return this.keep(name, new Level(this));
  }

  /** How often something happens. */
  rate(name: string, options: { readonly windowUs: number }): Rate {
    return this.keep(name, new Rate(this, options));
  }

  /** A long series as a fixed number of batch means. */
  batchMeans(name: string, options: BatchMeansOptions = {}): BatchMeans {
    return this.keep(name, new BatchMeans(options));
  }

  /** The last `capacity` numbers of a series. */
  ring(name: string, capacity: number): Ring {
    return this.keep(name, new Ring(capacity));
  }

  /** A procedure with named states and allowed moves. */
  stateMachine<const S extends string>(
    name: string,
    definition: StateMachineDefinition<S>,
  ): StateMachine<S> {
    return this.keep(name, new StateMachine(name, this, definition));
  }

  /** Makes any other part of the state belong to every snapshot. Assembly only; a name is used once. */
  register(name: string, part: Registered): void {
    this.keep(name, part);
  }

  /** Everything that decides the future, as one buffer that can be sent to another thread. */
  snapshot(): ArrayBuffer {
    return writeSnapshot(this.programVersion, this.snapshotParts());
  }

  /** Replaces the state by a snapshot's, taken of the same assembly in the same version of the program. */
  restore(buffer: ArrayBuffer, random: RestoreRandom): void {
    if (this.running) refuseWhileRunning("restore");
    readSnapshot(buffer, this.programVersion, this.snapshotParts());
    this.assembling = false;
    if (random.random === "fresh") this.seed = seedText(random.seed);
    for (const keyed of this.keyedStreams.values()) keyed.reseed(this.seed);
    if (random.random === "same") return;
    for (const stream of this.streams.values()) stream.reseed(this.seed);
  }

  /** Sixteen hexadecimal digits that depend on every event executed: its time, handler and arguments. */
  digest(): string {
    return this.chain.text();
  }

  /**
   * Takes an event in and returns its slot, which is the event's until it runs or is cancelled: for those who know by
   * other means that it has not, and so need no handle.
   * @internal
   */
  enter(delayUs: number, handler: HandlerId, a: number, b: number, c: number): number {
    const atUs = this.nowUs + delayUs;
    const isRight = delayUs >= 0 && atUs <= timeUsMax && Math.floor(delayUs) === delayUs;
    const slots = this.slots;
    const slot = slots.freeHead;
    if (
      !(isRight && this.runs[handler]) ||
      (a | 0) !== a ||
      (b | 0) !== b ||
      (c | 0) !== c ||
      slot < 0
    ) {
      return this.enterRarely(delayUs, handler, a, b, c);
    }
    slots.claim(slot);
    slots.times[(slot << timeShift) | timePlace] = atUs;
    const words = slots.words;
    const base = slot << slotShift;
    words[base | wordHandler] = handler;
    words[base | wordA] = a;
    words[base | wordB] = b;
    words[base | wordC] = c;
    this.agenda.insert(slot, atUs);
    return slot;
  }

  /**
   * Cancels the event of a slot that `enter` returned, which must not have run.
   * @internal
   */
  cancelSlot(slot: number): void {
    const slots = this.slots;
    slots.kill(slot);
    if (slots.deadCount > sweepMin && slots.deadCount * 2 > slots.usedCount) this.agenda.sweep();
  }

  /** An event that cannot be, or that finds all slots taken: those of cancelled events are then reclaimed first. */
  private enterRarely(
    delayUs: number,
    handler: HandlerId,
    a: number,
    b: number,
    c: number,
  ): number {
    this.requireEvent(delayUs, handler, [a, b, c]);
    const name = this.handlerName(handler);
    if (!this.slots.enlarge()) this.agenda.sweep();
    if (this.slots.usedCount === this.pendingMax) refusePending(name, this.pendingMax);
    return this.enter(delayUs, handler, a, b, c);
  }

  private requireEvent(delayUs: number, handler: HandlerId, values: number[]): void {
    const name = this.handlerName(handler);
    const atUs = this.nowUs + delayUs;
    if (!(delayUs >= 0 && atUs <= timeUsMax) || Math.floor(delayUs) !== delayUs) {
      refuseTime(delayUs, this.nowUs, name);
    }
    if (this.runs[handler] === undefined) refuseHandler(handler, this.runs.length);
    if (values.some((value) => (value | 0) !== value)) refuseArguments(name, values);
  }

  private runNext(untilUs: number): boolean {
    const slot = this.agenda.take(untilUs);
    if (slot === none) return false;
    if (this.eventCount >= this.eventsMax) refuseEvents(this.eventsMax, this.nowUs);
    const slots = this.slots;
    const atUs = slots.times[(slot << timeShift) | timePlace]!;
    const words = slots.words;
    const base = slot << slotShift;
    const handler = words[base | wordHandler]!;
    const a = words[base | wordA]!;
    const b = words[base | wordB]!;
    const c = words[base | wordC]!;
    // The slot is free before the event runs, so that what it schedules finds the warm slot.
    slots.release(slot);
    this.nowUs = atUs;
    this.eventCount += 1;
    this.chain.add(atUs, handler, a, b, c);
    if (this.trace.capacity > 0) this.trace.add(atUs, handler, a, b, c);
    // Called by itself, not as a member of the list, which would be handed to it as its `this`.
    const run = this.runs[handler]!;
    run(a, b, c);
    return true;
  }

  /** The name of a handler's number, for messages. */
  private handlerName(handler: HandlerId): string {
    return this.handlerNames[handler] ?? `handler ${handler}`;
  }

  /** A mistake in the use of the kernel takes the last events with it; any other error is left as it is. */
  private traced(error: unknown): unknown {
    if (error instanceof KernelError) error.lastEvents = this.lastEvents();
    return error;
  }

  private begin(): void {
    if (this.running) refuseWhileRunning("step or runUntil");
    this.running = true;
    this.assembling = false;
  }

  private requireAssembly(what: string, name: string): void {
    if (!this.assembling) refuseLateAssembly(what, name);
  }

  private keep<P extends Registered>(name: string, part: P): P {
    this.requireAssembly("part", name);
    if (this.parts.has(name)) refuseName("part", name);
    this.parts.set(name, part);
    return part;
  }

  private keepArray<A extends NumberArray>(name: string, array: A): A {
    this.keep(name, new RegisteredArray(array));
    return array;
  }

  private snapshotParts(): Map<string, Registered> {
    const own = new KernelState(this.handlerNames, {
      read: () => [this.nowUs, this.eventCount, this.seed],
      write: (nowUs, eventCount, seed) => {
        this.nowUs = nowUs;
        this.eventCount = eventCount;
        this.seed = seed;
      },
    });
    const parts: [string, Registered][] = [
      ["kernel", own],
      ["kernel.agenda", new AgendaPart(this.slots, this.agenda)],
      ["kernel.digest", this.chain],
    ];
    return new Map([...parts, ...this.parts]);
  }
}

/** A seed as text; 1 and "1" are one. A seed that was forgotten would be the word "undefined" in every run. */
function seedText(seed: string | number): string {
  if (typeof seed !== "string" && !Number.isFinite(seed)) refuseSeed(seed);
  return String(seed);
}
