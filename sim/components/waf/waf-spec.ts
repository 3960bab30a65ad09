import type { ComponentSpecBase } from "../fabric/component-spec.ts";

/** The web application firewall: a web ACL with at most one rate-based rule. */
export interface WafSpec extends ComponentSpecBase {
  readonly service: "waf";
  /** Most requests of one address within five minutes; left out: no rate rule. AWS allows 10 at the least. */
  readonly rateLimitPerFiveMin?: number;
}
