import { expect, test } from "vitest";
import { outcome } from "../fabric/outcome.ts";
import { plainService, TestBed } from "../fabric/test-bed.ts";
import { createJournal, type Journal } from "./journal.ts";
import type { JournalSpec } from "./journal-spec.ts";

/** A log with an owner in zone b that opens, appends and reads. */
class JournalBed {
  readonly bed: TestBed;
  readonly journal: Journal;
  /** Durable requests by position, as the log told. */
  readonly durable: number[] = [];
  readonly #results: number[] = [];
  #calls = 0;

  constructor(spec: Partial<JournalSpec> = {}) {
    this.bed = new TestBed({
      factories: [
        {
          id: "journal",
          create: (fabric, index) =>
            createJournal(
              fabric,
              index,
              {
                service: "journal",
                id: "journal",
                zones: ["a", "b", "c"],
                survivesPowerLoss: true,
                ...spec,
              },
              {
                durable: (request, position) => {
                  this.durable[position] = request;
                },
                truncated: (position) => {
                  this.durable.length = position;
                },
              },
            ),
        },
        plainService({
          id: "owner",
          zones: ["b"],
          resumed: (_actor, _site, result) => this.#results.push(result),
        }),
      ],
      actorCalls: (["open", "append", "read"] as const).map((operation) => ({
        component: "owner",
        name: operation,
        call: { to: "journal", operation, timeoutMs: 8000 },
      })),
    });
    this.journal = this.bed.fabric.component("journal") as Journal;
  }

  open(epoch: number): number | undefined {
    return this.#call("open", epoch, 1).result;
  }

  /** Stages records of an owner's epoch and appends them in one call. */
  append(epoch: number, requests: readonly number[]) {
    const numbers = requests.map((request) => this.journal.stage(request, epoch));
    return this.#call("append", numbers[0]!, requests.length);
  }

  /** Milliseconds until so many records are read. */
  readMs(count: number): number {
    return this.#call("read", -1, count).ms;
  }

  /** Makes a call again that was made before. */
  appendAgain(first: number, count: number) {
    return this.#call("append", first, count);
  }

  #call(name: "open" | "append" | "read", data: number, itemCount: number) {
    const { fabric, kernel } = this.bed;
    const actor = fabric.calls.startActor(this.bed.instances("owner")[0]!, 0);
    this.#calls += 1;
    const [fromUs, before] = [kernel.nowUs, this.#results.length];
    fabric.calls.callAsActor(actor, fabric.actorSite("owner", name), this.#calls, data, itemCount);
    while (this.#results.length === before && kernel.nowUs - fromUs < 10_000_000) {
      this.bed.runSeconds(0.001);
    }
    return { result: this.#results[before], ms: (kernel.nowUs - fromUs) / 1000 };
  }
}

test("what an owner appends is durable in its order, once however often the call comes", () => {
  const log = new JournalBed();
  expect(log.open(1)).toBe(outcome.ok);
  expect(log.append(1, [7, 8, 9]).result).toBe(outcome.ok);
  expect(log.appendAgain(0, 3).result).toBe(outcome.ok);
  expect(log.append(1, [10]).result).toBe(outcome.ok);
  expect(log.durable).toEqual([7, 8, 9, 10]);
  expect([log.journal.begin, log.journal.end]).toEqual([0, 4]);
});

test("an owner is fenced by whoever opens the log with a later epoch, and can't take it back", () => {
  const log = new JournalBed();
  log.open(1);
  log.append(1, [7]);
  const late = log.journal.stage(8, 1);
  expect(log.open(2)).toBe(outcome.ok);
  expect(log.appendAgain(late, 1).result).toBe(outcome.refused);
  expect(log.open(1)).toBe(outcome.refused);
  expect(log.append(2, [9]).result).toBe(outcome.ok);
  expect(log.durable).toEqual([7, 9]);
  expect(log.bed.events("journal.append-refused")).toHaveLength(1);
});

test("with three copies one zone may go, and nothing is written while a majority is gone", () => {
  const log = new JournalBed();
  log.open(1);
  log.append(1, [7]);
  log.bed.losePower("c");
  log.bed.runSeconds(5);
  expect(log.append(1, [8]).result).toBe(outcome.ok);
  log.bed.isolate("a", true);
  log.bed.runSeconds(5);
  expect(log.append(1, [9]).result).not.toBe(outcome.ok);
  expect(log.durable).toEqual([7, 8]);
  log.bed.isolate("a", false);
  log.bed.restorePower("c");
  log.bed.runSeconds(60);
  expect(log.append(1, [10]).result).toBe(outcome.ok);
  expect(log.durable.slice(0, 2)).toEqual([7, 8]);
});

test("the only copy on a disk of its host goes with the host's power, and knows no owner when it comes back", () => {
  const log = new JournalBed({ zones: ["a"], survivesPowerLoss: false });
  log.open(3);
  log.append(3, [7, 8]);
  log.bed.losePower("a");
  expect([log.journal.end, log.journal.wasLost]).toEqual([0, true]);
  log.bed.restorePower("a");
  log.bed.runSeconds(60);
  expect(log.append(3, [9]).result).toBe(outcome.refused);
  expect(log.open(3)).toBe(outcome.ok);
  expect(log.append(3, [10]).result).toBe(outcome.ok);
});

test("the same copy on a disk that survives is there when power returns", () => {
  const log = new JournalBed({ zones: ["a"] });
  log.open(1);
  log.append(1, [7, 8]);
  log.bed.losePower("a");
  log.bed.restorePower("a");
  log.bed.runSeconds(60);
  expect([log.journal.end, log.journal.wasLost]).toEqual([2, false]);
});

test("a recovery reads at the rate of a sequential read, and a write takes what a commit takes", () => {
  const log = new JournalBed();
  log.open(1);
  // Assumption of the journal: 500,000 records a second.
  expect(log.readMs(1_000_000) - log.readMs(1)).toBeGreaterThan(1950);
  expect(log.readMs(1_000_000) - log.readMs(1)).toBeLessThan(2050);
  const writesMs = Array.from({ length: 200 }, (_, at) => log.append(1, [at]).ms);
  const sorted = writesMs.toSorted((a, b) => a - b);
  const { writeMsP50, writeMsP95 } = log.journal.parameters();
  // Two ways of at most 500 us, and the clock of the test, which goes by the millisecond.
  expect(Math.abs(sorted[100]! - Number(writeMsP50!.value) - 1)).toBeLessThan(1.2);
  expect(sorted[190]! / (Number(writeMsP95!.value) + 1)).toBeGreaterThan(0.75);
  expect(sorted[190]! / (Number(writeMsP95!.value) + 1)).toBeLessThan(1.35);
});
