import type { MatchingEngine } from "../../engine/matching-engine.ts";
import { type Parameters, valuesOf } from "../../facts/parameter.ts";
import type { HandlerId, IntQueue } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import { hostsOf } from "../ecs-fargate/hosts-of.ts";
import { TaskFleet } from "../ecs-fargate/task-fleet.ts";
import type { Operation } from "../fabric/call-sites.ts";
import type { Channel, Component, Release } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import type { FailureManner } from "../fabric/instances.ts";
import { outcome } from "../fabric/outcome.ts";
import { resolveParameters } from "../fabric/parameters.ts";
import { isMarketStep } from "../fabric/requests.ts";
import type { Journal } from "../journal/journal.ts";
import type { PutBatches } from "../kinesis/put-batches.ts";
import { BookOwnership } from "./book-ownership.ts";
import { executeRequestAgain, executeRequestOnce } from "./execute-request.ts";
import { JournalWaiters } from "./journal-waiters.ts";
import { MarketReopening, type MarketState } from "./market-reopening.ts";
import { type CallSitesByName, leaseUsOf, sitesOfCalls } from "./matching-calls.ts";
import { matchingChannels } from "./matching-channels.ts";
import { matchingDefaults } from "./matching-parameters.ts";
import type { MatchingServiceSpec } from "./matching-service-spec.ts";
import type { OrderSource } from "./order-source.ts";
import { Outboxes } from "./outboxes.ts";
import { newBooks, Recovery } from "./recovery.ts";
import { role, TaskActivities } from "./task-activities.ts";
import { wasTurnedAway } from "./turned-away.ts";
import { VenueSnapshots } from "./venue-snapshots.ts";

const cell = {
  engineBusy: 0,
  /** First staged record that is not known to be durable, and records that an append has under way. */
  nextAppend: 1,
  appending: 2,
  writer: 3,
  /** The activity that waits for the engine to be idle and the journal to be level, or `none`. */
  snapshotWaiting: 4,
  /** When the lease was last taken or renewed. */
  leasedUs: 5,
  /** Activity that reopens the market, and when the books were last known to be served. */
  market: 6,
  servedUs: 7,
  /** Snapshots whose instant and position are remembered. */
  pastCount: 8,
  /** 1 while a turn of the engine for the venue's own corrections is asked for. */
  correcting: 9,
} as const;

/** Snapshots that are remembered by instant and position, for who has to find the rows of a time. */
const pastMax = 256;

const counted = { executed: 0, duplicates: 1 } as const;

/** What the twin wants to hear, for the ledger; components never see it. */
export interface MatchingObserver {
  /** The engine of the active owner executed a request for the first time in its history. */
  executed(request: number): void;
  /** The active owner has heard that a command which it executed is durable. */
  acknowledged?(command: number): void;
  /** An owner has recovered its books from a snapshot and the journal. */
  recovered(engine: MatchingEngine, position: number): void;
  /** In a turn of its own, after `askForCorrections`: commands of the venue itself that the engine is to execute. */
  corrections?(engine: MatchingEngine): readonly number[];
}

/** What a matching service is told besides its spec. */
export interface MatchingOptions {
  /** Symbols of the whole venue. */
  readonly symbolCount: number;
  /** Symbols whose books this service owns. */
  readonly symbols: readonly number[];
  /** Symbols that it takes over as a standby. */
  readonly standbySymbols?: readonly number[];
  /** Number of its lease in the table of leases. */
  readonly lease: number;
  readonly observer: MatchingObserver;
}

/**
 * The matching service: one active task with the real engine. Commands come from the queue in batches, are executed,
 * written to the journal, and only then acknowledged: deleted from the queue, told to waiting callers, stored in the
 * database and published. A new task takes a lease, fences the old owner, loads the newest snapshot and replays the
 * journal after it.
 *
 *   queue -> poll -> engine -> journal ~~durable~~> delete from queue, answer waiters, persist, publish
 */
export class MatchingService implements Component {
  readonly id: string;
  readonly service = "matching-service";
  readonly index: number;
  readonly operations: readonly Operation[];
  readonly engine: MatchingEngine;
  readonly fleet: TaskFleet;
  readonly #fabric: Fabric;
  readonly #spec: MatchingServiceSpec;
  readonly #options: MatchingOptions;
  readonly #parameters: typeof matchingDefaults;
  readonly #values;
  readonly #snapshots: VenueSnapshots;
  readonly #reopening: MarketReopening;
  readonly #recovery: Recovery;
  readonly #activities: TaskActivities;
  readonly #outboxes: Outboxes;
  readonly #waiters: JournalWaiters;
  readonly #cells: Float64Array;
  readonly #pollerActor: Int32Array;
  readonly #pollerReceipt: Int32Array;
  /** Staged number that must be durable before the poller may delete its messages; `none` while it has no batch. */
  readonly #pollerAwaits: Float64Array;
  /** Whose turn it is with the engine: pollers by number, then the market itself, then the venue's corrections. */
  readonly #input: IntQueue;
  readonly #marketTurn: number;
  readonly #correctionTurn: number;
  readonly #counts: Float64Array;
  readonly #engineDone: HandlerId;
  readonly #snapshotDue: HandlerId;
  readonly #pauseOver: HandlerId;
  readonly #past: Float64Array;
  /** Whether this one or the service of another region owns the books. */
  readonly #ownership: BookOwnership;
  #queue!: OrderSource;
  #journal!: Journal;
  /** Whether any flow waits for the journal. Assembly only. */
  #isAwaited = true;
  #site!: CallSitesByName;
  /** As long as the store grants the lease: an owner that could not renew it by then ends itself. Assembly only. */
  #leaseUs!: number;

  constructor(fabric: Fabric, index: number, spec: MatchingServiceSpec, options: MatchingOptions) {
    const { kernel } = fabric;
    const { id, pollerCount } = spec;
    this.id = id;
    this.index = index;
    this.#fabric = fabric;
    this.#spec = spec;
    this.#options = options;
    this.#parameters = resolveParameters(id, matchingDefaults, spec.parameters);
    this.#values = valuesOf(this.#parameters);
    this.operations = [{ name: "await-journal", decides: true }];
    this.engine = newBooks(options.symbolCount);
    kernel.register(`${id}.engine`, this.engine);
    this.#snapshots = new VenueSnapshots(kernel, id);
    this.#cells = kernel.float64Array(`${id}.cells`, Object.keys(cell).length);
    this.#cells[cell.snapshotWaiting] = none;
    this.#pollerActor = kernel.int32Array(`${id}.poller-actor`, pollerCount).fill(none);
    this.#pollerReceipt = kernel.int32Array(`${id}.poller-receipt`, pollerCount).fill(none);
    this.#pollerAwaits = kernel.float64Array(`${id}.poller-awaits`, pollerCount).fill(none);
    this.#input = kernel.queue(`${id}.input`, pollerCount + 2);
    this.#marketTurn = pollerCount;
    this.#correctionTurn = pollerCount + 1;
    this.#waiters = new JournalWaiters(fabric, id);
    this.#counts = kernel.float64Array(`${id}.counts`, Object.keys(counted).length);
    this.#engineDone = kernel.handler(`${id}.engine-done`, (instance, epoch, turn) => {
      if (this.#activities.isCurrent(instance, epoch)) this.#executeTurn(turn);
    });
    this.#recovery = new Recovery(fabric, {
      id,
      engine: this.engine,
      snapshots: this.#snapshots,
      activities: () => this.#activities,
      lease: options.lease,
      hasRequestLog: spec.requestLog !== false,
      replayCommandsPerSecond: this.#values.replayCommandsPerSecond,
      leased: () => this.#noteLease(),
      historyRestartedAt: (position) => this.#outboxes.goBackTo(position),
      recovered: () => this.#beginService(),
    });
    this.#activities = new TaskActivities(
      fabric,
      { id, component: index, retryMs: this.#values.retryMs },
      (actor) => this.#act(actor),
    );
    this.#outboxes = new Outboxes(fabric, id, this.#values, this.#activities);
    const owned = () => this.symbols;
    this.#reopening = new MarketReopening(fabric, id, this.#values, {
      engine: this.engine,
      get symbols() {
        return owned();
      },
      askForTurn: () => this.#askForMarketTurn(),
      executeOwn: (command) => this.#executeOwn(command),
      wakeAfter: (seconds) => this.#activities.wakeAfter(this.#cells[cell.market]!, seconds * 1000),
      note: (kind, value) => this.#activities.note(kind, value),
    });
    this.#snapshotDue = kernel.handler(`${id}.snapshot-due`, (actor, generation) => {
      if (fabric.calls.generationOf(actor) !== generation) return;
      this.#cells[cell.snapshotWaiting] = actor;
      this.#takeSnapshotWhenLevel();
    });
    this.#pauseOver = kernel.handler(`${id}.pause-over`, (instance, epoch) => {
      if (!this.#activities.isCurrent(instance, epoch)) return;
      this.#cells[cell.engineBusy] = 0;
      this.#startBatch();
    });
    this.#past = kernel.float64Array(`${id}.past-snapshots`, pastMax * 2);
    this.#ownership = new BookOwnership(fabric, {
      id,
      isStandbyFirst: spec.standbyFor !== undefined,
      zones: spec.zones.map((zone) => fabric.zone(zone)),
      snapshots: this.#snapshots,
      activities: this.#activities,
      recovery: this.#recovery,
      reopening: this.#reopening,
      outboxes: this.#outboxes,
      values: this.#values,
      isRunning: () => this.isRunning,
      isThrough: () => this.#isThrough,
      beginRecovery: () => this.#beginRecovery(),
    });
    this.fleet = this.#newFleet();
  }

  #newFleet(): TaskFleet {
    const { id, zones, vcpu } = this.#spec;
    return new TaskFleet(
      this.#fabric,
      {
        id,
        component: this.index,
        zones: zones.map((zone) => this.#fabric.zone(zone)),
        taskCount: this.#spec.taskCount ?? 1,
        tasksMax: 8,
        vcpu,
        insideMax: 1_000_000,
        containerHealthCheck: true,
        // Two owners would only fence each other: the old one goes before the new one comes.
        replacement: "stop-first",
        rebalancing: false,
        values: this.#values,
        memoryGb: this.#spec.memoryGb,
        ...hostsOf(this.#fabric, this.#spec),
      },
      {
        onRunning: (instance, causeSeq) => this.#takeOver(instance, causeSeq),
        onLost: () => {},
        onStopping: () => false,
      },
    );
  }

  start(): void {
    const fabric = this.#fabric;
    this.#queue = fabric.component(this.#spec.queue) as unknown as OrderSource;
    this.#journal = this.#journalOf();
    this.#site = sitesOfCalls(fabric, this.id);
    this.#leaseUs = leaseUsOf(fabric, this.id, this.#site.lease);
    this.#isAwaited = fabric.sites.some((site) => site.component === this.index);
    this.#recovery.connect(this.#journal, this.#site);
    this.#connectOutboxes();
    this.#ownership.connect(this.#journal, this.#queue);
    if (this.#spec.standbyFor !== undefined) {
      const owner = fabric.component(this.#spec.standbyFor) as MatchingService;
      owner.#ownership.pairWith(this.#ownership);
      this.#ownership.pairWith(owner.#ownership);
    }
    this.fleet.start();
  }

  #connectOutboxes(): void {
    const stream = this.#fabric.component(this.#spec.stream) as unknown as {
      readonly batches: PutBatches;
    };
    this.#outboxes.connect({ journal: this.#journal, stream, site: this.#site });
  }

  /** Symbols whose books it owns: as a standby none, until it has taken over. */
  get symbols(): readonly number[] {
    if (this.hasTakenOver) return this.#options.standbySymbols ?? [];
    return this.isOwner ? this.#options.symbols : [];
  }

  /** Whether it is a standby that people have made the owner of the books. */
  get hasTakenOver(): boolean {
    return this.#ownership.hasTakenOver;
  }

  /** Whether it owns its books, or thinks so: a former owner does until it hears of the new one. */
  get isOwner(): boolean {
    return this.#ownership.isOwner;
  }

  get isStandby(): boolean {
    return this.#ownership.isStandby;
  }

  // What people do with the books of a pair of services; see `BookOwnership`.

  takeOverBooks(causeSeq: number): boolean {
    return this.#ownership.takeOver(causeSeq);
  }

  becomeStandby(causeSeq: number): boolean {
    return this.#ownership.becomeStandby(causeSeq);
  }

  receiveBooks(causeSeq: number): boolean {
    return this.#ownership.receive(causeSeq);
  }

  enterStranded(causeSeq: number): boolean {
    return this.#ownership.enterStranded(causeSeq);
  }

  /**
   * Writes the rows of all commands again that became durable after an instant: from the position of the last snapshot
   * before it, as far as that is remembered. False while there is no owner.
   */
  rewriteRows(sinceUs: number): boolean {
    if (!this.isRunning) return false;
    let position = this.#journal.begin;
    for (let at = 0; at < pastMax; at += 1) {
      const isBefore = this.#past[at * 2]! <= sinceUs;
      if (isBefore) position = Math.max(position, this.#past[at * 2 + 1]!);
    }
    this.#outboxes.rewriteFrom(position);
    this.#outboxes.kick();
    return true;
  }

  /** Whether the database has every row but the last few. */
  get isPersisted(): boolean {
    return this.#outboxes.behind <= this.#values.persistBatchMax * 10;
  }

  /** Instance of the task that owns the books, or `none`. */
  get active(): number {
    return this.#activities.active;
  }

  /** Whether the active task serves: it has recovered its books and still stands. */
  get isRunning(): boolean {
    const isUp = this.active !== none && this.#fabric.instances.accepts(this.active);
    return isUp && this.#recovery.isOver;
  }

  /**
   * The books as the venue holds them: those of the running task, or what a recovery would rebuild now from the
   * newest snapshot and the journal. `undefined` while the journal can't be read. A task that has outlived its
   * journal's only copy will be refused, and holds nothing.
   */
  heldBooks(): MatchingEngine | undefined {
    const isOwner = this.isRunning && !this.#journal.wasLost;
    return isOwner ? this.engine : this.#recovery.recoverableBooks();
  }

  /** Position of the journal from which on a recovery would find nothing now, although it had become durable. */
  get historyLostFrom(): number {
    return this.#journal.wasLost ? this.#snapshots.position : Number.POSITIVE_INFINITY;
  }

  /** Requests that the engine has executed and the journal does not have yet, in order. */
  executedNotDurable(): number[] {
    const requests: number[] = [];
    if (!this.isRunning || this.#journal.wasLost) return requests;
    for (
      let number = this.#journal.appendedCount;
      number < this.#journal.stagedCount;
      number += 1
    ) {
      requests.push(this.#journal.stagedRequest(number));
    }
    return requests;
  }

  route(_callerInstance: number, _callerZone: number, _frame: number): number {
    return this.active;
  }

  worked(frame: number, _instance: number): number {
    return this.#waiters.ask(frame);
  }

  instanceFailed(_instance: number, _manner: FailureManner, _causeSeq: number): void {
    // The fleet's control plane notices by itself; what the task held in memory has gone with it.
  }

  setControlPlaneFrozen(frozen: boolean): void {
    this.fleet.setFrozen(frozen);
  }

  setZoneCapacity(zone: number, available: boolean): void {
    this.fleet.setCapacity(zone, available);
  }

  deploy(release: Release, causeSeq: number): void {
    this.fleet.deploy(release, causeSeq);
  }

  powerRestored(instance: number, causeSeq: number): void {
    this.fleet.powerRestored(instance, causeSeq);
  }

  /**
   * People lead the market into a state, and keep it there. Without an engine, a halt is remembered: the next owner of
   * the books halts the market and waits. False when there is no engine that could do it now.
   */
  leadMarket(to: MarketState, causeSeq: number): boolean {
    if (this.isRunning) {
      this.#activities.follow(causeSeq);
      return this.#reopening.lead(to);
    }
    if (to !== "halted") return false;
    this.#reopening.leadWhenRecovered();
    return true;
  }

  /** Whether the market is in a state, for every symbol and in the journal; halted, too, while there is no engine. */
  isMarketIn(state: MarketState): boolean {
    return this.isRunning ? this.#reopening.isIn(state) : state === "halted";
  }

  channels(): readonly Channel[] {
    return matchingChannels({
      fleet: this.fleet,
      engine: this.engine,
      anySymbol: this.#options.symbols[0] ?? this.#options.standbySymbols?.[0] ?? 0,
      stageOfRecovery: () => this.#recovery.stage,
      executedCount: () => this.#counts[counted.executed]!,
      duplicateCount: () => this.duplicateCount,
      notPersistedCount: () => this.#outboxes.behind,
    });
  }

  parameters(): Parameters {
    return this.#parameters;
  }

  /** Commands that came again and had no second effect. */
  get duplicateCount(): number {
    return this.#counts[counted.duplicates]!;
  }

  /** Executes a request as part of the opening state, before the run begins: the books that were there already. */
  preload(request: number): void {
    executeRequestOnce(this.engine, this.#fabric.requests, request);
    this.#journalOf().preload(request);
    this.#outboxes.skip(this.#journalOf().end);
  }

  #journalOf(): Journal {
    return this.#fabric.component(this.#spec.journal) as Journal;
  }

  resumed(actor: number, site: number, result: number, childData: number): void {
    const { calls } = this.#fabric;
    const instance = calls.instanceOf(actor);
    const held = calls.dataOf(actor);
    if (instance !== this.active) {
      // A former owner hears of the world again: its lease is another's by now.
      if (result !== outcome.timedOut) this.#activities.stepDown(instance);
      return;
    }
    if (held === role.recovery) this.#recovery.callEnded(actor, site, result);
    else if (held === role.writer) this.#appendEnded(actor, result);
    else if (held === role.persister) this.#outboxes.persistEnded(actor, result);
    else if (held === role.publisher) this.#outboxes.publishEnded(actor, result);
    else if (held === role.snapshotter) this.#snapshotEnded(actor, result);
    else if (held === role.keeper) this.#leaseRenewed(actor, result);
    else this.#pollerResumed(actor, site, result, childData);
  }

  /** Makes the next call of an activity, as its role and the stage of the service ask for. */
  #act(actor: number): void {
    const { calls } = this.#fabric;
    if (calls.instanceOf(actor) !== this.active) return;
    const held = calls.dataOf(actor);
    if (held === role.recovery) this.#recovery.act(actor);
    else if (held === role.writer) this.#append(actor);
    else if (held === role.persister) this.#outboxes.persist(actor);
    else if (held === role.publisher) this.#outboxes.publish(actor);
    else if (held === role.keeper)
      this.#activities.call(actor, this.#site.lease, this.#options.lease, 1);
    else if (held === role.market) this.#reopening.next();
    else if (held >= role.poller) this.#poll(actor);
  }

  // Taking over

  #takeOver(instance: number, causeSeq: number): void {
    this.#activities.setActive(instance, causeSeq);
    if (this.isOwner) this.#beginRecovery();
  }

  #beginRecovery(): void {
    this.#recovery.begin();
    this.#cells[cell.engineBusy] = 0;
    this.#cells[cell.appending] = 0;
    this.#cells[cell.snapshotWaiting] = none;
    this.#cells[cell.correcting] = 0;
    this.#outboxes.forget();
    this.#input.clear();
    this.#reopening.forget();
    this.#pollerActor.fill(none);
    this.#pollerReceipt.fill(none);
    this.#pollerAwaits.fill(none);
    this.#recovery.act(this.#activities.begin(role.recovery));
  }

  /** The books are there: every activity of a serving owner begins. */
  #beginService(): void {
    const { kernel, calls } = this.#fabric;
    const activities = this.#activities;
    this.#cells[cell.nextAppend] = this.#journal.stagedCount;
    this.#options.observer.recovered(this.engine, this.#journal.end);
    const outageUs = kernel.nowUs - this.#cells[cell.servedUs]!;
    this.#cells[cell.servedUs] = kernel.nowUs;
    this.#cells[cell.writer] = activities.begin(role.writer);
    this.#outboxes.begin();
    const snapshotter = activities.begin(role.snapshotter);
    const intervalUs = Math.round(this.#spec.snapshotIntervalSeconds * 1_000_000);
    kernel.schedule(intervalUs, this.#snapshotDue, snapshotter, calls.generationOf(snapshotter));
    activities.wakeAfter(activities.begin(role.keeper), this.#values.leaseRenewSeconds * 1000);
    this.#cells[cell.market] = activities.begin(role.market);
    // Before the first poll, so that nothing is executed before the market's state is known.
    this.#reopening.begin(outageUs);
    for (let poller = 0; poller < this.#spec.pollerCount; poller += 1) {
      const actor = activities.begin(role.poller + poller);
      this.#pollerActor[poller] = actor;
      this.#poll(actor);
    }
    this.#outboxes.kick();
  }

  /** Whether all it was given is executed and durable. */
  get #isThrough(): boolean {
    const isIdle = this.#cells[cell.engineBusy] === 0 && this.#cells[cell.appending] === 0;
    const isDurable = this.#cells[cell.nextAppend] === this.#journal.stagedCount;
    return isIdle && isDurable && this.#input.length === 0 && this.isRunning;
  }

  #noteLease(): void {
    this.#cells[cell.leasedUs] = this.#fabric.kernel.nowUs;
  }

  #leaseRenewed(actor: number, result: number): void {
    const { kernel } = this.#fabric;
    const heldUs = kernel.nowUs - this.#cells[cell.leasedUs]!;
    if (result === outcome.ok) {
      this.#noteLease();
      this.#cells[cell.servedUs] = kernel.nowUs;
      this.#activities.wakeAfter(actor, this.#values.leaseRenewSeconds * 1000);
    } else if (result === outcome.refused || heldUs >= this.#leaseUs) {
      this.#activities.stepDown(this.active);
    } else this.#activities.retryLater(actor);
  }

  // The command path

  #poll(actor: number): void {
    const takesNone = this.#outboxes.isFull || this.#ownership.isYielding;
    if (takesNone) this.#activities.retryLater(actor);
    else this.#activities.call(actor, this.#site.receive, none, 1);
  }

  #pollerResumed(actor: number, site: number, result: number, childData: number): void {
    const poller = this.#fabric.calls.dataOf(actor) - role.poller;
    if (site === this.#site.receive && result === outcome.ok && childData !== none) {
      this.#pollerReceipt[poller] = childData;
      this.#input.push(poller);
      if (this.#cells[cell.engineBusy] === 0) this.#startBatch();
    } else if (result === outcome.ok || result === outcome.refused) this.#poll(actor);
    else this.#activities.retryLater(actor);
  }

  #startBatch(): void {
    const { kernel, instances } = this.#fabric;
    const instance = this.active;
    if (this.#cells[cell.snapshotWaiting] !== none) return;
    const turn = this.#input.shift();
    if (turn === none) return;
    this.#cells[cell.engineBusy] = 1;
    const count = this.#commandsInTurn(turn);
    const workUs = count * this.#values.commandUs * instances.column.slowFactor[instance]!;
    kernel.schedule(
      Math.round(workUs),
      this.#engineDone,
      instance,
      instances.epoch[instance]!,
      turn,
    );
  }

  #commandsInTurn(turn: number): number {
    if (turn === this.#marketTurn) return this.symbols.length;
    if (turn === this.#correctionTurn) return 1;
    return Math.max(1, this.#queue.countOf(this.#pollerReceipt[turn]!));
  }

  /** The venue has commands of its own for the engine, which asks for them in its next turn; a new owner is asked anew. */
  askForCorrections(): void {
    if (!this.isRunning || this.#cells[cell.correcting] === 1) return;
    this.#cells[cell.correcting] = 1;
    this.#input.push(this.#correctionTurn);
    if (this.#cells[cell.engineBusy] === 0) this.#startBatch();
  }

  #executeCorrections(): void {
    this.#cells[cell.correcting] = 0;
    for (const command of this.#options.observer.corrections?.(this.engine) ?? []) {
      this.#execute(command);
    }
  }

  #askForMarketTurn(): void {
    this.#input.push(this.#marketTurn);
    if (this.#cells[cell.engineBusy] === 0) this.#startBatch();
  }

  #executeTurn(turn: number): void {
    if (turn === this.#marketTurn) this.#reopening.takeStep();
    else if (turn === this.#correctionTurn) this.#executeCorrections();
    else this.#executeBatch(turn);
    this.#cells[cell.engineBusy] = 0;
    if (this.#cells[cell.appending] === 0) this.#append(this.#cells[cell.writer]!);
    this.#releaseBatches();
    this.#takeSnapshotWhenLevel();
    this.#startBatch();
  }

  #executeBatch(poller: number): void {
    const count = this.#queue.readBatch(this.#pollerReceipt[poller]!);
    for (let at = 0; at < count; at += 1) this.#execute(this.#queue.batch[at]!);
    // A duplicate's first copy may still be on its way to the journal, so wait for all that has been staged.
    this.#pollerAwaits[poller] = this.#journal.stagedCount;
  }

  #execute(request: number): void {
    if (this.#executes(request)) {
      this.#counts[counted.executed] = this.#counts[counted.executed]! + 1;
      this.#journal.stage(request, this.#recovery.ownerEpoch);
      if (this.#isAwaited && !isMarketStep(request) && wasTurnedAway(this.engine)) {
        this.#waiters.turnAway(request);
      }
      this.#options.observer.executed(request);
    } else this.#counts[counted.duplicates] = this.duplicateCount + 1;
  }

  /** Whether a command has an effect: with a log of what was executed, only the first time that it comes. */
  #executes(request: number): boolean {
    const { requests } = this.#fabric;
    if (this.#spec.requestLog !== false) return executeRequestOnce(this.engine, requests, request);
    const before = this.engine.sequence;
    executeRequestAgain(this.engine, requests, request);
    return this.engine.sequence !== before;
  }

  #executeOwn(command: number): number {
    this.#execute(command);
    return this.#journal.stagedCount;
  }

  #append(actor: number): void {
    const first = this.#cells[cell.nextAppend]!;
    const count = Math.min(this.#journal.stagedCount - first, this.#values.appendBatchMax);
    if (count === 0) return;
    this.#cells[cell.appending] = count;
    this.#activities.call(actor, this.#site.append, first | 0, count);
  }

  #appendEnded(actor: number, result: number): void {
    if (result === outcome.refused) {
      this.#activities.stepDown(this.active);
      return;
    }
    if (result !== outcome.ok) {
      this.#activities.retryLater(actor);
      return;
    }
    const first = this.#cells[cell.nextAppend]!;
    const end = first + this.#cells[cell.appending]!;
    this.#cells[cell.nextAppend] = end;
    this.#cells[cell.appending] = 0;
    const { observer } = this.#options;
    if (this.#isAwaited || observer.acknowledged !== undefined) {
      for (let number = first; number < end; number += 1) {
        const command = this.#journal.stagedRequest(number);
        if (this.#isAwaited) this.#waiters.acknowledge(command);
        observer.acknowledged?.(command);
      }
    }
    this.#releaseBatches();
    this.#reopening.journalled(end);
    this.#outboxes.kick();
    this.#append(actor);
    this.#takeSnapshotWhenLevel();
  }

  /** Deletes from the queue the batches whose commands are all durable. */
  #releaseBatches(): void {
    const durable = this.#cells[cell.nextAppend]!;
    for (let poller = 0; poller < this.#pollerAwaits.length; poller += 1) {
      const awaits = this.#pollerAwaits[poller]!;
      if (awaits === none || awaits > durable) continue;
      this.#pollerAwaits[poller] = none;
      this.#activities.call(
        this.#pollerActor[poller]!,
        this.#site.delete,
        this.#pollerReceipt[poller]!,
        1,
      );
    }
  }

  // Durable snapshots of the books

  /** Only what is in the journal may be in a snapshot, so the engine takes no more until nothing is on its way. */
  #takeSnapshotWhenLevel(): void {
    const { kernel, instances } = this.#fabric;
    const actor = this.#cells[cell.snapshotWaiting]!;
    const isLevel = this.#journal.stagedCount === this.#cells[cell.nextAppend];
    if (actor === none || !isLevel || this.#cells[cell.engineBusy] === 1) return;
    const instance = this.active;
    const megabytes =
      this.#snapshots.take(this.engine, this.#journal.end, kernel.nowUs) / 1_000_000;
    this.#cells[cell.snapshotWaiting] = none;
    this.#cells[cell.engineBusy] = 1;
    const pauseUs = Math.round(megabytes * this.#values.snapshotPauseUsPerMb);
    kernel.schedule(pauseUs, this.#pauseOver, instance, instances.epoch[instance]!);
    this.#activities.call(actor, this.#site.store, none, Math.max(1, Math.ceil(megabytes)));
  }

  #snapshotEnded(actor: number, result: number): void {
    const { kernel, calls } = this.#fabric;
    if (result === outcome.ok) {
      this.#snapshots.completed();
      const past = this.#cells[cell.pastCount]! % pastMax;
      this.#past[past * 2] = this.#snapshots.takenUs;
      this.#past[past * 2 + 1] = this.#snapshots.position;
      this.#cells[cell.pastCount] = this.#cells[cell.pastCount]! + 1;
      this.#ownership.sendSnapshot();
    }
    const intervalUs = Math.round(this.#spec.snapshotIntervalSeconds * 1_000_000);
    kernel.schedule(intervalUs, this.#snapshotDue, actor, calls.generationOf(actor));
  }
}

/** The tier that runs the matching engine. */
export function createMatchingService(
  fabric: Fabric,
  index: number,
  spec: MatchingServiceSpec,
  options: MatchingOptions,
): MatchingService {
  return new MatchingService(fabric, index, spec, options);
}
