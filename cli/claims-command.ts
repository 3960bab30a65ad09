/** What `stormbell claims` does. */
import { suggestion } from "../scenarios/nearest-name.ts";
import { TwinError } from "../sim/errors/twin-error.ts";
import type { Claim } from "../sim/twin/claims/claim-types.ts";
import { type JudgedClaim, judgeClaim } from "../sim/twin/claims/judge-claims.ts";
import { gatherEvidence } from "./claims-evidence.ts";
import { type ClaimsPlan, strategyClaims } from "./claims-plan.ts";
import { claimsMarkdown } from "./report/claims-markdown.ts";
import { type ClaimsReport, claimsReport } from "./report/claims-report.ts";
import { claimsText } from "./report/claims-text.ts";
import { print, printJson } from "./terminal.ts";
import type { RunJobs } from "./worker/run-jobs.ts";

export interface ClaimsOptions {
  readonly exact?: true;
  readonly ranges: boolean;
  readonly jobs: number;
  readonly json?: true;
  readonly markdown?: true;
}

export async function claimsCommand(
  runJobs: RunJobs,
  names: readonly string[],
  options: ClaimsOptions,
): Promise<void> {
  const report = await auditClaims(runJobs, chosenClaims(strategyClaims, names), options);
  if (options.json) printJson(report);
  else print(...(options.markdown ? claimsMarkdown(report) : claimsText(report)));
}

/** Gathers what the claims need, and judges each of them. */
async function auditClaims(
  runJobs: RunJobs,
  plan: ClaimsPlan,
  { exact, ranges, jobs }: Pick<ClaimsOptions, "exact" | "ranges" | "jobs">,
): Promise<ClaimsReport> {
  const evidence = await gatherEvidence(runJobs, plan, {
    seedFactor: exact ? 5 : 1,
    toleranceFactor: exact ? 0.5 : 1,
    wantsRanges: ranges,
    searchesAtOnce: jobs,
  });
  const judged = plan.claims.map(
    (claim): JudgedClaim =>
      judgeClaim(claim, evidence.desk(claim), (range, value) =>
        ranges ? evidence.desk(claim, { range, value }) : undefined,
      ),
  );
  return claimsReport(judged, evidence, plan.budget);
}

/** Those with these ids, or whose ids begin with them; every name must mean something. */
function chosenClaims(plan: ClaimsPlan, names: readonly string[]): ClaimsPlan {
  const isMeant = (claim: Claim, name: string) =>
    claim.id === name || claim.id.startsWith(`${name}.`);
  for (const name of names) {
    if (plan.claims.some((claim) => isMeant(claim, name))) continue;
    const ids = plan.claims.map(({ id }) => id);
    throw new TwinError({
      code: "claims.unknown",
      problem: `No claim is called "${name}", and none begins with it`,
      remedy: suggestion(name, ids, "claim"),
    });
  }
  if (names.length === 0) return plan;
  const claims = plan.claims.filter((claim) => names.some((name) => isMeant(claim, name)));
  // What concerns the whole strategy is left for the whole audit.
  const { seeds, capacities, budget } = plan;
  return { seeds, capacities, budget, claims };
}
