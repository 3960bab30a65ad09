import { type Channel, countChannel, levelChannel } from "../fabric/channel.ts";
import type { Fabric } from "../fabric/fabric.ts";
import { PeriodGains } from "../fabric/period-gains.ts";
import type { Environments } from "./environments.ts";

/** Counts of all functions, by position. */
export const lambdaCounted = {
  invocations: 0,
  errors: 1,
  throttles: 2,
  coldStarts: 3,
  records: 4,
  durationUs: 5,
  skipped: 6,
  gigabyteSeconds: 7,
} as const;

/** Positions of the totals whose gains are published. */
const period = { invocations: 0, errors: 1, throttles: 2, durationUs: 3, ended: 4 } as const;

/** What figures are read off. */
export interface LambdaFigures {
  readonly id: string;
  readonly index: number;
  readonly counts: Float64Array;
  readonly environments: Environments;
  iteratorAgeUs(): number;
}

/** Channels of the functions for the recording. */
export function lambdaChannels(lambda: LambdaFigures): readonly Channel[] {
  const { counts } = lambda;
  const count = (name: string, unit: string, what: number): Channel =>
    countChannel(name, unit, () => counts[what]!);
  return [
    levelChannel("executing", "environments", () => lambda.environments.busyCount),
    levelChannel("environments", "environments", () => lambda.environments.count),
    levelChannel("iterator age", "s", () => lambda.iteratorAgeUs() / 1_000_000),
    count("invocations", "invocations", lambdaCounted.invocations),
    count("errors", "invocations", lambdaCounted.errors),
    count("throttles", "invocations", lambdaCounted.throttles),
    count("cold starts", "invocations", lambdaCounted.coldStarts),
    count("records finished", "records", lambdaCounted.records),
    count("compute", "GB-seconds", lambdaCounted.gigabyteSeconds),
  ];
}

/** Metrics of the functions as CloudWatch has them. Assembly only. */
export function publishLambdaMetrics({ metrics, kernel }: Fabric, lambda: LambdaFigures): void {
  const { counts } = lambda;
  const gains = new PeriodGains(kernel, `${lambda.id}.metric-totals`, Object.keys(period).length);
  const source = { namespace: "AWS/Lambda", component: lambda.index, unit: "Count" } as const;
  const gained = (name: string, position: number, what: number) =>
    metrics.add({
      ...source,
      name,
      sample: () => gains.gain(position, counts[what]!),
    });
  gained("Invocations", period.invocations, lambdaCounted.invocations);
  gained("Errors", period.errors, lambdaCounted.errors);
  gained("Throttles", period.throttles, lambdaCounted.throttles);
  metrics.add({
    ...source,
    name: "Duration",
    unit: "Milliseconds",
    sample: () => {
      const durationUs = gains.gain(period.durationUs, counts[lambdaCounted.durationUs]!);
      const ended = gains.gain(period.ended, counts[lambdaCounted.invocations]!);
      return ended > 0 ? durationUs / ended / 1000 : Number.NaN;
    },
  });
  metrics.add({
    ...source,
    name: "ConcurrentExecutions",
    statistic: "Maximum",
    isLevel: true,
    sample: () => lambda.environments.busyCount,
  });
  metrics.add({
    ...source,
    name: "IteratorAge",
    statistic: "Maximum",
    isLevel: true,
    unit: "Milliseconds",
    sample: () => lambda.iteratorAgeUs() / 1000,
  });
}
