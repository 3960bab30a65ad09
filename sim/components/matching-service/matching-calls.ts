import { MistakeList, TwinError } from "../../errors/twin-error.ts";
import { none } from "../../kernel/none.ts";
import type { Component } from "../fabric/component.ts";
import type { Fabric } from "../fabric/fabric.ts";

/** Calls that a matching service makes on its own account. */
const callNames = [
  "lease",
  "open",
  "load",
  "read",
  "receive",
  "append",
  "delete",
  "persist",
  "publish",
  "store",
] as const;

/** Sites of those calls, by name. */
export type CallSitesByName = Readonly<Record<(typeof callNames)[number], number>>;

/** What grants the lease. */
interface LeaseStore extends Component {
  /** Microseconds for which it is granted or extended. */
  readonly leaseUs: number;
}

/** The calls that a service makes; each must be declared by the topology. */
export function sitesOfCalls(fabric: Fabric, id: string): CallSitesByName {
  const mistakes = new MistakeList();
  const sites = Object.fromEntries(
    callNames.map((name) => {
      const site = fabric.actorSite(id, name);
      if (site === none) {
        mistakes.add({
          code: "topology.actor-call-missing",
          problem: `The matching service "${id}" makes a call "${name}" that is not declared`,
          remedy: `Declare an actor call "${name}" of "${id}"`,
          at: `/actorCalls/${id}/${name}`,
        });
      }
      return [name, site];
    }),
  ) as CallSitesByName;
  mistakes.throwIfAny("The topology");
  return sites;
}

/** Microseconds for which the store of the lease grants it; that store alone says so. */
export function leaseUsOf(fabric: Fabric, id: string, leaseSite: number): number {
  const store = fabric.components[fabric.sites[leaseSite]!.component];
  if (store !== undefined && isLeaseStore(store)) return store.leaseUs;
  throw new TwinError({
    code: "topology.lease-store-unfit",
    problem: `The matching service "${id}" takes its lease from "${store?.id}", which grants none`,
    remedy: `Let the actor call "lease" of "${id}" go to a dynamodb component`,
    at: `/actorCalls/${id}/lease/to`,
  });
}

function isLeaseStore(component: Component): component is LeaseStore {
  return "leaseUs" in component && typeof component.leaseUs === "number";
}
