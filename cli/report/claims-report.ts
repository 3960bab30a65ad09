import { factKey, factOf, isDoubtful } from "../../sim/facts/facts.ts";
import type { Claim, Figure, Verdict } from "../../sim/twin/claims/claim-types.ts";
import {
  type JudgedClaim,
  type RangeCheck,
  type Sturdiness,
  verdictCounts,
} from "../../sim/twin/claims/judge-claims.ts";
import type { Evidence } from "../claims-evidence.ts";

/** Everything that the command found, as `--json` prints it. */
export interface ClaimsReport {
  readonly counts: Readonly<Record<Verdict, number>>;
  /** Requests simulated for the whole audit. */
  readonly requestsSimulated: number;
  readonly claims: readonly ClaimRow[];
}

export interface ClaimRow {
  readonly id: string;
  readonly section: string;
  readonly claim: string;
  readonly verdict: Verdict;
  readonly strategy: string;
  readonly ours: string;
  readonly figure: Figure | null;
  readonly why: string;
  /** What would settle a claim that cannot be tested; empty for the others. */
  readonly settledBy: string;
  readonly ifRight: string;
  readonly sturdiness: Sturdiness;
  readonly ranges: readonly RangeCheck[];
  readonly evidence: readonly EvidenceRow[];
  /** Requests simulated that it rests on; those of runs that claims share count for each. */
  readonly requestsSimulated: number;
}

/** One piece of evidence and the command that makes it again. */
export interface EvidenceRow {
  readonly kind: "runs" | "capacity" | "fact" | "arithmetic";
  readonly what: string;
  readonly command: string;
}

export function claimsReport(judged: readonly JudgedClaim[], evidence: Evidence): ClaimsReport {
  return {
    counts: verdictCounts(judged),
    requestsSimulated: evidence.requestsInAll,
    claims: judged.map((each) => ({
      id: each.claim.id,
      section: each.claim.section,
      claim: each.claim.words,
      verdict: each.verdict,
      strategy: each.strategy,
      ours: each.ours,
      figure: each.figure ?? null,
      why: each.why,
      settledBy: each.settledBy ?? "",
      ifRight: each.ifRight ?? "",
      sturdiness: each.sturdiness,
      ranges: each.ranges,
      evidence: evidenceOf(each, evidence),
      requestsSimulated: evidence.requests(each.claim),
    })),
  };
}

function evidenceOf({ claim, facts }: JudgedClaim, evidence: Evidence): readonly EvidenceRow[] {
  const runs = (claim.scenarios ?? []).map((id): EvidenceRow => {
    const seeds = evidence.seedCount(id);
    return {
      kind: "runs",
      what: `${id}, ${seeds === 1 ? "seed 1" : `seeds 1 to ${seeds}`}`,
      command: `npx stormbell drill ${id} --seeds ${seeds}`,
    };
  });
  const capacity: readonly EvidenceRow[] =
    claim.capacityOf === undefined
      ? []
      : [
          {
            kind: "capacity",
            what: `highest load of ${claim.capacityOf}`,
            command: `npx stormbell capacity ${claim.capacityOf}`,
          },
        ];
  const rows = [...runs, ...capacity, ...(facts ?? []).map(factRow)];
  if (rows.length > 0) return rows;
  return [{ kind: "arithmetic", what: "the strategy's own numbers", command: commandOf(claim) }];
}

function factRow(text: string): EvidenceRow {
  const fact = factOf(factKey(text));
  const doubt = isDoubtful(fact) ? ", doubtful" : "";
  return {
    kind: "fact",
    what: `${text} (${fact.confidence}${doubt})`,
    command: `npx stormbell facts ${text}`,
  };
}

function commandOf(claim: Claim): string {
  return `npx stormbell claims ${claim.id}`;
}
