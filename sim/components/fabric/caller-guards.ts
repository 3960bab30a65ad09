import type { Counter } from "../../kernel/containers/counter.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { usualBackoff } from "./backoff.ts";
import {
  type BreakerSpec,
  breakerCallsMin,
  breakerProbes,
  type CallingSpec,
  type RetryBudgetSpec,
  standardRetryBudget,
} from "./calling-spec.ts";
import type { Instances } from "./instances.ts";
import { outcome } from "./outcome.ts";

const breakerState = { closed: 0, open: 1, halfOpen: 2 } as const;

interface Rules {
  readonly budget: Required<RetryBudgetSpec> | undefined;
  readonly breaker: Required<BreakerSpec> | undefined;
}

/**
 * Retry budgets and circuit breakers: a row for each (calling instance, component called). A row begins anew with each
 * instance that takes the slot. Exists only in platforms that have such a defence.
 */
export class CallerGuards {
  /** Calls that were not sent because a breaker was open, and retries that a budget forbade. */
  readonly notSent: Counter;
  readonly retriesForbidden: Counter;
  readonly #kernel: Kernel;
  readonly #instances: Instances;
  readonly #rules: readonly (Rules | undefined)[];
  readonly #specs: readonly (CallingSpec | undefined)[];
  readonly #componentCount: number;
  readonly #epoch: Int32Array;
  readonly #tokens: Float64Array;
  readonly #state: Uint8Array;
  /** When the window of a closed breaker ends, or an open one tries. */
  readonly #untilUs: Float64Array;
  readonly #calls: Int32Array;
  readonly #failures: Int32Array;

  constructor(kernel: Kernel, instances: Instances, specs: readonly (CallingSpec | undefined)[]) {
    this.#kernel = kernel;
    this.#instances = instances;
    this.#specs = specs;
    this.#componentCount = specs.length;
    this.#rules = specs.map((spec) => {
      if (spec?.retryBudget === undefined && spec?.breaker === undefined) return undefined;
      const { retryBudget, breaker } = spec;
      return {
        budget: retryBudget && { ...standardRetryBudget, ...retryBudget },
        breaker: breaker && { callsMin: breakerCallsMin, probes: breakerProbes, ...breaker },
      };
    });
    const rows = instances.slotsMax * this.#componentCount;
    this.#epoch = kernel.int32Array("guards.epoch", rows);
    this.#tokens = kernel.float64Array("guards.tokens", rows);
    this.#state = kernel.uint8Array("guards.breaker-state", rows);
    this.#untilUs = kernel.float64Array("guards.breaker-until-us", rows);
    this.#calls = kernel.int32Array("guards.breaker-calls", rows);
    this.#failures = kernel.int32Array("guards.breaker-failures", rows);
    this.notSent = kernel.counter("guards.calls-not-sent");
    this.retriesForbidden = kernel.counter("guards.retries-forbidden");
  }

  /** How a component pauses before retries. */
  backoffOf(caller: number) {
    return this.#specs[caller]?.backoff ?? usualBackoff;
  }

  /** Whether an instance may call a component now; a breaker that has been open long enough tries. */
  maySend(instance: number, target: number): boolean {
    const breaker = this.#rulesOf(instance)?.breaker;
    if (breaker === undefined) return true;
    const row = this.#row(instance, target);
    if (this.#state[row] === breakerState.open) {
      if (this.#kernel.nowUs < this.#untilUs[row]!) return this.#refuse();
      this.#state[row] = breakerState.halfOpen;
      this.#calls[row] = 0;
      this.#failures[row] = 0;
    }
    if (this.#state[row] !== breakerState.halfOpen) return true;
    // While it tries, `calls` counts those let through and `failures` those that have succeeded.
    if (this.#calls[row]! >= breaker.probes) return this.#refuse();
    this.#calls[row] = this.#calls[row]! + 1;
    return true;
  }

  /** Takes the tokens for a retry if there are enough. */
  mayRetry(instance: number, target: number, result: number): boolean {
    const budget = this.#rulesOf(instance)?.budget;
    if (budget === undefined) return true;
    const row = this.#row(instance, target);
    const cost = result === outcome.timedOut ? budget.timeoutCost : budget.retryCost;
    if (this.#tokens[row]! < cost) {
      this.retriesForbidden.add(1);
      return false;
    }
    this.#tokens[row] = this.#tokens[row]! - cost;
    return true;
  }

  /** A call of an instance to a component has ended, or its time is over. */
  ended(instance: number, target: number, result: number): void {
    const rules = this.#rulesOf(instance);
    if (rules === undefined) return;
    const row = this.#row(instance, target);
    const { budget, breaker } = rules;
    const isFailure = result >= outcome.throttled && result <= outcome.timedOut;
    if (budget !== undefined && !isFailure) {
      this.#tokens[row] = Math.min(budget.tokens, this.#tokens[row]! + budget.successReturns);
    }
    if (breaker !== undefined) this.#count(row, breaker, isFailure);
  }

  #count(row: number, breaker: Required<BreakerSpec>, isFailure: boolean): void {
    const nowUs = this.#kernel.nowUs;
    if (this.#state[row] === breakerState.open) return;
    if (this.#state[row] === breakerState.halfOpen) {
      if (isFailure) this.#open(row, breaker);
      else {
        this.#failures[row] = this.#failures[row]! + 1;
        if (this.#failures[row]! >= breaker.probes) this.#close(row, breaker);
      }
      return;
    }
    if (nowUs >= this.#untilUs[row]!) this.#close(row, breaker);
    this.#calls[row] = this.#calls[row]! + 1;
    if (!isFailure) return;
    this.#failures[row] = this.#failures[row]! + 1;
    const enough = this.#calls[row]! >= breaker.callsMin;
    if (enough && this.#failures[row]! >= breaker.failureShare * this.#calls[row]!) {
      this.#open(row, breaker);
    }
  }

  #open(row: number, { openSeconds }: Required<BreakerSpec>): void {
    this.#state[row] = breakerState.open;
    this.#untilUs[row] = this.#kernel.nowUs + openSeconds * 1_000_000;
  }

  #close(row: number, { windowSeconds }: Required<BreakerSpec>): void {
    this.#state[row] = breakerState.closed;
    this.#untilUs[row] = this.#kernel.nowUs + windowSeconds * 1_000_000;
    this.#calls[row] = 0;
    this.#failures[row] = 0;
  }

  #refuse(): boolean {
    this.notSent.add(1);
    return false;
  }

  #rulesOf(instance: number): Rules | undefined {
    return this.#rules[this.#instances.column.component[instance]!];
  }

  /** Row of (instance, component), cleared when it was an earlier instance's. */
  #row(instance: number, target: number): number {
    const row = instance * this.#componentCount + target;
    const epoch = this.#instances.epoch[instance]!;
    if (this.#epoch[row] !== epoch) {
      this.#epoch[row] = epoch;
      this.#tokens[row] = this.#rulesOf(instance)!.budget?.tokens ?? 0;
      this.#state[row] = breakerState.closed;
      this.#untilUs[row] = 0;
      this.#calls[row] = 0;
      this.#failures[row] = 0;
    }
    return row;
  }
}
