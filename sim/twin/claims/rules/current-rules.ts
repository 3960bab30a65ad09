/** The strategy's table of what its present components can carry. */
import { factNumber, factNumberAt, factOf } from "../../../facts/facts.ts";
import { type ClaimRule, numberOf } from "../claim-types.ts";
import {
  exactFigure,
  figureOf,
  figureText,
  firstOf,
  grownOver,
  lastSecond,
  levelOver,
  numberText,
  parameterOf,
  percentText,
} from "../figures.ts";
import type { ObservedRun } from "../watched-run.ts";
import { undecided } from "./untested.ts";

/** Offered well above a quota, what passes is the quota, and a raised one lets everything through. */
const gatewayLimit: ClaimRule = (claim, desk) => {
  const [limit, raised] = [numberOf(claim, "rps"), numberOf(claim, "raisedRps")];
  const fact = factOf("api-gateway.throttle.steady-rps");
  const passed = figureOf(desk.runs("claim-gateway-overload").map(passedPerSecond), "requests/s");
  const offered = firstOf(desk.runs("claim-gateway-overload")).watched.workload.ratePerSecond;
  const throttled = desk.runs("claim-gateway-raised").map((run) => throttledAtGateway(run));
  const isNear = passed.low > 0.95 * limit && passed.high < 1.05 * limit;
  const raises = fact.adjustable === true && throttled.every((count) => count === 0);
  return {
    verdict: isNear && raises ? "holds" : "does-not-hold",
    strategy: `${numberText(limit)} requests/s, ${numberText(raised)} on request`,
    ours: `${figureText(passed)} passed of ${numberText(offered)} offered`,
    figure: passed,
    why: `of ${numberText(offered)} requests/s the gateway let ${figureText(passed)} through and answered the rest 429 before any task saw them; with the quota at ${numberText(raised)} it turned ${numberText(Math.max(...throttled))} away, and AWS ${fact.adjustable === true ? "says the quota can be raised, without promising how far" : "does not say that the quota can be raised"}`,
    facts: ["api-gateway.throttle.steady-rps", "api-gateway.throttle.burst-bucket"],
  };
};

/** Requests a second that passed in the later half of the run, when the burst is spent. */
function passedPerSecond(run: ObservedRun): number {
  const end = lastSecond(run);
  const span = [Math.floor(end / 2), end] as const;
  const throttled = grownOver(run, "api", "throttled", span);
  return (grownOver(run, "api", "arrived", span) - throttled) / (span[1] - span[0]);
}

function throttledAtGateway(run: ObservedRun): number {
  return grownOver(run, "api", "throttled", [0, run.summary.durationSeconds]);
}

/** What a request costs decides what a task serves, and that cost is the strategy's own. */
const taskRate: ClaimRule = (claim, desk) => {
  const [rate, tasks, rps] = [
    numberOf(claim, "taskRps"),
    numberOf(claim, "tasks"),
    numberOf(claim, "rps"),
  ];
  const runs = desk.runs("baseline-500");
  // Before auto-scaling has brought more, which takes minutes.
  const use = figureOf(
    runs.map((run) => levelOver(run, "order-service", "vCPU", [30, 150]).mean),
    "of its vCPU",
  );
  return undecided({
    strategy: `${rate} requests/s a task, ${tasks} tasks for ${rps}`,
    ours: `${percentText(use.value)} of the order service's vCPU in use`,
    figure: use,
    why: `the 40 ms of CPU a request that make ${rate} requests/s a task are the strategy's own figure and not a measurement; ${rate} x ${tasks} ${rate * tasks === rps ? "is" : "is not"} ${rps}`,
    settledBy:
      "requests/s at which one production task reaches its latency bound (a load test of a single task)",
    ifRight: `then ${tasks} tasks at ${rps} requests/s are at ${percentText(use.value)}, ${runs.every(({ summary }) => summary.baseline.healthy) ? "and the objectives hold" : "the objectives do not hold until auto-scaling has added tasks"}, and without one of three zones ${percentText(1.5 * use.value)} would be needed`,
  });
};

const redisOperations: ClaimRule = (claim, desk) => {
  const ops = numberOf(claim, "ops");
  const run = firstOf(desk.runs("baseline-500"));
  const gigabits = factNumberAt("elasticache.r6g.baseline-gbps", "large");
  const bytesAtLimit = (gigabits * 1e9) / 8 / ops;
  const [risk, book] = [
    parameterOf(run, "cache", "riskRecordBytes"),
    parameterOf(run, "cache", "bookSnapshotBytes"),
  ];
  const opsByNetwork = (gigabits * 1e9) / 8 / book;
  const isBound = book >= bytesAtLimit;
  return undecided({
    strategy: `${numberText(ops)} operations/s, bound by the network`,
    ours: `${numberText(opsByNetwork)} operations/s if all were snapshots of ${numberText(book)} bytes`,
    figure: exactFigure(opsByNetwork, "operations/s"),
    why: `the twin takes ${numberText(parameterOf(run, "cache", "operationsPerSecond"))} operations/s from the strategy; at the node's documented baseline of ${gigabits} Gbit/s the network binds ${numberText(ops)} operations/s only from ${numberText(bytesAtLimit)} bytes each, and ours are ${numberText(risk)} to ${numberText(book)}, so ${isBound ? "it may be bound by the network" : "it is not the network that binds it"}`,
    settledBy:
      "bytes and operations a second of the production node at its latency bound (redis-benchmark with the real values)",
    ifRight: `then the cache is used to ${percentText(levelOver(run, "cache", "primary's thread", [30, 600]).mean)} at 500 requests/s`,
    facts: ["elasticache.r6g.baseline-gbps"],
  });
};

/** Of writer and readers, the one that comes nearer to its capacity as the load grows. */
const auroraWriter: ClaimRule = (_claim, desk) => {
  const runs = desk.runs("baseline-500");
  const span = ({ summary }: ObservedRun) =>
    [summary.durationSeconds / 2, summary.durationSeconds] as const;
  const writer = figureOf(
    runs.map((run) => levelOver(run, "database", "writer's vCPU", span(run)).mean),
    "of capacity",
  );
  const readers = figureOf(
    runs.map(
      (run) =>
        levelOver(run, "database", "in readers", span(run)).mean /
        (2 * parameterOf(run, "database", "vcpuCount")),
    ),
    "of capacity",
  );
  const reachesAt = 500 / Math.max(writer.value, readers.value);
  return {
    verdict: writer.low > readers.high ? "holds" : "does-not-hold",
    strategy: "the writer saturates first",
    ours: `writer ${percentText(writer.value)}, readers ${percentText(readers.value)} at 500 requests/s`,
    figure: writer,
    why: `at 500 requests/s the writer works at ${percentText(writer.value)} of its vCPU and the readers at ${percentText(readers.value)} of theirs, so as the load grows the ${writer.value > readers.value ? "writer" : "readers"} would fill first, near ${numberText(reachesAt)} requests/s`,
  };
};

const tableQuota: ClaimRule = (claim, desk) => {
  const quota = numberOf(claim, "wcu");
  const documented = factNumber("dynamodb.table.quota");
  const initial = factNumberAt("dynamodb.ondemand.initial", "writes");
  const throttled = figureOf(
    desk
      .runs("claim-spike")
      .map((run) =>
        ["reads throttled", "writes throttled"].reduce(
          (sum, name) => sum + grownOver(run, "sessions", name, [0, run.summary.durationSeconds]),
          0,
        ),
      ),
    "requests",
  );
  const minutes = factNumber("dynamodb.ondemand.window-s") / 60;
  const servesAtOnce = initial >= quota;
  return {
    verdict: servesAtOnce ? "holds" : "does-not-hold",
    strategy: `${numberText(quota)} units/s, growing by itself to millions`,
    ours: `${numberText(initial)} write units/s from a new table, ${numberText(quota)} as its quota`,
    figure: throttled,
    why: `${numberText(documented)} is the quota of a table and not what it serves: a new on-demand table begins at ${numberText(initial)} writes/s, grows to twice its last peak within ${minutes} minutes, and one partition key never gets more than ${numberText(factNumber("dynamodb.partition.wcu"))}; ten times the load throttled ${figureText(throttled)} here`,
    facts: [
      "dynamodb.table.quota",
      "dynamodb.ondemand.initial",
      "dynamodb.ondemand.double-peak",
      "dynamodb.partition.wcu",
    ],
  };
};

/** What a queue takes depends on how full its callers' batches are. */
const queueRate: ClaimRule = (claim, desk) => {
  const tps = numberOf(claim, "tps");
  const calls = factNumber("sqs.fifo.tps");
  const runs = desk.runs("baseline-500");
  const perCall = figureOf(
    runs.map((run) => {
      const span = [60, run.summary.durationSeconds] as const;
      return (
        grownOver(run, "order-queue", "sent", span) /
        Math.max(1, grownOver(run, "order-queue", "send calls", span))
      );
    }),
    "messages a call",
  );
  const reached = Math.min(factNumber("sqs.fifo.tps-batched"), calls * perCall.value);
  return {
    verdict: reached >= 0.95 * tps ? "holds" : "does-not-hold",
    strategy: `${numberText(tps)} messages/s`,
    ours: `${numberText(reached)} messages/s with the batches that the order service fills`,
    figure: exactFigure(reached, "messages/s"),
    why: `a plain FIFO queue takes ${calls} calls/s, and ${numberText(tps)} messages only in batches of ${factNumber("sqs.batch-size")}; nine tasks that hold a message ${numberText(parameterOf(firstOf(runs), "order-queue", "lingerUs") / 1000)} ms at most fill ${figureText(perCall)} here, which makes ${numberText(reached)} messages/s, unless high-throughput mode is on`,
    facts: ["sqs.fifo.tps", "sqs.fifo.tps-batched", "sqs.batch-size"],
  };
};

const lambdaConcurrency: ClaimRule = (claim, desk) => {
  const limit = numberOf(claim, "concurrency");
  const fact = factOf("lambda.concurrency.account-default");
  const runs = desk.runs("claim-spike");
  const peak = figureOf(
    runs.map(
      (run) => levelOver(run, "functions", "executing", [0, run.summary.durationSeconds]).peak,
    ),
    "executions",
  );
  return {
    verdict: fact.value === limit && fact.adjustable === true ? "holds" : "does-not-hold",
    strategy: `${numberText(limit)} executions, more on request`,
    ours: `${numberText(Number(fact.value))} by default, adjustable; ${figureText(peak)} at most in use`,
    figure: peak,
    why: `AWS documents ${numberText(Number(fact.value))} and raises it on request; at ten times the load ${figureText(peak)} ran at once, because a stream's shards and a queue's message groups bound its consumers long before the account does`,
    facts: ["lambda.concurrency.account-default", "lambda.sqs.fifo-concurrency"],
  };
};

const peakLoad: ClaimRule = (claim, desk) => {
  const rps = numberOf(claim, "rps");
  const knee = desk.knee("current");
  const { ratePerSecond } = knee;
  const found =
    knee.bottleneck === ""
      ? "no single limit that was lifted helps"
      : `${knee.bottleneck} gives way first (${knee.lift})`;
  return {
    verdict: ratePerSecond.low >= rps ? "holds" : "does-not-hold",
    strategy: `about ${numberText(rps)} requests/s`,
    ours: figureText(ratePerSecond),
    figure: ratePerSecond,
    why: `the highest load whose objectives hold, with fleets already scaled, is ${figureText(ratePerSecond)}: ${found}`,
  };
};

export const currentRules: Readonly<Record<string, ClaimRule>> = {
  "cap.apigw.soft-limit": gatewayLimit,
  "cap.ecs.task-rps": taskRate,
  "cap.redis.ops": redisOperations,
  "cap.aurora.write": auroraWriter,
  "cap.dynamodb.quota": tableQuota,
  "cap.sqs.fifo-tps": queueRate,
  "cap.lambda.concurrency": lambdaConcurrency,
  "cap.peak": peakLoad,
};
