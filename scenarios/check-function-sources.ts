/** What a function says that its source, a stream or a queue, has no use for. */
import { factNumberAt } from "../sim/facts/facts.ts";
import type { ComponentSpec } from "../sim/twin/topology-types.ts";
import { componentSchema } from "./component-schemas.ts";
import type { Finding } from "./schema-mistakes.ts";
import { valueAt } from "./schema-walk.ts";
import { fieldsOf, soundItems } from "./sound-parts.ts";

type FunctionSpec = Extract<ComponentSpec, { service: "lambda" }>["functions"][number];

const queueBatchMax = factNumberAt("lambda.sqs.batch-size", 1);

export function checkFunctionSources(data: unknown): readonly Finding[] {
  const components = valueAt(data, ["components"]);
  const services = fieldsOf(components, "service");
  const queues = new Set(
    fieldsOf(components, "id")
      .filter(({ index }) =>
        services.some((each) => each.index === index && each.value === "sqs-fifo"),
      )
      .map(({ value }) => value),
  );
  return soundItems(componentSchema, components).flatMap(({ item, index }) => {
    if (item.service !== "lambda") return [];
    return item.functions.flatMap((each, at) => {
      const misused =
        each.source !== undefined && queues.has(each.source)
          ? misusedOfQueue(each)
          : misusedOfStream(each);
      return misused.map(({ field, problem, remedy }) => ({
        code: "topology.function-source",
        problem: `Function "${each.id}" ${problem}`,
        remedy,
        path: ["components", index, "functions", at, ...field],
      }));
    });
  });
}

interface Misuse {
  readonly field: readonly (string | number)[];
  readonly problem: string;
  readonly remedy: string;
}

function misusedOfQueue({ batchSizeMax, calls = [] }: FunctionSpec): readonly Misuse[] {
  const tooLarge = {
    field: ["batchSizeMax"],
    problem: `asks a FIFO queue for ${batchSizeMax} messages at once, which hands out ${queueBatchMax} at most`,
    remedy: `Use ${queueBatchMax} or fewer`,
  };
  const bySymbol = calls.flatMap(({ per }, at) =>
    per === "symbol"
      ? [
          {
            field: ["calls", at, "per"],
            problem: "calls once for each symbol, and a queue's batch holds messages",
            remedy: "Use record (once for each message) or batch",
          },
        ]
      : [],
  );
  return [...(batchSizeMax > queueBatchMax ? [tooLarge] : []), ...bySymbol];
}

function misusedOfStream({ concurrencyMax, calls = [] }: FunctionSpec): readonly Misuse[] {
  const bounded = {
    field: ["concurrencyMax"],
    problem: "bounds its executions, and a stream runs one for each shard whatever is said here",
    remedy: "Leave it out, or feed the function from a queue",
  };
  const byRecord = calls.flatMap(({ per }, at) =>
    per === "record"
      ? [
          {
            field: ["calls", at, "per"],
            problem: "calls once for each record, which only a queue's messages are",
            remedy: "Use symbol or batch",
          },
        ]
      : [],
  );
  return [...(concurrencyMax === undefined ? [] : [bounded]), ...byRecord];
}
