/** Code that most runs never come to: fetched when the picture moves already, or when a run comes to it before that. */
import type { LateFunction } from "./late-functions.ts";

/** Thrown where a run comes to code that is not here yet. The run is worthless then; it begins anew once the code is here. */
class CodeAwaited extends Error {}

function awaited(): never {
  throw new CodeAwaited("code is used before it was fetched");
}

/** By the numbers that the build gives out. */
export const late$: LateFunction[] = new Array(4096).fill(awaited);

let fetching: Promise<void> | undefined;
let lateWords: readonly string[] | undefined;

export function fetchLateCode(): Promise<void> {
  fetching ??= import("./late-functions.ts").then(
    ({ functions, words }) => {
      for (const [at, each] of functions.entries()) late$[at] = each;
      lateWords = words;
    },
    (error: unknown) => {
      fetching = undefined;
      throw error;
    },
  );
  return fetching;
}

/**
 * Does what may come to code that is not here yet: then that is fetched, `renew` takes the place of what was broken off,
 * and it is done again.
 */
export async function withAllCode<Value>(
  act: () => Value | Promise<Value>,
  renew = () => {},
): Promise<Value> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof CodeAwaited)) throw error;
    await fetchLateCode();
    renew();
    return act();
  }
}

/** Letters for private use: nobody else's text has them. */
const firstLetter = 0xe000;
const letters = /[\uE000-\uF8FF]/g;

/** Whether what is told in words can be told yet. */
export function hasWords(): boolean {
  return lateWords !== undefined;
}

/** A text, or whatever holds texts, with the words that its letters stand for, or without them while they are not here. */
export function inWords<Value>(value: Value): Value {
  return worded(value) as Value;
}

function worded(value: unknown): unknown {
  if (typeof value === "string") {
    const word = (letter: string) =>
      lateWords === undefined ? "" : (lateWords[letter.charCodeAt(0) - firstLetter] ?? letter);
    return value.replace(letters, word);
  }
  if (Array.isArray(value)) return value.map(worded);
  if (value === null || typeof value !== "object") return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, worded(each)]));
}
