import { plainSentence, sentence } from "../playback/number-text.ts";
import { clockText } from "../playback/times.ts";
import * as state from "../state.ts";
import { Dialog } from "./dialog.tsx";

const lostShownMax = 200;

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
  return (
    <Dialog title="Orders and verdicts" isWide>
      <table>
        <thead>
          <tr>
            <th scope="col">Counted as accepted at</th>
            <th scope="col">accepted</th>
            <th scope="col">lost</th>
            <th scope="col">doubled</th>
            <th scope="col">reordered</th>
            <th scope="col">stranded</th>
          </tr>
        </thead>
        <tbody>
          {results.rpo.map((rpo) => (
            <tr key={rpo.acceptance}>
              <th scope="row">
                the {rpo.acceptance}
                {rpo.declared ? " (declared)" : ""}
              </th>
              <td>{rpo.acceptedCount.toLocaleString("en-US")}</td>
              <td>{rpo.lostCount}</td>
              <td>{rpo.doubledCount}</td>
              <td>{rpo.reorderedCount}</td>
              <td>{rpo.strandedCount}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>
        {results.books.equal
          ? "The recovered books equal the reference engine's, order by order."
          : `${results.books.differingOrderIds.length} orders differ from the reference engine's.`}{" "}
        {results.totals.commandsInDoubt.toLocaleString("en-US")} commands ended in doubt;{" "}
        {results.totals.commandsInDoubtThatTookEffect.toLocaleString("en-US")} of them took effect.
      </p>
      {results.differences.length > 0 && (
        <table>
          <thead>
            <tr>
              <th scope="col">Order</th>
              <th scope="col">what</th>
              <th scope="col">fate</th>
              <th scope="col">accepted at</th>
              <th scope="col">last known place</th>
            </tr>
          </thead>
          <tbody>
            {results.differences.slice(0, lostShownMax).map((each) => (
              <tr key={`${each.kind}${each.orderId}${each.what}`}>
                <th scope="row">{each.orderId}</th>
                <td>{each.what}</td>
                <td>{each.kind}</td>
                <td>{each.acceptedUs < 0 ? "" : clockText(each.acceptedUs)}</td>
                <td>{each.lastPlace}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {results.differences.length > lostShownMax && (
        <p class="muted">
          {results.differences.length - lostShownMax} more are in the JSON export.
        </p>
      )}
      <h3>Verdicts</h3>
      <ul class="verdicts">
        {results.objectives.map((objective) => (
          <li key={objective.id} data-tone={objective.met ? "healthy" : "failed"}>
            <b>{objective.met ? "met" : "missed"}</b>
            <span>{objectiveTitle(objective.id)}</span>
            <span class="muted">{reasonOf(objective.because)}</span>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
