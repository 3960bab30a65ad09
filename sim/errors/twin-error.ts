/** A mistake in the input, told so that its author can mend it alone: what, what to do next, and where. */
export interface Mistake {
  /** Stable dotted name, such as `scenario.az-unknown`; listed in the documents. */
  readonly code: string;
  readonly problem: string;
  /** What the author should do next, as an instruction. */
  readonly remedy: string;
  /** File, line, or path inside the document, as far as it is known. */
  readonly at?: string;
}

/**
 * The one way to tell the user about a mistake in the input. A bug of ours is an assertion instead,
 * and a refusal that belongs to the domain (an order is rejected) is a value, not an exception.
 */
export class TwinError extends Error implements Mistake {
  override readonly name = "TwinError";
  readonly code: string;
  readonly problem: string;
  readonly remedy: string;
  readonly at?: string;
  /** Every mistake found, in the order of finding; just this one unless it came from a `MistakeList`. */
  readonly mistakes: readonly Mistake[];

  constructor(mistake: Mistake, options: { cause?: unknown; mistakes?: readonly Mistake[] } = {}) {
    super(sentenceOf(mistake), "cause" in options ? { cause: options.cause } : {});
    this.code = mistake.code;
    this.problem = mistake.problem;
    this.remedy = mistake.remedy;
    if (mistake.at !== undefined) this.at = mistake.at;
    this.mistakes = options.mistakes ?? [mistake];
  }
}

/** Collects mistakes, so that the author sees all of them at once and not only the first. */
export class MistakeList {
  readonly #mistakes: Mistake[] = [];

  get count(): number {
    return this.#mistakes.length;
  }

  get all(): readonly Mistake[] {
    return this.#mistakes;
  }

  add(mistake: Mistake): void {
    this.#mistakes.push(mistake);
  }

  /** Throws one `TwinError` that carries everything added; does nothing when nothing was. */
  throwIfAny(subject: string): void {
    const [first, second] = this.#mistakes;
    if (first === undefined) return;
    if (second === undefined) throw new TwinError(first);
    throw new TwinError(
      {
        code: "input.several-mistakes",
        problem: `${subject} has ${this.#mistakes.length} mistakes`,
        remedy: "Mend each of them; they are independent of one another where possible",
        at: subject,
      },
      { mistakes: [...this.#mistakes] },
    );
  }
}

function sentenceOf(mistake: Mistake): string {
  const place = mistake.at === undefined ? "" : ` (at ${mistake.at})`;
  return `${mistake.problem}${place}. ${mistake.remedy}. [${mistake.code}]`;
}
