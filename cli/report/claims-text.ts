import { table, tone, wrap } from "../terminal.ts";
import type { ClaimRow, ClaimsReport } from "./claims-report.ts";
import { verdicts, verdictWords } from "./claims-words.ts";

const widthMax = 110;

/** Each claim with its verdict and the sentence why, and how many came to which. */
export function claimsText({ claims, counts, requestsSimulated }: ClaimsReport): readonly string[] {
  return [
    ...claims.flatMap((row) => [...rowText(row), ""]),
    ...table(verdicts.map((verdict) => [verdictWords[verdict], String(counts[verdict])])),
    "",
    `${claims.length} claims, ${(requestsSimulated / 1e6).toFixed(1)} million requests simulated.`,
    "Next: stormbell claims ID --json shows the evidence of one and the commands that make it again.",
  ];
}

function rowText(row: ClaimRow): readonly string[] {
  const colour = {
    holds: "green",
    "does-not-hold": "red",
    inconsistent: "red",
    "cannot-be-tested": "yellow",
  } as const;
  const sturdy = row.sturdiness === "unchecked" ? "" : ` (${row.sturdiness})`;
  return [
    `${tone("bold", row.id)}  ${tone(colour[row.verdict], verdictWords[row.verdict])}${sturdy}`,
    ...wrap(row.claim, widthMax, "  "),
    ...wrap(`Strategy: ${row.strategy}. Ours: ${row.ours}.`, widthMax, "  "),
    ...wrap(`Why: ${row.why}.`, widthMax, "  "),
    ...(row.ifRight === "" ? [] : wrap(`If it is right: ${row.ifRight}.`, widthMax, "  ")),
    ...(row.settledBy === "" ? [] : wrap(`Settled by: ${row.settledBy}.`, widthMax, "  ")),
  ];
}
