/** Stops on a mistake of ours; the message carries the values. Mistakes of a caller's input are rejects, not asserts. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`matching engine: ${message}`);
}
