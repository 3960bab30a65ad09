/** Ways in which a file comes out wrong, each as a change of its text or its bytes. */
import { gzipSync } from "node:zlib";
import type { GoodInput } from "./good-inputs.ts";

export interface Damage {
  readonly name: string;
  /** `undefined` where this input cannot be damaged so. */
  readonly apply: (input: GoodInput) => string | Uint8Array | undefined;
  /**
   * `refused`: no answer may come of it. `same`: the answer of the sound file. `either`: an answer or a refusal, but never a
   * crash, and no answer without a word about it where the input lost something.
   */
  readonly outcome: "refused" | "same" | "either";
}

const lines = (text: string) => text.replace(/\n$/, "").split("\n");
const headOf = (text: string) => lines(text)[0] ?? "";
const isTable = ({ extension }: GoodInput) => extension === "csv";
const isJson = ({ extension }: GoodInput) => extension === "json" || extension === "jsonl";
const onTables = (change: (text: string) => string) => (input: GoodInput) =>
  isTable(input) ? change(input.text) : undefined;
/** Every number of one column of the rows after the header, from the last one. */
const lastCells = (change: (cell: string, row: number) => string) =>
  onTables((text) =>
    lines(text)
      .map((line, row) => {
        const cut = line.lastIndexOf(",");
        return row === 0 ? line : `${line.slice(0, cut + 1)}${change(line.slice(cut + 1), row)}`;
      })
      .join("\n"),
  );

export const damages: readonly Damage[] = [
  { name: "empty", apply: () => "", outcome: "refused" },
  { name: "blank lines only", apply: () => "\n \n\n", outcome: "refused" },
  { name: "header only", apply: onTables((text) => `${lines(text)[0]}\n`), outcome: "refused" },
  {
    name: "one row",
    apply: onTables((text) => lines(text).slice(0, 2).join("\n")),
    outcome: "either",
  },
  {
    name: "three rows",
    apply: onTables((text) => lines(text).slice(0, 4).join("\n")),
    outcome: "either",
  },
  {
    name: "cut within a row",
    apply: onTables((text) => text.slice(0, text.lastIndexOf(",", text.length - 2))),
    outcome: "refused",
  },
  {
    name: "cut JSON",
    apply: (input) =>
      isJson(input) ? input.text.slice(0, -Math.ceil(input.text.length / 3)) : undefined,
    outcome: "refused",
  },
  {
    name: "cut gzip",
    apply: ({ text }) => gzipSync(text).subarray(0, -12),
    outcome: "refused",
  },
  { name: "gzip", apply: ({ text }) => gzipSync(text), outcome: "same" },
  { name: "gzip of nothing", apply: () => gzipSync(""), outcome: "refused" },
  {
    name: "bytes that are no text",
    apply: () => Uint8Array.from({ length: 512 }, (_, i) => (i * 37) % 256),
    outcome: "refused",
  },
  {
    name: "UTF-16",
    apply: ({ text }) => Buffer.from(`\ufeff${text}`, "utf16le"),
    outcome: "refused",
  },
  {
    name: "line ends of Windows and a byte order mark",
    apply: ({ text }) => `\ufeff${text.replaceAll("\n", "\r\n")}`,
    outcome: "same",
  },
  { name: "other JSON", apply: () => '{"hello": [1, 2, 3]}', outcome: "refused" },
  { name: "JSON null", apply: () => "null", outcome: "refused" },
  { name: "JSON list", apply: () => "[]", outcome: "refused" },
  {
    name: "a web page",
    apply: () => "<!doctype html><html><body>Sign in</body></html>",
    outcome: "refused",
  },
  {
    name: "words",
    apply: () => "The metrics are on the other machine.\nAsk Bob.\n",
    outcome: "refused",
  },
  {
    name: "units in some cells",
    apply: lastCells((cell, row) => (row % 3 === 0 ? `${cell} ms` : `${cell}s`)),
    outcome: "refused",
  },
  {
    name: "a word among numbers",
    apply: lastCells((cell, row) => (row === 2 ? "many" : cell)),
    outcome: "either",
  },
  {
    name: "NaN and Inf",
    apply: lastCells((cell, row) => (row === 2 ? "NaN" : row === 3 ? "Infinity" : cell)),
    outcome: "either",
  },
  { name: "all empty cells", apply: lastCells(() => ""), outcome: "either" },
  {
    name: "negative",
    apply: lastCells((cell) => (Number(cell) > 0 ? `-${cell}` : cell)),
    outcome: "either",
  },
  {
    name: "beyond all sense",
    apply: lastCells((cell) => (Number.isFinite(Number(cell)) ? "1e308" : cell)),
    outcome: "either",
  },
  {
    name: "all zero",
    apply: lastCells((cell) => (Number.isFinite(Number(cell)) ? "0" : cell)),
    outcome: "either",
  },
  {
    name: "all one value",
    apply: lastCells((cell) => (Number.isFinite(Number(cell)) ? "7" : cell)),
    outcome: "either",
  },
  {
    name: "a row short of a cell",
    apply: onTables((text) =>
      lines(text)
        .map((line, row) => (row === 3 ? line.slice(0, line.lastIndexOf(",")) : line))
        .join("\n"),
    ),
    outcome: "refused",
  },
  {
    name: "a quote left open",
    apply: onTables((text) =>
      lines(text)
        .map((line, row) => (row === 2 ? `"${line}` : line))
        .join("\n"),
    ),
    outcome: "refused",
  },
  {
    name: "other column names",
    apply: onTables((text) =>
      [
        headOf(text)
          .split(",")
          .map((_, i) => `column${i}`)
          .join(","),
        ...lines(text).slice(1),
      ].join("\n"),
    ),
    outcome: "either",
  },
  {
    name: "one column name twice",
    apply: onTables((text) => {
      const names = headOf(text).split(",");
      return [names.map(() => names[0]).join(","), ...lines(text).slice(1)].join("\n");
    }),
    outcome: "refused",
  },
  { name: "two exports in one", apply: onTables((text) => `${text}${text}`), outcome: "refused" },
  {
    name: "rows in another order",
    apply: onTables((text) => [headOf(text), ...lines(text).slice(1).reverse()].join("\n")),
    outcome: "either",
  },
  {
    name: "every row twice",
    apply: onTables((text) =>
      [
        headOf(text),
        ...lines(text)
          .slice(1)
          .flatMap((line) => [line, line]),
      ].join("\n"),
    ),
    outcome: "either",
  },
  {
    name: "dated in the future",
    apply: (input) => (input.isTimed ? later(input.text) : undefined),
    outcome: "either",
  },
  {
    name: "dated in 1970",
    apply: (input) =>
      input.isTimed
        ? input.text
            .replaceAll(/2026-|2026\//g, (found) => `1970${found.at(-1)}`)
            .replaceAll(/\b177(\d{7})/g, "000$1")
        : undefined,
    outcome: "either",
  },
  {
    name: "a delimiter at the end of every row",
    apply: onTables((text) => `${lines(text).join(",\n")},\n`.replace(",\n", "\n")),
    outcome: "same",
  },
  {
    name: "the delimiter told as spreadsheets do",
    apply: onTables((text) => `sep=,\r\n${text}`),
    outcome: "same",
  },
  {
    name: "quotes behind blanks",
    apply: onTables((text) => text.replaceAll(/, *([^,\n]*)/g, ', "$1"')),
    outcome: "same",
  },
  { name: "semicolons", apply: onTables((text) => text.replaceAll(",", ";")), outcome: "same" },
  {
    name: "decimal commas",
    apply: onTables((text) => text.replaceAll(",", ";").replaceAll(/(\d)\.(\d)/g, "$1,$2")),
    outcome: "either",
  },
];

/** The same thirty years on, in ISO or in seconds, milliseconds and nanoseconds since 1970. */
function later(text: string): string {
  return text
    .replaceAll(/2026([-/])/g, "2056$1")
    .replaceAll(/\b177(\d{7})/g, (_, rest: string) => `272${rest}`);
}
