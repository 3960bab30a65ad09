/** Options that every command over many seeds takes, and what they come to. */
import { availableParallelism } from "node:os";
import { type Command, InvalidArgumentError } from "commander";
import { TwinError } from "../sim/errors/twin-error.ts";
import { plannedRequests } from "../sim/twin/ensemble/planned-requests.ts";
import { seedsWithin } from "../sim/twin/ensemble/stop-rule.ts";
import type { Scenario } from "../sim/twin/scenario-types.ts";
import type { RunJobsOptions } from "./worker/run-jobs.ts";
import { defaultStoreFolder } from "./worker/run-store.ts";

const seedsMax = 10_000;
const threadsMax = 256;

export interface SeedOptions {
  readonly seeds: number;
  /** Simulated requests that the command may take. */
  readonly budget?: number;
}

export interface PoolCommandOptions {
  readonly jobs: number;
  /** Folder for finished runs; false to keep none. */
  readonly cache: string | false;
}

/** Adds --seeds, --jobs, --cache, --no-cache and --budget to a command. */
export function withSeedOptions(command: Command, seedCount: number): Command {
  return withPoolOptions(command)
    .option(
      "--seeds <count>",
      "run each with the seeds 1 to this",
      wholeNumber(1, seedsMax),
      seedCount,
    )
    .option(
      "--budget <requests>",
      "simulate no more requests than this: fewer seeds where needed",
      wholeNumber(1, Number.MAX_SAFE_INTEGER),
    );
}

/** Adds --jobs, --cache and --no-cache to a command. */
export function withPoolOptions(command: Command): Command {
  return command
    .option(
      "--jobs <count>",
      "runs at once; a run takes up to 2 GB",
      wholeNumber(1, threadsMax),
      availableParallelism(),
    )
    .option("--cache <folder>", "where finished runs are kept", defaultStoreFolder)
    .option("--no-cache", "neither use nor keep finished runs");
}

/** Adds --scale to a command. */
export function withScaleOption(command: Command): Command {
  return command.option(
    "--scale <1:k>",
    "simulate one in k symbols and users, with as much of what they share: quicker, and without a word about tails and losses",
    scaleOf,
  );
}

function scaleOf(text: string): number {
  const oneOf = Number(/^1:([1-9]\d{0,2})$/.exec(text)?.[1]);
  if (oneOf >= 1) return oneOf;
  throw new InvalidArgumentError("Give 1:k with k up to 999, such as 1:5.");
}

/** The scenario as a sample of one in so many; as it is when nothing was asked for. */
export function scaledScenario(scenario: Scenario, oneOf: number | undefined): Scenario {
  if (oneOf === undefined) return scenario;
  const { scale: _, ...exact } = scenario;
  return oneOf === 1 ? exact : { ...exact, scale: oneOf };
}

/** What every command says of a sample. */
export function scaledNote(oneOf: number): string {
  return `Scaled 1:${oneOf}: one in ${oneOf} symbols and users, whole partitions; tails and losses are not judged (docs/model.md#scaled-runs)`;
}

export function poolOptions({ jobs, cache }: PoolCommandOptions): RunJobsOptions {
  return { threads: jobs, storeFolder: cache === false ? undefined : cache };
}

/** How many seeds to run, and what to say about it. */
export function seedPlan(
  { seeds, budget }: SeedOptions,
  scenarios: readonly Scenario[],
): { readonly seedCount: number; readonly notes: readonly string[] } {
  if (budget === undefined) return { seedCount: seeds, notes: [] };
  const perSeed = scenarios.reduce((sum, scenario) => sum + plannedRequests(scenario), 0);
  const allowed = seedsWithin(budget, perSeed);
  if (allowed >= seeds) return { seedCount: seeds, notes: [] };
  if (allowed >= 1) {
    const note = `The budget of ${budget} requests allows ${allowed} of ${seeds} seeds, at about ${Math.round(perSeed)} requests a seed`;
    return { seedCount: allowed, notes: [note] };
  }
  throw new TwinError({
    code: "runs.budget",
    problem: `One seed takes about ${Math.round(perSeed)} requests, and the budget is ${budget}`,
    remedy: "Raise the budget, or name fewer or shorter scenarios",
    at: "--budget",
  });
}

/** A seed may be any text but none: recordings are named after it. */
export function seedText(text: string): string {
  if (text.trim() !== "") return text;
  throw new InvalidArgumentError("Give any text, such as 7.");
}

export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`);
  };
}

export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError("Give a number above 0.");
}
