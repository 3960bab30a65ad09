/** The report of one run for a terminal, from its recording and nothing else. ASCII, at most 100 columns. */
import type { Recording, RecordingHead } from "../../sim/twin/recording/recording-types.ts";
import type {
  BurnAlert,
  EnsembleSample,
  FunctionResult,
  ObjectiveResult,
  Outage,
  RunResults,
  TriggerStage,
} from "../../sim/twin/results-types.ts";
import { table, tone, wrap } from "../terminal.ts";
import { clock, clockFrom, grouped, secondsText } from "./clock.ts";
import { timelineOf } from "./timeline.ts";
import { judgedOf, measuredText, replayCommand, verdictOf } from "./verdict.ts";

const widthMax = 100;
const timelineRowsMax = 40;
const differencesShownMax = 10;

export interface ReportOptions {
  /** As the user can give it to `run`. */
  readonly scenarioName: string;
  /** Where the recording lies; undefined when it was not kept. */
  readonly recordingPath: string | undefined;
}

export function textReport(recording: Recording, options: ReportOptions): readonly string[] {
  const { head } = recording;
  return [
    ...headerLines(head),
    ...section("Timeline", timelineLines(head)),
    ...section(
      "Business functions (parts of the longest outage in s, latency in ms)",
      functionLines(head),
    ),
    ...section(
      "Error budgets (wanted good/period; burn: times as fast as evenly)",
      budgetLines(head),
    ),
    ...section("Triggers (time of the run)", triggerLines(head)),
    ...section("Market reopening (time from the fault to each state)", marketLines(head)),
    ...section("Orders", orderLines(head)),
    ...section("Data loss (RPO)", rpoLines(head)),
    ...section("Invariants", invariantLines(head)),
    ...section("Where time went (mean ms of good requests)", timeLines(head)),
    ...section("Objectives", [
      ...head.results.objectives.flatMap(objectiveLines),
      ...(head.results.ensembleSamples ?? []).flatMap((sample) => sampleLines(sample, options)),
    ]),
    ...section("Next", nextLines(recording, options)),
    "",
    `digest ${head.digest}`,
    ...(options.recordingPath === undefined ? [] : [`recording ${options.recordingPath}`]),
    verdictLine(recording),
  ];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ["", tone("bold", title), ...lines.flatMap(broken)];
}

/** Lines stay within the width; what must be broken goes on indented, and keeps its columns as far as it can. */
function broken(line: string, hanging = Math.min(indentOf(line), 20) + 4): readonly string[] {
  if (visibleLength(line) <= widthMax) return [line];
  const coloured = line.length - visibleLength(line);
  const at = line.lastIndexOf(" ", widthMax + coloured);
  if (at <= indentOf(line)) return [line];
  return [
    line.slice(0, at).trimEnd(),
    ...broken(" ".repeat(hanging) + line.slice(at + 1), hanging),
  ];
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

function visibleLength(line: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with one.
  return line.replace(/\u001b\[[0-9;]*m/g, "").length;
}

function headerLines(head: RecordingHead): readonly string[] {
  const { scenario, topology } = head;
  const orders =
    head.orderFile === undefined
      ? ""
      : `, orders from ${head.orderFile.name} (${grouped(head.orderFile.commandCount)} commands)`;
  return [
    ...broken(tone("bold", `${scenario.id}: ${scenario.title}`)),
    ...wrap(scenario.description, widthMax, ""),
    ...broken(
      `topology ${topology.id}, ${grouped(scenario.workload.ratePerSecond)} requests/s${orders}, ` +
        `${clock(head.durationUs)} simulated, seed ${head.seed}, stormbell ${head.programVersion}`,
    ),
    ...baselineLines(head),
    ...overriddenLines(head),
  ];
}

function baselineLines({ results: { baseline } }: RecordingHead): readonly string[] {
  const span = `${clock(baseline.judgedFromUs)} to ${clock(baseline.judgedToUs)}`;
  if (baseline.healthy) return [`baseline healthy from ${span}`];
  return [
    tone("red", `BASELINE UNHEALTHY from ${span}: no recovery time can be trusted, because`),
    ...baseline.reasons.flatMap((reason) => broken(`  - ${reason}`)),
  ];
}

/** Numbers that are not the catalogue's; what is the same in several copies is told once. */
function overriddenLines({ components }: RecordingHead): readonly string[] {
  const owners = new Map<string, string[]>();
  for (const { id, parameters } of components) {
    for (const [name, { origin, value, replaced, unit }] of Object.entries(parameters)) {
      if (origin !== "override" || value === replaced) continue;
      const before = replaced === undefined ? "" : ` instead of ${grouped(replaced)}`;
      const change = `.${name} = ${grouped(value)} ${unit}${before}`;
      owners.set(change, [...(owners.get(change) ?? []), id]);
    }
  }
  const changes = [...owners].map(([change, [first = "", ...others]]) =>
    others.length === 0 ? `${first}${change}` : `${first}${change} (and ${others.length} alike)`,
  );
  return changes.length === 0 ? [] : broken(`overridden: ${changes.join("; ")}`);
}

function timelineLines(head: RecordingHead): readonly string[] {
  const { originUs, rows, earlierCount, hiddenCount } = timelineOf(head, timelineRowsMax);
  const cells = rows.map((row) => {
    const until = clockFrom(row.lastUs, originUs);
    const span = until === clockFrom(row.atUs, originUs) ? "" : ` until ${until}`;
    const times = row.count > 1 ? ` x${row.count}${span}` : "";
    return [
      `  ${clockFrom(row.atUs, originUs)}`,
      clock(row.atUs),
      stageText(row.stage),
      `${row.place === "" ? "" : `${row.place}: `}${row.what}${times}`,
    ];
  });
  return [
    ...table(cells),
    ...(earlierCount > 0
      ? [`  (${grouped(earlierCount)} events before the first fault are not shown)`]
      : []),
    ...(hiddenCount > 0 ? [`  (${grouped(hiddenCount)} more events are in the recording)`] : []),
  ];
}

function stageText(stage: string): string {
  if (stage === "fault") return tone("red", stage);
  if (stage === "recover") return tone("green", stage);
  return stage === "info" ? tone("dim", stage) : stage;
}

function functionLines(head: RecordingHead): readonly string[] {
  const header = [
    "  FUNCTION",
    "RTO",
    "TARGET",
    "",
    "DETECT",
    "DECIDE",
    "ACT",
    "RECOVER",
    "DRAIN",
    "GOOD",
    "P50",
    "P99",
  ];
  return table([header, ...head.results.functions.map((result) => functionRow(result, head))]);
}

function functionRow(result: FunctionResult, head: RecordingHead): readonly string[] {
  const target = head.scenario.objectives.find(
    (objective) => objective.kind === "rto" && objective.function === result.function,
  );
  const limit = target?.kind === "rto" ? target.secondsMax : undefined;
  const worst = longest(result.outages);
  const parts = worst === undefined ? Array.from({ length: 5 }, () => "-") : partCells(worst);
  const total = result.goodCount + result.badCount;
  return [
    `  ${result.function}`,
    rtoText(result),
    limit === undefined ? "none" : secondsText(limit),
    rtoMark(result, limit, head.results.baseline.healthy),
    ...parts,
    total === 0 ? "-" : `${(Math.floor((result.goodCount / total) * 10_000) / 100).toFixed(2)}%`,
    total === 0 ? "-" : latencyText(result.latencyMsP50),
    total === 0 ? "-" : latencyText(result.latencyMsP99),
  ];
}

/** Tenths of a millisecond mean nothing in a second. */
function latencyText(ms: number): string {
  return ms < 1000 ? ms.toFixed(1) : ms.toFixed(0);
}

function rtoText(result: FunctionResult): string {
  if (result.outages.length === 0) return "no outage";
  return `${result.censored ? ">" : ""}${secondsText(result.rtoSeconds)}`;
}

function rtoMark(result: FunctionResult, limit: number | undefined, healthy: boolean): string {
  if (!healthy) return "void";
  if (limit === undefined) return "";
  const met = !result.censored && result.rtoSeconds <= limit;
  return met ? tone("green", "met") : tone("red", "MISSED");
}

function partCells({ parts }: Outage): readonly string[] {
  return [parts.detect, parts.decide, parts.act, parts.recover, parts.drain].map((part) =>
    part.toFixed(1),
  );
}

function longest(outages: readonly Outage[]): Outage | undefined {
  return [...outages].sort((a, b) => b.seconds - a.seconds)[0];
}

function triggerLines({ results: { triggers = [] } }: RecordingHead): readonly string[] {
  if (triggers.length === 0) return [];
  const at = (stage: TriggerStage | null) => (stage === null ? "-" : clock(stage.atUs));
  const rows = triggers.map((each) => [
    `  ${each.id}`,
    each.breachedUs < 0 ? "-" : clock(each.breachedUs),
    at(each.alarmed),
    at(each.acted),
    at(each.effective),
    at(each.cleared),
  ]);
  return table([["  ALARM", "BREACHED", "ALARMED", "ACTED", "EFFECTIVE", "CLEARED"], ...rows]);
}

function budgetLines({ results: { errorBudgets = [] } }: RecordingHead): readonly string[] {
  if (errorBudgets.length === 0) return [];
  const header = [
    "  FUNCTION",
    "GOOD",
    "BAD",
    "SPENT",
    "BURN",
    "FAST 1h/5m",
    "SLOW 6h/30m",
    "TICKET 3d/6h",
  ];
  const rows = errorBudgets.map((each) => [
    `  ${each.function}`,
    `${shareText(each.availability)}/${grouped(each.periodDays)}d`,
    grouped(each.badCount),
    shareText(each.spentShare),
    each.burnRate.toFixed(1),
    ...each.alerts.map(alertText),
  ]);
  return table([header, ...rows]);
}

/** `31.2 of 14.4, at 06:52` */
function alertText({ peakRate, rateMax, firedAtSeconds }: BurnAlert): string {
  const peak = `${peakRate.toFixed(1)} of ${rateMax}`;
  return firedAtSeconds === null ? peak : tone("red", `${peak}, at ${clock(firedAtSeconds * 1e6)}`);
}

function shareText(share: number): string {
  return `${Number((100 * share).toPrecision(3))}%`;
}

function marketLines({ results: { market } }: RecordingHead): readonly string[] {
  if (market.length === 0) return [];
  const header = ["  FAULT", "HALTED", "CANCEL-ONLY", "AUCTION", "CONTINUOUS"];
  const rows = market.map((each) => {
    const isOver = each.continuousSeconds !== null;
    const state = (seconds: number | null) => {
      if (seconds !== null) return secondsText(seconds);
      return isOver ? "left out" : "not reached";
    };
    return [
      `  ${clock(each.faultUs)}`,
      state(each.haltedSeconds),
      state(each.cancelOnlySeconds),
      state(each.auctionSeconds),
      state(each.continuousSeconds),
    ];
  });
  return table([header, ...rows]);
}

/** True for a platform of reads alone: there are no books, no data loss and nothing for the invariants to check. */
function placesNoOrders({ totals, books }: RunResults): boolean {
  const { commandsAccepted, commandsInDoubt, commandsRefused } = totals;
  return commandsAccepted + commandsInDoubt + commandsRefused + books.openOrders === 0;
}

/** What clients learnt by asking, and funds that an outage left held. */
function afterwardsLines({ clientReconciliation, holds }: RunResults): readonly string[] {
  const lines: string[] = [];
  if (clientReconciliation !== undefined) {
    const { unknown, confirmed, resubmitted, tradesToBust } = clientReconciliation;
    lines.push(
      `  asked     ${grouped(confirmed)} found to stand, ${grouped(resubmitted)} sent again, ${grouped(unknown)} still unknown; ${grouped(tradesToBust)} trades to bust`,
    );
  }
  if (holds !== undefined && holds.leftOverOrders > 0) {
    lines.push(
      `  holds     ${grouped(holds.orders)} orders' funds are held, ${grouped(holds.leftOverOrders)} of them (${grouped(holds.leftOverValue)} ticks x lots) for orders that are nowhere`,
    );
  }
  return lines;
}

function orderLines({ results }: RecordingHead): readonly string[] {
  const { totals, books, rpo } = results;
  if (placesNoOrders(results)) {
    return [
      "  none      the load places no orders",
      `  traffic   ${grouped(totals.requests)} requests in ${grouped(totals.attempts)} attempts, ${grouped(totals.staleAnswers)} stale answers`,
    ];
  }
  const lost = rpo.find(({ declared }) => declared)?.lostCount ?? 0;
  const lines = [
    `  commands  ${grouped(totals.commandsAccepted)} accepted: ${grouped(totals.commandsMatched)} matched, ` +
      `${grouped(totals.commandsWaiting)} waiting, ${grouped(lost)} lost`,
    `            ${grouped(totals.commandsInDoubt)} in doubt (${grouped(totals.commandsInDoubtThatTookEffect)} took effect), ` +
      `${grouped(totals.commandsRefused)} refused`,
    ...(totals.commandsTurnedAway === 0
      ? []
      : [
          `            ${grouped(totals.commandsTurnedAway)} of the accepted turned away by the engine while the market was not open`,
        ]),
    ...afterwardsLines(results),
    `  traffic   ${grouped(totals.requests)} requests in ${grouped(totals.attempts)} attempts, ${grouped(totals.staleAnswers)} stale answers`,
    `            ${grouped(totals.redeliveries)} redeliveries, ${grouped(totals.duplicatesDropped)} duplicates dropped`,
  ];
  const compared = `${grouped(books.symbolsCompared)} symbols, ${grouped(books.openOrders)} open orders, ${grouped(books.trades)} trades`;
  if (books.equal) {
    return [
      ...lines,
      "  books     equal the reference engine's, order by order",
      `            ${compared}`,
    ];
  }
  const ids = books.differingOrderIds;
  return [
    ...lines,
    tone("red", `  books     DIFFER from the reference engine's in ${grouped(ids.length)} orders`),
    `            ${compared}`,
    `            reference ${grouped(books.openOrdersReference)} open orders, ${grouped(books.tradesReference)} trades`,
    `            first ids: ${ids.slice(0, differencesShownMax).join(", ")}`,
  ];
}

function rpoLines({ results }: RecordingHead): readonly string[] {
  if (placesNoOrders(results)) return [];
  const { rpo, differences } = results;
  const header = [
    "  ACCEPTED AT",
    "ACCEPTED",
    "LOST",
    "DOUBLED",
    "REORDERED",
    "STRANDED",
    "LOST NOTIONAL",
    "OLDEST LOST",
  ];
  const rows = rpo.map((each) => [
    `  ${each.acceptance}${each.declared ? " (declared)" : ""}`,
    grouped(each.acceptedCount),
    grouped(each.lostCount),
    grouped(each.doubledCount),
    grouped(each.reorderedCount),
    grouped(each.strandedCount),
    grouped(each.lostNotional),
    each.lostCount === 0 ? "-" : `${secondsText(each.oldestLostSeconds)} before the fault`,
  ]);
  const listed = differences.slice(0, differencesShownMax).map((each) => {
    const told = each.acceptedUs < 0 ? "" : `, accepted at ${clock(each.acceptedUs)}`;
    return `  ${each.kind} ${each.what} ${each.orderId}: symbol ${each.symbol}, ${grouped(each.quantity)} lots${told}, last seen in ${each.lastPlace}`;
  });
  const hiddenCount = differences.length - listed.length;
  const rest =
    hiddenCount > 0 ? [`  (${grouped(hiddenCount)} more differences are in the recording)`] : [];
  return [...table([header, ...rows]), ...listed, ...rest];
}

function invariantLines({ results: { invariants } }: RecordingHead): readonly string[] {
  const checks = invariants.reduce((sum, each) => sum + each.checks, 0);
  if (checks === 0) return [];
  const violated = invariants.filter((each) => each.violations > 0);
  if (violated.length === 0) {
    return [`  all ${invariants.length} held in ${grouped(checks)} checks`];
  }
  return violated.map((each) =>
    tone(
      "red",
      `  VIOLATED ${each.name}: ${grouped(each.violations)} of ${grouped(each.checks)} checks; first: ${each.firstViolation ?? "unknown"}`,
    ),
  );
}

function timeLines({ results: { timeSpent } }: RecordingHead): readonly string[] {
  const flows = [...new Set(timeSpent.map(({ flow }) => flow))];
  return flows.map((flow) => {
    const parts = timeSpent
      .filter((each) => each.flow === flow)
      .sort((a, b) => b.meanMs - a.meanMs);
    const total = parts.reduce((sum, { meanMs }) => sum + meanMs, 0);
    const texts = parts
      .filter(({ meanMs }) => meanMs >= 0.05)
      .map(({ component, meanMs }) => `${component} ${meanMs.toFixed(1)}`);
    return `  ${flow} ${total.toFixed(1)}: ${texts.join(", ")}`;
  });
}

function objectiveLines(objective: ObjectiveResult): readonly string[] {
  const mark = objective.met ? tone("green", "met   ") : tone("red", "MISSED");
  return [
    `  ${mark}  ${objective.id}: ${measuredText(objective)}`,
    ...wrap(objective.because, widthMax, " ".repeat(10)),
  ];
}

/** An objective that only many runs can judge, with what this one adds to it. */
function sampleLines(sample: EnsembleSample, { scenarioName }: ReportOptions): readonly string[] {
  const { id, measured, censored, unit, limit, over } = sample;
  const here =
    measured === null
      ? "nothing"
      : `${censored ? ">" : ""}${grouped(Math.round(measured * 10) / 10)}`;
  const bound = `p${over.percentile} of ${over.seeds} seeds at most ${grouped(limit)} ${unit}`;
  return [
    `  ${tone("yellow", "not judged")}  ${id}: ${bound}; this run measured ${here}`,
    `          npx stormbell drill ${scenarioName} --seeds ${over.seeds} judges it`,
  ];
}

function nextLines(
  recording: Recording,
  { scenarioName, recordingPath }: ReportOptions,
): readonly string[] {
  const { head } = recording;
  const nextSeed = /^\d{1,9}$/.test(head.seed) ? String(Number(head.seed) + 1) : `${head.seed}-2`;
  const rows = [
    [`  npx stormbell drill ${scenarioName} --seeds 20`, "the verdict over 20 seeds, not one"],
    [`  npx stormbell run ${scenarioName} --seed ${nextSeed}`, "the same fault with other luck"],
    ...(recordingPath === undefined
      ? [[`  ${replayCommand(judgedOf(recording), scenarioName)}`, "this run again"]]
      : [[`  npx stormbell run ${recordingPath}`, "this run again; compares the digests"]]),
  ];
  return table(rows);
}

function verdictLine(recording: Recording): string {
  const { kind, text } = verdictOf(judgedOf(recording));
  return tone(kind === "met" ? "green" : "red", text);
}
