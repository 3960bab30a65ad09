import type { Table } from "../../kernel/containers/table.ts";
import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { outcome } from "../fabric/outcome.ts";
import { isMarketStep } from "../fabric/requests.ts";

/** By request: whether it has been acknowledged as durable, and the frame that asked last and waits to hear so. */
const waiterColumns = {
  durable: "uint8",
  /** 1 when the engine turned it away for the state of its market. */
  turnedAway: "uint8",
  frame: "int32",
  generation: "int32",
} as const;

/**
 * Callers who wait until their command is durable. A client that asks again does not end the wait of its earlier
 * attempt: each frame leads to the one before it, and its note holds the generation by which to know that one.
 */
export class JournalWaiters {
  readonly #fabric: Fabric;
  readonly #waiters: Table<typeof waiterColumns>;

  constructor(fabric: Fabric, id: string) {
    this.#fabric = fabric;
    this.#waiters = fabric.kernel.table(`${id}.waiters`, waiterColumns, {
      rowsInitial: 16,
      rowsMax: 50_000_000,
    });
  }

  /** A caller asks for its command: the answer, or `outcome.parked` until it is durable. */
  ask(frame: number): number {
    const { calls } = this.#fabric;
    const request = calls.dataOf(frame);
    this.#know(request);
    const { column } = this.#waiters;
    if (column.durable[request] === 1) return this.#answerTo(request);
    const earlier = column.frame[request]!;
    calls.setNextWaiting(frame, earlier);
    calls.setNote(frame, column.generation[request]!);
    column.frame[request] = frame;
    column.generation[request] = calls.generationOf(frame);
    return outcome.parked;
  }

  /** The engine has turned a command away; its caller hears so once that stands in the journal. */
  turnAway(command: number): void {
    this.#know(command);
    this.#waiters.column.turnedAway[command] = 1;
  }

  #answerTo(command: number): number {
    return this.#waiters.column.turnedAway[command] === 1 ? outcome.rejected : outcome.ok;
  }

  /** A command has become durable; all who wait for it hear so. */
  acknowledge(command: number): void {
    if (isMarketStep(command)) return;
    this.#know(command);
    const { column } = this.#waiters;
    column.durable[command] = 1;
    const { calls } = this.#fabric;
    let frame = column.frame[command]!;
    let generation = column.generation[command]!;
    column.frame[command] = none;
    const answer = this.#answerTo(command);
    // One that has gone with its task leads nowhere: those before it went there too.
    while (frame !== none && calls.generationOf(frame) === generation) {
      const earlier = calls.nextWaitingOf(frame);
      const earlierGeneration = calls.noteOf(frame);
      calls.complete(frame, generation, answer);
      frame = earlier;
      generation = earlierGeneration;
    }
  }

  #know(request: number): void {
    while (this.#waiters.rowCount <= request) {
      const row = this.#waiters.append();
      this.#waiters.column.frame[row] = none;
    }
  }
}
