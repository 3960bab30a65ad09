import { factNumber, factNumberAt } from "../../facts/facts.ts";
import type { Parameter } from "../../facts/parameter.ts";
import type { ComponentSpec } from "../topology-types.ts";

/** A way to give a component more of what it may lack: what a capacity search tries in order to see whether it helps. */
export interface LimitLift {
  /** What becomes of it, for people: `four times the pollers`. */
  readonly words: string;
  /** Fields of the component to change. */
  readonly changes: Readonly<Record<string, unknown>>;
}

/** By how much limits are raised: enough that something else must give first; and the words for it. */
const times = 4;
const fourTimes = "four times";
const aQuarter = "a quarter of";

/** Most that AWS offers: capacity units of a database, and what an account may run of functions at once unless it asks. */
const serverlessAcuMax = factNumberAt("asv2.acu.range", 1);
const limitlessAcuMax = factNumberAt("limitless.acu-range", 1);
const usualConcurrencyMax = factNumber("lambda.concurrency.account-default");

const cacheSizes = ["large", "xlarge", "2xlarge", "4xlarge"];
const auroraSizes = ["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "16xlarge"];

/** Parameters that bound throughput, by service: a lift multiplies those of one line together. */
const parameterLimits: Readonly<Record<string, readonly (readonly string[])[]>> = {
  "api-gateway": [["ratePerSecond", "burst"]],
  cloudfront: [["requestsPerSecond"]],
  dynamodb: [
    [
      "onDemandReadUnits",
      "onDemandWriteUnits",
      "partitionReadUnits",
      "partitionWriteUnits",
      "tableUnitsMax",
    ],
  ],
  elasticache: [["operationsPerSecond"]],
  eventbridge: [["putsPerSecond"], ["invocationsPerSecond"]],
  kinesis: [["shardRecordsPerSecond", "shardMegabytesPerSecond"]],
  msk: [["brokerDiskMibPerSecond", "brokerNetworkMibPerSecond"]],
  "sqs-fifo": [["callsPerSecond"], ["inFlightMax"]],
};

/** Parameters that are the time of one piece of work: a lift divides them. */
const workTimes: Readonly<Record<string, readonly (readonly string[])[]>> = {
  journal: [["writeMsP50", "writeMsP95", "perRecordUs"]],
  "matching-service": [["commandUs"]],
};

/**
 * What a component could be given more of, its own choices first (tasks, pollers, shards, sizes), then the limits that
 * only AWS or other code can change. Empty for a service of which no limit is known here.
 */
export function liftsOf(
  spec: ComponentSpec,
  parameters: Readonly<Record<string, Parameter>>,
): readonly LimitLift[] {
  return [
    ...ownLifts(spec),
    ...parameterLifts(spec, parameters, parameterLimits, times),
    ...parameterLifts(spec, parameters, workTimes, 1 / times),
  ];
}

function ownLifts(spec: ComponentSpec): readonly LimitLift[] {
  switch (spec.service) {
    case "ecs-fargate": {
      const { taskCount, scaling } = spec;
      const more = scaling && {
        scaling: {
          ...scaling,
          taskCountMin: Math.max(scaling.taskCountMin, taskCount * times),
          taskCountMax: Math.max(scaling.taskCountMax, taskCount * times),
        },
      };
      return [
        { words: `${fourTimes} the tasks`, changes: { taskCount: taskCount * times, ...more } },
      ];
    }
    case "matching-service":
      return [
        { words: `${fourTimes} the pollers`, changes: { pollerCount: spec.pollerCount * times } },
      ];
    case "msk":
      return [
        {
          words: `${fourTimes} the brokers`,
          changes: { brokersPerZone: spec.brokersPerZone * times },
        },
      ];
    case "sqs-fifo":
      return spec.highThroughput
        ? []
        : [{ words: "high-throughput mode", changes: { highThroughput: true } }];
    case "kinesis":
      return spec.shardCount === undefined
        ? []
        : [{ words: `${fourTimes} the shards`, changes: { shardCount: spec.shardCount * times } }];
    case "lambda":
      return [
        {
          words: `${fourTimes} the concurrency`,
          changes: { concurrencyMax: (spec.concurrencyMax ?? usualConcurrencyMax) * times },
        },
      ];
    case "aurora": {
      const { serverless } = spec;
      if (serverless !== undefined) {
        const acuMax = Math.min(serverlessAcuMax, serverless.acuMax * times);
        return acuMax === serverless.acuMax
          ? []
          : [{ words: `up to ${acuMax} ACUs`, changes: { serverless: { ...serverless, acuMax } } }];
      }
      const nodeType = larger(spec.instanceClass, auroraSizes);
      return nodeType === undefined
        ? []
        : [{ words: `instances of ${nodeType}`, changes: { instanceClass: nodeType } }];
    }
    case "aurora-limitless": {
      const acuMax = Math.min(limitlessAcuMax, spec.acuMax * times);
      return acuMax === spec.acuMax ? [] : [{ words: `up to ${acuMax} ACUs`, changes: { acuMax } }];
    }
    case "elasticache": {
      const nodeType = larger(spec.nodeType, cacheSizes);
      return nodeType === undefined
        ? []
        : [{ words: `nodes of ${nodeType}`, changes: { nodeType } }];
    }
    case "s3":
      return [
        {
          words: `${fourTimes} the prefixes`,
          changes: { prefixCount: (spec.prefixCount ?? 1) * times },
        },
      ];
    default:
      return [];
  }
}

/** The class two sizes up, or the largest; undefined for the largest itself. */
function larger(name: string, sizes: readonly string[]): string | undefined {
  const dot = name.lastIndexOf(".");
  const at = sizes.indexOf(name.slice(dot + 1));
  const size = sizes[Math.min(sizes.length - 1, at + 2)];
  return at < 0 || at === sizes.length - 1 ? undefined : `${name.slice(0, dot)}.${size}`;
}

function parameterLifts(
  spec: ComponentSpec,
  parameters: Readonly<Record<string, Parameter>>,
  table: Readonly<Record<string, readonly (readonly string[])[]>>,
  factor: number,
): readonly LimitLift[] {
  return (table[spec.service] ?? []).flatMap((names): readonly LimitLift[] => {
    const known = names.filter((name) => parameters[name] !== undefined);
    if (known.length === 0) return [];
    const raised = known.map((name) => [name, parameters[name]!.value * factor] as const);
    const what = known.join(", ");
    const words = `${factor > 1 ? fourTimes : aQuarter} ${what}`;
    return [{ words, changes: { parameters: Object.fromEntries(raised) } }];
  });
}
