/** Recovery clocks at an instant, as the results will have them at the end. */
import type { Outage } from "../../../sim/twin/results-types.ts";
import type { BusinessFunction } from "../../../sim/twin/topology-types.ts";
import type { RecordingView } from "./recording-view.ts";

export interface Clock {
  readonly function: BusinessFunction;
  /** Seconds out of service; of the longest outage so far. */
  readonly seconds: number;
  /** Bound, or undefined when the scenario sets none. */
  readonly targetSeconds: number | undefined;
  readonly words: "in service" | "out" | "out, missed" | "in time" | "missed";
  readonly isRunning: boolean;
  readonly outage: Outage | undefined;
}

export function clocksAt(view: RecordingView, atUs: number): readonly Clock[] {
  const { objectives } = view.head.scenario;
  return objectives
    .filter((objective) => objective.kind === "service")
    .map((service): Clock => {
      const bound = objectives.find(
        (each) => each.kind === "rto" && each.function === service.function,
      );
      const targetSeconds = bound?.kind === "rto" ? bound.secondsMax : undefined;
      let longest: Clock | undefined;
      for (const outage of view.outages) {
        if (outage.function !== service.function || outage.beganUs > atUs) continue;
        const isRunning = outage.endedUs < 0 || atUs < outage.endedUs;
        const seconds = ((isRunning ? atUs : outage.endedUs) - outage.beganUs) / 1_000_000;
        const clock = {
          function: service.function,
          seconds,
          targetSeconds,
          words: wordsFor(seconds, targetSeconds, isRunning),
          isRunning,
          outage,
        };
        if (longest === undefined || isRunning || seconds > longest.seconds) longest = clock;
      }
      return (
        longest ?? {
          function: service.function,
          seconds: 0,
          targetSeconds,
          words: "in service",
          isRunning: false,
          outage: undefined,
        }
      );
    });
}

/**
 * Seconds of the longest outage of each function that an objective names, one that goes on at the end included: a clock shows
 * that one, however short, and two runs are not to be judged by it.
 */
export function longestOutages(
  view: RecordingView,
): readonly { readonly function: BusinessFunction; readonly seconds: number }[] {
  const end = view.availableUs;
  return clocksAt(view, end).map((clock) => {
    const lengths = view.outages
      .filter((outage) => outage.function === clock.function)
      .map(({ beganUs, endedUs }) => ((endedUs < 0 ? end : endedUs) - beganUs) / 1_000_000);
    return { function: clock.function, seconds: Math.max(0, ...lengths) };
  });
}

function wordsFor(
  seconds: number,
  targetSeconds: number | undefined,
  isRunning: boolean,
): Clock["words"] {
  const isMissed = targetSeconds !== undefined && seconds > targetSeconds;
  if (isRunning) return isMissed ? "out, missed" : "out";
  return isMissed ? "missed" : "in time";
}
