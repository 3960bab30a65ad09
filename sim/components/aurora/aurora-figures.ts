import { type Channel, countChannel, levelChannel } from "../fabric/channel.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { status } from "../fabric/instances.ts";
import { PeriodGains } from "../fabric/period-gains.ts";
import type { AuroraParameters } from "./aurora-parameters.ts";
import type { Commits } from "./commits.ts";
import type { DatabaseGroup } from "./database-group.ts";

/** Counts of a cluster, by position. */
export const auroraCounted = { rowsWritten: 0, pagesFetched: 1 } as const;

/** Positions of the totals whose gains are published. */
const period = {
  nowUs: 0,
  busyUs: 1,
  commits: 2,
  commitUs: 3,
  throughput: 4,
} as const;

/** What figures are read off. */
export interface AuroraFigures {
  readonly id: string;
  readonly index: number;
  readonly group: DatabaseGroup;
  readonly commits: Commits;
  readonly parameters: AuroraParameters;
  readonly counts: Float64Array;
  /** Clients with connections to an instance, by either endpoint. */
  readonly clientCount: (instance: number) => number;
  /** How many times as large as declared the instances are. */
  readonly sizeFactor: () => number;
  readonly serverlessChannels: readonly Channel[];
  /** Commits that a secondary lacks; undefined for a cluster that is none. */
  readonly notArrivedCount: (() => number) | undefined;
}

/** Channels of a cluster for the recording. */
export function auroraChannels(
  { instances }: Fabric,
  { group, commits, counts, ...cluster }: AuroraFigures,
): readonly Channel[] {
  const { column } = instances;
  const sum = (value: (instance: number) => number) => () => {
    let total = 0;
    for (const instance of group.instances) total += value(instance);
    return total;
  };
  const writer = () => group.writerInstance;
  const { notArrivedCount } = cluster;
  return [
    levelChannel(
      "instances up",
      "instances",
      sum((each) => (column.status[each] === status.up ? 1 : 0)),
    ),
    levelChannel("in writer", "statements", () => column.insideCount[writer()]!),
    levelChannel(
      "in readers",
      "statements",
      sum((each) => (each === writer() ? 0 : column.insideCount[each]!)),
    ),
    levelChannel("commits waiting", "commits", () => commits.waitingCount),
    countChannel("commits durable", "commits", () => commits.durableCount),
    countChannel("rows written", "rows", () => counts[auroraCounted.rowsWritten]!),
    countChannel("pages fetched", "pages", () => counts[auroraCounted.pagesFetched]!),
    levelChannel("cache hits of the writer", "share", () => group.cache.hitShare(group.writer)),
    levelChannel(
      "writer's vCPU",
      "share of capacity",
      () => column.busyCount[writer()]! / column.serverCount[writer()]!,
    ),
    levelChannel("segments with power", "segments", () => group.volume.poweredCount()),
    ...cluster.serverlessChannels,
    ...(notArrivedCount === undefined
      ? []
      : [levelChannel("commits not yet arrived", "commits", notArrivedCount)]),
  ];
}

/** Metrics of a cluster as CloudWatch has them. Assembly only. */
export function publishAuroraMetrics(
  { metrics, kernel, instances }: Fabric,
  { id, index, group, commits, parameters, clientCount, sizeFactor }: AuroraFigures,
): void {
  const gains = new PeriodGains(kernel, `${id}.metric-totals`, Object.keys(period).length);
  const source = { namespace: "AWS/RDS", component: index } as const;
  const lagDraw = kernel.keyed(`${id}.replica-lag`);
  const whenUp = (value: number) =>
    instances.column.status[group.writerInstance] === status.up ? value : Number.NaN;
  const busyUs = () => {
    instances.account(group.writerInstance);
    return instances.column.busyUs[group.writerInstance]!;
  };
  const { vcpuCount, connectionsPerClient, replicaLagMsLow, replicaLagMsHigh } = parameters;
  metrics.add({
    ...source,
    name: "CPUUtilization",
    isLevel: true,
    unit: "Percent",
    sample: () => {
      const elapsedUs = Math.max(1, gains.gain(period.nowUs, kernel.nowUs));
      // After a failover the total is another instance's; a reading that spans it has no value.
      const workedUs = gains.gain(period.busyUs, busyUs());
      const percent = (100 * workedUs) / elapsedUs / (vcpuCount.value * sizeFactor());
      return whenUp(percent >= 0 && percent <= 100 ? percent : Number.NaN);
    },
  });
  metrics.add({
    ...source,
    name: "DatabaseConnections",
    isLevel: true,
    unit: "Count",
    sample: () => whenUp(clientCount(group.writerInstance) * connectionsPerClient.value),
  });
  metrics.add({
    ...source,
    name: "CommitLatency",
    unit: "Milliseconds",
    sample: () => {
      const ended = gains.gain(period.commits, commits.durableCount);
      const waitedUs = gains.gain(period.commitUs, commits.waitedUs);
      return ended > 0 ? waitedUs / ended / 1000 : Number.NaN;
    },
  });
  metrics.add({
    ...source,
    name: "CommitThroughput",
    unit: "Count",
    sample: () => whenUp(gains.gain(period.throughput, commits.durableCount)),
  });
  metrics.add({
    ...source,
    name: "AuroraReplicaLag",
    isLevel: true,
    unit: "Milliseconds",
    sample: () => {
      const u = lagDraw.uniform(Math.floor(kernel.nowUs / 1_000_000), 0, 0);
      const range = replicaLagMsHigh.value - replicaLagMsLow.value;
      return whenUp(replicaLagMsLow.value + u * range);
    },
  });
}
