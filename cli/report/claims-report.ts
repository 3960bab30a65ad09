import { factKey, factOf, isDoubtful } from "../../sim/facts/facts.ts";
import type { Claim, Figure, TriggerStages, Verdict } from "../../sim/twin/claims/claim-types.ts";
import type { Branch } from "../../sim/twin/claims/decision-tree.ts";
import {
  type JudgedClaim,
  type RangeCheck,
  type Sturdiness,
  verdictCounts,
} from "../../sim/twin/claims/judge-claims.ts";
import type { Tornado } from "../../sim/twin/claims/tornado.ts";
import type { Evidence } from "../claims-evidence.ts";
import type { ClaimsPlan } from "../claims-plan.ts";

/** Everything that the command found, as `--json` prints it. */
export interface ClaimsReport {
  readonly counts: Readonly<Record<Verdict, number>>;
  /** Requests simulated for the whole audit. */
  readonly requestsSimulated: number;
  /** Most that may be simulated for one claim and for all; `--exact` takes what it takes. */
  readonly budget: ClaimsPlan["budget"];
  readonly claims: readonly ClaimRow[];
  /** Which assumptions move recovery, loss and capacity most; empty when only some claims were asked for. */
  readonly tornadoes: readonly Tornado[];
  /** The decision tree redrawn from capacity searches; empty when only some claims were asked for. */
  readonly tree: readonly Branch[];
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
  /** Of a trigger: when it was breached, alarmed, acted on and effective; null for other claims. */
  readonly stages: TriggerStages | null;
  readonly sturdiness: Sturdiness;
  readonly ranges: readonly RangeRow[];
  readonly evidence: readonly EvidenceRow[];
  /** Requests simulated that it rests on; those of runs that claims share count for each. */
  readonly requestsSimulated: number;
}

/** How a verdict fares at the ends of a range, with the command that makes the runs. */
export interface RangeRow extends RangeCheck {
  readonly commands: readonly string[];
}

/** One piece of evidence and the command that makes it again. */
export interface EvidenceRow {
  readonly kind: "runs" | "capacity" | "fact" | "arithmetic";
  readonly what: string;
  readonly command: string;
}

export function claimsReport(
  judged: readonly JudgedClaim[],
  evidence: Evidence,
  budget: ClaimsPlan["budget"],
): ClaimsReport {
  return {
    counts: verdictCounts(judged),
    requestsSimulated: evidence.requestsInAll,
    budget,
    tornadoes: evidence.tornadoes,
    tree: evidence.tree,
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
      stages: each.stages ?? null,
      sturdiness: each.sturdiness,
      ranges: each.ranges.map((check) => ({ ...check, commands: rangeCommands(each, check) })),
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
  const capacity: readonly EvidenceRow[] = (claim.capacities ?? []).map((id) => ({
    kind: "capacity",
    what: `highest load: ${id}`,
    command: `npx stormbell claims ${claim.id} --json`,
  }));
  const rows = [...runs, ...capacity, ...(facts ?? []).map(factRow)];
  if (rows.length > 0) return rows;
  return [{ kind: "arithmetic", what: "the strategy's own numbers", command: commandOf(claim) }];
}

function rangeCommands({ claim }: JudgedClaim, { range }: RangeCheck): readonly string[] {
  const { path, low, high } = range;
  const vary = `--vary '${path}=${JSON.stringify(low)},${JSON.stringify(high)}'`;
  return (claim.scenarios ?? []).map((id) => `npx stormbell sweep ${id} ${vary}`);
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
