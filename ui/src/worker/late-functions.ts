/**
 * What the worker fetches late; the build puts it here (tools/late-code.ts). As it is written, everything stands where it
 * belongs and nothing is late.
 */
export const functions: readonly LateFunction[] = [];

/** Texts that people read, by the letters that stand for them in what is fetched first (tools/late-words.ts). */
export const words: readonly string[] = [];

/** A function, or a class: what stands in its place knows which. */
// biome-ignore lint/suspicious/noExplicitAny: it is called as what was written there is
export type LateFunction = any;
