import { assert } from "../../kernel/assert.ts";
import type { IntQueue } from "../../kernel/containers/int-queue.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { TimerLane } from "../fabric/timer-lane.ts";

/** A redrive moves so many times a second as much as is due by then. Assumption: fine against its seconds. */
const tickUs = 100_000;

/** Milliseconds of a microsecond count: instants are kept as whole numbers of 31 bits, which lasts 24 days. */
const usOfMs = 1000;

const cell = {
  /** Number of the first message that is there; messages are numbered as they come. */
  head: 0,
  redriven: 1,
  expired: 2,
  /** Of the move task: messages a second, 0 while there is none; number after the last one that it moves; when it began; moved. */
  ratePerSecond: 3,
  until: 4,
  beganUs: 5,
  moved: 6,
  causeSeq: 7,
} as const;

/**
 * The dead-letter queue of a queue: what was received too often lies there, and nobody reads it, until people move it back (redrive) or
 * it has lain there for the retention. The time that it lies there counts from when it came (sqs.fifo.dlq-retention).
 *
 *   queue --received too often--> dead letters --redrive, so many a second--> end of the queue
 *                                        \--retention--> gone
 */
export class DeadLetters {
  readonly #fabric: Fabric;
  readonly #component: number;
  readonly #items: IntQueue;
  readonly #cameMs: IntQueue;
  readonly #cells: Float64Array;
  readonly #expiry: TimerLane;
  readonly #tick: HandlerId;
  readonly #moveBack: (item: number) => boolean;
  readonly #kinds;

  constructor(
    fabric: Fabric,
    options: {
      readonly component: number;
      readonly id: string;
      readonly messagesMax: number;
      readonly retentionSeconds: number;
      /** Puts what lies there where it came from; false when that is full. */
      readonly moveBack: (item: number) => boolean;
    },
  ) {
    const { kernel, log } = fabric;
    const { id, messagesMax, retentionSeconds } = options;
    this.#fabric = fabric;
    this.#component = options.component;
    this.#moveBack = options.moveBack;
    this.#items = kernel.queue(`${id}.dead-items`, messagesMax);
    this.#cameMs = kernel.queue(`${id}.dead-came-ms`, messagesMax);
    this.#cells = kernel.float64Array(`${id}.dead-letters`, Object.keys(cell).length);
    this.#expiry = new TimerLane(
      kernel,
      `${id}.dead-expiry`,
      { lengthUs: retentionSeconds * 1_000_000, timersMax: messagesMax },
      (number) => this.#expire(number),
    );
    this.#tick = kernel.handler(`${id}.redrive`, () => this.#move());
    this.#kinds = {
      first: log.kind("queue.message-dead-lettered", "info"),
      began: log.kind("queue.redrive-began", "act"),
      done: log.kind("queue.redrive-done", "recover"),
      expired: log.kind("queue.dead-letters-expired", "info"),
    };
  }

  /** Messages that lie there now. */
  get count(): number {
    return this.#items.length;
  }

  /** Messages that were moved back, and that have been there for too long, since the run began. */
  get redrivenCount(): number {
    return this.#cells[cell.redriven]!;
  }

  get expiredCount(): number {
    return this.#cells[cell.expired]!;
  }

  /** Messages that ever came. */
  get arrivedCount(): number {
    return this.#cells[cell.head]! + this.count;
  }

  /** Microseconds that the oldest has lain there; 0 when there is none. */
  get oldestAgeUs(): number {
    if (this.count === 0) return 0;
    return this.#fabric.kernel.nowUs - this.#cameMs.peek() * usOfMs;
  }

  get isRedriving(): boolean {
    return this.#cells[cell.ratePerSecond]! > 0;
  }

  /** A message comes, by its request in a queue. The log tells of the first while the queue is empty, and of a run's each thousandth. */
  add(item: number): void {
    const number = this.arrivedCount;
    if (this.count === 0 || number % 1000 === 0) {
      this.#fabric.log.append(this.#kinds.first, this.#place, -1, number + 1);
    }
    const isThere =
      this.#items.push(item) &&
      this.#cameMs.push(Math.floor(this.#fabric.kernel.nowUs / usOfMs)) &&
      this.#expiry.set(number, 0);
    assert(isThere, () => `there is no room for ${number + 1} dead letters within their retention`);
  }

  /** Calls `visit` with everything that lies there, the oldest first. */
  forEachItem(visit: (item: number) => void): void {
    for (let at = 0; at < this.#items.length; at += 1) visit(this.#items.at(at));
  }

  /**
   * Begins to move back what lies there now, so many messages a second. False while another task does (sqs.redrive). What comes meanwhile
   * is left for the next.
   */
  redrive(messagesPerSecond: number, causeSeq: number): boolean {
    if (this.isRedriving) return false;
    const { kernel, log } = this.#fabric;
    this.#cells[cell.causeSeq] = log.append(this.#kinds.began, this.#place, causeSeq, this.count);
    this.#cells[cell.ratePerSecond] = messagesPerSecond;
    this.#cells[cell.until] = this.arrivedCount;
    this.#cells[cell.beganUs] = kernel.nowUs;
    this.#cells[cell.moved] = 0;
    kernel.schedule(tickUs, this.#tick);
    return true;
  }

  #move(): void {
    const { kernel, log } = this.#fabric;
    const cells = this.#cells;
    const elapsedUs = kernel.nowUs - cells[cell.beganUs]!;
    const due = Math.floor((cells[cell.ratePerSecond]! * elapsedUs) / 1_000_000);
    while (cells[cell.head]! < cells[cell.until]! && cells[cell.moved]! < due) {
      if (!this.#moveBack(this.#items.peek())) break;
      this.#drop();
      cells[cell.moved] = cells[cell.moved]! + 1;
      cells[cell.redriven] = cells[cell.redriven]! + 1;
    }
    if (cells[cell.head]! < cells[cell.until]!) {
      kernel.schedule(tickUs, this.#tick);
      return;
    }
    cells[cell.ratePerSecond] = 0;
    log.append(this.#kinds.done, this.#place, cells[cell.causeSeq]!, cells[cell.moved]!);
  }

  /** What was moved back in time has left a timer behind that means nothing. */
  #expire(number: number): void {
    if (number < this.#cells[cell.head]!) return;
    const before = this.expiredCount;
    this.#drop();
    this.#cells[cell.expired] = before + 1;
    if (before % 1000 === 0) {
      this.#fabric.log.append(this.#kinds.expired, this.#place, -1, before + 1);
    }
  }

  #drop(): void {
    this.#items.shift();
    this.#cameMs.shift();
    this.#cells[cell.head] = this.#cells[cell.head]! + 1;
  }

  get #place() {
    return { component: this.#component };
  }
}
