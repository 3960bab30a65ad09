import { bindings, placedKeys } from "../keyboard.ts";
import { loadDemonstration } from "../runs/open-recording.ts";
import * as state from "../state.ts";
import { Dialog } from "./dialog.tsx";

export function HelpDialog() {
  return (
    <Dialog title="Help" isWide>
      <p>
        The page plays a recorded run. Drag the timeline to any instant, choose a component to see
        its figures and the numbers it works with, choose an event to see what caused it.
      </p>
      <p class="introduction-again">
        <button
          type="button"
          onClick={() => {
            state.isIntroduced.value = false;
            state.dialog.value = "";
          }}
        >
          Show the first buttons again
        </button>{" "}
        <button
          type="button"
          onClick={() => {
            state.dialog.value = "";
            void loadDemonstration({ autoplay: true });
          }}
        >
          Play the demonstration
        </button>
      </p>
      <label class="check">
        <input
          type="checkbox"
          checked={state.singleKeys.value}
          onChange={(event) => {
            state.singleKeys.value = event.currentTarget.checked;
          }}
        />{" "}
        Single-key shortcuts
      </label>
      <table class="keys">
        <thead>
          <tr>
            <th scope="col">Key</th>
            <th scope="col">Does</th>
          </tr>
        </thead>
        <tbody>
          {[...bindings, ...placedKeys].map(({ keys, does }) => (
            <tr key={`${keys} ${does}`}>
              <th scope="row">
                <kbd>{keys}</kbd>
              </th>
              <td>{does}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <h3>What the signs mean</h3>
      <ul class="signs">
        {(["healthy", "degraded", "failed", "unknown"] as const).map((health) => (
          <li key={health} data-health={health}>
            <svg width="12" height="12" aria-hidden="true">
              <use href={`#glyph-${health}`} width="12" height="12" />
            </svg>{" "}
            {health === "unknown" ? "unknown, starting, or not there" : health}
          </li>
        ))}
        <li>▲ fault</li>
        <li>◆ alarm</li>
        <li>■ scaling</li>
        <li>● decision</li>
      </ul>
      <p>
        Drums store, pipes pass messages on, all other cards serve. The bar at a card's foot is its
        load; of a queue, how deep it is against its deepest. The small squares are its zones or its
        copies. On the timeline each lane is a business function, red where outcomes were bad; the
        thin lanes under it are alarms: ○ beyond the bound, ◆ alarmed, ■ acted on, ● effective.
      </p>
      <p class="muted">
        Each dot stands for the calls that the legend names; the calls on a line and those that
        reach each zone are counted, and which caller a dot comes from is drawn in proportion to
        where calls arrived.
      </p>
    </Dialog>
  );
}
