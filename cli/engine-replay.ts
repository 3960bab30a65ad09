/**
 * Feeds order files straight into the matching engine. The replay library does the work on texts; here files are
 * read, their form is told by their lines, and what came out is shown, hashed and judged.
 */
import { MistakeList, TwinError } from "../sim/errors/twin-error.ts";
import {
  type CommandOutcome,
  type Comparison,
  count,
  type Outcome,
  replayGroup,
  share,
} from "./engine-replay-outcome.ts";
import { exitCode } from "./exit-code.ts";
import { orderFileForm } from "./order-file-form.ts";
import { groupOrderFiles, type OrderFile, type OrderFileGroup } from "./order-file-groups.ts";
import { readTextInput } from "./read-input.ts";
import { print, printJson, printNote, table } from "./terminal.ts";
import { writeOutput } from "./write-output.ts";

export interface ReplayOptions {
  readonly json?: true;
  /** File for the report stream of a flow. */
  readonly reports?: string;
  /** Percent that must be reproduced; default 100 where rows line up, no bound elsewhere. */
  readonly reproducedMin?: number;
}

interface Replayed {
  readonly group: OrderFileGroup;
  readonly outcome: Outcome | CommandOutcome;
  readonly seconds: number;
}

/** Replays every file or LOBSTER pair. Nothing is shown or written unless all of them are without mistakes. */
export function replayFiles(paths: readonly string[], options: ReplayOptions): void {
  const groups = groupOrderFiles(readAll(paths));
  const flows = groups.filter(({ file }) => file.form === "flow");
  if (options.reports !== undefined && flows.length !== 1) {
    throw new TwinError({
      code: "replay.reports-of",
      problem: `--reports takes the report stream of one flow, and ${flows.length} flows were given`,
      remedy: "Give one flow file with --reports",
      at: paths.join(", "),
    });
  }
  const list = new MistakeList();
  const all = groups.flatMap((group): Replayed[] => {
    const startedMs = performance.now();
    const outcome = attempt(list, () => replayGroup(group));
    const seconds = (performance.now() - startedMs) / 1000;
    return outcome === undefined ? [] : [{ group, outcome, seconds }];
  });
  list.throwIfAny(paths.join(", "));
  show(all, options);
}

/** Files in the order given; every one that cannot be read is named. */
function readAll(paths: readonly string[]): readonly OrderFile[] {
  const list = new MistakeList();
  const files = paths.flatMap((path): OrderFile[] => {
    const text = attempt(list, () => readTextInput(path));
    return text === undefined ? [] : [{ path, text, form: orderFileForm(text) }];
  });
  list.throwIfAny(paths.join(", "));
  return files;
}

/** What `act` gives; undefined when it throws mistakes, which go to the list. */
function attempt<T>(list: MistakeList, act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof TwinError)) throw error;
    for (const mistake of error.mistakes) list.add(mistake);
    return undefined;
  }
}

/** One result is shown as it is; of several, JSON is a list in the order of the files, and text has a heading each. */
function show(all: readonly Replayed[], options: ReplayOptions): void {
  if (options.json === true || all.every(({ outcome }) => "answer" in outcome)) {
    const results = all.map((each) => jsonOf(each, options));
    printJson(results.length === 1 ? results[0] : results);
  } else {
    for (const each of all) {
      if (all.length > 1) print(`== ${pathsOf(each.group).join(" with ")}`);
      printText(each, options);
      if (all.length > 1) print("");
    }
  }
  for (const { outcome, seconds } of all) {
    if ("answer" in outcome) {
      const perSecond = count(outcome.operationCount / seconds);
      printNote(`${count(outcome.operationCount)} operations, ${perSecond}/s`);
      continue;
    }
    if (!verdictOf(outcome.comparison, options).isMet) process.exitCode = exitCode.missed;
    const { reportChunks } = outcome;
    if (options.reports !== undefined && reportChunks !== undefined) {
      writeOutput(options.reports, reportChunks.join(""));
    }
  }
}

function jsonOf({ group, outcome, seconds }: Replayed, options: ReplayOptions): unknown {
  if ("answer" in outcome) return outcome.answer;
  const { form, data, stateHash, messageCount } = outcome;
  const messagesPerSecond = Math.round(messageCount / seconds);
  const verdict = verdictOf(outcome.comparison, options).text;
  return { files: pathsOf(group), form, ...data, stateHash, messagesPerSecond, verdict };
}

function pathsOf({ file, books }: OrderFileGroup): readonly string[] {
  return books === undefined ? [file.path] : [file.path, books.path];
}

function printText({ outcome, seconds }: Replayed, options: ReplayOptions): void {
  if ("answer" in outcome) {
    printJson(outcome.answer);
    return;
  }
  const { form, messageCount, comparison, stateHash } = outcome;
  const perSecond = Math.round(messageCount / seconds);
  const speed = `${count(messageCount)} in ${seconds.toFixed(2)} s, ${count(perSecond)}/s with parsing`;
  const rows = [["form", form], ["messages", speed], ...outcome.rows, ["state hash", stateHash]];
  print(...table(rows));
  if (comparison && comparison.firstDifferences.length > 0) {
    print("", "first differences:", ...comparison.firstDifferences.map((each) => `  ${each}`));
  }
  print("", verdictOf(comparison, options).text);
}

function verdictOf(
  comparison: Comparison | undefined,
  options: ReplayOptions,
): { readonly isMet: boolean; readonly text: string } {
  if (comparison === undefined) return { isMet: true, text: "replayed; nothing to compare with" };
  const { what, reproduced, compared, reproducedMinDefault } = comparison;
  const min = options.reproducedMin ?? reproducedMinDefault;
  const text = `${share(reproduced, compared)} ${what} reproduced`;
  const isMet = compared > 0 && reproduced * 100 >= min * compared;
  if (isMet) return { isMet, text };
  return {
    isMet,
    text: compared === 0 ? `no ${what} to compare` : `${text}, below the ${min} % asked for`,
  };
}
