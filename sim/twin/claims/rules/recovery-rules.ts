/** The four rows of recovery objectives, measured. */
import { factNumber, factOf } from "../../../facts/facts.ts";
import { type ClaimRule, numberOf } from "../claim-types.ts";
import {
  exactFigure,
  figureOf,
  figureText,
  firstOf,
  levelAt,
  numberText,
  recoverySeconds,
} from "../figures.ts";
import type { ObservedRun, WatchedEvent } from "../watched-run.ts";
import { undecided } from "./untested.ts";

const zone: ClaimRule = (claim, desk) => {
  const [rtoMax, rpoMax] = [numberOf(claim, "rtoS"), numberOf(claim, "rpoS")];
  const [dark, cut] = [desk.runs("az-power-loss"), desk.runs("az-partition")];
  const all = [...dark, ...cut];
  const rto = figureOf(recoverySeconds(all), "s");
  const lost = figureOf(all.map(lostOrders), "orders");
  const slowest = slowestFunction(dark);
  const healthy = all.filter(({ summary }) => summary.baseline.healthy).length;
  return {
    verdict: rto.high <= rtoMax && lost.high <= rpoMax ? "holds" : "does-not-hold",
    strategy: `recovered within ${rtoMax} s, nothing lost`,
    ours: `${figureText(rto)}; ${figureText(lost)} lost`,
    figure: rto,
    why: `power loss of the engine's zone is over after ${figureText(figureOf(recoverySeconds(dark), "s"))} and a partition of it after ${figureText(figureOf(recoverySeconds(cut), "s"))}, ${slowest} the longest; ${figureText(lost)} that clients were told of were lost; ${healthy} of ${all.length} runs were healthy before`,
  };
};

/** Accepted orders, by the declared point of acceptance, that are gone or held twice. */
function lostOrders({ summary }: ObservedRun): number {
  return summary.rpo
    .filter(({ declared }) => declared)
    .reduce((sum, { lostCount, doubledCount }) => sum + lostCount + doubledCount, 0);
}

function slowestFunction(runs: readonly ObservedRun[]): string {
  const { functions } = firstOf(runs).summary;
  return (
    [...functions].sort((one, other) => other.rtoSeconds - one.rtoSeconds)[0]?.function ?? "none"
  );
}

/** A region's failover needs another region; what stood in this one when it went dark is counted all the same. */
const region: ClaimRule = (claim, desk) => {
  const hasOther = desk.shipped.topologies.includes("phase-2");
  const runs = desk.runs("claim-region-loss");
  const rto = figureOf(recoverySeconds(runs), "s");
  const onset = figureOf(
    runs.map(({ summary }) => summary.firstFaultSeconds),
    "s",
  );
  const inside = figureOf(
    runs.map((run) =>
      ["visible", "hidden"].reduce(
        (sum, name) => sum + levelAt(run, "order-queue", name, onset.value),
        0,
      ),
    ),
    "orders",
  );
  return undecided({
    strategy: `recovered within ${numberOf(claim, "rtoS")} s by hand, at most ${numberOf(claim, "rpoS")} s of orders lost`,
    ours: `${figureText(rto)}, with nowhere to go`,
    figure: rto,
    why: `${hasOther ? "no run on topology phase-2 is declared as evidence for this claim" : "no topology phase-2 is shipped, and the current one has a single region"}: with nowhere to go service comes back only with the region, ${figureText(rto)} after it went dark; ${figureText(inside)} stood in the queue at that instant, and a queue's content exists in one region only`,
    settledBy:
      "a drill of the promotion runbook to a second region with its human times, on phase-2 or in production",
    facts: ["sqs.region-scope", "kinesis.region-scope"],
  });
};

/** From the first breach to the objective's return, when more tasks are the only help. */
const degradation: ClaimRule = (claim, desk) => {
  const rtoMax = numberOf(claim, "rtoS");
  const runs = desk.runs("claim-degradation");
  const rto = figureOf(recoverySeconds(runs, ["order-entry"]), "s");
  const acted = figureOf(
    runs.map((run) => firstAfterFault(run, "ecs.desired-count-changed")),
    "s",
  );
  const unhealthy = figureOf(
    runs.map((run) => run.watched.events.filter(isUnhealthyTarget(run)).length),
    "times",
  );
  const period = factNumber("cloudwatch.metric.standard-period-s");
  return {
    verdict: rto.high <= rtoMax ? "holds" : "does-not-hold",
    strategy: `recovered within ${rtoMax} s by auto-scaling`,
    ours: figureText(rto),
    figure: rto,
    why: `after the load grew by 60 % order entry was out for ${figureText(rto)}, and auto-scaling first asked for tasks ${figureText(acted)} after the change: metrics of ${period} s that arrive ${factNumber("cloudwatch.metric.delivery-lag-s", 0)} to ${factNumber("cloudwatch.metric.delivery-lag-s", 1)} s late rule out ${rtoMax} s, and meanwhile a task failed its health checks ${figureText(unhealthy)}, too busy to answer them, and was replaced just when it was needed`,
    facts: [
      "cloudwatch.metric.standard-period-s",
      "cloudwatch.metric.delivery-lag-s",
      "fargate.task.start-time-s",
    ],
  };
};

function isUnhealthyTarget({ summary }: ObservedRun): (event: WatchedEvent) => boolean {
  return ({ kind, atSeconds }) =>
    kind === "load-balancer.target-unhealthy" && atSeconds > summary.firstFaultSeconds;
}

function firstAfterFault(run: ObservedRun, kind: string): number {
  const from = run.summary.firstFaultSeconds;
  const found = run.watched.events.find((event) => event.kind === kind && event.atSeconds > from);
  return found === undefined ? Number.POSITIVE_INFINITY : found.atSeconds - from;
}

const corruption: ClaimRule = (claim, desk) => {
  const [rto, rpo] = [numberOf(claim, "rtoS"), numberOf(claim, "rpoS")];
  const behind = factNumber("aurora.pitr.latest-restorable-s");
  const kind = desk.shipped.faultKinds.find((each) => /corrupt/.test(each));
  return undecided({
    strategy: `restored within ${numberText(rto)} s, ${numberText(rpo)} s lost`,
    ours: `${behind} s behind at the least`,
    figure: exactFigure(behind, "s"),
    why: `${kind === undefined ? "no fault of the twin corrupts data, and none of its services restores from a backup" : `no run with the fault ${kind} is declared as evidence`}; the newest point that can be restored is typically ${behind} s old, ${behind <= rpo ? "within" : "beyond"} ${rpo} s only if corruption is noticed at once, and a restore takes ${String(factOf("aurora.restore.duration").value)}`,
    settledBy:
      "a timed restore of a copy of the production volume, and how long a bad write stays unnoticed",
    ifRight: `then noticing, deciding, restoring and replaying all fit into ${numberText(rto)} s`,
    facts: ["aurora.pitr.latest-restorable-s", "aurora.restore.duration"],
  });
};

export const recoveryRules: Readonly<Record<string, ClaimRule>> = {
  "dr.az": zone,
  "dr.region": region,
  "dr.degradation": degradation,
  "dr.corruption": corruption,
};
