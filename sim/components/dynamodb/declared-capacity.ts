import type { DynamoDbValues } from "./dynamodb-parameters.ts";
import type { DynamoDbSpec } from "./dynamodb-spec.ts";

/** What a table can take: its units, and the partitions that they fall into. */
export function capacityOf(spec: DynamoDbSpec, values: DynamoDbValues) {
  const provisioned = isProvisioned(spec) ? spec.provisioned : undefined;
  const readUnits = provisioned?.readUnits ?? values.onDemandReadUnits;
  const writeUnits = provisioned?.writeUnits ?? values.onDemandWriteUnits;
  // A table that scales is divided as for the most that it may become: partitions are never merged again.
  const { readUnitsMax = readUnits, writeUnitsMax = writeUnits } =
    provisioned === undefined ? {} : (spec.scaling ?? {});
  const byReads = Math.max(readUnits, readUnitsMax) / values.partitionReadUnits;
  const byWrites = Math.max(writeUnits, writeUnitsMax) / values.partitionWriteUnits;
  const growth = {
    factor: values.onDemandGrowth,
    windowUs: values.onDemandWindowUs,
    unitsMax: values.tableUnitsMax,
  };
  return {
    id: spec.id,
    // A provisioned table has partitions for reads and writes together, an on-demand one for the larger of both.
    partitionCount: Math.ceil(provisioned ? byReads + byWrites : Math.max(byReads, byWrites)),
    partitionUnits: [values.partitionReadUnits, values.partitionWriteUnits] as const,
    tableUnits: [readUnits, writeUnits] as const,
    burstSeconds: provisioned ? values.provisionedBurstSeconds : values.onDemandBurstSeconds,
    ...(provisioned ? {} : { growth }),
  };
}

/** Whether its throughput is declared, and not on demand. */
export function isProvisioned({ mode, provisioned }: DynamoDbSpec): boolean {
  return mode === "provisioned" && provisioned !== undefined;
}
