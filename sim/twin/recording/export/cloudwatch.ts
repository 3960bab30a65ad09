import { TwinError } from "../../../errors/twin-error.ts";
import type { MetricRecord, Recording } from "../recording-types.ts";

/**
 * When the run began, in seconds since 1970: Monday, 6 January 2025, 00:00 UTC. Assumption: any date will do, and one in
 * the past is never taken for a clock that runs ahead.
 */
const beganSeconds = 1_736_121_600;

/** Dimension under which AWS files a metric of each namespace. */
const ownDimension: Readonly<Record<string, string>> = {
  "AWS/ApiGateway": "ApiName",
  "AWS/ApplicationELB": "LoadBalancer",
  "AWS/CloudFront": "DistributionId",
  "AWS/DynamoDB": "TableName",
  "AWS/ECS": "ServiceName",
  "AWS/ElastiCache": "CacheClusterId",
  "AWS/Kinesis": "StreamName",
  "AWS/Lambda": "FunctionName",
  "AWS/NetworkELB": "LoadBalancer",
  "AWS/RDS": "DBClusterIdentifier",
  "AWS/Route53": "HostedZoneId",
  "AWS/S3": "BucketName",
  "AWS/SQS": "QueueName",
  "AWS/WAFV2": "WebACL",
  "ECS/ContainerInsights": "ServiceName",
};

/**
 * The metrics of a run as CloudWatch's GetMetricData would give them: request (`MetricDataQueries`) and answer
 * (`MetricDataResults`) in one document, with stamps in seconds as in the API's own answer. A period in which nothing was
 * published has no point. Throws `export.no-metrics`.
 */
export function recordingCloudWatch({ head }: Recording): string {
  const { metrics } = head;
  if (metrics === undefined) {
    throw new TwinError({
      code: "export.no-metrics",
      problem: "The recording holds no CloudWatch metrics",
      remedy:
        "Its platform has no cloudwatch component, or it was made by an older version: add one, or run the scenario again",
    });
  }
  const { periodSeconds } = metrics;
  const stampOf = (period: number) => beganSeconds + period * periodSeconds;
  const published = metrics.series.filter(({ values }) => values.some((value) => value !== null));
  const document = {
    StartTime: stampOf(0),
    EndTime: beganSeconds + head.durationUs / 1_000_000,
    ScanBy: "TimestampAscending",
    MetricDataQueries: published.map((series, at) => ({
      Id: idOf(at),
      Label: labelOf(series),
      MetricStat: {
        Metric: {
          Namespace: series.namespace,
          MetricName: series.name,
          Dimensions: dimensionsOf(series),
        },
        Period: periodSeconds,
        Stat: series.statistic,
        Unit: series.unit,
      },
      ReturnData: true,
    })),
    MetricDataResults: published.map((series, at) => {
      const shown = series.values.flatMap((value, period) =>
        value === null ? [] : [{ value, stamp: stampOf(period) }],
      );
      return {
        Id: idOf(at),
        Label: labelOf(series),
        Timestamps: shown.map(({ stamp }) => stamp),
        Values: shown.map(({ value }) => value),
        StatusCode: "Complete",
      };
    }),
    Messages: [],
  };
  return `${JSON.stringify(document, undefined, 1)}\n`;
}

/** Ids of queries begin with a small letter. */
function idOf(at: number): string {
  return `m${at}`;
}

function labelOf({ component, dimension, name, statistic }: MetricRecord): string {
  const place = dimension === undefined ? component : `${component} ${dimension.value}`;
  return `${place} ${name} ${statistic}`;
}

function dimensionsOf({ namespace, component, dimension }: MetricRecord) {
  const own = { Name: ownDimension[namespace] ?? "Component", Value: component };
  return dimension === undefined ? [own] : [own, { Name: dimension.name, Value: dimension.value }];
}
