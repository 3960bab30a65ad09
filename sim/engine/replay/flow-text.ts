import { type LineMistake, LineMistakes, quote } from "./mistake.ts";
import { forEachLine, isHeader, NumberColumn, parseWhole } from "./text-lines.ts";

/** What a line of a flow file asks for. */
export const FlowOp = { place: 0, cancel: 1, modify: 2 } as const;

/** A flow file as columns; row = message from 0 = sequence number. Unused columns are 0. */
export interface FlowMessages {
  readonly count: number;
  /** Line of the first message: 2 below a header. */
  readonly firstLine: number;
  readonly op: Float64Array;
  readonly id: Float64Array;
  readonly side: Float64Array;
  readonly price: Float64Array;
  readonly quantity: Float64Array;
  readonly isImmediate: Float64Array;
}

type FlowRow = readonly [number, number, number, number, number, number];

/** Reads the flow form: `N,id,side,price,qty,ioc`, `C,id`, `M,id,price,qty`. With any mistake, nothing of it should be used. */
export function parseFlow(text: string): {
  readonly messages: FlowMessages;
  readonly mistakes: readonly LineMistake[];
} {
  const mistakes = new LineMistakes();
  const columns = Array.from({ length: 6 }, () => new NumberColumn());
  let firstLine = 1;
  forEachLine(text, (line, number) => {
    if (isHeader(line, number) && !/^[NCM],/.test(line)) {
      firstLine = 2;
      return;
    }
    const row = parseRow(line, number, mistakes);
    if (row !== undefined) for (let at = 0; at < 6; at++) columns[at]!.push(row[at]!);
  });
  const [op, id, side, price, quantity, isImmediate] = columns.map((column) => column.toArray());
  if (op!.length === 0 && mistakes.count === 0) {
    mistakes.add("flow.empty", 1, "The file holds no message", "Give a flow file");
  }
  return {
    messages: {
      count: op!.length,
      firstLine,
      op: op!,
      id: id!,
      side: side!,
      price: price!,
      quantity: quantity!,
      isImmediate: isImmediate!,
    },
    mistakes: mistakes.list,
  };
}

const columnNames: Readonly<Record<string, readonly string[]>> = {
  N: ["id", "side", "price", "qty", "ioc"],
  C: ["id"],
  M: ["id", "price", "qty"],
};

function parseRow(line: string, number: number, mistakes: LineMistakes): FlowRow | undefined {
  const [letter = "", ...fields] = line.split(",");
  const names = Object.hasOwn(columnNames, letter) ? columnNames[letter] : undefined;
  const complain = (problem: string, remedy: string) => {
    mistakes.add("flow.line", number, problem, remedy);
    return undefined;
  };
  if (names === undefined) {
    return complain(`${quote(line)} begins with no known letter`, "Begin with N, C or M");
  }
  if (fields.length !== names.length) {
    return complain(
      `${quote(line)} has ${fields.length} fields after ${letter} instead of ${names.length}`,
      `Write ${letter},${names.join(",")}; a file that was cut must be fetched again`,
    );
  }
  const values: Record<string, number> = {};
  for (const [at, name] of names.entries()) {
    const value = parseWhole(fields[at]);
    const isFlag = name === "side" || name === "ioc";
    const isGood = isFlag ? value === 0 || value === 1 : name === "id" ? value >= 0 : value > 0;
    if (!isGood) {
      const wanted = isFlag ? "0 or 1" : `a whole number ${name === "id" ? "from 0" : "above 0"}`;
      return complain(`${name} is ${quote(fields[at]!)}`, `Write ${wanted}`);
    }
    values[name] = value;
  }
  const op = letter === "N" ? FlowOp.place : letter === "C" ? FlowOp.cancel : FlowOp.modify;
  const { id = 0, side = 0, price = 0, qty = 0, ioc = 0 } = values;
  return [op, id, side, price, qty, ioc];
}
