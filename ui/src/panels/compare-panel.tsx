import { useMemo } from "preact/hooks";
import { type Chart, chartsOf } from "../charts/chart-data.ts";
import { ChartView } from "../charts/chart-view.tsx";
import { longestOutages } from "../playback/clocks.ts";
import { functionTitle } from "../playback/markers.ts";
import { numberText } from "../playback/number-text.ts";
import { lastFrame, type RecordingView, valueAt } from "../playback/recording-view.ts";
import { clockText } from "../playback/times.ts";
import * as state from "../state.ts";

/** What the run on screen is called beside a branch of it, or beside another design. */
export function baseTitle(branch: state.Branch, view: RecordingView): string {
  return branch.decision.kind === "fault" ? "As it was" : view.head.scenario.title;
}

/** Two runs on one axis: two futures of one past, or two designs under one load. */
export function ComparePanel() {
  const view = state.view.value;
  const branch = state.compared.value;
  if (view === undefined) return null;
  if (branch === undefined) {
    return (
      <div class="empty">
        <p>Two runs over one time axis would be here, their difference shaded.</p>
        <p class="row">
          <button
            type="button"
            onClick={() => {
              state.dialog.value = "break";
            }}
          >
            Break something
          </button>
          <button
            type="button"
            onClick={() => {
              state.dialog.value = "design";
            }}
          >
            Compare two designs
          </button>
        </p>
        <p>
          Break something at the instant on screen and see both futures, or put another design
          beside this one.
        </p>
      </div>
    );
  }
  const isSwapped = state.isSwapped.value;
  const [left, right] = isSwapped ? [branch.view, view] : [view, branch.view];
  const base = baseTitle(branch, view);
  const [first, second] = isSwapped ? [branch.title, base] : [base, branch.title];
  return (
    <section aria-label="Compare">
      <header class="compare-head">
        <dl>
          <div>
            <dt class="key key-0">A</dt>
            <dd>{first}</dd>
          </div>
          <div>
            <dt class="key key-1">B</dt>
            <dd>{second}</dd>
          </div>
        </dl>
        <button
          type="button"
          class="quiet"
          data-swap
          onClick={() => {
            state.isSwapped.value = !isSwapped;
          }}
        >
          Swap
        </button>
      </header>
      <p class="muted">{relationOf(branch, view)}</p>
      {state.branches.value.length > 1 && <BranchChoice chosen={branch.id} />}
      <Differences left={left} right={right} />
      <ComparedCharts left={left} right={right} />
    </section>
  );
}

/** What the two runs have in common. */
function relationOf(branch: state.Branch, view: RecordingView): string {
  if (branch.decision.kind === "fault") {
    return `The same until ${clockText(branch.fromUs, 0)}, and the same arrivals after it.`;
  }
  const [a, b] = [view.head, branch.view.head];
  const lengths =
    a.durationUs === b.durationUs
      ? ""
      : ` A lasts ${clockText(a.durationUs, 0)}, B ${clockText(b.durationUs, 0)}: ${
          a.durationUs > b.durationUs
            ? "after its end B stands as it was then."
            : "what B does after the end of A is in the charts below alone."
        }`;
  const isSame =
    a.seed === b.seed &&
    JSON.stringify(a.scenario.workload) === JSON.stringify(b.scenario.workload);
  const arrivals = isSame
    ? `The same arrivals (seed ${a.seed}) from the start.`
    : "Other arrivals: workload or seed differ, so compare shares and times rather than counts.";
  return arrivals + lengths;
}

function BranchChoice({ chosen }: { chosen: string }) {
  return (
    <label class="field">
      <span>B is</span>
      <select
        value={chosen}
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
  );
}

interface Difference {
  readonly what: string;
  readonly left: number;
  readonly right: number;
  readonly unit: string;
}

function differencesOf(left: RecordingView, right: RecordingView): readonly Difference[] {
  const others = new Map(longestOutages(right).map((each) => [each.function, each.seconds]));
  const rows: Difference[] = longestOutages(left).flatMap(({ function: name, seconds }) => {
    const other = others.get(name);
    if (other === undefined) return [];
    const what = `${functionTitle(name)}, longest outage`;
    return [{ what, left: Math.round(seconds), right: Math.round(other), unit: "s" }];
  });
  const lost = (view: RecordingView) =>
    view.head.results?.rpo.find(({ declared }) => declared)?.lostCount ?? 0;
  // A sample of the symbols tells nothing of losses.
  const isWhole = [left, right].every((view) => view.head.results?.scaling === undefined);
  if (isWhole) {
    rows.push({ what: "Orders lost", left: lost(left), right: lost(right), unit: "" });
  }
  const bad = (view: RecordingView) =>
    (view.head.results?.functions ?? []).reduce((sum, each) => sum + each.badCount, 0);
  rows.push({ what: "Bad outcomes", left: bad(left), right: bad(right), unit: "" });
  const cost = (view: RecordingView) => {
    const channel = view.runChannels.get("cost per hour");
    return channel === undefined ? undefined : valueAt(view, channel, lastFrame(view));
  };
  const [before, after] = [cost(left), cost(right)];
  if (before !== undefined && after !== undefined) {
    const [a, b] = [Math.round(before), Math.round(after)];
    rows.push({ what: "Cost at the end", left: a, right: b, unit: "$/h" });
  }
  return rows;
}

function Differences({ left, right }: { left: RecordingView; right: RecordingView }) {
  const rows = useMemo(() => differencesOf(left, right), [left, right]);
  return (
    <table class="differences">
      <thead>
        <tr>
          <th scope="col">Over the whole run</th>
          <th scope="col">A</th>
          <th scope="col">B</th>
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
  // As the header writes it.
  if (unit === "$/h") return `$${numberText(value)}/h`;
  return `${numberText(value)}${unit === "" ? "" : ` ${unit}`}`;
}

function signed(value: number, unit: string): string {
  if (value === 0) return "none";
  return `${value > 0 ? "+" : "−"}${withUnit(Math.abs(value), unit)}`;
}

function ComparedCharts(options: { left: RecordingView; right: RecordingView }) {
  const { left, right } = options;
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
            { ...first, label: "A" },
            { ...second, label: "B" },
          ],
        },
      ];
    });
  }, [left, right]);
  return (
    <div class="charts">
      {charts.map((chart) => (
        <ChartView key={chart.id} chart={chart} height={110} />
      ))}
    </div>
  );
}
