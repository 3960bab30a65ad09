/** The run that the snapshot law is tested on: a zone with everything that has only one place loses power. */
import type { LogEntry } from "../../sim/components/fabric/event-log.ts";
import type { RunResults } from "../../sim/twin/results-types.ts";
import type { Simulation } from "../../sim/twin/simulation.ts";
import { assemble, type Ending, smallScenario } from "./small-drill.ts";

export function snapshotDrill(): Simulation {
  const scenario = smallScenario({
    durationSeconds: 330,
    ratePerSecond: 40,
    componentOverrides: {
      cache: { zones: ["us-east-1a", "us-east-1b"], multiAz: true },
      matching: { snapshotIntervalSeconds: 30 },
    },
    faults: [
      {
        id: "dark",
        kind: "zone-power-loss",
        zone: "zone-of:matching",
        atSeconds: 60,
        durationSeconds: 120,
        recoveryCurve: [
          { afterSeconds: 10, share: 0.5 },
          { afterSeconds: 60, share: 1 },
        ],
      },
      {
        id: "lossy",
        kind: "link-degradation",
        from: "us-east-1c",
        addedLatencyMs: 5,
        lossShare: 0.01,
        atSeconds: 150,
        durationSeconds: 60,
      },
    ],
  });
  return assemble(scenario, "snapshot");
}

/** All that must be the same, as plain data. */
export interface Comparable {
  readonly digest: string;
  readonly entries: readonly LogEntry[];
  readonly results: Omit<RunResults, "baseline">;
}

/** The baseline is judged from recorded frames too, and frames are output: a restored run begins with none. */
export function comparable({ digest, entries, results }: Ending): Comparable {
  const { baseline: _, ...rest } = results;
  return { digest, entries, results: rest };
}
