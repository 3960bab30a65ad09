import type { CallSpec } from "../components/fabric/call-sites.ts";
import { TwinError } from "../errors/twin-error.ts";
import type { AcceptancePoint, ComponentSpec, Topology } from "./topology-types.ts";

/** The topology with one point of acceptance: calls that belong to the other are left out. */
export function forAcceptance(topology: Topology, acceptance: AcceptancePoint): Topology {
  return {
    ...topology,
    acceptance,
    flows: topology.flows.map((flow) => ({ ...flow, call: pruned(flow.call, acceptance) })),
  };
}

function pruned(call: CallSpec, acceptance: AcceptancePoint): CallSpec {
  if (call.calls === undefined) return call;
  return {
    ...call,
    calls: call.calls
      .filter(({ onlyWhenAcceptedAt }) => (onlyWhenAcceptedAt ?? acceptance) === acceptance)
      .map((beneath) => pruned(beneath, acceptance)),
  };
}

/** The topology with a scenario's changes to components, by id. */
export function withOverrides(
  topology: Topology,
  overrides: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined,
): Topology {
  for (const id of Object.keys(overrides ?? {})) {
    if (topology.components.some((component) => component.id === id)) continue;
    throw new TwinError({
      code: "scenario.component-unknown",
      problem: `The scenario changes component "${id}", which topology "${topology.id}" does not have`,
      remedy: `Use one of ${topology.components.map((component) => component.id).join(", ")}`,
      at: `/componentOverrides/${id}`,
    });
  }
  return {
    ...topology,
    components: topology.components.map((component) => {
      const changes = overrides?.[component.id];
      if (changes === undefined) return component;
      // Parameters are changed one by one; every other field as a whole.
      const own = changes["parameters"];
      const parameters =
        own === undefined ? {} : { parameters: { ...component.parameters, ...own } };
      return { ...component, ...changes, ...parameters } as ComponentSpec;
    }),
  };
}
