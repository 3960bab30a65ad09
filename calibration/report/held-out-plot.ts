/** Observed points against the twin's band, as an SVG that prints in black and white. */
import type { HeldOutFigure } from "../calibrate/judge-held-out.ts";
import { number } from "../tables/format.ts";

const width = 360;
const height = 150;
/** Room for the numbers at the left. */
const margin = 52;

export function heldOutPlot({
  component,
  role,
  observed,
  predicted,
  low,
  high,
}: HeldOutFigure): string {
  const all = [...observed, ...predicted, ...low, ...high];
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const span = most - least || 1;
  const x = (i: number) => margin + (i * (width - margin - 10)) / Math.max(1, observed.length - 1);
  const y = (value: number) => height - 22 - ((value - least) / span) * (height - 36);
  const point = (value: number, i: number) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`;
  const band = [...high.map(point), ...low.map(point).reverse()].join(" ");
  const dots = observed
    .map((value, i) => `<circle cx="${x(i).toFixed(1)}" cy="${y(value).toFixed(1)}" r="3"/>`)
    .join("");
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${component} ${role}: observed points, predicted line and 90 % band"><polygon points="${band}" fill="#ccc" stroke="#ccc" stroke-width="3" stroke-linejoin="round"/><polyline points="${predicted.map(point).join(" ")}" fill="none" stroke="#555"/>${dots}<text x="${margin - 8}" y="${y(most) + 4}" text-anchor="end">${number(most, 3)}</text><text x="${margin - 8}" y="${y(least) + 4}" text-anchor="end">${number(least, 3)}</text><text x="${margin}" y="${height - 3}">1</text><text x="${x(observed.length - 1)}" y="${height - 3}" text-anchor="end">${observed.length}</text></svg>`;
}
