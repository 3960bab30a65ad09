import { MatchingEngine } from "../../engine/matching-engine.ts";
import { MistakeList, TwinError } from "../../errors/twin-error.ts";
import { assumption, type Parameters, valuesOf } from "../../facts/parameter.ts";
import type { HandlerId, IntQueue } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import { TaskFleet } from "../ecs-fargate/task-fleet.ts";
import { taskFleetDefaults } from "../ecs-fargate/task-fleet-parameters.ts";
import type { Operation } from "../fabric/call-sites.ts";
import { causeOfSilence } from "../fabric/cause-of-silence.ts";
import type { Channel, Component } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { type FailureManner, status } from "../fabric/instances.ts";
import { outcome } from "../fabric/outcome.ts";
import { resolveParameters } from "../fabric/parameters.ts";
import { isMarketStep } from "../fabric/requests.ts";
import type { Journal } from "../journal/journal.ts";
import type { Kinesis } from "../kinesis/kinesis.ts";
import type { SqsFifo } from "../sqs-fifo/sqs-fifo.ts";
import { executeRequestOnce } from "./execute-request.ts";
import { MarketReopening, reopeningDefaults } from "./market-reopening.ts";
import type { MatchingServiceSpec } from "./matching-service-spec.ts";
import { VenueSnapshots } from "./venue-snapshots.ts";

const defaults = {
  ...taskFleetDefaults,
  ...reopeningDefaults,
  commandUs: assumption(
    400,
    "us",
    "an interpreted service (the strategy says Node or Python) decodes, matches and encodes one command",
  ),
  replayCommandsPerSecond: assumption(
    1_000_000,
    "commands/s",
    "measured for this engine: 1.5 to 1.8 million records/s checked, decoded and executed against 100,000 live orders (npm run bench:engine, replay of the journal, a shared core); a third less for a vCPU, which is half a core",
  ),
  snapshotPauseUsPerMb: assumption(
    5_000,
    "us/MB",
    "matching pauses while the books are copied in memory, about 200 MB/s",
  ),
  appendBatchMax: assumption(
    500,
    "records",
    "group commit: what has gathered while the previous write was under way",
  ),
  persistBatchMax: assumption(100, "rows", "rows of one multi-row insert"),
  publishBatchMax: assumption(500, "records", "most records of one PutRecords call"),
  outboxMax: assumption(
    200_000,
    "commands",
    "commands the service may be ahead of the database before it stops taking more",
  ),
  leaseRenewSeconds: assumption(3, "s", "a third of the lease, so that two renewals may fail"),
  retryMs: assumption(
    200,
    "ms",
    "pause before a failed call of the service's own loops is made again",
  ),
} satisfies Parameters;

/** Requests that the engine remembers to drop repetitions: more than the queue's de-duplication window can hold. */
const requestsMax = 131_072;

/** What the task is doing; order matters: each needs the one before. */
const stage = {
  none: 0,
  leasing: 1,
  opening: 2,
  loading: 3,
  reading: 4,
  replaying: 5,
  running: 6,
} as const;

/** Calls that the service makes on its own account. */
const callNames = [
  "lease",
  "open",
  "load",
  "read",
  "receive",
  "append",
  "delete",
  "persist",
  "publish",
  "store",
] as const;

type CallName = (typeof callNames)[number];

/** Roles of the long-lived activities inside the task; pollers follow from `poller` on. */
const role = {
  recovery: 0,
  writer: 1,
  persister: 2,
  publisher: 3,
  snapshotter: 4,
  keeper: 5,
  market: 6,
  poller: 8,
} as const;

const cell = {
  active: 0,
  stage: 1,
  ownerEpoch: 2,
  engineBusy: 3,
  /** First staged record that is not known to be durable. */
  nextAppend: 4,
  appending: 5,
  /** Journal positions up to which the database, and the stream, have everything. */
  persisted: 6,
  published: 7,
  persisting: 8,
  publishing: 9,
  actorCalls: 10,
  recoveryCause: 11,
  writerActor: 12,
  persisterActor: 13,
  publisherActor: 14,
  /** The activity that waits for the engine to be idle and the journal to be level, or `none`. */
  snapshotWaiting: 15,
  /** When the lease was last taken or renewed. */
  leasedUs: 16,
  /** Batch that the stream has not taken whole, or `none`, and how many records it had. */
  publishBatch: 17,
  publishCount: 18,
  /** Activity that reopens the market, and when the books were last known to be served. */
  marketActor: 19,
  servedUs: 20,
} as const;

/** By request: whether it has been acknowledged as durable, and the frame that waits to hear so. */
const waiterColumns = { durable: "uint8", frame: "int32", generation: "int32" } as const;

/** What grants the lease. */
interface LeaseStore extends Component {
  /** Microseconds for which it is granted or extended. */
  readonly leaseUs: number;
}

function isLeaseStore(component: Component): component is LeaseStore {
  return "leaseUs" in component && typeof component.leaseUs === "number";
}

/** What the twin wants to hear, for the ledger; components never see it. */
export interface MatchingObserver {
  /** The engine of the active owner executed a request for the first time in its history. */
  executed(request: number): void;
  /** An owner has recovered its books from a snapshot and the journal. */
  recovered(engine: MatchingEngine, position: number): void;
}

/** What a matching service is told besides its spec. */
export interface MatchingOptions {
  /** Symbols of the whole venue. */
  readonly symbolCount: number;
  /** Symbols whose books this service owns. */
  readonly symbols: readonly number[];
  /** Number of its lease in the table of leases. */
  readonly lease: number;
  readonly observer: MatchingObserver;
}

/**
 * The matching service: one active task with the real engine. Commands come from the queue in batches, are executed,
 * written to the journal, and only then acknowledged: deleted from the queue, told to waiting callers, stored in the
 * database and published. A new task takes a lease, fences the old owner, loads the newest snapshot and replays the
 * journal after it; then the market reopens (`MarketReopening`).
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
  readonly #parameters: typeof defaults;
  readonly #values;
  readonly #observer: MatchingObserver;
  /** Number of the lease that says who owns these books. */
  readonly #lease: number;
  readonly #symbolsOwned: number;
  readonly #snapshots: VenueSnapshots;
  readonly #reopening: MarketReopening;
  readonly #cells: Float64Array;
  readonly #pollerActor: Int32Array;
  readonly #pollerReceipt: Int32Array;
  /** Staged number that must be durable before the poller may delete its messages; `none` while it has no batch. */
  readonly #pollerAwaits: Float64Array;
  /** Whose turn it is with the engine: pollers by number, then the market itself. */
  readonly #input: IntQueue;
  readonly #marketTurn: number;
  readonly #waiters;
  readonly #counts: Float64Array;
  readonly #engineDone: HandlerId;
  readonly #replayed: HandlerId;
  readonly #again: HandlerId;
  readonly #snapshotDue: HandlerId;
  readonly #pauseOver: HandlerId;
  readonly #kinds;
  #queue!: SqsFifo;
  #journal!: Journal;
  #stream!: Kinesis;
  /** Whether any flow waits for the journal. Assembly only. */
  #isAwaited = true;
  #site!: Readonly<Record<CallName, number>>;
  /** As long as the store grants the lease: an owner that could not renew it by then ends itself. Assembly only. */
  #leaseUs!: number;

  constructor(fabric: Fabric, index: number, spec: MatchingServiceSpec, options: MatchingOptions) {
    const { kernel, log } = fabric;
    this.id = spec.id;
    this.index = index;
    this.#fabric = fabric;
    this.#spec = spec;
    this.#observer = options.observer;
    this.#lease = options.lease;
    this.#symbolsOwned = options.symbols.length;
    this.#parameters = resolveParameters(spec.id, defaults, spec.parameters);
    this.#values = valuesOf(this.#parameters);
    this.operations = [{ name: "await-journal", decides: true }];
    this.engine = new MatchingEngine({ symbolCount: options.symbolCount, requestsMax });
    kernel.register(`${spec.id}.engine`, this.engine);
    this.#snapshots = new VenueSnapshots(kernel, spec.id);
    this.#cells = kernel.float64Array(`${spec.id}.cells`, Object.keys(cell).length);
    this.#cells[cell.active] = none;
    this.#cells[cell.snapshotWaiting] = none;
    this.#cells[cell.publishBatch] = none;
    this.#pollerActor = kernel.int32Array(`${spec.id}.poller-actor`, spec.pollerCount).fill(none);
    this.#pollerReceipt = kernel
      .int32Array(`${spec.id}.poller-receipt`, spec.pollerCount)
      .fill(none);
    this.#pollerAwaits = kernel
      .float64Array(`${spec.id}.poller-awaits`, spec.pollerCount)
      .fill(none);
    this.#input = kernel.queue(`${spec.id}.input`, spec.pollerCount + 1);
    this.#marketTurn = spec.pollerCount;
    this.#reopening = new MarketReopening(fabric, spec.id, this.#values, {
      engine: this.engine,
      symbols: options.symbols,
      askForTurn: () => this.#askForMarketTurn(),
      executeOwn: (command) => this.#executeOwn(command),
      wakeAfter: (seconds) => this.#retryAfter(this.#cells[cell.marketActor]!, seconds * 1000),
      note: (kind, value) => this.#note(kind, this.active, value),
    });
    this.#waiters = kernel.table(`${spec.id}.waiters`, waiterColumns, {
      rowsInitial: 16,
      rowsMax: 50_000_000,
    });
    this.#counts = kernel.float64Array(`${spec.id}.counts`, 3);
    this.#engineDone = kernel.handler(`${spec.id}.engine-done`, (instance, epoch, turn) => {
      if (this.#isCurrent(instance, epoch)) this.#executeTurn(turn);
    });
    this.#replayed = kernel.handler(`${spec.id}.replayed`, (instance, epoch) => {
      if (this.#isCurrent(instance, epoch)) this.#finishRecovery(instance);
    });
    this.#again = kernel.handler(`${spec.id}.again`, (actor, generation) => {
      if (fabric.calls.generationOf(actor) === generation) this.#act(actor);
    });
    this.#snapshotDue = kernel.handler(`${spec.id}.snapshot-due`, (actor, generation) => {
      if (fabric.calls.generationOf(actor) !== generation) return;
      this.#cells[cell.snapshotWaiting] = actor;
      this.#takeSnapshotWhenLevel();
    });
    this.#pauseOver = kernel.handler(`${spec.id}.pause-over`, (instance, epoch) => {
      if (!this.#isCurrent(instance, epoch)) return;
      this.#cells[cell.engineBusy] = 0;
      this.#startBatch();
    });
    this.#kinds = {
      leased: log.kind("matching.lease-taken", "act"),
      opened: log.kind("matching.journal-fenced", "act"),
      loaded: log.kind("matching.snapshot-loaded", "recover"),
      recovered: log.kind("matching.books-recovered", "recover"),
      fenced: log.kind("matching.old-owner-fenced", "info"),
    };
    this.fleet = new TaskFleet(
      fabric,
      {
        id: spec.id,
        component: index,
        zones: spec.zones.map((zone) => fabric.zone(zone)),
        taskCount: 1,
        tasksMax: 8,
        vcpu: spec.vcpu,
        insideMax: 1_000_000,
        containerHealthCheck: true,
        // Two owners would only fence each other: the old one goes before the new one comes.
        replacement: "stop-first",
        rebalancing: false,
        values: this.#values,
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
    const spec = this.#spec;
    this.#queue = fabric.component(spec.queue) as SqsFifo;
    this.#journal = fabric.component(spec.journal) as Journal;
    this.#stream = fabric.component(spec.stream) as Kinesis;
    this.#site = this.#sitesOfCalls();
    this.#leaseUs = this.#leaseStore().leaseUs;
    this.#isAwaited = fabric.sites.some((site) => site.component === this.index);
    this.fleet.start();
  }

  /** The calls that the service makes on its own account; each must be declared by the topology. */
  #sitesOfCalls(): Readonly<Record<CallName, number>> {
    const mistakes = new MistakeList();
    const sites = Object.fromEntries(
      callNames.map((name) => {
        const site = this.#fabric.actorSite(this.id, name);
        if (site === none) {
          mistakes.add({
            code: "topology.actor-call-missing",
            problem: `The matching service "${this.id}" makes a call "${name}" that is not declared`,
            remedy: `Declare an actor call "${name}" of "${this.id}"`,
            at: `/actorCalls/${this.id}/${name}`,
          });
        }
        return [name, site];
      }),
    ) as Record<CallName, number>;
    mistakes.throwIfAny("The topology");
    return sites;
  }

  /** The component that grants the lease; it alone says for how long. */
  #leaseStore(): LeaseStore {
    const store = this.#fabric.components[this.#fabric.sites[this.#site.lease]!.component];
    if (store !== undefined && isLeaseStore(store)) return store;
    throw new TwinError({
      code: "topology.lease-store-unfit",
      problem: `The matching service "${this.id}" takes its lease from "${store?.id}", which grants none`,
      remedy: `Let the actor call "lease" of "${this.id}" go to a dynamodb component`,
      at: `/actorCalls/${this.id}/lease/to`,
    });
  }

  /** Instance of the task that owns the books, or `none`. */
  get active(): number {
    return this.#cells[cell.active]!;
  }

  /** Whether the active task serves: it has recovered its books and still stands. */
  get isRunning(): boolean {
    const isUp = this.active !== none && this.#fabric.instances.accepts(this.active);
    return isUp && this.#cells[cell.stage] === stage.running;
  }

  /**
   * The books as the venue holds them: those of the running task, or what a recovery would rebuild now from the
   * newest snapshot and the journal. `undefined` while the journal can't be read.
   */
  heldBooks(): MatchingEngine | undefined {
    if (this.isRunning) return this.engine;
    if (!this.#journal.isReachable) return undefined;
    const engine = new MatchingEngine({ symbolCount: this.engine.symbolCount, requestsMax });
    this.#snapshots.restoreInto(engine);
    for (let at = this.#snapshots.position; at < this.#journal.end; at += 1) {
      executeRequestOnce(engine, this.#fabric.requests, this.#journal.requestAt(at));
    }
    return engine;
  }

  /** Requests that the engine has executed and the journal does not have yet, in order. */
  executedNotDurable(): number[] {
    const requests: number[] = [];
    if (!this.isRunning) return requests;
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
    const { calls } = this.#fabric;
    const request = calls.dataOf(frame);
    this.#knowRequest(request);
    if (this.#waiters.column.durable[request] === 1) return outcome.ok;
    this.#waiters.column.frame[request] = frame;
    this.#waiters.column.generation[request] = calls.generationOf(frame);
    return outcome.parked;
  }

  instanceFailed(_instance: number, _manner: FailureManner, _causeSeq: number): void {
    // The fleet's control plane notices by itself; what the task held in memory has gone with it.
  }

  setControlPlaneFrozen(frozen: boolean): void {
    this.fleet.setFrozen(frozen);
  }

  powerRestored(instance: number, causeSeq: number): void {
    this.fleet.powerRestored(instance, causeSeq);
  }

  channels(): readonly Channel[] {
    const position = () => this.#journal.end;
    return [
      { name: "tasks-running", unit: "tasks", kind: "level", read: () => this.fleet.runningCount },
      { name: "tasks-starting", unit: "tasks", kind: "level", read: () => this.fleet.pendingCount },
      {
        name: "stage of recovery",
        unit: "0 none .. 6 running",
        kind: "level",
        read: () => this.#cells[cell.stage]!,
      },
      { name: "executed", unit: "commands", kind: "count", read: () => this.#counts[0]! },
      { name: "duplicates dropped", unit: "commands", kind: "count", read: () => this.#counts[1]! },
      {
        name: "not persisted yet",
        unit: "commands",
        kind: "level",
        read: () => position() - this.#cells[cell.persisted]!,
      },
      {
        name: "market state",
        unit: "0 pre-open, 1 auction, 2 continuous, 3 halted, 4 cancel-only",
        kind: "level",
        read: () => this.engine.phaseOf(0),
      },
      {
        name: "open orders",
        unit: "orders",
        kind: "level",
        read: () => this.engine.openOrderCount,
      },
    ];
  }

  parameters(): Parameters {
    return this.#parameters;
  }

  /** Commands that came again and had no second effect. */
  get duplicateCount(): number {
    return this.#counts[1]!;
  }

  /** Executes a request as part of the opening state, before the run begins: the books that were there already. */
  preload(request: number): void {
    executeRequestOnce(this.engine, this.#fabric.requests, request);
    this.#journalOf().preload(request);
    this.#cells[cell.persisted] = this.#journalOf().end;
    this.#cells[cell.published] = this.#journalOf().end;
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
      if (result !== outcome.timedOut) this.#stepDown(instance);
      return;
    }
    if (held === role.recovery) this.#recoveryStep(actor, site, result);
    else if (held === role.writer) this.#appendEnded(actor, result);
    else if (held === role.persister) this.#persistEnded(actor, result);
    else if (held === role.publisher) this.#publishEnded(actor, result);
    else if (held === role.snapshotter) this.#snapshotEnded(actor, result);
    else if (held === role.keeper) this.#leaseRenewed(actor, result);
    else this.#pollerResumed(actor, site, result, childData);
  }

  // Taking over

  #takeOver(instance: number, causeSeq: number): void {
    const { calls } = this.#fabric;
    this.#cells[cell.active] = instance;
    this.#cells[cell.stage] = stage.leasing;
    this.#cells[cell.recoveryCause] = causeSeq;
    this.#cells[cell.engineBusy] = 0;
    this.#cells[cell.appending] = 0;
    this.#cells[cell.persisting] = 0;
    this.#cells[cell.publishing] = 0;
    this.#cells[cell.snapshotWaiting] = none;
    this.#cells[cell.publishBatch] = none;
    this.#input.clear();
    this.#reopening.forget();
    this.#pollerActor.fill(none);
    this.#pollerReceipt.fill(none);
    this.#pollerAwaits.fill(none);
    const actor = calls.startActor(instance, role.recovery);
    this.#act(actor);
  }

  /** Makes the next call of an activity, as its role and the stage of the service ask for. */
  #act(actor: number): void {
    const { calls } = this.#fabric;
    if (calls.instanceOf(actor) !== this.active) return;
    const held = calls.dataOf(actor);
    if (held === role.recovery) this.#recover(actor);
    else if (held === role.writer) this.#append(actor);
    else if (held === role.persister) this.#persist(actor);
    else if (held === role.publisher) this.#publish(actor);
    else if (held === role.keeper) this.#call(actor, this.#site.lease, this.#lease, 1);
    else if (held === role.market) this.#reopening.next();
    else if (held >= role.poller) this.#poll(actor);
  }

  #call(actor: number, site: number, data: number, itemCount: number): void {
    const key = this.#cells[cell.actorCalls]! + 1;
    this.#cells[cell.actorCalls] = key;
    this.#fabric.calls.callAsActor(actor, site, key | 0, data, itemCount);
  }

  #retryLater(actor: number): void {
    this.#retryAfter(actor, this.#values.retryMs);
  }

  #retryAfter(actor: number, delayMs: number): void {
    const { kernel, calls } = this.#fabric;
    kernel.schedule(Math.round(delayMs * 1000), this.#again, actor, calls.generationOf(actor));
  }

  #recover(actor: number): void {
    const at = this.#cells[cell.stage]!;
    const ownerEpoch = this.#cells[cell.ownerEpoch]!;
    const snapshotMb = Math.max(1, Math.ceil(this.#snapshots.byteLength / 1_000_000));
    if (at === stage.leasing) this.#call(actor, this.#site.lease, this.#lease, 1);
    else if (at === stage.opening) this.#call(actor, this.#site.open, ownerEpoch + 1, 1);
    else if (at === stage.loading) this.#call(actor, this.#site.load, none, snapshotMb);
    else this.#call(actor, this.#site.read, none, Math.max(1, this.#recordsToReplay()));
  }

  #recordsToReplay(): number {
    return Math.max(0, this.#journal.end - this.#snapshots.position);
  }

  #recoveryStep(actor: number, site: number, result: number): void {
    const { kernel, calls, instances } = this.#fabric;
    if (result !== outcome.ok) {
      this.#retryLater(actor);
      return;
    }
    const instance = this.active;
    if (site === this.#site.lease) {
      this.#cells[cell.leasedUs] = kernel.nowUs;
      this.#note(this.#kinds.leased, instance, 0);
      this.#cells[cell.stage] = stage.opening;
    } else if (site === this.#site.open) {
      this.#cells[cell.ownerEpoch] = this.#cells[cell.ownerEpoch]! + 1;
      this.#note(this.#kinds.opened, instance, this.#cells[cell.ownerEpoch]!);
      this.#cells[cell.stage] = stage.loading;
    } else if (site === this.#site.load) {
      this.#note(
        this.#kinds.loaded,
        instance,
        (kernel.nowUs - this.#snapshots.takenUs) / 1_000_000,
      );
      this.#cells[cell.stage] = stage.reading;
    } else {
      this.#cells[cell.stage] = stage.replaying;
      const replayUs = (this.#recordsToReplay() * 1_000_000) / this.#values.replayCommandsPerSecond;
      kernel.schedule(Math.round(replayUs), this.#replayed, instance, instances.epoch[instance]!);
      calls.endActor(actor);
      return;
    }
    this.#recover(actor);
  }

  #finishRecovery(instance: number): void {
    const { calls, requests, kernel } = this.#fabric;
    const from = this.#snapshots.position;
    this.#resetEngine();
    if (this.#journal.wasLost) {
      this.#journal.restartAt(from);
      // What database and stream have beyond it is of the lost history; the new one follows from here.
      this.#cells[cell.persisted] = Math.min(this.#cells[cell.persisted]!, from);
      this.#cells[cell.published] = Math.min(this.#cells[cell.published]!, from);
    }
    for (let position = from; position < this.#journal.end; position += 1) {
      executeRequestOnce(this.engine, requests, this.#journal.requestAt(position));
    }
    this.#cells[cell.stage] = stage.running;
    this.#cells[cell.nextAppend] = this.#journal.stagedCount;
    this.#note(this.#kinds.recovered, instance, this.#journal.end - from);
    this.#observer.recovered(this.engine, this.#journal.end);
    const outageUs = kernel.nowUs - this.#cells[cell.servedUs]!;
    this.#cells[cell.servedUs] = kernel.nowUs;
    this.#cells[cell.writerActor] = calls.startActor(instance, role.writer);
    this.#cells[cell.persisterActor] = calls.startActor(instance, role.persister);
    this.#cells[cell.publisherActor] = calls.startActor(instance, role.publisher);
    const snapshotter = calls.startActor(instance, role.snapshotter);
    const intervalUs = Math.round(this.#spec.snapshotIntervalSeconds * 1_000_000);
    kernel.schedule(intervalUs, this.#snapshotDue, snapshotter, calls.generationOf(snapshotter));
    this.#retryAfter(
      calls.startActor(instance, role.keeper),
      this.#values.leaseRenewSeconds * 1000,
    );
    this.#cells[cell.marketActor] = calls.startActor(instance, role.market);
    // Before the first poll, so that nothing is executed before the market's state is known.
    this.#reopening.begin(outageUs);
    for (let poller = 0; poller < this.#spec.pollerCount; poller += 1) {
      const actor = calls.startActor(instance, role.poller + poller);
      this.#pollerActor[poller] = actor;
      this.#poll(actor);
    }
    this.#kickOutboxes();
  }

  /** A fresh engine in the state of the newest snapshot, as a new process has it. */
  #resetEngine(): void {
    const empty = new MatchingEngine({
      symbolCount: this.engine.symbolCount,
      requestsMax,
    });
    const bytes = new ArrayBuffer(empty.byteLength());
    empty.write(new DataView(bytes), 0);
    this.engine.read(new DataView(bytes), 0, bytes.byteLength);
    this.#snapshots.restoreInto(this.engine);
  }

  #leaseRenewed(actor: number, result: number): void {
    const { kernel } = this.#fabric;
    const heldUs = kernel.nowUs - this.#cells[cell.leasedUs]!;
    if (result === outcome.ok) {
      this.#cells[cell.leasedUs] = kernel.nowUs;
      this.#cells[cell.servedUs] = kernel.nowUs;
      this.#retryAfter(actor, this.#values.leaseRenewSeconds * 1000);
    } else if (result === outcome.refused || heldUs >= this.#leaseUs) {
      this.#stepDown(this.active);
    } else this.#retryLater(actor);
  }

  /** An owner that has lost its lease, or is refused by the journal, ends its process: another may own the books. */
  #stepDown(instance: number): void {
    const { calls, instances, log } = this.#fabric;
    const place = { component: this.index, instance, zone: instances.column.zone[instance]! };
    const cause = causeOfSilence(this.#fabric, instance);
    instances.column.causeSeq[instance] = log.append(this.#kinds.fenced, place, cause);
    calls.failInstance(instance, "crash");
    if (instance === this.active) this.#cells[cell.active] = none;
  }

  // The command path

  #poll(actor: number): void {
    const behind = this.#journal.end - this.#cells[cell.persisted]!;
    if (behind > this.#values.outboxMax) this.#retryLater(actor);
    else this.#call(actor, this.#site.receive, none, 1);
  }

  #pollerResumed(actor: number, site: number, result: number, childData: number): void {
    const poller = this.#fabric.calls.dataOf(actor) - role.poller;
    if (site === this.#site.receive && result === outcome.ok && childData !== none) {
      this.#pollerReceipt[poller] = childData;
      this.#input.push(poller);
      if (this.#cells[cell.engineBusy] === 0) this.#startBatch();
    } else if (result === outcome.ok || result === outcome.refused) this.#poll(actor);
    else this.#retryLater(actor);
  }

  #startBatch(): void {
    const { kernel, instances } = this.#fabric;
    const instance = this.active;
    if (this.#cells[cell.snapshotWaiting] !== none) return;
    const turn = this.#input.shift();
    if (turn === none) return;
    this.#cells[cell.engineBusy] = 1;
    const count =
      turn === this.#marketTurn
        ? this.#symbolsOwned
        : Math.max(1, this.#queue.countOf(this.#pollerReceipt[turn]!));
    const workUs = count * this.#values.commandUs * instances.column.slowFactor[instance]!;
    kernel.schedule(
      Math.round(workUs),
      this.#engineDone,
      instance,
      instances.epoch[instance]!,
      turn,
    );
  }

  #askForMarketTurn(): void {
    this.#input.push(this.#marketTurn);
    if (this.#cells[cell.engineBusy] === 0) this.#startBatch();
  }

  #executeTurn(turn: number): void {
    if (turn === this.#marketTurn) this.#reopening.takeStep();
    else this.#executeBatch(turn);
    this.#cells[cell.engineBusy] = 0;
    if (this.#cells[cell.appending] === 0) this.#append(this.#cells[cell.writerActor]!);
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
    if (executeRequestOnce(this.engine, this.#fabric.requests, request)) {
      this.#counts[0] = this.#counts[0]! + 1;
      this.#journal.stage(request, this.#cells[cell.ownerEpoch]!);
      this.#observer.executed(request);
    } else this.#counts[1] = this.#counts[1]! + 1;
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
    this.#call(actor, this.#site.append, first | 0, count);
  }

  #appendEnded(actor: number, result: number): void {
    if (result === outcome.refused) {
      this.#stepDown(this.active);
      return;
    }
    if (result !== outcome.ok) {
      this.#retryLater(actor);
      return;
    }
    const first = this.#cells[cell.nextAppend]!;
    const end = first + this.#cells[cell.appending]!;
    this.#cells[cell.nextAppend] = end;
    this.#cells[cell.appending] = 0;
    for (let number = first; number < end; number += 1)
      this.#acknowledge(this.#journal.stagedRequest(number));
    this.#releaseBatches();
    this.#reopening.journalled(end);
    this.#kickOutboxes();
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
      this.#call(this.#pollerActor[poller]!, this.#site.delete, this.#pollerReceipt[poller]!, 1);
    }
  }

  #acknowledge(request: number): void {
    if (!this.#isAwaited || isMarketStep(request)) return;
    this.#knowRequest(request);
    const waiters = this.#waiters.column;
    waiters.durable[request] = 1;
    const frame = waiters.frame[request]!;
    if (frame === none) return;
    waiters.frame[request] = none;
    this.#fabric.calls.complete(frame, waiters.generation[request]!, outcome.ok);
  }

  #knowRequest(request: number): void {
    while (this.#waiters.rowCount <= request) {
      const row = this.#waiters.append();
      this.#waiters.column.frame[row] = none;
    }
  }

  // What follows a durable command

  #kickOutboxes(): void {
    if (this.#cells[cell.persisting] === 0) this.#persist(this.#cells[cell.persisterActor]!);
    if (this.#cells[cell.publishing] === 0) this.#publish(this.#cells[cell.publisherActor]!);
  }

  #persist(actor: number): void {
    const from = this.#cells[cell.persisted]!;
    const count = Math.min(this.#journal.end - from, this.#values.persistBatchMax);
    this.#cells[cell.persisting] = count;
    if (count > 0) this.#call(actor, this.#site.persist, from, count);
  }

  #persistEnded(actor: number, result: number): void {
    if (result !== outcome.ok) {
      this.#retryLater(actor);
      return;
    }
    this.#cells[cell.persisted] = this.#cells[cell.persisted]! + this.#cells[cell.persisting]!;
    this.#persist(actor);
  }

  #publish(actor: number): void {
    const open = this.#cells[cell.publishBatch]!;
    const batch = open === none ? this.#openBatch() : open;
    this.#cells[cell.publishBatch] = batch;
    this.#cells[cell.publishing] = batch === none ? 0 : 1;
    if (batch === none) return;
    this.#call(actor, this.#site.publish, batch, this.#stream.batches.count(batch));
  }

  /** A batch of what follows in the journal; `none` when there is nothing, or no room for a batch. */
  #openBatch(): number {
    const from = this.#cells[cell.published]!;
    const count = Math.min(this.#journal.end - from, this.#values.publishBatchMax);
    const batch = count > 0 ? this.#stream.batches.open(this.active) : none;
    if (batch === none) return none;
    const { requests } = this.#fabric;
    let added = 0;
    while (added < count) {
      const request = this.#journal.requestAt(from + added);
      if (!this.#stream.batches.add(batch, request, requests.symbolOf(request))) break;
      added += 1;
    }
    this.#cells[cell.publishCount] = added;
    return batch;
  }

  #publishEnded(actor: number, result: number): void {
    const batch = this.#cells[cell.publishBatch]!;
    if (this.#stream.batches.answered(batch, result) > 0) {
      this.#retryLater(actor);
      return;
    }
    this.#stream.batches.close(batch);
    this.#cells[cell.publishBatch] = none;
    this.#cells[cell.published] = this.#cells[cell.published]! + this.#cells[cell.publishCount]!;
    this.#publish(actor);
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
    this.#call(actor, this.#site.store, none, Math.max(1, Math.ceil(megabytes)));
  }

  #snapshotEnded(actor: number, result: number): void {
    const { kernel, calls } = this.#fabric;
    if (result === outcome.ok) this.#snapshots.completed();
    const intervalUs = Math.round(this.#spec.snapshotIntervalSeconds * 1_000_000);
    kernel.schedule(intervalUs, this.#snapshotDue, actor, calls.generationOf(actor));
  }

  #isCurrent(instance: number, epoch: number): boolean {
    const { instances } = this.#fabric;
    if (instance !== this.active || instances.epoch[instance] !== epoch) return false;
    // A hung process does nothing with what it had begun.
    return instances.column.status[instance] !== status.hung;
  }

  #note(kind: number, instance: number, value: number): void {
    const place = {
      component: this.index,
      instance,
      zone: this.#fabric.instances.column.zone[instance]!,
    };
    this.#cells[cell.recoveryCause] = this.#fabric.log.append(
      kind,
      place,
      this.#cells[cell.recoveryCause]!,
      value,
    );
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
