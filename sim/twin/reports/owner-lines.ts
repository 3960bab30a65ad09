import type { AssembledFabric } from "../../components/fabric/assemble.ts";
import { status } from "../../components/fabric/instances.ts";
import { outsideZone } from "../../components/fabric/zones.ts";
import type { MatchingService } from "../../components/matching-service/matching-service.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { PendingReports } from "./pending-reports.ts";
import { message } from "./report-rows.ts";
import type { TradeRegister } from "./trade-register.ts";

/** What the owners' lines of reports are assembled from. */
export interface OwnerLineOptions {
  readonly pending: PendingReports;
  readonly trades: TradeRegister;
  /** Engines by part of the venue. */
  readonly matching: readonly MatchingService[];
  /** Where a command stands in the venue's history; `none` when it does not. */
  readonly positionOf: (command: number) => number;
  /** Microseconds that an owner gathers reports for before they leave together. */
  readonly bufferUs: number;
  /** A report leaves its owner; `hasWay` when there is one from there to the clients. */
  readonly left: (row: number, hasWay: boolean) => void;
  /** A report of what the history holds will never leave: its owner is gone. */
  readonly abandoned: (row: number) => void;
}

/** Cells of each part's line of reports that have not left. */
const line = { first: 0, last: 1, unready: 2, flushing: 3, width: 4 } as const;

/** Whether what leaves a zone gets out to the clients. */
export function hasWayOut({ zones }: AssembledFabric, zone: number): boolean {
  return zones.powered[zone] === 1 && zones.linked(zone, outsideZone);
}

/** Reports in the memory of the owners of books, one line a part: they wait for the journal, then leave together. */
export class OwnerLines {
  readonly #fabric: AssembledFabric;
  readonly #options: OwnerLineOptions;
  readonly #lines: Int32Array;
  readonly #leave: HandlerId;
  readonly #lost: number;

  constructor(fabric: AssembledFabric, options: OwnerLineOptions) {
    const { kernel, log } = fabric;
    const { matching } = options;
    this.#fabric = fabric;
    this.#options = options;
    this.#lines = kernel.int32Array("reports.lines", Math.max(1, matching.length) * line.width);
    for (let part = 0; part < matching.length; part += 1) this.#empty(part);
    this.#leave = kernel.handler("reports.leave", (part, instance, epoch) =>
      this.#leaveTogether(part, instance, epoch),
    );
    this.#lost = log.kind("reports.lost-with-owner", "info");
  }

  /** A report joins its part's line; one that is about no command waits for nothing. */
  add(part: number, row: number): void {
    const { column } = this.#options.pending;
    const at = part * line.width;
    const isReady = column.command[row] === none;
    column.ready[row] = isReady ? 1 : 0;
    column.next[row] = none;
    const last = this.#lines[at + line.last]!;
    if (last === none) this.#lines[at + line.first] = row;
    else column.next[last] = row;
    this.#lines[at + line.last] = row;
    if (this.#lines[at + line.unready] === none && !isReady) this.#lines[at + line.unready] = row;
  }

  /** The owner of a part knows that a command is durable: its reports may leave. */
  acknowledged(part: number, command: number): void {
    const { pending, positionOf, trades } = this.#options;
    const { column } = pending;
    const at = part * line.width;
    const isOfHistory = positionOf(command) !== none;
    let row = this.#lines[at + line.unready]!;
    let isAny = false;
    while (row !== none && (column.command[row] === command || column.ready[row] === 1)) {
      isAny ||= column.ready[row] === 0;
      column.ready[row] = 1;
      if (!isOfHistory && column.message[row] === message.traded) {
        trades.markLost(column.trade[row]!);
      }
      row = column.next[row]!;
    }
    this.#lines[at + line.unready] = row;
    if (isAny) this.sendReady(part);
  }

  /** Lets what is ready leave when the buffer's time is over. */
  sendReady(part: number): void {
    const at = part * line.width;
    const { active } = this.#options.matching[part]!;
    if (this.#lines[at + line.flushing] === 1 || active === none) return;
    this.#lines[at + line.flushing] = 1;
    const { kernel, instances } = this.#fabric;
    kernel.schedule(this.#options.bufferUs, this.#leave, part, active, instances.epoch[active]!);
  }

  #leaveTogether(part: number, instance: number, epoch: number): void {
    const { instances } = this.#fabric;
    const at = part * line.width;
    const isSame = instances.epoch[instance] === epoch;
    const isThere = isSame && instances.column.status[instance] === status.up;
    this.#lines[at + line.flushing] = 0;
    const hasWay = isThere && hasWayOut(this.#fabric, instances.column.zone[instance]!);
    const { column } = this.#options.pending;
    let row = this.#lines[at + line.first]!;
    let leftCount = 0;
    while (row !== none && column.ready[row] === 1) {
      const next = column.next[row]!;
      this.#lines[at + line.first] = next;
      if (next === none) this.#lines[at + line.last] = none;
      this.#options.left(row, hasWay);
      leftCount += 1;
      row = next;
    }
    const causeSeq = isSame ? instances.column.causeSeq[instance]! : none;
    if (!isThere) this.#noteLost(part, causeSeq, leftCount);
  }

  /** Another owner has recovered the books of a part: what the former one had not sent never leaves. */
  ownerIsGone(part: number, causeSeq: number): void {
    const { abandoned, pending } = this.#options;
    const { column } = pending;
    let row = this.#lines[part * line.width + line.first]!;
    let lostCount = 0;
    while (row !== none) {
      const next = column.next[row]!;
      if (pending.stands(row)) {
        abandoned(row);
        lostCount += 1;
      } else pending.withdraw(row);
      row = next;
    }
    this.#empty(part);
    this.#noteLost(part, causeSeq, lostCount);
  }

  /** Sides of trades whose reports have not left. */
  collectSides(found: Set<number>): void {
    const { matching, pending } = this.#options;
    for (let part = 0; part < matching.length; part += 1) {
      pending.collectSides(this.#lines[part * line.width + line.first]!, found);
    }
  }

  #noteLost(part: number, causeSeq: number, lostCount: number): void {
    if (lostCount === 0) return;
    const { index } = this.#options.matching[part]!;
    this.#fabric.log.append(this.#lost, { component: index }, causeSeq, lostCount);
  }

  #empty(part: number): void {
    const at = part * line.width;
    this.#lines[at + line.first] = none;
    this.#lines[at + line.last] = none;
    this.#lines[at + line.unready] = none;
    this.#lines[at + line.flushing] = 0;
  }
}
