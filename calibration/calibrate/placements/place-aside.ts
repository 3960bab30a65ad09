/** Fits whose result the twin has no number for: they stand in the report, to be compared with what the twin does. */
import type { Placement, PlacementInput } from "../placement.ts";

/**
 * The hit ratio of the twin's cache follows from keys, popularity and lifetimes, and drift is of the past: neither is set.
 */
export function placeAside({ source, report }: PlacementInput): Placement {
  const [id = ""] = source.of.split(".");
  const ratio = report.estimates["hitRatio"];
  if (source.kind !== "cache" || ratio === undefined) return { parameters: [], findings: [] };
  return {
    parameters: [
      {
        name: `${id}.hit-ratio`,
        before: null,
        estimate: ratio,
        usableFor:
          "comparison with the twin, whose hit ratio follows from keys, popularity and lifetimes (--simulate workload.symbol-skew moves it)",
        notUsableFor: "another cache size or another lifetime of entries",
      },
    ],
    findings: [],
  };
}
