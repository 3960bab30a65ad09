import { type Command, InvalidArgumentError } from "commander";
import { seedText } from "../seed-options.ts";

/** The matching engine by itself, without the platform around it. */
export function addEngine(program: Command): void {
  const engine = program
    .command("engine")
    .description("the matching engine by itself: replay order files, measure its speed")
    .addHelpText(
      "after",
      `
Examples:
  stormbell engine replay messages.csv.gz orderbook.csv.gz
  stormbell engine bench --commands 1000000`,
    );
  addReplay(engine);
  addBench(engine);
}

function addReplay(engine: Command): void {
  engine
    .command("replay")
    .description(
      "feed order files straight into the engine, and compare where there is something to compare",
    )
    .argument(
      "<files...>",
      "order files of any form; a LOBSTER orderbook file goes with its messages; gzip or plain",
    )
    .option("--json", "print the result as JSON")
    .option("--reports <file>", "write the report stream of a flow to a file")
    .option(
      "--reproduced-min <percent>",
      "end with 1 below this (default: 100 for LOBSTER rows, no bound elsewhere)",
      percentage,
    )
    .addHelpText(
      "after",
      `
Forms, told by what is in the file:
  LOBSTER pair      34200.004241176,1,16113575,18,5853300,1  and the books after each message
  LOBSTER messages  alone: the requests that must have caused them
  flow              N,id,side,price,qty,ioc | C,id | M,id,price,qty; report stream and its SHA-256
  neutral JSON      { "config": {...}, "ops": [...] }, a list of them, or JSON lines; prints the answer
  Bitstamp log      1430438404518 order_created {...}; compared with the exchange's trades

Examples:
  stormbell engine replay AAPL_message_10.csv.gz AAPL_orderbook_10.csv.gz
  stormbell engine replay flow.csv.gz --reports reports.txt
  stormbell engine replay commands.json
  stormbell engine replay messages_50.csv orderbook_1.csv --reproduced-min 99.9

Several files may be of several forms; with --json, or when all are neutral, the result is a list in their order.
LOBSTER messages find their books by name (X_message_10 and X_orderbook_10); two files need no such names.
Ends with 2 when a file has mistakes, and names every one by its line; nothing is replayed then.`,
    )
    .action(async (files, options) => {
      const { replayFiles } = await import("../engine-replay.ts");
      replayFiles(files, options);
    });
}

function addBench(engine: Command): void {
  engine
    .command("bench")
    .description("measure commands per second on a generated flow of orders")
    .option("--commands <count>", "commands in a round", wholeNumber(1, 10_000_000), 1_000_000)
    .option("--symbols <count>", "symbols they are spread over", wholeNumber(1, 10_000), 16)
    .option("--rounds <count>", "rounds, each on a fresh engine", wholeNumber(1, 1_000), 5)
    .option("--seed <text>", "decides the flow", seedText, "bench")
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      `
Examples:
  stormbell engine bench
  stormbell engine bench --symbols 500 --rounds 3 --json

Every round must end in the same state; if one does not, the command ends with 3.`,
    )
    .action(async (options) => {
      const { benchEngine } = await import("../engine-bench.ts");
      benchEngine(options);
    });
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
  };
}

function percentage(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value <= 100) return value;
  throw new InvalidArgumentError("Give a number from 0 to 100.");
}
