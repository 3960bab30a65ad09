import type { MatchingEngine } from "../../engine/matching-engine.ts";
import { type Parameters, valuesOf } from "../../facts/parameter.ts";
import { none } from "../../kernel/none.ts";
import { hostsOf } from "../ecs-fargate/hosts-of.ts";
import { TaskFleet } from "../ecs-fargate/task-fleet.ts";
import type { Operation } from "../fabric/call-sites.ts";
import type { Channel } from "../fabric/channel.ts";
import type { Component, Release } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import type { FailureManner } from "../fabric/instances.ts";
import { outcome } from "../fabric/outcome.ts";
import { resolveParameters } from "../fabric/parameters.ts";
import type { Journal } from "../journal/journal.ts";
import type { PutBatches } from "../kinesis/put-batches.ts";
import { BookOwnership } from "./book-ownership.ts";
import { CommandPath } from "./command-path.ts";
import { executeRequestOnce } from "./execute-request.ts";
import { LeaseKeeping } from "./lease-keeping.ts";
import { MarketReopening, type MarketState } from "./market-reopening.ts";
import { type CallSitesByName, sitesOfCalls } from "./matching-calls.ts";
import { matchingChannels } from "./matching-channels.ts";
import type { MatchingObserver } from "./matching-observer.ts";
import { matchingDefaults } from "./matching-parameters.ts";
import type { MatchingServiceSpec } from "./matching-service-spec.ts";
import type { OrderSource } from "./order-source.ts";
import { Outboxes } from "./outboxes.ts";
import { PoisonedCommands } from "./poisoned-commands.ts";
import { newBooks, Recovery } from "./recovery.ts";
import { SnapshotTaking } from "./snapshot-taking.ts";
import { role, TaskActivities } from "./task-activities.ts";
import { VenueSnapshots } from "./venue-snapshots.ts";

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
  readonly writesRowsOfManyUsers = true;
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
  readonly #commands: CommandPath;
  readonly #snapshotTaking: SnapshotTaking;
  readonly #lease: LeaseKeeping;
  /** [activity that reopens the market] */
  readonly #marketActivity: Int32Array;
  /** Whether this one or the service of another region owns the books. */
  readonly #ownership: BookOwnership;
  /** A standby runs the same program, and shares its owner's. Assembly only. */
  #poisoned: PoisonedCommands;
  #journal!: Journal;
  #site!: CallSitesByName;

  constructor(fabric: Fabric, index: number, spec: MatchingServiceSpec, options: MatchingOptions) {
    const { kernel } = fabric;
    const { id } = spec;
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
    this.#poisoned = new PoisonedCommands(fabric, id);
    this.#marketActivity = kernel.int32Array(`${id}.market-activity`, 1);
    this.#lease = new LeaseKeeping(fabric, {
      id,
      lease: options.lease,
      renewSeconds: this.#values.leaseRenewSeconds,
      activities: () => this.#activities,
    });
    this.#commands = this.#newCommandPath();
    this.#recovery = new Recovery(fabric, {
      id,
      engine: this.engine,
      snapshots: this.#snapshots,
      activities: () => this.#activities,
      lease: options.lease,
      hasRequestLog: spec.requestLog !== false,
      replayCommandsPerSecond: this.#values.replayCommandsPerSecond,
      leased: () => this.#lease.taken(),
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
      askForTurn: () => this.#commands.askForMarketTurn(),
      executeOwn: (command) => this.#commands.executeOwn(command),
      wakeAfter: (seconds) => this.#activities.wakeAfter(this.#marketActivity[0]!, seconds * 1000),
      note: (kind, value) => this.#activities.note(kind, value),
    });
    this.#snapshotTaking = new SnapshotTaking(fabric, {
      id,
      engine: this.engine,
      snapshots: this.#snapshots,
      activities: this.#activities,
      commands: this.#commands,
      intervalSeconds: spec.snapshotIntervalSeconds,
      pauseUsPerMb: this.#values.snapshotPauseUsPerMb,
      stored: () => this.#ownership.sendSnapshot(),
    });
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
      isThrough: () => this.isRunning && this.#commands.isThrough,
      beginRecovery: () => this.#beginRecovery(),
    });
    this.fleet = this.#newFleet();
  }

  #newCommandPath(): CommandPath {
    return new CommandPath(this.#fabric, {
      id: this.id,
      engine: this.engine,
      pollerCount: this.#spec.pollerCount,
      hasRequestLog: this.#spec.requestLog !== false,
      values: this.#values,
      observer: this.#options.observer,
      activities: () => this.#activities,
      ownerEpoch: () => this.#recovery.ownerEpoch,
      symbolCount: () => this.symbols.length,
      takesNone: () => this.#outboxes.isFull || this.#ownership.isYielding,
      isSnapshotWaiting: () => this.#snapshotTaking.isWaiting,
      diesOf: (command) => this.#poisoned.kill(command, this.#activities),
      takeMarketStep: () => this.#reopening.takeStep(),
      journalled: (end) => {
        this.#reopening.journalled(end);
        this.#outboxes.kick();
      },
      settled: () => this.#snapshotTaking.takeWhenLevel(),
    });
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
    const queue = fabric.component(this.#spec.queue) as unknown as OrderSource;
    this.#journal = this.#journalOf();
    this.#site = sitesOfCalls(fabric, this.id);
    this.#lease.connect(this.#site.lease);
    this.#commands.connect({
      queue,
      journal: this.#journal,
      site: this.#site,
      isAwaited: fabric.sites.some((site) => site.component === this.index),
    });
    this.#snapshotTaking.connect(this.#journal, this.#site);
    this.#recovery.connect(this.#journal, this.#site);
    this.#connectOutboxes();
    this.#ownership.connect(this.#journal, queue);
    if (this.#spec.standbyFor !== undefined) {
      const owner = fabric.component(this.#spec.standbyFor) as MatchingService;
      owner.#ownership.pairWith(this.#ownership);
      this.#ownership.pairWith(owner.#ownership);
      this.#poisoned = owner.#poisoned;
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
    this.#outboxes.rewriteFrom(this.#snapshotTaking.positionBefore(sinceUs));
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
    return this.#commands.awaitJournal(frame);
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

  deploy(release: Release, causeSeq: number): number {
    return this.fleet.deploy(release, causeSeq);
  }

  get releaseNumber(): number {
    return this.fleet.releaseNumber;
  }

  /** The first `count` orders from now on kill the process that executes them, each time, until `endPoison`. */
  poison(count: number, causeSeq: number): void {
    this.#poisoned.await(count, causeSeq);
  }

  endPoison(): void {
    this.#poisoned.end();
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

  /** Trading is halted from outside; without an engine, the next owner of the books halts it and waits. */
  haltMarket(causeSeq: number): void {
    if (this.isRunning) this.#activities.follow(causeSeq);
    this.#reopening.halt(this.isRunning);
  }

  /** The halt is over: the market reopens as after an outage, unless people lead it by now. */
  endHalt(causeSeq: number): void {
    if (this.isRunning) this.#activities.follow(causeSeq);
    this.#reopening.endHalt(this.isRunning);
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
      executedCount: () => this.#commands.executedCount,
      duplicateCount: () => this.#commands.duplicateCount,
      notPersistedCount: () => this.#outboxes.behind,
    });
  }

  parameters(): Parameters {
    return this.#parameters;
  }

  /** Commands that came again and had no second effect. */
  get duplicateCount(): number {
    return this.#commands.duplicateCount;
  }

  /** The venue has commands of its own for the engine; not heard while there is no owner that serves. */
  askForCorrections(): void {
    if (this.isRunning) this.#commands.askForCorrections();
  }

  /** Executes a request as part of the opening state, before the run begins: the books that were there already. */
  preload(request: number): void {
    executeRequestOnce(this.engine, this.#fabric.requests, request);
    this.#journalOf().preload(request);
    this.#outboxes.takeAsDelivered(this.#journalOf().end);
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
    else if (held === role.writer) this.#commands.appendEnded(actor, result);
    else if (held === role.persister) this.#outboxes.persistEnded(actor, result);
    else if (held === role.publisher) this.#outboxes.publishEnded(actor, result);
    else if (held === role.snapshotter) this.#snapshotTaking.storeEnded(actor, result);
    else if (held === role.keeper) this.#lease.renewEnded(actor, result);
    else this.#commands.pollerResumed(actor, site, result, childData);
  }

  /** Makes the next call of an activity, as its role and the stage of the service ask for. */
  #act(actor: number): void {
    const { calls } = this.#fabric;
    if (calls.instanceOf(actor) !== this.active) return;
    const held = calls.dataOf(actor);
    if (held === role.recovery) this.#recovery.act(actor);
    else if (held === role.writer) this.#commands.append(actor);
    else if (held === role.persister) this.#outboxes.persist(actor);
    else if (held === role.publisher) this.#outboxes.publish(actor);
    else if (held === role.keeper) this.#lease.renew(actor);
    else if (held === role.market) this.#reopening.next();
    else if (held >= role.poller) this.#commands.poll(actor);
  }

  // Taking over

  #takeOver(instance: number, causeSeq: number): void {
    this.#activities.setActive(instance, causeSeq);
    if (this.isOwner) this.#beginRecovery();
  }

  #beginRecovery(): void {
    this.#recovery.begin();
    this.#commands.forget();
    this.#snapshotTaking.forget();
    this.#outboxes.forget();
    this.#reopening.forget();
    this.#recovery.act(this.#activities.begin(role.recovery));
  }

  /** The books are there: every activity of a serving owner begins. */
  #beginService(): void {
    this.#options.observer.recovered(this.engine, this.#journal.end);
    this.#commands.beginWriting();
    this.#outboxes.begin();
    this.#snapshotTaking.begin();
    const outageUs = this.#lease.begin();
    this.#marketActivity[0] = this.#activities.begin(role.market);
    // Before the first poll, so that nothing is executed before the market's state is known.
    this.#reopening.begin(outageUs);
    this.#commands.beginPolling();
    this.#outboxes.kick();
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
