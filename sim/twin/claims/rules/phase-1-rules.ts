/** The first growth phase: ten times the load on more and larger of the same. */
import { factNumber, factOf } from "../../../facts/facts.ts";
import { isCopyOf } from "../../platform/copies.ts";
import { type ClaimRule, numberOf } from "../claim-types.ts";
import {
  exactFigure,
  figureOf,
  figureText,
  firstOf,
  grownOver,
  levelAt,
  levelOver,
  numberText,
  percentText,
} from "../figures.ts";
import type { ObservedRun } from "../watched-run.ts";
import { undecided } from "./untested.ts";

const tasks: ClaimRule = (claim, desk) => {
  const [count, rps, target] = [
    numberOf(claim, "tasks"),
    numberOf(claim, "rps"),
    numberOf(claim, "cpuTarget"),
  ];
  const runs = desk.runs("claim-phase-1-fast-queues");
  const use = figureOf(
    runs.map((run) =>
      Math.max(
        ...["order-service", "market-data-service"].map(
          (id) => levelOver(run, id, "vCPU", [30, run.summary.durationSeconds]).mean,
        ),
      ),
    ),
    "of its vCPU",
  );
  const held = runs.filter(({ summary }) => summary.baseline.healthy).length;
  return undecided({
    strategy: `${count} tasks of 4 vCPU below ${percentText(target)} at ${numberText(rps)} requests/s`,
    ours: `${percentText(use.value)} of the busier fleet's vCPU in use`,
    figure: use,
    why: `what a request costs is the strategy's own figure (50 requests/s on two vCPU), so ${count} tasks carry ${numberText(rps)} requests/s by its own arithmetic; ${held} of ${runs.length} runs with high-throughput queues held their objectives`,
    settledBy: "requests/s at which one production task of 4 vCPU reaches 70 % CPU",
    ifRight: `then the busier fleet works at ${percentText(use.value)}, ${use.value <= target ? "below" : "above"} the target of ${percentText(target)}`,
  });
};

/** From the loss of the primary until the endpoint answers again, and what had not been copied. */
const redisFailover: ClaimRule = (claim, desk) => {
  const runs = desk.runs("claim-phase-1-data-services");
  const failover = figureOf(
    runs.map((run) => secondsFrom(run, "cache", 0, "elasticache.endpoint-updated")),
    "s",
  );
  const lost = figureOf(
    runs.map((run) => grownOver(run, "cache", "writes lost", [0, run.summary.durationSeconds])),
    "writes",
  );
  const isAutomatic = Number.isFinite(failover.high);
  return {
    verdict: isAutomatic ? "holds" : "does-not-hold",
    strategy: `${numberOf(claim, "nodes")} nodes in several zones, automatic failover`,
    ours: `a replica serves after ${figureText(failover)}; ${figureText(lost)} lost`,
    figure: failover,
    why: `after its primary died at ${numberText(firstOf(runs).watched.workload.ratePerSecond)} requests/s a replica was promoted and the endpoint pointed at it ${figureText(failover)} later, without anyone acting; ${figureText(lost)} had not reached it, because replication is asynchronous`,
    facts: ["elasticache.failover.promotion-s", "elasticache.replication"],
  };
};

function secondsFrom(run: ObservedRun, component: string, fault: number, kind: string): number {
  const faults = run.watched.events.filter(({ stage }) => stage === "fault");
  const from = faults[fault]?.atSeconds ?? 0;
  const found = run.watched.events.find(
    (event) => event.kind === kind && event.component === component && event.atSeconds > from,
  );
  return found === undefined ? Number.POSITIVE_INFINITY : found.atSeconds - from;
}

const auroraReaders: ClaimRule = (claim, desk) => {
  const runs = desk.runs("claim-phase-1-data-services");
  const steady = desk.runs("claim-phase-1-fast-queues");
  const use = figureOf(
    steady.map(
      (run) => levelOver(run, "database", "writer's vCPU", [30, run.summary.durationSeconds]).mean,
    ),
    "of its vCPU",
  );
  const failover = figureOf(
    runs.map((run) => secondsFrom(run, "database", 2, "aurora.cluster-endpoint-updated")),
    "s",
  );
  const healthy = steady.filter(({ summary }) => summary.baseline.healthy).length;
  const carries = healthy === steady.length && use.high < 0.75;
  return {
    verdict: carries ? "holds" : "does-not-hold",
    restsOnAssumption: true,
    strategy: `a writer and ${numberOf(claim, "readers")} readers for 5,000 requests/s`,
    ours: `writer at ${percentText(use.value)}; a reader is writer ${figureText(failover)} after its loss`,
    figure: use,
    why: `the writer works at ${percentText(use.value)} at 5,000 requests/s, ${healthy} of ${steady.length} runs held their objectives, and its loss moved the endpoint after ${figureText(failover)}; what a statement costs the writer is our assumption`,
    settledBy: "CPU of the production writer against rows written a second (Performance Insights)",
    ifRight: `then the writer has room to ${numberText(5000 / use.value)} requests/s`,
    facts: ["aurora.failover.typical-s"],
  };
};

/** Skewed symbols fill one queue first; what the others could still take is no use to its symbols. */
const queuePartitions: ClaimRule = (claim, desk) => {
  const [queues, stated] = [numberOf(claim, "queues"), numberOf(claim, "tps")];
  const runs = desk.runs("claim-phase-1-plain");
  const shares = runs.map((run) => {
    const sent = copiesOf(run, "order-queue").map((id) =>
      levelAt(run, id, "sent", run.summary.durationSeconds),
    );
    return Math.max(...sent) / sent.reduce((sum, each) => sum + each, 0);
  });
  const hottest = figureOf(shares, "of all messages");
  const perQueue = factNumber("sqs.fifo.tps-batched");
  const aggregate = exactFigure(perQueue / hottest.value, "messages/s");
  const throttled = figureOf(
    runs.map((run) =>
      grownOver(run, "order-queue", "calls throttled", [30, run.summary.durationSeconds]),
    ),
    "calls",
  );
  return {
    verdict: aggregate.value >= 0.95 * stated && throttled.high === 0 ? "holds" : "does-not-hold",
    strategy: `${queues} queues carry ${numberText(stated)} messages/s`,
    ours: `${figureText(aggregate)} with full batches`,
    figure: aggregate,
    why: `the busiest of ${queues} queues gets ${percentText(hottest.value)} of the messages and is full when all carry ${numberText(aggregate.value)}/s, and that only with batches of ten; at 5,000 requests/s plain queues already throttled ${figureText(throttled)}`,
    facts: ["sqs.fifo.tps", "sqs.fifo.tps-batched"],
  };
};

function copiesOf(run: ObservedRun, component: string): readonly string[] {
  return [...new Set(run.watched.series.map((each) => each.component))].filter((id) =>
    isCopyOf(id, component),
  );
}

const addressLimit: ClaimRule = (claim, desk) => {
  const limit = numberOf(claim, "limit");
  const runs = desk.runs("claim-flood");
  const run = firstOf(runs);
  const blocked = grownOver(run, "firewall", "blocked", [0, run.summary.durationSeconds]);
  const { ratePerSecond, userCount } = run.watched.workload;
  const perAddress = ratePerSecond / userCount;
  const reachesAt = limit / perAddress;
  const first = figureOf(
    runs.map(
      (each) =>
        each.watched.events.find(({ kind }) => kind === "waf.rate-exceeded")?.atSeconds ??
        Number.POSITIVE_INFINITY,
    ),
    "s",
  );
  const allowedMinutes = numberOf(claim, "windowMin");
  return {
    verdict: blocked > 0 && Number.isFinite(first.high) ? "holds" : "does-not-hold",
    strategy: `${numberText(limit)} requests in ${allowedMinutes} minutes from one address`,
    ours: `cut off after ${figureText(first)}`,
    figure: first,
    why: `addresses that send ${numberText(perAddress)} requests/s pass ${numberText(limit)} after ${numberText(reachesAt)} s and are cut off ${numberText(first.value - reachesAt)} s later, at the rule's next look; the rule can't tell a market maker of ${numberText(limit / (60 * allowedMinutes))} requests/s from a flood, and cuts it off too`,
    facts: ["waf.rate-rule.evaluation-window-s", "waf.rate-rule.reaction-lag-s"],
  };
};

const quotaTicket: ClaimRule = (claim) => {
  const fact = factOf("api-gateway.throttle.steady-rps");
  return undecided({
    strategy: `${numberText(numberOf(claim, "rps"))} requests/s by a support ticket`,
    ours: `${numberText(Number(fact.value))} by default, ${fact.adjustable === true ? "adjustable" : "fixed"}`,
    why: `AWS ${fact.adjustable === true ? "raises this quota on request" : "does not raise this quota"} and publishes neither how far nor how fast: what a run assumed of a ticket would be its answer`,
    settledBy: "the date and the answer of the support ticket",
    facts: ["api-gateway.throttle.steady-rps"],
  });
};

export const phase1Rules: Readonly<Record<string, ClaimRule>> = {
  "p1.ecs": tasks,
  "p1.redis": redisFailover,
  "p1.aurora": auroraReaders,
  "p1.sqs.partitions": queuePartitions,
  "p1.waf.rate": addressLimit,
  "p1.quota": quotaTicket,
};
