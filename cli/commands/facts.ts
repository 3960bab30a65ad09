import type { Command } from "commander";
import type { Fact } from "../../sim/facts/facts.ts";
import { exitCode } from "../exit-code.ts";
import { print, printJson, printNote, table, tone, wrap } from "../terminal.ts";

/** With more facts than this, a table; with fewer, every fact in full. */
const factsInFullMax = 5;

export function addFacts(program: Command): void {
  program
    .command("facts")
    .description("search what AWS documents about limits, timings, failures and prices")
    .argument("[words...]", "words that a fact must all contain; none lists everything")
    .option("--json", "print the facts as JSON")
    .addHelpText(
      "after",
      `
Examples:
  stormbell facts alb health            the ALB's health checks
  stormbell facts failover redis        every word must occur, in any field
  stormbell facts sqs.fifo --json       for machines
  stormbell facts from-memory           what nobody has checked yet

Ends with 1 when nothing was found.`,
    )
    .action(showFacts);
}

async function showFacts(words: readonly string[], options: { json?: true }): Promise<void> {
  const { searchFacts } = await import("../../sim/facts/facts.ts");
  const found = searchFacts(words);
  if (options.json) printJson(found);
  else if (found.length > factsInFullMax) print(...tableOf(found));
  else for (const fact of found) print(...inFull(fact), "");
  if (found.length === 0) {
    printNote(`no fact contains all of: ${words.join(" ")}`);
    process.exitCode = exitCode.missed;
  } else if (!options.json) {
    printNote(`${found.length} found; ? marks what was written down from memory`);
  }
}

function tableOf(facts: readonly Fact[]): readonly string[] {
  const rows = facts.map((fact) => [
    tone("bold", fact.key),
    shorten(valueText(fact), 44),
    shorten(fact.unit, 36),
    fact.asOf,
    doubtMark(fact),
  ]);
  return table([["KEY", "VALUE", "UNIT", "AS OF", ""], ...rows]);
}

function inFull(fact: Fact): readonly string[] {
  const doubt = fact.confidence === "from-memory" ? " (unchecked)" : "";
  return [
    `${tone("bold", fact.key)}  ${valueText(fact)} ${fact.unit}`.trimEnd(),
    ...wrap(fact.note, 96, "  "),
    `  ${fact.service}, ${fact.kind}, as of ${fact.asOf}, ${fact.confidence}${doubt}`,
    `  ${fact.source}`,
    ...(fact.alternatives ?? []).map(
      (other) =>
        `  also read: ${JSON.stringify(other.value)} ${other.unit} (${other.key}, ${other.asOf}, ${other.confidence})`,
    ),
  ];
}

function valueText({ value }: Fact): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function doubtMark(fact: Fact): string {
  return fact.confidence === "from-memory" ? tone("yellow", "?") : "";
}

function shorten(text: string, lengthMax: number): string {
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax - 3)}...`;
}
