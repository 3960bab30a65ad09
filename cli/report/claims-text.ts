import { table, tone, wrap } from "../terminal.ts";
import { budgetText, tornadoHead, tornadoTable, treeLines } from "./claims-appendix.ts";
import type { ClaimRow, ClaimsReport } from "./claims-report.ts";
import { verdicts, verdictWords } from "./claims-words.ts";

const widthMax = 110;

/** Each claim with its verdict and the sentence why, and how many came to which. */
export function claimsText(report: ClaimsReport): readonly string[] {
  const { claims, counts, tornadoes } = report;
  const tree = treeLines(report);
  return [
    ...claims.flatMap((row) => [...rowText(row), ""]),
    ...tornadoes.flatMap((tornado) => {
      const { title, rows, still } = tornadoTable(tornado);
      return [tone("bold", title), ...table([tornadoHead, ...rows]), still, ""];
    }),
    ...(tree.length === 0 ? [] : [tone("bold", "The decision tree, redrawn"), ...tree, ""]),
    ...table(verdicts.map((verdict) => [verdictWords[verdict], String(counts[verdict])])),
    "",
    `${claims.length} ${claims.length === 1 ? "claim" : "claims"}; ${budgetText(report)}.`,
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
