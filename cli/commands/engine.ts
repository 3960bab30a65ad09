import { type Command, InvalidArgumentError } from "commander";

/** The matching engine by itself, without the platform around it. */
export function addEngine(program: Command): void {
  const engine = program
    .command("engine")
    .description("the matching engine by itself: replay order files, measure its speed")
    .addHelpText(
      "after",
      `
Examples:
  stormbell engine bench --commands 1000000`,
    );
  addBench(engine);
}

function addBench(engine: Command): void {
  engine
    .command("bench")
    .description("measure commands per second on a generated flow of orders")
    .option("--commands <count>", "commands in a round", wholeNumber(1, 10_000_000), 1_000_000)
    .option("--symbols <count>", "symbols they are spread over", wholeNumber(1, 10_000), 16)
    .option("--rounds <count>", "rounds, each on a fresh engine", wholeNumber(1, 1_000), 5)
    .option("--seed <text>", "decides the flow", "bench")
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
