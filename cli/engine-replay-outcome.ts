/** What a replay of one file or pair showed, form by form. Every mistake of a file is thrown at once, before anything ran. */
import { createHash } from "node:crypto";
import { MatchingEngine, OrderType, TimeInForce } from "../sim/engine/index.ts";
import { replayBitstamp } from "../sim/engine/replay/bitstamp-replay.ts";
import { parseCommandFile } from "../sim/engine/replay/command-document.ts";
import { runDocument } from "../sim/engine/replay/command-replay.ts";
import { replayFlow } from "../sim/engine/replay/flow-replay.ts";
import { FlowKind, lobsterToOrderFlow } from "../sim/engine/replay/lobster-flow.ts";
import { replayLobster } from "../sim/engine/replay/lobster-replay.ts";
import type { LineMistake } from "../sim/engine/replay/mistake.ts";
import { MistakeList } from "../sim/errors/twin-error.ts";
import type { OrderFile, OrderFileGroup } from "./order-file-groups.ts";

/** What is shown: fields by name for machines, and the same as text. */
export interface Outcome {
  readonly form: string;
  readonly messageCount: number;
  readonly data: Readonly<Record<string, unknown>>;
  readonly rows: readonly (readonly [name: string, text: string])[];
  /** Compared with what the exchange published, where there is something to compare with. */
  readonly comparison?: Comparison;
  /** The report stream of a flow. */
  readonly reportChunks?: readonly string[];
  readonly stateHash: string;
}

export interface Comparison {
  readonly what: string;
  readonly reproduced: number;
  readonly compared: number;
  /** Percent below which the replay has failed, unless the user says another. */
  readonly reproducedMinDefault: number;
  readonly firstDifferences: readonly string[];
}

/** The neutral form has an answer of its own, which is JSON and nothing else. */
export interface CommandOutcome {
  readonly answer: unknown;
  readonly operationCount: number;
}

export function replayGroup({ file, books }: OrderFileGroup): Outcome | CommandOutcome {
  switch (file.form) {
    case "neutral":
      return answerCommands(file);
    case "lobster-messages":
      return books === undefined ? replayMessages(file) : replayPair(file, books);
    case "flow":
      return replayReports(file);
    case "bitstamp":
      return replayLog(file);
    default:
      throw new Error(`A file of the form ${file.form} is not replayed by itself`);
  }
}

function answerCommands(file: OrderFile): CommandOutcome {
  const { isList, documents, mistakes } = parseCommandFile(file.text);
  refuse(file.path, mistakes);
  const answers = documents.map(runDocument);
  const operationCount = documents.reduce((sum, { operations }) => sum + operations.length, 0);
  return { answer: isList ? answers : answers[0], operationCount };
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

function replayReports(file: OrderFile): Outcome {
  const { result, mistakes } = replayFlow(file.text);
  refuse(file.path, mistakes);
  if (result === undefined) throw new Error("A replay without mistakes gave no result");
  const { reportChunks, stateHash, ...data } = result;
  const hash = createHash("sha256");
  for (const chunk of reportChunks) hash.update(chunk);
  const reportsSha256 = hash.digest("hex");
  return {
    form: "flow",
    messageCount: result.messageCount,
    data: { ...data, reportsSha256 },
    rows: [
      ["trades", count(result.tradeCount)],
      ["open orders", count(result.openOrderCount)],
      ["reports SHA-256", reportsSha256],
    ],
    reportChunks,
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

function refuse(path: string, mistakes: readonly LineMistake[]): void {
  const list = new MistakeList();
  addMistakes(list, path, mistakes);
  list.throwIfAny(path);
}

function addMistakes(list: MistakeList, path: string, mistakes: readonly LineMistake[]): void {
  for (const { line, ...mistake } of mistakes) list.add({ ...mistake, at: `${path}:${line}` });
}

/** Part of a whole, also in percent. */
export function share(part: number, whole: number): string {
  const percent = whole === 0 ? "" : ` (${((100 * part) / whole).toFixed(2)} %)`;
  return `${count(part)} of ${count(whole)}${percent}`;
}

/** A whole number with its thousands set apart. */
export function count(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}
