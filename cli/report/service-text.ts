/** Sections of a run's report on its business functions: what each was without, when, and where its time went. */
import type { RecordingHead } from "../../sim/twin/recording/recording-types.ts";
import type {
  BurnAlert,
  FunctionResult,
  Outage,
  TriggerStage,
} from "../../sim/twin/results-types.ts";
import { table, tone } from "../terminal.ts";
import { clock, grouped, secondsText } from "./clock.ts";

export function functionLines(head: RecordingHead): readonly string[] {
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
  return [
    ...table([header, ...head.results.functions.map((result) => functionRow(result, head))]),
    ...(isTimedFromQueue(head) ? [matchingNote] : []),
  ];
}

/** An order that counts as accepted when it has been matched has no time from acceptance to match. */
const matchingNote =
  "  matching is timed from the queue: here an order is accepted when it has been matched";

function isTimedFromQueue({ topology, results }: RecordingHead): boolean {
  return (
    topology.acceptance === "journal" &&
    results.functions.some(({ function: name }) => name === "matching")
  );
}

function functionRow(result: FunctionResult, head: RecordingHead): readonly string[] {
  const notJudged = head.results.scaling?.notJudged ?? [];
  const target = head.scenario.objectives.find(
    (objective) =>
      objective.kind === "rto" &&
      objective.function === result.function &&
      !notJudged.includes(objective.id),
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
    total === 0 || result.latencyMsP50 <= 0 ? "-" : latencyText(result.latencyMsP50),
    total === 0 || result.latencyMsP99 <= 0 ? "-" : latencyText(result.latencyMsP99),
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

export function budgetLines({ results: { errorBudgets = [] } }: RecordingHead): readonly string[] {
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

export function triggerLines({ results: { triggers = [] } }: RecordingHead): readonly string[] {
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

export function marketLines({ results: { market } }: RecordingHead): readonly string[] {
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

export function timeLines({ results: { timeSpent } }: RecordingHead): readonly string[] {
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
