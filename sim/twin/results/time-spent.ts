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
 * there and back), that of the calls beneath taken off, as mean milliseconds a request of the flow. The parts add up to
 * the mean of the whole request.
 *
 * Calls are counted whatever became of the request that made them. Where requests failed, a call is told no oftener than
 * its caller, and no longer than its caller took less the caller's own time, so that what was answered too late is not told as part of
 * what was good.
 */
export function timeSpent(
  times: SiteTimes,
  flowNames: readonly string[],
  componentIds: readonly string[],
): readonly TimeSpent[] {
  const { sites, siteSuccesses, siteSuccessUs } = times;
  const rows: TimeSpent[] = [];
  flowNames.forEach((flow, flowIndex) => {
    const root = sites.find(
      (site) => site.flow === flowIndex && site.caller === none && site.choice === undefined,
    );
    const requests = root === undefined ? 0 : siteSuccesses[root.index]!;
    if (root === undefined || requests === 0) return;
    const ownUs = new Map<number, number>();
    tell(times, root, { count: requests, us: siteSuccessUs[root.index]! }, ownUs);
    for (const [component, us] of ownUs) {
      rows.push({ flow, component: componentIds[component]!, meanMs: us / requests / 1000 });
    }
  });
  return rows;
}

/** Calls of a site, and the time that they took in all. */
interface Told {
  readonly count: number;
  readonly us: number;
}

/** Adds what is told of a site to its component's own time, and what is told of the calls beneath to theirs. */
function tell(times: SiteTimes, site: CallSite, told: Told, ownUs: Map<number, number>): void {
  const { siteSuccesses, siteSuccessUs } = times;
  const succeeded = siteSuccesses[site.index]!;
  const calls = callsBeneath(site, times.sites).map((members) => {
    const all = totalOf(times, members);
    // Of the calls of this kind, as many as one for each of the site's own; none where it never succeeded.
    const made = all.count === 0 ? 0 : Math.min(1, succeeded / all.count);
    return { members, ...all, made, share: succeeded === 0 ? 0 : (made * told.count) / succeeded };
  });
  const wantedUs = calls.reduce((sum, { us, share }) => sum + us * share, 0);
  let keptUs = told.us - wantedUs;
  if (keptUs < 0) {
    // Where its caller gave up early, what the site waited for is told as shorter than it was, and the site's own time as it was.
    const beneathUs = calls.reduce((sum, { us, made }) => sum + us * made, 0);
    const meanUs = Math.max(0, siteSuccessUs[site.index]! - beneathUs) / succeeded;
    keptUs = Math.min(meanUs * told.count, told.us);
  }
  const fits = wantedUs === 0 ? 1 : (told.us - keptUs) / wantedUs;
  ownUs.set(site.component, (ownUs.get(site.component) ?? 0) + keptUs);
  for (const { members, share } of calls) {
    for (const member of members) {
      const count = siteSuccesses[member.index]! * share;
      tell(times, member, { count, us: siteSuccessUs[member.index]! * share * fits }, ownUs);
    }
  }
}

/** What a site calls, one after the other: each time the one that was chosen, or what it fell back to. */
function callsBeneath(
  site: CallSite,
  sites: readonly CallSite[],
): readonly (readonly CallSite[])[] {
  const calls: CallSite[][] = [];
  for (let at = site.firstCall; at !== none; at = sites[at]!.nextCall) {
    const members: CallSite[] = [];
    for (const call of sites[at]!.choice?.sites ?? [at]) {
      for (let tried = call; tried !== none; tried = sites[tried]!.fallback) {
        members.push(sites[tried]!);
      }
    }
    calls.push(members);
  }
  return calls;
}

function totalOf({ siteSuccesses, siteSuccessUs }: SiteTimes, members: readonly CallSite[]): Told {
  return {
    count: members.reduce((sum, { index }) => sum + siteSuccesses[index]!, 0),
    us: members.reduce((sum, { index }) => sum + siteSuccessUs[index]!, 0),
  };
}
