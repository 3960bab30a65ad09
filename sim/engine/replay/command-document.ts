import type { SymbolConfig } from "../book.ts";
import { OrderType, Phase, Reason, Side, StpMode, TimeInForce } from "../codes.ts";
import {
  massReasonNames,
  phaseNames,
  sideNames,
  stpNames,
  tifNames,
  typeNames,
} from "./command-names.ts";
import { type LineMistake, LineMistakes } from "./mistake.ts";
import { NodeFields } from "./node-fields.ts";
import { JsonMistake, type JsonNode, parsePositionedJson } from "./positioned-json.ts";

type Id = string | number;

/** One operation of a command file. */
export type Operation =
  | {
      readonly op: "new";
      readonly id: Id;
      readonly side: Side;
      readonly type: OrderType;
      readonly tif: TimeInForce;
      readonly price: number;
      readonly qty: number;
      readonly expire: number | undefined;
      readonly display: number | undefined;
      readonly minQty: number | undefined;
      readonly postOnly: boolean | undefined;
      readonly aon: boolean | undefined;
      readonly stopPrice: number | undefined;
      readonly trail: number | undefined;
      readonly acct: Id | undefined;
      readonly stp: StpMode | undefined;
      readonly reqId: Id | undefined;
    }
  | { readonly op: "cancel"; readonly id: Id; readonly reqId: Id | undefined }
  | {
      readonly op: "amend";
      readonly id: Id;
      /** NaN: as it is. */
      readonly price: number;
      /** Undefined: as it is. */
      readonly leavesQty: number | undefined;
      readonly reqId: Id | undefined;
    }
  | {
      readonly op: "massCancel";
      readonly acct: Id | undefined;
      readonly reason: Reason;
      readonly reqId: Id | undefined;
    }
  | { readonly op: "kill"; readonly acct: Id | undefined; readonly reqId: Id | undefined }
  | {
      readonly op: "phase";
      readonly phase: Phase;
      readonly reference: number;
      readonly reqId: Id | undefined;
    }
  | { readonly op: "time"; readonly now: number; readonly reqId: Id | undefined }
  | { readonly op: "endOfDay"; readonly reqId: Id | undefined }
  | { readonly op: "snapshotRestore" };

/** The rules and operations of one document. */
export interface CommandDocument {
  readonly config: SymbolConfig;
  readonly operations: readonly Operation[];
}

/** A command file. Nothing of it should be run when it has mistakes. */
export interface CommandFile {
  /** True when the file holds a list of documents, so that the answer is a list too. */
  readonly isList: boolean;
  readonly documents: readonly CommandDocument[];
  readonly mistakes: readonly LineMistake[];
}

const opsRemedy = 'Write "ops": [ ... ], or one operation a line';

/** Reads a command file: one document, a list of documents, or JSON lines of operations after a first line with `config`. */
export function parseCommandFile(text: string): CommandFile {
  const mistakes = new LineMistakes();
  const body = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
  if (body.trim() === "") {
    mistakes.add("commands.empty", 1, "The file is empty", "Write a document with config and ops");
    return { isList: false, documents: [], mistakes: mistakes.list };
  }
  if (isJsonLines(body)) {
    const document = parseLines(body, mistakes);
    return { isList: false, documents: [document], mistakes: mistakes.list };
  }
  const node = parseJson(body, 1, mistakes);
  if (node === undefined) return { isList: false, documents: [], mistakes: mistakes.list };
  const isList = node.kind === "list";
  const items = isList ? node.items : [node];
  const documents = items.map((item) => parseDocument(item, mistakes));
  return { isList, documents, mistakes: mistakes.list };
}

/** True when the first line is a whole JSON object and is not a document with its operations inside. */
function isJsonLines(body: string): boolean {
  const first = body.trimStart().split("\n", 1)[0] ?? "";
  try {
    const node = parsePositionedJson(first);
    return node.kind === "object" && !node.entries.has("ops");
  } catch {
    return false;
  }
}

function parseJson(text: string, line: number, mistakes: LineMistakes): JsonNode | undefined {
  try {
    return parsePositionedJson(text, line);
  } catch (error) {
    if (!(error instanceof JsonMistake)) throw error;
    const remedy = "Write valid JSON; a file that was cut must be fetched again";
    mistakes.add("commands.json", error.line, `This is no JSON: ${error.message}`, remedy);
    return undefined;
  }
}

function parseLines(body: string, mistakes: LineMistakes): CommandDocument {
  const operations: Operation[] = [];
  let config: SymbolConfig = {};
  let isFirst = true;
  let saysNothing = false;
  body.split("\n").forEach((line, index) => {
    if (line.trim() === "") return;
    const node = parseJson(line, index + 1, mistakes);
    const isHead = isFirst && node?.kind === "object" && !node.entries.has("op");
    isFirst = false;
    if (node === undefined) return;
    if (isHead) {
      config = parseConfig(node.entries.get("config"), mistakes);
      saysNothing = !node.entries.has("config");
      return;
    }
    saysNothing = false;
    const operation = parseOperation(node, mistakes);
    if (operation !== undefined) operations.push(operation);
  });
  if (saysNothing) addMissingOps(1, mistakes);
  return { config, operations };
}

function parseDocument(node: JsonNode, mistakes: LineMistakes): CommandDocument {
  if (node.kind !== "object") {
    const problem = `A ${node.kind} stands where a document should`;
    mistakes.add("commands.document", node.line, problem, 'Write { "config": ..., "ops": [...] }');
    return { config: {}, operations: [] };
  }
  const config = parseConfig(node.entries.get("config"), mistakes);
  const ops = node.entries.get("ops");
  if (ops === undefined || ops.kind !== "list") {
    if (ops === undefined) addMissingOps(node.line, mistakes);
    else mistakes.add("commands.ops", ops.line, "ops is no list", opsRemedy);
    return { config, operations: [] };
  }
  const operations = ops.items
    .map((item) => parseOperation(item, mistakes))
    .filter((operation) => operation !== undefined);
  return { config, operations };
}

function addMissingOps(line: number, mistakes: LineMistakes): void {
  mistakes.add("commands.ops", line, "The document has no ops", opsRemedy);
}

function parseConfig(node: JsonNode | undefined, mistakes: LineMistakes): SymbolConfig {
  if (node === undefined || node.kind === "null") return {};
  if (node.kind !== "object") {
    mistakes.add("commands.config", node.line, "config is no object", 'Write "config": { ... }');
    return {};
  }
  const fields = new NodeFields(node, "config", mistakes);
  const found = {
    tick: fields.number("tick"),
    lot: fields.number("lot"),
    bandLow: fields.number("bandLow"),
    bandHigh: fields.number("bandHigh"),
    maxQty: fields.number("maxQty"),
    maxOpen: fields.number("maxOpen"),
    phase: fields.word("phase", phaseNames),
    last: fields.number("last"),
  };
  fields.finish();
  for (const key of ["tick", "lot"] as const) {
    if (found[key] === undefined || found[key] > 0) continue;
    const problem = `${key} of config is ${found[key]}`;
    mistakes.add("commands.config", node.line, problem, "Write a number above 0");
  }
  const given = Object.entries(found).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as SymbolConfig;
}

const operationWords = {
  new: "new",
  cancel: "cancel",
  amend: "amend",
  massCancel: "massCancel",
  kill: "kill",
  phase: "phase",
  time: "time",
  endOfDay: "endOfDay",
  snapshotRestore: "snapshotRestore",
} as const;

function parseOperation(node: JsonNode, mistakes: LineMistakes): Operation | undefined {
  if (node.kind !== "object") {
    const problem = `A ${node.kind} stands where an operation should`;
    mistakes.add("commands.operation", node.line, problem, 'Write { "op": ... }');
    return undefined;
  }
  const named = node.entries.get("op");
  const what = named?.kind === "string" ? `the operation ${named.value}` : "the operation";
  const fields = new NodeFields(node, what, mistakes);
  const op = fields.word("op", operationWords);
  if (op === undefined) {
    if (named === undefined || named.kind === "null") fields.missing("op");
    return undefined;
  }
  const operation = readOperation(op, fields, mistakes);
  fields.finish();
  return operation;
}

function readOperation(
  op: keyof typeof operationWords,
  fields: NodeFields,
  mistakes: LineMistakes,
): Operation {
  const reqId = op === "snapshotRestore" ? undefined : fields.id("reqId");
  switch (op) {
    case "new":
      return readNew(fields, mistakes);
    case "snapshotRestore":
      return { op };
    case "cancel":
      return { op, id: fields.requiredId("id"), reqId };
    case "amend": {
      const id = fields.requiredId("id");
      const price = fields.number("price") ?? Number.NaN;
      return { op, id, price, leavesQty: fields.number("leavesQty"), reqId };
    }
    case "massCancel":
      return {
        op,
        acct: fields.id("acct"),
        reason: fields.word("reason", massReasonNames) ?? Reason.mass,
        reqId,
      };
    case "kill":
      return { op, acct: fields.id("acct"), reqId };
    case "phase": {
      const phase = fields.requiredWord("phase", phaseNames, Phase.continuous);
      return { op, phase, reference: fields.number("reference") ?? Number.NaN, reqId };
    }
    case "time":
      return { op, now: fields.requiredNumber("now"), reqId };
    case "endOfDay":
      return { op, reqId };
  }
}

/** A price that is left out where one is needed is a matter for the engine: it rejects (INVALID_PRICE). */
function readNew(fields: NodeFields, mistakes: LineMistakes): Operation {
  const tif = fields.word("tif", tifNames) ?? TimeInForce.gtc;
  const expire = fields.number("expire");
  if (tif === TimeInForce.gtd && expire === undefined) {
    const problem = "A GTD order has no expire";
    mistakes.add("commands.field", fields.line, problem, 'Add "expire"');
  }
  return {
    op: "new",
    id: fields.requiredId("id"),
    side: fields.requiredWord("side", sideNames, Side.buy),
    type: fields.word("type", typeNames) ?? OrderType.limit,
    tif,
    price: fields.number("price") ?? Number.NaN,
    qty: fields.requiredNumber("qty"),
    expire,
    display: fields.number("display"),
    minQty: fields.number("minQty"),
    postOnly: fields.boolean("postOnly"),
    aon: fields.boolean("aon"),
    stopPrice: fields.number("stopPrice"),
    trail: fields.number("trail"),
    acct: fields.id("acct"),
    stp: fields.word("stp", stpNames) ?? StpMode.none,
    reqId: fields.id("reqId"),
  };
}
