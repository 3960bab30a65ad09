import type { Kernel } from "../../kernel/kernel.ts";
import type { CallRuntime } from "./call-runtime.ts";
import type { CallSite } from "./call-sites.ts";
import type { Component } from "./component.ts";
import type { EventLog } from "./event-log.ts";
import type { Instances } from "./instances.ts";
import type { MetricRegistry } from "./metrics.ts";
import type { Names } from "./names.ts";
import type { RegionHomes } from "./region-homes.ts";
import type { RequestTable } from "./requests.ts";
import type { TokenBucket } from "./token-bucket.ts";
import type { Zones } from "./zones.ts";

/**
 * What a component is built on. `calls` and `actorSite` exist once all components are assembled, that is, from
 * `Component.start` on; the rest from the beginning.
 */
export interface Fabric {
  readonly kernel: Kernel;
  readonly zones: Zones;
  /** Which region serves what is at home in each. */
  readonly homes: RegionHomes;
  readonly instances: Instances;
  readonly log: EventLog;
  readonly names: Names;
  readonly metrics: MetricRegistry;
  /** What each request is about: kind, user, symbol and order, by the number that a frame carries as `data`. */
  readonly requests: RequestTable;
  readonly components: readonly Component[];
  readonly sites: readonly CallSite[];
  calls: CallRuntime;
  /** Component by its id; an unknown id is a mistake in the topology and was refused before. */
  component(id: string): Component;
  /** Site of a call that `component` makes on its own account, by the name the topology gives it; `none` when undeclared. */
  actorSite(component: string, call: string): number;
  /** A quota that all components of the account share (API calls, task launches); made when first asked for. */
  accountQuota(name: string, quota: { ratePerSecond: number; burst: number }): TokenBucket;
  /** Region that a component stands in; `undefined` for one that is global, or of a platform in one region. */
  regionOf(component: number): string | undefined;
  /** Zone number of an availability zone id. */
  zone(id: string): number;
}
