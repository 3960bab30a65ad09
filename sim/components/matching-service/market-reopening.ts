import { Phase } from "../../engine/codes.ts";
import type { MatchingEngine } from "../../engine/matching-engine.ts";
import { assumption, type Parameters } from "../../facts/parameter.ts";
import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";

/** How long the market stays in each state when it reopens. A state of zero seconds is left out. */
export const reopeningDefaults = {
  reopenHaltedSeconds: assumption(
    5,
    "s",
    "the halt is told on the trade stream within a second or two; it is to be seen before the first cancels are taken",
  ),
  reopenCancelOnlySeconds: assumption(
    30,
    "s",
    "six time-outs of a client, to learn of the halt and pull stale orders; published ones took 30 min (Binance 2023) and 84 (Coinbase 2026), too long for a venue that promises a minute",
  ),
  reopenAuctionSeconds: assumption(
    30,
    "s",
    "as long again to enter orders before the auction fixes one price; our choice, no venue's figure",
  ),
  reopenDirectBelowSeconds: assumption(
    15,
    "s",
    "an outage shorter than three attempts of a client's (5 s each): nobody has given an order up by then, and trading goes on as it stood",
  ),
} satisfies Parameters;

export interface ReopeningValues {
  readonly reopenHaltedSeconds: number;
  readonly reopenCancelOnlySeconds: number;
  readonly reopenAuctionSeconds: number;
  readonly reopenDirectBelowSeconds: number;
}

/** What the procedure asks of the matching service that it reopens. */
export interface ReopeningHost {
  /** Symbols whose market it is. */
  readonly symbols: readonly number[];
  readonly engine: MatchingEngine;
  /** Lets the engine take the next market step as soon as it is free; it then calls `takeStep`. */
  askForTurn(): void;
  /** Executes a command and puts it on its way to the journal; returns how many have been put on their way. */
  executeOwn(command: number): number;
  /** Wakes the procedure after some seconds; it is then called `next`. */
  wakeAfter(seconds: number): void;
  /** Adds to the event log, as a consequence of what the service noted last. */
  note(kind: number, value: number): void;
}

/** The states of a reopening, in order; trading is the last. */
const procedure = [Phase.halted, Phase.cancelOnly, Phase.auction, Phase.continuous] as const;
const trading = procedure.length - 1;

/**
 * Step being taken or held, the staged number that must be durable before it counts, the step asked for, and when the present
 * state ends by itself; `none` outside.
 */
const cell = { step: 0, awaits: 1, asked: 2, endsUs: 3 } as const;

/** Who leads the market: nobody, people, or whoever has halted it from outside, until that halt is over. */
const lead = { nobody: 0, people: 1, halt: 2 } as const;

/** A state that people can lead the market into, by its place in the procedure. */
export type MarketState = "halted" | "cancel-only" | "auction" | "continuous";
const stateNames: readonly MarketState[] = ["halted", "cancel-only", "auction", "continuous"];

/**
 * How the market comes back after an outage of its engine:
 *
 *   books recovered -> halted -> cancel-only -> auction -> (uncross) continuous
 *                   '-> continuous at once, after a short outage
 *
 * Each state is a command for every symbol, executed and journalled like a client's, so that whoever replays the
 * journal passes through the same states; its time counts from the moment at which the journal has it. An owner that
 * recovers books which are not in continuous trading knows that a reopening was interrupted, and begins it anew.
 */
export class MarketReopening {
  readonly #fabric: Fabric;
  readonly #host: ReopeningHost;
  readonly #cells: Float64Array;
  /** Who leads the market; while somebody does, no state ends by itself. It outlives the task. */
  readonly #lead: Uint8Array;
  /** Seconds for which each state is held; trading has no end. */
  readonly #holdSeconds: readonly number[];
  readonly #directBelowUs: number;
  readonly #kinds: readonly number[];

  constructor(fabric: Fabric, id: string, values: ReopeningValues, host: ReopeningHost) {
    const { kernel, log } = fabric;
    this.#fabric = fabric;
    this.#host = host;
    this.#cells = kernel.float64Array(`${id}.reopening`, Object.keys(cell).length).fill(none);
    this.#lead = kernel.uint8Array(`${id}.market-led`, 1);
    this.#holdSeconds = [
      values.reopenHaltedSeconds,
      values.reopenCancelOnlySeconds,
      values.reopenAuctionSeconds,
    ];
    this.#directBelowUs = values.reopenDirectBelowSeconds * 1_000_000;
    this.#kinds = [
      log.kind("matching.market-halted", "recover"),
      log.kind("matching.market-cancel-only", "recover"),
      log.kind("matching.market-auction", "recover"),
      log.kind("matching.market-continuous", "recover"),
    ];
  }

  /** The task that was going through the procedure is gone; what it had not journalled never happened. */
  forget(): void {
    this.#cells.fill(none);
  }

  /** An owner has recovered the books, so long after the former one last served. */
  begin(outageUs: number): void {
    const isTrading = this.#isTrading();
    const hasNothingToOpen = this.#host.symbols.length === 0;
    if (this.#isLed && !hasNothingToOpen) this.#ask(0);
    else if (
      hasNothingToOpen ||
      (isTrading && (outageUs < this.#directBelowUs || this.#firstFrom(0) === trading))
    ) {
      this.#host.note(this.#kinds[trading]!, 0);
    } else this.#ask(this.#firstFrom(0));
  }

  /** The time of the present state is over. */
  next(): void {
    if (this.#isLed || this.#fabric.kernel.nowUs !== this.#cells[cell.endsUs]) return;
    this.#ask(this.#firstFrom(this.#cells[cell.step]! + 1));
  }

  /** The engine is free: every symbol enters the state that was asked for. */
  takeStep(): void {
    const { requests } = this.#fabric;
    this.#cells[cell.asked] = none;
    const phase = procedure[this.#cells[cell.step]!]!;
    for (const symbol of this.#host.symbols) {
      this.#cells[cell.awaits] = this.#host.executeOwn(requests.appendMarketStep(symbol, phase));
    }
  }

  /** The journal has every command up to a staged number: a state that it has for every symbol is in force. */
  journalled(untilStaged: number): void {
    const awaits = this.#cells[cell.awaits]!;
    if (awaits === none || awaits > untilStaged) return;
    const step = this.#cells[cell.step]!;
    this.#cells[cell.awaits] = none;
    this.#host.note(this.#kinds[step]!, this.#holdSeconds[step] ?? 0);
    if (step === trading) this.#cells[cell.step] = none;
    else if (!this.#isLed) this.#hold(this.#holdSeconds[step]!);
    // What halts the market could not do so while it was on its way into this state.
    if (this.#lead[0] === lead.halt && step !== 0) this.#ask(0);
  }

  /**
   * People lead the market into a state, in which it then stays until they lead it on; once it trades, the procedure is
   * automatic again. False while another state is on its way into the journal.
   */
  lead(state: MarketState): boolean {
    if (this.#cells[cell.asked] !== none || this.#cells[cell.awaits] !== none) return false;
    const step = stateNames.indexOf(state);
    this.#lead[0] = step === trading ? lead.nobody : lead.people;
    if (!this.isIn(state)) this.#ask(step);
    return true;
  }

  /** People take the market over before anyone can lead it: a recovery will halt it and wait. */
  leadWhenRecovered(): void {
    this.#lead[0] = lead.people;
  }

  /** The market is halted from outside until `endHalt`, or until people lead it; a recovery meanwhile halts it, too. */
  halt(isRunning: boolean): void {
    this.#lead[0] = lead.halt;
    if (isRunning && this.#cells[cell.awaits] === none && !this.isIn("halted")) this.#ask(0);
  }

  /** The halt is over: the market reopens step by step, unless people lead it by now. */
  endHalt(isRunning: boolean): void {
    if (this.#lead[0] !== lead.halt) return;
    this.#lead[0] = lead.nobody;
    if (isRunning && this.isIn("halted")) this.#ask(this.#firstFrom(1));
  }

  /** Whether every symbol is in a state, and the journal has it. */
  isIn(state: MarketState): boolean {
    const isSettled = this.#cells[cell.asked] === none && this.#cells[cell.awaits] === none;
    return isSettled && this.#isIn(stateNames.indexOf(state));
  }

  get #isLed(): boolean {
    return this.#lead[0] !== lead.nobody;
  }

  /** The present state ends by itself after some seconds. */
  #hold(seconds: number): void {
    this.#cells[cell.endsUs] = this.#fabric.kernel.nowUs + Math.round(seconds * 1000 * 1000);
    this.#host.wakeAfter(seconds);
  }

  #ask(step: number): void {
    const hasAsked = this.#cells[cell.asked] !== none;
    this.#cells[cell.endsUs] = none;
    this.#cells[cell.step] = step;
    this.#cells[cell.asked] = step;
    if (!hasAsked) this.#host.askForTurn();
  }

  /** The first state from one on that is not left out. */
  #firstFrom(step: number): number {
    for (let at = step; at < trading; at += 1) if (this.#holdSeconds[at]! > 0) return at;
    return trading;
  }

  #isTrading(): boolean {
    return this.#isIn(trading);
  }

  #isIn(step: number): boolean {
    const { engine, symbols } = this.#host;
    return symbols.every((symbol) => engine.phaseOf(symbol) === procedure[step]);
  }
}
