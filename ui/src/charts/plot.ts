/** uPlot, set up the way every chart of the page looks. Loaded after the first paint. */
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { numberText } from "../playback/number-text.ts";
import { clockText } from "../playback/times.ts";
import { alignedData, type Chart } from "./chart-data.ts";

export interface PlotOptions {
  readonly width: number;
  readonly height: number;
  readonly syncKey: string;
  readonly onSeek: (atUs: number) => void;
  /** Called when its scales are known, and whenever they change. */
  readonly onDraw: (plot: uPlot) => void;
}

export function createPlot(
  element: HTMLElement,
  chartNow: () => Chart,
  options: PlotOptions,
): uPlot {
  const chart = chartNow();
  const style = getComputedStyle(element);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const font = `11px ${style.fontFamily}`;
  const tooltip = document.createElement("div");
  tooltip.className = "tooltip";
  tooltip.hidden = true;
  const axis = {
    stroke: colour("--muted"),
    font,
    grid: { stroke: colour("--hairline"), width: 1 },
    ticks: { show: false },
    gap: 4,
  };
  const strokes = [colour("--line-1"), colour("--line-2"), colour("--line-3"), colour("--line-4")];
  const plot = new uPlot(
    {
      width: options.width,
      height: options.height,
      // The number at the top of the axis stands half above it.
      padding: [7, 18, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        points: { size: 5 },
        drag: { x: false, y: false },
        sync: { key: options.syncKey, scales: ["x", null] },
      },
      scales: {
        x: { time: false },
        y: {
          // A state at the foot has room for its word above the times.
          range: (_, __, most) => [
            chart.words === undefined ? 0 : -0.5,
            most > 0 ? most * 1.08 : 1,
          ],
        },
      },
      axes: [
        {
          ...axis,
          size: 22,
          space: 64,
          gap: 6,
          grid: { show: false },
          values: (_, values) => values.map((value) => clockText(value * 1e6, 0)),
          incrs: [
            1, 2, 5, 10, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 28_800, 86_400,
          ],
        },
        {
          ...axis,
          size: chart.words === undefined ? 44 : 72,
          space: chart.words === undefined ? 26 : 10,
          ...(chart.words === undefined ? {} : { incrs: [1] }),
          values: (_, values) => values.map((value) => chart.words?.(value) ?? shortNumber(value)),
        },
      ],
      series: [
        {},
        ...chart.lines.map((line, at) => ({
          label: line.label,
          stroke: strokes[at] ?? colour("--text"),
          width: 1.25,
          ...(at === 1 ? { dash: [4, 3] } : {}),
          points: { show: false },
          ...(uPlot.paths.stepped === undefined
            ? {}
            : { paths: uPlot.paths.stepped({ align: 1 }) }),
        })),
      ],
      ...(chart.isDifference === true
        ? {
            bands: [
              { series: [1, 2] as [number, number], fill: colour("--shade") },
              { series: [2, 1] as [number, number], fill: colour("--shade") },
            ],
          }
        : {}),
      hooks: {
        draw: [options.onDraw],
        setCursor: [
          (own) => {
            const { left = -1, idx } = own.cursor;
            const isHere = own.over.matches(":hover");
            tooltip.hidden = !isHere || left < 0 || idx === null || idx === undefined;
            if (tooltip.hidden || idx === null || idx === undefined) return;
            tooltip.textContent = `${clockText(idx * 1e6, 0)}  ${chartNow()
              .lines.map((line) => `${line.label} ${textOf(chartNow(), line.values[idx])}`)
              .join("  ")}`;
            const isRight = left > own.over.clientWidth / 2;
            tooltip.style.left = isRight ? "auto" : `${left + 10}px`;
            tooltip.style.right = isRight ? `${own.over.clientWidth - left + 10}px` : "auto";
          },
        ],
      },
    },
    alignedData(chart) as uPlot.AlignedData,
    element,
  );
  plot.over.append(tooltip);
  plot.over.addEventListener("click", () => {
    const { left = -1 } = plot.cursor;
    if (left >= 0) options.onSeek(plot.posToVal(left, "x") * 1e6);
  });
  return plot;
}

function textOf(chart: Chart, value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "–";
  return chart.words?.(value) ?? numberText(value);
}

function shortNumber(value: number): string {
  if (Math.abs(value) >= 1e6) return `${+(value / 1e6).toFixed(1)}M`;
  if (Math.abs(value) >= 1e4) return `${+(value / 1e3).toFixed(1)}k`;
  return String(+value.toFixed(2));
}
