import { useState } from "preact/hooks";
import { addressNow } from "../address.ts";
import * as state from "../state.ts";
import { Unfinished } from "./unfinished.tsx";

const forms = [
  { id: "json", title: "JSON", what: "the whole recording; opens again here" },
  {
    id: "csv",
    title: "CSV",
    what: "every figure, one row each: time in seconds, component, metric, unit, value",
  },
  { id: "perfetto", title: "Perfetto trace", what: "opens in ui.perfetto.dev" },
  { id: "otlp", title: "OTLP", what: "spans as lines of JSON" },
  {
    id: "cloudwatch",
    title: "CloudWatch",
    what: "the metrics as GetMetricData answers them, for calibration",
  },
  { id: "svg", title: "SVG", what: "the map and the charts at this instant" },
  { id: "png", title: "PNG", what: "the map at this instant, twice its size" },
] as const;

/** Ways out of the page. */
export function ExportDialog() {
  const [done, setDone] = useState("");
  const view = state.view.value;
  if (view?.head.results === undefined) return <Unfinished then="share it" />;
  return (
    <div class="exports">
      <p class="row">
        <button
          type="button"
          class="primary"
          data-copy-link
          onClick={() => {
            const link = `${location.origin}${location.pathname}${addressNow()}`;
            void navigator.clipboard.writeText(link).then(
              () => setDone("The link is on the clipboard."),
              () => setDone(link),
            );
          }}
        >
          Copy link to this instant
        </button>
      </p>
      <ul>
        {forms
          .filter(({ id }) => id !== "cloudwatch" || view.head.metrics)
          .map((form) => (
            <li key={form.id}>
              <button
                type="button"
                data-export={form.id}
                onClick={() => {
                  void import("../exports.ts")
                    .then(({ exportAs }) => exportAs(form.id, view))
                    .then(
                      (name) => setDone(`Saved ${name}.`),
                      (error: unknown) =>
                        setDone(`${form.title} could not be made (${error}). Try another form.`),
                    );
                }}
              >
                {form.title}
              </button>
              <span class="muted">{form.what}</span>
            </li>
          ))}
      </ul>
      <p role="status">{done}</p>
    </div>
  );
}
