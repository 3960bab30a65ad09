/**
 * Text for people. Data goes to stdout, progress and notes to stderr; colour and progress only where a person
 * is looking, and never against `NO_COLOR` or in `CI`.
 */
import { stripVTControlCharacters, styleText } from "node:util";

type Tone = "bold" | "dim" | "red" | "yellow" | "green";

/** Writes whole lines of data. */
export function print(...lines: readonly string[]): void {
  process.stdout.write(`${lines.join("\n")}\n`);
}

/** Writes whole lines beside the data: notes, progress, errors. */
export function printNote(...lines: readonly string[]): void {
  process.stderr.write(`${lines.join("\n")}\n`);
}

export function printJson(data: unknown): void {
  print(JSON.stringify(data, null, 2));
}

/** Colours text when the stream is a terminal that a person reads. */
export function tone(
  name: Tone,
  text: string,
  stream: NodeJS.WriteStream = process.stdout,
): string {
  return isForPeople(stream) && !isSet("NO_COLOR") ? styleText(name, text) : text;
}

function isForPeople(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && !isSet("CI");
}

/** Columns as wide as their widest cell; the last column is left as it is. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => widthOf(row[column] ?? ""))),
  );
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === row.length - 1 ? cell : cell + " ".repeat((widths[column] ?? 0) - widthOf(cell)),
      )
      .join("  ")
      .trimEnd(),
  );
}

/** Breaks text at blanks into lines of at most `widthMax` columns; a longer word stays whole. */
export function wrap(text: string, widthMax: number, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (line !== "" && line.length + 1 + word.length + indent.length > widthMax) {
      lines.push(indent + line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  if (line !== "") lines.push(indent + line);
  return lines;
}

/** A line on stderr that replaces itself; does nothing where nobody is looking. */
export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  const isShown = isForPeople(stream);
  let isLineOpen = false;
  return {
    show(text) {
      if (!isShown) return;
      stream.write(`\r\u001b[K${text}`);
      isLineOpen = true;
    },
    end() {
      if (isLineOpen) stream.write("\r\u001b[K");
      isLineOpen = false;
    },
  };
}

export interface Progress {
  show(text: string): void;
  /** Clears the line; more may follow. */
  end(): void;
}

function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}

function isSet(name: string): boolean {
  return (process.env[name] ?? "") !== "";
}
