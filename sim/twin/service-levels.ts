import type { RequestTable } from "../components/fabric/requests.ts";
import type { HandlerId, Histogram, IntQueue, Kernel } from "../kernel/kernel.ts";
import { none } from "../kernel/none.ts";
import type { Ledger } from "./ledger/ledger.ts";
import { told, treatment } from "./ledger/ledger-rows.ts";
import type { FunctionObjective } from "./results/objective-types.ts";

/** How often outcomes that have come due are counted. */
const judgePeriodUs = 1_000_000;
/** Requests of one function that can be awaiting judgement at once. */
const awaitingMax = 4_194_304;

export interface ServiceLevelOptions {
  readonly objectives: readonly FunctionObjective[];
  readonly durationSeconds: number;
  readonly ledger: Ledger;
  readonly requests: RequestTable;
}

/**
 * Good and bad outcomes of each business function, second by second. Every request is judged once, when its bound has
 * passed, counted from when it was meant to start: one that never ends is as bad as one that ends late, and an outage
 * shows as soon as it could be felt. For matching, the start is the acceptance and the end is the journal, if the engine
 * carried the command out: an order that the state of the market turns away, or that an auction collects, is not matched.
 */
export class ServiceLevels {
  readonly objectives: readonly FunctionObjective[];
  /** Seconds that the counts cover. */
  readonly seconds: number;
  /** Outcomes by objective and second of judgement. */
  readonly good: readonly Float64Array[];
  readonly bad: readonly Float64Array[];
  /**
   * Latency in milliseconds of all that ended well, by objective. For matching from the acceptance, or, where being matched is what
   * makes a command accepted, from when a queue took it.
   */
  readonly latencyMs: readonly Histogram[];
  /** Whether an objective is about matching, by objective: it is asked several times a request. */
  readonly #isMatching: Uint8Array;
  /** Good and bad outcomes so far, two numbers an objective. */
  readonly #totals: Float64Array;
  readonly #kernel: Kernel;
  readonly #ledger: Ledger;
  readonly #requests: RequestTable;
  readonly #awaiting: readonly IntQueue[];
  readonly #judge: HandlerId;

  constructor(kernel: Kernel, options: ServiceLevelOptions) {
    const { objectives } = options;
    this.#kernel = kernel;
    this.#ledger = options.ledger;
    this.#requests = options.requests;
    this.objectives = objectives;
    this.#isMatching = Uint8Array.from(objectives, (each) => Number(each.function === "matching"));
    this.seconds = Math.ceil(options.durationSeconds) + 1;
    const name = (objective: FunctionObjective) => `levels.${objective.id}`;
    this.#awaiting = objectives.map((each) => kernel.queue(`${name(each)}.awaiting`, awaitingMax));
    this.good = objectives.map((each) => kernel.float64Array(`${name(each)}.good`, this.seconds));
    this.bad = objectives.map((each) => kernel.float64Array(`${name(each)}.bad`, this.seconds));
    this.latencyMs = objectives.map((each) =>
      kernel.histogram(`${name(each)}.latency-ms`, {
        lowest: 0.1,
        highest: 3_600_000,
        relativeError: 0.01,
      }),
    );
    this.#totals = kernel.float64Array("levels.totals", Math.max(1, objectives.length * 2));
    this.#judge = kernel.handler("levels.judge", () => {
      for (let level = 0; level < this.objectives.length; level += 1) this.#judgeDue(level);
      kernel.schedule(judgePeriodUs, this.#judge);
    });
  }

  start(): void {
    this.#kernel.schedule(judgePeriodUs, this.#judge);
  }

  /** A request of a function has begun; it will be judged when the function's bound has passed. */
  began(level: number, request: number): void {
    if (level !== none) this.#awaiting[level]!.push(request);
  }

  /** A request of a function has ended well, now. */
  ended(level: number, request: number): void {
    if (level === none || !this.#isCarriedOut(level, request)) return;
    this.#record(level, this.#beganUs(level, request));
  }

  /**
   * A command has become durable, and that is what its client waits for: its time in matching counts from when a queue or topic had
   * taken it, `sinceUs`. Where that is 0 nobody knows of one.
   */
  matchedSince(level: number, request: number, sinceUs: number): void {
    if (level === none || sinceUs === 0 || !this.#isCarriedOut(level, request)) return;
    this.#record(level, sinceUs);
  }

  #record(level: number, beganUs: number): void {
    const latencyUs = Math.max(0, this.#kernel.nowUs - beganUs);
    this.latencyMs[level]!.record(latencyUs / 1000);
  }

  /** Good outcomes of an objective so far. */
  goodCount(level: number): number {
    return this.#totals[level * 2]!;
  }

  /** Bad outcomes of an objective so far. */
  badCount(level: number): number {
    return this.#totals[level * 2 + 1]!;
  }

  #judgeDue(level: number): void {
    const nowUs = this.#kernel.nowUs;
    const boundUs = this.objectives[level]!.latencyMsMax * 1000;
    const awaiting = this.#awaiting[level]!;
    const second = Math.min(this.seconds - 1, Math.floor(nowUs / judgePeriodUs) - 1);
    while (awaiting.length > 0) {
      const request = awaiting.peek();
      const dueUs = this.#beganUs(level, request) + boundUs;
      if (dueUs > nowUs) return;
      awaiting.shift();
      const isGood = this.#endedBy(level, request, dueUs);
      const counts = isGood ? this.good[level]! : this.bad[level]!;
      counts[second] = counts[second]! + 1;
      const total = level * 2 + (isGood ? 0 : 1);
      this.#totals[total] = this.#totals[total]! + 1;
    }
  }

  #beganUs(level: number, request: number): number {
    return this.#isMatching[level] === 1
      ? this.#ledger.column.toldUs[request]!
      : this.#requests.column.intendedUs[request]!;
  }

  #isCarriedOut(level: number, request: number): boolean {
    if (this.#isMatching[level] === 0) return true;
    return this.#ledger.column.treatment[request] === treatment.carriedOut;
  }

  #endedBy(level: number, request: number, dueUs: number): boolean {
    const column = this.#ledger.column;
    if (this.#isMatching[level] === 1) {
      const durableUs = column.durableUs[request]!;
      return durableUs > 0 && durableUs <= dueUs && this.#isCarriedOut(level, request);
    }
    return column.told[request] === told.success && column.toldUs[request]! <= dueUs;
  }
}
