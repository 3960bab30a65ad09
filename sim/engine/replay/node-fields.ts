import type { LineMistakes } from "./mistake.ts";
import type { JsonNode } from "./positioned-json.ts";

/** Keys for the reader of the file, allowed everywhere and ignored. */
const remarkKeys = new Set(["comment", "note", "name", "why"]);

/**
 * Reads the fields of one JSON object, and names every one that is missing, of the wrong kind or not known. `null` counts
 * as left out. What a field reader returns after a mistake only keeps the reading going.
 */
export class NodeFields {
  readonly line: number;
  private readonly entries: ReadonlyMap<string, JsonNode>;
  private readonly mistakes: LineMistakes;
  private readonly what: string;
  private readonly asked = new Set<string>();

  constructor(node: JsonNode & { kind: "object" }, what: string, mistakes: LineMistakes) {
    this.line = node.line;
    this.entries = node.entries;
    this.what = what;
    this.mistakes = mistakes;
  }

  /** A number, or undefined when it is left out. */
  number(key: string): number | undefined {
    const node = this.find(key);
    if (node === undefined) return undefined;
    if (node.kind === "number") return node.value;
    this.complain(
      node.line,
      `${key} of ${this.what} is no number`,
      "Write a number, without quotes",
    );
    return 0;
  }

  requiredNumber(key: string): number {
    const value = this.number(key);
    if (value === undefined) this.missing(key);
    return value ?? 0;
  }

  boolean(key: string): boolean | undefined {
    const node = this.find(key);
    if (node === undefined) return undefined;
    if (node.kind === "boolean") return node.value;
    this.complain(node.line, `${key} of ${this.what} is not true or false`, "Write true or false");
    return false;
  }

  /** An id: a text, or a number. */
  id(key: string): string | number | undefined {
    const node = this.find(key);
    if (node === undefined) return undefined;
    if (node.kind === "string" || node.kind === "number") return node.value;
    this.complain(node.line, `${key} of ${this.what} is no id`, "Write a text or a number");
    return "";
  }

  requiredId(key: string): string | number {
    const value = this.id(key);
    if (value === undefined) this.missing(key);
    return value ?? "";
  }

  /** One of the given words. */
  word<T>(key: string, words: Readonly<Record<string, T>>): T | undefined {
    const node = this.find(key);
    if (node === undefined) return undefined;
    if (node.kind === "string" && Object.hasOwn(words, node.value)) return words[node.value];
    const found = node.kind === "string" ? JSON.stringify(node.value) : `a ${node.kind}`;
    this.complain(
      node.line,
      `${key} of ${this.what} is ${found}`,
      `Write one of ${Object.keys(words).join(", ")}`,
    );
    return undefined;
  }

  requiredWord<T>(key: string, words: Readonly<Record<string, T>>, otherwise: T): T {
    if (this.find(key) === undefined) this.missing(key);
    return this.word(key, words) ?? otherwise;
  }

  missing(key: string): void {
    this.complain(this.line, `${this.what} has no ${key}`, `Add "${key}"`);
  }

  /** Names the fields that nobody asked for. */
  finish(): void {
    for (const [key, node] of this.entries) {
      if (this.asked.has(key) || remarkKeys.has(key)) continue;
      this.complain(
        node.line,
        `${this.what} has the unknown key ${JSON.stringify(key)}`,
        `Use only ${[...this.asked].join(", ")}`,
      );
    }
  }

  private find(key: string): JsonNode | undefined {
    this.asked.add(key);
    const node = this.entries.get(key);
    return node === undefined || node.kind === "null" ? undefined : node;
  }

  private complain(line: number, problem: string, remedy: string): void {
    this.mistakes.add("commands.field", line, problem, remedy);
  }
}
