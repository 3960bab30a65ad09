import type { TracedEvent } from "./event-trace.ts";

/** What went wrong in the use of the kernel, told so that its author can mend it alone. */
export interface KernelProblem {
  /** Stable code, listed in docs/errors.md; begins with `kernel.`. */
  readonly code: string;
  /** What is wrong, with the values. */
  readonly problem: string;
  /** What to do next. */
  readonly remedy: string;
  /** The component, handler or part concerned, when it is known. */
  readonly at?: string;
}

/** A mistake in the use of the kernel: scheduling in the past, a budget spent, a snapshot of another program. */
export class KernelError extends Error {
  /** The name of its kind. */
  override readonly name = "KernelError";
  /** Stable code, listed in docs/errors.md; begins with `kernel.`. */
  readonly code: string;
  /** What is wrong, with the values. */
  readonly problem: string;
  /** What to do next. */
  readonly remedy: string;
  /** The component, handler or part concerned, when it is known. */
  readonly at: string | undefined;
  /** The events that led to it, oldest first, as many as `traceLast` says; empty when it was not told during a run. */
  lastEvents: readonly TracedEvent[] = [];

  constructor(problem: KernelProblem, options?: ErrorOptions) {
    const where = problem.at === undefined ? "" : ` (in ${problem.at})`;
    super(`${problem.problem}${where}. ${problem.remedy}`, options);
    this.code = problem.code;
    this.problem = problem.problem;
    this.remedy = problem.remedy;
    this.at = problem.at;
  }
}
