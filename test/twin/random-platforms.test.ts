/**
 * Random platforms under random loads and faults: whatever breaks, these laws hold. Each case is given by its seed; a
 * failure names the command that repeats it alone. STORMBELL_PLATFORM_SEEDS says how many are tried (30 when left out, 500 by
 * .ci/run), from STORMBELL_PLATFORM_SEED on; `npm run verify:platforms` tries 500 on all cores.
 */
import { describe, expect, test } from "vitest";
import {
  requireValid,
  validateScenarioText,
  validateTopologyText,
} from "../../scenarios/validate-text.ts";
import type { LogEntry } from "../../sim/components/fabric/event-log.ts";
import { status } from "../../sim/components/fabric/instances.ts";
import { TwinError } from "../../sim/errors/twin-error.ts";
import { none } from "../../sim/kernel/none.ts";
import { told, treatment } from "../../sim/twin/ledger/ledger-rows.ts";
import { runResults } from "../../sim/twin/results/run-results.ts";
import type { RunResults } from "../../sim/twin/results-types.ts";
import type { Scenario } from "../../sim/twin/scenario-types.ts";
import { Simulation } from "../../sim/twin/simulation.ts";
import type { Topology } from "../../sim/twin/topology-types.ts";
import { randomTopology } from "./random-platforms.ts";
import { randomScenario, type Spans } from "./random-scenarios.ts";

const seedCount = Number(process.env["STORMBELL_PLATFORM_SEEDS"] ?? 30);
const firstSeed = Number(process.env["STORMBELL_PLATFORM_SEED"] ?? 1);
/** Cases of one test: a failure stops these, and no others. */
const seedsPerTest = 10;

interface Case {
  readonly seed: number;
  readonly topology: Topology;
  readonly scenario: Scenario;
  readonly spans: Spans | undefined;
}

/** A run that has ended, with all that the laws look at. */
interface Ended {
  readonly simulation: Simulation;
  readonly digest: string;
  readonly entries: readonly LogEntry[];
  readonly results: RunResults;
}

function assembled({ scenario, topology, seed }: Case): Simulation {
  return new Simulation({ scenario, topology, seed: String(seed) });
}

function endingOf(simulation: Simulation): Ended {
  const { kernel, fabric } = simulation;
  kernel.runUntil(simulation.durationUs);
  const digest = kernel.digest();
  const entries = Array.from({ length: fabric.log.count }, (_, seq) => fabric.log.entry(seq));
  return { simulation, digest, entries, results: runResults(simulation, entries) };
}

/** The topology and the scenario as files would give them: both must be accepted. */
function validCase(seed: number): Case {
  const topology = requireValid(
    validateTopologyText(JSON.stringify(randomTopology(seed)), "topology"),
    "topology",
  );
  const { scenario, spans } = randomScenario(seed, topology);
  const validated = validateScenarioText(JSON.stringify(scenario), "scenario", {
    loadTopology: () => topology,
  });
  return { seed, topology, scenario: requireValid(validated, "scenario").scenario, spans };
}

/**
 * Runs a case. A fault that finds nothing of its target running ends a run with a mistake that names it, since a
 * scenario is not to say what doesn't happen; which one that is only the run can know, so it is left out, and the case
 * begins again.
 */
function runToEnd(drawn: Case): { readonly ran: Case; readonly ended: Ended } {
  try {
    return { ran: drawn, ended: endingOf(assembled(drawn)) };
  } catch (error) {
    if (!(error instanceof TwinError) || error.code !== "fault.nothing-to-strike") throw error;
    const { faults } = drawn.scenario;
    const left = faults.filter(({ id }) => error.at?.split("/")[2] !== id);
    expect(left.length).toBe(faults.length - 1);
    return runToEnd({ ...drawn, scenario: { ...drawn.scenario, faults: left } });
  }
}

/** Parts of the venue whose journal's only copy has been lost, by position. */
function partsWithLoss({ simulation, entries }: Ended): ReadonlySet<number> {
  const { fabric, parts } = simulation;
  const lost = entries.filter(({ kind }) => kind === "journal.copy-lost");
  return new Set(
    lost.map(({ component }) =>
      parts.findIndex(({ journal }) => journal.id === fabric.components[component]!.id),
    ),
  );
}

function checkLaws(ran: Case, ended: Ended): void {
  checkInvariants(ended);
  checkLosses(ended);
  checkTold(ended);
  checkAccounts(ended);
  checkLeaks(ended);
  if (ran.spans !== undefined) checkRecovered(ended, ran.spans);
}

function checkInvariants({ results }: Ended): void {
  const broken = results.invariants.filter(({ violations }) => violations > 0);
  expect(broken, "invariants").toEqual([]);
}

/**
 * Wherever orders count as accepted, none is lost, doubled or put in another sequence while a copy of its journal is
 * left: what the queue has taken stays there until the journal has it. Books equal the reference's but where the
 * journal is dark, or lost what it held.
 */
function checkLosses(ended: Ended): void {
  const { simulation, results } = ended;
  const lossy = partsWithLoss(ended);
  const partOf = (symbol: number) => simulation.parts.indexOf(simulation.partOf(symbol));
  const { orderId: orderOf } = simulation.fabric.requests.column;
  const setAside = new Set([...deadLettersOf(simulation)].map((request) => orderOf[request]!));
  const surprising = results.differences.filter(({ kind, symbol, orderId }) => {
    const part = partOf(symbol);
    if (kind === "stranded") {
      return simulation.parts[part]!.journal.isReachable && !setAside.has(orderId);
    }
    return kind === "doubled" || !lossy.has(part);
  });
  expect(surprising, "differences").toEqual([]);
  const { column, count } = simulation.fabric.requests;
  const symbolOfOrder = new Map<number, number>();
  for (let at = 0; at < count; at += 1) symbolOfOrder.set(column.orderId[at]!, column.symbol[at]!);
  const wrong = results.books.differingOrderIds.filter((orderId) => {
    const part = partOf(symbolOfOrder.get(orderId)!);
    return !lossy.has(part) && simulation.parts[part]!.journal.isReachable;
  });
  expect(wrong, "open orders that differ from the reference's").toEqual([]);
  const mayDiffer = simulation.parts.some(
    ({ journal }, part) => lossy.has(part) || !journal.isReachable,
  );
  expect(results.books.equal || mayDiffer, "books equal").toBe(true);
}

/** Requests that lie in a dead-letter queue: nobody reads it here. */
function deadLettersOf({ parts }: Simulation): ReadonlySet<number> {
  const found = new Set<number>();
  for (const { queue } of parts) queue.forEachDeadLetter?.((request) => found.add(request));
  return found;
}

/** Who was told success was told so once the declared place had the command; who was told failure is right. */
function checkTold({ simulation }: Ended): void {
  const { ledger, topology } = simulation;
  const { column } = ledger;
  const early: number[] = [];
  const deceived: number[] = [];
  for (let request = 0; request < ledger.requestCount; request += 1) {
    if (!ledger.isCommand(request)) continue;
    const toldUs = column.toldUs[request]!;
    const queuedUs = queueOf(simulation, request).sentUs(request);
    const durableUs = column.durableUs[request]!;
    const reachedUs = topology.acceptance === "queue" ? queuedUs : durableUs;
    const isSuccess = column.told[request] === told.success;
    if (isSuccess && !(reachedUs > 0 && reachedUs <= toldUs)) early.push(request);
    // An order that met a market that was not open is in the journal and changed nothing; what a lost journal held is unknown.
    const treated = column.treatment[request]!;
    const tookEffect =
      durableUs > 0
        ? treated === treatment.carriedOut || treated === treatment.collected
        : queuedUs > 0;
    if (column.told[request] === told.failure && tookEffect) deceived.push(request);
  }
  expect(early, "told success before the declared place had the command").toEqual([]);
  expect(deceived, "told failure, and the command took effect").toEqual([]);
}

function queueOf(simulation: Simulation, request: number) {
  return simulation.partOf(simulation.fabric.requests.column.symbol[request]!).queue;
}

/** Every accepted command is in one state, found without the reconciliation, and the report's sums say the same. */
function checkAccounts({ simulation, results }: Ended): void {
  const { ledger, parts } = simulation;
  const waits = new Set<number>();
  for (const { queue } of parts) queue.forEachRequest((request) => waits.add(request));
  const executed = new Set(parts.flatMap(({ matching }) => matching.executedNotDurable()));
  const setAside = deadLettersOf(simulation);
  const found = { accepted: 0, held: 0, waiting: 0, underWay: 0, setAside: 0, gone: 0 };
  for (let request = 0; request < ledger.requestCount; request += 1) {
    if (!ledger.isAccepted(request)) continue;
    found.accepted += 1;
    const { journal } = simulation.partOf(simulation.fabric.requests.column.symbol[request]!);
    const position = ledger.column.position[request]!;
    const isWritten = position !== none && !journal.wasLost;
    if (isWritten) found.held += 1;
    else if (executed.has(request)) found.underWay += 1;
    else if (waits.has(request)) found.waiting += 1;
    else if (setAside.has(request)) found.setAside += 1;
    else found.gone += 1;
    if (isWritten) expect(journal.requestAt(position), "what stands at its position").toBe(request);
  }
  const rpo = results.rpo.find(({ declared }) => declared)!;
  expect(rpo.acceptedCount).toBe(found.accepted);
  if (parts.some(({ journal }) => journal.wasLost)) return;
  expect(results.totals.commandsWaiting).toBe(found.waiting);
  expect(results.totals.commandsUnderWay).toBe(found.underWay);
  expect(rpo.strandedCount).toBeGreaterThanOrEqual(found.setAside);
  expect(rpo.lostCount).toBe(found.gone);
}

/** Nothing piles up: calls are bounded by what can be under way, tasks by what was asked for. */
function checkLeaks({ simulation }: Ended): void {
  const { fabric, platform } = simulation;
  const { column, slotsMax } = fabric.instances;
  for (const [index, spec] of platform.components.entries()) {
    if (spec.service !== "ecs-fargate" && spec.service !== "matching-service") continue;
    let there = 0;
    for (let slot = 0; slot < slotsMax; slot += 1) {
      if (column.component[slot] === index && column.status[slot] !== status.gone) there += 1;
    }
    const wanted =
      spec.service === "matching-service"
        ? 1
        : Math.max(spec.taskCount, spec.scaling?.taskCountMax ?? 0);
    // What hangs, drains or starts stands beside what it makes way for.
    expect(there, `instances of ${spec.id}`).toBeLessThanOrEqual(3 * wanted + 2);
  }
}

/** Commands that a queue holds without the journal having them; what came in the last second of a run may. */
function waitingLong({ parts, ledger, durationUs }: Simulation): readonly number[] {
  const found: number[] = [];
  for (const { queue } of parts) {
    queue.forEachRequest((request) => {
      const isNew = queue.sentUs(request) > durationUs - 1_000_000;
      if (ledger.column.durableUs[request] === 0 && !isNew) found.push(request);
    });
  }
  return found;
}

/** When all faults are over and there was time to recover: clients are served, all is matched, no call is left over. */
function checkRecovered({ simulation }: Ended, { storm, lull, again }: Spans): void {
  const { ledger, fabric, parts, platform } = simulation;
  expect(
    parts.map(({ matching, journal }) => [
      matching.isRunning,
      journal.isReachable,
      journal.wasLost,
    ]),
    "engines that run, journals that are there",
  ).toEqual(parts.map(() => [true, true, false]));
  expect(waitingLong(simulation), "commands that wait for longer than a second").toEqual([]);
  const { intendedUs } = fabric.requests.column;
  const fromUs = (storm + lull + 1) * 1_000_000;
  const untilUs = (storm + lull + again - 1) * 1_000_000;
  const counts = { sent: 0, accepted: 0, matched: 0 };
  for (let request = 0; request < ledger.requestCount; request += 1) {
    if (!ledger.isCommand(request)) continue;
    if (intendedUs[request]! < fromUs || intendedUs[request]! > untilUs) continue;
    counts.sent += 1;
    if (ledger.isAccepted(request)) counts.accepted += 1;
    if (ledger.isAccepted(request) && ledger.column.position[request] !== none) counts.matched += 1;
  }
  expect(counts.accepted / counts.sent, "share of commands accepted again").toBeGreaterThan(0.5);
  expect(counts.matched, "accepted commands that are matched").toBe(counts.accepted);
  expect(fabric.calls.openCount, "calls under way").toBeLessThan(
    40 + 20 * platform.components.length,
  );
}

/** Some cases are run again, and some are continued from a snapshot into a simulation of their own. */
function checkRepetition(ran: Case, { digest, results }: Ended): void {
  if (ran.seed % 5 === 0) {
    const again = endingOf(assembled(ran));
    expect(again.digest, "digest of a second run").toBe(digest);
  }
  if (ran.seed % 5 === 1) {
    const interrupted = assembled(ran);
    const share = ((ran.seed * 2_654_435_761) % 1000) / 1000;
    const storm = ran.spans?.storm ?? ran.scenario.durationSeconds;
    interrupted.kernel.runUntil(Math.round(storm * share * 1_000_000));
    const restored = assembled(ran);
    restored.kernel.restore(interrupted.kernel.snapshot(), { random: "same" });
    const end = endingOf(restored);
    expect(end.digest, "digest of a run continued from a snapshot").toBe(digest);
    expect(end.results.books).toEqual(results.books);
    expect(end.results.invariants).toEqual(results.invariants);
  }
}

function checkCase(seed: number): void {
  try {
    const { ran, ended } = runToEnd(validCase(seed));
    checkLaws(ran, ended);
    checkRepetition(ran, ended);
  } catch (cause) {
    const command = `STORMBELL_PLATFORM_SEED=${seed} STORMBELL_PLATFORM_SEEDS=1 npx vitest run test/twin/random-platforms.test.ts`;
    throw new Error(`case ${seed}: ${String(cause)}\nTo repeat it: ${command}`, { cause });
  }
}

describe("on random platforms under random faults no invariant breaks, nothing accepted is lost but with its journal, and what is broken heals", () => {
  for (let first = firstSeed; first < firstSeed + seedCount; first += seedsPerTest) {
    const last = Math.min(first + seedsPerTest, firstSeed + seedCount) - 1;
    test(`cases ${first} to ${last}`, { timeout: 300_000 }, () => {
      // One that fails stops none of the others: all failures are told.
      const failures: unknown[] = [];
      for (let seed = first; seed <= last; seed += 1) {
        try {
          checkCase(seed);
        } catch (error) {
          failures.push(error);
        }
      }
      if (failures.length > 0) throw new Error(failures.map(String).join("\n\n"));
    });
  }
});
