import type { Scenario } from "../sim/twin/scenario-types.ts";
import type { Topology } from "../sim/twin/topology-types.ts";

const orderRequests: readonly string[] = ["place", "cancel", "amend"];

/**
 * A shipped load on a platform that serves only a part of it: the requests that it has flows for, in the same proportions,
 * and the objectives that it can be judged by. A platform that serves all of it gets the load as it is.
 */
export function fittedLoad(scenario: Scenario, { flows, components }: Topology): Scenario {
  const served: readonly string[] = flows.flatMap(({ requests }) => requests);
  const shares = Object.entries(scenario.workload.mix).filter(([name]) => served.includes(name));
  const sum = shares.reduce((total, [, share]) => total + share, 0);
  const isWhole = shares.length === Object.keys(scenario.workload.mix).length;
  if (isWhole || sum === 0) return scenario;
  const functions: readonly string[] = [
    ...flows.map((flow) => flow.function),
    ...components.flatMap(({ service }) => (service === "matching-service" ? ["matching"] : [])),
  ];
  const placesOrders = shares.some(([name]) => orderRequests.includes(name));
  return {
    ...scenario,
    workload: {
      ...scenario.workload,
      mix: Object.fromEntries(shares.map(([name, share]) => [name, share / sum])),
    },
    objectives: scenario.objectives.filter((each) => {
      if (each.kind === "invariants") return placesOrders;
      return !("function" in each) || functions.includes(each.function);
    }),
  };
}
