/** Sections of a run's report on its orders: what became of them, what was lost, and whether the invariants held. */
import type { RecordingHead } from "../../sim/twin/recording/recording-types.ts";
import type { CopyLack, RunResults } from "../../sim/twin/results-types.ts";
import { table, tone } from "../terminal.ts";
import { clock, grouped, secondsText } from "./clock.ts";

const differencesShownMax = 10;

export function orderLines({ results }: RecordingHead): readonly string[] {
  const { totals, books, rpo } = results;
  const traffic = `  traffic   ${grouped(totals.requests)} requests in ${grouped(totals.attempts)} attempts, ${grouped(totals.staleAnswers)} stale answers`;
  if (placesNoOrders(results)) return ["  none      the load places no orders", traffic];
  const declared = rpo.find((each) => each.declared);
  const lost = declared?.lostCount ?? 0;
  const stranded = declared?.strandedCount ?? 0;
  const underWay = totals.commandsUnderWay ?? 0;
  const elsewhere =
    (underWay === 0 ? "" : `${grouped(underWay)} on the way to the journal, `) +
    (stranded === 0 ? "" : `${grouped(stranded)} stranded, `);
  const { commandsAccepted, commandsWaiting } = totals;
  const matched = commandsAccepted - commandsWaiting - underWay - stranded - lost;
  const lines = [
    `  commands  ${grouped(commandsAccepted)} accepted: ${grouped(matched)} matched, ` +
      `${grouped(commandsWaiting)} waiting, ${elsewhere}${grouped(lost)} lost`,
    `            ${grouped(totals.commandsInDoubt)} in doubt (${grouped(totals.commandsInDoubtThatTookEffect)} took effect), ` +
      `${grouped(totals.commandsRefused)} refused`,
    ...(totals.commandsTurnedAway === 0
      ? []
      : [
          `            ${grouped(totals.commandsTurnedAway)} of the accepted turned away by the engine while the market was not open`,
        ]),
    ...afterwardsLines(results),
    traffic,
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

/** True for a platform of reads alone: there are no books, no data loss and nothing for the invariants to check. */
function placesNoOrders({ totals, books }: RunResults): boolean {
  const { commandsAccepted, commandsInDoubt, commandsRefused } = totals;
  return commandsAccepted + commandsInDoubt + commandsRefused + books.openOrders === 0;
}

/** What clients learnt by asking, and funds that an outage left held. */
function afterwardsLines(results: RunResults): readonly string[] {
  const { clientReconciliation, holds } = results;
  const lines: string[] = [...reportLines(results), ...settlementLines(results)];
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

/** Execution reports that clients missed, and how they got them. */
function reportLines({ executionReports }: RunResults): readonly string[] {
  if (executionReports === undefined) return [];
  const { sent, missed, resent, withdrawn, stillMissing } = executionReports;
  const first = `  reports   ${grouped(sent)} sent, ${grouped(missed)} of them missed`;
  if (missed === 0) return [first];
  const { resendRequests, resendsFailed, sessionsWithGapMax, wholeAfterSeconds } = executionReports;
  const whole =
    wholeAfterSeconds === null
      ? "clients are not whole"
      : `the last client was whole ${secondsText(wholeAfterSeconds)} after the fault`;
  return [
    `${first}: ${grouped(resent)} sent again, ${grouped(withdrawn)} of commands that stand in no history, ${grouped(stillMissing)} still missing`,
    `            requests for a resend: ${grouped(resendRequests)}, ${grouped(resendsFailed)} of them failed or turned away; sessions with a gap: up to ${grouped(sessionsWithGapMax)}; ${whole}`,
  ];
}

/** Trades that clients were told of and the history lost. */
function settlementLines({ tradeSettlement }: RunResults): readonly string[] {
  if (tradeSettlement === undefined || tradeSettlement.found === 0) return [];
  const { policy, found, foundNotional, busted, honoured, couldNotHonour, open } = tradeSettlement;
  const { accountsOff, accountsOffMax, settledAfterSeconds } = tradeSettlement;
  const could =
    couldNotHonour === 0
      ? ""
      : ` (${grouped(couldNotHonour)} because an order no longer had the quantity)`;
  const when =
    settledAfterSeconds === null
      ? "not settled"
      : `settled ${secondsText(settledAfterSeconds)} after the fault`;
  return [
    `  trades    ${grouped(found)} told of and in no history (${grouped(foundNotional)} ticks x lots), policy ${policy}: ${grouped(busted)} called off${could}, ${grouped(honoured)} re-instated, ${grouped(open)} open; ${when}`,
    `            ${grouped(accountsOffMax)} accounts believed in other positions than the venue booked, ${grouped(accountsOff)} at the end`,
  ];
}

export function rpoLines({ results }: RecordingHead): readonly string[] {
  if (results.scaling !== undefined) {
    return [`  not judged: scaled 1:${results.scaling.oneOf}; run it without --scale`];
  }
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

/** What asynchronous copies had not received: what would be gone if only they were left. */
export function copyLines({ results: { copies = [] } }: RecordingHead): readonly string[] {
  if (copies.length === 0) return [];
  const someNever = copies.some(({ neverCount }) => neverCount > 0);
  const header = ["  COPY", "LACKS", "SOURCE LOST", "AT ITS WORST", "AT THE END"];
  const rows = copies.map(({ component, unit, sourceLost, most, atEnd, neverCount }) => [
    `  ${component}`,
    unit,
    sourceLost === null ? "-" : lackText(sourceLost),
    lackText(most),
    lackText(atEnd),
    ...(someNever ? [neverCount === 0 ? "-" : grouped(neverCount)] : []),
  ]);
  return table([someNever ? [...header, "NEVER"] : header, ...rows]);
}

/** `437, 12.3 s old` */
function lackText({ items, seconds }: CopyLack): string {
  if (items === 0) return "nothing";
  return `${grouped(items)}${seconds === null ? "" : `, ${secondsText(seconds)} old`}`;
}

export function invariantLines({ results: { invariants } }: RecordingHead): readonly string[] {
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
