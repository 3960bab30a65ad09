/**
 * Live import from CloudWatch: lists the metrics that tell of a topology, and fetches them with paging into one document
 * of the form that GetMetricData's files have, so that they go the way of every other export.
 */
import { TwinError } from "../../sim/errors/twin-error.ts";
import type { Topology } from "../../sim/twin/topology-types.ts";
import { dimensionText } from "../importers/cloudwatch-metrics.ts";
import { isRecord, listOf, textOf } from "../importers/imported.ts";
import { proposeMapping, wantedMetrics } from "../mapping/propose-mapping.ts";
import type { CloudWatchSdk } from "./sdk.ts";

export interface FetchOptions {
  readonly topology: Topology;
  readonly region?: string;
  /** Another endpoint than AWS's own, as of a VPC. */
  readonly endpoint?: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly periodSeconds: number;
}

interface Query {
  readonly Id: string;
  readonly MetricStat: {
    readonly Metric: { Namespace: string; MetricName: string; Dimensions: readonly Dimension[] };
    readonly Period: number;
    readonly Stat: string;
  };
}

interface Dimension {
  readonly Name: string;
  readonly Value: string;
}

/** Facts: GetMetricData takes at most 500 queries and gives at most 100,800 points a call. */
const queriesMax = 500;
const pointsMax = 100_800;
/** Tries of one call; the SDK waits longer after each. */
const attemptsMax = 8;

/** One document with request and joined answer. Throws `cloudwatch.nothing-found` and `cloudwatch.refused`. */
export async function fetchMetrics(sdk: CloudWatchSdk, options: FetchOptions): Promise<string> {
  const client = new sdk.CloudWatchClient({
    ...(options.region === undefined ? {} : { region: options.region }),
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    maxAttempts: attemptsMax,
  });
  const send = (what: string, command: object) =>
    client.send(command).catch((cause: unknown) => {
      throw refused(what, cause);
    });
  try {
    const queries = await listQueries(sdk, send, options);
    const results = new Map<string, JoinedResult>();
    const range = { StartTime: new Date(options.fromMs), EndTime: new Date(options.toMs) };
    const points = Math.ceil((options.toMs - options.fromMs) / (1000 * options.periodSeconds));
    const each = Math.max(1, Math.min(queriesMax, Math.floor(pointsMax / Math.max(1, points))));
    for (let at = 0; at < queries.length; at += each) {
      const input = { ...range, MetricDataQueries: queries.slice(at, at + each) };
      let token = "";
      do {
        const page = await send(
          "GetMetricData",
          new sdk.GetMetricDataCommand({ ...input, ...(token === "" ? {} : { NextToken: token }) }),
        );
        joinPage(page, results);
        token = isRecord(page) ? textOf(page["NextToken"]) : "";
      } while (token !== "");
    }
    return `${JSON.stringify({ ...range, MetricDataQueries: queries, MetricDataResults: [...results.values()] }, undefined, 1)}\n`;
  } finally {
    client.destroy();
  }
}

interface JoinedResult {
  readonly Id: string;
  readonly Label: string;
  readonly Timestamps: string[];
  readonly Values: number[];
  /** Of the last page: a result that stays partial is refused by the importer. */
  StatusCode: string;
}

function joinPage(page: unknown, results: Map<string, JoinedResult>): void {
  for (const result of listOf(isRecord(page) ? page["MetricDataResults"] : [])) {
    if (!isRecord(result)) continue;
    const id = textOf(result["Id"]);
    const joined = results.get(id) ?? {
      Id: id,
      Label: textOf(result["Label"]),
      Timestamps: [],
      Values: [],
      StatusCode: "",
    };
    results.set(id, joined);
    joined.StatusCode = textOf(result["StatusCode"]);
    joined.Timestamps.push(
      ...listOf(result["Timestamps"]).map((at) =>
        at instanceof Date ? at.toISOString() : textOf(at),
      ),
    );
    joined.Values.push(...listOf(result["Values"]).map(Number));
  }
}

/** A query for each statistic of each metric that names a component; of several alike, the one with fewest dimensions. */
async function listQueries(
  sdk: CloudWatchSdk,
  send: (what: string, command: object) => Promise<unknown>,
  { topology, periodSeconds }: FetchOptions,
): Promise<readonly Query[]> {
  const chosen = new Map<string, Query>();
  for (const { metric, stats } of wantedMetrics()) {
    let token = "";
    do {
      const page = await send(
        "ListMetrics",
        new sdk.ListMetricsCommand({
          MetricName: metric,
          ...(token === "" ? {} : { NextToken: token }),
        }),
      );
      const answer = isRecord(page) ? page : {};
      for (const found of listOf(answer["Metrics"]).filter(isRecord)) {
        for (const stat of stats) choose(found, stat, topology, periodSeconds, chosen);
      }
      token = textOf(answer["NextToken"]);
    } while (token !== "");
  }
  if (chosen.size > 0) return [...chosen.values()].map((query, at) => ({ ...query, Id: `m${at}` }));
  throw new TwinError({
    code: "cloudwatch.nothing-found",
    problem: "No metric of the account has a dimension that names a component of the topology",
    remedy: `Name components as their services, queues and load balancers are named, or export files and map them with --mapping; the topology has ${topology.components.map(({ id }) => id).join(", ")}`,
  });
}

function choose(
  found: Record<string, unknown>,
  stat: string,
  topology: Topology,
  periodSeconds: number,
  chosen: Map<string, Query>,
): void {
  const dimensions = listOf(found["Dimensions"])
    .filter(isRecord)
    .map((each) => ({ Name: textOf(each["Name"]), Value: textOf(each["Value"]) }));
  const metric = textOf(found["MetricName"]);
  const component = dimensionText(
    Object.fromEntries(dimensions.map(({ Name, Value }) => [Name, Value])),
  );
  const [line] = proposeMapping([{ metric, stat, component }], topology);
  if (line === undefined) return;
  const key = `${line.component} ${line.role}`;
  const before = chosen.get(key);
  if (before !== undefined && before.MetricStat.Metric.Dimensions.length <= dimensions.length)
    return;
  chosen.set(key, {
    Id: "",
    MetricStat: {
      Metric: { Namespace: textOf(found["Namespace"]), MetricName: metric, Dimensions: dimensions },
      Period: periodSeconds,
      Stat: stat,
    },
  });
}

function refused(what: string, cause: unknown): TwinError {
  const { name, message } = cause as Error;
  const remedies: readonly (readonly [RegExp, string])[] = [
    [
      /credential|token|signature|AccessDenied|UnauthorizedOperation/i,
      "Give credentials that may cloudwatch:ListMetrics and cloudwatch:GetMetricData, as for the AWS command line",
    ],
    [
      /throttl|LimitExceeded|TooManyRequests/i,
      "CloudWatch would not answer so many calls: wait, or ask for a shorter time with --last",
    ],
    [/region/i, "Name the region with --region"],
  ];
  const remedy = remedies.find(([pattern]) => pattern.test(`${name} ${message}`))?.[1];
  return new TwinError(
    {
      code: "cloudwatch.refused",
      problem: `CloudWatch did not answer ${what}: ${name}: ${message}`,
      remedy: remedy ?? "Check network, region and time range, and try again; nothing was imported",
    },
    { cause },
  );
}
