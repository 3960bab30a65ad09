import type { MatchingEngine } from "../../engine/matching-engine.ts";
import type { HandlerId, IntQueue } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { outcome } from "../fabric/outcome.ts";
import { isMarketStep } from "../fabric/requests.ts";
import type { Journal } from "../journal/journal.ts";
import { executeRequestAgain, executeRequestOnce } from "./execute-request.ts";
import { JournalWaiters } from "./journal-waiters.ts";
import type { CallSitesByName } from "./matching-calls.ts";
import type { MatchingObserver } from "./matching-observer.ts";
import type { OrderSource } from "./order-source.ts";
import { role, type TaskActivities } from "./task-activities.ts";
import { wasTurnedAway } from "./turned-away.ts";

const cell = {
  /** 1 while the engine has a turn under way, or stands still for a snapshot. */
  engineBusy: 0,
  /** First staged record that is not known to be durable, and records that an append has under way. */
  nextAppend: 1,
  appending: 2,
  writer: 3,
  /** 1 while a turn of the engine for the venue's own corrections is asked for. */
  correcting: 4,
} as const;

const counted = { executed: 0, duplicates: 1 } as const;

/** What the path of commands needs of the service that it runs through. */
export interface CommandPathHost {
  readonly id: string;
  readonly engine: MatchingEngine;
  readonly pollerCount: number;
  /** Whether what comes twice has one effect. */
  readonly hasRequestLog: boolean;
  readonly values: { readonly commandUs: number; readonly appendBatchMax: number };
  readonly observer: MatchingObserver;
  readonly activities: () => TaskActivities;
  /** Epoch of the owner; records are appended in its name. */
  ownerEpoch(): number;
  /** Symbols whose market takes a step in one turn. */
  symbolCount(): number;
  /** Whether no more commands are to be received for now. */
  takesNone(): boolean;
  /** Whether a snapshot waits for the engine: it takes no further turn before that. */
  isSnapshotWaiting(): boolean;
  /** Whether the process dies of a command, which it then has. */
  diesOf(command: number): boolean;
  /** The engine has its turn for the market's own step. */
  takeMarketStep(): void;
  /** All that was staged before a number is durable. */
  journalled(end: number): void;
  /** The engine has ended a turn, or the journal has taken records: both may be level now. */
  settled(): void;
}

/**
 * The way of a command through the active task: received in a batch, executed in a turn of the engine, appended to the
 * journal, and only when that is durable deleted from the queue and answered.
 */
export class CommandPath {
  readonly #fabric: Fabric;
  readonly #host: CommandPathHost;
  readonly #cells: Float64Array;
  readonly #pollerActor: Int32Array;
  readonly #pollerReceipt: Int32Array;
  /** Staged number that must be durable before the poller may delete its messages; `none` while it has no batch. */
  readonly #pollerAwaits: Float64Array;
  /** Whose turn it is with the engine: pollers by number, then the market itself, then the venue's corrections. */
  readonly #input: IntQueue;
  readonly #marketTurn: number;
  readonly #correctionTurn: number;
  readonly #waiters: JournalWaiters;
  readonly #counts: Float64Array;
  readonly #engineDone: HandlerId;
  #queue!: OrderSource;
  #journal!: Journal;
  #site!: CallSitesByName;
  /** Whether any flow waits for the journal. Assembly only. */
  #isAwaited = true;

  constructor(fabric: Fabric, host: CommandPathHost) {
    const { kernel } = fabric;
    const { id, pollerCount } = host;
    this.#fabric = fabric;
    this.#host = host;
    this.#cells = kernel.float64Array(`${id}.command-path`, Object.keys(cell).length);
    this.#pollerActor = kernel.int32Array(`${id}.poller-actor`, pollerCount).fill(none);
    this.#pollerReceipt = kernel.int32Array(`${id}.poller-receipt`, pollerCount).fill(none);
    this.#pollerAwaits = kernel.float64Array(`${id}.poller-awaits`, pollerCount).fill(none);
    this.#input = kernel.queue(`${id}.input`, pollerCount + 2);
    this.#marketTurn = pollerCount;
    this.#correctionTurn = pollerCount + 1;
    this.#waiters = new JournalWaiters(fabric, id);
    this.#counts = kernel.float64Array(`${id}.counts`, Object.keys(counted).length);
    this.#engineDone = kernel.handler(`${id}.engine-done`, (instance, epoch, turn) => {
      if (host.activities().isCurrent(instance, epoch)) this.#executeTurn(turn);
    });
  }

  /** Assembly only. `isAwaited`: whether any flow waits until its command is durable. */
  connect(ends: {
    readonly queue: OrderSource;
    readonly journal: Journal;
    readonly site: CallSitesByName;
    readonly isAwaited: boolean;
  }): void {
    this.#queue = ends.queue;
    this.#journal = ends.journal;
    this.#site = ends.site;
    this.#isAwaited = ends.isAwaited;
  }

  /** The task is gone, and what it had under way with it. */
  forget(): void {
    this.#cells[cell.engineBusy] = 0;
    this.#cells[cell.appending] = 0;
    this.#cells[cell.correcting] = 0;
    this.#input.clear();
    this.#pollerActor.fill(none);
    this.#pollerReceipt.fill(none);
    this.#pollerAwaits.fill(none);
  }

  /** A new owner appends after all that was ever staged. */
  beginWriting(): void {
    this.#cells[cell.nextAppend] = this.#journal.stagedCount;
    this.#cells[cell.writer] = this.#host.activities().begin(role.writer);
  }

  beginPolling(): void {
    for (let poller = 0; poller < this.#pollerActor.length; poller += 1) {
      const actor = this.#host.activities().begin(role.poller + poller);
      this.#pollerActor[poller] = actor;
      this.poll(actor);
    }
  }

  /** A caller waits until its command is durable. */
  awaitJournal(frame: number): number {
    return this.#waiters.ask(frame);
  }

  /** Commands that had an effect. */
  get executedCount(): number {
    return this.#counts[counted.executed]!;
  }

  /** Commands that came again and had no second effect. */
  get duplicateCount(): number {
    return this.#counts[counted.duplicates]!;
  }

  /** Whether the engine has no turn under way and all that it executed is durable. */
  get isLevel(): boolean {
    const isDurable = this.#cells[cell.nextAppend] === this.#journal.stagedCount;
    return isDurable && this.#cells[cell.engineBusy] === 0;
  }

  /** Whether all it was given is executed and durable. */
  get isThrough(): boolean {
    return this.isLevel && this.#cells[cell.appending] === 0 && this.#input.length === 0;
  }

  /** The engine stands still until `resumeEngine`. */
  pauseEngine(): void {
    this.#cells[cell.engineBusy] = 1;
  }

  resumeEngine(): void {
    this.#cells[cell.engineBusy] = 0;
    this.#beginTurn();
  }

  poll(actor: number): void {
    const activities = this.#host.activities();
    if (this.#host.takesNone()) activities.retryLater(actor);
    else activities.call(actor, this.#site.receive, none, 1);
  }

  pollerResumed(actor: number, site: number, result: number, childData: number): void {
    const poller = this.#fabric.calls.dataOf(actor) - role.poller;
    if (site === this.#site.receive && result === outcome.ok && childData !== none) {
      this.#pollerReceipt[poller] = childData;
      this.#askForTurn(poller);
    } else if (result === outcome.ok || result === outcome.refused) this.poll(actor);
    else this.#host.activities().retryLater(actor);
  }

  /** The market is to take a step of its own as soon as the engine is free. */
  askForMarketTurn(): void {
    this.#askForTurn(this.#marketTurn);
  }

  /** The venue has commands of its own for the engine, which asks for them in its next turn; a new owner is asked anew. */
  askForCorrections(): void {
    if (this.#cells[cell.correcting] === 1) return;
    this.#cells[cell.correcting] = 1;
    this.#askForTurn(this.#correctionTurn);
  }

  /** Executes a command of the market's own, in its turn; returns how many records have been staged. */
  executeOwn(command: number): number {
    this.#execute(command);
    return this.#journal.stagedCount;
  }

  append(actor: number): void {
    const first = this.#cells[cell.nextAppend]!;
    const count = Math.min(this.#journal.stagedCount - first, this.#host.values.appendBatchMax);
    if (count === 0) return;
    this.#cells[cell.appending] = count;
    this.#host.activities().call(actor, this.#site.append, first | 0, count);
  }

  appendEnded(actor: number, result: number): void {
    const activities = this.#host.activities();
    if (result === outcome.refused) {
      activities.stepDown(activities.active);
      return;
    }
    if (result !== outcome.ok) {
      activities.retryLater(actor);
      return;
    }
    const first = this.#cells[cell.nextAppend]!;
    const end = first + this.#cells[cell.appending]!;
    this.#cells[cell.nextAppend] = end;
    this.#cells[cell.appending] = 0;
    this.#acknowledge(first, end);
    this.#releaseBatches();
    this.#host.journalled(end);
    this.append(actor);
    this.#host.settled();
  }

  #askForTurn(turn: number): void {
    this.#input.push(turn);
    if (this.#cells[cell.engineBusy] === 0) this.#beginTurn();
  }

  #beginTurn(): void {
    const { kernel, instances } = this.#fabric;
    if (this.#host.isSnapshotWaiting()) return;
    const turn = this.#input.shift();
    if (turn === none) return;
    this.#cells[cell.engineBusy] = 1;
    const instance = this.#host.activities().active;
    const commandCount = this.#commandsInTurn(turn);
    const slowFactor = instances.column.slowFactor[instance]!;
    const workUs = commandCount * this.#host.values.commandUs * slowFactor;
    const epoch = instances.epoch[instance]!;
    kernel.schedule(Math.round(workUs), this.#engineDone, instance, epoch, turn);
  }

  #commandsInTurn(turn: number): number {
    if (turn === this.#marketTurn) return this.#host.symbolCount();
    if (turn === this.#correctionTurn) return 1;
    return Math.max(1, this.#queue.countOf(this.#pollerReceipt[turn]!));
  }

  #executeTurn(turn: number): void {
    if (turn === this.#marketTurn) this.#host.takeMarketStep();
    else if (turn === this.#correctionTurn) this.#executeCorrections();
    else if (!this.#executeBatch(turn)) return;
    this.#cells[cell.engineBusy] = 0;
    if (this.#cells[cell.appending] === 0) this.append(this.#cells[cell.writer]!);
    this.#releaseBatches();
    this.#host.settled();
    this.#beginTurn();
  }

  #executeCorrections(): void {
    this.#cells[cell.correcting] = 0;
    const { engine, observer } = this.#host;
    for (const command of observer.corrections?.(engine) ?? []) this.#execute(command);
  }

  /** False when the process has died of a command: what came before it in the batch was in memory only, and is gone with it. */
  #executeBatch(poller: number): boolean {
    const count = this.#queue.readBatch(this.#pollerReceipt[poller]!);
    for (let at = 0; at < count; at += 1) {
      const command = this.#queue.batch[at]!;
      if (this.#host.diesOf(command)) return false;
      this.#execute(command);
    }
    // A duplicate's first copy may still be on its way to the journal, so wait for all that has been staged.
    this.#pollerAwaits[poller] = this.#journal.stagedCount;
    return true;
  }

  #execute(request: number): void {
    if (this.#hasEffect(request)) {
      this.#counts[counted.executed] = this.executedCount + 1;
      this.#journal.stage(request, this.#host.ownerEpoch());
      if (this.#isAwaited && !isMarketStep(request) && wasTurnedAway(this.#host.engine)) {
        this.#waiters.turnAway(request);
      }
      this.#host.observer.executed(request);
    } else this.#counts[counted.duplicates] = this.duplicateCount + 1;
  }

  /** Executes a command; whether that had an effect: with a log of what was executed, only the first time. */
  #hasEffect(request: number): boolean {
    const { requests } = this.#fabric;
    const { engine, hasRequestLog } = this.#host;
    if (hasRequestLog) return executeRequestOnce(engine, requests, request);
    const before = engine.sequence;
    executeRequestAgain(engine, requests, request);
    return engine.sequence !== before;
  }

  /** Tells who waits, and the twin, that staged records are durable. */
  #acknowledge(first: number, end: number): void {
    const { observer } = this.#host;
    if (!this.#isAwaited && observer.acknowledged === undefined) return;
    for (let number = first; number < end; number += 1) {
      const command = this.#journal.stagedRequest(number);
      if (this.#isAwaited) this.#waiters.acknowledge(command);
      observer.acknowledged?.(command);
    }
  }

  /** Deletes from the queue the batches whose commands are all durable. */
  #releaseBatches(): void {
    const durable = this.#cells[cell.nextAppend]!;
    for (let poller = 0; poller < this.#pollerAwaits.length; poller += 1) {
      const awaits = this.#pollerAwaits[poller]!;
      if (awaits === none || awaits > durable) continue;
      this.#pollerAwaits[poller] = none;
      const receipt = this.#pollerReceipt[poller]!;
      this.#host.activities().call(this.#pollerActor[poller]!, this.#site.delete, receipt, 1);
    }
  }
}
