/** The decision tree: at each branch, whether the step that it names is one that carries the load. */
import { factNumber, factNumberAt } from "../../../facts/facts.ts";
import { type ClaimRule, numberOf } from "../claim-types.ts";
import {
  exactFigure,
  figureOf,
  figureText,
  firstOf,
  grownOver,
  numberText,
  percentText,
} from "../figures.ts";
import type { ObservedRun } from "../watched-run.ts";
import { withoutTopology } from "./untested.ts";

interface Branch {
  readonly scenario: string;
  readonly strategy: string;
  readonly step: string;
}

/** The step carries the load when its run holds every objective; otherwise what gave way is named. */
function branchRule({ scenario, strategy, step }: Branch): ClaimRule {
  return (_claim, desk) => {
    const runs = desk.runs(scenario);
    const good = figureOf(
      runs.map(({ summary }) =>
        Math.min(...summary.functions.map(({ steadyGoodShare }) => steadyGoodShare)),
      ),
      "",
    );
    const held = runs.filter(({ summary }) => summary.baseline.healthy).length;
    const reasons = firstOf(runs).summary.baseline.reasons.slice(-2);
    const throttled = figureOf(runs.map(queueThrottles), "calls");
    return {
      verdict: held === runs.length ? "holds" : "does-not-hold",
      strategy,
      ours: `${held} of ${runs.length} runs held; ${percentText(good.value)} good in the worst function`,
      figure: good,
      why:
        held === runs.length
          ? `${step} carries the load: every objective held in ${held} runs, ${percentText(good.value)} good in the worst function`
          : `${step} does not carry the load: ${percentText(good.value)} of the worst function's outcomes were good and the order queue throttled ${figureText(throttled)} (${reasons.join("; ")})`,
    };
  };
}

function queueThrottles(run: ObservedRun): number {
  return grownOver(run, "order-queue", "calls throttled", [0, run.summary.durationSeconds]);
}

const regions: ClaimRule = (claim, desk) => {
  const rps = numberOf(claim, "rps");
  const queueCalls = factNumberAt("sqs.fifo.ht.region-quota", "us-east-1");
  const gateway = factNumber("api-gateway.throttle.steady-rps");
  const stated = firstOf(claim.scenarios ?? []);
  const held = desk.runs(stated).every(({ summary }) => summary.baseline.healthy);
  return withoutTopology(desk, "phase-2", {
    strategy: `several regions up to ${numberText(rps)} requests/s, a log and shards above`,
    ours: `${numberText(queueCalls)} queue calls/s a region in high-throughput mode`,
    figure: exactFigure(queueCalls, "calls/s"),
    decided: `what one region allows is met elsewhere first: ${numberText(gateway)} requests/s at the gateway until it is raised, ${numberText(queueCalls)} calls/s at FIFO queues and only in high-throughput mode, and one region with ten queues ${held ? "held" : "did not hold"} 7,500 requests/s`,
    settledBy: "the highest load of phase-1 and phase-2 by stormbell capacity",
    facts: ["sqs.fifo.ht.region-quota", "api-gateway.throttle.steady-rps"],
  });
};

export const treeRules: Readonly<Record<string, ClaimRule>> = {
  "tree.2000": branchRule({
    scenario: "claim-tree-vertical",
    strategy: "larger instances up to 2,000 requests/s",
    step: "making tasks four times, the cache eight times and the database sixteen times as large",
  }),
  "tree.5000": branchRule({
    scenario: "claim-tree-horizontal",
    strategy: "more tasks and replicas up to 5,000 requests/s",
    step: "more tasks and readers beside one queue and one engine",
  }),
  "tree.20000": branchRule({
    scenario: "claim-tree-partitioned",
    strategy: "queues by symbol up to 20,000 requests/s",
    step: "ten queues with an engine each, at 7,500 requests/s",
  }),
  "tree.50000": regions,
};
