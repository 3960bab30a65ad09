import { useComputed } from "@preact/signals";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type uPlot from "uplot";
import { latePart } from "../late-part.ts";
import { numberText } from "../playback/number-text.ts";
import { onFrame, seek } from "../player.ts";
import * as state from "../state.ts";
import { alignedData, type Chart, secondsOf } from "./chart-data.ts";
import { inTurn } from "./in-turn.ts";

const syncKey = "stormbell";

/** A chart drawn once; while playing, only the line of the present instant moves. */
export function ChartView({ chart, height: heightAsked }: { chart: Chart; height: number }) {
  const height = Math.max(heightAsked, 30 + stateHeight * (chart.states ?? 0));
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const playhead = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [isTable, setTable] = useState(false);
  const theme = useComputed(() => state.shownTheme.value).value;
  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    setWidth(element.clientWidth);
    return () => observer.disconnect();
  }, []);
  /** Another run brings its own length with its data; only a zoom changes the span alone. */
  const drawnSpan = useRef(state.span.peek());
  const latest = useRef(chart);
  latest.current = chart;
  const shape = `${chart.id} ${chart.lines.map(({ label }) => label).join()}`;
  useEffect(() => {
    inTurn(latest, () => {
      if (plot.current === undefined) return;
      drawnSpan.current = state.span.peek();
      redraw(plot.current, latest.current);
    });
  }, [chart]);
  useEffect(() => {
    let isGone = false;
    if (width === 0 || isTable || box.current === null) return;
    const element = box.current;
    void latePart(import("./plot.ts"), "Charts cannot be drawn, but read as tables").then(
      (part) => {
        if (part === undefined) return;
        inTurn(plot, () => {
          if (isGone) return;
          drawnSpan.current = state.span.peek();
          plot.current = part.createPlot(element, () => latest.current, {
            width,
            height,
            syncKey,
            onSeek: seek,
            onDraw: () => movePlayhead(plot.current, playhead.current),
          });
          plot.current.setScale("x", spanSeconds(latest.current));
        });
      },
    );
    return () => {
      isGone = true;
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [shape, width, height, theme, isTable]);
  useEffect(
    () =>
      onFrame(() => {
        if (plot.current === undefined) return;
        if (drawnSpan.current !== state.span.peek()) {
          drawnSpan.current = state.span.peek();
          plot.current.setScale("x", spanSeconds(latest.current));
        }
        movePlayhead(plot.current, playhead.current);
      }),
    [],
  );
  return (
    <section
      class="chart"
      aria-label={chart.unit === "" ? chart.title : `${chart.title}, ${chart.unit}`}
    >
      <header>
        <div class="chart-name">
          <h3>{chart.title}</h3>
          <span class="muted">{unitBeside(chart)}</span>
        </div>
        <span class="chart-key">
          {chart.lines.map((line, at) => (
            <span key={line.label} class={chart.lines.length > 1 ? `key key-${at}` : "key"}>
              {chart.lines.length > 1 ? `${line.label} ` : ""}
              <NowValue chart={chart} at={at} />
            </span>
          ))}
        </span>
        <button
          type="button"
          class="quiet"
          aria-pressed={isTable}
          aria-label={`${chart.title} as a table`}
          title={isTable ? "As a chart" : "As a table"}
          onClick={() => setTable(!isTable)}
        >
          <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
            <path
              d={isTable ? "M1 9l3-4 3 2 4-5" : "M1 2.5h10M1 6h10M1 9.5h10M4.5 2.5v7"}
              fill="none"
              stroke="currentColor"
              stroke-width="1.2"
            />
          </svg>
        </button>
      </header>
      <p class="visually-hidden">{summaryOf(chart)}</p>
      {isTable ? (
        <ChartTable chart={chart} />
      ) : (
        <div class="chart-box" ref={box} style={`height:${height}px`} aria-hidden="true">
          <div class="playhead" ref={playhead} />
        </div>
      )}
    </section>
  );
}

/** Not said twice: `Tasks running` needs no `tasks`. */
function unitBeside({ title, unit }: Chart): string {
  return title.toLowerCase().split(" ").includes(unit) ? "" : unit;
}

/** Room for each state that a level stands for, pixels. */
const stateHeight = 14;

function NowValue({ chart, at }: { chart: Chart; at: number }) {
  const text = useComputed(() => {
    const second = Math.floor(state.instantUs.value / 1e6);
    const value = chart.lines[at]?.values[second];
    return value === undefined || Number.isNaN(value) ? "–" : textOf(chart, value);
  });
  return <b class="figure">{text}</b>;
}

/** A value as it is told: a number, or the state that it stands for. */
function textOf(chart: Chart, value: number | undefined): string {
  if (value === undefined) return "–";
  return chart.words?.(value) ?? numberText(value);
}

function redraw(plot: uPlot, chart: Chart): void {
  plot.setData(alignedData(chart) as uPlot.AlignedData, false);
  plot.setScale("x", spanSeconds(chart));
}

/** The span in view; of two runs beside each other the whole of the longer one. */
function spanSeconds(chart: Chart): { min: number; max: number } {
  const lengths = chart.lines.map(({ values }) => (values.length - 1) * 1e6);
  const wholeUs =
    chart.isDifference === true
      ? Math.max(state.durationUs.peek(), ...lengths)
      : state.durationUs.peek();
  const [from, to] = state.span.peek() ?? [0, wholeUs];
  return { min: from / 1e6, max: to / 1e6 };
}

function movePlayhead(plot: uPlot | undefined, element: HTMLDivElement | null): void {
  if (plot === undefined || element === null) return;
  const x = plot.valToPos(state.instantUs.value / 1e6, "x");
  const left = x + plot.bbox.left / devicePixelRatio;
  element.style.transform = `translateX(${left.toFixed(1)}px)`;
  element.style.height = `${plot.bbox.height / devicePixelRatio}px`;
  const isInside = x >= 0 && x <= plot.bbox.width / devicePixelRatio;
  element.style.visibility = isInside ? "visible" : "hidden";
}

function summaryOf(chart: Chart): string {
  return chart.lines
    .map((line) => {
      let most = Number.NEGATIVE_INFINITY;
      let least = Number.POSITIVE_INFINITY;
      let mostAt = 0;
      line.values.forEach((value, second) => {
        if (value > most) {
          most = value;
          mostAt = second;
        }
        if (value < least) least = value;
      });
      return `${line.label}: from ${textOf(chart, least)} to ${textOf(chart, most)} ${chart.unit}, most at ${mostAt} seconds`;
    })
    .join(". ");
}

const tableRowsMax = 200;

function ChartTable({ chart }: { chart: Chart }) {
  const view = state.view.value;
  const rows = useMemo(() => {
    if (view === undefined) return [];
    const seconds = secondsOf(view);
    const step = Math.max(1, Math.ceil(seconds.length / tableRowsMax));
    return [...seconds].filter((_, at) => at % step === 0);
  }, [view, chart]);
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label={`${chart.title}, table`}>
      <table>
        <thead>
          <tr>
            <th scope="col">second</th>
            {chart.lines.map((line) => (
              <th key={line.label} scope="col">
                {line.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((second) => (
            <tr key={second}>
              <th scope="row">{second}</th>
              {chart.lines.map((line) => (
                <td key={line.label}>{textOf(chart, line.values[second])}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
