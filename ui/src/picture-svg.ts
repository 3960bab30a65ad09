/** The map and the charts at one instant as one SVG, drawn from the same descriptions as the screen, in light colours. */
import { type Chart, chartsOf } from "./charts/chart-data.ts";
import { cardPicture } from "./map/card-picture.ts";
import { createDotScale, forEachDot } from "./map/dots.ts";
import { layoutMap, type MapLayout } from "./map/layout.ts";
import { routePairs } from "./map/routes.ts";
import { type Health, pictureAt } from "./playback/picture.ts";
import type { RecordingView } from "./playback/recording-view.ts";
import { storyAt } from "./playback/story.ts";
import { clockText } from "./playback/times.ts";
import { speedNow } from "./player.ts";
import * as state from "./state.ts";

const colours: Readonly<Record<Health, string>> = {
  healthy: "#0072b2",
  degraded: "#a36100",
  failed: "#8a0f1f",
  unknown: "#6f7278",
};
const text = "#14191f";
const muted = "#525c66";
const hairline = "#d5dae0";
const font = "system-ui, 'DejaVu Sans', sans-serif";

export function pictureSvg(view: RecordingView): string {
  const atUs = state.instantUs.value;
  const layout = layoutMap(view, state.region.value === "" ? undefined : state.region.value);
  const charts = chartsOf(view).slice(0, 4);
  const width = Math.max(layout.width + 48, 700);
  const mapTop = 64;
  const chartTop = mapTop + layout.height + 48;
  const chartHeight = 120;
  const height = chartTop + Math.ceil(charts.length / 2) * chartHeight + 24;
  const story = storyAt(view, atUs);
  const { scenario, seed, digest, programVersion } = view.head;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${font}">`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    label(24, 26, `${scenario.title} · ${clockText(atUs)}`, { size: 15, weight: 600 }),
    label(24, 46, story.text, { size: 12, fill: muted }),
    `<g transform="translate(24 ${mapTop})">${mapSvg(view, layout, atUs)}</g>`,
    ...charts.map((chart, at) =>
      chartSvg(chart, atUs, {
        x: 24 + (at % 2) * ((width - 48) / 2),
        y: chartTop + Math.floor(at / 2) * chartHeight,
        width: (width - 72) / 2,
        height: chartHeight - 24,
      }),
    ),
    label(
      24,
      height - 10,
      `stormbell ${programVersion} · ${scenario.id} · seed ${seed} · digest ${digest ?? ""}`,
      { size: 10, fill: muted },
    ),
    "</svg>",
  ].join("\n");
}

function mapSvg(view: RecordingView, layout: MapLayout, atUs: number): string {
  const picture = pictureAt(view, atUs);
  const pairs = routePairs(layout, view.pairs);
  const { simSecondsPerSecond } = speedNow();
  const per = createDotScale(pairs).callsPerDot(view, simSecondsPerSecond);
  const dots: string[] = [];
  forEachDot(view, pairs, { atUs, simSecondsPerSecond, callsPerDot: per }, (x, y) => {
    dots.push(`M${x.toFixed(1)} ${y.toFixed(1)}h0`);
  });
  const lines = pairs.flatMap(({ routes }) =>
    routes.map(({ points }) => `M${points.map(({ x, y }) => `${x} ${y}`).join("L")}`),
  );
  return [
    ...layout.regions.map(
      ({ x, y, width, height, id }) =>
        `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" fill="none" stroke="${hairline}"/>${label(x + 10, y + 18, id, { size: 12, weight: 600 })}`,
    ),
    ...layout.zones.map(({ x, y, width, height, id }) => {
      const zone = picture.zones.get(id);
      const isBad = zone !== undefined && zone.health !== "healthy";
      const colour = isBad ? colours[zone.health] : muted;
      return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6" fill="#f6f8fa" stroke="${isBad ? colour : hairline}"/>${label(x + 10, y + 16, isBad ? `${id}: ${zone.words}` : id, { size: 11, fill: colour })}`;
    }),
    `<path d="${lines.join("")}" fill="none" stroke="#c3cad2"/>`,
    `<path d="${dots.join("")}" stroke="#0072b2" stroke-width="4" stroke-linecap="round"/>`,
    ...layout.cards.map((card) => {
      const shown = cardPicture(card, picture, 100);
      const colour = colours[shown.health];
      const isSmall = layout.density === "compact";
      return [
        `<g transform="translate(${card.x} ${card.y})">`,
        `<rect width="${card.width}" height="${card.height}" rx="4" fill="#ffffff" stroke="${shown.health === "healthy" ? "#b8c0c8" : colour}"/>`,
        isSmall ? "" : glyph(shown.health, 10, 25, colour),
        label(isSmall ? 20 : 10, isSmall ? 16 : 18, card.node.title, { size: isSmall ? 10 : 12 }),
        isSmall ? glyph(shown.health, 6, 7, colour) : "",
        isSmall ? "" : label(25, 34, shown.words, { size: 11, fill: colour }),
        isSmall ? "" : label(10, 49, shown.figure, { size: 11, fill: muted }),
        "</g>",
      ].join("");
    }),
    label(0, layout.height + 18, `1 dot = ${per.toLocaleString("en-US")} calls`, {
      size: 11,
      fill: muted,
    }),
  ].join("\n");
}

function glyph(health: Health, x: number, y: number, colour: string): string {
  const at = `transform="translate(${x} ${y})"`;
  switch (health) {
    case "healthy":
      return `<circle ${at} cx="5" cy="5" r="4.2" fill="${colour}"/>`;
    case "degraded":
      return `<g ${at}><circle cx="5" cy="5" r="3.9" fill="none" stroke="${colour}"/><path d="M5 .8a4.2 4.2 0 0 1 0 8.4z" fill="${colour}"/></g>`;
    case "failed":
      return `<path ${at} d="M1.5 1.5 8.5 8.5M8.5 1.5 1.5 8.5" stroke="${colour}" stroke-width="2"/>`;
    case "unknown":
      return `<circle ${at} cx="5" cy="5" r="3.9" fill="none" stroke="${colour}" stroke-dasharray="2 1.4"/>`;
  }
}

function chartSvg(
  chart: Chart,
  atUs: number,
  box: { x: number; y: number; width: number; height: number },
): string {
  const most = Math.max(1e-9, ...chart.lines.map(({ values }) => maxOf(values)));
  const seconds = Math.max(1, (chart.lines[0]?.values.length ?? 2) - 1);
  const x = (second: number) => 44 + (second / seconds) * (box.width - 60);
  const y = (value: number) => box.height - 14 - (value / most) * (box.height - 34);
  const strokes = ["#0072b2", "#8a0f1f", "#525c66", "#a36100"];
  const paths = chart.lines.map(({ values }, at) => {
    const step = Math.max(1, Math.floor(values.length / 600));
    let d = "";
    for (let second = 0; second < values.length; second += step) {
      const value = values[second] ?? 0;
      d += `${d === "" ? "M" : "L"}${x(second).toFixed(1)} ${y(value).toFixed(1)}`;
    }
    return `<path d="${d}" fill="none" stroke="${strokes[at] ?? muted}"${at === 1 ? ' stroke-dasharray="4 3"' : ""}/>`;
  });
  const now = x(atUs / 1e6).toFixed(1);
  return [
    `<g transform="translate(${box.x} ${box.y})">`,
    label(0, 10, `${chart.title}, ${chart.unit}`, { size: 11, weight: 600 }),
    label(0, y(most) + 4, most.toFixed(most < 10 ? 1 : 0), { size: 10, fill: muted }),
    label(0, y(0) + 4, "0", { size: 10, fill: muted }),
    `<path d="M44 ${y(0)}H${box.width - 16}" stroke="${hairline}"/>`,
    ...paths,
    `<path d="M${now} 18V${y(0)}" stroke="${text}"/>`,
    ...chart.lines.map(({ label: name }, at) =>
      label(box.width - 16 - at * 100, 10, name, {
        size: 10,
        fill: strokes[at] ?? muted,
        anchor: "end",
      }),
    ),
    "</g>",
  ].join("");
}

function maxOf(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, value), 0);
}

function label(
  x: number,
  y: number,
  words: string,
  style: { size: number; fill?: string; weight?: number; anchor?: string },
): string {
  const escaped = words.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  const weight = style.weight === undefined ? "" : ` font-weight="${style.weight}"`;
  const anchor = style.anchor === undefined ? "" : ` text-anchor="${style.anchor}"`;
  return `<text x="${x}" y="${y}" font-size="${style.size}" fill="${style.fill ?? text}"${weight}${anchor}>${escaped}</text>`;
}
