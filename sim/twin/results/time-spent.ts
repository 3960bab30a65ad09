import type { CallSite } from "../../components/fabric/call-sites.ts";
import { none } from "../../kernel/none.ts";
import type { TimeSpent } from "../results-types.ts";

/** What the call runtime has counted about a site. */
export interface SiteTimes {
  readonly sites: readonly CallSite[];
  readonly siteSuccesses: Float64Array;
  readonly siteSuccessUs: Float64Array;
}

/**
 * Where the time of a flow's successful requests went: for each component its own time (waiting, working and the way
 * there and back), that of the calls beneath taken off, as mean milliseconds a request of the flow.
 */
export function timeSpent(
  times: SiteTimes,
  flowNames: readonly string[],
  componentIds: readonly string[],
): readonly TimeSpent[] {
  const { sites, siteSuccesses, siteSuccessUs } = times;
  const rows: TimeSpent[] = [];
  flowNames.forEach((flow, flowIndex) => {
    const own = sites.filter((site) => site.flow === flowIndex);
    const root = own.find((site) => site.caller === none && site.choice === undefined);
    const requests = root === undefined ? 0 : siteSuccesses[root.index]!;
    if (root === undefined || requests === 0) return;
    const byComponent = new Map<number, number>();
    for (const site of own) {
      if (site.choice !== undefined) continue;
      const ownUs = siteSuccessUs[site.index]! - beneathUs(site, sites, siteSuccessUs);
      byComponent.set(site.component, (byComponent.get(site.component) ?? 0) + ownUs);
    }
    for (const [component, us] of byComponent) {
      rows.push({ flow, component: componentIds[component]!, meanMs: us / requests / 1000 });
    }
  });
  return rows;
}

function beneathUs(
  site: CallSite,
  sites: readonly CallSite[],
  siteSuccessUs: Float64Array,
): number {
  let sum = 0;
  for (let at = site.firstCall; at !== none; at = sites[at]!.nextCall) {
    for (const call of sites[at]!.choice?.sites ?? [at]) {
      for (let tried = call; tried !== none; tried = sites[tried]!.fallback) {
        sum += siteSuccessUs[tried]!;
      }
    }
  }
  return sum;
}
