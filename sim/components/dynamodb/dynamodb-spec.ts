import type { ComponentSpecBase } from "../fabric/component-spec.ts";

/** A table: user sessions and the leases by which owners are fenced. */
export interface DynamoDbSpec extends ComponentSpecBase {
  readonly service: "dynamodb";
  /** Zones with hosts of the service. */
  readonly zones: readonly string[];
  /**
   * Table in another region that it is a replica of (global tables, eventually consistent): sessions written in either reach
   * the other after a lag. Leases are kept by each by itself.
   */
  readonly replicaOf?: string;
  readonly mode: "on-demand" | "provisioned";
  /** Units a second of a provisioned table; on-demand tables have none. */
  readonly provisioned?: { readonly readUnits: number; readonly writeUnits: number };
  /** Target tracking of a provisioned table; it stays as provisioned when left out. */
  readonly scaling?: TableScalingSpec;
}

/** Bounds in units a second, and what share of them should be used. */
export interface TableScalingSpec {
  readonly targetPercent: number;
  readonly readUnitsMin: number;
  readonly readUnitsMax: number;
  readonly writeUnitsMin: number;
  readonly writeUnitsMax: number;
  /** Component through whose alarms it sees. */
  readonly cloudwatch: string;
}

/** How many items there can be; the workload says, not the topology. */
export interface TableCounts {
  /** Users who may have a session, numbered from 0. */
  readonly userCount: number;
  /** Leases, numbered from 0. */
  readonly leaseCount: number;
}
