/** How far a copy is behind, as the map and the list say it. */
import { numberText } from "../playback/number-text.ts";
import type { Health } from "../playback/picture.ts";
import type { ReplicaPicture } from "../playback/replicas.ts";

export interface ReplicaWords {
  readonly health: Health;
  /** In the little room between two regions. */
  readonly short: string;
  readonly long: string;
}

export function replicaWords(replica: ReplicaPicture): ReplicaWords {
  const { state, lagSeconds, missing } = replica;
  if (state === "ahead") {
    return { health: "healthy", short: "took over", long: "took over, copies no more" };
  }
  const left = missing === undefined ? "" : `${numberText(missing)} not arrived`;
  if (state === "stalled") {
    const since = lagSeconds === undefined ? "" : ` ${lagText(lagSeconds)} ago`;
    return {
      health: "failed",
      short: missing === undefined ? "stopped" : `${numberText(missing)} missing`,
      long: `stopped${since}${left === "" ? "" : `, ${left}`}`,
    };
  }
  if (lagSeconds === undefined) {
    return {
      health: "healthy",
      short: left === "" ? "copy" : `${numberText(missing ?? 0)} behind`,
      long: left === "" ? "a copy" : left,
    };
  }
  return {
    health: "healthy",
    short: `lag ${lagText(lagSeconds)}`,
    long: `${lagText(lagSeconds)} behind, ${left}`,
  };
}

function lagText(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min`;
}
