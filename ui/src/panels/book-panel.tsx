import { useComputed } from "@preact/signals";
import { useState } from "preact/hooks";
import { type BookPicture, bookAt, watchedSymbols } from "../playback/book.ts";
import { clockText } from "../playback/times.ts";
import * as state from "../state.ts";

/** The order book of a watched symbol: bids left, asks right, so that sides are told by place as well as by colour. */
export function BookPanel() {
  const view = state.view.value;
  const symbols = view === undefined ? [] : watchedSymbols(view);
  const [chosen, setChosen] = useState<string | undefined>(undefined);
  const symbol = chosen !== undefined && symbols.includes(chosen) ? chosen : symbols[0];
  const book = useComputed(() =>
    state.view.value === undefined || symbol === undefined
      ? undefined
      : bookAt(state.view.value, symbol, state.instantUs.value),
  );
  if (view === undefined) return null;
  if (symbol === undefined) {
    return (
      <p class="empty">
        The order books of the watched symbols would be here. This recording was made before books
        were recorded; run its scenario again to see them.{" "}
        <button
          type="button"
          class="link"
          onClick={() => {
            state.dialog.value = "start";
          }}
        >
          Choose a scenario
        </button>
      </p>
    );
  }
  const now = book.value;
  const most = Math.max(
    1,
    ...(now?.levels ?? []).flatMap(({ bid, ask }) => [bid?.quantity ?? 0, ask?.quantity ?? 0]),
  );
  return (
    <section class="book" aria-label="Order book" data-book={symbol}>
      <header>
        <span id="book-symbol">Symbol</span>
        <div class="segmented" role="group" aria-labelledby="book-symbol">
          {symbols.map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={each === symbol}
              onClick={() => setChosen(each)}
            >
              {each}
            </button>
          ))}
        </div>
        <span class="muted">
          {now === undefined || now.engine === "absent"
            ? "no engine is running"
            : `as of ${clockText(now.atUs, 0)}`}
        </span>
      </header>
      <table>
        <thead>
          <tr>
            <th scope="col">quantity</th>
            <th scope="col">bid</th>
            <th scope="col">ask</th>
            <th scope="col">quantity</th>
          </tr>
        </thead>
        <tbody>
          {(now?.levels ?? []).map(({ bid, ask }, at) => (
            <tr key={at}>
              <td class="bid-size">
                <span
                  class="bar"
                  style={`width:${(((bid?.quantity ?? 0) / most) * 100).toFixed(1)}%`}
                />
                <span>{bid === undefined ? "" : bid.quantity.toLocaleString("en-US")}</span>
              </td>
              <td class="bid">{bid === undefined ? "" : bid.price.toLocaleString("en-US")}</td>
              <td class="ask">{ask === undefined ? "" : ask.price.toLocaleString("en-US")}</td>
              <td class="ask-size">
                <span
                  class="bar"
                  style={`width:${(((ask?.quantity ?? 0) / most) * 100).toFixed(1)}%`}
                />
                <span>{ask === undefined ? "" : ask.quantity.toLocaleString("en-US")}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="muted">
        {now === undefined || now.engine === "absent"
          ? "Nothing can trade until an engine has the books back. "
          : `${stateOf(now)} `}
        Prices in ticks, quantities in lots, the best {now?.levels.length ?? 0} prices a side.
      </p>
    </section>
  );
}

/** `331 orders rest in this book; 2 ticks between the best bid and the best ask.` */
function stateOf({ orders, levels }: BookPicture): string {
  const [best] = levels;
  const resting =
    orders === 0
      ? "No order rests in this book"
      : `${orders.toLocaleString("en-US")} ${orders === 1 ? "order rests" : "orders rest"} in this book`;
  if (orders === 0) return `${resting}.`;
  if (best?.bid === undefined || best.ask === undefined) {
    return `${resting}, all on one side: nothing can trade until the other has one.`;
  }
  const spread = best.ask.price - best.bid.price;
  return `${resting}; ${spread} ${spread === 1 ? "tick" : "ticks"} between the best bid and the best ask.`;
}
