import { normalQuantile } from "../../sim/kernel/math/normal-quantile.ts";
import { studentCdf } from "../../sim/kernel/math/student.ts";
import { Tally } from "../../sim/kernel/statistics/tally.ts";
import type { TheoryCase } from "./theory-case.ts";

/** One line of the table. */
export interface TheoryLine {
  readonly name: string;
  readonly expected: number;
  readonly measured: number;
  /** Standard errors off, as if the error were known: Student's t at the same error probability. */
  readonly z: number;
}

const seeds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

/** Measures a case with ten seeds of so many customers each. */
export function compare(theory: TheoryCase, customers: number): TheoryLine {
  const tally = new Tally();
  // The name is part of the seed, so that one piece of bad luck does not show in many cases.
  for (const seed of seeds) {
    tally.record(theory.measure({ seed: `${theory.name} ${seed}`, customers }));
  }
  const expected = theory.expected();
  const measured = tally.mean();
  const t = (measured - expected) / Math.sqrt(tally.variance() / seeds.length);
  return { name: theory.name, expected, measured, z: zOf(t, seeds.length - 1) };
}

/** The normal deviate that is as unlikely as a Student's t. */
function zOf(t: number, degrees: number): number {
  return -Math.sign(t) * normalQuantile(studentCdf(-Math.abs(t), degrees));
}
