/** The four rows of recovery objectives, measured. */
import { factNumber, factOf } from "../../../facts/facts.ts";
import { type ClaimRule, numberOf } from "../claim-types.ts";
import { figureOf, figureText, firstOf, numberText, recoverySeconds } from "../figures.ts";
import type { ObservedRun, WatchedEvent } from "../watched-run.ts";

const zone: ClaimRule = (claim, desk) => {
  const [rtoMax, rpoMax] = [numberOf(claim, "rtoS"), numberOf(claim, "rpoS")];
  const [dark, cut] = [desk.runs("dr-az"), desk.runs("az-partition")];
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

/** People promote the other region by their runbook: with services there that only need to grow, and with none. */
const region: ClaimRule = (claim, desk) => {
  const [rtoMax, rpoMax] = [numberOf(claim, "rtoS"), numberOf(claim, "rpoS")];
  const [warm, pilot] = [desk.runs("dr-region"), desk.runs("dr-region-pilot-light")];
  const all = [...warm, ...pilot];
  const rto = figureOf(recoverySeconds(all), "s");
  const age = figureOf(all.map(oldestLostSeconds), "s");
  const lost = figureOf(all.map(lostOrders), "orders");
  const decided = figureOf(
    all.map((run) => firstAfterFault(run, "runbook.region-failover.decided")),
    "s",
  );
  const missed = recoverySeconds(all).filter((seconds) => seconds > rtoMax).length;
  return {
    verdict: rto.high <= rtoMax && age.high <= rpoMax ? "holds" : "does-not-hold",
    strategy: `recovered within ${rtoMax} s by hand, at most ${rpoMax} s of orders lost`,
    ours: `${figureText(rto)}; ${figureText(lost)} lost, the oldest ${figureText(age)} old`,
    figure: rto,
    why: `with a warm standby all functions were back after ${figureText(figureOf(recoverySeconds(warm), "s"))} and with a pilot light after ${figureText(figureOf(recoverySeconds(pilot), "s"))}, of which ${figureText(decided)} passed until people had found out and decided: ${missed} of ${all.length} runs took longer than ${rtoMax} s; ${figureText(lost)} that clients were told of were lost, and what had not reached the other region came back with its own`,
    facts: ["sqs.region-scope", "kinesis.region-scope"],
  };
};

/** How long before the fault the oldest command was accepted that is gone. */
function oldestLostSeconds({ summary }: ObservedRun): number {
  return Math.max(
    0,
    ...summary.rpo.filter(({ declared }) => declared).map((each) => each.oldestLostSeconds),
  );
}

/** From the first breach to the objective's return, when more tasks are the only help. */
const degradation: ClaimRule = (claim, desk) => {
  const rtoMax = numberOf(claim, "rtoS");
  const [more, slow] = [desk.runs("claim-degradation"), desk.runs("dr-degradation")];
  const runs = [...more, ...slow];
  const outage = (of: readonly ObservedRun[]) =>
    figureOf(recoverySeconds(of, ["order-entry"]), "s");
  const rto = outage(runs);
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
    why: `order entry was out for ${figureText(outage(slow))} when its tasks became twice as slow and for ${figureText(outage(more))} when the load grew by 60 %, and auto-scaling first asked for tasks ${figureText(acted)} after the change: metrics of ${period} s that arrive ${factNumber("cloudwatch.metric.delivery-lag-s", 0)} to ${factNumber("cloudwatch.metric.delivery-lag-s", 1)} s late rule out ${rtoMax} s, and meanwhile a task failed its health checks ${figureText(unhealthy)}, too busy to answer them, and was replaced just when it was needed`,
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

/** Found by a client, understood by people, restored to before the first wrong row, and the rows since written again. */
const corruption: ClaimRule = (claim, desk) => {
  const [rtoMax, rpoMax] = [numberOf(claim, "rtoS"), numberOf(claim, "rpoS")];
  const runs = desk.runs("dr-corruption");
  const rto = figureOf(recoverySeconds(runs), "s");
  const age = figureOf(runs.map(oldestLostSeconds), "s");
  const lost = figureOf(runs.map(lostOrders), "orders");
  const decided = figureOf(
    runs.map((run) => firstAfterFault(run, "runbook.restore.decided")),
    "s",
  );
  const behind = factNumber("aurora.pitr.latest-restorable-s");
  return {
    verdict: rto.high <= rtoMax && age.high <= rpoMax ? "holds" : "does-not-hold",
    restsOnAssumption: true,
    strategy: `restored within ${numberText(rtoMax)} s, ${numberText(rpoMax)} s lost`,
    ours: `${figureText(rto)}; ${figureText(lost)} lost, the oldest ${figureText(age)} old`,
    figure: rto,
    why: `${figureText(decided)} passed until somebody had called, understood and decided, and all functions were back ${figureText(rto)} after the first wrong row; ${figureText(lost)} were lost, because the matching service wrote the rows since then again from its journal, where the backup alone would be ${behind} s behind; how long a restore takes is ${String(factOf("aurora.restore.duration").value)}, from memory`,
    settledBy:
      "a timed restore of a copy of the production volume, and how long a bad write stays unnoticed",
    ifRight: `then noticing, deciding, restoring and replaying all fit into ${numberText(rtoMax)} s`,
    facts: ["aurora.pitr.latest-restorable-s", "aurora.restore.duration"],
  };
};

export const recoveryRules: Readonly<Record<string, ClaimRule>> = {
  "dr.az": zone,
  "dr.region": region,
  "dr.degradation": degradation,
  "dr.corruption": corruption,
};
