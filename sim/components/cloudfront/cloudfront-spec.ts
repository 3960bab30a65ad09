import type { ComponentSpecBase } from "../fabric/component-spec.ts";

/** The content delivery network in front of the platform. */
export interface CloudFrontSpec extends ComponentSpecBase {
  readonly service: "cloudfront";
  /** Milliseconds for which an answer to a book query is reused for its symbol; 0 or left out: never. */
  readonly cacheTtlMs?: number;
}
