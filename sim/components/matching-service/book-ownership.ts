import { lognormalFromQuantiles } from "../../kernel/distributions/lognormal-from-quantiles.ts";
import { compileQuantiles, type QuantileTable } from "../../kernel/distributions/quantile-table.ts";
import type { HandlerId, KeyedStream } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { placesTalk, replicationDelayUs } from "../fabric/region-homes.ts";
import type { Journal } from "../journal/journal.ts";
import type { MarketReopening } from "./market-reopening.ts";
import type { OrderSource } from "./order-source.ts";
import type { Outboxes } from "./outboxes.ts";
import type { Recovery } from "./recovery.ts";
import type { TaskActivities } from "./task-activities.ts";
import type { VenueSnapshots } from "./venue-snapshots.ts";

const cell = {
  /** 1 while the other service of the pair owns the books than at the start. */
  swapped: 0,
  /** 1 while it takes no more commands, because another service is about to own the books. */
  yielding: 1,
} as const;

/**
 * How often a hand-over looks whether the owner is through, and after how long it lets the owner go on, microseconds.
 * Assumption: as often as log shippers make batches; two minutes are a hundred times what it takes.
 */
const handOverLookUs = 100_000;
const handOverMaxUs = 120_000_000;

/** What ownership needs of the service that it belongs to. */
interface OwnershipOptions {
  readonly id: string;
  /** Whether the other service of the pair owns the books at the start. */
  readonly isStandbyFirst: boolean;
  /** Zones of its tasks. */
  readonly zones: readonly number[];
  readonly snapshots: VenueSnapshots;
  readonly activities: TaskActivities;
  readonly recovery: Recovery;
  readonly reopening: MarketReopening;
  readonly outboxes: Outboxes;
  readonly values: {
    readonly appendBatchMax: number;
    readonly snapshotCopyUsP50: number;
    readonly snapshotCopyUsP95: number;
  };
  /** Whether the active task serves. */
  isRunning(): boolean;
  /** Whether all it was given is executed and durable. */
  isThrough(): boolean;
  beginRecovery(): void;
}

/**
 * Which of two services in two regions owns the books: one at a time. A standby's journal follows the owner's and gets
 * copies of its snapshots; people promote it after the owner is lost, or the owner hands over in good order.
 */
export class BookOwnership {
  readonly #fabric: Fabric;
  readonly #options: OwnershipOptions;
  readonly #cells: Float64Array;
  readonly #copied: HandlerId;
  readonly #copyUs: QuantileTable;
  readonly #copyDraw: KeyedStream;
  readonly #entered: number;
  /** Assembly only: the other of the pair. */
  #partner: BookOwnership | undefined;
  /** Assembly only: what looks at a hand-over. */
  #handOver: HandlerId = none;
  #journal!: Journal;
  #queue!: OrderSource;

  constructor(fabric: Fabric, options: OwnershipOptions) {
    const { kernel } = fabric;
    const { id, values } = options;
    this.#fabric = fabric;
    this.#options = options;
    this.#cells = kernel.float64Array(`${id}.ownership`, Object.keys(cell).length);
    this.#entered = fabric.log.kind("matching.stranded-entered-again", "info");
    this.#copyDraw = kernel.keyed(`${id}.snapshot-copy`);
    this.#copyUs = compileQuantiles(
      lognormalFromQuantiles({ p50: values.snapshotCopyUsP50, p95: values.snapshotCopyUsP95 }),
    );
    this.#copied = kernel.handler(`${id}.snapshot-copied`, (position, isLate) => {
      // What should have left late has not left an owner that is gone.
      if (isLate === 1 && !this.#talksTo(this.#partner!)) return;
      const isNewest = options.snapshots.pendingPosition === position;
      if (isNewest && this.#journal.pair.follows) options.snapshots.completed();
    });
  }

  /** While the platform is assembled only. */
  connect(journal: Journal, queue: OrderSource): void {
    this.#journal = journal;
    this.#queue = queue;
  }

  /** Says which other service may own the same books. While the platform is assembled only. */
  pairWith(partner: BookOwnership): void {
    this.#partner = partner;
    this.#handOver = this.#fabric.kernel.handler(
      `${this.#options.id}.hand-over`,
      (causeSeq, looks) => this.#lookAtHandOver(causeSeq, looks),
    );
  }

  /** Whether it is a standby that people have made the owner of the books. */
  get hasTakenOver(): boolean {
    return this.#options.isStandbyFirst && this.#cells[cell.swapped] === 1;
  }

  /** Whether it owns its books, or thinks so: a former owner does until it hears of the new one. */
  get isOwner(): boolean {
    return this.#options.isStandbyFirst === (this.#cells[cell.swapped] === 1);
  }

  /** Whether it takes no more commands, because the other is about to own the books. */
  get isYielding(): boolean {
    return this.#cells[cell.yielding] === 1;
  }

  /** Whether it stands by, with a copy of the journal that lacks no more than what is on its way. */
  get isStandby(): boolean {
    const owner = this.#partner;
    if (owner === undefined || this.isOwner || !this.#journal.pair.follows) return false;
    const lacking = owner.#journal.end - this.#journal.pair.replicatedEnd;
    return lacking <= this.#options.values.appendBatchMax;
  }

  /**
   * Makes a standby the owner of the books: its journal becomes the venue's history as far as it has arrived, and its task,
   * if it has one, recovers the books from there; the market then waits to be led. False when it is no standby now.
   */
  takeOver(causeSeq: number): boolean {
    if (this.isOwner || !this.#journal.pair.follows) return false;
    const { snapshots, activities, reopening, outboxes } = this.#options;
    const position = this.#journal.pair.promote(snapshots.position, causeSeq);
    this.#swap();
    reopening.leadWhenRecovered();
    // Rows since the snapshot may not have reached this region's database: they are written again.
    outboxes.takeAsDelivered(Math.min(position, snapshots.position));
    if (this.#hasTask) {
      activities.follow(causeSeq);
      this.#options.beginRecovery();
    }
    return true;
  }

  /**
   * A former owner becomes the standby of the service that took its place: its journal follows the other's, and its
   * snapshots of what never became history are thrown away. False while the regions don't talk, or when it is no former
   * owner.
   */
  becomeStandby(causeSeq: number): boolean {
    if (!this.isOwner || !this.#journal.pair.followAgain(causeSeq)) return false;
    this.#stepBack();
    return true;
  }

  /**
   * Takes the books over in good order from the owner, who is running: that takes no more commands, and as soon as all it
   * has executed is durable and has arrived here, its journal is fenced and this one goes on. False when it is no
   * standby that could.
   */
  receive(causeSeq: number): boolean {
    const owner = this.#partner;
    if (owner === undefined || this.isOwner || !this.#journal.pair.follows) return false;
    if (!owner.#options.isRunning() || !this.#talksTo(owner)) return false;
    this.#fabric.kernel.schedule(0, this.#handOver, causeSeq, 0);
    return true;
  }

  /**
   * Enters again what stands only in the journal and the queue of the owner whose place this service has taken: first what
   * that owner had executed, then what waited. What its clients have sent again meanwhile is executed once. False while
   * it has taken no place, or the regions don't talk.
   */
  enterStranded(causeSeq: number): boolean {
    const former = this.#partner;
    const canEnter = this.#queue.enter !== undefined;
    if (former === undefined || !this.isOwner || !canEnter || !this.#talksTo(former)) return false;
    const stranded = [...this.#journal.pair.takeStranded()];
    former.#queue.forEachRequest((request) => stranded.push(request));
    for (const request of stranded) this.#queue.enter?.(request);
    this.#options.activities.follow(causeSeq);
    this.#options.activities.note(this.#entered, stranded.length);
    return true;
  }

  /** The newest snapshot leaves for the region of the standby, if there is one that the regions let it reach. */
  sendSnapshot(): void {
    if (this.#partner !== undefined) this.#partner.#copyFrom(this);
  }

  #copyFrom(owner: BookOwnership): void {
    const { snapshots } = this.#options;
    if (!this.#journal.pair.follows || !this.#talksTo(owner)) return;
    const { zones } = this.#fabric;
    const lateUs = replicationDelayUs(zones, owner.#options.zones, this.#options.zones);
    if (lateUs === Number.POSITIVE_INFINITY) return;
    snapshots.takeCopy(owner.#options.snapshots);
    const position = snapshots.pendingPosition;
    const copyUs = this.#copyDraw.draw(this.#copyUs, position | 0, 0, 0);
    const isLate = lateUs > 0 ? 1 : 0;
    this.#fabric.kernel.schedule(Math.round(copyUs) + lateUs, this.#copied, position, isLate);
  }

  /**
   * Looks whether this one has a task that could serve, then whether the owner is through and everything has arrived; gives
   * up when the owner goes, or when that takes too long.
   */
  #lookAtHandOver(causeSeq: number, looks: number): void {
    const { kernel } = this.#fabric;
    const owner = this.#partner;
    if (owner === undefined || this.isOwner) return;
    const isLost = !owner.#options.isRunning() || !this.#talksTo(owner);
    if (isLost || looks * handOverLookUs >= handOverMaxUs) {
      owner.#cells[cell.yielding] = 0;
      return;
    }
    const canServe = this.#hasTask && this.#canReplay;
    if (!canServe && looks === 0) {
      kernel.schedule(handOverLookUs, this.#handOver, causeSeq, 0);
      return;
    }
    owner.#cells[cell.yielding] = 1;
    const hasArrived = this.#journal.pair.replicatedEnd === owner.#journal.end;
    if (!owner.#options.isThrough() || !hasArrived || !canServe) {
      kernel.schedule(handOverLookUs, this.#handOver, causeSeq, looks + 1);
      return;
    }
    this.takeOver(causeSeq);
    owner.#journal.pair.handOver();
    owner.#stepBack();
  }

  #swap(): void {
    this.#cells[cell.swapped] = 1 - this.#cells[cell.swapped]!;
  }

  /** It owns no books from now on; a task that still serves them ends, and the next one waits. */
  #stepBack(): void {
    const { snapshots, recovery, activities } = this.#options;
    const hasServed = this.#options.isRunning();
    this.#swap();
    this.#cells[cell.yielding] = 0;
    snapshots.discardBeyond(this.#journal.end);
    // One that is still recovering leaves off by itself.
    recovery.abandon();
    if (hasServed) activities.stepDown(activities.active);
  }

  get #hasTask(): boolean {
    const { active } = this.#options.activities;
    return active !== none && this.#fabric.instances.accepts(active);
  }

  /** Whether its snapshot and the log after it make the whole history: a log that once began anew is not whole by itself. */
  get #canReplay(): boolean {
    const owner = this.#partner;
    return owner !== undefined && this.#options.snapshots.position >= owner.#journal.begin;
  }

  #talksTo(other: BookOwnership): boolean {
    return placesTalk(this.#fabric.zones, other.#options.zones, this.#options.zones);
  }
}
