/**
 * What every JavaScript engine must compute alike: `compare.mjs` bundles this file, runs it under V8,
 * SpiderMonkey and JavaScriptCore, and compares the one line that it prints.
 */
import { goldenLine } from "./kernel-run.ts";

// SpiderMonkey's and JavaScriptCore's shells have print, Node has console.
const { print } = globalThis as { print?: (line: string) => void };
(print ?? console.log)(goldenLine());
