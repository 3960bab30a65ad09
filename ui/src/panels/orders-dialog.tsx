import type { LedgerDifference, TradeFate } from "../../../sim/twin/results-types.ts";
import { numberText, plainSentence, sentence } from "../playback/number-text.ts";
import { clockText } from "../playback/times.ts";
import * as state from "../state.ts";
import { ClientReports, TradeSettlement } from "./client-reports.tsx";
import { Dialog } from "./dialog.tsx";

const shownMax = 200;

/** `order-entry-rto` is `Order entry RTO`. */
function objectiveTitle(id: string): string {
  const words = id.replace(/-/g, " ").replace(/\b(rto|rpo)\b/g, (each) => each.toUpperCase());
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Without the chain of events, which the why panel shows, and with figures that can be read. */
function reasonOf(because: string): string {
  const [reason = ""] = because.split("; the chain that ended it was");
  return sentence(plainSentence(reason.charAt(0).toUpperCase() + reason.slice(1)));
}

/** What became of the orders: lost, doubled, reordered, stranded, with the last place each was known to be. */
export function OrdersDialog() {
  const results = state.view.value?.head.results;
  if (results === undefined) return null;
  const isSettled = results.differences.some(({ fate }) => fate !== undefined);
  return (
    <Dialog title="Orders and verdicts" isWide>
      <ul class="verdicts" aria-label="Verdicts">
        {results.objectives.map((objective) => (
          <li key={objective.id} data-tone={objective.met ? "healthy" : "failed"}>
            <b>{objective.met ? "met" : "missed"}</b>
            <span>{objectiveTitle(objective.id)}</span>
            <span class="muted">{reasonOf(objective.because)}</span>
          </li>
        ))}
      </ul>
      <h3>Orders</h3>
      <table>
        <thead>
          <tr>
            <th scope="col">Counted from</th>
            {results.rpo.map((rpo) => (
              <th key={rpo.acceptance} scope="col">
                the {rpo.acceptance}
                {rpo.declared ? " (declared)" : ""}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {orderCounts.map(([words, field]) => (
            <tr key={field}>
              <th scope="row">{words}</th>
              {results.rpo.map((rpo) => (
                <td key={rpo.acceptance}>{numberText(rpo[field])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p class="under-table">
        {results.books.equal
          ? "The recovered books equal the reference engine's, order by order."
          : `${numberText(results.books.differingOrderIds.length)} orders differ from the reference engine's.`}{" "}
        {numberText(results.totals.commandsInDoubt)} commands ended in doubt;{" "}
        {numberText(results.totals.commandsInDoubtThatTookEffect)} of them took effect.
      </p>
      <ClientReports results={results} />
      <TradeSettlement results={results} />
      {results.differences.length > 0 && (
        <section data-differences>
          <h3>
            {numberText(results.differences.length)} differences{" "}
            <span class="muted">between what clients were told and what the venue holds</span>
          </h3>
          <table class="of-words">
            <thead>
              <tr>
                <th scope="col">Order</th>
                <th scope="col">what</th>
                <th scope="col">fate</th>
                <th scope="col">lots</th>
                <th scope="col">accepted at</th>
                <th scope="col">last known place</th>
                {isSettled && <th scope="col">settled</th>}
              </tr>
            </thead>
            <tbody>
              {listed(results.differences).map((each, at) => (
                <tr key={at}>
                  <th scope="row">{each.orderId}</th>
                  <td>{each.what}</td>
                  <td>{each.kind}</td>
                  <td>{numberText(each.quantity)}</td>
                  <td>{each.acceptedUs < 0 ? "" : clockText(each.acceptedUs)}</td>
                  <td>{each.lastPlace}</td>
                  {isSettled && (
                    <td data-tone={each.fate === "open" ? "failed" : undefined}>
                      {each.fate === undefined ? "" : fateWords[each.fate]}
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {results.differences.length > shownMax && (
        <p class="muted">
          {numberText(results.differences.length - shownMax)} more are in the JSON export.
        </p>
      )}
    </Dialog>
  );
}

/** What became of the orders that were accepted. */
const orderCounts = [
  ["accepted", "acceptedCount"],
  ["lost", "lostCount"],
  ["doubled", "doubledCount"],
  ["reordered", "reorderedCount"],
  ["stranded", "strandedCount"],
] as const;

const fateWords: Readonly<Record<TradeFate, string>> = {
  "called-off": "called off",
  "re-instated": "re-instated",
  open: "not decided",
};

/** Trades first, which somebody must settle; of each kind as many as there is room for. */
function listed(differences: readonly LedgerDifference[]): readonly LedgerDifference[] {
  const trades = differences.filter(({ what }) => what === "trade");
  const rest = differences.filter(({ what }) => what !== "trade");
  const tradesShown = Math.min(trades.length, Math.max(shownMax / 2, shownMax - rest.length));
  return [...trades.slice(0, tradesShown), ...rest.slice(0, shownMax - tradesShown)];
}
