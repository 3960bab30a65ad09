/** The strategy's tree of steps, redrawn from what each of them was found to carry. */
import type { KneeFigures } from "./claim-types.ts";
import { numberText } from "./figures.ts";

/** A step as the strategy has it, in its order; the first is the platform as it stands. */
export interface TreeStep {
  readonly id: string;
  /** `larger instances`. */
  readonly words: string;
  /** Up to which load the strategy takes this step. */
  readonly strategyPerSecond: number;
  readonly knee: KneeFigures;
}

export interface Branch {
  readonly id: string;
  readonly words: string;
  readonly strategyPerSecond: number;
  readonly carriesPerSecond: number;
  /** Whether it carries more than all before it do. */
  readonly isStep: boolean;
  /** Whether more was not tried. */
  readonly isOpen: boolean;
  /** What gives way first above that, and what lifting it is called; empty when nothing tried alone helps. */
  readonly givesWay: string;
}

/** A step that carries less than this share more than what was there before it is none: searches are no finer. */
const leastGain = 0.1;

export function decisionTree(steps: readonly TreeStep[]): readonly Branch[] {
  let best = 0;
  return steps.map(({ id, words, strategyPerSecond, knee }) => {
    const carriesPerSecond = knee.ratePerSecond.value;
    const isStep = carriesPerSecond > best * (1 + leastGain);
    best = Math.max(best, carriesPerSecond);
    const givesWay = knee.bottleneck === "" ? "" : `${knee.bottleneck}: ${knee.lift}`;
    const { isOpen } = knee;
    return { id, words, strategyPerSecond, carriesPerSecond, isStep, isOpen, givesWay };
  });
}

/** The tree as text: a question at each step that is one, and the others beside it. */
export function treeText(branches: readonly Branch[]): readonly string[] {
  const steps = branches.filter(({ isStep }) => isStep);
  const lines = steps.flatMap(({ words, carriesPerSecond, givesWay, isOpen }, depth) => {
    const indent = "     ".repeat(depth);
    const isLast = depth === steps.length - 1;
    const limit = `${numberText(carriesPerSecond)} requests/s`;
    const helped = givesWay === "" ? "nothing tried alone helps above" : `above, ${givesWay}`;
    const why = isOpen ? "more was not tried" : helped;
    return [
      `${indent}Traffic > ${limit}?`,
      `${indent}  No:  ${words} (${why})`,
      `${indent}  Yes: ${isLast ? "no step that was tried carries more" : ""}`.trimEnd(),
    ];
  });
  const idle = branches
    .filter(({ isStep }) => !isStep)
    .map(
      ({ words, carriesPerSecond, strategyPerSecond }) =>
        `No step: ${words}. It carries ${numberText(carriesPerSecond)} requests/s, where the strategy has it up to ${numberText(strategyPerSecond)}`,
    );
  return [...lines, ...(idle.length > 0 ? ["", ...idle] : [])];
}
