import type { CostPlan } from "../cost/plan-types.ts";
import type { ObservedRun } from "./watched-run.ts";

/** One claim of the strategy, as data. */
export interface Claim {
  readonly id: string;
  readonly section: string;
  /** What it says, in our words. */
  readonly words: string;
  /** The strategy's numbers that the rule compares with. */
  readonly values: Readonly<Record<string, number | readonly number[]>>;
  /** Scenarios whose runs the rule may look at. */
  readonly scenarios?: readonly string[];
  /** Searches for a highest load that the rule looks at, by id. */
  readonly capacities?: readonly string[];
  /** Assumptions that the verdict might hang on, each with the ends of its range. */
  readonly ranges?: readonly AssumptionRange[];
}

/** A number of ours that nobody has measured, and between what it may lie. */
export interface AssumptionRange {
  /** As `sweep --vary` has it: `order-queue.parameters.lingerUs`, `workload.client.retriesMax`. */
  readonly path: string;
  readonly low: unknown;
  readonly high: unknown;
  /** Why these ends. */
  readonly why: string;
}

export type Verdict = "holds" | "does-not-hold" | "inconsistent" | "cannot-be-tested";

/** A number of ours; with several seeds the median, and the least and the most of them. */
export interface Figure {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly unit: string;
  /** Runs it comes from; 0 for arithmetic and facts. */
  readonly runs: number;
}

/** What a rule finds. */
export interface Judgement {
  readonly verdict: Verdict;
  /** The strategy's number, in words. */
  readonly strategy: string;
  readonly ours: string;
  readonly figure?: Figure;
  /** One sentence made of the measured numbers. */
  readonly why: string;
  /** What would settle it, and what follows if the strategy's number is right; only for what cannot be tested. */
  readonly settledBy?: string;
  readonly ifRight?: string;
  /**
   * Whether the verdict rests on an assumption of ours whose range is tried. It stands only if it is the same at both
   * ends of every range; otherwise the assumption decides, and the claim cannot be tested.
   */
  readonly restsOnAssumption?: boolean;
  /** Of a trigger: when each of its stages was reached. */
  readonly stages?: TriggerStages;
  /** Facts it rests on, by key. */
  readonly facts?: readonly string[];
}

/** Seconds after the metric went beyond its bound at which a trigger got so far, median of the runs; null where it never did. */
export interface TriggerStages {
  /** 0: the end of the first period in which it was; null where it never was. */
  readonly breached: number | null;
  readonly alarmed: number | null;
  readonly acted: number | null;
  readonly effective: number | null;
}

/** Where rules get evidence from. */
export interface EvidenceDesk {
  /** Finished runs of a scenario that the claim names, one a seed. Throws when the claim does not name it. */
  runs(scenario: string): readonly ObservedRun[];
  /** Highest load that held. Throws when the claim names no such search. */
  knee(id: string): KneeFigures;
  readonly shipped: Shipped;
  readonly plan: CostPlan;
}

/** What the twin has, so that a verdict of "cannot be tested" goes away when the missing part comes. */
export interface Shipped {
  readonly topologies: readonly string[];
  readonly faultKinds: readonly string[];
  /** Kinds of services that a topology may have. */
  readonly services: readonly string[];
  /** Fields that the spec of a service has, by service. */
  readonly fields: Readonly<Record<string, readonly string[]>>;
}

export interface KneeFigures {
  readonly ratePerSecond: Figure;
  /** Component whose limit gives way first, and how lifting it was put; empty when none of those tried helps. */
  readonly bottleneck: string;
  readonly lift: string;
  readonly failure: readonly string[];
  readonly requests: number;
  /** Whether the highest load that was tried still held, so that the figure is a lower bound. */
  readonly isOpen: boolean;
}

export type ClaimRule = (claim: Claim, desk: EvidenceDesk) => Judgement;

/** The numbers of a claim by name; a name without a number is a mistake in the data. */
export function numberOf(claim: Claim, name: string, index?: number): number {
  const entry = claim.values[name];
  const value = typeof entry === "number" ? entry : entry?.[index ?? 0];
  if (value === undefined) throw new Error(`Claim ${claim.id} has no value "${name}"`);
  return value;
}
