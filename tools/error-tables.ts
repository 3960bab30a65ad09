/** The tables of docs/errors.md: every mistake that the sources can tell, with its words. */
import { readFileSync } from "node:fs";
import ts from "typescript";
import { type Sections, table } from "./marked-sections.ts";
import { sourcesOf } from "./sources.mjs";

/** A mistake as it stands in the sources; places that are filled in when it is told stand in ‹ ›. */
export interface ListedMistake {
  readonly code: string;
  readonly problem: string;
  readonly remedy: string;
}

/** Documents whose checks share their words, so that a code has one of these in front. */
const documents = ["scenario", "topology"];

export function errorSections(): Sections {
  const mistakes = mistakesInSources();
  const areas = [...new Set(mistakes.map(({ code }) => areaOf(code)))];
  const parts = areas.map((area) => {
    const rows = mistakes
      .filter(({ code }) => areaOf(code) === area)
      .map(({ code, problem, remedy }) => [`\`${code}\``, problem, remedy]);
    return `### ${area}\n\n${table(["code", "what is wrong", "what to do"], rows)}`;
  });
  return { codes: parts.join("\n\n") };
}

function areaOf(code: string): string {
  return code.slice(0, code.indexOf("."));
}

/** Every mistake in the sources, by code; one that is told in several wordings has them all. */
export function mistakesInSources(): readonly ListedMistake[] {
  const found: ListedMistake[] = [];
  for (const path of sourcesOf(["sim", "scenarios", "calibration", "cli"])) {
    if (/\.test\.ts$/.test(path)) continue;
    const source = ts.createSourceFile(
      path,
      readFileSync(path, "utf8"),
      ts.ScriptTarget.Latest,
      true,
    );
    visit(source, (node) => found.push(...mistakesAt(node)));
  }
  const codes = [...new Set(found.map(({ code }) => code))].toSorted();
  return codes.map((code) => {
    const same = found.filter((each) => each.code === code);
    return {
      code,
      problem: joined(same.map(({ problem }) => problem)),
      remedy: joined(same.map(({ remedy }) => remedy)),
    };
  });
}

function joined(texts: readonly string[]): string {
  return [...new Set(texts)].join(" / ");
}

function visit(node: ts.Node, look: (node: ts.Node) => void): void {
  look(node);
  ts.forEachChild(node, (child) => visit(child, look));
}

function mistakesAt(node: ts.Node): readonly ListedMistake[] {
  if (ts.isObjectLiteralExpression(node)) {
    const code = propertyOf(node, "code");
    const problem = propertyOf(node, "problem");
    const remedy = propertyOf(node, "remedy");
    if (code === undefined || problem === undefined || remedy === undefined) return [];
    return codesOf(code).map(([each, branch]) => ({
      code: each,
      problem: words(branchOf(problem, branch)),
      remedy: words(branchOf(remedy, branch)),
    }));
  }
  return ts.isCallExpression(node) ? mistakesOfCall(node) : [];
}

/** `mistakes.add(code, line, problem, remedy)`, and `complain(name, problem, remedy)` within one form of file. */
function mistakesOfCall(node: ts.CallExpression): readonly ListedMistake[] {
  const [first, second, third, fourth] = node.arguments;
  const called = node.expression.getText();
  if (first === undefined || second === undefined || third === undefined) return [];
  if (called.endsWith(".add") && fourth !== undefined) {
    const said = { problem: words(third), remedy: words(fourth) };
    return codesOf(first).map(([code]) => ({ code, ...said }));
  }
  if (called !== "complain" || !ts.isStringLiteral(first)) return [];
  const code = `${prefixOfComplaints(node)}${first.text}`;
  return isCode(code) ? [{ code, problem: words(second), remedy: words(third) }] : [];
}

/** The value of a property, or of the constant that a shorthand names. */
function propertyOf(node: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined {
  for (const property of node.properties) {
    if (property.name?.getText() !== name) continue;
    if (ts.isPropertyAssignment(property)) return property.initializer;
    if (ts.isShorthandPropertyAssignment(property)) {
      return constantOf(property.name) ?? property.name;
    }
  }
  return undefined;
}

/** What the nearest constant of that name is set to; `undefined` for parameters. */
function constantOf(name: ts.Identifier): ts.Expression | undefined {
  for (let scope: ts.Node = name.parent; scope !== undefined; scope = scope.parent) {
    if (!ts.isBlock(scope) && !ts.isSourceFile(scope)) continue;
    for (const statement of scope.statements) {
      if (!ts.isVariableStatement(statement)) continue;
      const found = statement.declarationList.declarations.find(
        (each) => each.name.getText() === name.text,
      );
      if (found?.initializer !== undefined) return found.initializer;
    }
  }
  return undefined;
}

/** Which branch of a condition a code stands in; its words stand in the same one. */
type Branch = readonly [condition: string, isTrue: boolean];

/** The codes that an expression can be, each with the branch it is in. */
function codesOf(expression: ts.Expression): readonly (readonly [string, Branch?])[] {
  if (ts.isStringLiteralLike(expression)) return isCode(expression.text) ? [[expression.text]] : [];
  if (ts.isConditionalExpression(expression)) {
    const { condition, whenTrue, whenFalse } = expression;
    return [
      ...codesOf(whenTrue).map(([code]) => [code, [condition.getText(), true]] as const),
      ...codesOf(whenFalse).map(([code]) => [code, [condition.getText(), false]] as const),
    ];
  }
  if (!ts.isTemplateExpression(expression)) return [];
  const [span] = expression.templateSpans;
  const isPrefix = expression.head.text === "" && expression.templateSpans.length === 1;
  if (!isPrefix) return [];
  const codes = documents.map((each) => `${each}${span?.literal.text}`).filter(isCode);
  return codes.map((code) => [code] as const);
}

function branchOf(expression: ts.Expression, branch: Branch | undefined): ts.Expression {
  if (branch === undefined || !ts.isConditionalExpression(expression)) return expression;
  if (expression.condition.getText() !== branch[0]) return expression;
  return branch[1] ? expression.whenTrue : expression.whenFalse;
}

function isCode(text: string): boolean {
  return /^[a-z0-9-]+\.[a-z0-9-]+$/.test(text);
}

/** What a local `complain` puts in front of the names it is given. */
function prefixOfComplaints(call: ts.CallExpression): string {
  const complain = constantOf(call.expression as ts.Identifier);
  return complain === undefined
    ? ""
    : (/`([a-z]+\.)\$\{code\}`/.exec(complain.getText())?.[1] ?? "");
}

/** The words of a message, alternatives one after the other. */
function words(expression: ts.Expression): string {
  if (ts.isStringLiteralLike(expression)) return expression.text;
  if (ts.isParenthesizedExpression(expression)) return words(expression.expression);
  if (ts.isConditionalExpression(expression)) {
    return joined([words(expression.whenTrue), words(expression.whenFalse)]);
  }
  if (ts.isTemplateExpression(expression)) {
    const parts = expression.templateSpans.map(
      ({ expression: inner, literal }) => blank(inner) + literal.text,
    );
    return expression.head.text + parts.join("");
  }
  if (ts.isBinaryExpression(expression)) return words(expression.left) + words(expression.right);
  if (ts.isIdentifier(expression)) {
    const constant = constantOf(expression);
    if (constant !== undefined) return words(constant);
  }
  const isNearest =
    ts.isCallExpression(expression) && expression.expression.getText() === "suggestion";
  return isNearest ? "Use the nearest name, which the message tells" : "(as the message says)";
}

/** A place that is filled in, by the name of what fills it. */
function blank(expression: ts.Expression): string {
  const name = /([A-Za-z]+)(?:\(\))?!?$/.exec(expression.getText())?.[1];
  if (name === undefined) return "‹…›";
  return `‹${name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}›`;
}
