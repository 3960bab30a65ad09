/** The one place where errors become text and an exit code. */
import { CommanderError } from "commander";
import { type Mistake, TwinError } from "../sim/errors/twin-error.ts";
import { exitCode } from "./exit-code.ts";
import { printNote, tone } from "./terminal.ts";

/** At most this many mistakes are told one by one; the rest is counted. */
const mistakesShownMax = 100;

/** Prints the error to stderr and returns the code to end with. */
export function printError(error: unknown, asJson: boolean): number {
  // Commander has already printed its own message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCode.badInput;
  if (error instanceof TwinError) {
    if (asJson) printNote(JSON.stringify({ error: { ...plain(error), mistakes: error.mistakes } }));
    else printMistakes(error);
    return exitCode.badInput;
  }
  printBug(error, asJson);
  return exitCode.internal;
}

function printMistakes(error: TwinError): void {
  const [first] = error.mistakes;
  if (error.mistakes.length === 1 && first !== undefined) {
    printNote(...linesOf(first));
    return;
  }
  printNote(`${tone("red", "error", process.stderr)}: ${error.problem}`);
  for (const mistake of error.mistakes.slice(0, mistakesShownMax))
    printNote("", ...linesOf(mistake));
  const hiddenCount = error.mistakes.length - mistakesShownMax;
  if (hiddenCount > 0) printNote("", `and ${hiddenCount} more; --json lists them all`);
}

function linesOf(mistake: Mistake): readonly string[] {
  return [
    `${tone("red", "error", process.stderr)}: ${mistake.problem}`,
    ...(mistake.at === undefined ? [] : [`  where: ${mistake.at}`]),
    `  do:    ${mistake.remedy}`,
    `  code:  ${mistake.code}`,
  ];
}

function printBug(error: unknown, asJson: boolean): void {
  const problem = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const remedy = "This is a bug in stormbell: report it with the command that you ran";
  if (asJson) {
    printNote(JSON.stringify({ error: { code: "internal.bug", problem, remedy, stack } }));
    return;
  }
  printNote(...linesOf({ code: "internal.bug", problem, remedy }), stack);
}

function plain(error: TwinError): Mistake {
  const { code, problem, remedy, at } = error;
  return at === undefined ? { code, problem, remedy } : { code, problem, remedy, at };
}
