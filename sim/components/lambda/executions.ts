import type { QuantileTable } from "../../kernel/distributions/quantile-table.ts";
import type { HandlerId } from "../../kernel/kernel.ts";
import { none } from "../../kernel/none.ts";
import type { Fabric } from "../fabric/fabric.ts";
import type { FunctionsHost } from "./functions-host.ts";

/** What executions tell the functions they belong to, by environment. */
export interface ExecutionEvents {
  /** The function's own work is done; its calls come now. */
  readonly worked: (slot: number) => void;
  /** No answer within the function's time-out. */
  readonly timedOut: (slot: number) => void;
}

/** What is executed, and with which kinds of draws. */
export interface Execution {
  readonly fn: number;
  readonly durationUs: QuantileTable;
  readonly timeoutUs: number;
  readonly isCold: boolean;
  readonly draw: { readonly cold: number; readonly duration: number };
}

/** Invocations that environments are working on, one each: a cold start, the function's own work, and its time-out. */
export class Executions {
  readonly #fabric: Fabric;
  readonly #host: FunctionsHost;
  /** By environment. */
  readonly #beganUs: Float64Array;
  readonly #timeoutEvent: Float64Array;
  readonly #worked: HandlerId;
  readonly #timedOut: HandlerId;

  constructor(fabric: Fabric, id: string, host: FunctionsHost, events: ExecutionEvents) {
    const { kernel } = fabric;
    const { slotsMax } = host.environments;
    this.#fabric = fabric;
    this.#host = host;
    this.#beganUs = kernel.float64Array(`${id}-began-us`, slotsMax);
    this.#timeoutEvent = kernel.float64Array(`${id}-timeout-event`, slotsMax).fill(none);
    this.#worked = kernel.handler(`${id}-ran`, (slot, invocation) => {
      if (this.#isAt(slot, invocation) && host.environments.isAlive(slot)) events.worked(slot);
    });
    this.#timedOut = kernel.handler(`${id}-timed-out`, (slot, invocation) => {
      if (!this.#isAt(slot, invocation)) return;
      this.#timeoutEvent[slot] = none;
      events.timedOut(slot);
    });
  }

  /** Sets an environment to work. */
  begin(slot: number, { fn, durationUs, timeoutUs, isCold, draw }: Execution): void {
    const { kernel } = this.#fabric;
    const { draws, coldStartUs } = this.#host;
    const { column } = this.#host.environments;
    const number = this.#host.nextInvocation();
    column.busy[slot] = 1;
    column.invocation[slot] = number;
    column.callAt[slot] = 0;
    this.#beganUs[slot] = kernel.nowUs;
    this.#host.invoked(isCold);
    const startUs = isCold ? draws.draw(coldStartUs, number, draw.cold, fn) : 0;
    const workUs = draws.draw(durationUs, number, draw.duration, fn);
    kernel.schedule(Math.round(startUs + workUs), this.#worked, slot, number);
    this.#timeoutEvent[slot] = kernel.schedule(
      Math.round(startUs) + timeoutUs,
      this.#timedOut,
      slot,
      number,
    );
  }

  /** An answer has been heard: the time-out is off and the environment idle. Returns the microseconds since it began. */
  end(slot: number): number {
    this.#fabric.kernel.cancel(this.#timeoutEvent[slot]!);
    this.#timeoutEvent[slot] = none;
    this.#host.environments.column.busy[slot] = 0;
    return this.#fabric.kernel.nowUs - this.#beganUs[slot]!;
  }

  /** Numbers of invocations are given once, so that one that is still there is the one that was meant. */
  #isAt(slot: number, invocation: number): boolean {
    const { environments } = this.#host;
    const { busy, invocation: at } = environments.column;
    return environments.isUsed(slot) && busy[slot] === 1 && at[slot] === invocation;
  }
}
