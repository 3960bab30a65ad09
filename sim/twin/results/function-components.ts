import type { CallSpec } from "../../components/fabric/call-sites.ts";
import type { BusinessFunction, Topology } from "../topology-types.ts";

/** Components that each business function rests on: those its flows pass, and for matching what the engine's tier calls. */
export function componentsOfFunctions(
  topology: Topology,
): ReadonlyMap<BusinessFunction, ReadonlySet<string>> {
  const members = new Map<BusinessFunction, Set<string>>();
  const add = (businessFunction: BusinessFunction, id: string) => {
    const ids = members.get(businessFunction) ?? new Set<string>();
    ids.add(id);
    members.set(businessFunction, ids);
  };
  for (const flow of topology.flows) {
    // What no request of the workload takes is no part of a function's duty.
    if (flow.requests.length > 0) visit(flow.call, (id) => add(flow.function, id));
  }
  for (const component of topology.components) {
    if (component.service !== "matching-service") continue;
    for (const id of [component.id, component.queue, component.journal]) add("matching", id);
    for (const own of topology.actorCalls) {
      if (own.component !== component.id) continue;
      for (const call of Object.values(own.calls)) visit(call, (id) => add("matching", id));
    }
  }
  return members;
}

function visit(call: CallSpec, seen: (id: string) => void): void {
  if (call.choose !== undefined) {
    for (const each of call.choose.among) visit(each, seen);
  } else seen(call.to);
  if (call.fallback !== undefined) visit(call.fallback, seen);
  for (const beneath of [...(call.calls ?? []), ...(call.followedBy ?? [])]) visit(beneath, seen);
}
