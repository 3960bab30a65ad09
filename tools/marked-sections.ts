/** Parts of a document that are generated: between two comments that name them, the rest is written by hand. */
import { readFileSync, writeFileSync } from "node:fs";

export type Sections = Readonly<Record<string, string>>;

/** The document with every named section replaced. */
export function withSections(document: string, sections: Sections): string {
  let text = document;
  for (const [name, content] of Object.entries(sections)) {
    const begin = `<!-- generated: ${name} -->`;
    const end = `<!-- end of ${name} -->`;
    const from = text.indexOf(begin);
    const to = text.indexOf(end);
    if (from < 0 || to < from)
      throw new Error(`The document has no section between "${begin}" and "${end}"`);
    text = `${text.slice(0, from + begin.length)}\n\n${content.trim()}\n\n${text.slice(to)}`;
  }
  return text;
}

/** Whether a document stands as its sections say. */
export function isCurrent(path: string, sections: Sections): boolean {
  const text = readFileSync(path, "utf8");
  return withSections(text, sections) === text;
}

export function writeSections(path: string, sections: Sections): void {
  writeFileSync(path, withSections(readFileSync(path, "utf8"), sections));
}

/** A Markdown table; cells may hold any text. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
