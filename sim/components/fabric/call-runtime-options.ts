import type { Kernel } from "../../kernel/kernel.ts";
import type { CallSite } from "./call-sites.ts";
import type { CallingSpec } from "./calling-spec.ts";
import type { Component } from "./component.ts";
import type { Instances } from "./instances.ts";
import type { RegionHomes } from "./region-homes.ts";
import type { RequestTable } from "./requests.ts";
import type { ServingSpec } from "./serving-spec.ts";
import type { Zones } from "./zones.ts";

/** What the call runtime is put together from. */
export interface CallRuntimeOptions {
  readonly kernel: Kernel;
  readonly zones: Zones;
  readonly instances: Instances;
  readonly components: readonly Component[];
  readonly sites: readonly CallSite[];
  readonly laneTimeoutsUs: readonly number[];
  /** Says of which symbol and user a request is, where a call has several copies to choose among. */
  readonly requests: RequestTable;
  /** How each component behaves towards others, and how it serves, by component; for most nothing is said. */
  readonly calling: readonly (CallingSpec | undefined)[];
  readonly serving: readonly (ServingSpec | undefined)[];
  /** Flows of clients; the calls of later ones are components' own and not about requests. */
  readonly flowCount: number;
  readonly homes: RegionHomes;
  /** Most calls open at once; beyond it a call fails as unavailable and is counted. */
  readonly framesMax: number;
  /** An attempt of a client ended. `attempt` and `data` are as given to `callAsClient`. */
  readonly clientAnswered: (data: number, attempt: number, result: number) => void;
}
