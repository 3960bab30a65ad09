import { useMemo } from "preact/hooks";
import { type Chart, chartsOf } from "../charts/chart-data.ts";
import { ChartView } from "../charts/chart-view.tsx";
import { clocksAt } from "../playback/clocks.ts";
import { functionTitle } from "../playback/markers.ts";
import { numberText } from "../playback/number-text.ts";
import type { RecordingView } from "../playback/recording-view.ts";
import { clockText } from "../playback/times.ts";
import * as state from "../state.ts";

/** Two futures of one past, on one axis. */
export function ComparePanel() {
  const view = state.view.value;
  const branch = state.compared.value;
  if (view === undefined) return null;
  if (branch === undefined) {
    return (
      <p class="empty">
        Two runs over one time axis would be here.{" "}
        <button
          type="button"
          class="link"
          onClick={() => {
            state.dialog.value = "break";
          }}
        >
          Break something
        </button>{" "}
        at the instant on screen, and see what becomes of it beside the run as it was.
      </p>
    );
  }
  const [left, right] = state.isSwapped.value ? [branch.view, view] : [view, branch.view];
  const names = state.isSwapped.value ? [branch.title, "as it was"] : ["as it was", branch.title];
  return (
    <section aria-label="Compare">
      <header class="compare-head">
        <p>
          <b class="key key-0">{names[0]}</b> against <b class="key key-1">{names[1]}</b>
          <span class="muted"> from {clockText(branch.fromUs)}; the same arrivals</span>
        </p>
        <label>
          <span class="visually-hidden">Branch</span>
          <select
            value={branch.id}
            onChange={(event) => {
              state.compareId.value = event.currentTarget.value;
            }}
          >
            {state.branches.value.map((each) => (
              <option key={each.id} value={each.id}>
                {each.title}
              </option>
            ))}
          </select>
        </label>
        <button
          type="button"
          class="quiet"
          data-swap
          onClick={() => {
            state.isSwapped.value = !state.isSwapped.value;
          }}
        >
          Swap
        </button>
      </header>
      <Differences left={left} right={right} />
      <ComparedCharts
        left={left}
        right={right}
        names={state.isSwapped.value ? ["broken", "as it was"] : ["as it was", "broken"]}
      />
    </section>
  );
}

interface Difference {
  readonly what: string;
  readonly left: number;
  readonly right: number;
  readonly unit: string;
}

function differencesOf(left: RecordingView, right: RecordingView): readonly Difference[] {
  const end = (view: RecordingView) => clocksAt(view, view.availableUs);
  const rows: Difference[] = end(left).map((clock, at) => ({
    what: `${functionTitle(clock.function)} out of service`,
    left: Math.round(clock.seconds),
    right: Math.round(end(right)[at]?.seconds ?? 0),
    unit: "s",
  }));
  const lost = (view: RecordingView) =>
    view.head.results?.rpo.find(({ declared }) => declared)?.lostCount ?? 0;
  rows.push({ what: "Orders lost", left: lost(left), right: lost(right), unit: "" });
  const bad = (view: RecordingView) =>
    (view.head.results?.functions ?? []).reduce((sum, each) => sum + each.badCount, 0);
  rows.push({ what: "Bad outcomes", left: bad(left), right: bad(right), unit: "" });
  return rows;
}

function Differences({ left, right }: { left: RecordingView; right: RecordingView }) {
  const rows = useMemo(() => differencesOf(left, right), [left, right]);
  return (
    <table class="differences">
      <thead>
        <tr>
          <th scope="col">Over the whole run</th>
          <th scope="col">first</th>
          <th scope="col">second</th>
          <th scope="col">difference</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.what}>
            <th scope="row">{row.what}</th>
            <td>{withUnit(row.left, row.unit)}</td>
            <td>{withUnit(row.right, row.unit)}</td>
            <td data-difference={row.right - row.left}>{signed(row.right - row.left, row.unit)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function withUnit(value: number, unit: string): string {
  return `${numberText(value)}${unit === "" ? "" : ` ${unit}`}`;
}

function signed(value: number, unit: string): string {
  if (value === 0) return "none";
  return `${value > 0 ? "+" : "−"}${withUnit(Math.abs(value), unit)}`;
}

function ComparedCharts(options: {
  left: RecordingView;
  right: RecordingView;
  names: readonly [string, string];
}) {
  const { left, right, names } = options;
  const charts = useMemo(() => {
    const others = new Map(chartsOf(right).map((chart) => [chart.id, chart]));
    return chartsOf(left).flatMap((chart): Chart[] => {
      const other = others.get(chart.id);
      const [first] = chart.lines;
      const [second] = other?.lines ?? [];
      if (first === undefined || second === undefined) return [];
      const title = chart.lines.length > 1 ? `${chart.title}, ${first.label}` : chart.title;
      return [
        {
          ...chart,
          id: `compare-${chart.id}`,
          title,
          isDifference: true,
          lines: [
            { ...first, label: names[0] },
            { ...second, label: names[1] },
          ],
        },
      ];
    });
  }, [left, right, names[0], names[1]]);
  return (
    <div class="charts">
      {charts.map((chart) => (
        <ChartView key={chart.id} chart={chart} height={110} />
      ))}
    </div>
  );
}
