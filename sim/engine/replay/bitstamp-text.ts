import { decimalToUnits } from "../gateway/decimal.ts";
import { type LineMistake, LineMistakes, quote } from "./mistake.ts";
import { JsonMistake, type JsonNode, parsePositionedJson } from "./positioned-json.ts";
import { forEachLine, parseWhole } from "./text-lines.ts";

/** One line of a Bitstamp log. Prices in cents, amounts in 1e-8 of a coin. */
export interface BitstampEvent {
  readonly line: number;
  readonly atMs: number;
  readonly kind: "created" | "changed" | "deleted" | "trade";
  /** Order id, which grows with engine time; for a trade the trade's id. */
  readonly id: number;
  /** `Side` of the order; 0 for a trade, whose lines do not tell it. */
  readonly side: number;
  readonly price: number;
  readonly amount: number;
}

const kinds = {
  order_created: "created",
  order_changed: "changed",
  order_deleted: "deleted",
  trade: "trade",
} as const;

const linePattern = /^(\d{1,15}) (\w+) (\{.*\})$/;

/** Reads a Bitstamp log: epoch milliseconds, event name, JSON. With any mistake, nothing of it should be used. */
export function parseBitstampLog(text: string): {
  readonly events: readonly BitstampEvent[];
  readonly mistakes: readonly LineMistake[];
} {
  const mistakes = new LineMistakes();
  const events: BitstampEvent[] = [];
  forEachLine(text, (line, number) => {
    const event = parseEvent(line, number, mistakes);
    if (event !== undefined) events.push(event);
  });
  if (events.length === 0 && mistakes.count === 0) {
    mistakes.add("bitstamp.empty", 1, "The file holds no event", "Give a Bitstamp log");
  }
  return { events, mistakes: mistakes.list };
}

function parseEvent(
  line: string,
  number: number,
  mistakes: LineMistakes,
): BitstampEvent | undefined {
  const complain = (problem: string) => {
    const remedy = "Write epoch milliseconds, the event and its JSON; fetch a cut file again";
    mistakes.add("bitstamp.line", number, problem, remedy);
    return undefined;
  };
  const match = linePattern.exec(line);
  if (match === null) return complain(`${quote(line)} is no event`);
  const name = match[2]!;
  if (!Object.hasOwn(kinds, name)) return complain(`${quote(name)} is no known event`);
  const kind = kinds[name as keyof typeof kinds];
  let node: JsonNode;
  try {
    node = parsePositionedJson(match[3]!, number);
  } catch (error) {
    if (!(error instanceof JsonMistake)) throw error;
    return complain(`This is no JSON: ${error.message}`);
  }
  if (node.kind !== "object") return complain("the JSON is no object");
  const { entries } = node;
  const id = numberOf(entries.get("id"));
  const price = unitsOf(entries.get("price"), 2);
  const amount = unitsOf(entries.get("amount"), 8);
  const side = kind === "trade" ? 0 : numberOf(entries.get("order_type"));
  if (Number.isNaN(id)) return complain("id is no whole number");
  if (Number.isNaN(price)) return complain("price is no number");
  if (!(amount >= 0)) return complain("amount is no number from 0");
  if (side !== 0 && side !== 1) return complain("order_type is neither 0 (buy) nor 1 (sell)");
  return { line: number, atMs: Number(match[1]), kind, id, side, price, amount };
}

function numberOf(node: JsonNode | undefined): number {
  if (node?.kind === "number") return Number.isSafeInteger(node.value) ? node.value : Number.NaN;
  return node?.kind === "string" ? parseWhole(node.value) : Number.NaN;
}

/** Texts are exact; numbers come as the nearest binary fraction (236.61000000000001) and are rounded to the decimals. */
function unitsOf(node: JsonNode | undefined, decimals: number): number {
  if (node?.kind !== "number" && node?.kind !== "string") return Number.NaN;
  const text = node.kind === "number" ? node.value.toFixed(decimals) : node.value;
  const result = decimalToUnits(text, `0.${"1".padStart(decimals, "0")}`);
  return "units" in result ? result.units : Number.NaN;
}
