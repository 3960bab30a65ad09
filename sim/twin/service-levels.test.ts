import { expect, test } from "vitest";
import { RequestTable } from "../components/fabric/requests.ts";
import { createKernel, type HandlerId } from "../kernel/kernel.ts";
import { none } from "../kernel/none.ts";
import { Ledger } from "./ledger/ledger.ts";
import { told, treatment } from "./ledger/ledger-rows.ts";
import type { FunctionObjective } from "./results/objective-types.ts";
import { ServiceLevels } from "./service-levels.ts";

const objectives: FunctionObjective[] = [
  {
    kind: "service",
    id: "orders",
    function: "order-entry",
    goodShareMin: 0.95,
    latencyMsMax: 1000,
    holdSeconds: 30,
  },
  {
    kind: "service",
    id: "matching",
    function: "matching",
    goodShareMin: 0.95,
    latencyMsMax: 2000,
    holdSeconds: 30,
  },
];
const [orders, matching] = [0, 1];

/** Levels with a ledger whose entries the test makes at instants of its choice. */
class LevelBed {
  readonly kernel = createKernel({ seed: "levels", programVersion: "test" });
  readonly requests = new RequestTable(this.kernel, { requestsInitial: 8, requestsMax: 1000 });
  readonly ledger = new Ledger(this.kernel, this.requests, 1, 1);
  readonly levels = new ServiceLevels(this.kernel, {
    objectives,
    durationSeconds: 20,
    ledger: this.ledger,
    requests: this.requests,
  });
  readonly #steps: (() => void)[] = [];
  readonly #step: HandlerId = this.kernel.handler("step", (at) => this.#steps[at]!());

  constructor() {
    this.levels.start();
  }

  /** A request that was meant to be sent now. */
  send(): number {
    const request = this.requests.append();
    this.requests.column.intendedUs[request] = this.kernel.nowUs;
    this.ledger.sent(request);
    this.levels.began(orders, request);
    return request;
  }

  tell(request: number, what: number): void {
    this.ledger.tell(request, what);
    if (what === told.success) this.levels.ended(orders, request);
  }

  at(seconds: number, step: () => void): void {
    this.#steps.push(step);
    this.kernel.scheduleAt(Math.round(seconds * 1_000_000), this.#step, this.#steps.length - 1);
  }

  run(): void {
    this.kernel.runUntil(20_000_000);
  }

  /** Seconds in which outcomes were judged, `+` a good one and `-` a bad one. */
  judged(level: number): string[] {
    const found: string[] = [];
    for (let second = 0; second < this.levels.seconds; second += 1) {
      for (let n = this.levels.good[level]![second]!; n > 0; n -= 1) found.push(`+${second}`);
      for (let n = this.levels.bad[level]![second]!; n > 0; n -= 1) found.push(`-${second}`);
    }
    return found;
  }
}

test("an outcome is judged once, when its bound has passed since it was meant to be sent", () => {
  const bed = new LevelBed();
  bed.at(2.5, () => {
    const request = bed.send();
    bed.tell(request, told.success);
  });
  bed.run();
  // Due at 3.5 s, counted by the judge at 4 s into the second that has just ended.
  expect(bed.judged(orders)).toEqual(["+3"]);
  expect(bed.levels.goodCount(orders)).toBe(1);
});

test("a request that never ends shows as soon as its bound has passed, as bad", () => {
  const bed = new LevelBed();
  bed.at(2.5, () => bed.send());
  bed.run();
  expect(bed.judged(orders)).toEqual(["-3"]);
  expect(bed.levels.badCount(orders)).toBe(1);
});

test("late is as bad as failed, to the microsecond, and a late success changes no verdict", () => {
  const bed = new LevelBed();
  const requests: number[] = [];
  for (let count = 0; count < 4; count += 1) bed.at(2, () => requests.push(bed.send()));
  bed.at(2.5, () => bed.tell(requests[0]!, told.failure));
  bed.at(3, () => bed.tell(requests[1]!, told.success));
  bed.at(3.000001, () => bed.tell(requests[2]!, told.success));
  bed.at(10, () => bed.tell(requests[3]!, told.success));
  bed.run();
  expect(bed.judged(orders).map((each) => each[0])).toEqual(["+", "-", "-", "-"]);
});

test("latency counts from the intended send time, for all that ended well", () => {
  const bed = new LevelBed();
  bed.at(2, () => {
    const held = bed.send();
    bed.requests.column.intendedUs[held] = 1_500_000;
    bed.at(2.25, () => bed.tell(held, told.success));
  });
  bed.run();
  expect(bed.levels.latencyMs[orders]!.count).toBe(1);
  expect(bed.levels.latencyMs[orders]!.quantile(0.5)).toBeCloseTo(750, -1);
});

test("matching is judged from acceptance to the journal", () => {
  const bed = new LevelBed();
  const requests: number[] = [];
  for (let count = 0; count < 3; count += 1) bed.at(1, () => requests.push(bed.send()));
  bed.at(3, () => {
    for (const request of requests) {
      bed.ledger.tell(request, told.success);
      bed.levels.began(matching, request);
    }
  });
  const durable = (request: number) => {
    bed.ledger.column.durableUs[request] = bed.kernel.nowUs;
    bed.ledger.column.treatment[request] = treatment.carriedOut;
  };
  bed.at(4.9, () => durable(requests[0]!));
  bed.at(5.1, () => durable(requests[1]!));
  bed.run();
  expect(bed.judged(matching)).toEqual(["+4", "-4", "-4"]);
});

test("a command that was durable before its client heard of it has been matched in time", () => {
  const bed = new LevelBed();
  bed.at(1, () => {
    const request = bed.send();
    bed.ledger.column.durableUs[request] = bed.kernel.nowUs;
    bed.ledger.column.treatment[request] = treatment.carriedOut;
    bed.at(2, () => {
      bed.ledger.tell(request, told.success);
      bed.levels.began(matching, request);
    });
  });
  bed.run();
  expect(bed.judged(matching)).toEqual(["+3"]);
});

test("an order that the market's state turned away, or that an auction collects, is not matched", () => {
  const bed = new LevelBed();
  for (const how of [treatment.turnedAway, treatment.collected, treatment.carriedOut]) {
    bed.at(1, () => {
      const request = bed.send();
      bed.ledger.tell(request, told.success);
      bed.levels.began(matching, request);
      bed.ledger.column.durableUs[request] = bed.kernel.nowUs;
      bed.ledger.column.treatment[request] = how;
      bed.levels.ended(matching, request);
    });
  }
  bed.run();
  expect(bed.judged(matching)).toEqual(["+2", "-2", "-2"]);
  expect(bed.levels.latencyMs[matching]!.count).toBe(1);
});

test("where the journal is what accepts a command, its time in matching counts from the queue", () => {
  const bed = new LevelBed();
  const durable = (sinceUs: number, how: number = treatment.carriedOut) => {
    const request = bed.send();
    bed.ledger.column.treatment[request] = how;
    bed.levels.matchedSince(matching, request, sinceUs);
  };
  bed.at(2, () => durable(1_400_000));
  // Entered by nobody's queue, or turned away: neither has a time in matching.
  bed.at(3, () => durable(0));
  bed.at(4, () => durable(3_000_000, treatment.turnedAway));
  bed.run();
  expect(bed.levels.latencyMs[matching]!.count).toBe(1);
  expect(bed.levels.latencyMs[matching]!.quantile(0.5)).toBeCloseTo(600, -1);
});

test("functions without an objective are not counted", () => {
  const bed = new LevelBed();
  bed.at(1, () => {
    const request = bed.send();
    bed.levels.began(none, request);
    bed.levels.ended(none, request);
    bed.levels.matchedSince(none, request, 1);
  });
  bed.run();
  expect(bed.judged(matching)).toEqual([]);
  expect(bed.levels.latencyMs[matching]!.count).toBe(0);
});
