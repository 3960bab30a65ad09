import type { Recording } from "../recording/recording-types.ts";
import { turnedAwayNames } from "../results/turned-away.ts";
import type { ChannelRecord } from "../results-types.ts";

/** How hard a component was working while the platform was meant to be steady. */
export interface ComponentLoad {
  readonly component: string;
  readonly service: string;
  /** Mean share of each bounded capacity in use, 0..1. */
  readonly utilisation: readonly { readonly what: string; readonly share: number }[];
  /** Calls turned away by a quota, and the same a second. */
  readonly throttledCount: number;
  readonly throttledPerSecond: number;
  /** Answers that were errors of its own making, a second. */
  readonly errorsPerSecond: number;
  /** What waited in line: mean over the last quarter, and by how much that exceeds the first, a second. */
  readonly queues: readonly QueueLoad[];
}

export interface QueueLoad {
  readonly what: string;
  readonly unit: string;
  readonly mean: number;
  readonly growthPerSecond: number;
}

/** Channels that say that answers were errors; by the end of their names. */
const errorNames = ["answers-5xx", "without-target", "unanswered"];
/** Levels of what waits to be served; an age tells of a line whose length is kept elsewhere. */
const queueNames = ["waiting", "visible", "not persisted yet", "on the way"];
const ageNames = ["oldest age", "iterator age"];

/** Loads of every component between two instants in seconds, those that are busy, throttle, err or hold a line. */
export function componentLoads(
  { head, frames }: Pick<Recording, "head" | "frames">,
  span: { readonly fromSecond: number; readonly toSecond: number },
): readonly ComponentLoad[] {
  const frameOf = (second: number) =>
    Math.max(0, Math.min(head.frameCount - 1, Math.floor((second * 1e6) / head.frameStepUs)));
  const from = frameOf(span.fromSecond);
  const to = Math.max(from, frameOf(span.toSecond));
  const seconds = Math.max(1e-6, ((to - from) * head.frameStepUs) / 1e6);
  return head.components.flatMap(({ id, service }): readonly ComponentLoad[] => {
    const own = head.channels
      .map((channel, at) => ({ channel, values: frames[at]! }))
      .filter(({ channel }) => channel.component === id);
    const grown = (names: readonly string[]) =>
      own
        .filter(({ channel }) => channel.kind === "count" && endsAs(channel, names))
        .reduce((sum, { values }) => sum + values[to]! - values[from]!, 0);
    const throttledCount = grown(turnedAwayNames);
    const load: ComponentLoad = {
      component: id,
      service,
      utilisation: own
        .filter(({ channel }) => channel.unit === "share of capacity")
        .map(({ channel, values }) => ({
          what: channel.name,
          share: meanOf(values, from, to),
        })),
      throttledCount,
      throttledPerSecond: throttledCount / seconds,
      errorsPerSecond: grown(errorNames) / seconds,
      queues: own
        .filter(
          ({ channel }) =>
            channel.kind === "level" && endsAs(channel, [...queueNames, ...ageNames]),
        )
        .map(({ channel, values }) => queueLoad(channel, values, { from, to, seconds })),
    };
    const isQuiet =
      load.utilisation.length === 0 &&
      load.queues.length === 0 &&
      load.throttledCount === 0 &&
      load.errorsPerSecond === 0;
    return isQuiet ? [] : [load];
  });
}

function endsAs({ name }: ChannelRecord, names: readonly string[]): boolean {
  return names.some((each) => name.endsWith(each));
}

function queueLoad(
  { name, unit }: ChannelRecord,
  values: ArrayLike<number>,
  span: { readonly from: number; readonly to: number; readonly seconds: number },
): QueueLoad {
  const { from, to, seconds } = span;
  const quarter = Math.floor((to - from) / 4);
  const mean = meanOf(values, to - quarter, to);
  // Three quarters of the span lie between the middles of its first and its last.
  const growthPerSecond = (mean - meanOf(values, from, from + quarter)) / (0.75 * seconds);
  return { what: name, unit, mean, growthPerSecond };
}

function meanOf(values: ArrayLike<number>, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at <= to; at += 1) sum += values[at]!;
  return sum / (to - from + 1);
}
