import { EventKind, Reason } from "../../engine/codes.ts";
import type { MatchingEngine } from "../../engine/matching-engine.ts";

/** Whether the command that an engine has just executed was refused for no other reason than the state of its market. */
export function wasTurnedAway({ events }: MatchingEngine): boolean {
  for (let at = 0; at < events.count; at += 1) {
    if (events.kind(at) === EventKind.rejected && isOfMarketState(events.reason(at))) return true;
  }
  return false;
}

/** Whether a reject says nothing about the order and everything about the state of the market. */
function isOfMarketState(reason: number): boolean {
  return (
    reason === Reason.halted ||
    reason === Reason.cancelOnly ||
    reason === Reason.tifNotAllowedInAuction
  );
}
