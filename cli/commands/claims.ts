import type { Command } from "commander";
import { poolOptions, withPoolOptions } from "../seed-options.ts";
import { tuneEngine } from "../tune-engine.ts";

export function addClaims(program: Command): void {
  const command = program
    .command("claims")
    .description("audit the claims of the scaling strategy by simulation, facts and arithmetic")
    .argument("[ids...]", "claims to judge, or the beginnings of their ids; all when left out");
  withPoolOptions(command)
    .option("--exact", "five times the seeds, and a capacity search twice as narrow")
    .option("--no-ranges", "do not judge again at the ends of our assumptions' ranges")
    .option("--json", "print everything as JSON")
    .option("--markdown", "print the table as Markdown, as in docs/claims.md")
    .addHelpText(
      "after",
      `
A verdict is computed from evidence: runs, bills, facts, sums. What hangs on a number of the strategy's
own, or on something the twin does not have, is "cannot be tested", with the measurement that would settle it.

Examples:
  stormbell claims
  stormbell claims dr.az spike
  stormbell claims cost --no-ranges
  stormbell claims --markdown > verdicts.md

Runs are spread over all cores, and finished ones kept: a second call is quick, and after Ctrl-C the
same command goes on.`,
    )
    .action(async (ids, options) => {
      tuneEngine();
      const { claimsCommand } = await import("../claims-command.ts");
      const { jobRunner } = await import("../worker/run-jobs.ts");
      await claimsCommand(jobRunner(poolOptions(options)), ids, options);
    });
}
