/** Numbers of components that a topology leaves out, as the assembled twin has them. */
import type { WorkloadSpec } from "../../sim/twin/clients/workload-types.ts";
import { Simulation } from "../../sim/twin/simulation.ts";
import type { Topology } from "../../sim/twin/topology-types.ts";

/** Assembles the twin when the first number is asked for; nothing is run. */
export function componentNumbers(
  topology: Topology,
  workload: WorkloadSpec,
): (component: string, name: string) => number {
  let known: ReadonlyMap<string, number> | undefined;
  return (component, name) => {
    known ??= assembled(topology, workload);
    const value = known.get(`${component} ${name}`);
    if (value === undefined) throw new Error(`${component} has no parameter ${name}`);
    return value;
  };
}

function assembled(topology: Topology, workload: WorkloadSpec): ReadonlyMap<string, number> {
  const scenario = {
    id: "numbers",
    title: "Numbers of components",
    description: "Assembled, not run.",
    topology: topology.id,
    warmUpSeconds: 0,
    durationSeconds: 1,
    workload,
    faults: [],
    objectives: [{ id: "invariants", kind: "invariants" as const }],
  };
  const { fabric, platform } = new Simulation({ scenario, topology, seed: "numbers" });
  const known = new Map<string, number>();
  for (const [at, component] of fabric.components.entries()) {
    const id = platform.copies[at]?.declared.id ?? component.id;
    for (const [name, { value }] of Object.entries(component.parameters()))
      known.set(`${id} ${name}`, value);
  }
  return known;
}
