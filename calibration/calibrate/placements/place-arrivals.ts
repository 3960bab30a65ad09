/** Arrivals: how they excite one another from event times, their level and hours of the day from counts. */
import { type Estimate, unsettled } from "../../estimate.ts";
import type { Parameter } from "../parameter.ts";
import type { Placement, PlacementInput } from "../placement.ts";

export function placeArrivals({ report, workload }: PlacementInput): Placement {
  const rate: Parameter[] = report.estimates["meanRate"]
    ? [
        {
          name: "workload.rate-per-second",
          before: workload.ratePerSecond,
          estimate: { ...report.estimates["meanRate"], unit: "requests/s" },
          usableFor: "load between the smallest and the largest seen, up to 1.2 times the largest",
          notUsableFor: "seasons and days that the file does not cover",
        },
      ]
    : [];
  return { parameters: [...rate, ...excitement(report, workload)], findings: [] };
}

function excitement(
  { estimates, details }: PlacementInput["report"],
  workload: PlacementInput["workload"],
): Parameter[] {
  const { hawkesBranching, hawkesMemory } = estimates;
  // Counts by period do not tell; what the metrics say of the burstiness stands.
  if (hawkesBranching === undefined || hawkesMemory === undefined) return [];
  const isPoisson =
    (details["exponential"] as { rejected?: boolean } | undefined)?.rejected === false;
  return [
    {
      name: "workload.self-excitation",
      before: workload.selfExcitation,
      estimate: isPoisson
        ? asPoisson(hawkesBranching)
        : { ...hawkesBranching, unit: "branching ratio" },
      usableFor: "bursts within a period and over some periods",
      notUsableFor: "bursts rarer than the record",
    },
    {
      name: "workload.excitation-decay-seconds",
      before: workload.excitationDecaySeconds,
      estimate: hawkesMemory,
      usableFor: "how long a burst lasts",
      notUsableFor: "bursts rarer than the record",
    },
  ];
}

function asPoisson({ n, period }: Estimate): Estimate {
  return unsettled(
    "only-a-bound",
    { value: 0, interval: [null, 0.3] },
    {
      n,
      period,
      unit: "branching ratio",
      why: "gaps are as good as exponential and counts vary as chance has it: 0 is as likely as a little",
      settledBy: "A longer record of event times, over more than one burst",
    },
  );
}
