/**
 * What the engine's tests import from "vitest" while mutants are judged: `describe`, `test` and their tables only write down
 * what to run, so that a mutant costs no more than the tests themselves. `expect` is Vitest's own.
 */
import {
  chai,
  GLOBAL_EXPECT,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  setState,
} from "@vitest/expect";

/** @typedef {{ id: string, name: string, file: string, body: () => unknown }} CollectedTest */

/** @type {CollectedTest[]} */
export const collected = [];

/** File, then the groups that enclose what is being collected. */
const path = [""];

/** Whatever is collected from now on belongs to this file. @param {string} file */
export function beginFile(file) {
  path.splice(0, path.length, file);
}

/** @param {string} name @param {(...given: unknown[]) => unknown} body @param {unknown[]} given */
function add(name, body, given) {
  const where = [...path, name].join(" > ");
  const twins = collected.filter(({ name: other }) => other === where).length;
  const [file = ""] = path;
  collected.push({ id: `${where} #${twins}`, name: where, file, body: () => body(...given) });
}

/**
 * A row of a table as arguments, and the name with its number in place of the values.
 * @param {(name: string, body: (...given: unknown[]) => unknown, given: unknown[]) => void} each
 */
const tableOf =
  (each) =>
  /** @param {readonly unknown[]} rows */
  (rows) =>
  /** @param {string} name @param {(...given: unknown[]) => unknown} body */
  (name, body) => {
    for (const [at, row] of rows.entries()) {
      each(`${name} [${at}]`, body, Array.isArray(row) ? row : [row]);
    }
  };

/** @param {string} name @param {(...given: unknown[]) => unknown} body @param {unknown[]} given */
function group(name, body, given) {
  path.push(name);
  body(...given);
  path.pop();
}

export const test = Object.assign(
  /** @param {string} name @param {() => unknown} body */
  (name, body) => add(name, body, []),
  { each: tableOf(add) },
);

export const describe = Object.assign(
  /** @param {string} name @param {() => unknown} body */
  (name, body) => group(name, body, []),
  { each: tableOf(group) },
);

for (const matchers of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(matchers);

export const expect = Object.assign(
  /** @param {unknown} found @param {string} [message] */
  (found, message) => chai.expect(found, message),
  chai.expect,
);
Object.defineProperty(globalThis, GLOBAL_EXPECT, { value: expect });
setState({ assertionCalls: 0, isExpectingAssertions: false }, /** @type {any} */ (expect));
