/** The one place where errors become text and an exit code. */
import { CommanderError } from "commander";
import { type Mistake, TwinError } from "../sim/errors/twin-error.ts";
import { exitCode } from "./exit-code.ts";
import { tone } from "./terminal.ts";

/** At most this many mistakes are told one by one; the rest is counted. */
const mistakesShownMax = 100;

/** Rows of a table are wrong by the thousand and for one reason: so many of a kind are told. */
const rowsShownMax = 5;

/** What to say on stderr, and the code to end with. */
export interface ToldError {
  readonly lines: readonly string[];
  readonly exitCode: number;
}

export function tellError(error: unknown, asJson: boolean): ToldError {
  // Commander has already printed its own message, or the help that was asked for.
  if (error instanceof CommanderError) {
    return { lines: [], exitCode: error.exitCode === 0 ? 0 : exitCode.badInput };
  }
  if (error instanceof TwinError) {
    const lines = asJson ? jsonLine(error, { mistakes: error.mistakes }) : mistakeLines(error);
    return { lines, exitCode: exitCode.badInput };
  }
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const bug = bugOf(error);
  const lines = asJson ? jsonLine(bug, { stack }) : [...linesOf(bug), stack];
  return { lines, exitCode: exitCode.internal };
}

function mistakeLines(error: TwinError): readonly string[] {
  const [only, second] = error.mistakes;
  if (only !== undefined && second === undefined) return linesOf(only);
  const shown = worthTelling(error.mistakes).slice(0, mistakesShownMax);
  const hiddenCount = error.mistakes.length - shown.length;
  return [
    `${tone("red", "error", process.stderr)}: ${error.problem}`,
    ...shown.flatMap((mistake) => ["", ...linesOf(mistake)]),
    ...(hiddenCount > 0 ? ["", `and ${hiddenCount} more; --json lists them all`] : []),
  ];
}

/** Every mistake but rows of a table beyond the first few of a kind. */
function worthTelling(mistakes: readonly Mistake[]): readonly Mistake[] {
  const rows = new Map<string, number>();
  return mistakes.filter(({ code }) => {
    if (!code.startsWith("table.")) return true;
    const seen = (rows.get(code) ?? 0) + 1;
    rows.set(code, seen);
    return seen <= rowsShownMax;
  });
}

function linesOf(mistake: Mistake): readonly string[] {
  return [
    `${tone("red", "error", process.stderr)}: ${mistake.problem}`,
    ...(mistake.at === undefined ? [] : [`  where: ${mistake.at}`]),
    `  do:    ${mistake.remedy}`,
    `  code:  ${mistake.code}`,
  ];
}

/** Kernel and engine refuse misuse with errors of their own, which carry the same fields. */
function bugOf(error: unknown): Mistake {
  if (error instanceof Error && isMistake(error)) return error;
  return {
    code: "internal.bug",
    problem: error instanceof Error ? error.message : String(error),
    remedy: "This is a bug in stormbell: report it with the command that you ran",
  };
}

function isMistake(error: object): error is Mistake {
  return "code" in error && "problem" in error && "remedy" in error;
}

function jsonLine({ code, problem, remedy, at }: Mistake, more: object): readonly string[] {
  return [JSON.stringify({ error: { code, problem, remedy, at, ...more } })];
}
