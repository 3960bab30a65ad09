import { type Channel, countChannel, levelChannel } from "../fabric/channel.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { status } from "../fabric/instances.ts";
import { PeriodGains } from "../fabric/period-gains.ts";
import type { DistributedTransactions } from "./distributed-transactions.ts";
import type { Routers } from "./routers.ts";
import type { Shard, ShardGroupCapacity } from "./shards.ts";

/** What the figures are read off. */
export interface LimitlessFigures {
  readonly id: string;
  readonly index: number;
  readonly shards: readonly Shard[];
  readonly routers: Routers;
  readonly transactions: DistributedTransactions;
  readonly capacity: ShardGroupCapacity;
  readonly acuMin: number;
  readonly acuMax: number;
  readonly rowsWritten: number;
  readonly pagesFetched: number;
  primaryOf(shard: number): number;
}

/** Positions of the totals whose gains are published; the primaries' busy times follow. */
const period = { nowUs: 0, commits: 1, commitUs: 2, latencyCommits: 3, shards: 4 } as const;

/** What the recording shows of a Limitless database. */
export function limitlessChannels(fabric: Fabric, database: LimitlessFigures): readonly Channel[] {
  const { column } = fabric.instances;
  const { shards, routers, transactions, capacity } = database;
  const primaries = () => shards.map((_, shard) => database.primaryOf(shard));
  const nodes = [...routers.instances, ...shards.flatMap(({ group }) => group.instances)];
  const sum = (all: readonly number[], of: (instance: number) => number) => {
    let total = 0;
    for (const each of all) total += of(each);
    return total;
  };
  return [
    levelChannel("instances up", "instances", () =>
      sum(nodes, (each) => (column.status[each] === status.up ? 1 : 0)),
    ),
    levelChannel("in routers", "statements", () =>
      sum(routers.instances, (each) => column.insideCount[each]!),
    ),
    levelChannel("in shards", "statements", () =>
      sum(primaries(), (each) => column.insideCount[each]!),
    ),
    levelChannel("transactions open", "transactions", () => transactions.openCount),
    levelChannel("commits waiting", "commits", () =>
      shards.reduce((total, { commits }) => total + commits.waitingCount, 0),
    ),
    countChannel("commits durable", "commits", () => durableCount(database)),
    countChannel("rows written", "rows", () => database.rowsWritten),
    countChannel("pages fetched", "pages", () => database.pagesFetched),
    countChannel("transactions over shards", "transactions", () => transactions.acrossShardsCount),
    countChannel("transactions rolled back", "transactions", () => transactions.rolledBackCount),
    countChannel("transactions in doubt", "transactions", () => transactions.inDoubtCount),
    levelChannel("busiest shard's vCPU", "share of capacity", () =>
      Math.max(...primaries().map((each) => column.busyCount[each]! / column.serverCount[each]!)),
    ),
    levelChannel("busiest router's vCPU", "share of capacity", () =>
      Math.max(
        ...routers.instances.map((each) => column.busyCount[each]! / column.serverCount[each]!),
      ),
    ),
    levelChannel("capacity of routers and shards", "ACU", () => capacity.acu),
    levelChannel("capacity of standbys", "ACU", () => capacity.standbyAcu),
    countChannel("capacity", "ACU hours", () => capacity.acuHours()),
  ];
}

function durableCount({ shards }: LimitlessFigures): number {
  return shards.reduce((total, { commits }) => total + commits.durableCount, 0);
}

/** CloudWatch's metrics of a DB shard group, and those of its instances that triggers look at. */
export function publishLimitlessMetrics(fabric: Fabric, database: LimitlessFigures): void {
  const { metrics, kernel, instances } = fabric;
  const { shards, capacity, acuMin, acuMax } = database;
  const gains = new PeriodGains(
    kernel,
    `${database.id}.metric-totals`,
    period.shards + shards.length,
  );
  const source = { namespace: "AWS/RDS", component: database.index } as const;
  const level = (name: string, unit: "Count" | "Percent", sample: () => number) =>
    metrics.add({ ...source, name, unit, isLevel: true, sample });
  metrics.add({
    ...source,
    name: "CPUUtilization",
    statistic: "Maximum",
    isLevel: true,
    unit: "Percent",
    sample: () => {
      const elapsedUs = Math.max(1, gains.gain(period.nowUs, kernel.nowUs));
      let most = Number.NaN;
      for (let shard = 0; shard < shards.length; shard += 1) {
        const primary = database.primaryOf(shard);
        instances.account(primary);
        const { busyUs, serverCount, status: is } = instances.column;
        const gained = gains.gain(period.shards + shard, busyUs[primary]!);
        const percent = (100 * gained) / elapsedUs / serverCount[primary]!;
        // A reading that spans a promotion is of two instances and has no value.
        if (is[primary] !== status.up || percent < 0 || percent > 100) continue;
        if (!(percent <= most)) most = percent;
      }
      return most;
    },
  });
  metrics.add({
    ...source,
    name: "CommitThroughput",
    unit: "Count",
    sample: () => gains.gain(period.commits, durableCount(database)),
  });
  metrics.add({
    ...source,
    name: "CommitLatency",
    unit: "Milliseconds",
    sample: () => {
      const waitedUs = shards.reduce((total, { commits }) => total + commits.waitedUs, 0);
      const gainedUs = gains.gain(period.commitUs, waitedUs);
      const commits = gains.gain(period.latencyCommits, durableCount(database));
      return commits > 0 ? gainedUs / commits / 1000 : Number.NaN;
    },
  });
  level("DBShardGroupCapacity", "Count", () => capacity.acu);
  level("DBShardGroupComputeRedundancyCapacity", "Count", () => capacity.standbyAcu);
  level("DBShardGroupACUUtilization", "Percent", () => (100 * capacity.acu) / acuMax);
  level("DBShardGroupMaxACU", "Count", () => acuMax);
  level("DBShardGroupMinACU", "Count", () => acuMin);
}
