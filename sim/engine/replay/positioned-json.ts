/** A JSON value that knows the line it stands on, so that a mistake in it can be named by line. */
export type JsonNode =
  | {
      readonly kind: "object";
      readonly line: number;
      readonly entries: ReadonlyMap<string, JsonNode>;
    }
  | { readonly kind: "list"; readonly line: number; readonly items: readonly JsonNode[] }
  | { readonly kind: "string"; readonly line: number; readonly value: string }
  | { readonly kind: "number"; readonly line: number; readonly value: number }
  | { readonly kind: "boolean"; readonly line: number; readonly value: boolean }
  | { readonly kind: "null"; readonly line: number };

/** Why a text is no JSON. */
export class JsonMistake extends Error {
  readonly line: number;

  constructor(problem: string, options: { line: number; cause?: unknown }) {
    super(problem, options);
    this.line = options.line;
  }
}

/** Deeper nesting than any command file needs, and shallower than what would overflow the stack. */
const depthMax = 64;

/** Reads one JSON value that fills `text`; `firstLine` is the number of the line the text begins on. */
export function parsePositionedJson(text: string, firstLine = 1): JsonNode {
  const reader = new JsonReader(text, firstLine);
  const node = reader.value(0);
  reader.expectEnd();
  return node;
}

class JsonReader {
  private readonly text: string;
  private at = 0;
  private line: number;

  constructor(text: string, line: number) {
    this.text = text;
    this.line = line;
  }

  value(depth: number): JsonNode {
    this.skipBlanks();
    const { line } = this;
    if (depth > depthMax) throw this.mistake(`values are nested deeper than ${depthMax}`);
    const first = this.text[this.at];
    if (first === "{") return this.object(line, depth);
    if (first === "[") return this.list(line, depth);
    if (first === '"') return { kind: "string", line, value: this.string() };
    if (this.takeWord("true")) return { kind: "boolean", line, value: true };
    if (this.takeWord("false")) return { kind: "boolean", line, value: false };
    if (this.takeWord("null")) return { kind: "null", line };
    return { kind: "number", line, value: this.number() };
  }

  expectEnd(): void {
    this.skipBlanks();
    if (this.at < this.text.length) throw this.mistake(`${this.here()} follows the value`);
  }

  private object(line: number, depth: number): JsonNode {
    const entries = new Map<string, JsonNode>();
    this.at++;
    if (this.takeAfterBlanks("}")) return { kind: "object", line, entries };
    do {
      this.skipBlanks();
      if (this.text[this.at] !== '"')
        throw this.mistake(`${this.here()} stands where a key should`);
      const key = this.string();
      if (entries.has(key)) throw this.mistake(`the key ${JSON.stringify(key)} is given twice`);
      this.expect(":");
      entries.set(key, this.value(depth + 1));
    } while (this.takeAfterBlanks(","));
    this.expect("}");
    return { kind: "object", line, entries };
  }

  private list(line: number, depth: number): JsonNode {
    const items: JsonNode[] = [];
    this.at++;
    if (this.takeAfterBlanks("]")) return { kind: "list", line, items };
    do items.push(this.value(depth + 1));
    while (this.takeAfterBlanks(","));
    this.expect("]");
    return { kind: "list", line, items };
  }

  private string(): string {
    const from = this.at;
    for (let at = from + 1; at < this.text.length; at++) {
      const code = this.text.charCodeAt(at);
      if (code === 92) at++;
      else if (code === 34) {
        this.at = at + 1;
        return this.unescape(this.text.slice(from, at + 1));
      } else if (code < 32) throw this.mistake("a text is not closed before the line ends");
    }
    throw this.mistake("a text is not closed");
  }

  private unescape(quoted: string): string {
    try {
      return JSON.parse(quoted) as string;
    } catch (cause) {
      const problem = `${quoted.slice(0, 40)} has an escape that JSON does not know`;
      throw new JsonMistake(problem, { line: this.line, cause });
    }
  }

  private number(): number {
    numberPattern.lastIndex = this.at;
    const match = numberPattern.exec(this.text);
    if (match === null) throw this.mistake(`${this.here()} is no value`);
    this.at += match[0].length;
    return Number(match[0]);
  }

  private takeWord(word: string): boolean {
    if (!this.text.startsWith(word, this.at)) return false;
    this.at += word.length;
    return true;
  }

  private takeAfterBlanks(character: string): boolean {
    this.skipBlanks();
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private expect(character: string): void {
    if (!this.takeAfterBlanks(character)) {
      throw this.mistake(`${this.here()} stands where "${character}" should`);
    }
  }

  private skipBlanks(): void {
    for (; this.at < this.text.length; this.at++) {
      const code = this.text.charCodeAt(this.at);
      if (code === 10) this.line++;
      else if (code !== 32 && code !== 9 && code !== 13) return;
    }
  }

  private here(): string {
    if (this.at >= this.text.length) return "the end of the text";
    return JSON.stringify(this.text.slice(this.at, this.at + 12).split("\n", 1)[0]);
  }

  private mistake(problem: string): JsonMistake {
    return new JsonMistake(problem, { line: this.line });
  }
}

const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
