/** A mistake in an input file: where, what is wrong, and what its author should do. */
export interface LineMistake {
  /** Stable dotted name. */
  readonly code: string;
  /** Line in the file, counted from 1. */
  readonly line: number;
  readonly problem: string;
  readonly remedy: string;
}

/** Most mistakes named in one file; what follows is only counted. */
const mistakesMax = 1000;

/** Collects the mistakes of one file, so that its author sees all of them at once. */
export class LineMistakes {
  readonly list: LineMistake[] = [];
  /** All mistakes, also those above the bound that are not in the list. */
  count = 0;

  add(code: string, line: number, problem: string, remedy: string): void {
    this.count++;
    if (this.list.length < mistakesMax) this.list.push({ code, line, problem, remedy });
  }
}

/** A stretch of the input, short enough to be shown in a message. */
export function quote(text: string): string {
  const short = text.length > 40 ? `${text.slice(0, 40)}...` : text;
  return JSON.stringify(short);
}
