import type { Fabric } from "../fabric/fabric.ts";
import { requestKind } from "../fabric/requests.ts";
import type { TaskActivities } from "./task-activities.ts";

/** Most orders that can be poisoned in one run of one engine. */
export const poisonedMax = 1000;

const cell = {
  /** Orders that are still to be found poisoned. */
  left: 0,
  /** Orders that were found poisoned. */
  known: 1,
  /** Log entry of the fault. */
  cause: 2,
  /** The first of those that were found. There are a few, so they are looked through. */
  first: 3,
} as const;

/**
 * Orders that kill the process that executes them, every time. One is received again when its visibility time-out has passed, and
 * kills again, until a dead-letter queue takes it or a release is out that survives it.
 */
export class PoisonedCommands {
  readonly #fabric: Fabric;
  readonly #cells: Float64Array;
  readonly #died: number;

  constructor(fabric: Fabric, id: string) {
    this.#fabric = fabric;
    this.#cells = fabric.kernel.float64Array(`${id}.poisoned`, cell.first + poisonedMax);
    this.#died = fabric.log.kind("matching.died-of-order", "info");
  }

  /** Of the orders that come from now on the first `count` are poisoned. */
  await(count: number, causeSeq: number): void {
    const room = poisonedMax - this.#cells[cell.known]!;
    this.#cells[cell.left] = Math.min(room, this.#cells[cell.left]! + count);
    this.#cells[cell.cause] = causeSeq;
  }

  /** What was poisoned is harmless from now on. */
  end(): void {
    this.#cells.fill(0);
  }

  /** Whether the process of the owner dies of a command, which it then has. */
  kill(command: number, owner: TaskActivities): boolean {
    return this.#cells[cell.left]! + this.#cells[cell.known]! > 0 && this.#strike(command, owner);
  }

  #strike(command: number, owner: TaskActivities): boolean {
    const isPoisoned = this.#isPoisoned(command);
    if (isPoisoned) owner.die(this.#died, this.#cells[cell.cause]!);
    return isPoisoned;
  }

  /** An order that is met for the first time may turn out to be poisoned. */
  #isPoisoned(command: number): boolean {
    const end = cell.first + this.#cells[cell.known]!;
    const at = this.#cells.indexOf(command, cell.first);
    if (at >= 0 && at < end) return true;
    const isOrder = this.#fabric.requests.column.kind[command] === requestKind.placeOrder;
    if (this.#cells[cell.left] === 0 || !isOrder) return false;
    this.#cells[cell.left] = this.#cells[cell.left]! - 1;
    this.#cells[end] = command;
    this.#cells[cell.known] = this.#cells[cell.known]! + 1;
    return true;
  }
}
