import { frameOfSecond } from "../charts/chart-data.ts";
import { type RecordingView, valueAt } from "../playback/recording-view.ts";

/** The whole run in little: the share of bad outcomes of each function, a lane each, so that the outage can be seen and aimed at. */
export function drawMinimap(
  canvas: HTMLCanvasElement,
  view: RecordingView,
  span: { readonly fromUs: number; readonly toUs: number; readonly width: number },
): void {
  const height = canvas.clientHeight;
  const pixels = window.devicePixelRatio;
  canvas.width = Math.round(span.width * pixels);
  canvas.height = Math.round(height * pixels);
  const context = canvas.getContext("2d");
  if (context === null || height === 0) return;
  context.scale(pixels, pixels);
  const style = getComputedStyle(canvas);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const [failed, quiet, hairline] = [
    colour("--failed"),
    colour("--flow-quiet"),
    colour("--hairline"),
  ];
  const functions = view.head.scenario.objectives.filter((each) => each.kind === "service");
  const lane = (height - 2) / Math.max(1, functions.length);
  const secondsPerPixel = (span.toUs - span.fromUs) / 1e6 / span.width;
  const until = view.availableUs;
  for (let x = 0; x < span.width; x += 1) {
    const fromSecond = Math.floor(span.fromUs / 1e6 + x * secondsPerPixel);
    const toSecond = Math.max(
      fromSecond + 1,
      Math.floor(span.fromUs / 1e6 + (x + 1) * secondsPerPixel),
    );
    if (fromSecond * 1e6 > until) break;
    functions.forEach((each, at) => {
      const good = grown(view, `${each.function} good`, fromSecond, toSecond);
      const bad = grown(view, `${each.function} bad`, fromSecond, toSecond);
      const share = good + bad > 0 ? bad / (good + bad) : 0;
      context.fillStyle = share > 0.05 ? failed : quiet;
      const filled = share > 0.05 ? Math.max(2, (lane - 2) * share) : 1;
      context.fillRect(x, 1 + at * lane + (lane - 1 - filled), 1, filled);
    });
  }
  if (until < span.toUs) {
    const x = ((until - span.fromUs) / (span.toUs - span.fromUs)) * span.width;
    context.fillStyle = hairline;
    context.fillRect(x, 0, span.width - x, height);
  }
}

function grown(view: RecordingView, name: string, fromSecond: number, toSecond: number): number {
  const channel = view.runChannels.get(name);
  if (channel === undefined) return 0;
  return (
    valueAt(view, channel, frameOfSecond(view, toSecond)) -
    valueAt(view, channel, frameOfSecond(view, fromSecond))
  );
}
