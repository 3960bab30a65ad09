import type { ComponentSpecBase } from "../fabric/component-spec.ts";

/** The managed API front end of a region. */
export interface ApiGatewaySpec extends ComponentSpecBase {
  readonly service: "api-gateway";
  /** REST and HTTP APIs differ in added latency (and price). */
  readonly api: "rest" | "http";
  /** Zone ids in which the service has hosts: those of the region. */
  readonly zones: readonly string[];
  /** A throttle of this API's own (a raised or lowered quota); left out: the account's, shared with its other APIs. */
  readonly ratePerSecond?: number;
  /** Requests at once with `ratePerSecond`; left out: the account's burst in the same proportion. */
  readonly burst?: number;
}
