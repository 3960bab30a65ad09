/** What `stormbell validate` does. */
import {
  kindOfText,
  type LocatedMistake,
  validateScenarioText,
  validateTopologyText,
} from "../scenarios/validate-text.ts";
import { type Mistake, TwinError } from "../sim/errors/twin-error.ts";
import { decodeRecording } from "../sim/twin/recording/recording-file.ts";
import { assemblyMistakes } from "./assembly-mistakes.ts";
import { exitCode } from "./exit-code.ts";
import { orderFileMistakes } from "./order-file-mistakes.ts";
import { readInput, readTextInput } from "./read-input.ts";
import { topologyLoader } from "./scenario-files.ts";
import { print, printJson, tone } from "./terminal.ts";

/** What was found in one file. */
interface FileCheck {
  readonly file: string;
  readonly kind: string;
  readonly mistakes: readonly PlacedMistake[];
  readonly warnings: readonly PlacedMistake[];
}

type PlacedMistake = Mistake & Partial<Pick<LocatedMistake, "line" | "column" | "path">>;

export function validateCommand(files: readonly string[], options: { json?: true }): void {
  const checks = files.map(checkFile);
  const mistakeCount = checks.reduce((sum, { mistakes }) => sum + mistakes.length, 0);
  if (options.json) printJson({ valid: mistakeCount === 0, mistakeCount, files: checks });
  else print(...checks.flatMap(linesOf), summary(checks, mistakeCount));
  if (mistakeCount > 0) process.exitCode = exitCode.badInput;
}

function checkFile(file: string): FileCheck {
  try {
    return checkContent(file);
  } catch (error) {
    if (!(error instanceof TwinError)) throw error;
    return { file, kind: "unreadable", mistakes: error.mistakes, warnings: [] };
  }
}

function checkContent(file: string): FileCheck {
  if (isRecording(file)) {
    decodeRecording(readInput(file), file);
    return { file, kind: "recording", mistakes: [], warnings: [] };
  }
  const text = readTextInput(file);
  if (!/\.ya?ml$/.test(file)) return { file, ...orderFileMistakes(text, file), warnings: [] };
  const kind = kindOfText(text);
  const loading = { loadTopology: topologyLoader(file) };
  if (kind === "topology") {
    const validated = validateTopologyText(text, file, loading);
    const mistakes = validated.ok ? [] : validated.mistakes;
    return { file, kind, mistakes, warnings: validated.warnings };
  }
  const validated = validateScenarioText(text, file, loading);
  const mistakes = validated.ok
    ? assemblyMistakes(text, file, validated.value)
    : validated.mistakes;
  return { file, kind, mistakes, warnings: validated.warnings };
}

/** By its name, or by how it begins: a recording under another name is a recording still. */
function isRecording(file: string): boolean {
  return file.endsWith(".stormrec") || readInput(file)[0] === 0x89;
}

function linesOf({ file, kind, mistakes, warnings }: FileCheck): readonly string[] {
  return [
    ...mistakes.map((mistake) => lineOf(mistake, file)),
    ...warnings.map((warning) => lineOf(warning, file, "warning: ")),
    ...(mistakes.length === 0 ? [`${file} ${tone("green", "valid")} (${kind})`] : []),
  ];
}

function lineOf({ at, problem, remedy }: PlacedMistake, file: string, prefix = ""): string {
  return `${tone("bold", at ?? file)} ${prefix}${problem} — ${remedy}`;
}

function summary(checks: readonly FileCheck[], mistakeCount: number): string {
  const invalidCount = checks.filter(({ mistakes }) => mistakes.length > 0).length;
  const files = `${checks.length} ${checks.length === 1 ? "file" : "files"}`;
  if (mistakeCount === 0) return tone("green", `${files} checked, no mistakes`);
  const mistakes = `${mistakeCount} ${mistakeCount === 1 ? "mistake" : "mistakes"}`;
  return tone("red", `${files} checked, ${mistakes} in ${invalidCount}`);
}
