/** Kinds of request by their share; together they are the mix of the workload. */
import type { RequestName } from "../../../sim/twin/topology-types.ts";
import { unsettled } from "../../estimate.ts";
import type { Parameter } from "../parameter.ts";
import type { Placement, PlacementInput } from "../placement.ts";

export function placeMix({ source, report, topology, workload }: PlacementInput): Placement {
  const served = new Set(topology.flows.flatMap(({ requests }) => requests));
  const kinds = Object.keys(report.estimates) as RequestName[];
  const strangers = kinds.filter((kind) => !served.has(kind));
  const parameters = kinds.map((kind): Parameter => {
    const estimate = report.estimates[kind]!;
    return {
      name: `workload.mix.${kind}`,
      before: workload.mix[kind] ?? 0,
      estimate: served.has(kind)
        ? estimate
        : unsettled(
            "not-identified",
            { ...(estimate.value === null ? {} : { value: estimate.value }) },
            {
              ...estimate,
              why: `${estimate.why}; no flow of the topology serves such requests`,
              settledBy: "Give the topology a flow for them",
            },
          ),
      usableFor: "the load of each flow at hours like those of the log",
      notUsableFor: "hours and days that the log does not cover",
    };
  });
  return {
    parameters,
    findings:
      strangers.length === 0
        ? []
        : [
            {
              severity: "warning",
              what: `no flow of the topology serves ${strangers.join(", ")}: the mix stays as the scenario has it`,
              at: source.file,
            },
          ],
  };
}
