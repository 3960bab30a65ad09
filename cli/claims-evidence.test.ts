import { beforeAll, expect, test } from "vitest";
import type { RunSummary } from "../sim/twin/ensemble/run-summary.ts";
import { summaryOf } from "../sim/twin/ensemble/run-summary.ts";
import { sampleRecording } from "../sim/twin/recording/sample-recording.ts";
import type { Scenario } from "../sim/twin/scenario-types.ts";
import { gatherEvidence } from "./claims-evidence.ts";
import { type ClaimsPlan, strategyClaims } from "./claims-plan.ts";
import { claimsMarkdown } from "./report/claims-markdown.ts";
import { claimsReport } from "./report/claims-report.ts";
import { claimsText } from "./report/claims-text.ts";
import type { RunJobs } from "./worker/run-jobs.ts";

const watched = {
  events: [],
  workload: { ratePerSecond: 1, userCount: 1 },
  stepSeconds: 1,
  series: [],
  parameters: {},
};

/** Stands behind the workers: what a run shows follows from its scenario. */
function runner(
  change: (summary: RunSummary, scenario: Scenario) => RunSummary,
  asked: Scenario[] = [],
): RunJobs {
  return async (jobs) =>
    jobs.map(({ scenario, seed }) => {
      asked.push(scenario);
      const sample = { ...summaryOf(sampleRecording({ seed })), scenario: scenario.id };
      return { summary: change(sample, scenario), wallSeconds: 1, watched };
    });
}

const own = (scenario: Scenario, component: string) =>
  (scenario.componentOverrides?.[component]?.["parameters"] ?? {}) as Readonly<
    Record<string, number>
  >;

/** Recovery grows with the agent's loss, the highest load with the linger; nothing else matters. */
const simple = runner((summary, scenario) => {
  const { agentLossUs = 60_000_000 } = own(scenario, "order-service");
  const { lingerUs = 20_000 } = own(scenario, "order-queue");
  const holds = scenario.workload.ratePerSecond <= 1000 + lingerUs / 100;
  return {
    ...summary,
    baseline: { ...summary.baseline, healthy: holds },
    objectives: summary.objectives.map((each) => ({ ...each, met: true })),
    functions: summary.functions.map((each) => ({
      ...each,
      censored: false,
      rtoSeconds: agentLossUs / 1e6,
    })),
  };
});

const plan: ClaimsPlan = { ...strategyClaims, claims: [] };

const options = { seedFactor: 1, toleranceFactor: 1, wantsRanges: true, searchesAtOnce: 2 };

let gathered: ReturnType<typeof gatherEvidence>;

beforeAll(() => {
  gathered = gatherEvidence(simple, plan, options);
  return gathered.then(() => {});
}, 120_000);

test("the tornado puts first what moves a measure, and the tree knows steps that carry no more", async () => {
  const evidence = await gathered;
  const [rto, rpo, capacity] = evidence.tornadoes;
  expect(rto!.usual).toBe(60);
  expect(rto!.bars[0]).toMatchObject({
    path: "order-service.parameters.agentLossUs",
    atLow: 20,
    atHigh: 120,
    swing: 100,
  });
  expect(rto!.bars.slice(1).every(({ swing }) => swing === 0)).toBe(true);
  expect(rpo!.bars.every(({ swing }) => swing === 0)).toBe(true);
  expect(capacity!.bars[0]!.path).toBe("order-queue.parameters.lingerUs");
  expect(capacity!.usual).toBeGreaterThan(1000);
  expect(capacity!.usual).toBeLessThanOrEqual(1200);
  // All steps carry the same here.
  expect(evidence.tree.map(({ isStep }) => isStep)).toEqual([
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
});

test("the report shows tornado, tree and budget, and each assumption that moves nothing is named", async () => {
  const evidence = await gathered;
  const report = claimsReport([], evidence, plan.budget);
  const page = claimsMarkdown(report).join("\n");
  expect(page).toContain("## Which assumptions matter");
  expect(page).toMatch(
    /\| `order-service\.parameters\.agentLossUs` \| 20000000 \| 120000000 \| 20 \| 120 \| 100 \|/,
  );
  expect(page).toMatch(/Moved by nothing: .*matching\.parameters\.commandUs/);
  expect(page).toContain("Traffic > 1,1");
  expect(page).toContain("No step: larger instances.");
  expect(page).toContain("requests simulated of at most 200.0 million");
  expect(claimsText(report).join("\n")).toContain("The decision tree, redrawn");
});

test("without ranges nothing is run at their ends, and there is no tornado", async () => {
  const asked: Scenario[] = [];
  const counted = runner((summary) => summary, asked);
  const flood = strategyClaims.claims.filter(({ id }) => id === "p1.waf.rate");
  const { seeds, capacities, budget } = strategyClaims;
  const few: ClaimsPlan = { claims: flood, seeds, capacities, budget };
  const evidence = await gatherEvidence(counted, few, { ...options, wantsRanges: false });
  expect(asked.map(({ id }) => id)).toEqual(["claim-flood", "claim-flood", "claim-flood"]);
  expect([evidence.tornadoes, evidence.tree]).toEqual([[], []]);
  asked.length = 0;
  await gatherEvidence(counted, few, options);
  expect(asked.map(({ workload }) => workload.selfExcitation)).toEqual([0.3, 0.3, 0.3, 0, 0.6]);
});
