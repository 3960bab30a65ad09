/** The decision tree: at each branch, whether the step that it names is one that carries the load. */
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

/** One region's highest load says how far several go; the log and the shards are run at the load themselves. */
const regions: ClaimRule = (claim, desk) => {
  const rps = numberOf(claim, "rps");
  const largest = numberOf(claim, "largestShare");
  const region = desk.knee("tree-fast-queues");
  const log = desk.knee("tree-phase-2");
  const several = exactFigure(region.ratePerSecond.value / largest, "requests/s");
  const isEnough = several.value >= rps;
  const carries = log.ratePerSecond.low >= rps;
  return {
    verdict: isEnough && carries ? "holds" : "does-not-hold",
    strategy: `several regions up to ${numberText(rps)} requests/s, a log and shards above`,
    ours: `several regions with queues to ${figureText(several)}; log and shards hold ${figureText(log.ratePerSecond)}`,
    figure: several,
    why: `one region with five queues in high-throughput mode holds ${figureText(region.ratePerSecond)}${region.bottleneck === "" ? "" : `, where ${region.bottleneck} gives way`}, and the largest of three has ${percentText(largest)} of the load, so several regions of it go to ${figureText(several)}, ${isEnough ? "at least" : "short of"} ${numberText(rps)}; with the log, the shards and the cache in three regions ${figureText(log.ratePerSecond)} ${carries ? "held" : "was the most that held"}${log.isOpen ? ", and more was not tried" : ""}`,
    facts: ["sqs.fifo.ht.region-quota", "api-gateway.throttle.steady-rps"],
  };
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
