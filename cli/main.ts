#!/usr/bin/env node
/**
 * The command line. Each command is a file in `commands/` that exports a function adding itself to the
 * program; what it needs of the simulation it imports only when it runs, so that `--help` answers at once.
 */
import { Command } from "commander";
import manifest from "../package.json" with { type: "json" };
import { addCalibrate } from "./commands/calibrate.ts";
import { addCapacity } from "./commands/capacity.ts";
import { addClaims } from "./commands/claims.ts";
import { addCost } from "./commands/cost.ts";
import { addDiff } from "./commands/diff.ts";
import { addDrill } from "./commands/drill.ts";
import { addEngine } from "./commands/engine.ts";
import { addExport } from "./commands/export.ts";
import { addFacts } from "./commands/facts.ts";
import { addFit } from "./commands/fit.ts";
import { addRun } from "./commands/run.ts";
import { addSweep } from "./commands/sweep.ts";
import { addUi } from "./commands/ui.ts";
import { addValidate } from "./commands/validate.ts";
import { tellError } from "./tell-error.ts";
import { printNote } from "./terminal.ts";
import { unwritable } from "./write-output.ts";

const addCommands: readonly ((program: Command) => void)[] = [
  addRun,
  addDrill,
  addCost,
  addSweep,
  addDiff,
  addCapacity,
  addClaims,
  addValidate,
  addEngine,
  addFacts,
  addFit,
  addCalibrate,
  addExport,
  addUi,
];

function createProgram(): Command {
  const program = new Command("stormbell")
    .description(manifest.description)
    .version(manifest.version)
    .showHelpAfterError("Run it with --help for its options and examples.")
    .showSuggestionAfterError()
    .addHelpText(
      "after",
      `
Exit codes: 0 all objectives met, 1 an objective missed, 2 bad input or usage,
3 internal error or a run that did not repeat, 130/143 interrupted.`,
    );
  // What stands after a command's name is the command's, even where its parent has an option of that name.
  program.enablePositionalOptions();
  // Commands inherit settings only from what was set before they are added.
  program.exitOverride();
  for (const add of addCommands) add(program);
  return program;
}

process.on("uncaughtException", (error) => {
  end(error);
  process.exit();
});
// A reader that has seen enough (`| head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw unwritable("stdout", error);
});
// Notes that cannot be written are missed; the work goes on.
process.stderr.on("error", () => {});

try {
  await createProgram().parseAsync();
} catch (error) {
  end(error);
}

function end(error: unknown): void {
  const told = tellError(error, process.argv.includes("--json"));
  if (told.lines.length > 0) printNote(...told.lines);
  process.exitCode = told.exitCode;
}
