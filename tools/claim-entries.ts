/** The strategy's claims as the start page lists them, read from the generated page of verdicts (docs/claims.md). */
import { readFileSync } from "node:fs";

export interface ClaimEntry {
  readonly id: string;
  readonly section: string;
  /** The claim in words. */
  readonly words: string;
  /** `holds`, `does not hold`, `inconsistent` or `cannot be tested`. */
  readonly verdict: string;
  /** What we found instead, or in support. */
  readonly ours: string;
  /** Scenarios whose runs the verdict rests on; none where facts and sums decide. */
  readonly scenarios: readonly string[];
}

interface Claim {
  readonly id: string;
  readonly section: string;
  readonly words: string;
  readonly scenarios?: readonly string[];
}

const pagePath = "docs/claims.md";
const claimsPath = "scenarios/claims/claims.json";

export function claimEntries(): readonly ClaimEntry[] {
  const { claims }: { claims: readonly Claim[] } = JSON.parse(readFileSync(claimsPath, "utf8"));
  const rows = new Map<string, { verdict: string; ours: string }>();
  for (const line of readFileSync(pagePath, "utf8").split("\n")) {
    const [, id] = /^\| `([\w.-]+)`: /.exec(line) ?? [];
    if (id === undefined) continue;
    rows.set(id, { verdict: cell(line, 1).split(",")[0] ?? "", ours: cell(line, 3) });
  }
  return claims.map(({ id, section, words, scenarios = [] }) => {
    const row = rows.get(id);
    if (row === undefined)
      throw new Error(
        `${pagePath} has no row for ${id}: npx stormbell claims --markdown > ${pagePath}`,
      );
    return { id, section, words, verdict: row.verdict, ours: row.ours, scenarios };
  });
}

/** Cell of a table's row, counted from 0. */
function cell(line: string, at: number): string {
  return line.replace(/^\| | \|$/g, "").split(" | ")[at] ?? "";
}
