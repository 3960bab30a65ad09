import { lowAlarmId } from "../../components/application-auto-scaling/application-auto-scaling.ts";
import { CloudWatch } from "../../components/cloudwatch/cloudwatch.ts";
import type { AlarmSpec } from "../../components/cloudwatch/cloudwatch-spec.ts";
import type { LogEntry } from "../../components/fabric/event-log.ts";
import { requestKind } from "../../components/fabric/requests.ts";
import { none } from "../../kernel/none.ts";
import type { Histogram } from "../../kernel/statistics/histogram.ts";
import { zonesOfComponent } from "../component-zones.ts";
import { costResult } from "../cost/cost-result.ts";
import { told, treatment } from "../ledger/ledger-rows.ts";
import { type Reconciliation, reconcile } from "../ledger/reconciliation.ts";
import { withFates } from "../reports/settled-trades.ts";
import type {
  FunctionResult,
  Outage,
  RunResults,
  Totals,
  TriggerResult,
} from "../results-types.ts";
import type { Simulation } from "../simulation.ts";
import type { BusinessFunction } from "../topology-types.ts";
import {
  baselineSeconds,
  judgeBaseline,
  type LoadFigure,
  type ThrottleFigure,
  type WaitFigure,
} from "./baseline.ts";
import { copyResults } from "./copy-results.ts";
import { type BudgetCounts, errorBudgets } from "./error-budget.ts";
import { componentsOfFunctions } from "./function-components.ts";
import type { RecordedSpan } from "./judge-measure.ts";
import { marketReopenings } from "./market-reopenings.ts";
import { judgeObjectives, sampleObjectives } from "./objectives.ts";
import { findOutages } from "./outages.ts";
import { breakDown } from "./rto-parts.ts";
import { timeSpent } from "./time-spent.ts";
import { breachesOf, followTrigger, type WatchedTrigger } from "./triggers.ts";
import { turnedAwayNames } from "./turned-away.ts";

/** Everything that is judged about a run that has ended. */
export function runResults(simulation: Simulation, entries: readonly LogEntry[]): RunResults {
  const { scenario, ledger, fabric, topology, platform } = simulation;
  ledger.checkEveryOrder();
  const firstFaultUs = firstFaultOf(entries);
  const reconciliation = reconcile({
    ledger,
    requests: fabric.requests,
    holdings: holdingsOf(simulation),
    acceptance: topology.acceptance,
    faultUs: firstFaultUs,
  });
  const functions = functionResults(simulation, entries, firstFaultUs);
  const untilSecond = firstFaultUs === none ? scenario.durationSeconds : firstFaultUs / 1_000_000;
  const baseline = judgeBaseline({
    objectives: simulation.levels.objectives,
    counts: simulation.levels.objectives.map((_, level) => countsOf(simulation, level)),
    warmUpSeconds: scenario.warmUpSeconds,
    untilSecond: Math.floor(untilSecond),
    hasFault: firstFaultUs !== none,
    ...loadsBefore(simulation, untilSecond),
  });
  simulation.venueReports?.check(ledger.invariants);
  const invariants = ledger.invariants.results();
  const cost = costResult(simulation.costs);
  const recorded = recordedFrom(simulation, firstFaultUs);
  const outcomes = (level: number) => outcomesOf(simulation, level, untilSecond);
  const evidence = {
    scenario,
    baseline,
    functions,
    reconciliation,
    invariants,
    cost,
    entries,
    recorded,
    notJudged: simulation.sample?.result.notJudged ?? [],
    outcomesOf: (businessFunction: BusinessFunction) =>
      outcomes(simulation.levelOf(businessFunction)),
  };
  const ensembleSamples = sampleObjectives(evidence);
  return {
    baseline,
    functions,
    market: marketReopenings(entries),
    objectives: judgeObjectives(evidence),
    ...(ensembleSamples.length === 0 ? {} : { ensembleSamples }),
    errorBudgets: errorBudgets(scenario.objectives, (each) =>
      outcomes(simulation.levelOf(each.function)),
    ),
    triggers: triggerResults(simulation, recorded, entries),
    rpo: simulation.sample === undefined ? reconciliation.rpo : [],
    differences: withFates(
      reconciliation.differences,
      simulation.venueReports?.settlement?.settledTrades() ?? [],
    ),
    ...copiesOf(simulation, recorded, entries),
    inDoubtTookEffect: reconciliation.inDoubtTookEffect,
    ...clientReconciliationOf(simulation, reconciliation),
    ...reportsOf(simulation, firstFaultUs),
    ...holdsOf(simulation),
    books: reconciliation.books,
    invariants,
    timeSpent: timeSpent(
      { ...fabric.calls, sites: fabric.sites },
      platform.flows.map((flow) => flow.id),
      fabric.components.map((component) => component.id),
    ),
    cost,
    ...(simulation.sample === undefined ? {} : { scaling: simulation.sample.result }),
    totals: totalsOf(simulation, reconciliation),
  };
}

function clientReconciliationOf(
  { scenario, clients }: Simulation,
  { differences }: Reconciliation,
): Pick<RunResults, "clientReconciliation"> {
  if (scenario.workload.client.reconciliation === undefined) return {};
  const tradesToBust = differences.filter(({ what }) => what === "trade").length;
  return { clientReconciliation: { ...clients.fates, tradesToBust } };
}

function copiesOf(
  { platform, fabric, scenario }: Simulation,
  recorded: RecordedSpan,
  entries: readonly LogEntry[],
): Pick<RunResults, "copies"> {
  const zonesOf = (id: string) => {
    const spec = platform.components.find((each) => each.id === id);
    return spec === undefined
      ? []
      : zonesOfComponent(platform, spec).map((zone) => fabric.zone(zone));
  };
  const partitions = scenario.faults.flatMap((fault) =>
    fault.kind === "region-partition"
      ? [
          {
            zones: fabric.zones.zones.flatMap(({ region }, zone) =>
              region === fault.region ? [zone] : [],
            ),
            fromUs: fault.atSeconds * 1_000_000,
          },
        ]
      : [],
  );
  const { components } = platform;
  const copies = copyResults({ components, recorded, entries, zonesOf, partitions });
  return copies.length === 0 ? {} : { copies };
}

function reportsOf(
  { venueReports }: Simulation,
  firstFaultUs: number,
): Pick<RunResults, "executionReports" | "tradeSettlement"> {
  if (venueReports === undefined) return {};
  const { reports, settlement } = venueReports;
  return {
    executionReports: reports.results(firstFaultUs),
    ...(settlement === undefined ? {} : { tradeSettlement: settlement.results(firstFaultUs) }),
  };
}

function holdsOf(simulation: Simulation): Pick<RunResults, "holds"> {
  const { parts, ledger, fabric } = simulation;
  if (parts.length === 0) return {};
  const { kind, quantity, priceTicks } = fabric.requests.column;
  const { isWaiting, executedNotDurable } = holdingsOf(simulation);
  const executed = new Set(executedNotDurable);
  let leftOverOrders = 0;
  let leftOverValue = 0;
  for (let request = 0; request < ledger.requestCount; request += 1) {
    const isPending =
      kind[request] === requestKind.placeOrder &&
      ledger.column.taken[request] === 1 &&
      ledger.positionOf(request) === none;
    if (!isPending || isWaiting(request) || executed.has(request)) continue;
    leftOverOrders += 1;
    leftOverValue += quantity[request]! * priceTicks[request]!;
  }
  return {
    holds: { orders: ledger.heldOrders, value: ledger.heldValue, leftOverOrders, leftOverValue },
  };
}

function firstFaultOf(entries: readonly LogEntry[]): number {
  return entries.find((entry) => entry.stage === "fault")?.atUs ?? none;
}

function countsOf(simulation: Simulation, level: number) {
  return { good: simulation.levels.good[level]!, bad: simulation.levels.bad[level]! };
}

/** Everything that was recorded, with the instant from which measures count their seconds. */
function recordedFrom({ recorder, scenario }: Simulation, firstFaultUs: number): RecordedSpan {
  const { frames } = recorder;
  return {
    channels: recorder.channels.map(({ component, channel: { name, unit } }, at) => ({
      component,
      name,
      unit,
      frames: frames[at]!,
    })),
    frameStepUs: recorder.frameStepUs,
    fromUs: firstFaultUs === none ? scenario.warmUpSeconds * 1_000_000 : firstFaultUs,
  };
}

/** Alarms whose metrics were beyond their bounds, and what came of them; those that take tasks away are none of these. */
function triggerResults(
  simulation: Simulation,
  recorded: RecordedSpan,
  entries: readonly LogEntry[],
): readonly TriggerResult[] {
  return [...metricTriggers(simulation), ...costTriggers(simulation, recorded)]
    .map((trigger) => followTrigger(trigger, { fromUs: recorded.fromUs, entries }))
    .filter(({ breachedUs, alarmed }) => breachedUs !== none || alarmed !== null);
}

function metricTriggers({ fabric, metrics }: Simulation): readonly WatchedTrigger[] {
  const record = metrics.record();
  if (record === undefined) return [];
  const valuesOf = ({ component, metric }: AlarmSpec) =>
    record.series.find((each) => each.component === component && each.name === metric)?.values;
  return fabric.components
    .filter((each) => each instanceof CloudWatch)
    .flatMap((each) => each.raisedAlarms)
    .filter(({ spec }) => spec.id !== lowAlarmId(spec.component))
    .map(({ spec, raises }) => ({
      spec,
      raises,
      breachesUs: breachesOf(spec, valuesOf(spec) ?? [], record.periodSeconds * 1_000_000),
    }));
}

/** A bound on cost is passed in the frame in which the bill is; the account is told much later. */
function costTriggers(
  { costWatch, platform }: Simulation,
  { channels, frameStepUs }: RecordedSpan,
): readonly WatchedTrigger[] {
  const serviceOf = new Map(platform.components.map(({ id, service }) => [id, service]));
  return costWatch.raisedAlarms.map(({ spec, raises }) => {
    const { id, services, usdMax, spentUsd } = spec;
    const bills = channels.filter(({ component, name }) =>
      services === undefined
        ? name === "bill so far"
        : name === "bill" && services.includes(serviceOf.get(component) ?? ""),
    );
    const frameCount = bills[0]?.frames.length ?? 0;
    const spent = (frame: number) =>
      bills.reduce((sum, { frames }) => sum + frames[frame]!, spentUsd);
    let frame = 0;
    while (frame < frameCount && spent(frame) <= usdMax) frame += 1;
    const metric = services === undefined ? "cost" : `cost of ${services.join(", ")}`;
    return {
      spec: { id, component: "", metric, comparison: ">", threshold: usdMax },
      raises,
      breachesUs: frame < frameCount ? [frame * frameStepUs] : [],
    };
  });
}

function outcomesOf(simulation: Simulation, level: number, untilSecond: number): BudgetCounts {
  const { scenario } = simulation;
  return {
    counts: countsOf(simulation, level),
    fromSecond: Math.floor(scenario.warmUpSeconds),
    calmUntilSecond: Math.floor(untilSecond),
    toSecond: Math.floor(scenario.durationSeconds),
  };
}

function holdingsOf(simulation: Simulation) {
  const { parts, ledger, fabric } = simulation;
  const { symbol } = fabric.requests.column;
  const waiting = new Uint8Array(ledger.requestCount);
  const stranded = new Uint8Array(ledger.requestCount);
  const deadLettered = new Uint8Array(ledger.requestCount);
  for (const { queue } of parts) {
    queue.forEachRequest((request) => {
      const isServed = simulation.partOf(symbol[request]!).queue === queue;
      (isServed ? waiting : stranded)[request] = 1;
    });
    // Nobody reads a dead-letter queue: what lies in it comes back only if people see to it.
    queue.forEachDeadLetter?.((request) => {
      deadLettered[request] = 1;
    });
  }
  const books = new Map(parts.map((part) => [part, part.matching.heldBooks()]));
  return {
    engineOf: (symbol: number) => books.get(simulation.partOf(symbol)),
    executedNotDurable: parts.flatMap(({ matching }) => matching.executedNotDurable()),
    isWaiting: (request: number) => waiting[request] === 1,
    isStranded: (request: number) =>
      (stranded[request] === 1 || deadLettered[request] === 1) && waiting[request] === 0,
    isDeadLettered: (request: number) => deadLettered[request] === 1 && waiting[request] === 0,
    queuedUs: (request: number) =>
      parts.map(({ queue }) => queue.sentUs(request)).find((sentUs) => sentUs > 0) ?? 0,
    historyLostFrom: (symbol: number) => simulation.partOf(symbol).matching.historyLostFrom,
    isReachable: (symbol: number) => simulation.partOf(symbol).journal.isReachable,
  };
}

function functionResults(
  simulation: Simulation,
  entries: readonly LogEntry[],
  firstFaultUs: number,
): readonly FunctionResult[] {
  const { levels, scenario, platform, fabric } = simulation;
  const members = componentsOfFunctions(platform);
  return levels.objectives.map((objective, level) => {
    const spans =
      firstFaultUs === none
        ? []
        : findOutages(countsOf(simulation, level), {
            goodShareMin: objective.goodShareMin,
            holdSeconds: objective.holdSeconds,
            fromSecond: Math.floor(firstFaultUs / 1_000_000),
            toSecond: Math.floor(scenario.durationSeconds) - 1,
            isThin: objective.function !== "matching",
          });
    const ids = members.get(objective.function);
    const isOfFunction = (entry: LogEntry) =>
      entry.component !== none && ids?.has(fabric.components[entry.component]!.id) === true;
    const outages = spans.map((span): Outage => {
      const beganUs = span.beginSecond * 1_000_000;
      const endedUs = (span.endSecond ?? scenario.durationSeconds) * 1_000_000;
      const { parts, chain } = breakDown({ beganUs, endedUs }, entries, isOfFunction);
      return {
        function: objective.function,
        beganUs,
        endedUs: span.endSecond === undefined ? none : endedUs,
        seconds: (endedUs - beganUs) / 1_000_000,
        censored: span.endSecond === undefined,
        parts,
        chain,
      };
    });
    const sum = (counts: Float64Array, untilSecond: number) =>
      counts
        .subarray(Math.floor(scenario.warmUpSeconds), untilSecond)
        .reduce((total, value) => total + value, 0);
    const faultSecond =
      firstFaultUs === none ? levels.seconds : Math.floor(firstFaultUs / 1_000_000);
    const latency = levels.latencyMs[level]!;
    return {
      function: objective.function,
      outages,
      rtoSeconds: Math.max(0, ...outages.map((outage) => outage.seconds)),
      censored: outages.some((outage) => outage.censored),
      goodCount: sum(levels.good[level]!, levels.seconds),
      badCount: sum(levels.bad[level]!, levels.seconds),
      beforeFault: {
        goodCount: sum(levels.good[level]!, faultSecond),
        badCount: sum(levels.bad[level]!, faultSecond),
      },
      latencyMsP50: latency.count === 0 ? 0 : latency.quantile(0.5),
      latencyMsP99: p99Of(simulation, latency),
    };
  });
}

/** Channel of hosts of one's own that counts the tasks for which none has room. */
const waitingTasks = "tasks-waiting-for-a-host";

/** Mean load of what has a bounded capacity, and calls turned away, over the span in which the baseline is judged. */
function loadsBefore(
  simulation: Simulation,
  untilSecond: number,
): {
  loads: readonly LoadFigure[];
  throttles: readonly ThrottleFigure[];
  waits: readonly WaitFigure[];
} {
  const { recorder, scenario } = simulation;
  const frameOf = (second: number) =>
    Math.min(recorder.frameCount - 1, Math.floor((second * 1_000_000) / recorder.frameStepUs));
  const from = frameOf(Math.max(scenario.warmUpSeconds, untilSecond - baselineSeconds));
  const to = frameOf(untilSecond);
  const loads: LoadFigure[] = [];
  const throttles: ThrottleFigure[] = [];
  const waits: WaitFigure[] = [];
  recorder.channels.forEach(({ component, channel }, at) => {
    const frames = recorder.frames[at]!;
    if (channel.unit === "share of capacity") {
      let total = 0;
      for (let frame = from; frame <= to; frame += 1) total += frames[frame]!;
      loads.push({ component, what: channel.name, share: total / (to - from + 1) });
    } else if (
      channel.kind === "count" &&
      turnedAwayNames.some((name) => channel.name.endsWith(name))
    ) {
      const isQuota = channel.name.endsWith("throttled");
      throttles.push({ component, count: frames[to]! - frames[from]!, isQuota });
    } else if (channel.name === waitingTasks) {
      const waited = frames.subarray(from, to + 1).filter((count) => count > 0);
      waits.push({ component, share: waited.length / (to - from + 1) });
    }
  });
  return { loads, throttles, waits };
}

/** A sample has other tails than the whole: the fullest partition is as a rule not among those that it keeps. */
function p99Of({ sample }: Simulation, latency: Pick<Histogram, "count" | "quantile">): number {
  if (sample !== undefined) return none;
  return latency.count === 0 ? 0 : latency.quantile(0.99);
}

function totalsOf(simulation: Simulation, reconciliation: Reconciliation): Totals {
  const { ledger, fabric, parts, clients, kernel } = simulation;
  const column = ledger.column;
  const totals = { accepted: 0, inDoubt: 0, refused: 0, matched: 0, turnedAway: 0 };
  for (let request = 0; request < ledger.requestCount; request += 1) {
    if (!ledger.isCommand(request)) continue;
    if (column.told[request] === told.success) totals.accepted += 1;
    if (column.told[request] === told.inDoubt) totals.inDoubt += 1;
    if (column.told[request] === told.failure) totals.refused += 1;
    if (column.position[request] !== none) totals.matched += 1;
    if (ledger.isAccepted(request) && column.treatment[request] === treatment.turnedAway) {
      totals.turnedAway += 1;
    }
  }
  const queues = [...new Set(parts.map(({ queue }) => queue))];
  return {
    requests: ledger.requestCount,
    attempts: clients.attemptCount,
    commandsAccepted: totals.accepted,
    commandsInDoubt: totals.inDoubt,
    commandsInDoubtThatTookEffect: reconciliation.inDoubtTookEffect.length,
    commandsRefused: totals.refused,
    commandsMatched: totals.matched,
    commandsTurnedAway: totals.turnedAway,
    commandsWaiting: reconciliation.waitingCount,
    commandsUnderWay: reconciliation.underWayCount,
    trades: ledger.tradeCount,
    ordersOpen: ledger.engine.openOrderCount,
    staleAnswers: fabric.calls.staleAnswers.value,
    redeliveries: sum(queues.map((queue) => queue.redeliveredCount)),
    duplicatesDropped: sum([
      ...parts.map(({ matching }) => matching.duplicateCount),
      ...queues.map((queue) => queue.duplicateCount),
    ]),
    events: kernel.eventCount,
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
