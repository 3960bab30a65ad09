import type { HandlerId, Kernel } from "../../kernel/kernel.ts";
import type { EventLog } from "./event-log.ts";

export interface ResizeOptions {
  /** Id of the component; its events and state are named after it. */
  readonly id: string;
  readonly component: number;
  /** From the order until the larger size is in force. */
  readonly durationUs: number;
  /** The larger size is there; told how many times the declared size it is, and why. */
  readonly done: (factor: number, causeSeq: number) => void;
}

/** A larger size of what a component runs on: ordered through the control plane, in force when it has been built. */
export class Resize {
  readonly #kernel: Kernel;
  readonly #options: ResizeOptions;
  readonly #log: EventLog;
  /** Times the declared size: now, and when the order under way is done (0: there is none). */
  readonly #cells: Float64Array;
  readonly #finished: HandlerId;
  readonly #kinds;

  constructor(kernel: Kernel, log: EventLog, options: ResizeOptions) {
    this.#kernel = kernel;
    this.#options = options;
    this.#log = log;
    this.#cells = kernel.float64Array(`${options.id}.resize`, Object.keys(cell).length);
    this.#cells[cell.factor] = 1;
    this.#finished = kernel.handler(`${options.id}.resized`, (causeSeq) => this.#finish(causeSeq));
    this.#kinds = {
      ordered: log.kind("resize.ordered", "act"),
      inForce: log.kind("resize.in-force", "recover"),
    };
  }

  /** Orders a size so many times the present one; false while another order is under way. */
  order(factor: number, causeSeq: number): boolean {
    if (this.isUnderWay) return false;
    this.#cells[cell.ordered] = this.factor * factor;
    const place = { component: this.#options.component };
    const seq = this.#log.append(this.#kinds.ordered, place, causeSeq, factor);
    this.#kernel.schedule(this.#options.durationUs, this.#finished, seq);
    return true;
  }

  get isUnderWay(): boolean {
    return this.#cells[cell.ordered]! > 0;
  }

  /** Times the declared size. */
  get factor(): number {
    return this.#cells[cell.factor]!;
  }

  #finish(causeSeq: number): void {
    this.#cells[cell.factor] = this.#cells[cell.ordered]!;
    this.#cells[cell.ordered] = 0;
    const place = { component: this.#options.component };
    const seq = this.#log.append(this.#kinds.inForce, place, causeSeq, this.factor);
    this.#options.done(this.factor, seq);
  }
}

const cell = { factor: 0, ordered: 1 } as const;
