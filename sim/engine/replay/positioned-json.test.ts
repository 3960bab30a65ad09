import { describe, expect, test } from "vitest";
import { JsonMistake, type JsonNode, parsePositionedJson } from "./positioned-json.ts";

/** The plain value of a node. */
function plainOf(node: JsonNode): unknown {
  if (node.kind === "null") return null;
  if (node.kind === "list") return node.items.map(plainOf);
  if (node.kind !== "object") return node.value;
  return Object.fromEntries([...node.entries].map(([key, entry]) => [key, plainOf(entry)]));
}

function mistakeOf(text: string, firstLine?: number): JsonMistake {
  try {
    parsePositionedJson(text, firstLine);
  } catch (error) {
    if (error instanceof JsonMistake) return error;
    throw error;
  }
  return expect.fail(`${text} was read`);
}

describe("JSON with lines", () => {
  test.each([
    "null",
    "true",
    "false",
    " 0 ",
    "-0",
    "12",
    "-1.5",
    "1e3",
    "1E+30",
    "2.5e-12",
    "10.25e10",
    '""',
    '"a b"',
    String.raw`"\"\\\/\b\f\n\r\té😀"`,
    String.raw`"ends with a backslash\\"`,
    String.raw`["\\", "\"", "x"]`,
    "[]",
    "[ ]",
    "[1,2]",
    "\t[\r\n 1 ,\n null , [ [] , {} ] ]\n\r ",
    "{}",
    "{ }",
    '{"a":1,"b":{"c":[false,true,null]}, "" : "x"}',
    `${"[".repeat(64)}1${"]".repeat(64)}`,
  ])("%s is read as JSON.parse reads it", (text) => {
    expect(plainOf(parsePositionedJson(text))).toEqual(JSON.parse(text));
  });

  test.each([
    ["", "the end of the text is no value"],
    [" ", "the end of the text is no value"],
    ["nul", '"nul" is no value'],
    ["01", '"1" follows the value'],
    ["1.", '"." follows the value'],
    [".5", '".5" is no value'],
    ["+1", '"+1" is no value'],
    ["1e", '"e" follows the value'],
    ["1e+", '"e+" follows the value'],
    ["-", '"-" is no value'],
    ["- 1", '"- 1" is no value'],
    ["NaN", '"NaN" is no value'],
    ["truex", '"x" follows the value'],
    ["{}{", '"{" follows the value'],
    ["[1,]", '"]" is no value'],
    ["[,1]", '",1]" is no value'],
    ["[1 2]", '"2]" stands where "]" should'],
    ["[1", 'the end of the text stands where "]" should'],
    ["[1\n abcdefghijklmnopq]", '"abcdefghijkl" stands where "]" should'],
    ["[1 a\nb]", '"a" stands where "]" should'],
    ["{a:1}", '"a:1}" stands where a key should'],
    ["{1:1}", '"1:1}" stands where a key should'],
    ['{"a" 1}', '"1}" stands where ":" should'],
    ['{"a":}', '"}" is no value'],
    ['{"a":1,}', '"}" stands where a key should'],
    ['{"a":1', 'the end of the text stands where "}" should'],
    ['"abc', "a text is not closed"],
    ['"abc\\"', "a text is not closed"],
    ['"ab\nc"', "a text is not closed before the line ends"],
    ['"tab\there"', "a text is not closed before the line ends"],
    ['"\\x"', "has an escape that JSON does not know"],
    [String.raw`"\u12"`, "has an escape that JSON does not know"],
    ["\v1", '"\\u000b1" is no value'],
    ["\u00a01", '"\u00a01" is no value'],
  ])("%j is refused: %s", (text, problem) => {
    expect(mistakeOf(text).message).toContain(problem);
    expect(() => JSON.parse(text)).toThrow();
  });

  test.each([
    ['{"a":1,"a":2}', 'the key "a" is given twice'],
    [`${"[".repeat(65)}1${"]".repeat(65)}`, "values are nested deeper than 64"],
    [`${'{"a":'.repeat(65)}1${"}".repeat(65)}`, "values are nested deeper than 64"],
  ])("%s is refused although JSON allows it: %s", (text, problem) => {
    expect(mistakeOf(text).message).toContain(problem);
  });

  test("every value knows the line on which it begins", () => {
    const node = parsePositionedJson('\n{ "a":\n 1, "b": [\n\n "x", true, null\n] }', 10);
    if (node.kind !== "object") throw new Error("no object");
    const list = node.entries.get("b");
    if (list?.kind !== "list") throw new Error("no list");
    expect([node.line, node.entries.get("a")?.line, list.line]).toEqual([11, 12, 12]);
    expect(list.items.map(({ line, kind }) => [line, kind])).toEqual([
      [14, "string"],
      [14, "boolean"],
      [14, "null"],
    ]);
  });

  test("a mistake knows the line on which it stands", () => {
    expect(mistakeOf("[1,\n2,\n\n x]").line).toBe(4);
    expect(mistakeOf("[1,\n2", 5).line).toBe(6);
    expect(mistakeOf('{"a":\n "\\q"}', 3).line).toBe(4);
    expect(mistakeOf('{"a":\n "\\q"}').cause).toBeInstanceOf(SyntaxError);
  });
});
