/** What the charts show, as plain numbers: one description for the screen, the exports and the tables. */

import { lastFrame, type RecordingView, valueAt } from "../playback/recording-view.ts";
import { wordsOfUnit } from "./coded-levels.ts";

export interface ChartLine {
  readonly label: string;
  /** A value a second; NaN where there is none. */
  readonly values: Float64Array;
  /** Channels that it is made of, for the exported table. */
  readonly channels: readonly number[];
}

export interface Chart {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly lines: readonly ChartLine[];
  /** The words for its values, where they stand for states. */
  readonly words?: (value: number) => string;
  /** How many states those are, as far as the run goes. */
  readonly states?: number;
  /** Whether the space between its first two lines is shaded. */
  readonly isDifference?: boolean;
}

/** Seconds since the run began, one for each value of every line. */
export function secondsOf(view: RecordingView): Float64Array {
  const count = Math.floor((lastFrame(view) * view.head.frameStepUs) / 1_000_000) + 1;
  return Float64Array.from({ length: Math.max(1, count) }, (_, second) => second);
}

export function frameOfSecond(view: RecordingView, second: number): number {
  return Math.min(lastFrame(view), Math.ceil((second * 1_000_000) / view.head.frameStepUs - 1e-9));
}

function level(view: RecordingView, label: string, channels: readonly number[]): ChartLine {
  const values = secondsOf(view).map((second) => {
    const frame = frameOfSecond(view, second);
    return channels.reduce((sum, channel) => sum + valueAt(view, channel, frame), 0);
  });
  return { label, values, channels };
}

/** Growth of counts over the second before; by the second over the frame before where frames are further apart. */
function rate(view: RecordingView, label: string, channels: readonly number[]): ChartLine {
  const stepSeconds = view.head.frameStepUs / 1_000_000;
  const isCoarse = stepSeconds > 1;
  const values = secondsOf(view).map((second) => {
    if (second === 0) return 0;
    const frame = frameOfSecond(view, second);
    const before = isCoarse ? Math.max(0, frame - 1) : frameOfSecond(view, second - 1);
    const grown = channels.reduce(
      (sum, channel) => sum + valueAt(view, channel, frame) - valueAt(view, channel, before),
      0,
    );
    return isCoarse ? grown / stepSeconds : grown;
  });
  return { label, values, channels };
}

/** The seconds of the longest line, and every line over them; one that ends sooner has nothing after its end. */
export function alignedData(chart: Chart): readonly ArrayLike<number | null>[] {
  const count = Math.max(0, ...chart.lines.map(({ values }) => values.length));
  const seconds = Float64Array.from({ length: count }, (_, second) => second);
  const lines = chart.lines.map(({ values }) =>
    values.length === count
      ? values
      : Array.from({ length: count }, (_, second) => values[second] ?? null),
  );
  return [seconds, ...lines];
}

function channelsOf(view: RecordingView, service: string, name: string): readonly number[] {
  return view.components.flatMap((component) => {
    const channel = component.service === service ? component.channels.get(name) : undefined;
    return channel === undefined ? [] : [channel];
  });
}

export function chartsOf(view: RecordingView): readonly Chart[] {
  const run = (name: string) => {
    const channel = view.runChannels.get(name);
    return channel === undefined ? [] : [channel];
  };
  const charts: Chart[] = [];
  const add = (id: string, title: string, unit: string, lines: readonly ChartLine[]) => {
    const present = lines.filter(({ channels }) => channels.length > 0);
    if (present.length > 0) charts.push({ id, title, unit, lines: present });
  };
  add("order-entry", "Order entry", "outcomes/s", [
    rate(view, "good", run("order-entry good")),
    rate(view, "bad", run("order-entry bad")),
  ]);
  add("matching", "Matching", "commands/s", [
    rate(view, "on time", run("matching good")),
    rate(view, "late", run("matching bad")),
  ]);
  add("queue-depth", "Waiting in queues", "messages", [
    level(view, "waiting", channelsOf(view, "sqs-fifo", "visible")),
  ]);
  add("queue-age", "Oldest waiting order", "s", [oldest(view)]);
  add("tasks", "Tasks", "tasks", [
    level(view, "up", channelsOf(view, "ecs-fargate", "tasks-up")),
    level(view, "wanted", channelsOf(view, "ecs-fargate", "tasks-wanted")),
  ]);
  add("reports", "Clients with missing reports", "sessions", [
    level(view, "with a gap", run("sessions with a gap")),
    rate(view, "reports sent again/s", run("reports sent again")),
  ]);
  add("market-data", "Market data", "outcomes/s", [
    rate(view, "good", run("market-data good")),
    rate(view, "bad", run("market-data bad")),
  ]);
  add("cost", "Cost", "USD/h", [level(view, "per hour", run("cost per hour"))]);
  return charts;
}

function oldest(view: RecordingView): ChartLine {
  const channels = channelsOf(view, "sqs-fifo", "oldest age");
  const values = secondsOf(view).map((second) => {
    const frame = frameOfSecond(view, second);
    return channels.reduce((most, channel) => Math.max(most, valueAt(view, channel, frame)), 0);
  });
  return { label: "age", values, channels };
}

/** One chart for each figure of a component: levels as they stand, counts by the second. */
export function componentCharts(view: RecordingView, members: readonly string[]): readonly Chart[] {
  const names = new Map<string, number[]>();
  for (const id of members) {
    for (const [name, channel] of view.byId.get(id)?.channels ?? []) {
      if (name.startsWith("calls ") || name.includes("@")) continue;
      names.set(name, [...(names.get(name) ?? []), channel]);
    }
  }
  return [...names].map(([name, channels]): Chart => {
    const record = view.head.channels[channels[0] ?? -1];
    const isCount = record?.kind === "count";
    const unit = record?.unit ?? "";
    const line = isCount ? rate(view, name, channels) : level(view, name, channels);
    const chart = { id: name, title: titleOf(name), lines: [line] };
    const words = channels.length === 1 ? wordsOfUnit(unit) : undefined;
    if (words !== undefined) {
      const states = 1 + line.values.reduce((most, value) => Math.max(most, value), 1);
      return { ...chart, unit: "", words, states };
    }
    return { ...chart, unit: isCount ? `${unit}/s` : unit };
  });
}

/** `tasks-running` is `Tasks running`; what is written with a capital inside stays as it is. */
function titleOf(name: string): string {
  const words = name.replace(/-/g, " ");
  if (/^[a-z]+[A-Z]/.test(words)) return words;
  return words.charAt(0).toUpperCase() + words.slice(1);
}
