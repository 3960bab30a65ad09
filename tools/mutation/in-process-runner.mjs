/**
 * A Stryker test runner that loads the engine's tests once and calls them in its own process, the quickest first, until one
 * fails. Vitest starts a worker and loads every file anew for each mutant, which takes a second or two; most mutants of the
 * engine fall within milliseconds. It can do so because neither engine nor tests keep anything between tests. A mutant that
 * never ends is stopped by the count of its own hits, by the time of the test, or by Stryker, which starts another process.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { register } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Script } from "node:vm";
import { register as registerTypeScript } from "tsx/esm/api";
import { sourcesOf } from "../sources.mjs";
import { beginFile, collected } from "./test-collector.mjs";

/** These need the real data or the built program, and prove nothing about a mutant that the others don't. */
const leftOut = ["test/engine/real-data.test.ts", "test/engine/engine-docs.test.ts"];

/** @typedef {import("./test-collector.mjs").CollectedTest} CollectedTest */
/** @typedef {{ activeMutant?: string, hitCount?: number, hitLimit?: number, currentTestId?: string, mutantCoverage?: Coverage }} Instruments */
/** @typedef {{ static: Record<string, number>, perTest: Record<string, Record<string, number>> }} Coverage */
/** @typedef {{ testFilter?: string[], hitLimit?: number, activeMutant: { id: string } }} MutantRunOptions */

/** A test is stopped when it takes this much processor time, and so many times as much as it did without a mutant. */
const limitMs = 500;
const limitFactor = 5;

/** In the sandbox: what each test took, for the processes that come after the one that measured it. */
const timesFile = "test-times.json";

/** Only code that is run as a script can be stopped from outside. */
const bodyName = "__strykerTestBody__";
const callBody = new Script(`globalThis.${bodyName}()`);

class InProcessRunner {
  /** Milliseconds that each test took when it last ran to its end here. @type {Map<string, number>} */
  timeMs = new Map();

  capabilities() {
    return { reloadEnvironment: false };
  }

  async init() {
    process.env["STORMBELL_FUZZ_COMMANDS"] ??= "1500";
    registerTypeScript();
    register("./vitest-hook.mjs", import.meta.url);
    const files = sourcesOf(["sim/engine", "test/engine"]).filter(
      (file) => file.endsWith(".test.ts") && !leftOut.includes(file),
    );
    for (const file of files) {
      beginFile(file);
      await import(pathToFileURL(resolve(file)).href);
    }
  }

  async dryRun() {
    const instruments = instrumentsOf();
    const tests = [];
    for (const test of collected) {
      const { id, name, file } = test;
      instruments.currentTestId = id;
      const failureMessage = await this.failureOf(test, undefined);
      const status = failureMessage === undefined ? 0 : 1;
      const timeSpentMs = this.timeMs.get(id) ?? 0;
      tests.push({ id, name, fileName: resolve(file), timeSpentMs, status, failureMessage });
    }
    delete instruments.currentTestId;
    const { mutantCoverage } = instruments;
    if (mutantCoverage !== undefined) forgetLoading(mutantCoverage);
    writeFileSync(timesFile, JSON.stringify([...this.timeMs]));
    return { status: "complete", tests, mutantCoverage };
  }

  /** @param {MutantRunOptions} options */
  async mutantRun({ testFilter, hitLimit, activeMutant }) {
    const instruments = instrumentsOf();
    if (this.timeMs.size === 0 && existsSync(timesFile)) {
      this.timeMs = new Map(JSON.parse(readFileSync(timesFile, "utf8")));
    }
    const wanted = testFilter === undefined ? undefined : new Set(testFilter);
    const tests = collected
      .filter(({ id }) => wanted?.has(id) ?? true)
      .sort((a, b) => (this.timeMs.get(a.id) ?? 0) - (this.timeMs.get(b.id) ?? 0));
    instruments.hitCount = 0;
    if (hitLimit !== undefined) instruments.hitLimit = hitLimit;
    instruments.activeMutant = activeMutant.id;
    try {
      let nrOfTests = 0;
      for (const test of tests) {
        nrOfTests++;
        const limit = Math.ceil(limitMs + limitFactor * (this.timeMs.get(test.id) ?? 0));
        const failureMessage = await this.failureOf(test, limit);
        const { hitCount } = instruments;
        if (hitLimit !== undefined && hitCount !== undefined && hitCount > hitLimit) {
          return { status: "timeout", reason: `hit more than ${hitLimit} times` };
        }
        if (failureMessage === tookTooLong) return { status: "timeout", reason: test.id };
        if (failureMessage !== undefined) {
          return { status: "killed", killedBy: [test.id], failureMessage, nrOfTests };
        }
      }
      return { status: "survived", nrOfTests };
    } finally {
      delete instruments.activeMutant;
    }
  }

  /**
   * What a test has to say against the program; undefined when it passes.
   * @param {CollectedTest} test @param {number | undefined} timeout milliseconds @returns {Promise<string | undefined>}
   */
  async failureOf(test, timeout) {
    const start = process.cpuUsage();
    Object.assign(globalThis, { [bodyName]: test.body });
    /** @type {unknown} */
    let failure;
    try {
      await callBody.runInThisContext(timeout === undefined ? {} : { timeout });
    } catch (error) {
      failure = error ?? "nothing was thrown";
    }
    const { user, system } = process.cpuUsage(start);
    const spentMs = (user + system) / 1000;
    if (failure === undefined) this.timeMs.set(test.id, spentMs);
    if (timeout === undefined || !isTimeout(failure))
      return failure === undefined ? undefined : String(failure);
    // A test that was stopped while the machine did other things has proved nothing.
    return spentMs < timeout / 2 ? this.failureOf(test, timeout * 2) : tookTooLong;
  }
}

/** @param {unknown} error */
function isTimeout(error) {
  return error instanceof Error && "code" in error && error.code === "ERR_SCRIPT_EXECUTION_TIMEOUT";
}

const tookTooLong = "took too long";

/**
 * Tests that make their tables with the engine touch most mutants as they are loaded. What a test touches too is judged by
 * the test alone; otherwise Stryker would start a process for each. @param {Coverage} coverage
 */
function forgetLoading(coverage) {
  for (const hits of Object.values(coverage.perTest)) {
    for (const mutant of Object.keys(hits)) delete coverage.static[mutant];
  }
}

/** What Stryker's code in the mutated files reads and counts. @returns {Instruments} */
function instrumentsOf() {
  const holder = /** @type {{ __stryker__?: Instruments }} */ (globalThis);
  holder.__stryker__ ??= {};
  return holder.__stryker__;
}

export const strykerPlugins = [
  { kind: "TestRunner", name: "in-process", injectableClass: InProcessRunner },
];
