import type { CostResult } from "../cost/cost-types.ts";
import type { RunSummary } from "../ensemble/run-summary.ts";
import type { Recording } from "../recording/recording-types.ts";
import type { EventRecord, TriggerResult } from "../results-types.ts";

/** What claims are judged by beyond a run's summary: when things happened, how levels went, what it cost. */
export interface WatchedRun {
  readonly events: readonly WatchedEvent[];
  readonly workload: { readonly ratePerSecond: number; readonly userCount: number };
  /** Seconds between two values of a series. */
  readonly stepSeconds: number;
  readonly series: readonly WatchedSeries[];
  /** Alarms whose metrics were beyond their bounds, and what came of them. */
  readonly triggers?: readonly TriggerResult[];
  readonly cost?: CostResult;
  /** Numbers that the components ran with, by component and name. */
  readonly parameters: Readonly<Record<string, Readonly<Record<string, WatchedParameter>>>>;
}

export interface WatchedEvent extends Pick<EventRecord, "kind" | "stage" | "component" | "value"> {
  readonly atSeconds: number;
}

export interface WatchedSeries {
  readonly component: string;
  readonly name: string;
  readonly values: readonly number[];
}

export interface WatchedParameter {
  readonly value: number;
  readonly origin: "fact" | "assumption" | "override";
}

/** A finished run as the rules see it. */
export interface ObservedRun {
  readonly summary: RunSummary;
  readonly watched: WatchedRun;
}

/** Seconds between two values that are kept of a channel. */
const stepSeconds = 1;

/** Channels of single calls, zones and books are left out: there are hundreds of them. */
const leftOut = /^calls [^ ]*[/.]|@|^book |bill/;

export function watchedRun({ head, frames }: Recording): WatchedRun {
  const every = Math.max(1, Math.round((stepSeconds * 1e6) / head.frameStepUs));
  const { cost } = head.results;
  const { ratePerSecond, userCount } = head.scenario.workload;
  return {
    workload: { ratePerSecond, userCount },
    events: head.events.map(({ atUs, kind, stage, component, value }) => {
      return { atSeconds: atUs / 1e6, kind, stage, component, value };
    }),
    stepSeconds: (every * head.frameStepUs) / 1e6,
    series: head.channels.flatMap(({ component, name }, at): readonly WatchedSeries[] => {
      const frame = frames[at];
      if (leftOut.test(name) || frame === undefined) return [];
      const values: number[] = [];
      for (let step = 0; step < head.frameCount; step += every) values.push(frame[step] ?? 0);
      return [{ component, name, values }];
    }),
    triggers: head.results.triggers ?? [],
    ...(cost === undefined ? {} : { cost }),
    parameters: Object.fromEntries(
      head.components.map(({ id, parameters }) => [
        id,
        Object.fromEntries(
          Object.entries(parameters).map(([name, { value, origin }]) => [name, { value, origin }]),
        ),
      ]),
    ),
  };
}
