import type { ComponentSpecBase } from "../fabric/component-spec.ts";

/** The public zone of the platform, with the resolvers through which clients ask it. */
export interface Route53Spec extends ComponentSpecBase {
  readonly service: "route53";
  /** Seconds a client may keep an answer. 60 when left out: AWS's advice for health-checked records. */
  readonly ttlSeconds?: number;
  readonly records: readonly DnsRecordSpec[];
}

/** A name and where it leads. */
export interface DnsRecordSpec {
  /** Such as `api.example.com`. */
  readonly name: string;
  /** Components whose instances answer under the name: the first healthy one, in this order. */
  readonly endpoints: readonly string[];
  /** How often the health checkers probe an endpoint. Left out: the record is not health-checked. */
  readonly healthCheckIntervalSeconds?: 10 | 30;
}
