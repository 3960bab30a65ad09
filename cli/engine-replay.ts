/**
 * Feeds order files straight into the matching engine. The replay library does the work on texts; here files are
 * read, their form is told by their lines, and what came out is shown, hashed and judged.
 */
import { createHash } from "node:crypto";
import { MatchingEngine, OrderType, TimeInForce } from "../sim/engine/index.ts";
import { replayBitstamp } from "../sim/engine/replay/bitstamp-replay.ts";
import { parseCommandFile } from "../sim/engine/replay/command-document.ts";
import { runDocument } from "../sim/engine/replay/command-replay.ts";
import { replayFlow } from "../sim/engine/replay/flow-replay.ts";
import { FlowKind, lobsterToOrderFlow } from "../sim/engine/replay/lobster-flow.ts";
import { replayLobster } from "../sim/engine/replay/lobster-replay.ts";
import type { LineMistake } from "../sim/engine/replay/mistake.ts";
import { MistakeList, TwinError } from "../sim/errors/twin-error.ts";
import { exitCode } from "./exit-code.ts";
import { type OrderFileForm, orderFileForm } from "./order-file-form.ts";
import { readTextInput } from "./read-input.ts";
import { print, printJson, printNote, table } from "./terminal.ts";
import { writeOutput } from "./write-output.ts";

export interface ReplayOptions {
  readonly json?: true;
  /** File for the report stream of a flow. */
  readonly reports?: string;
  /** Percent that must be reproduced; default 100 where rows line up, no bound elsewhere. */
  readonly reproducedMin?: number;
}

interface OrderFile {
  readonly path: string;
  readonly text: string;
  readonly form: OrderFileForm;
}

/** What is shown: fields by name for machines, and the same as text. */
interface Outcome {
  readonly form: string;
  readonly messageCount: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly rows: readonly (readonly [name: string, text: string])[];
  /** Compared with what the exchange published, where there is something to compare with. */
  readonly comparison?: Comparison;
  readonly stateHash: string;
}

interface Comparison {
  readonly what: string;
  readonly reproduced: number;
  readonly compared: number;
  /** Percent below which the replay has failed, unless the user says another. */
  readonly reproducedMinDefault: number;
  readonly firstDifferences: readonly string[];
}

export function replayFiles(paths: readonly string[], options: ReplayOptions): void {
  const files = paths.map((path) => {
    const text = readTextInput(path);
    return { path, text, form: orderFileForm(text) };
  });
  const [only, second] = files;
  if (only?.form === "neutral" && second === undefined) {
    answerCommands(only);
    return;
  }
  const startedMs = performance.now();
  const outcome = replay(files, options);
  const seconds = (performance.now() - startedMs) / 1000;
  show(outcome, seconds, options);
}

function replay(files: readonly OrderFile[], options: ReplayOptions): Outcome {
  const messages = files.find((file) => file.form === "lobster-messages");
  const books = files.find((file) => file.form === "lobster-books");
  if (files.length === 2 && messages && books) return replayPair(messages, books);
  const [file] = files;
  if (file === undefined || files.length > 1) throw notTogether(files);
  switch (file.form) {
    case "lobster-messages":
      return replayMessages(file);
    case "flow":
      return replayReports(file, options);
    case "bitstamp":
      return replayLog(file);
    case "lobster-books":
      throw new TwinError({
        code: "replay.messages-missing",
        problem: "The file holds the books of a LOBSTER pair, and no messages to replay",
        remedy: "Give the message file of the same run beside it",
        at: file.path,
      });
    default:
      throw new TwinError({
        code: "replay.form-unknown",
        problem: "The file is in none of the known forms of order data",
        remedy:
          "Give LOBSTER messages (and books), a flow (N,C,M lines), neutral JSON, or a Bitstamp log; `stormbell engine replay --help` shows each",
        at: file.path,
      });
  }
}

function replayPair(messages: OrderFile, books: OrderFile): Outcome {
  const { result, mistakes } = replayLobster(messages.text, books.text);
  const list = new MistakeList();
  addMistakes(list, messages.path, mistakes.messages);
  addMistakes(list, books.path, mistakes.books);
  list.throwIfAny(`${messages.path} with ${books.path}`);
  if (result === undefined) throw new Error("A replay without mistakes gave no result");
  const { priority } = result;
  const isByRows = result.method === "rows";
  return {
    form: `LOBSTER messages with ${result.levelCount}-level books`,
    messageCount: result.messageCount,
    data: { ...result },
    rows: [
      ...(isByRows
        ? ([
            ["into view", `${count(result.intoView)} rows with a level told only by the books`],
          ] as const)
        : []),
      [
        "price priority",
        `${share(priority.atBestPrice, priority.executions)} executions at the best price`,
      ],
      [
        "time priority",
        `${share(priority.atHead, priority.knownExecutions)} at the head of their price`,
      ],
    ],
    comparison: {
      what: isByRows ? "book rows" : "distinct best-price states",
      reproduced: result.reproduced,
      compared: result.compared,
      reproducedMinDefault: isByRows ? 100 : 0,
      firstDifferences: result.firstDifferences.map(
        (each) =>
          `${books.path}:${each.line}: ${each.what}: expected ${each.expected}, found ${each.found}`,
      ),
    },
    stateHash: result.stateHash,
  };
}

/** Messages alone: what clients must have sent, executed. */
function replayMessages(file: OrderFile): Outcome {
  const { commands: flow, mistakes } = lobsterToOrderFlow(file.text);
  refuse(file.path, mistakes);
  const engine = new MatchingEngine({ symbolCount: 1 });
  for (let row = 0; row < flow.count; row += 1) {
    const id = flow.orderId[row] ?? 0;
    const kind = flow.kind[row];
    const quantity = flow.quantity[row] ?? 0;
    if (kind === FlowKind.cancel) engine.cancel(0, id);
    else if (kind === FlowKind.reduce) engine.amend(0, id, Number.NaN, quantity);
    else {
      const tif = kind === FlowKind.immediate ? TimeInForce.ioc : TimeInForce.gtc;
      const side = flow.side[row] === 0 ? 0 : 1;
      engine.place(0, id, side, OrderType.limit, tif, flow.price[row] ?? 0, quantity);
    }
  }
  const { seedCount, orderCount } = flow;
  const openOrderCount = engine.openOrderCount;
  return {
    form: "LOBSTER messages alone, as the requests that caused them",
    messageCount: flow.count,
    data: { requestCount: flow.count, orderCount, seedCount, openOrderCount },
    rows: [
      ["orders", `${count(orderCount)}, of them ${count(seedCount)} that rested before`],
      ["open orders", count(openOrderCount)],
    ],
    stateHash: engine.stateHash(),
  };
}

function replayReports(file: OrderFile, options: ReplayOptions): Outcome {
  const { result, mistakes } = replayFlow(file.text);
  refuse(file.path, mistakes);
  if (result === undefined) throw new Error("A replay without mistakes gave no result");
  const { reportChunks, stateHash, ...data } = result;
  const hash = createHash("sha256");
  for (const chunk of reportChunks) hash.update(chunk);
  const reportsSha256 = hash.digest("hex");
  if (options.reports !== undefined) writeOutput(options.reports, reportChunks.join(""));
  return {
    form: "flow",
    messageCount: result.messageCount,
    data: { ...data, reportsSha256 },
    rows: [
      ["trades", count(result.tradeCount)],
      ["open orders", count(result.openOrderCount)],
      ["reports SHA-256", reportsSha256],
    ],
    stateHash,
  };
}

function replayLog(file: OrderFile): Outcome {
  const { result, mistakes } = replayBitstamp(file.text);
  refuse(file.path, mistakes);
  if (result === undefined) throw new Error("A replay without mistakes gave no result");
  return {
    form: "Bitstamp log",
    messageCount: result.eventCount,
    data: { ...result },
    rows: [
      ["engine trades", count(result.engineTradeCount)],
      ["seed orders", `${count(result.seedCount)} that rested before the log begins`],
    ],
    comparison: {
      what: "exchange trades",
      reproduced: result.reproducedCount,
      compared: result.exchangeTradeCount,
      reproducedMinDefault: 0,
      firstDifferences: result.firstMissing.map(
        (each) => `${file.path}:${each.line}: no trade of ${each.amount} at ${each.price}`,
      ),
    },
    stateHash: result.stateHash,
  };
}

/** The neutral form has an answer of its own, which is JSON and nothing else. */
function answerCommands(file: OrderFile): void {
  const { isList, documents, mistakes } = parseCommandFile(file.text);
  refuse(file.path, mistakes);
  const startedMs = performance.now();
  const answers = documents.map(runDocument);
  const seconds = (performance.now() - startedMs) / 1000;
  printJson(isList ? answers : answers[0]);
  const operations = documents.reduce((sum, document) => sum + document.operations.length, 0);
  printNote(`${count(operations)} operations, ${count(operations / seconds)}/s`);
}

function show(outcome: Outcome, seconds: number, options: ReplayOptions): void {
  const { form, messageCount, data, comparison, stateHash } = outcome;
  const messagesPerSecond = Math.round(messageCount / seconds);
  const verdict = verdictOf(comparison, options);
  if (options.json) {
    printJson({ form, ...data, stateHash, messagesPerSecond, verdict: verdict.text });
  } else {
    const speed = `${count(messageCount)} in ${seconds.toFixed(2)} s, ${count(messagesPerSecond)}/s with parsing`;
    const rows = [["form", form], ["messages", speed], ...outcome.rows, ["state hash", stateHash]];
    print(...table(rows));
    if (comparison && comparison.firstDifferences.length > 0) {
      print("", "first differences:", ...comparison.firstDifferences.map((each) => `  ${each}`));
    }
    print("", verdict.text);
  }
  if (!verdict.isMet) process.exitCode = exitCode.missed;
}

function verdictOf(
  comparison: Comparison | undefined,
  options: ReplayOptions,
): { readonly isMet: boolean; readonly text: string } {
  if (comparison === undefined) return { isMet: true, text: "replayed; nothing to compare with" };
  const { what, reproduced, compared, reproducedMinDefault } = comparison;
  const min = options.reproducedMin ?? reproducedMinDefault;
  const text = `${share(reproduced, compared)} ${what} reproduced`;
  const isMet = compared > 0 && reproduced * 100 >= min * compared;
  if (isMet) return { isMet, text };
  return {
    isMet,
    text: compared === 0 ? `no ${what} to compare` : `${text}, below the ${min} % asked for`,
  };
}

function refuse(path: string, mistakes: readonly LineMistake[]): void {
  const list = new MistakeList();
  addMistakes(list, path, mistakes);
  list.throwIfAny(path);
}

function addMistakes(list: MistakeList, path: string, mistakes: readonly LineMistake[]): void {
  for (const { line, ...mistake } of mistakes) list.add({ ...mistake, at: `${path}:${line}` });
}

function notTogether(files: readonly OrderFile[]): TwinError {
  return new TwinError({
    code: "replay.not-a-pair",
    problem: `${files.length} files were given, which are ${files.map((file) => file.form).join(" and ")}`,
    remedy: "Give one file, or the message file and the orderbook file of one LOBSTER run",
    at: files.map((file) => file.path).join(", "),
  });
}

function share(part: number, whole: number): string {
  const percent = whole === 0 ? "" : ` (${((100 * part) / whole).toFixed(2)} %)`;
  return `${count(part)} of ${count(whole)}${percent}`;
}

function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}
