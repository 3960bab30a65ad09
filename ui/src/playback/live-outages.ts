/** Outages of a run that has not ended, by the rule that judges it at its end. */

import type { FunctionObjective } from "../../../sim/twin/results/objective-types.ts";
import { findOutages } from "../../../sim/twin/results/outages.ts";
import type { Outage } from "../../../sim/twin/results-types.ts";
import type { Frames, PartialHead } from "./partial-head.ts";

const unknownParts = { detect: 0, decide: 0, act: 0, recover: 0, drain: 0 };

export function liveOutages(
  head: PartialHead,
  frames: Frames,
  availableUs: number,
): readonly Outage[] {
  const fault = head.events.find(({ stage }) => stage === "fault");
  if (fault === undefined) return [];
  const toSecond = Math.floor(availableUs / 1_000_000);
  return head.scenario.objectives
    .filter((each): each is FunctionObjective => each.kind === "service")
    .flatMap((objective) => {
      const counts = {
        good: perSecond(head, frames, `${objective.function} good`, toSecond),
        bad: perSecond(head, frames, `${objective.function} bad`, toSecond),
      };
      return findOutages(counts, {
        goodShareMin: objective.goodShareMin,
        holdSeconds: objective.holdSeconds,
        fromSecond: Math.floor(fault.atUs / 1_000_000),
        toSecond: toSecond - 1,
      }).map(({ beginSecond, endSecond }): Outage => {
        const beganUs = beginSecond * 1_000_000;
        const endedUs = endSecond === undefined ? -1 : endSecond * 1_000_000;
        return {
          function: objective.function,
          beganUs,
          endedUs,
          seconds: ((endedUs < 0 ? availableUs : endedUs) - beganUs) / 1_000_000,
          censored: endedUs < 0,
          parts: unknownParts,
          chain: [],
        };
      });
    });
}

/** How much a count of the whole run grew in each second. */
function perSecond(head: PartialHead, frames: Frames, name: string, seconds: number): Float64Array {
  const channel = head.channels.findIndex((each) => each.component === "" && each.name === name);
  const values = frames[channel];
  const grown = new Float64Array(Math.max(0, seconds));
  if (values === undefined) return grown;
  const at = (second: number) =>
    values[Math.min(values.length - 1, Math.ceil((second * 1_000_000) / head.frameStepUs))] ?? 0;
  for (let second = 0; second < seconds; second += 1) grown[second] = at(second + 1) - at(second);
  return grown;
}
