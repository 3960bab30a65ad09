import { type Channel, countChannel, levelChannel } from "../fabric/channel.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { PeriodGains } from "../fabric/period-gains.ts";
import type { ZonalHosts } from "../fabric/zonal-hosts.ts";
import type { Sessions } from "./sessions.ts";
import { capacityKind, type TableCapacity } from "./table-capacity.ts";

/** Counts of a table, by position. */
export const tableCounted = {
  readThrottles: 0,
  writeThrottles: 1,
  absentSessions: 2,
  refusedLeases: 3,
  requests: 4,
} as const;

/** Positions of the totals whose gains are published. */
const period = {
  readUnits: 0,
  writeUnits: 1,
  readThrottles: 2,
  writeThrottles: 3,
  throttles: 4,
} as const;

/** What figures are read off. */
export interface TableFigures {
  readonly id: string;
  readonly index: number;
  readonly counts: Float64Array;
  readonly hosts: ZonalHosts;
  readonly capacity: TableCapacity;
  readonly sessions: Sessions;
  /** Whether its throughput scales by itself. */
  readonly isScaled: boolean;
  /** Whether it is one region's part of a global table. */
  readonly isReplica: boolean;
}

/** Channels of a table for the recording. */
export function tableChannels(table: TableFigures): readonly Channel[] {
  const { counts, hosts, capacity, sessions } = table;
  const counted = (name: string, what: number) =>
    countChannel(name, "requests", () => counts[what]!);
  return [
    levelChannel("hosts in service", "hosts", () => hosts.inServiceCount),
    counted("requests", tableCounted.requests),
    counted("reads throttled", tableCounted.readThrottles),
    counted("writes throttled", tableCounted.writeThrottles),
    counted("sessions absent", tableCounted.absentSessions),
    countChannel("read units", "units", () => capacity.consumed(capacityKind.read)),
    countChannel("write units", "units", () => capacity.consumed(capacityKind.write)),
    ...(table.isScaled ? provisionedChannels(capacity) : []),
    ...(table.isReplica
      ? [
          levelChannel("writes not yet arrived", "items", () => sessions.notArrivedCount),
          countChannel(
            "writes overwritten by later ones",
            "requests",
            () => sessions.overwrittenCount,
          ),
          countChannel("writes replicated", "requests", () => sessions.replicatedCount),
        ]
      : []),
  ];
}

function provisionedChannels(capacity: TableCapacity): readonly Channel[] {
  const { read, write } = capacityKind;
  const hours = (name: string, kind: number): Channel =>
    countChannel(name, "unit hours", () => capacity.provisionedUnitHours(kind));
  const units = (name: string, kind: number): Channel =>
    levelChannel(name, "units a second", () => capacity.limit(kind));
  return [
    units("provisioned for reads", read),
    units("provisioned for writes", write),
    hours("read capacity", read),
    hours("write capacity", write),
  ];
}

/** Metrics of a table as CloudWatch has them. Assembly only. */
export function publishTableMetrics({ metrics, kernel }: Fabric, table: TableFigures): void {
  const { counts, capacity } = table;
  const gains = new PeriodGains(kernel, `${table.id}.metric-totals`, Object.keys(period).length);
  const add = (name: string, position: number, total: () => number) =>
    metrics.add({
      namespace: "AWS/DynamoDB",
      component: table.index,
      unit: "Count",
      name,
      sample: () => gains.gain(position, total()),
    });
  const { readThrottles, writeThrottles } = tableCounted;
  add("ConsumedReadCapacityUnits", period.readUnits, () => capacity.consumed(capacityKind.read));
  add("ConsumedWriteCapacityUnits", period.writeUnits, () => capacity.consumed(capacityKind.write));
  add("ReadThrottleEvents", period.readThrottles, () => counts[readThrottles]!);
  add("WriteThrottleEvents", period.writeThrottles, () => counts[writeThrottles]!);
  add(
    "ThrottledRequests",
    period.throttles,
    () => counts[readThrottles]! + counts[writeThrottles]!,
  );
}
